"""The search API. The token decides the reader; no parameter can choose another."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from pipeline.errors import ServiceMissing, WrongUse
from pipeline.search.ask import Audit, ask, fetch
from pipeline.search.moments import span
from pipeline.search.question import Question
from pipeline.search.store import Store
from pipeline.search.tokens import Tokens

NOT_FOUND = {"error": "not found; ids are as search gives them"}
UNAUTHORIZED = {"error": "a token is needed: Authorization: Bearer …, from whoever runs this installation"}
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
Exercise = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class Unauthorized(Exception):
    """No token, or none that anybody here holds."""


def create_app(
    store: Store,
    audit: Audit,
    tokens: Tokens,
    clock: Callable[[], datetime],
    health: Callable[[], dict[str, Any]],
) -> FastAPI:
    """The API over a store. `audit` is told of every answer before it goes out; `clock` gives the time that expiry is
    judged by; `health` what operators are told."""
    # The documentation pages would load scripts from elsewhere; the description itself is behind the token.
    app = FastAPI(title="Gabung", docs_url=None, redoc_url=None, openapi_url=None)

    def reader(request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        agency = tokens.agency(token.strip()) if scheme.lower() == "bearer" else None
        if agency is None:
            raise Unauthorized
        return agency

    Reader = Annotated[str, Depends(reader)]  # noqa: N806  it is a type

    @app.middleware("http")
    async def headers(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(Unauthorized)
    async def unauthorized(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse(UNAUTHORIZED, 401, {"www-authenticate": "Bearer"})

    @app.exception_handler(WrongUse)
    async def wrong(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 422)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        return JSONResponse({"error": f"{first['loc'][-1]}: {first['msg']}"}, 422)

    @app.exception_handler(ServiceMissing)
    async def missing(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"error": "the search is not there for now; try again in a minute"}, 503)

    @app.get("/api/search")
    def search(
        reader: Reader,
        q: str = "",
        doc: Literal["report", "entity"] | None = None,
        kind: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006  FastAPI copies it
        agency: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
        place: Annotated[str | None, Query(max_length=1000)] = None,
        near: str | None = None,
        start: Annotated[str | None, Query(alias="from")] = None,
        end: Annotated[str | None, Query(alias="to")] = None,
        exercise: Exercise = None,
        size: Annotated[int, Query(ge=0, le=200)] = 20,
        skip: Annotated[int, Query(ge=0)] = 0,
    ) -> dict[str, Any]:
        """Reports and entities that this reader may see. near: latitude,longitude,kilometres.

        from and to: 2026, 2026-10, 2026-10-31 or a moment; both ends are in."""
        question = Question(
            q=q, doc=doc, kind=kind, agency=agency, place=place, near=nearby(near),
            start=span(start)[0] if start else None, end=span(end)[1] if end else None, exercise=exercise, size=size,
            skip=skip,
        )  # fmt: skip
        return ask(store, audit, reader, question, clock())

    def one(reader: str, doc: str, id_: str, exercise: str | None) -> Response:
        found = fetch(store, audit, reader, doc, id_, exercise, clock()) if len(id_) <= 300 else None
        return JSONResponse(NOT_FOUND, 404) if found is None else JSONResponse(found)

    @app.get("/api/reports/{id_}")
    def report(reader: Reader, id_: str, exercise: Exercise = None) -> Response:
        """One report, as this reader may see it."""
        return one(reader, "report", id_, exercise)

    @app.get("/api/entities/{id_:path}")
    def entity(reader: Reader, id_: str, exercise: Exercise = None) -> Response:
        """One entity, by its id or by that of any of its mentions."""
        return one(reader, "entity", id_, exercise)

    @app.get("/api/health")
    def state(reader: Reader) -> dict[str, Any]:
        """Whether the services answer. Counts of messages and documents are for whoever runs the machine."""
        return health()

    @app.get("/api/health/live")
    def live() -> dict[str, str]:
        """That this process answers."""
        return {"status": "ok"}

    @app.get("/api/openapi.json")
    def description(reader: Reader) -> dict[str, Any]:
        """This API's description."""
        return app.openapi()

    return app


def nearby(text: str | None) -> tuple[float, float, float] | None:
    """`-6.1,106.88,20` as numbers. Raises WrongUse."""
    if text is None:
        return None
    try:
        lat, lon, kilometres = (float(part) for part in text.split(","))
        return Question(near=(lat, lon, kilometres)).near
    except (ValueError, ValidationError):
        raise WrongUse("near is latitude,longitude,kilometres, like -6.1,106.88,20") from None
