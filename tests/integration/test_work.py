"""Looking up many values, and judging, on a real Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from pipeline.addresses import Addresses
from pipeline.flow import agency_topic
from pipeline.report.model import Report
from pipeline.search.api.answers import Judgements, Lookup
from pipeline.search.lookup import MOST
from pipeline.search.roles import Who
from pipeline.shell.publishing import Publishing
from tests.integration.serving import Served, agencies, report, serving
from tests.search.routes import routes

PHONE = {"scheme": "phone", "value": "0811-1222-333"}
BUDI = {"ref": "p1", "kind": "person", "names": ["Budi Rekaan"], "birth_date": "1980-02-01", "identifiers": [PHONE, {"scheme": "passport", "value": "B1234567"}]}  # fmt: skip
REPORTS = [
    report("bnn", "satu", ["polri"], entities=[BUDI]),
    report("polri", "dua", ["bnn"], entities=[BUDI | {"ref": "x"}]),
    report("bnn", "rahasia", [], entities=[BUDI | {"ref": "r", "identifiers": [{"scheme": "phone", "value": "0811-9999-000"}]}]),
    report("bnn", "kapal", ["polri"], entities=[{"ref": "k", "kind": "vessel", "names": ["KM Contoh"], "identifiers": [{"scheme": "callsign", "value": "B1234567"}]}]),
]  # fmt: skip
ONE, OTHER = f"{REPORTS[0].id}/p1", f"{REPORTS[1].id}/x"
POLICIES = agencies("bnn", "polri", "tni")
PUBLISHED: list[Report] = []


@pytest.fixture(autouse=True)
def nothing_published() -> None:
    PUBLISHED.clear()


@pytest.fixture(scope="module")
def served(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(services, tmp_path_factory.mktemp("work"), ("bnn", "polri", "tni"), publish=PUBLISHED.append) as one:
        one.fill(REPORTS, POLICIES, {})
        yield one


def look_up(served: Served, reader: str, *values: str) -> list[dict[str, Any]]:
    answer = served.ask(reader, "/api/v1/lookup", "POST", json={"values": values})
    assert answer.status_code == 200, answer.text
    Lookup.model_validate(answer.json())
    found: list[dict[str, Any]] = answer.json()["answers"]
    return found


def test_one_answer_for_each_value_in_whatever_form(served: Served) -> None:
    found = look_up(served, "polri", "+62 811 1222 333", "", "b1234567", "  ", "tidak-ada", "b1234567", "0811-9999-000")
    assert [one["value"] for one in found] == ["+62 811 1222 333", "b1234567", "tidak-ada", "0811-9999-000"]
    phone, paper, nothing, hidden = found
    ((budi,), by) = phone["entities"], {"scheme": "phone", "value": "+628111222333"}
    assert (budi["label"], budi["reports"], budi["agencies"], phone["reports"]) == (
        "Budi Rekaan",
        2,
        ["bnn", "polri"],
        2,
    )
    assert by in phone["readings"]
    assert by in budi["by"]
    assert {one["kind"]: {by["scheme"] for by in one["by"]} for one in paper["entities"]} == {"person": {"passport"}, "vessel": {"callsign"}}  # fmt: skip
    assert {"passport", "callsign"} <= {one["scheme"] for one in paper["readings"]}
    assert (nothing["entities"], nothing["reports"]) == (hidden["entities"], hidden["reports"]) == ([], 0)
    assert look_up(served, "bnn", "0811-9999-000")[0]["reports"] == 1


def test_two_hundred_at_once_and_no_more(served: Served) -> None:
    values = [f"+628111222{number:03}" for number in range(MOST)]
    assert len(look_up(served, "bnn", *values, *values)) == MOST
    for wrong in ([*values, "lagi"], ["x" * 1001], [f"v{number}" for number in range(5000)], "teks"):
        answer = served.ask("bnn", "/api/v1/lookup", "POST", json={"values": wrong})
        assert answer.status_code == 422
        assert "error" in answer.json()


def judge(served: Served, agency: str, verdict: str, *things: str, **more: Any) -> Any:
    return served.ask(agency, "/api/v1/judgements", "POST",
                      json={"verdict": verdict, "things": things, "reason": "alasan rekaan", **more})  # fmt: skip


def test_a_judgement_parts_what_was_joined_and_is_taken_back(served: Served) -> None:
    assert served.ask("polri", f"/api/v1/entities/{ONE}").json()["agencies"] == ["bnn", "polri"]
    answer = judge(served, "polri", "not-same", ONE, OTHER, to=["bnn"], tlp="GREEN")
    assert answer.json() == {"report": PUBLISHED[0].id}
    served.fill([*REPORTS, PUBLISHED[0]], POLICIES, {})
    parted = served.ask("bnn", f"/api/v1/entities/{ONE}").json()
    assert (parted["agencies"], parted["judgements"][0]["reason"]) == (["bnn"], "alasan rekaan")
    back = {"thing": [OTHER, ONE]}
    assert served.ask("bnn", "/api/v1/judgements", "DELETE", **back).status_code == 404
    assert served.ask("polri", "/api/v1/judgements", "DELETE", **back).json() == answer.json()
    later = PUBLISHED[1].model_copy(update={"revision": PUBLISHED[1].revision + 1})
    served.fill([*REPORTS, PUBLISHED[0], later], POLICIES, {})
    assert served.ask("polri", f"/api/v1/entities/{ONE}").json()["agencies"] == ["bnn", "polri"]


def listed(served: Served, agency: str, **asked: Any) -> dict[str, Any]:
    answer = served.ask(agency, "/api/v1/judgements", **asked)
    assert answer.status_code == 200, answer.text
    Judgements.model_validate(answer.json())
    found: dict[str, Any] = answer.json()
    return found


def test_an_agency_lists_its_judgements_and_takes_back_also_what_it_sees_no_more(served: Served) -> None:
    judge(served, "polri", "not-same", ONE, OTHER, to=["bnn"], tlp="GREEN")
    own = PUBLISHED[0]
    theirs = own.model_copy(update={"agency": "bnn", "source_id": "judgement-lain"})
    moved = REPORTS[0].model_copy(update={"marking": REPORTS[0].marking.model_copy(update={"release_to": ()})})
    try:
        served.fill([*REPORTS, own, theirs], POLICIES, {})
        both = [{"id": thing, "seen": True} for thing in sorted((ONE, OTHER))]
        told = {"report": own.id, "verdict": "not-same", "kind": "person", "things": both, "reason": "alasan rekaan",
                "author": own.judgement and own.judgement.author, "reported_at": "2026-11-01T00:00:00Z", "tlp": "GREEN", "here": True}  # fmt: skip
        assert listed(served, "polri") == {"total": 1, "judgements": [told]}
        (other,) = listed(served, "bnn")["judgements"]
        assert (other["report"], other["here"]) == (theirs.id, False)  # under a number of its own
        assert listed(served, "tni") == listed(served, "polri", exercise="badai") == {"total": 0, "judgements": []}
        assert listed(served, "polri", skip=1) == {"total": 1, "judgements": []}

        served.fill([moved, *REPORTS[1:], own, theirs], POLICIES, {})  # the first is no longer released to polri
        unseen = [{"id": thing, "seen": thing == OTHER} for thing in sorted((ONE, OTHER))]
        assert listed(served, "polri") == {"total": 1, "judgements": [told | {"things": unseen}]}
        answer = served.ask("polri", "/api/v1/judgements", "DELETE", thing=[ONE, OTHER])
        assert answer.json() == {"report": own.id}
        later = PUBLISHED[1].model_copy(update={"revision": own.revision + 1})
        served.fill([moved, *REPORTS[1:], own, later], POLICIES, {})
        assert listed(served, "polri")["judgements"] == []
        # Whom a judgement is released to is not told which things it is about, unless it sees them too.
        served.fill([moved, *REPORTS[1:], own], POLICIES, {})
        assert "things" not in served.ask("bnn", f"/api/v1/reports/{own.id}").json()["judgement"]
        assert served.ask("polri", f"/api/v1/reports/{own.id}").json()["judgement"]["things"]
    finally:
        served.fill(REPORTS, POLICIES, {})


def test_nobody_judges_what_they_do_not_see(served: Served) -> None:
    """L18: both things are looked up; what is hidden is answered as what is not there."""
    hidden, nothing = f"{REPORTS[2].id}/r", "00000000-0000-0000-0000-000000000000/r"
    answers = [judge(served, "polri", "same", ONE, thing) for thing in (hidden, nothing)]
    answers.append(judge(served, "tni", "same", ONE, OTHER))
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert not PUBLISHED


@pytest.mark.parametrize(
    "said",
    [
        {"things": [ONE, ONE]}, {"things": [ONE]}, {"things": [ONE, f"{REPORTS[3].id}/k"]}, {"tlp": "MERAH"}, {"reason": ""},
        {"to": ["Bukan Id"]}, {"verdict": "maybe"}, {"agency": "bnn"}, {"reason": "x" * 1001},
    ],
)  # fmt: skip
def test_a_judgement_that_cannot_be_is_answered_with_why(served: Served, said: dict[str, Any]) -> None:
    base = {"verdict": "same", "things": [ONE, OTHER], "reason": "alasan"}
    answer = served.ask("polri", "/api/v1/judgements", "POST", json=base | said)
    assert answer.status_code == 422, answer.text
    assert not PUBLISHED


def test_who_may_only_read_cannot_judge(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """L26: what writes needs an action of its own, and roles that only read do not have it."""
    officer = Who("polri", "petugas", frozenset({"release-officer"}))
    monkeypatch.setattr("pipeline.search.doors.Doors.who", lambda *_: officer)
    assert served.ask("polri", "/api/v1/search").status_code == 200
    assert judge(served, "polri", "same", ONE, OTHER).status_code == 403
    assert not PUBLISHED
    writing = {one.path for one in routes(served.http.app) if one.method != "GET" and one.action == "search"}
    assert writing <= {"/api/v1/lookup"}


def test_a_judgement_reaches_the_agencys_topic(services: Addresses) -> None:
    one = report("bnn", "penerbitan", [])
    Publishing()(one)
    consumer = Consumer({"bootstrap.servers": services.need("kafka"), "group.id": "uji", "enable.auto.commit": False})
    topic = agency_topic("bnn")
    partitions = [
        TopicPartition(topic, at, 0) for at in consumer.list_topics(topic, timeout=10).topics[topic].partitions
    ]
    consumer.assign(partitions)
    keys = {message.key() for message in consumer.consume(100, timeout=5)}
    consumer.close()
    assert one.id.encode() in keys
