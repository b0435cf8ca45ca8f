"""The generator: enough records, each agency's own form, the same bytes for the same seed and moment."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from connectors.base import Broken
from connectors.config import load
from deploy.demo.generate import connector_files, generate
from deploy.demo.scenario import REFUSED, scenario
from deploy.demo.truth import THINGS
from pipeline.enrich.enrich import enrich, load_reference
from pipeline.enrich.identifiers import read
from pipeline.enrich.warning import is_common
from pipeline.release.load import load_policy
from pipeline.report.model import Report, report_id

from .conftest import NOW, Case

STORED = ("polri", "bnn", "beacukai", "tni", "interpol")
"""Feeds whose form holds a whole report; MISP and STIX say some things in another way."""


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_at_least_600_reports_from_seven_agencies_in_four_forms(case: Case) -> None:
    agencies = Counter(report.agency for report in case.reports)
    assert len(case.reports) >= 600
    assert len(agencies) == 7
    assert min(agencies.values()) >= 50
    assert {load(file).source.type for file in case.files} == {"csv", "ndjson", "misp", "stix"}
    assert {report.language for report in case.reports} >= {"id", "en"}


def test_the_same_seed_and_moment_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(7, NOW, tmp_path / name)
    assert everything(tmp_path / "one") == everything(tmp_path / "two")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    names = [
        {
            name
            for one in scenario(seed, NOW).records
            for entity in one.report["entities"]
            for name in entity.get("names", [])
        }
        for seed in (7, 8)
    ]
    assert len(names[0] & names[1]) < len(names[0]) / 4


def test_every_report_lies_in_the_past_of_the_moment_it_is_told_at(case: Case) -> None:
    assert all(NOW - timedelta(days=200) < report.reported_at <= NOW for report in case.reports)


def test_what_the_connectors_read_is_what_was_told(case: Case) -> None:
    told = {(*one.id, one.report["revision"]): one.report for one in case.told.records if one.feed in STORED}
    found = 0
    for report in case.reports:
        key = (report.agency, report.source_id, report.revision)
        if key in told:
            found += 1
            assert plain(report) == plain(Report.model_validate(told[key]))
    assert found == len(told)
    assert {report.id for report in case.reports} == ids(case)


def plain(report: Report) -> Report:
    """Without links, which the maps add, and with the mentions in one order."""
    return report.model_copy(update={"links": (), "entities": tuple(sorted(report.entities, key=lambda one: one.ref))})


def ids(case: Case) -> set[str]:
    return {report_id(*one.id) for one in case.told.records}


def test_the_broken_records_are_refused_each_with_a_reason_and_none_else(case: Case) -> None:
    refused = [one for one in case.items if isinstance(one, Broken)]
    assert len(refused) == REFUSED
    reasons = " ".join(one.reason for one in refused)
    for part in (
        "not JSON at column",
        "no date in ISO 8601",
        "marking.tlp",
        "places.0.lat",
        "cells under a header",
        "cut short",
    ):
        assert part in reasons


def test_connector_files_are_found_again_with_corrections_last(case: Case) -> None:
    found = connector_files(case.folder)
    assert sorted(found) == sorted(case.files)
    last = [file.stem.endswith("koreksi") for file in found]
    assert last == sorted(last)


def test_every_identifier_is_in_a_valid_form_and_none_is_warned_of(case: Case) -> None:
    for report in case.reports:
        for mention in report.entities:
            for one in mention.identifiers:
                found = read(one.scheme, one.value, "ID")
                assert found is not None
                assert found.holds, (one.scheme, one.value)
                assert not is_common(found.scheme, found.value), (one.scheme, one.value)


def test_what_is_asked_about_is_told_by_several_agencies(case: Case) -> None:
    reference = load_reference()
    telling: dict[tuple[str, str], set[str]] = {}
    for report in case.reports:
        for features in enrich(report, reference).features:
            for one in features.identifiers:
                telling.setdefault((one.scheme, one.value), set()).add(report.agency)
    for storyline, things in THINGS.items():
        for thing, (_, scheme) in things.items():
            if scheme:
                value = read(scheme, case.told.asked[storyline][thing], "ID")
                assert value is not None
                assert len(telling[value.scheme, value.value]) >= 2, (storyline, thing)
    for storyline in THINGS:
        labels = {one.label[:2]: set() for one in case.told.records if one.label}
        for one in case.told.records:
            if one.label:
                labels[one.label[:2]].add(one.report["agency"])
        assert len(labels[storyline[0] + "-"]) >= 3


def test_the_policy_folder_holds(case: Case) -> None:
    policies, groups = load_policy(case.folder / "policy")
    assert set(policies.rules) == set(policies.agencies)
    jakarta, siber = groups["tf-jakarta"], groups["tf-siber"]
    assert {one.agency for one in jakarta.members if one.holds(NOW)} == {"polri", "tni", "bin"}
    assert [one.agency for one in jakarta.members if one.end is not None and one.end < NOW] == ["beacukai"]
    assert [one.agency for one in siber.members if one.start is not None and one.start > NOW] == ["bnn"]
    assert {rule.effect for rules in policies.rules.values() for rule in rules} == {"permit", "forbid", "redact"}
