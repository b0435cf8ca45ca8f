"""A chain is whole, or the first event that is not as it was is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audit.chain import Chain, Verified, verify
from pipeline.audit.events import access, outcome, released, searched, shown_to
from pipeline.cli.main import run
from pipeline.release.decide import decide
from pipeline.search.roles import Who
from tests.spec.tables import NOW, POLICIES, report

bodies = st.lists(
    st.dictionaries(st.sampled_from(("kind", "report", "at")), st.text(max_size=5)), min_size=1, max_size=8
)


def written(*chains: list[dict[str, Any]]) -> list[bytes]:
    """Chains of these bodies, taking turns, as one partition would hold them."""
    bound = [[orjson.dumps(chain.bind(body)) for body in of] for of in chains for chain in [Chain("w")]]
    return [one[at] for at in range(max(map(len, bound))) for one in bound if at < len(one)]


def check(events: list[bytes], known: dict[str, tuple[int, str]] | None = None) -> Verified:
    return verify(((str(at), raw) for at, raw in enumerate(events)), known)


@given(bodies, bodies)
def test_chains_that_nobody_touched_are_whole(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    found = check(written(one, other))
    assert (found.faults, found.events, len(found.heads)) == ([], len(one) + len(other), 2)


@given(bodies, st.data())
def test_an_event_the_broker_took_twice_is_no_fault(body: list[dict[str, Any]], data: st.DataObject) -> None:
    events = written(body)
    at = data.draw(st.integers(0, len(events) - 1))
    assert check([*events[: at + 1], events[at], *events[at + 1 :]]).faults == []


@given(bodies, bodies, st.data())
def test_whatever_is_done_to_an_event_is_found(
    one: list[dict[str, Any]], other: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Changed, taken out, put elsewhere, put in, or bound anew without those behind it."""
    events = written(one, other)
    heads = check(events).heads
    at = data.draw(st.integers(0, len(events) - 1))
    kind = data.draw(st.sampled_from(("change", "remove", "move", "insert", "rebind", "cut")))
    touched = list(events)
    if kind == "change":
        event = orjson.loads(touched[at])
        touched[at] = orjson.dumps(event | {"kind": event.get("kind", "") + "x"})
    elif kind == "remove":
        del touched[at]
    elif kind == "move":
        chain = orjson.loads(touched[at])["chain"]
        behind = [to for to in range(at + 1, len(touched)) if orjson.loads(touched[to])["chain"] == chain]
        if not behind:
            return
        touched.insert(data.draw(st.sampled_from(behind)), touched.pop(at))
    elif kind == "insert":
        forged = orjson.loads(touched[at]) | {"kind": "forged"}
        touched.insert(at, orjson.dumps(forged))
    elif kind == "rebind":
        event = orjson.loads(touched[at])
        chain = Chain("w")
        chain.id, chain.sequence, chain.head = event["chain"], event["sequence"], event["previous"]
        body = {name: value for name, value in event.items() if name not in ("chain", "sequence", "previous", "hash")}
        touched[at] = orjson.dumps(chain.bind(body | {"kind": "forged"}))
        if touched[at] == events[at]:
            return
    else:
        touched = touched[:at]
    assert check(touched, heads).faults


def test_the_first_fault_says_where_and_what() -> None:
    events = written([{"kind": "a"}, {"kind": "b"}, {"kind": "c"}])
    (fault,) = check([events[0], events[2]]).faults
    assert fault.where == "1"
    assert "event 1 is missing before 2" in fault.says
    assert check([b"no json"]).faults[0].says == "is no event"


def test_an_event_names_readers_and_rules_and_nothing_that_a_report_says() -> None:
    secret = report(title="Rahasia besar", narrative="isi yang tersembunyi", marking={"release_to": ["polri"], "fields": [{"path": "narrative", "release_to": []}]})  # fmt: skip
    decisions = [(reader, decide(secret, reader, POLICIES, {}, NOW)) for reader in POLICIES.agencies]
    body = released(secret, decisions, "v1", NOW)
    assert body["readers"]["polri"] == {"released": True, "rules": ["marking.release_to", "narrative"], "without": ["narrative"]}  # fmt: skip
    assert body["readers"]["bin"]["released"] is False
    assert "Rahasia" not in str(body)
    assert "tersembunyi" not in str(body)
    again = released(secret, decisions, "v2", NOW.replace(year=2027))
    assert outcome(again) == outcome(body)


def test_only_the_originator_learns_who_was_shown_its_report_and_not_what_was_asked() -> None:
    own = report("bnn", marking={"release_to": ["polri"]})
    events = [
        released(own, [(reader, decide(own, reader, POLICIES, {}, NOW)) for reader in POLICIES.agencies], "v1", NOW),
        searched("polri", {"q": "pertanyaan"}, [{"doc": "report", "id": own.id}], NOW),
        searched("polri", {}, [{"doc": "entity", "id": "x", "reports": [own.id, "other"]}], NOW),
        searched("bin", {"q": "lain"}, [], NOW),
    ]
    told = shown_to(events, own.id, "bnn")
    assert told is not None
    assert [(one["reader"], one["kind"]) for one in told] == [
        ("bin", "release"), ("polri", "release"), ("polri", "shown"), ("polri", "shown"),
    ]  # fmt: skip
    assert "pertanyaan" not in str(told)
    assert shown_to(events, own.id, "polri") is None
    assert shown_to(events, "none", "bnn") is None


SRI = Who("bnn", "sri", frozenset({"analyst", "administrator"}))


def test_who_entered_or_left_or_gave_tokens_is_told_by_name_and_who_was_refused_is_not() -> None:
    assert access("entered", SRI, NOW) == {
        "kind": "access", "at": access("left", SRI, NOW)["at"], "what": "entered", "reader": "bnn", "user": "sri",
        "roles": ["administrator", "analyst"],
    }  # fmt: skip
    assert access("issued", SRI, NOW, "0a1b")["token"] == "0a1b"
    assert set(access("refused", None, NOW)) == {"kind", "at", "what"}


def test_the_command_reads_a_chain_in_which_people_come_and_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    own = report("bnn", marking={"release_to": ["polri"]})
    decisions = [(reader, decide(own, reader, POLICIES, {}, NOW)) for reader in POLICIES.agencies]
    file = tmp_path / "audit.ndjson"
    events = written(
        [access("refused", None, NOW), released(own, decisions, "v1", NOW), access("entered", SRI, NOW)],
        [access("issued", SRI, NOW, own.id), searched("polri", {"q": "x"}, [{"doc": "report", "id": own.id}], NOW)],
    )
    file.write_bytes(b"\n".join(events) + b"\n")
    assert run(["audit", "verify", "--file", str(file)]) == 0
    assert "5 events in 2 chains: whole" in capsys.readouterr().out
    assert run(["audit", "shown", own.id, "--as", "bnn", "--file", str(file), "--json"]) == 0
    told = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["reader"], one["kind"]) for one in told] == [
        ("bin", "release"),
        ("polri", "release"),
        ("polri", "shown"),
    ]
    assert "sri" not in str(told), "who came and went is no answer to who was shown a report"

    entered = next(one for one in events if b"entered" in one)
    file.write_bytes(b"\n".join(one.replace(b"sri", b"ani") if one == entered else one for one in events) + b"\n")
    assert run(["audit", "verify", "--file", str(file)]) == 1


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"chain": 1}', b"\xff"])
def test_what_is_no_event_is_told(raw: bytes) -> None:
    assert check([raw]).faults
