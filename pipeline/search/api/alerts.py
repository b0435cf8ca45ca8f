"""A person's alerts: listed, streamed as they come, and looked at."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from pipeline.alert.alert import Alert
from pipeline.errors import ServiceMissing
from pipeline.report.model import scope_of
from pipeline.search.alerts import LISTED, Alerts, Changed, Document, Event, concerning, decided, entry, listing
from pipeline.search.api.context import API, Context, Exercise, Here, context_of, may
from pipeline.search.limits import TooMany
from pipeline.search.roles import Who

router = APIRouter(prefix=API)

STREAM_SECONDS = 600
"""Then a stream ends and the browser asks again, so that no stream outlives its sign-in by long."""
WAITING = 1_000
"""Events that one slow listener may be behind; then its stream ends, and it asks again from where it was."""
MOST_STREAMS = 8
"""A person's, at once: windows of a browser, and a program or two."""
AT_ONCE = 100
"""Events that are decided together, where so many wait."""


def alerts_of(request: Request) -> Alerts:
    found = context_of(request).alerts
    if found is None:
        raise ServiceMissing("alerts are not there; start the web service with `gabung up`")
    return found


Saver = Annotated[Who, Depends(may("save"))]
Live = Annotated[Alerts, Depends(alerts_of)]


def listener(who: Saver, live: Live) -> Who:
    """Who may listen. Raises TooMany."""
    if live.inbox.streams[f"{who.agency}/{who.user}"] >= MOST_STREAMS:
        raise TooMany(STREAM_SECONDS)
    return who


Listener = Annotated[Who, Depends(listener)]


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
    found = decided(here.store, here.audit, who.agency, mine, "page", here.clock(), live.inbox.brought(mine))
    told = listing(found, looked)
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
    who: Listener,
    here: Here,
    live: Live,
    exercise: Exercise = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `alert`, as /alerts lists it, and `withdrawn`, {id}: its document matches no more, or its
    saved search has ended for you. Asked again with Last-Event-ID, it begins with `reset`, {}, and what was raised
    since: of what was withdrawn meanwhile nothing is kept, so let go of what /alerts does not list any more."""
    scope, loop = scope_of(exercise), asyncio.get_running_loop()
    queue: asyncio.Queue[Event | Changed | None] = asyncio.Queue()

    def put(event: Event | Changed) -> None:
        queue.put_nowait(event if queue.qsize() < WAITING else None)

    def heard(key: str, alert: Alert | None, shows: Document | None) -> None:
        if key.startswith(f"{who.agency} ") and (alert is None or alert.scope == scope):
            loop.call_soon_threadsafe(put, (key, alert, shows))

    def changed(saved: str) -> None:
        loop.call_soon_threadsafe(put, Changed(saved, live.inbox.keys(saved, who.agency)))

    name = f"{who.agency}/{who.user}"
    live.inbox.streams[name] += 1
    live.inbox.heard.append(heard)
    live.inbox.changed.append(changed)
    try:
        had = await run_in_threadpool(live.inbox.having, who, scope)
        if last_event_id:
            for alert in reversed(live.inbox.alerts(who, scope)):
                if alert.place > last_event_id:
                    put((alert.key, alert, None))
        until = loop.time() + STREAM_SECONDS
        # So that it is resumed from here though nothing comes: what comes later is later than now.
        yield ServerSentEvent(comment="listening", id=None if last_event_id else place_at(here.clock()))
        if last_event_id:
            yield ServerSentEvent(event="reset", data={})
        while (left := until - loop.time()) > 0:
            try:
                items = [await asyncio.wait_for(queue.get(), left)]
            except TimeoutError:
                return
            while len(items) < AT_ONCE and not queue.empty():
                items.append(queue.get_nowait())
            heard_of = [item for item in items if item is not None]
            if len(heard_of) < len(items) or not await run_in_threadpool(_still, request, who):
                return
            for event in await run_in_threadpool(_events, here, live, who, scope, had, heard_of):
                yield event
    finally:
        live.inbox.heard.remove(heard)
        live.inbox.changed.remove(changed)
        live.inbox.streams[name] -= 1


def place_at(time: datetime) -> str:
    """Before the place of every alert that is raised later (`Alert.place`)."""
    return time.astimezone(UTC).isoformat(timespec="microseconds") + "_"


def _still(request: Request, who: Who) -> bool:
    """Whether the one who opened the stream is still signed in, and may still have alerts."""
    now = context_of(request).doors.who(request)
    return now is not None and (now.agency, now.user) == (who.agency, who.user) and now.may("save")


def _events(
    here: Context, live: Alerts, who: Who, scope: str, had: set[str], heard: list[Event | Changed]
) -> list[ServerSentEvent]:
    """Events, each decided as a hit is; without what does not concern this person, or no longer stands."""
    mine = concerning(live.inbox, who, scope, had, heard)
    raised = [alert for _, alert, _ in mine if alert is not None and live.inbox.stands(alert)]
    brought = {alert.place: shows for _, alert, shows in mine if alert is not None and shows is not None}
    told = decided(here.store, here.audit, who.agency, raised, "stream", here.clock(), brought) if raised else []
    documents = {alert.place: document for alert, document in told}
    looked = live.inbox.looked(who, scope)
    events = []
    for key, alert, _ in mine:
        if alert is None:
            events.append(ServerSentEvent(event="withdrawn", data={"id": key.rpartition(" ")[2]}))
        elif alert.place in documents:
            data = entry(alert, documents[alert.place], looked)
            events.append(ServerSentEvent(event="alert", id=alert.place, data=data))
    return events
