"""The API as an application: its routes, its headers, and what each error is answered with."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Lifespan

from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.search.api import alerts, enter, export, health, oidc, overview, saved, search, shown, taxii, work
from pipeline.search.api.context import Context, Forbidden, NotFound, TooLarge, Unauthorized
from pipeline.search.api.guard import TOO_LARGE, Guard
from pipeline.search.api.problems import PROBLEMS
from pipeline.search.api.search import NOT_FOUND
from pipeline.search.limits import TooMany
from pipeline.search.mistake import Mistake
from pipeline.search.store import TooSlow

ROUTERS = (
    search.router, overview.router, export.router, work.router, shown.router, saved.router, alerts.router, taxii.router,
    enter.router, oidc.router, health.router,
)  # fmt: skip
ANSWERS: tuple[tuple[type[GabungError], int], ...] = (
    (Unauthorized, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (TooLarge, 413),
    (TooMany, 429),
    (TooSlow, 503),
    (WrongUse, 422),
)
Telling = Callable[[Request, int, Exception | None], Response | None]
"""How a page tells what went wrong, with which status: a page where a browser leads to one, a sentence in its language
where its own script asked. None for all else, which is answered as the API answers."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # To no other site; to this one, since a browser that tells nothing says of a form, too, that it is from nowhere.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
}


def create_app(
    context: Context, lifespan: Lifespan[FastAPI] | None = None, telling: Telling = lambda *_: None
) -> FastAPI:
    """The API over a context. The page adds its own routes to it, and its own `telling`. lifespan: what runs beside it,
    for as long."""
    # FastAPI's documentation pages would load scripts from elsewhere; the description itself is behind the token.
    app = FastAPI(title="Gabung", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.context = context
    for router in ROUTERS:
        app.include_router(router, responses=PROBLEMS)
    told = dict(HEADERS)
    if context.oidc is not None:
        # Leaving is a form, and leads on to the provider: browsers hold form-action against the whole way.
        own = f"form-action 'self' {context.oidc.settings.origin}"
        told["content-security-policy"] = told["content-security-policy"].replace("form-action 'self'", own)

    def problem(
        request: Request, content: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None,
        error: Exception | None = None,
    ) -> Response:  # fmt: skip
        """An error as every route answers it; TAXII's under its own media type."""
        told = telling(request, status, error)
        if told is not None:
            told.headers.update(headers or {})
            return told
        media = taxii.MEDIA if request.url.path.startswith(taxii.PREFIX) else None
        return JSONResponse(content, status, headers, media)

    @app.exception_handler(GabungError)
    async def wrong(request: Request, error: Exception) -> Response:
        if isinstance(error, ServiceMissing):  # its text names addresses of this machine
            away = {"error": "the search is not there for now; try again in a minute"}
            return problem(request, away, 503, error=error)
        status = next((code for kind, code in ANSWERS if isinstance(error, kind)), 500)
        more = {"www-authenticate": "Bearer"} if status == 401 else {}
        if isinstance(error, TooMany):
            more["retry-after"] = str(error.seconds)
        if isinstance(error, TooSlow):
            more["retry-after"] = "10"
        place = {"at": error.at, "suggestion": error.suggestion} if isinstance(error, Mistake) else {}
        return problem(request, {"error": str(error), **place}, status, more, error)

    @app.exception_handler(413)
    async def too_large(request: Request, error: Exception) -> Response:
        return problem(request, TOO_LARGE, 413, {"connection": "close"}, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        return problem(request, {"error": f"{first['loc'][-1]}: {first['msg']}"}, 422, error=error)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return problem(request, NOT_FOUND, 404, error=error)
        if error.status_code == 400:  # what is no JSON at all
            return problem(request, {"error": "the body cannot be read; send JSON as application/json"}, 422)
        headers = {"allow": allowed(request)} if error.status_code == 405 else error.headers
        return problem(request, {"error": str(error.detail)}, error.status_code, headers, error)

    app.add_middleware(Guard, headers=told, problem=problem, hosts=context.hosts)
    return app


def allowed(request: Request) -> str:
    """Every method that this path takes, by any route (RFC 9110, section 10.2.1); the router itself tells of one."""
    takes = (
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    )
    return ", ".join(takes)
