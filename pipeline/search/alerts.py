"""Alerts as each person has them: which stand for whom, which are new since that person last looked.

Everything here is found by reader. What an alert tells of is fetched from that reader's own index on the way out, and
decided as a hit is; one that no longer stands there is left out (`decided`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from pipeline.alert.alert import Alert
from pipeline.audit.events import alerted
from pipeline.release.policy import Groups, Policies
from pipeline.report.model import scope_of
from pipeline.search.ask import Audit
from pipeline.search.keeping import Mark, mark_of, saved_of
from pipeline.search.matching import matches
from pipeline.search.question import standing_at
from pipeline.search.roles import Who
from pipeline.search.saved import Saved, visible
from pipeline.search.store import Store

KEPT = 1_000
"""Alerts of one saved search of one reader, the newest: an older one stands in the topic, and is not listed."""
LISTED = 200
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Document = dict[str, Any]
Heard = Callable[[str, Alert | None, Document | None], None]
"""Told of each alert that is raised, with the document that it brings, and of each that is withdrawn (None), by its
key."""


class Inbox:
    """All that web processes know of saved searches and alerts. Filled from the two topics; every method may be called
    from any thread."""

    def __init__(self, policy: Callable[[], tuple[Policies, Groups]], clock: Callable[[], datetime]) -> None:
        self.policy, self.clock = policy, clock
        self.lock = threading.RLock()
        self.saved: dict[str, Saved] = {}
        self.standing: dict[tuple[str, str], dict[str, Alert]] = {}
        """(reader, saved search) -> key -> alert, the newest last."""
        self.marks: dict[tuple[Mark, str], datetime] = {}
        self.heard: list[Heard] = []
        self.streams: Counter[str] = Counter()
        """agency/user -> streams that are open."""

    @property
    def groups(self) -> Groups:
        return self.policy()[1]

    def take_saved(self, key: str, value: bytes | None) -> None:
        """A message of the topic of saved searches."""
        with self.lock:
            if (found := saved_of(key, value)) is not None:
                id_, saved = found
                if saved is None:
                    self.saved.pop(id_, None)
                else:
                    self.saved[id_] = saved
            elif (marked := mark_of(key, value)) is not None:
                mark, whose, at = marked
                self.marks[mark, whose] = max(at, self.marks.get((mark, whose), LONG_AGO))

    def take_alert(self, key: str, value: bytes | None) -> None:
        """A message of the topic of alerts."""
        alert, shows = raised(value)
        reader, saved, _ = key.split(" ")
        with self.lock:
            found = self.standing.setdefault((reader, saved), {})
            found.pop(key, None)
            if alert is not None:
                found[key] = alert
                if len(found) > KEPT:
                    del found[next(iter(found))]
            elif not found:
                del self.standing[reader, saved]
        for heard in list(self.heard):
            with suppress(RuntimeError):  # its listener's loop has just ended
                heard(key, alert, shows)

    def searches(self, who: Who) -> list[Saved]:
        """The saved searches that a person has, by name."""
        with self.lock:
            mine = [one for one in self.saved.values() if visible(one, who, self.groups, self.clock())]
        return sorted(mine, key=lambda one: (one.name, one.id))

    def concerns(self, saved: str, who: Who, scope: str) -> bool:
        """Whether a person has this saved search now, with its alerts, in this scope."""
        one = self.saved.get(saved)
        if one is None or not one.alerts or scope_of(one.question.exercise) != scope:
            return False
        return visible(one, who, self.groups, self.clock())

    def alerts(self, who: Who, scope: str) -> list[Alert]:
        """A person's alerts in a scope, the newest first, as many as are listed."""
        with self.lock:
            mine = [
                one
                for saved in self.searches(who)
                if saved.alerts
                for one in self.standing.get((who.agency, saved.id), {}).values()
                if one.scope == scope
            ]
        return sorted(mine, key=lambda one: one.place, reverse=True)[:LISTED]

    def unmailed(self, saved: Saved) -> list[Alert]:
        """The owner's agency's alerts of one saved search that no mail has told of, the oldest first."""
        since = self.marks.get(("mailed", saved.id), LONG_AGO)
        with self.lock:
            found = [
                one
                for one in self.standing.get((saved.agency, saved.id), {}).values()
                if datetime.fromisoformat(one.at) > since
            ]
        return sorted(found, key=lambda one: one.place)

    def stands(self, alert: Alert) -> bool:
        """Whether this is what stands under its key: neither withdrawn nor raised again since."""
        return self.standing.get((alert.reader, alert.saved), {}).get(alert.key) == alert

    def looked(self, who: Who, scope: str) -> datetime:
        return self.marks.get(("looked", whose(who, scope)), LONG_AGO)


class Alerts(Protocol):
    """What the API needs of alerts: what is known, and how it is kept."""

    inbox: Inbox

    def save(self, saved: Saved) -> None:
        """Keep it for good. Raises ServiceMissing."""
        ...

    def forget(self, id_: str) -> None: ...

    def look(self, who: Who, scope: str, at: datetime) -> None: ...

    def allows(self, saved: Saved) -> None:
        """Raises WrongUse where it may not be delivered as it asks."""
        ...


def whose(who: Who, scope: str) -> str:
    return f"{scope}/{who.agency}/{who.user}"


def raised(value: bytes | None) -> tuple[Alert | None, Document | None]:
    """A message of the alerts' topic: the alert and what it shows; nothing where it is withdrawn."""
    if not value:
        return None, None
    values = orjson.loads(value)
    shows = values.pop("shows", None)
    return Alert(**values), shows


def decided(
    store: Store,
    audit: Audit,
    reader: str,
    alerts: Sequence[Alert],
    by: str,
    time: datetime,
    brought: Mapping[str, Document] | None = None,
) -> list[tuple[Alert, Document]]:
    """Alerts with their documents, each from this reader's own index as it is now; audited before it is told.

    by: how they go out, `page`, `stream`, `webhook` or `mail`. An alert of another reader is never looked at. brought:
    `Alert.place` -> document, of alerts that were just raised and still stand: what this reader's index is being given.
    Expiry is judged by `time` for all.
    """
    own = [one for one in alerts if one.reader == reader]
    documents = {
        _place(one): brought[one.place]
        for one in own
        if brought and one.place in brought and matches(standing_at(time), brought[one.place])
    }
    for scope in sorted({one.scope for one in own}):
        wanted = sorted(
            {(one.doc, one.document) for one in own if one.scope == scope and one.place not in (brought or ())}
        )
        found = store.fetch(scope, reader, wanted)
        documents |= {
            (scope, doc, id_): document
            for (doc, id_), document in zip(wanted, found, strict=True)
            if document is not None and matches(standing_at(time), document)
        }
    told = [(one, documents[one.scope, one.doc, one.document]) for one in own if _place(one) in documents]
    audit(alerted(reader, by, ((one.saved, document) for one, document in told), time))
    return told


def listing(told: Iterable[tuple[Alert, dict[str, Any]]], looked: datetime) -> list[dict[str, Any]]:
    """Alerts as they are answered."""
    return [entry(alert, document, looked) for alert, document in told]


def entry(alert: Alert, document: dict[str, Any], looked: datetime = LONG_AGO) -> dict[str, Any]:
    new = datetime.fromisoformat(alert.at) > looked
    return {"id": alert.id, "saved": alert.saved, "at": alert.at, "new": new, "document": document}


def _place(alert: Alert) -> tuple[str, str, str]:
    return alert.scope, alert.doc, alert.document
