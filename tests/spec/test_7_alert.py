"""Alert: saved searches stand; a reader's own document raises the alerts of that reader's searches, and withdraws them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.alert.alert import Change, Kept, alert_id, reconsider, without
from pipeline.alert.standing import Standing, read
from pipeline.errors import WrongUse
from pipeline.release.policy import Group, Membership
from pipeline.search.question import Question
from pipeline.search.roles import Who
from pipeline.search.saved import Saved, told, visible
from tests.spec.tables import NOW

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
GROUPS = {"tf": Group("tf", "Tim", "bnn", (Membership("polri"), Membership("bin", end=DECEMBER), Membership("tni")))}


def saved(id_: str = "s", q: str = "peti", agency: str = "polri", *shared: str, **more: Any) -> Saved:
    values = {"name": "Cari", "user": "ani", "alerts": True, "created": NOW, **more}
    return Saved(id=id_, question=Question(q=q), agency=agency, shared_with=shared, **values)


def change(
    version: int = 1, reader: str = "polri", said: str | None = "dua peti", scope: str = "live", **more: Any
) -> Change:
    document = None if said is None else {"doc": "report", "id": "r", "title": said, **more}
    return Change(scope, reader, "report", "r", version, document)


def outcome(
    standing: Standing, *changes: Change, kept: Kept | None = None, time: datetime = NOW
) -> tuple[Kept | None, list[str], list[str]]:
    """What is kept, the searches with an alert raised, and those with one withdrawn."""
    done = reconsider(kept, list(changes), standing, time)
    if done is None:
        return kept, [], []
    return done[0], [one.saved for one in done[1].raised], [key.split(" ")[1] for key in done[1].withdrawn]


def test_what_matches_raises_an_alert_and_what_matches_no_more_withdraws_it() -> None:
    standing = Standing({}, [saved("a"), saved("b", "kapal"), saved("c", "NOT kapal"), saved("d", alerts=False)])
    kept, raised, withdrawn = outcome(standing, change(1))
    assert (raised, withdrawn) == (["a", "c"], [])
    kept, raised, withdrawn = outcome(standing, change(2, said="kapal dan peti"), kept=kept)
    assert (raised, withdrawn) == (["a", "b"], ["c"])
    kept, raised, withdrawn = outcome(standing, change(3, said=None), kept=kept)
    assert (raised, withdrawn) == ([], ["a", "b"])


def test_a_repeat_and_an_older_version_change_nothing() -> None:
    standing = Standing({}, [saved()])
    kept, raised, _ = outcome(standing, change(2))
    assert raised == ["s"]
    assert outcome(standing, change(2), kept=kept) == (kept, [], [])
    assert outcome(standing, change(1, said=None), kept=kept) == (kept, [], [])


def test_only_a_readers_own_document_raises_its_alerts() -> None:
    standing = Standing({}, [saved("polris"), saved("bins", agency="bin")])
    done = reconsider(None, [change(reader="polri"), change(reader="bin", said="kapal"), change(reader="bnn")], standing, NOW)  # fmt: skip
    assert done is not None
    assert [(one.saved, one.reader) for one in done[1].raised] == [("polris", "polri")]


def test_a_shared_search_runs_for_each_agency_on_its_own_documents() -> None:
    standing = Standing({}, [saved("s", "peti", "polri", "bin")])
    done = reconsider(None, [change(reader=reader) for reader in ("polri", "bin", "bnn")], standing, NOW)
    assert done is not None
    ids = {one.reader: one.id for one in done[1].raised}
    assert ids == {reader: alert_id("s", reader, "live", "report", "r") for reader in ("polri", "bin")}
    assert len(set(ids.values())) == 2


def test_sharing_with_a_task_force_follows_its_members_and_the_owners_membership() -> None:
    standing = Standing(GROUPS, [saved("s", "peti", "polri", "tf"), saved("outside", "peti", "bnn", "tf")])
    for time, readers in ((NOW, ["polri", "bin", "tni"]), (DECEMBER, ["polri", "tni"])):
        done = reconsider(None, [change(reader=reader) for reader in ("polri", "bin", "tni")], standing, time)
        assert done is not None
        assert [(one.saved, one.reader) for one in done[1].raised] == [("s", reader) for reader in readers]


def test_an_exercise_has_its_own() -> None:
    standing = Standing({}, [saved("live"), Saved.model_validate(saved("drill").model_dump() | {"question": Question(q="peti", exercise="badai")})])  # fmt: skip
    assert outcome(standing, change())[1] == ["live"]
    assert outcome(standing, change(scope="exercise-badai"))[1] == ["drill"]
    assert outcome(standing, change(scope="exercise-lain"))[1] == []


def test_relative_dates_count_from_a_documents_arrival() -> None:
    standing = Standing({}, [saved(q='reported:"last 7 days"')])
    recent = {"reported_at": "2026-10-30T00:00:00Z"}
    assert outcome(standing, change(**recent))[1] == ["s"]
    assert outcome(standing, change(**recent), time=DECEMBER)[1] == []


def test_a_search_that_ended_withdraws_its_alerts() -> None:
    kept = Kept(3, {"polri": ["a", "b"], "bin": ["a"]})
    left, keys = without(kept, ("live", "report", "r"), {"polri": {"a"}})
    assert left == Kept(3, {"polri": ["b"], "bin": ["a"]})
    assert [key.split(" ")[:2] for key in keys] == [["polri", "a"]]


def test_a_document_meets_only_the_queries_that_it_may_match() -> None:
    """Of two hundred standing queries, this one is tried on none but those that ask for one of its words."""
    standing = Standing({}, [saved(f"s{at}", f"kata{at}") for at in range(200)])
    tried: list[str] = []
    for queries in standing.queries.values():
        for id_, query in queries.queries.items():
            query.holds = lambda *_, id_=id_: bool(tried.append(id_))  # type: ignore[method-assign]
    outcome(standing, change(said="kata7 dan kata9"))
    assert sorted(tried) == ["s7", "s9"]


def test_of_sharing_only_the_owner_is_told_the_whole() -> None:
    one = saved("s", "peti", "polri", "bnn", "tf")
    ani, budi, citra, dewi = (Who(agency, user, frozenset({"analyst"})) for agency, user in (("polri", "ani"), ("polri", "budi"), ("bin", "citra"), ("bnn", "dewi")))  # fmt: skip
    assert told(one, ani, GROUPS, NOW)["shared_with"] == ["bnn", "tf"]
    assert told(one, citra, GROUPS, NOW)["shared_with"] == ["tf"]
    assert told(one, citra, GROUPS, NOW)["owner"] == {"agency": "polri", "user": None}
    assert told(one, dewi, GROUPS, NOW)["shared_with"] == ["bnn"]
    assert [visible(one, who, GROUPS, NOW) for who in (ani, budi, citra, dewi)] == [True, True, True, True]
    assert [visible(one, who, GROUPS, DECEMBER) for who in (ani, citra)] == [True, False]
    private = saved("s", "peti", "polri")
    assert [visible(private, who, GROUPS, NOW) for who in (ani, budi, citra)] == [True, False, False]


def test_a_mistake_in_a_question_is_found_before_it_stands() -> None:
    with pytest.raises(WrongUse, match="no field is called narative"):
        read(Question(q="narative:x"), NOW)


def test_a_search_that_is_changed_or_taken_away_leaves_nothing_behind() -> None:
    standing = Standing(GROUPS, [saved("a", "kapal cepat", "polri", "tf"), saved("b", '"dua peti" OR kap*')])
    standing.put(saved("a", "kapal cepat", "polri"))
    assert not standing.wanted("live", "tni")
    standing.take_groups({})
    standing.remove("a")
    assert outcome(standing, change(said="kapal cepat"))[1] == ["b"]
    (left,) = standing.queries.values()
    assert set(left.asked) == {term for one in left.queries["b"].required for term in one}
    standing.remove("b")
    standing.remove("b")
    assert (standing.saved, standing.queries) == ({}, {})
