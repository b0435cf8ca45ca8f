"""How other systems leaked, each row of `leaks.md` as a test of what holds here. What does not exist yet is an expected
failure that names the reason, and turns red once it exists."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.addresses import Addresses
from pipeline.alert.alert import Alert
from pipeline.audit.events import shown_to
from pipeline.errors import WrongUse
from pipeline.flow import FLOW
from pipeline.release.decide import decide
from pipeline.release.load import load_policy
from pipeline.release.policy import Agency, Group, Membership, Policies
from pipeline.report.model import Report
from pipeline.search.administer import NotThere, issue, revoke
from pipeline.search.alerts import decided
from pipeline.search.exports import Exports
from pipeline.search.judging import NotSeen, kind_of
from pipeline.search.question import Question
from pipeline.search.roles import ROLES, Who
from pipeline.search.saved import Saved
from pipeline.search.tokens import Tokens
from pipeline.shell.rehearsal import Rehearsal
from pipeline.shell.store import ElasticStore
from tests.integration.test_search import AUDITED, REPORTS, Found, ask, found  # noqa: F401  a fixture
from tests.search.routes import routes
from tests.spec.tables import NOW, POLICIES, entities, person, reference, report, shown

ROOT = Path(__file__).parents[2]
PASSPORT = {"scheme": "passport", "value": "B1234567"}
ONLY_BIN: dict[str, Any] = {"marking": {"release_to": ["bin"]}}
GROUPS = {"tf": Group("tf", "Tim", "bnn", (Membership("polri"), Membership("bin")))}


def told(documents: Any) -> str:
    return json.dumps(documents)


def streamed(*reports: Report) -> Rehearsal:
    rehearsal = Rehearsal(POLICIES, {}, NOW, reference(), random=Random(1), partitions=3)
    for one in reports:
        rehearsal.publish(one)
        rehearsal.run()
    return rehearsal


def alerting(reader: str, q: str) -> Rehearsal:
    """The stages with one standing query."""
    rehearsal = Rehearsal(POLICIES, {}, NOW, reference(), random=Random(1), partitions=3)
    rehearsal.save(
        Saved(id="s", name="Cari", question=Question(q=q), agency=reader, user="ani", alerts=True, created=NOW)
    )
    return rehearsal


def alerts_of(rehearsal: Rehearsal, reader: str) -> list[Alert]:
    values = [{name: value for name, value in one.items() if name != "shows"} for one in rehearsal.alerts(reader)]
    return [Alert(**one) for one in values]


class Indexes:
    """The rehearsal's indexes, as search reads them."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal

    def search(self, scope: str, reader: str, docs: tuple[str, ...], body: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("an alert's document is fetched by its id")

    def fetch(self, scope: str, reader: str, wanted: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        there = (self.rehearsal.indexes[scope, reader, doc].get(id_) for doc, id_ in wanted)
        return [one[1] if one else None for one in there]


def test_every_row_has_its_test() -> None:
    rows = sorted(int(name[6:8]) for name in globals() if re.match(r"test_l\d\d_", name))
    assert rows == list(range(1, 27))


def test_l01_a_relation_is_shown_only_with_both_its_ends() -> None:
    secret = report(
        entities=[person("a", "Satu Rekaan"), person("b", "Dua Rekaan", role="informant")],
        links=[{"from": "a", "to": "b", "kind": "knows"}],
        marking={"fields": [{"path": "entities[b]", "release_to": ["bin"]}]},
    )
    assert "knows" in told(shown([secret], "bin"))
    seen = told(shown([secret], "polri"))
    assert "Satu Rekaan" in seen
    assert not any(word in seen for word in ("knows", "Dua", "links"))


def test_l02_what_is_told_of_a_merge_names_nothing_hidden() -> None:
    """The history of an entity is its merges and judgements: made of views."""
    one, hidden = report("bnn", entities=[person(identifiers=[PASSPORT])]), report("bin", entities=[person(name="Nama Lain", identifiers=[PASSPORT])], **ONLY_BIN)  # fmt: skip
    assert "Nama Lain" in told(shown([one, hidden], "bin"))
    seen = told(shown([one, hidden], "polri"))
    assert hidden.id not in seen
    assert "joined" not in json.loads(seen)[0] or not json.loads(seen)[0]["joined"]


def test_l03_every_count_is_over_the_readers_own_documents(found: Found) -> None:  # noqa: F811
    assert ask(found, "tni").json()["facets"]["agency"] == [{"value": "bnn", "count": 1}]
    assert ask(found, "tni").json()["total"] == 1


def test_l04_what_derives_from_a_removed_field_goes_with_it() -> None:
    secret = report(
        narrative="Telepon 08111222333 atas nama Zulkarnain di Belawan",
        entities=[person(identifiers=[{"scheme": "phone", "value": "08111222333"}])],
        places=[{"name": "Belawan", "country": "ID"}],
        marking={
            "fields": [{"path": path, "release_to": []} for path in ("narrative", "places", "entities.identifiers")]
        },
    )
    seen = told(shown([secret], "polri")).lower()
    assert not any(word in seen for word in ("8111222333", "zulkarnain", "belawan", "3.78"))
    assert "8111222333" in told(shown([secret], "bnn"))


def test_l05_a_live_page_is_made_of_views() -> None:
    """What an alert brings along is the reader's own document: of what was taken out of the view, nothing is in it."""
    one = report(
        narrative="rahasia", entities=[person(name="Budi Santoso", role="informant"), person("p2", "Siti Rahma")],
        marking={"fields": [{"path": "narrative", "release_to": []}, {"path": "entities[role=informant]", "release_to": []}]},
    )  # fmt: skip
    for reader, searched, alerts in (
        ("bnn", "rahasia", 1),
        ("polri", "rahasia", 0),
        ("polri", "budi", 0),
        ("polri", "siti", 2),
    ):
        rehearsal = alerting(reader, searched)
        rehearsal.publish(one)
        rehearsal.run()
        raised = rehearsal.alerts(reader)
        assert len(raised) == alerts, (reader, searched)
        if reader == "polri":
            assert not any(word in told(raised) for word in ("rahasia", "Budi"))


def test_l06_an_alert_is_decided_as_a_hit_is() -> None:
    """Whoever is told of an alert could open its document at that moment: what has expired, is gone, or is another's is
    not told of."""
    hidden = report(source_id="2", marking={"release_to": ["bin"]})
    ends = "2026-11-02T00:00:00Z"
    rehearsal = alerting("polri", "laporan")
    for one in (report(), hidden, report(source_id="3", marking={"expires_at": ends})):
        rehearsal.publish(one)
    rehearsal.run()
    assert not [one for one in rehearsal.alerts("polri") if one["document"] == hidden.id]
    audit: list[dict[str, Any]] = []
    alerts = alerts_of(rehearsal, "polri")
    assert len(decided(Indexes(rehearsal), audit.append, "polri", alerts, "page", NOW)) == 2
    assert audit[-1]["shown"] == sorted([report().id, report(source_id="3").id])
    later = datetime.fromisoformat(ends)
    left = decided(Indexes(rehearsal), audit.append, "polri", alerts, "page", later)
    assert [document["id"] for _, document in left] == [report().id]
    brought = {one.place: document for one, document in decided(Indexes(rehearsal), audit.append, "polri", alerts, "page", NOW)}  # fmt: skip
    assert len(decided(Indexes(rehearsal), audit.append, "polri", alerts, "stream", later, brought)) == 1
    assert decided(Indexes(rehearsal), audit.append, "bin", alerts, "page", NOW) == []
    rehearsal.indexes.clear()
    assert decided(Indexes(rehearsal), audit.append, "polri", alerts, "page", NOW) == []


def test_l07_an_export_is_listed_to_whoever_made_it(found: Found) -> None:  # noqa: F811
    """To nobody else of any agency; and the list holds nothing of what was exported."""
    for reader in ("bnn", "polri", "tni"):
        assert ask(found, reader, "/api/v1/export", q=f"hanya OR {reader}").status_code == 200
    for reader in ("bnn", "polri", "tni"):
        listed = ask(found, reader, "/api/v1/exports").json()["exports"]
        assert listed[0]["question"] == {"q": f"hanya OR {reader}"}
        assert not [one for one in listed if "hanya OR" in one["question"].get("q", "") and reader not in told(one)]
        assert "Laporan" not in told(listed)
    exports = Exports()
    exports.add("bnn", "siti", {"at": "2026-11-01T00:00:00Z"})
    assert (exports.of("bnn", "siti"), exports.of("bnn", "budi"), exports.of("polri", "siti")) == ([{"at": "2026-11-01T00:00:00Z"}], [], [])  # fmt: skip


def test_l08_each_revision_is_decided_whole() -> None:
    first = report(narrative="lama", marking={"release_to": ["polri"]})
    added = report(revision=2, narrative="tambahan", marking={"release_to": ["bin"]})
    assert shown([first, added], "polri") == []
    assert "tambahan" in told(shown([first, added], "bin"))


def test_l09_a_merge_has_the_join_of_all_markings_and_each_value_its_own_reports() -> None:
    one = report("bnn", entities=[person(identifiers=[PASSPORT])])
    two = report("bin", entities=[person(name="B Santoso", identifiers=[PASSPORT])], marking={"tlp": "RED", "release_to": ["polri"], "caveats": ["ORCON"]})  # fmt: skip
    (entity,) = entities([one, two])
    assert entity["marking"] == {"tlp": "RED", "caveats": ["ORCON"]}
    assert {tuple(value["reports"]) for value in entity["values"] if value["field"] == "name"} == {(one.id,), (two.id,)}
    open_, strict = ({"iep_version": "2.0", "attribution": said, "permitted_actions": "externally-visible-direct-actions"} for said in ("may", "must-not"))  # fmt: skip
    one = report("bnn", entities=[person(identifiers=[PASSPORT])], marking={"iep": open_})
    two = report("bin", entities=[person(identifiers=[PASSPORT])], marking={"iep": strict | {"tlp": "amber"}, "release_to": ["polri"]})  # fmt: skip
    silent = report("bnn", "2", entities=[person(identifiers=[PASSPORT])])
    (entity,) = entities([one, two])
    assert entity["marking"] == {"tlp": "AMBER", "iep": strict}
    (entity,) = entities([one, two, silent])
    assert entity["marking"]["iep"]["permitted_actions"] == "contact-for-instruction", "one of them did not permit it"


def test_l10_there_is_one_decision_and_every_way_out_goes_by_it() -> None:
    """Only the stage that makes views, and what explains them, ask for a decision; search has nothing else to show.
    The benches ask it too, of invented reports that nobody is shown."""
    asking = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "pipeline").rglob("*.py")
        if path.parent.name != "bench"
        and re.search(r"release\.decide import .*\bdecide\b", path.read_text(encoding="utf-8"))
    }
    assert asking == {"pipeline/release/view.py", "pipeline/release/explain.py"}


def test_l11_search_reads_the_readers_indexes_and_no_other(found: Found) -> None:  # noqa: F811
    alone = ask(found, "tni").content
    headers = {"authorization": f"Bearer {found[1]['tni']}"}
    for name in ("reader", "as", "index", "scope"):
        assert found[0].get("/api/v1/search", params={name: "bnn"}, headers=headers).content == alone
    assert ask(found, "tni", q="orlov").json()["total"] == 0


def test_l12_audit_is_told_to_the_originator_and_to_nobody_else() -> None:
    """Who was shown a report is its originator's to know; to all others it is as if the report were not there."""
    own = report("bnn", marking={"release_to": ["polri"]})
    told_of = streamed(own).audit
    readers = [one["reader"] for one in shown_to(told_of, own.id, "bnn") or ()]
    assert readers == ["bin", "polri"]
    assert [shown_to(told_of, own.id, reader) for reader in ("polri", "bin", "elsewhere")] == [None, None, None]


def test_l13_a_groups_id_is_never_reused_and_a_removed_one_stays_known(tmp_path: Path) -> None:
    (tmp_path / "agencies.yaml").write_text("agencies:\n  - {id: bnn, name: B}\n")
    (tmp_path / "groups.yaml").write_text(
        "groups:\n  - {id: tf, name: Lama, owner: bnn, retired: true}\n  - {id: tf, name: Baru, owner: bnn}\n"
    )
    with pytest.raises(WrongUse, match=r"groups.yaml:3: the id tf is a group already"):
        load_policy(tmp_path)
    retired = {"tf": replace(GROUPS["tf"], retired=True)}
    decision = decide(report(marking={"release_to": ["tf"]}), "polri", POLICIES, retired, NOW)
    assert (decision.released, decision.reasons[0].effect) == (False, "deny")


def test_l14_everyone_means_the_agencies_of_this_policy_folder() -> None:
    everyones = report(marking={"release_to": ["*"]})
    assert decide(everyones, "polri", POLICIES, {}, NOW).released
    assert not decide(everyones, "elsewhere", POLICIES, {}, NOW).released


def test_l15_names_of_agencies_are_those_of_views() -> None:
    one, hidden = report("bnn", entities=[person(identifiers=[PASSPORT])]), report("bin", entities=[person(identifiers=[PASSPORT])], **ONLY_BIN)  # fmt: skip
    (entity,) = entities([one, hidden])
    assert entity["agencies"] == ["bnn"]
    assert '"bin"' not in told(shown([one, hidden], "polri"))


def test_l16_who_is_in_a_group_and_who_else_got_a_report_is_not_told() -> None:
    one = report("bnn", marking={"tlp": "AMBER", "release_to": ["tf"], "not_release_to": ["polri"]})
    seen = told(shown([one], "bin", GROUPS))
    assert one.id in seen
    assert not any(word in seen for word in ("polri", '"tf"', "release_to"))


def test_l17_no_route_tells_of_what_is_hidden(found: Found) -> None:  # noqa: F811
    hidden = REPORTS[3].id
    nothing = ask(found, "tni", "/api/v1/reports/00000000-0000-0000-0000-000000000000")
    paths = {route.path for route in routes(found[0].app) if "{" in route.path and route.action == "search"}
    assert paths
    for path in paths:
        refused = ask(found, "tni", re.sub(r"\{.*?\}", hidden, path))
        assert (refused.status_code, refused.content) == (404, nothing.content), path


def test_l18_what_is_judged_is_what_is_looked_at(found: Found, services: Addresses) -> None:  # noqa: F811
    """The things that a judgement names are themselves looked up as the agency that judges sees them."""
    seen, hidden = f"{REPORTS[0].id}/p1", REPORTS[3].id
    store = ElasticStore(services.need("elasticsearch"))
    assert kind_of(store, AUDITED.append, "polri", seen, None, NOW) == "person"
    for agency, thing in (("polri", hidden), ("polri", f"{hidden}/p1"), ("tni", seen)):
        with pytest.raises(NotSeen):
            kind_of(store, AUDITED.append, agency, thing, None, NOW)


LESSER = Who("bnn", "sri", frozenset({"administrator"}))


def test_l19_no_role_resets_the_key_of_a_greater_one(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.yaml")
    greater, secret = tokens.issue("bnn", "budi", ["administrator", "release-officer"])
    elsewhere, _ = tokens.issue("polri", "agus", ["administrator"])
    with pytest.raises(WrongUse, match="you do not hold release-officer"):
        revoke(tokens, LESSER, greater.id)
    with pytest.raises(NotThere) as of_others:
        revoke(tokens, LESSER, elsewhere.id)
    with pytest.raises(NotThere) as of_nobody:
        revoke(tokens, LESSER, "none")
    assert str(of_others.value) == str(of_nobody.value)
    assert tokens.find(secret) == greater
    assert len(tokens.all()) == 2


def test_l20_no_role_grants_more_than_it_holds(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.yaml")
    for role in sorted(set(ROLES) - LESSER.roles):
        with pytest.raises(WrongUse, match=f"you do not hold {role}"):
            issue(tokens, LESSER, "sri", ["administrator", role], None)
    made, _ = issue(tokens, LESSER, "wayan", ["administrator"], 1)
    assert (made.agency, made.roles) == ("bnn", ("administrator",))
    assert tokens.all() == (made,)


def test_l21_an_id_is_looked_up_with_its_type_and_reader(found: Found) -> None:  # noqa: F811
    mention = f"{REPORTS[0].id}/p1"
    assert ask(found, "polri", f"/api/v1/entities/{mention}").status_code == 200
    assert ask(found, "polri", f"/api/v1/entities/{REPORTS[0].id}").status_code == 404
    assert ask(found, "tni", f"/api/v1/entities/{mention}").status_code == 404


def test_l22_a_retraction_reaches_every_index_and_no_replay_brings_it_back() -> None:
    one, gone = report(entities=[person()]), report(revision=2, op="retract")
    rehearsal = alerting("polri", "laporan")
    rehearsal.publish(one)
    rehearsal.run()
    assert rehearsal.documents("polri")
    assert rehearsal.alerts("polri")
    for late in (gone, one, one):
        rehearsal.publish(late)
        rehearsal.run()
    assert [rehearsal.documents(reader) for reader in POLICIES.agencies] == [[], [], []]
    assert rehearsal.alerts("polri") == []


def test_l23_the_newest_marking_replaces_the_one_before() -> None:
    loose, tight = report(marking={"caveats": ["LAMA"]}), report(revision=2, marking={"tlp": "RED", "release_to": ["polri"]})  # fmt: skip
    rehearsal = streamed(loose, tight)
    assert [one["marking"] for one in rehearsal.documents("polri")] == [{"tlp": "RED"}]
    assert rehearsal.documents("bin") == []


def test_l24_a_facet_counts_only_what_the_reader_may_read(found: Found) -> None:  # noqa: F811
    """By any filter and any words: what a facet counts is never more than what the reader finds."""
    for reader in ("bnn", "polri", "tni"):
        for q in ("", "peti", "orlov OR crates"):
            answer = ask(found, reader, q=q, size=50).json()
            kinds = [hit["document"]["kind"] for hit in answer["hits"]]
            counted = {one["value"]: one["count"] for one in answer["facets"]["kind"]}
            assert counted == {kind: kinds.count(kind) for kind in kinds}


def test_l25_what_agencies_install_knows_of_no_internal_topic() -> None:
    """A connector names its own agency's topic and the one for refusals; no command gives a reader an internal one."""
    internal = {stage.topic for stage in FLOW[1:]} | {f"{stage.name.upper()}.topic" for stage in FLOW}
    for path in (ROOT / "connectors").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        assert not [name for name in internal if name in code], path


def test_l26_reading_needs_no_right_to_write(found: Found) -> None:  # noqa: F811
    """Every route that searches reads and nothing else; many values at once are a body too long for an address."""
    searching = [route for route in routes(found[0].app) if route.action == "search"]
    assert {route.method for route in searching if route.path != "/api/v1/lookup"} == {"GET"}
    assert found[0].post("/api/v1/search", headers={"authorization": f"Bearer {found[1]['bnn']}"}).status_code == 405


def test_nobody_outside_sees_anything_whatever_the_group() -> None:
    """What L14 says of everyone holds of groups too: a member must be an agency of this folder."""
    alone = Policies({"bnn": Agency("bnn", "B")})
    outsiders = {"tf": Group("tf", "Tim", "bnn", (Membership("elsewhere"),))}
    assert not decide(report(marking={"release_to": ["tf"]}), "elsewhere", alone, outsiders, NOW).released
