"""The web service: the search API and a plain page. `python -m pipeline.shell.web --port N`, on loopback."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import uvicorn
from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from deploy.system import policy_folder
from pipeline.addresses import addresses, home
from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.search.api import Context, create_app
from pipeline.search.ask import ask
from pipeline.search.cursor import Cursors
from pipeline.search.doors import Doors, session_id
from pipeline.search.keys import installation_key
from pipeline.search.limits import TooMany
from pipeline.search.oidc import oidc_settings
from pipeline.search.page import SIZE, STYLE, TEXTS, page
from pipeline.search.question import Question
from pipeline.search.roles import Who
from pipeline.search.sessions import Sessions, csrf_token
from pipeline.search.store import TooSlow
from pipeline.search.tokens import Tokens
from pipeline.shell.alerts import LiveAlerts
from pipeline.shell.audit import Auditor, audited
from pipeline.shell.beside import delivering
from pipeline.shell.front import front
from pipeline.shell.health import services_answer
from pipeline.shell.oidc import OpenIdProvider
from pipeline.shell.policy import PolicyFolder
from pipeline.shell.publishing import Publishing
from pipeline.shell.settings import AlertSettings
from pipeline.shell.store import ElasticStore

STREAMS_END_SECONDS = 2
"""When told to stop: live streams are ended then, and their browsers ask again."""
NotNegative = Annotated[int, Query(ge=0)]


def build() -> FastAPI:
    """The API with its page, over the Elasticsearch in force. Raises ServiceMissing where none is known."""
    store, policy = ElasticStore(addresses().need("elasticsearch")), PolicyFolder(policy_folder(home(), None))
    kafka = addresses().need("kafka")
    audit = Auditor(kafka, "web")
    doors = Doors(Tokens(), Sessions(home() / "sessions.db", _now), lambda: policy()[0].agencies)
    alerts = LiveAlerts(kafka, AlertSettings(), policy)
    settings = oidc_settings(os.environ)
    provider = OpenIdProvider(settings, _now) if settings else None
    context = Context(
        store, audit, doors, _now, services_answer, alerts=alerts, oidc=provider, hosts=front(os.environ).hosts,
        cursors=Cursors(installation_key("cursors")), publish=Publishing(),
        events=lambda: (orjson.loads(raw) for _, raw in audited(kafka)),
    )  # fmt: skip
    app = create_app(context, delivering(alerts, store, audit))

    def asker(request: Request) -> Who | None:
        who = doors.who(request)
        return who if who and who.may("search") else None

    @app.get("/", include_in_schema=False)
    def search(request: Request, q: str = "", lang: str | None = None, skip: NotNegative = 0) -> Response:
        language, who, found, error = _language(request, lang), asker(request), None, None
        reader = who.agency if who else None
        if who and q:
            try:
                with context.limits.held(who, "search"):
                    found = ask(store, audit, who.agency, Question(q=q, size=SIZE, skip=skip), _now())
            except (WrongUse, ServiceMissing, TooSlow, TooMany) as wrong:
                error = str(wrong)
        if reader is None and "entered" in request.query_params:
            error = TEXTS[language]["wrong"]
        csrf = csrf_token(session_id(request))
        response = HTMLResponse(page(language, reader, q, found, error, skip, csrf))
        if lang in TEXTS:
            response.set_cookie("lang", language, samesite="strict", httponly=True)
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
    proxy = front(os.environ).proxy
    uvicorn.run(
        app, host="127.0.0.1", port=port, log_level="warning", server_header=False, date_header=False,
        proxy_headers=bool(proxy), forwarded_allow_ips=",".join(proxy), timeout_graceful_shutdown=STREAMS_END_SECONDS,
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
