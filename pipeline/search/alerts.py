"""Alerts as each person has them: which stand for whom, which are new since that person last looked.

Everything here is found by reader. What an alert tells of is fetched from that reader's own index on the way out, and
decided as a hit is; one that no longer stands there is left out (`decided`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
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
from pipeline.search.summary import label

KEPT = 1_000
"""Alerts of one saved search of one reader, the newest: an older one stands in the topic, and is not listed."""
LISTED = 200
RECENT_SECONDS, MOST_RECENT = 30.0, 2_000
"""For so long, and of so many, what an alert brought is kept: Elasticsearch may not have been given it yet."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Document = dict[str, Any]
Heard = Callable[[str, Alert | None, Document | None], None]
"""Told of each alert that is raised, with the document that it brings, and of each that is withdrawn (None), by its
key."""
MOST_ENDED = 10_000
"""Deleted searches whose last state is remembered, for those alerts that are still to be withdrawn."""


@dataclass(frozen=True)
class Changed:
    """A saved search was changed or deleted. keys: of one reader's alerts of it that stood at that moment."""

    saved: str
    keys: tuple[str, ...]


Event = tuple[str, Alert | None, Document | None]
"""As `Heard` is told it."""


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
        self.recent: dict[str, tuple[float, Document]] = {}
        """`Alert.place` -> when it came, and what it brought; the newest last."""
        self.ended: dict[str, Saved] = {}
        """Deleted searches as they were, the last deleted last."""
        self.heard: list[Heard] = []
        self.changed: list[Callable[[str], None]] = []
        """Told, by its id, of each saved search that is changed or deleted, before any alert that comes after it."""
        self.streams: Counter[str] = Counter()
        """agency/user -> streams that are open."""

    @property
    def groups(self) -> Groups:
        return self.policy()[1]

    def take_saved(self, key: str, value: bytes | None) -> None:
        """A message of the topic of saved searches."""
        with self.lock:
            if (found := saved_of(key, value)) is not None:
                self._change(*found)
            elif (marked := mark_of(key, value)) is not None:
                mark, whose, at = marked
                self.marks[mark, whose] = max(at, self.marks.get((mark, whose), LONG_AGO))

    def _change(self, id_: str, saved: Saved | None) -> None:
        before = self.saved.pop(id_, None)
        if saved is not None:
            self.saved[id_] = saved
        elif before is not None:
            self.ended[id_] = before
            if len(self.ended) > MOST_ENDED:
                del self.ended[next(iter(self.ended))]
        if before != saved:
            for changed in list(self.changed):
                with suppress(RuntimeError):  # its listener's loop has just ended
                    changed(id_)

    def was(self, id_: str) -> Saved | None:
        """A saved search as it is, or as it was when it was deleted, where that is remembered."""
        return self.saved.get(id_) or self.ended.get(id_)

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
            if alert is not None and shows is not None:
                self.recent[alert.place] = (monotonic(), shows)
            while self.recent and self._is_old(next(iter(self.recent))):
                del self.recent[next(iter(self.recent))]
            for heard in list(self.heard):  # in the order in which searches change too
                with suppress(RuntimeError):
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

    def having(self, who: Who, scope: str) -> set[str]:
        """Ids of the saved searches whose alerts a person has in a scope."""
        return {one.id for one in self.searches(who) if self.concerns(one.id, who, scope)}

    def keys(self, saved: str, reader: str) -> tuple[str, ...]:
        """Of the alerts of a saved search that stand for a reader, the oldest first."""
        with self.lock:
            return tuple(self.standing.get((reader, saved), ()))

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

    def brought(self, alerts: Sequence[Alert]) -> dict[str, Document]:
        """What those of these alerts brought that were raised a moment ago, and still stand as they were raised."""
        with self.lock:
            return {
                one.place: self.recent[one.place][1]
                for one in alerts
                if one.place in self.recent and not self._is_old(one.place) and self.stands(one)
            }

    def _is_old(self, place: str) -> bool:
        return len(self.recent) > MOST_RECENT or monotonic() - self.recent[place][0] > RECENT_SECONDS

    def looked(self, who: Who, scope: str) -> datetime:
        return self.marks.get(("looked", whose(who, scope)), LONG_AGO)


def concerning(inbox: Inbox, who: Who, scope: str, had: set[str], heard: Iterable[Event | Changed]) -> list[Event]:
    """What is a person's of all that was heard. had: the searches that the person has had so far, kept up to date; of
    one that ends for the person, each alert is withdrawn."""
    mine: list[Event] = []
    for one in heard:
        saved = one.saved if isinstance(one, Changed) else one[0].split(" ")[1]
        has = inbox.concerns(saved, who, scope)
        if isinstance(one, Changed):
            mine += [(key, None, None) for key in one.keys if saved in had and not has]
            (had.add if has else had.discard)(saved)
        elif has or (one[1] is None and saved in had):
            mine.append(one)
            had.add(saved)
    return mine


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
    return {
        "id": alert.id,
        "saved": alert.saved,
        "at": alert.at,
        "new": new,
        "label": label(document),
        "document": document,
    }


def _place(alert: Alert) -> tuple[str, str, str]:
    return alert.scope, alert.doc, alert.document
