"""Alerts in the web process: what stands is followed from the two topics, and what people save is written to one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from confluent_kafka import Producer

from pipeline.alert.delivery import check_mail, check_webhook
from pipeline.errors import ServiceMissing
from pipeline.flow import ALERTS_TOPIC, SAVED_TOPIC
from pipeline.release.policy import Groups, Policies
from pipeline.search.alerts import Inbox, whose
from pipeline.search.exports import Exports
from pipeline.search.keeping import Mark, mark_key, mark_value, saved_key
from pipeline.search.mistake import Mistake
from pipeline.search.roles import Who
from pipeline.search.saved import Saved
from pipeline.shell.follow import WAIT_SECONDS, Follower
from pipeline.shell.settings import AlertSettings
from pipeline.shell.topics import ensure_topics

log = structlog.get_logger()


@dataclass
class LiveAlerts:
    """`pipeline.search.alerts.Alerts` over Kafka. Started once; raises ServiceMissing where Kafka is not there."""

    kafka: str
    settings: AlertSettings
    policy: Callable[[], tuple[Policies, Groups]]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    inbox: Inbox = field(init=False)
    exports: Exports = field(init=False)

    def __post_init__(self) -> None:
        self.inbox, self.exports = Inbox(self.policy, self.clock), Exports(self._write)
        self.follower = Follower(self.kafka, (SAVED_TOPIC, ALERTS_TOPIC), self._take)
        self.producer = Producer(
            {"bootstrap.servers": self.kafka, "enable.idempotence": True, "acks": "all", "linger.ms": 0,
             "partitioner": "murmur2_random", "delivery.timeout.ms": WAIT_SECONDS * 1000, "log_level": 2}
        )  # fmt: skip
        self.lock = threading.Lock()

    def start(self) -> None:
        """Know all that stands, then follow it. Raises ServiceMissing."""
        ensure_topics(self.kafka, ())
        self.follower.catch_up()
        self.follower.start()

    def stop(self) -> None:
        self.follower.stop()

    def save(self, saved: Saved) -> None:
        self._keep(saved_key(saved.id), saved.model_dump_json().encode())

    def forget(self, id_: str) -> None:
        self._keep(saved_key(id_), None)

    def look(self, who: Who, scope: str, at: datetime) -> None:
        self.mark("looked", whose(who, scope), at)

    def mark(self, mark: Mark, about: str, at: datetime) -> None:
        self._keep(mark_key(mark, about), mark_value(at))

    def allows(self, saved: Saved) -> None:
        if saved.delivery.webhook:
            check_webhook(saved.delivery.webhook, self.settings.webhooks)
        if saved.delivery.email:
            if not self.settings.smtp:
                raise Mistake("mail.none")
            check_mail(saved.delivery.email, self.settings.domains)

    def _keep(self, key: str, value: bytes | None) -> None:
        """Durable first, then known here: whoever asks next finds it. By the topic it comes again, the same."""
        self._write(key, value)
        self.inbox.take_saved(key, value)

    def _write(self, key: str, value: bytes | None) -> None:
        failed: list[str] = []
        with self.lock:
            self.producer.produce(
                SAVED_TOPIC,
                key=key.encode(),
                value=value,
                on_delivery=lambda error, _: failed.append(str(error)) if error else None,
            )
            if self.producer.flush(WAIT_SECONDS + 1) or failed:
                raise ServiceMissing(f"Kafka did not take it at {self.kafka}; nothing was saved")

    def _take(self, topic: str, key: str, value: bytes | None) -> None:
        if topic == ALERTS_TOPIC:
            self.inbox.take_alert(key, value)
        elif not self.exports.take(key, value):
            self.inbox.take_saved(key, value)
