"""The promises of DESIGN section 4, each under its own name, over random worlds (see `worlds.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.enrich import Reference, enrich
from pipeline.match import block
from pipeline.match.spread import Snapshot, Variant, spread
from pipeline.release.decide import decide
from pipeline.release.iep import ends
from pipeline.release.policy import Agency, Groups, Policies
from pipeline.release.view import release
from pipeline.report.model import Report
from pipeline.shell.memory import fuse, latest, of_views
from pipeline.shell.rehearsal import Rehearsal
from tests.properties.worlds import AGENCIES, MOMENTS, NOW, World, groups, ieps, policies, worlds

Documents = list[dict[str, Any]]
seeds = st.integers(0, 2**32)

SAYS_ALL = Report.model_validate(
    {
        "agency": "bnn", "source_id": "1", "revision": 1, "op": "upsert", "kind": "seizure", "title": "Laporan",
        "narrative": "Bertemu di dermaga Zwolvika", "reported_at": "2026-10-01T00:00:00Z",
        "places": [{"name": "Belawan", "country": "ID"}],
        "entities": [
            {"ref": "p1", "kind": "person", "role": "suspect", "names": ["Gruxan Pertiwo"], "birth_date": "1987-11-23",
             "identifiers": [{"scheme": "passport", "value": "X7391155"}, {"scheme": "phone", "value": "0811 7777 4321"}]},
            {"ref": "zeuge", "kind": "person", "role": "informant", "names": ["Vlemik Hosduro"], "birth_date": "1969-03-14",
             "identifiers": [{"scheme": "nik", "value": "3174014306920007"}]},
            {"ref": "q3", "kind": "vehicle", "identifiers": [{"scheme": "plate", "value": "BK 8642 QZX"}]},
        ],
        "links": [{"from": "p1", "to": "zeuge", "kind": "menghubungi"}],
        "marking": {"tlp": "GREEN", "release_to": ["polri"]},
    }
)  # fmt: skip
TRACES = {
    "narrative": ("zwolvika",),
    "places": ("belawan",),
    "links": ("menghubungi",),
    "entities[p1]": ("gruxan", "pertiwo", "1987-11-23", "x7391155", "4321", "menghubungi"),
    "entities[role=informant]": ("vlemik", "hosduro", "1969-03-14", "3174014306920007", "zeuge", "menghubungi"),
    "entities[kind=vehicle]": ("8642", "qzx"),
    "entities[p1].names": ("gruxan", "pertiwo"),
    "entities[p1].birth_date": ("1987-11-23",),
    "entities[p1].identifiers[scheme=phone]": ("4321",),
    "entities.identifiers": ("x7391155", "4321", "3174014306920007", "8642"),
}
"""path -> what must be gone with it, in lower case: values as they came, and pieces that outlive normalising."""


def seen(world: World, reader: str, reference: Reference, reports: Iterable[Report] | None = None) -> Documents:
    block.CROWD = world.crowd
    reports = world.reports if reports is None else reports
    return plain(fuse(reports, world.policies, world.groups, reader, world.time, reference))


def plain(documents: Iterable[dict[str, Any]]) -> Documents:
    """As they are once through JSON, as Elasticsearch and a file have them."""
    read: Documents = json.loads(json.dumps(list(documents)))
    return read


def rehearse(world: World, reference: Reference, seed: int, crashes: float = 0.0) -> Rehearsal:
    block.CROWD = world.crowd
    rehearsal = Rehearsal(
        world.policies, world.groups, world.time, reference,
        random=Random(seed), partitions=1 + seed % 3, crashes=crashes, misplaced=0.2,
    )  # fmt: skip
    for report in world.reports:
        rehearsal.publish(report)
    rehearsal.run()
    return rehearsal


@given(worlds())
def test_non_interference(reference: Reference, world: World) -> None:
    """What a reader sees is made of the views released to that reader, and would be the same if nothing else were."""
    block.CROWD = world.crowd
    for reader in AGENCIES:
        views = []
        for report in latest(one for one in world.reports if one.scope == "live"):
            released = release(
                enrich(report, reference), world.policies, world.groups, world.time,
                lambda left: enrich(left, reference), (reader,),
            )  # fmt: skip
            for view in released.views:
                # Only what the view shows: a report made of it alone, which never knew of anything else.
                shown = Report.model_validate(json.loads(json.dumps(view.enriched.report.to_json())))
                views.append(spread(shown, [replace(view, enriched=enrich(shown, reference))]))
        assert seen(world, reader, reference) == plain(of_views(views))


@given(worlds(), worlds(), policies(), seeds)
def test_non_interference_of_what_is_hidden(
    reference: Reference, world: World, other: World, rules: Policies, seed: int
) -> None:
    """Add reports that a reader may not see, and change rules that concern nobody's reports that it does: in the
    running stages, nothing that it sees changes."""
    for reader in AGENCIES[:2]:
        hidden = [
            report.model_copy(update={"source_id": f"hidden-{report.source_id}"})
            for report in other.reports
            if report.agency != reader
        ]
        hidden = [
            report.model_copy(update={"marking": report.marking.model_copy(update={"not_release_to": (reader,)})})
            for report in hidden
        ]
        more = replace(world, reports=(*world.reports, *hidden))
        assert plain(rehearse(more, reference, seed).documents(reader)) == seen(world, reader, reference)


@given(st.lists(st.sampled_from(sorted(TRACES)), unique=True, min_size=1))
def test_derived_data_goes_with_its_source(reference: Reference, hidden: list[str]) -> None:
    """Of what is taken out, nothing stands in a view, in what the match stage is sent, or in a document: no word, no
    normalised form, no place, no link. The same traces stand there for the originator."""
    values = SAYS_ALL.to_json()
    values["marking"]["fields"] = [{"path": path, "release_to": []} for path in hidden]
    said = Report.model_validate(values)
    agencies = Policies({id_: Agency(id_, id_) for id_ in ("bnn", "polri")}, {})
    released = release(enrich(said, reference), agencies, {}, NOW, lambda left: enrich(left, reference))
    sent = spread(said, released.views)
    theirs = [
        *(orjson.dumps(view.enriched.model_dump(mode="json")) for view in released.views if "polri" in view.readers),
        *(orjson.dumps(one.to_json()) for snapshot in sent.snapshots for one in shown_to("polri", snapshot)),
        *(entry.key.encode() + orjson.dumps(one.to_json()) for entry in sent.entries for who, one in entry.sides if "polri" in who),
        orjson.dumps(fuse([said], agencies, {}, "polri", NOW, reference)),
    ]  # fmt: skip
    own = orjson.dumps(fuse([said], agencies, {}, "bnn", NOW, reference)).lower()
    for trace in {trace for path in hidden for trace in TRACES[path]}:
        assert trace.encode() in own
        assert not [one for one in theirs if trace.encode() in one.lower()], trace


def shown_to(reader: str, snapshot: Snapshot) -> Iterator[Variant]:
    for variants in snapshot.shown.values():
        yield from (one for one in variants if reader in one.readers)


@given(worlds(), seeds)
def test_order_does_not_matter(reference: Reference, world: World, seed: int) -> None:
    """Any order of arrival, redelivered reports, any split into partitions."""
    random = Random(seed)
    reports = [*world.reports, *random.choices(world.reports, k=3)]
    random.shuffle(reports)
    rehearsal = rehearse(replace(world, reports=tuple(reports)), reference, seed)
    for reader in AGENCIES:
        assert plain(rehearsal.documents(reader)) == seen(world, reader, reference)


@given(worlds(), seeds)
def test_restarts_do_not_matter(reference: Reference, world: World, seed: int) -> None:
    """Workers die after any step, before anything is acknowledged, and another takes over from what was kept."""
    rehearsal = rehearse(world, reference, seed, crashes=0.4)
    for reader in AGENCIES:
        assert plain(rehearsal.documents(reader)) == seen(world, reader, reference)


@given(worlds(), worlds(), seeds)
def test_retraction_is_complete(reference: Reference, world: World, other: World, seed: int) -> None:
    """Reports that were retracted leave the indexes as if they had never been."""
    came = [one.model_copy(update={"source_id": f"gone-{one.source_id}"}) for one in other.reports]
    went = [one.model_copy(update={"op": "retract", "revision": 4}) for one in came]
    rehearsal = rehearse(replace(world, reports=(*world.reports, *came)), reference, seed)
    for report in went:
        rehearsal.publish(report)
    rehearsal.run()
    for reader in AGENCIES:
        assert plain(rehearsal.documents(reader)) == seen(world, reader, reference)


@given(worlds(), seeds)
def test_time_passes(reference: Reference, world: World, seed: int) -> None:
    """Expiry, embargo and membership take effect without a new report."""
    rehearsal = rehearse(replace(world, time=MOMENTS[0]), reference, seed)
    for moment in MOMENTS[1:]:
        rehearsal.pass_time(moment)
        rehearsal.run()
        for reader in AGENCIES:
            assert plain(rehearsal.documents(reader)) == seen(replace(world, time=moment), reader, reference)


@given(worlds(), policies(), groups(), seeds)
def test_a_new_policy_is_applied_to_all(
    reference: Reference, world: World, rules: Policies, members: Groups, seed: int
) -> None:
    """Rules, and who is in which group."""
    rehearsal = rehearse(world, reference, seed)
    rehearsal.take_policy(rules, members)
    rehearsal.run()
    for reader in AGENCIES:
        changed = replace(world, policies=rules, groups=members)
        assert plain(rehearsal.documents(reader)) == seen(changed, reader, reference)


@given(worlds(), seeds)
def test_narrowing_is_complete(reference: Reference, world: World, seed: int) -> None:
    """A newer revision that releases to fewer takes the place of the one before, and no late or repeated revision
    brings anything back."""
    narrowed = [
        one.model_copy(update={"revision": 4, "marking": one.marking.model_copy(update={"release_to": ("polri",)})})
        for one in world.reports
    ]
    rehearsal = rehearse(world, reference, seed)
    for report in (*narrowed, *world.reports):
        rehearsal.publish(report)
    rehearsal.run()
    for reader in AGENCIES:
        reports = (*world.reports, *narrowed)
        assert plain(rehearsal.documents(reader)) == seen(world, reader, reference, reports)


@given(worlds(), policies(), seeds)
def test_a_policy_that_changed_while_nobody_ran_is_applied(
    reference: Reference, world: World, rules: Policies, seed: int
) -> None:
    rehearsal = rehearse(world, reference, seed)
    rehearsal.restart(rules, world.groups)
    rehearsal.run()
    for reader in AGENCIES:
        assert plain(rehearsal.documents(reader)) == seen(replace(world, policies=rules), reader, reference)


@given(worlds())
def test_every_value_cites_its_reports(reference: Reference, world: World) -> None:
    """Each cited report was released to the reader, with that value in it."""
    for reader in AGENCIES:
        documents = seen(world, reader, reference)
        shown = {document["id"]: document for document in documents if document["doc"] == "report"}
        for document in documents:
            if document["doc"] != "entity":
                continue
            assert document["values"] or document["kind"] == "phone" or not document["names"]
            for value in document["values"]:
                assert value["reports"]
                for id_ in value["reports"]:
                    said = json.dumps(shown[id_]["entities"]) + json.dumps(shown[id_].get("search", {}))
                    assert value["value"] in said
            assert {mention["report"] for mention in document["mentions"]} == set(document["reports"]) <= shown.keys()


@given(worlds(), st.sampled_from(AGENCIES))
def test_doubt_withholds(reference: Reference, world: World, reader: str) -> None:
    """An unknown agency, group, field path or IEP releases to nobody but the originator, and says so."""
    for report in world.reports:
        for change in (
            {"release_to": ("nobody-knows",)},
            {"not_release_to": ("nobody-knows",)},
            {"fields": ({"path": "narative", "release_to": []},)},
            {"iep": {"iep_version": "2.1"}},
            {"iep": {"iep_version": "2.0", "tlp": "mauve"}},
            {"iep": {"iep_version": "2.0", "permitted_actions": "as-you-like"}},
        ):
            values = report.model_dump(by_alias=True)
            values["marking"] |= {"iep": None} | change | {"not_before": None, "expires_at": None}
            doubtful = Report.model_validate(values)
            decision = decide(doubtful, reader, world.policies, world.groups, world.time)
            assert decision.released is (reader == report.agency and report.op == "upsert")
            if reader != report.agency and report.op == "upsert":
                assert any(reason.effect == "doubt" for reason in decision.reasons)


@given(worlds(), st.sampled_from(AGENCIES), seeds)
def test_forbid_trumps_permit_and_order_of_rules_does_not_matter(
    reference: Reference, world: World, reader: str, seed: int
) -> None:
    random = Random(seed)
    shuffled = {}
    for agency, rules in world.policies.rules.items():
        repeated = [*rules, *random.choices(rules, k=2)] if rules else []
        random.shuffle(repeated)
        shuffled[agency] = tuple(repeated)
    for report in world.reports:
        decision = decide(report, reader, world.policies, world.groups, world.time)
        again = decide(report, reader, replace(world.policies, rules=shuffled), world.groups, world.time)
        assert (again.released, again.hidden, again.ends, again.changes) == (
            decision.released, decision.hidden, decision.ends, decision.changes,
        )  # fmt: skip
        marking = report.marking.model_copy(update={"not_release_to": (*report.marking.not_release_to, reader)})
        forbidden = report.model_copy(update={"marking": marking})
        still = decide(forbidden, reader, world.policies, world.groups, world.time).released
        assert still is (decision.released and reader == report.agency)


@given(worlds(), ieps(), st.sampled_from(AGENCIES))
def test_an_iep_only_narrows(reference: Reference, world: World, iep: dict[str, Any], reader: str) -> None:
    """Whatever an IEP says, nobody sees a report, or a field of it, that would not be seen without it, nor longer."""
    for report in world.reports:
        values = report.model_dump(by_alias=True)
        values["marking"]["iep"] = iep
        narrowed = decide(Report.model_validate(values), reader, world.policies, world.groups, world.time)
        bare = report.model_copy(update={"marking": report.marking.model_copy(update={"iep": None})})
        without = decide(bare, reader, world.policies, world.groups, world.time)
        if narrowed.released:
            assert without.released
            assert set(narrowed.hidden) >= set(without.hidden)
            assert without.ends is None or (narrowed.ends is not None and narrowed.ends <= without.ends)


@given(worlds(), policies(), st.sampled_from(AGENCIES), st.sampled_from(AGENCIES))
def test_only_the_originator_widens(
    reference: Reference, world: World, rules: Policies, reader: str, other: str
) -> None:
    """No other agency's rules change who sees a report."""
    for report in world.reports:
        if report.agency == other:
            continue
        changed = replace(world.policies, rules={**world.policies.rules, other: rules.rules[other]})
        assert decide(report, reader, changed, world.groups, world.time) == decide(
            report, reader, world.policies, world.groups, world.time
        )


@given(worlds(), seeds)
def test_nothing_is_lost(reference: Reference, world: World, seed: int) -> None:
    """Every report published stands in its originator's index, is superseded, retracted or expired, or is refused."""
    rehearsal = rehearse(world, reference, seed, crashes=0.2)
    assert rehearsal.refused == []
    standing = {(report.scope, report.id): report for report in latest(world.reports)}
    for (scope, id_), report in standing.items():
        indexed = {document["id"] for document in rehearsal.documents(report.agency, scope)}
        expires, _ = ends(report.marking)
        expired = expires is not None and expires <= world.time
        assert (id_ in indexed) is (report.op == "upsert" and not expired)


@given(worlds(), seeds)
def test_exercises_stay_exercises(reference: Reference, world: World, seed: int) -> None:
    """Take the exercise's reports away, and nothing live changes; take the live ones away, and the exercise does not."""
    rehearsal = rehearse(world, reference, seed)
    for exercise, scope in ((None, "live"), ("badai", "exercise-badai")):
        own = [report for report in world.reports if report.marking.exercise == exercise]
        for reader in AGENCIES:
            alone = plain(fuse(own, world.policies, world.groups, reader, world.time, reference, exercise))
            assert plain(rehearsal.documents(reader, scope)) == alone
