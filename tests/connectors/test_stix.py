"""STIX: what belongs to an object is folded into its report, and keeps its own marking there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Broken, Folded
from connectors.check import Checked, Ready, checked
from connectors.config import load
from pipeline.report.model import Report

RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
UNKNOWN = "marking-definition--00000000-0000-4000-8000-000000000000"
Object = dict[str, Any]


def sdo(kind: str, at: str, /, **more: Any) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{at}", "created": "2026-10-01T00:00:00.000Z",
            "modified": "2026-10-01T00:00:00.000Z"} | more  # fmt: skip


def indicator(name: str = "i", pattern: str = "[domain-name:value = 'a.example']", **more: Any) -> Object:
    return sdo("indicator", name, pattern=pattern, pattern_type="stix", **more)


def relation(source: str, kind: str, target: str, **more: Any) -> Object:
    return sdo(
        "relationship", f"{source}{target}", relationship_type=kind, source_ref=source, target_ref=target, **more
    )


def sco(kind: str, at: str, /, **more: Any) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{at}"} | more


def items(folder: Path, *objects: Object) -> list[Checked]:
    (folder / "bundle.json").write_text(json.dumps({"type": "bundle", "objects": objects}))
    path = folder / "connector.yaml"
    path.write_text("agency: bin\nsource: {type: stix, path: bundle.json}\nmarking: {tlp: GREEN}\n")
    return list(checked(load(path)))


def reports(folder: Path, *objects: Object) -> list[Report]:
    return [item.report for item in items(folder, *objects) if isinstance(item, Ready)]


def said(report: Report) -> list[tuple[str, str]]:
    """Kind and value of each mention; of one that only has attributes, those."""
    return [(one.kind, next(iter([*(i.value for i in one.identifiers), *one.names]), str(one.attributes)))
            for one in report.entities]  # fmt: skip


def test_a_relationship_is_told_with_its_source(tmp_path: Path) -> None:
    report, _ = reports(
        tmp_path, indicator(), sdo("malware", "m", name="Rekaan"), relation("indicator--i", "indicates", "malware--m")
    )
    assert report.entities[0].attributes == {"indicates": "Rekaan"}
    assert report.marking.fields == ()


@pytest.mark.parametrize(
    ("target", "relationship"),
    [
        ({"object_marking_refs": [RED]}, {}),
        ({"object_marking_refs": [UNKNOWN]}, {}),
        ({"granular_markings": [{"marking_ref": RED, "selectors": ["name"]}]}, {}),
        ({}, {"object_marking_refs": [RED]}),
    ],
)
def test_a_relationship_or_its_target_marked_narrower_stays_with_the_originator(
    tmp_path: Path, target: Object, relationship: Object
) -> None:
    """L1: an entity shown through a relation marked TLP:RED."""
    objects = (
        indicator(),
        sdo("malware", "o", name="Open"),
        relation("indicator--i", "indicates", "malware--o"),
        sdo("malware", "m", name="Closed", **target),
        relation("indicator--i", "indicates", "malware--m", **relationship),
    )
    report = reports(tmp_path, *objects)[0]
    assert report.entities[0].attributes == {"indicates": "Open", "indicates-restricted": "Closed"}
    assert [(one.path, one.release_to) for one in report.marking.fields] == [
        ("entities[o1].attributes.indicates-restricted", ())
    ]


def test_an_observable_marked_narrower_is_in_neither_title_nor_another_field(tmp_path: Path) -> None:
    observed = sdo("observed-data", "d", object_refs=["ipv4-addr--1", "domain-name--2"])
    (report,) = reports(
        tmp_path,
        observed,
        sco("ipv4-addr", "1", value="198.18.0.1", object_marking_refs=[RED]),
        sco("domain-name", "2", value="open.example", resolves_to_refs=["ipv4-addr--3"]),
        sco("ipv4-addr", "3", value="198.18.0.3"),
    )
    assert said(report) == [("ip", "198.18.0.1"), ("domain", "open.example"), ("ip", "198.18.0.3")]
    assert report.title == "observed-data: open.example"
    assert [one.path for one in report.marking.fields] == ["entities[o1]"]


def test_what_only_a_narrower_observable_leads_to_is_narrower_too(tmp_path: Path) -> None:
    (report,) = reports(
        tmp_path,
        sdo("observed-data", "d", object_refs=["email-message--1"]),
        sco("email-message", "1", subject="Umpan", from_ref="email-addr--2", object_marking_refs=[RED]),
        sco("email-addr", "2", value="a@b.example"),
    )
    assert [one.path for one in report.marking.fields] == ["entities[o1]", "entities[o2]"]
    assert report.title == "observed-data--d"


def test_a_caveat_of_what_is_folded_in_holds_for_the_report(tmp_path: Path) -> None:
    statement = sdo("marking-definition", "s", definition_type="statement", definition={"statement": "Hanya contoh"})
    malware = sdo("malware", "m", name="Rekaan", object_marking_refs=["marking-definition--s", GREEN])
    report = reports(tmp_path, statement, indicator(), malware, relation("indicator--i", "indicates", "malware--m"))[0]
    assert report.marking.caveats == ("Hanya contoh",)
    assert report.marking.fields == ()


def test_every_object_is_a_report_or_part_of_one(tmp_path: Path) -> None:
    """Also those to which nothing refers, and those that only refer to each other."""
    found = items(
        tmp_path,
        indicator(),
        sdo("location", "used", country="ID"),
        relation("indicator--i", "located-at", "location--used"),
        sdo("location", "alone", name="Belawan"),
        sco("domain-name", "alone", value="alone.example"),
        sco("directory", "a", path="/a", contains_refs=["directory--b"]),
        sco("directory", "b", path="/b", contains_refs=["directory--a"]),
    )
    reports = {item.report.source_id: item.report for item in found if isinstance(item, Ready)}
    assert set(reports) == {"indicator--i", "location--alone", "domain-name--alone", "directory--a"}
    assert [place.country for place in reports["indicator--i"].places] == ["ID"]
    assert [place.name for place in reports["location--alone"].places] == ["Belawan"]
    assert said(reports["directory--a"]) == [("document", "/a"), ("document", "/b")]
    assert sum(isinstance(item, Folded) for item in found) == 3


def test_objects_that_are_nothing_by_themselves_are_told(tmp_path: Path) -> None:
    traffic = sco("network-traffic", "t", dst_ref="ipv4-addr--1", dst_port=443, protocols=["tcp"])
    report, _ = reports(
        tmp_path,
        sdo("observed-data", "d", object_refs=["network-traffic--t"]),
        traffic,
        sco("ipv4-addr", "1", value="198.18.0.1"),
        sdo("malware", "m", name="Rekaan", description="Buatan"),
    )
    assert report.entities[0].attributes == {"type": "network-traffic", "dst_port": "443"}
    report = reports(
        tmp_path, sdo("malware", "m", name="A"), sdo("tool", "t", name="B"), relation("malware--m", "uses", "tool--t")
    )[0]
    assert report.narrative == "uses: B"


@pytest.mark.parametrize(
    ("pattern", "mentions", "narrative"),
    [
        ("[ipv4-addr:value = '198.18.0.1' OR domain-name:value IN ('a.example', 'b.example')]",
         [("domain", "a.example"), ("domain", "b.example"), ("ip", "198.18.0.1")], None),
        ("[file:hashes.'SHA-256' = 'aa' AND file:name = 'it\\'s']", [("hash", "aa"), ("document", "it's")], None),
        ("[domain-name:value = '198.18.0.1']", [("ip", "198.18.0.1")], None),
        ("[network-traffic:dst_ref.value = 'c2.example']", [("domain", "c2.example")], None),
        ("[domain-name:value = 'a.example' AND ipv4-addr:value NOT = '198.18.0.1']", [("domain", "a.example")], "stix: "),
        ("[file:name LIKE 'a%']", [], "stix: [file:name"),
        ("[file:extensions.'windows-pebinary-ext'.sections[*].name = '.x']",
         [("document", "{'file-extensions-windows-pebinary-ext-sections-name': '.x'}")], None),
        ("[network-traffic:dst_port = 443]", [("document", "{'network-traffic-dst_port': '443'}")], None),
        ("[file:hashes.ssdeep = '3:a:b']", [("hash", "{'ssdeep': '3:a:b'}")], None),
    ],
)  # fmt: skip
def test_what_a_pattern_compares_for_equality_is_mentioned(
    tmp_path: Path, pattern: str, mentions: list[tuple[str, str]], narrative: str | None
) -> None:
    (report,) = reports(tmp_path, indicator(pattern=pattern))
    assert said(report) == mentions
    assert (report.narrative or "").startswith(narrative or "")
    assert (report.narrative is None) == (narrative is None)


def test_markings_in_every_form(tmp_path: Path) -> None:
    amber = sdo("marking-definition", "x", definition_type="tlp", definition={"tlp": "amber"})
    strict = {"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {"tlp_2_0": "amber+strict"}}
    odd = sdo("marking-definition", "o", definition_type="iep", definition={"name": "odd"})
    words = {"statement": "TLP:AMBER STRICT - only those at the meeting"}
    table: list[tuple[list[str], str | None]] = [
        ([], "GREEN"),
        ([RED, GREEN], "RED"),
        (["marking-definition--x"], "AMBER"),
        (["marking-definition--e"], "AMBER+STRICT"),
        ([UNKNOWN], None),
        (["marking-definition--o"], None),
        (["marking-definition--w"], "AMBER+STRICT"),
    ]
    for refs, tlp in table:
        definitions = (amber, sdo("marking-definition", "e", extensions=strict), odd,
                       sdo("marking-definition", "w", definition_type="statement", definition=words))  # fmt: skip
        found = items(tmp_path, *definitions, indicator(object_marking_refs=refs))
        assert [item.report.marking.tlp for item in found if isinstance(item, Ready)] == ([tlp] if tlp else [])
        assert [isinstance(item, Broken) for item in found].count(True) == (0 if tlp else 1)


IEP_EXTENSION = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"
IEP_SAID = {"iep_version": "2.0", "tlp": "amber", "permitted_actions": "none", "start_date": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "form",
    [
        {"definition_type": "iep", "definition": {**IEP_SAID, "attribution": "must-not"}},
        {"definition_type": "iep", "definition": {"iep": {**IEP_SAID, "attribution": "must-not"}}},
        {"extensions": {IEP_EXTENSION: {**IEP_SAID, "extension_type": "property-extension",
                                        "permitted_actions": ["none"], "provider_attribution": "must-not"}}},
    ],
)  # fmt: skip
def test_an_iep_marks_the_report(tmp_path: Path, form: Object) -> None:
    ref = {"object_marking_refs": ["marking-definition--p"]}
    objects = (sdo("marking-definition", "p", **form), indicator(**ref), sdo("malware", "m", name="Rekaan", **ref),
               sdo("malware", "n", name="Terbuka"))  # fmt: skip
    one, of_malware, bare = reports(tmp_path, *objects, relation("indicator--i", "indicates", "malware--m"))
    assert one.marking.iep is not None
    assert one.marking.iep.model_dump(mode="json", exclude_defaults=True) == {
        **IEP_SAID, "tlp": "AMBER", "attribution": "must-not"
    }  # fmt: skip
    assert of_malware.marking.iep == one.marking.iep
    assert bare.marking.iep is None
    assert (one.marking.tlp, one.marking.fields) == ("GREEN", ()), "the same IEP makes no part narrower"


def test_a_part_with_an_iep_of_its_own_stays_with_the_originator(tmp_path: Path) -> None:
    policy = sdo("marking-definition", "p", definition_type="iep", definition=IEP_SAID)
    marked = sdo("malware", "m", name="Rekaan", object_marking_refs=["marking-definition--p"])
    one, _ = reports(tmp_path, policy, indicator(), marked, relation("indicator--i", "indicates", "malware--m"))
    assert [field.path for field in one.marking.fields] == ["entities[o1].attributes.indicates-restricted"]


@pytest.mark.parametrize(
    "definition",
    [{"id_ref": "01bc4353", "url": "https://contoh.example/iep", "iep_version": "2.0"}, {"tlp": "red"},
     {**IEP_SAID, "end_date": "soon"}, {**IEP_SAID, "colour": "red"}, {}],
)  # fmt: skip
def test_an_iep_that_cannot_be_read_is_refused(tmp_path: Path, definition: Object) -> None:
    policy = sdo("marking-definition", "p", definition_type="iep", definition=definition)
    found = items(tmp_path, policy, indicator(object_marking_refs=["marking-definition--p"]))
    (broken,) = (item for item in found if isinstance(item, Broken))
    assert "Information Exchange Policy" in broken.reason


def test_the_newest_version_of_an_object_stands(tmp_path: Path) -> None:
    newer = indicator(name="i", pattern="[domain-name:value = 'new.example']") | {
        "modified": "2026-10-02T00:00:00.000Z"
    }
    found = items(tmp_path, indicator(), newer, dict(newer))
    assert [type(item) for item in found] == [Broken, Ready, Folded]
    (gone,) = reports(tmp_path, newer | {"revoked": True})
    assert (gone.op, gone.revision) == ("retract", 1790899200000)


@pytest.mark.parametrize(("older", "newer"), [("00Z", "00.500Z"), ("00.000Z", "01Z"), ("00.100Z", "00.2Z")])
def test_a_newer_version_is_known_however_its_time_is_written(tmp_path: Path, older: str, newer: str) -> None:
    versions = [indicator() | {"modified": f"2026-10-02T00:00:{at}", "name": at} for at in (newer, older)]
    assert [report.title for report in reports(tmp_path, *versions)] == [newer]


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda one: one,
        lambda one: [one],
        lambda one: {"type": "bundle", "objects": [one]},
        lambda one: [{"type": "bundle", "id": "bundle--1", "objects": [one]}],
        lambda one: {"more": False, "objects": [one]},
    ],
)
def test_an_object_is_the_same_in_every_envelope(tmp_path: Path, wrapped: Any) -> None:
    items(tmp_path)
    (tmp_path / "bundle.json").write_text(json.dumps(wrapped(indicator())))
    (item,) = checked(load(tmp_path / "connector.yaml"))
    assert isinstance(item, Ready)
    assert item.report.source_id == "indicator--i"


def test_what_would_be_lost_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    found = items(
        tmp_path,
        sdo("language-content", "l", object_ref="indicator--i", contents={"id": {"name": "Umpan"}}),
        relation("indicator--i", "uses", "tool--elsewhere"),
        sdo("relationship", "r", relationship_type="uses", source_ref=["indicator--i"], target_ref={}),
        indicator(),
    )
    assert [item.reason.split(",")[0] for item in found if isinstance(item, Broken)] == [
        "a translation of another object",
        "a relationship of which an end is not in this bundle; publish both ends",
        "a relationship of which an end is not in this bundle; publish both ends",
    ]
    assert [item.report.source_id for item in found if isinstance(item, Ready)] == ["indicator--i"]


def test_an_alias_alone_is_one_name(tmp_path: Path) -> None:
    (report,) = reports(tmp_path, sdo("threat-actor", "t", name="Ular", aliases="Ular Laut"))
    assert report.entities[0].names == ("Ular", "Ular Laut")


def test_a_large_bundle_is_read_in_a_moment(tmp_path: Path) -> None:
    """Each object is looked at once, not once for every other."""
    found = items(tmp_path, *(indicator(name=str(number)) for number in range(3000)))
    assert len(found) == 3000
    assert all(isinstance(item, Ready) for item in found)
