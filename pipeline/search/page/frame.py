"""The frame of every page: its language, who reads it, and what its forms must send."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from pipeline.search.api.context import context_of
from pipeline.search.api.enter import OWN_ADDRESS
from pipeline.search.doors import session_id
from pipeline.search.page.render import render
from pipeline.search.page.texts import LANGUAGES
from pipeline.search.sessions import csrf_token

SIGN_IN_ELSEWHERE = "/signin/oidc"
LANGUAGE_COOKIE = "lang"
YEAR_S = 365 * 24 * 3600


def shown(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page with what every page has: the language, who reads it, and what its forms must send."""
    language = language_of(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    refused = request.query_params.get("entered")
    wanted = request.query_params.get("next", "/") if refused else values.get("here", here)
    chrome: Mapping[str, Any] = {
        "path": request.url.path,
        "here": here,
        "wanted": wanted if OWN_ADDRESS.fullmatch(wanted) else "/",
        "other": next(one for one in LANGUAGES if one != language),
        "refused": refused,
        "provider": SIGN_IN_ELSEWHERE if context_of(request).oidc else None,
        "csrf": csrf_token(session_id(request)) if session_id(request) else "",
    }
    return HTMLResponse(render(template, language, {**chrome, **values}), status)


def in_language(request: Request) -> Response:
    """The same page, and its language kept in a cookie, so that a permalink does not choose the reader's language."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != LANGUAGE_COOKIE]
    # Slashes at the front would make another host of it.
    address = "/" + quote(request.url.path.lstrip("/")) + (f"?{urlencode(pairs)}" if pairs else "")
    response = RedirectResponse(address, 303)
    response.set_cookie(
        LANGUAGE_COOKIE, request.query_params[LANGUAGE_COOKIE], max_age=YEAR_S, samesite="lax", httponly=True
    )
    return response


def language_of(request: Request) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return "en" if request.headers.get("accept-language", "id").lower().startswith("en") else "id"
