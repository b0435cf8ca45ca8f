"""The frame of every page: its language, who reads it, what its forms must send; and errors that are pages too."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute

from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.search.api.context import Forbidden, Unauthorized, context_of
from pipeline.search.doors import session_id
from pipeline.search.limits import TooMany
from pipeline.search.page.render import render
from pipeline.search.page.texts import LANGUAGES
from pipeline.search.sessions import csrf_token
from pipeline.search.store import TooSlow

SIGN_IN_ELSEWHERE = "/signin/oidc"
LANGUAGE_COOKIE = "lang"
YEAR_S = 365 * 24 * 3600
PROBLEMS: tuple[tuple[type[GabungError], int, str], ...] = (
    # what happened, its status, the key of what is said of it
    (Unauthorized, 401, "enter.about"),
    (Forbidden, 403, "problem.forbidden"),
    (TooMany, 429, "problem.many"),
    (WrongUse, 422, "problem.wrong"),
    (TooSlow, 503, "problem.slow"),
    (ServiceMissing, 503, "problem.away"),
)


class PageRoute(APIRoute):
    """A route whose errors are pages too, and whose `lang` is remembered."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def page(request: Request) -> Response:
            if request.query_params.get(LANGUAGE_COOKIE) in LANGUAGES:
                return in_language(request)
            try:
                return await handle(request)
            except GabungError as error:
                return problem(request, error)

        return page


def problem(request: Request, error: GabungError | None) -> Response:
    """What went wrong, as a page; without an error: that there is no such thing."""
    if isinstance(error, Unauthorized):
        return shown(request, "enter.html", 401, who=None, documents=[])
    status, key = next(((code, key) for kind, code, key in PROBLEMS if isinstance(error, kind)), (500, "problem.wrong"))
    if error is None:
        status, key = 404, "problem.none"
    # A ServiceMissing names addresses of this machine.
    said = "" if error is None or isinstance(error, ServiceMissing) else str(error)
    who = context_of(request).doors.who(request)
    return shown(request, "problem.html", status, who=who, documents=[], key=key, said=said)


def shown(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page with what every page has: the language, who reads it, and what its forms must send."""
    language = language_of(request)
    chrome: Mapping[str, Any] = {
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "other": next(one for one in LANGUAGES if one != language),
        "refused": request.query_params.get("entered"),
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
