"""Alerts to their owners' webhooks: at least once, to allowed hosts only, signed, one host never holding up another.

A group of its own remembers how far it is; a message counts as dealt with once it was taken or given up, so a web
process that dies sends its last ones again, under the same ids.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from pipeline.alert.alert import Alert
from pipeline.alert.delivery import check_webhook, message_id, signed
from pipeline.errors import GabungError, WrongUse
from pipeline.flow import ALERTS_TOPIC, GROUP
from pipeline.search.alerts import Document, decided, entry, raised
from pipeline.search.ask import Audit
from pipeline.search.saved import Saved
from pipeline.search.store import Store
from pipeline.shell.alerts import LiveAlerts
from pipeline.shell.metrics import WEBHOOKS
from pipeline.shell.threads import Threaded

TRIES = 6
FIRST_PAUSE = 0.5
"""Seconds; each pause is three times the last, so the last try is after some minutes."""
TIMEOUT_SECONDS = 10
BEHIND_SECONDS = 1.0
WAITING = 1_000
"""Messages that may wait for one host. What comes beyond is given up: the page has it."""

log = structlog.get_logger()


@dataclass
class Progress:
    """How far one partition is dealt with, where messages are finished in any order."""

    next: int
    open: set[int] = field(default_factory=set)

    def began(self, offset: int) -> None:
        self.open.add(offset)
        self.next = max(self.next, offset + 1)

    def done(self, offset: int) -> int:
        """The offset to commit: all before it are dealt with."""
        self.open.discard(offset)
        return min(self.open, default=self.next)


@dataclass(frozen=True)
class Waiting:
    """One event on its way to a host. `alert`: none where it is withdrawn; `name` is the message's id."""

    saved: Saved
    id: str
    name: str
    alert: Alert | None
    shows: Document | None
    partition: int
    offset: int


class Webhooks(Threaded):
    """Reads the alerts' topic in a thread of its own and posts from an event loop of its own, until `stop`."""

    def __init__(self, live: LiveAlerts, store: Store, audit: Audit) -> None:
        super().__init__("webhooks")
        self.live, self.store, self.audit = live, store, audit
        self.progress: dict[int, Progress] = {}
        self.hosts: dict[str, asyncio.Queue[Waiting]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def work(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        consumer = Consumer(
            {"bootstrap.servers": self.live.kafka, "group.id": f"{GROUP}-webhooks", "enable.auto.commit": False,
             "auto.offset.reset": "earliest", "log_level": 2}
        )  # fmt: skip
        consumer.subscribe([ALERTS_TOPIC])
        self.consumer = consumer
        # Redirects are not followed: they could lead to a host that nobody allowed. No proxy of the environment either.
        async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as self.http:
            while not self.ending.is_set():
                message = await asyncio.to_thread(consumer.poll, 0.5)
                if message is not None and message.error() is None:
                    self._take(message)
            for task in self.tasks:
                task.cancel()
        consumer.close()

    def _take(self, message: Any) -> None:
        partition, offset = message.partition(), message.offset()
        key, value = message.key().decode(), message.value()
        self.progress.setdefault(partition, Progress(offset)).began(offset)
        reader, saved_id, _ = key.split(" ")
        # A search that was deleted, or has no alerts any more, still takes back those that it had.
        saved = self.live.inbox.saved.get(saved_id) if value else self.live.inbox.was(saved_id)
        # What goes out is the owner's alone: another agency's alerts of a shared search never do.
        if saved is None or not saved.delivery.webhook or (value and not saved.alerts) or saved.agency != reader:
            self._done(partition, offset)
            return
        host = urlsplit(saved.delivery.webhook).netloc
        if host not in self.hosts:
            self.hosts[host] = asyncio.Queue()
            task = asyncio.create_task(self._serve(self.hosts[host]))
            self.tasks.add(task)
        if self.hosts[host].qsize() >= WAITING:
            self._give_up(saved, "too many wait for this host")
            self._done(partition, offset)
            return
        (alert, shows), id_ = raised(value), key.rpartition(" ")[2]
        # Kafka keeps when a withdrawal was written, which is all that is left of it.
        at = alert.at if alert else datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC).isoformat()
        name = message_id(id_, at, withdrawn=alert is None)
        self.hosts[host].put_nowait(Waiting(saved, id_, name, alert, shows, partition, offset))

    async def _serve(self, queue: asyncio.Queue[Waiting]) -> None:
        while True:
            one = await queue.get()
            try:
                await self._send(one)
            except GabungError as error:  # the store, or the audit, is not there
                self._give_up(one.saved, str(error))
            except Exception as error:
                self._give_up(one.saved, type(error).__name__)
            self._done(one.partition, one.offset)

    async def _send(self, one: Waiting) -> None:
        """Try, with growing pauses, until it is taken or has been tried enough. Each try is decided anew."""
        pause, why = FIRST_PAUSE, ""
        url, secret = one.saved.delivery.webhook or "", one.saved.delivery.secret or ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(pause)
                pause *= 3
            try:
                check_webhook(url, self.live.settings.webhooks)
            except WrongUse as error:
                why = str(error)
                break
            body = await asyncio.to_thread(self._body, one.saved, one.id, one.alert, None if attempt else one.shows)
            if body is None:
                return
            try:
                answer = await self.http.post(
                    url, content=body, headers=signed(secret, one.name, body, self.live.clock())
                )
            except httpx2.HTTPError as error:
                why = type(error).__name__
                continue
            if 200 <= answer.status_code < 300:
                WEBHOOKS.labels("taken").inc()
                return
            why = f"status {answer.status_code}"
            if answer.status_code == 410:
                break
        self._give_up(one.saved, why)

    def _body(self, saved: Saved, id_: str, alert: Alert | None, shows: Document | None) -> bytes | None:
        """What is posted: the alert with its document as the reader may see it now, or that it is withdrawn."""
        now = self.live.clock()
        if alert is None:
            return orjson.dumps({"type": "alert.withdrawn", "timestamp": now, "data": {"id": id_, "saved": saved.id}})
        if not self._follows(alert):
            return None
        brought = {alert.place: shows} if shows is not None else None
        told = decided(self.store, self.audit, saved.agency, [alert], "webhook", now, brought)
        return orjson.dumps({"type": "alert", "timestamp": now, "data": entry(*told[0])}) if told else None

    def _follows(self, alert: Alert) -> bool:
        """Whether the alert still stands. The inbox reads the same topic by itself and may be a moment behind."""
        until = time.monotonic() + BEHIND_SECONDS
        while not (known := self.live.inbox.stands(alert)) and time.monotonic() < until:
            time.sleep(0.01)
        return known

    def _give_up(self, saved: Saved, why: str) -> None:
        WEBHOOKS.labels("given up").inc()
        log.warning("a webhook was given up; its alert stands on the page", saved=saved.id, reason=why)

    def _done(self, partition: int, offset: int) -> None:
        upto = self.progress[partition].done(offset)
        try:
            self.consumer.commit(offsets=[TopicPartition(ALERTS_TOPIC, partition, upto)], asynchronous=True)
        except KafkaException as error:  # of a partition that another process has now
            log.info("not committed", reason=error.args[0].name())
