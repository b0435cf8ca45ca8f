"""A person's alerts: listed, streamed as they come, and looked at."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from pipeline.alert.alert import Alert
from pipeline.errors import ServiceMissing
from pipeline.report.model import scope_of
from pipeline.search.alerts import LISTED, Alerts, decided, entry, listing
from pipeline.search.api.context import API, Context, Exercise, Here, context_of, may
from pipeline.search.roles import Who

router = APIRouter(prefix=API)

STREAM_SECONDS = 600
"""Then a stream ends and the browser asks again, so that no stream outlives its sign-in by long."""
WAITING = 1_000
"""Events that one slow listener may be behind; then its stream ends, and it asks again from where it was."""


def alerts_of(request: Request) -> Alerts:
    found = context_of(request).alerts
    if found is None:
        raise ServiceMissing("alerts are not there; start the web service with `gabung up`")
    return found


Saver = Annotated[Who, Depends(may("save"))]
Live = Annotated[Alerts, Depends(alerts_of)]


class Looked(BaseModel):
    """at: of the newest alert that was shown, so that one raised meanwhile stays new; else now."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = None


@router.get("/alerts")
def alerts(
    who: Saver, here: Here, live: Live, exercise: Exercise = None, size: Annotated[int, Query(ge=0, le=LISTED)] = 50
) -> dict[str, Any]:
    """The newest alerts, each with its document as this reader may see it now. unread: of the newest 200."""
    mine, looked = live.inbox.alerts(who, scope_of(exercise)), live.inbox.looked(who, scope_of(exercise))
    told = listing(decided(here.store, here.audit, who.agency, mine, "page", here.clock()), looked)
    return {"alerts": told[:size], "unread": sum(one["new"] for one in told)}


@router.post("/alerts/looked")
def looked(who: Saver, here: Here, live: Live, body: Looked | None = None, exercise: Exercise = None) -> dict[str, Any]:
    """From now on, what was raised until then is no longer new to this person."""
    now = here.clock()
    at = min(now, body.at) if body and body.at else now
    live.look(who, scope_of(exercise), at)
    return {"looked": live.inbox.looked(who, scope_of(exercise)).astimezone(UTC).isoformat()}


@router.get("/alerts/stream", response_class=EventSourceResponse)
async def stream(
    request: Request,
    who: Saver,
    here: Here,
    live: Live,
    exercise: Exercise = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `alert`, as /alerts lists it, and `withdrawn`, {id}. Asked again with Last-Event-ID, it
    begins with what was raised since."""
    scope, loop = scope_of(exercise), asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[str, Alert | None] | None] = asyncio.Queue()

    def put(key: str, alert: Alert | None) -> None:
        queue.put_nowait((key, alert) if queue.qsize() < WAITING else None)

    def heard(key: str, alert: Alert | None) -> None:
        if key.startswith(f"{who.agency} ") and (alert is None or alert.scope == scope):
            loop.call_soon_threadsafe(put, key, alert)

    live.inbox.heard.append(heard)
    try:
        if last_event_id:
            for alert in reversed(live.inbox.alerts(who, scope)):
                if alert.place > last_event_id:
                    put(alert.key, alert)
        until = loop.time() + STREAM_SECONDS
        yield ServerSentEvent(comment="listening")
        while (left := until - loop.time()) > 0:
            try:
                item = await asyncio.wait_for(queue.get(), left)
            except TimeoutError:
                return
            if item is None or not await run_in_threadpool(_still, request, who):
                return
            if event := await run_in_threadpool(_event, here, live, who, scope, *item):
                yield event
    finally:
        live.inbox.heard.remove(heard)


def _still(request: Request, who: Who) -> bool:
    """Whether the one who opened the stream is still signed in, and may still have alerts."""
    now = context_of(request).doors.who(request)
    return now is not None and (now.agency, now.user) == (who.agency, who.user) and now.may("save")


def _event(here: Context, live: Alerts, who: Who, scope: str, key: str, alert: Alert | None) -> ServerSentEvent | None:
    """One event, decided as a hit is; nothing where it does not concern this person, or no longer stands."""
    _, saved, id_ = key.split(" ")
    if not live.inbox.concerns(saved, who):
        return None
    if alert is None:
        return ServerSentEvent(event="withdrawn", data={"id": id_})
    told = decided(here.store, here.audit, who.agency, [alert], "stream", here.clock())
    if not told:
        return None
    return ServerSentEvent(event="alert", id=alert.place, data=entry(*told[0], live.inbox.looked(who, scope)))
