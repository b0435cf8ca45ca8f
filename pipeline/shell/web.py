"""The web service: the search API and the page. `python -m pipeline.shell.web --port N`, on loopback."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI

from deploy.system import policy_folder
from pipeline.addresses import addresses, home
from pipeline.errors import GabungError
from pipeline.search import page
from pipeline.search.api import Context, create_app
from pipeline.search.api.guard import LONGEST_HEAD
from pipeline.search.cursor import Cursors
from pipeline.search.doors import Doors
from pipeline.search.keys import installation_key
from pipeline.search.oidc import oidc_settings
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens
from pipeline.shell.alerts import LiveAlerts
from pipeline.shell.audit import Auditor, audited
from pipeline.shell.beside import delivering
from pipeline.shell.front import front
from pipeline.shell.health import health, services_answer
from pipeline.shell.oidc import OpenIdProvider
from pipeline.shell.policy import PolicyFolder
from pipeline.shell.publishing import Publishing
from pipeline.shell.settings import AlertSettings, ExportSettings
from pipeline.shell.store import ElasticStore

STREAMS_END_SECONDS = 2
"""When told to stop: live streams are ended then, and their browsers ask again."""


def build() -> FastAPI:
    """The API with its page, over the Elasticsearch in force. Raises ServiceMissing where none is known."""
    store, policy = ElasticStore(addresses().need("elasticsearch")), PolicyFolder(policy_folder(home(), None))
    kafka = addresses().need("kafka")
    audit, alerts = Auditor(kafka, "web"), LiveAlerts(kafka, AlertSettings(), policy)
    settings = oidc_settings(os.environ)
    provider = OpenIdProvider(settings, _now) if settings else None
    doors = Doors(Tokens(), Sessions(home() / "sessions.db", _now), lambda: policy()[0].agencies, provider)
    context = Context(
        store, audit, doors, _now, services_answer,
        alerts=alerts, oidc=provider, hosts=front(os.environ).hosts,
        cursors=Cursors(installation_key("cursors")), publish=Publishing(), operations=lambda: asdict(health()),
        exports=alerts.exports, most_exported=ExportSettings().export_documents,
        events=lambda: (orjson.loads(raw) for _, raw in audited(kafka)),
    )  # fmt: skip
    app = create_app(context, delivering(alerts, store, audit), page.telling)
    app.include_router(page.router)
    return app


def _now() -> datetime:
    return datetime.now(UTC)


def server(app: Any, port: int) -> uvicorn.Server:
    """The application at a port of loopback; 0 takes a free one."""
    proxy = front(os.environ).proxy
    settings = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", server_header=False, date_header=False,
        proxy_headers=bool(proxy), forwarded_allow_ips=",".join(proxy), timeout_graceful_shutdown=STREAMS_END_SECONDS,
        http="h11", h11_max_incomplete_event_size=LONGEST_HEAD,
    )  # fmt: skip
    return uvicorn.Server(settings)


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
    server(app, port).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
