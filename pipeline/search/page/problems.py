"""What went wrong, told to a person: as a page where a browser leads to one, as a sentence where a script of the page
asked. Programs are answered by the API, in English."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.search.api.context import API, Forbidden, Forged, NotFound, TooLarge, Unauthorized, context_of
from pipeline.search.api.enter import OWN_ADDRESS
from pipeline.search.doors import base_address
from pipeline.search.limits import TooMany
from pipeline.search.mistake import Mistake
from pipeline.search.page.frame import LANGUAGE_COOKIE, in_language, language_of, shown
from pipeline.search.page.texts import LANGUAGES, says_in, texts
from pipeline.search.store import TooSlow

PROBLEMS: tuple[tuple[type[GabungError], int, str], ...] = (
    # what happened, its status, the key of what is said of it
    (Unauthorized, 401, "problem.unknown"),
    (Forged, 403, "problem.forged"),
    (Forbidden, 403, "problem.forbidden"),
    (NotFound, 404, "problem.none"),
    (TooLarge, 413, "problem.large"),
    (TooMany, 429, "problem.many"),
    (WrongUse, 422, "problem.wrong"),
    (TooSlow, 503, "problem.slow"),
    (ServiceMissing, 503, "problem.away"),
)
STATUSES = {404: "problem.none", 413: "problem.large", 414: "problem.long", 422: "problem.wrong"}
"""Of what no error of ours tells."""
PROGRAMS = ("/api/", "/taxii2")
"""Below these nothing is a page."""


class PageRoute(APIRoute):
    """A route whose errors are pages, whoever asks, and whose `lang` is remembered."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def page(request: Request) -> Response:
            if request.query_params.get(LANGUAGE_COOKIE) in LANGUAGES:
                return in_language(request)
            try:
                return await handle(request)
            except GabungError as error:
                return problem(request, status_of(error), error)

        return page


def telling(request: Request, status: int, error: Exception | None) -> Response | None:
    """What a browser is told, and None for whatever is no browser: `pipeline.search.api.app.Telling`."""
    if "authorization" in request.headers:
        return None
    if request.url.path.startswith(PROGRAMS):
        # Our own scripts ask in exactly the page's language, as no browser does by itself.
        asked = request.headers.get("accept-language")
        if not request.url.path.startswith(API) or asked not in LANGUAGES:
            return None
        return JSONResponse({"error": said(asked, status, error)}, status)
    if "text/html" not in request.headers.get("accept", ""):
        return None
    return problem(request, status, error, led_here=False)


def problem(request: Request, status: int, error: Exception | None = None, led_here: bool = True) -> Response:
    """What went wrong, as a page. led_here: whether the address is that of a page, which may be asked for again."""
    here = {} if led_here else {"here": "/"}
    if isinstance(error, Unauthorized):
        return shown(request, "enter.html", 401, who=None, documents=[], **here)
    who = context_of(request).doors.who(request, waiting=False)
    text = said(language_of(request), status, error)
    title = "problem.undone" if request.method == "POST" else "problem"
    response = shown(
        request, "problem.html", status, who=who, documents=[], title=title, said=text, back=way_back(request), **here
    )
    if isinstance(error, TooMany):
        response.headers["retry-after"] = str(error.seconds)
    return response


def said(language: str, status: int, error: Exception | None) -> str:
    """One or two sentences in a language; nothing of another error than ours, whose text is nobody's business."""
    says = says_in(language)
    if isinstance(error, Mistake):
        told = error.told(language)
        return f"{told[:1].upper()}{told[1:]}."
    if isinstance(error, RequestValidationError):
        return says(_given(error))
    if isinstance(error, TooMany):
        return says("problem.many", seconds=error.seconds)
    return says(
        next((key for kind, _, key in PROBLEMS if isinstance(error, kind)), STATUSES.get(status, "problem.wrong"))
    )


def status_of(error: GabungError) -> int:
    return next((status for kind, status, _ in PROBLEMS if isinstance(error, kind)), 500)


def way_back(request: Request) -> str:
    """The page that a form stood on, where the browser tells it and it is one of ours; else the first page."""
    if request.method != "POST":
        return "/"
    came = urlsplit(request.headers.get("referer", ""))
    address = came.path + (f"?{came.query}" if came.query else "")
    ours = f"{came.scheme}://{came.netloc}" == base_address(request)
    return address if ours and OWN_ADDRESS.fullmatch(address) else "/"


def _given(error: RequestValidationError) -> str:
    """The key of what is said of a field that is not as it should be."""
    where = [str(part) for part in error.errors()[0]["loc"]]
    return next((key for part in where if (key := f"given.{part}") in texts()), "problem.wrong")
