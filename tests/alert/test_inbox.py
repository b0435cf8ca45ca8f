"""What stands for whom: found by reader and by saved search, the newest first, and no one's noise hides another's."""

from __future__ import annotations

import orjson

from pipeline.alert.alert import Alert, alert_id
from pipeline.release.policy import Policies
from pipeline.search import alerts
from pipeline.search.alerts import Inbox
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


def raise_(made: Inbox, search: str, reader: str, document: str, at: str = "2026-11-01T00:00:00.000000+00:00", scope: str = "live") -> Alert:  # fmt: skip
    one = Alert(alert_id(search, reader, scope, "report", document), search, reader, scope, "report", document, at)
    made.take_alert(one.key, orjson.dumps(vars(one) | {"shows": None}))
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


def test_when_one_last_looked_never_goes_back() -> None:
    made = inbox()
    later, sooner = NOW.replace(hour=5), NOW.replace(hour=4)
    for at in (later, sooner):
        made.take_saved(mark_key("looked", "live/polri/ani"), mark_value(at))
    assert made.looked(ANI, "live") == later
    assert made.looked(BUDI, "live") < NOW
    assert made.looked(ANI, "exercise-badai") < NOW
