"""What stands for whom: found by reader and by saved search, the newest first, and no one's noise hides another's."""

from __future__ import annotations

import orjson
import pytest

from pipeline.alert.alert import Alert, alert_id
from pipeline.release.policy import Policies
from pipeline.search import alerts
from pipeline.search.alerts import Changed, Document, Event, Inbox, concerning
from pipeline.search.keeping import mark_key, mark_value, saved_key
from pipeline.search.question import Question
from pipeline.search.roles import Who
from pipeline.search.saved import Saved
from tests.spec.tables import NOW

ANI, BUDI, CITRA = (Who(agency, user, frozenset({"analyst"})) for agency, user in (("polri", "ani"), ("polri", "budi"), ("bin", "citra")))  # fmt: skip


def inbox(*saved: Saved) -> Inbox:
    made = Inbox(lambda: (Policies({}), {}), lambda: NOW)
    for one in saved:
        made.take_saved(saved_key(one.id), one.model_dump_json().encode())
    return made


def saved(id_: str, who: Who, *shared: str, on: bool = True) -> Saved:
    return Saved(id=id_, name=id_, question=Question(q="x"), agency=who.agency, user=who.user, shared_with=shared, alerts=on, created=NOW)  # fmt: skip


def raise_(made: Inbox, search: str, reader: str, document: str, at: str = "2026-11-01T00:00:00.000000+00:00", scope: str = "live", shows: object = None) -> Alert:  # fmt: skip
    one = Alert(alert_id(search, reader, scope, "report", document), search, reader, scope, "report", document, at)
    made.take_alert(one.key, orjson.dumps(vars(one) | {"shows": shows}))
    return one


def listed(made: Inbox, who: Who, scope: str = "live") -> list[str]:
    return [f"{one.saved} {one.document}" for one in made.alerts(who, scope)]


def test_each_has_the_alerts_of_what_they_may_have_and_no_others() -> None:
    made = inbox(saved("private", ANI), saved("ours", ANI, "polri"), saved("theirs", ANI, "bin"), saved("off", ANI, on=False))  # fmt: skip
    for search in ("private", "ours", "theirs", "off", "deleted"):
        for reader in ("polri", "bin"):
            raise_(made, search, reader, "r")
    assert sorted(listed(made, ANI)) == ["ours r", "private r", "theirs r"]
    assert listed(made, BUDI) == ["ours r"]
    assert listed(made, CITRA) == ["theirs r"]
    assert listed(made, ANI, "exercise-badai") == []
    made.take_saved(saved_key("theirs"), None)
    assert listed(made, CITRA) == []


class Listener:
    """One person's stream, as far as what is told goes."""

    def __init__(self, made: Inbox, who: Who) -> None:
        self.made, self.who, self.had = made, who, made.having(who, "live")
        self.queue: list[Event | Changed] = []
        made.heard.append(self.hear)
        made.changed.append(lambda id_: self.queue.append(Changed(id_, made.keys(id_, who.agency))))

    def hear(self, key: str, alert: Alert | None, shows: Document | None) -> None:
        if key.startswith(f"{self.who.agency} "):
            self.queue.append((key, alert, shows))

    def withdrawn(self) -> list[str]:
        """Keys, since the last time."""
        heard, self.queue = self.queue, []
        return [key for key, alert, _ in concerning(self.made, self.who, "live", self.had, heard) if alert is None]


@pytest.mark.parametrize("order", [("search", "alert"), ("alert", "search"), ("search", "look", "alert")])
def test_of_a_search_that_ends_for_a_person_each_alert_is_withdrawn_once(order: tuple[str, ...]) -> None:
    """In each order in which the two topics may be read; and who never had it hears nothing of it."""
    made = inbox(saved("s", ANI, "polri", "bin"), saved("other", BUDI))
    theirs, ours = raise_(made, "s", "bin", "r"), raise_(made, "s", "polri", "r")
    people = [Listener(made, who) for who in (ANI, BUDI, CITRA, Who("bnn", "dewi", frozenset({"analyst"})))]
    told: list[list[str]] = [[] for _ in people]

    def look() -> None:
        for keys, one in zip(told, people, strict=True):
            keys += one.withdrawn()

    for what in order:
        if what == "search":
            made.take_saved(saved_key("s"), saved("s", ANI).model_dump_json().encode())
        elif what == "alert":
            made.take_alert(theirs.key, None)
        else:
            look()
    look()
    assert told == [[], [ours.key], [theirs.key], []]
    made.take_saved(saved_key("s"), None)
    made.take_alert(ours.key, None)
    look()
    assert told == [[ours.key], [ours.key], [theirs.key], []]
    assert made.was("s") == saved("s", ANI)


def test_raised_again_it_is_one_and_newer_and_withdrawn_it_is_gone() -> None:
    made = inbox(saved("s", ANI))
    first = raise_(made, "s", "polri", "a")
    raise_(made, "s", "polri", "b", "2026-11-01T00:00:01.000000+00:00")
    again = raise_(made, "s", "polri", "a", "2026-11-01T00:00:02.000000+00:00")
    assert listed(made, ANI) == ["s a", "s b"]
    assert (made.stands(first), made.stands(again)) == (False, True)
    made.take_alert(again.key, None)
    made.take_alert(again.key, None)
    assert listed(made, ANI) == ["s b"]


def test_a_noisy_search_does_not_push_out_anothers_alerts() -> None:
    made = inbox(saved("noisy", BUDI), saved("quiet", ANI))
    raise_(made, "quiet", "polri", "r")
    for number in range(alerts.KEPT + 20):
        raise_(made, "noisy", "polri", f"r{number}", f"2026-11-02T00:00:00.{number:06}+00:00")
    assert listed(made, ANI) == ["quiet r"]
    assert len(made.standing["polri", "noisy"]) == alerts.KEPT
    assert listed(made, BUDI)[0] == f"noisy r{alerts.KEPT + 19}"
    assert len(listed(made, BUDI)) == alerts.LISTED


def test_what_an_alert_brought_is_kept_for_a_moment_and_as_long_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(alerts, "monotonic", lambda: now[0])
    made = inbox(saved("s", ANI))
    first = raise_(made, "s", "polri", "a", shows={"id": "a", "title": "lama"})
    again = raise_(made, "s", "polri", "a", "2026-11-01T00:00:02.000000+00:00", shows={"id": "a", "title": "baru"})
    other = raise_(made, "s", "polri", "b", shows={"id": "b"})
    assert made.brought([first, again, other]) == {again.place: {"id": "a", "title": "baru"}, other.place: {"id": "b"}}
    made.take_alert(other.key, None)
    assert made.brought([again, other]) == {again.place: {"id": "a", "title": "baru"}}
    now[0] = alerts.RECENT_SECONDS + 1
    assert made.brought([again]) == {}
    raise_(made, "s", "polri", "c", shows={"id": "c"})
    assert len(made.recent) == 1


def test_when_one_last_looked_never_goes_back() -> None:
    made = inbox()
    later, sooner = NOW.replace(hour=5), NOW.replace(hour=4)
    for at in (later, sooner):
        made.take_saved(mark_key("looked", "live/polri/ani"), mark_value(at))
    assert made.looked(ANI, "live") == later
    assert made.looked(BUDI, "live") < NOW
    assert made.looked(ANI, "exercise-badai") < NOW
