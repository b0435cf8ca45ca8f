"""The API as an application: its routes, its headers, and what each error is answered with."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.search.api import export, health, overview, search, taxii, work
from pipeline.search.api.context import Context, Forbidden, Unauthorized
from pipeline.search.api.search import NOT_FOUND

ROUTERS = (search.router, overview.router, export.router, work.router, taxii.router, health.router)
ANSWERS: tuple[tuple[type[GabungError], int], ...] = (
    (Unauthorized, 401),
    (Forbidden, 403),
    (WrongUse, 422),
)


class Problem(BaseModel):
    """What every error is answered with: one line, saying what to do."""

    error: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "Nobody has signed in"},
    403: {"model": Problem, "description": "No role of the asker's may do this"},
    404: {"model": Problem, "description": "It does not exist, or the asker may not see it"},
    422: {"model": Problem, "description": "A mistake in what was asked, and what to write"},
    503: {"model": Problem, "description": "A service is not there for now"},
}
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def create_app(context: Context) -> FastAPI:
    """The API over a context. The page adds its own routes to it."""
    # FastAPI's documentation pages would load scripts from elsewhere; the description itself is behind the token.
    app = FastAPI(title="Gabung", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.context = context
    for router in ROUTERS:
        app.include_router(router, responses=PROBLEMS)

    @app.middleware("http")
    async def headers(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(GabungError)
    async def wrong(_: Request, error: Exception) -> JSONResponse:
        if isinstance(error, ServiceMissing):  # its text names addresses of this machine
            return JSONResponse({"error": "the search is not there for now; try again in a minute"}, 503)
        status = next((code for kind, code in ANSWERS if isinstance(error, kind)), 500)
        return JSONResponse({"error": str(error)}, status, {"www-authenticate": "Bearer"} if status == 401 else None)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        return JSONResponse({"error": f"{first['loc'][-1]}: {first['msg']}"}, 422)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return JSONResponse(NOT_FOUND, 404)
        if error.status_code == 400:  # what is no JSON at all
            return JSONResponse({"error": "the body cannot be read; send JSON as application/json"}, 422)
        return JSONResponse({"error": str(error.detail)}, error.status_code, error.headers)

    return app
