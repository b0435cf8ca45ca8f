"""The web service: the search API and a plain page. `python -m pipeline.shell.web --port N`, on loopback."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from pipeline.addresses import addresses
from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.search.api import Context, create_app
from pipeline.search.ask import ask
from pipeline.search.cursor import Cursors
from pipeline.search.doors import COOKIE, TokenDoors
from pipeline.search.keys import installation_key
from pipeline.search.page import SIZE, STYLE, TEXTS, page
from pipeline.search.question import Question
from pipeline.search.tokens import Tokens
from pipeline.shell.audit import Auditor
from pipeline.shell.health import services_answer
from pipeline.shell.publishing import Publishing
from pipeline.shell.store import ElasticStore

COOKIE_SECONDS = 8 * 3600
LONGEST_FORM = 4096
NotNegative = Annotated[int, Query(ge=0)]


def build() -> FastAPI:
    """The API with its page, over the Elasticsearch in force. Raises ServiceMissing where none is known."""
    store, tokens = ElasticStore(addresses().need("elasticsearch")), Tokens()
    audit = Auditor(addresses().need("kafka"), "web")
    app = create_app(Context(store, audit, TokenDoors(tokens), _now, services_answer,
                             Cursors(installation_key("cursors")), publish=Publishing()))  # fmt: skip

    def reader_of(request: Request) -> str | None:
        return tokens.agency(request.cookies.get(COOKIE, ""))

    @app.get("/", include_in_schema=False)
    def home(request: Request, q: str = "", lang: str | None = None, skip: NotNegative = 0) -> Response:
        language, reader, found, error = _language(request, lang), reader_of(request), None, None
        if reader and q:
            try:
                found = ask(store, audit, reader, Question(q=q, size=SIZE, skip=skip), _now())
            except (WrongUse, ServiceMissing) as wrong:
                error = str(wrong)
        response = HTMLResponse(page(language, reader, q, found, error, skip))
        if lang in TEXTS:
            response.set_cookie("lang", language, samesite="strict", httponly=True)
        return response

    @app.post("/enter", include_in_schema=False)
    async def enter(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_FORM:
                return Response(status_code=413)
        token = parse_qs(body.decode(errors="replace")).get("token", [""])[0].strip()
        if tokens.agency(token) is None:
            language = _language(request, None)
            return HTMLResponse(page(language, None, error=TEXTS[language]["wrong"]), 401)
        response = RedirectResponse("/", 303)
        response.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, samesite="strict", httponly=True)
        return response

    @app.post("/leave", include_in_schema=False)
    def leave() -> Response:
        response = RedirectResponse("/", 303)
        response.delete_cookie(COOKIE)
        return response

    @app.get("/style.css", include_in_schema=False)
    def style() -> Response:
        return PlainTextResponse(STYLE, media_type="text/css")

    return app


def _language(request: Request, asked: str | None) -> str:
    for choice in (asked, request.cookies.get("lang")):
        if choice in TEXTS:
            return str(choice)
    return "en" if request.headers.get("accept-language", "id").lower().startswith("en") else "id"


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> int:
    """Serve until told to stop."""
    arguments = argparse.ArgumentParser(description="The search API and page.")
    arguments.add_argument("--port", type=int, required=True)
    port: int = arguments.parse_args().port
    try:
        app: Any = build()
    except GabungError as error:
        print(error, file=sys.stderr)
        return 3
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", server_header=False, date_header=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
