"""What runs beside the API in the web process: alerts followed, posted and mailed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import Lifespan

from pipeline.search.ask import Audit
from pipeline.search.store import Store
from pipeline.shell.alerts import LiveAlerts
from pipeline.shell.mail import Mailer
from pipeline.shell.webhooks import Webhooks


def delivering(live: LiveAlerts, store: Store, audit: Audit) -> Lifespan[FastAPI]:
    """What runs beside the API: following, webhooks and mail."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = (live, Webhooks(live, store, audit), Mailer(live, store, audit))
        for one in running:
            await asyncio.to_thread(one.start)
        try:
            yield
        finally:
            for one in reversed(running):
                await asyncio.to_thread(one.stop)

    return lifespan
