"""MISP: what an event's parts become, and that nothing of it is lost or widened on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Broken
from connectors.check import Ready, checked
from connectors.config import load
from pipeline.report.model import Report

Values = dict[str, Any]
EVENT = {"uuid": "5c0ffee0-0000-4000-8000-000000000010", "info": "Contoh", "timestamp": "1790812800", "distribution": 3}


def attribute(uuid: str, kind: str, value: str, relation: str = "", **more: Any) -> Values:
    return {"uuid": uuid, "type": kind, "value": value, "object_relation": relation} | more


def made(folder: Path, **event: Any) -> Report | str:
    """The report that an event becomes, or why it is refused."""
    (folder / "event.json").write_text(json.dumps({**EVENT, **event}))
    path = folder / "connector.yaml"
    path.write_text("agency: bssn\nsource: {type: misp, path: event.json}\nmarking: {tlp: GREEN}\n")
    (item,) = checked(load(path))
    assert isinstance(item, Ready | Broken)
    return item.report if isinstance(item, Ready) else item.reason


def report_of(folder: Path, **event: Any) -> Report:
    report = made(folder, **event)
    assert isinstance(report, Report), report
    return report


@pytest.mark.parametrize("deleted", [True, "true", 1, "1"])
def test_what_was_deleted_is_gone_however_that_is_written(tmp_path: Path, deleted: Any) -> None:
    gone = attribute("a", "domain", "gone.example", deleted=deleted)
    whole = {"uuid": "o", "name": "domain-ip", "deleted": deleted, "Attribute": [attribute("b", "domain", "b.example")]}
    part = {"uuid": "p", "name": "person", "Attribute": [attribute("c", "full-name", "Contoh", "full-name"),
                                                         attribute("d", "text", "gone", "alias", deleted=deleted)]}  # fmt: skip
    note = {"uuid": "r", "name": "gone", "content": "gone", "deleted": deleted}
    report = report_of(tmp_path, Attribute=[gone], Object=[whole, part], EventReport=[note])
    assert [one.ref for one in report.entities] == ["p"]
    assert report.entities[0].names == ("Contoh",)
    assert report.narrative is None
    assert report_of(tmp_path, deleted=deleted).op == "retract"


@pytest.mark.parametrize(
    ("tag", "tlp"),
    [
        ("tlp:red", "RED"),
        ("TLP-RED", "RED"),
        ("TLP RED", "RED"),
        ('tlp="amber"', "AMBER"),
        ("tlp:amber+strict", "AMBER+STRICT"),
        ("tlp:ex:chr", None),
        ("tlp:mauve", None),
        ("TLP:", None),
        ("tlpx", "GREEN"),
    ],
)
def test_a_tlp_is_read_however_it_is_written(tmp_path: Path, tag: str, tlp: str | None) -> None:
    report = made(tmp_path, Tag=[{"name": tag}])
    assert (report.marking.tlp if isinstance(report, Report) else None) == tlp


def iep2(**said: str) -> list[Values]:
    return [{"name": f'iep2-policy:{name}="{value}"'} for name, value in said.items()]


def test_iep_2_0_tags_become_the_reports_iep(tmp_path: Path) -> None:
    tags = iep2(iep_version="2.0", tlp="red", permitted_actions="none", attribution="must-not", end_date="2027-01-01",
                external_reference="https://contoh.example/perjanjian")  # fmt: skip
    report = report_of(tmp_path, Tag=[*tags, {"name": "tlp:green"}])
    assert report.marking.iep is not None
    assert report.marking.iep.model_dump(mode="json", exclude_defaults=True) == {
        "iep_version": "2.0", "tlp": "RED", "permitted_actions": "none", "attribution": "must-not",
        "end_date": "2027-01-01T00:00:00Z", "external_references": ["https://contoh.example/perjanjian"],
    }  # fmt: skip
    assert (report.marking.tlp, report.marking.release_to, report.marking.caveats) == ("GREEN", None, ())
    assert "iep" not in (report.narrative or "")


def test_iep_1_0_tags_are_read_as_what_2_0_made_of_them(tmp_path: Path) -> None:
    names = ('iep:version="1.0"', 'iep:traffic-light-protocol="AMBER"', 'iep:provider-attribution="MUST NOT"',
             'iep:permitted-actions="CONTACT FOR INSTRUCTION"', 'iep:encrypt-at-rest="MUST"')  # fmt: skip
    report = report_of(tmp_path, Tag=[{"name": name} for name in names])
    assert report.marking.iep is not None
    assert report.marking.iep.model_dump(mode="json", exclude_defaults=True) == {
        "iep_version": "2.0", "tlp": "AMBER", "attribution": "must-not", "permitted_actions": "contact-for-instruction",
    }  # fmt: skip
    assert report.marking.caveats == ("IEP ENCRYPT AT REST: MUST",)
    assert report.marking.release_to is None


@pytest.mark.parametrize(
    "tag",
    ["iep2-policy:colour", 'iep2-policy:colour="red"', 'iep2-policy:start_date="soon"', 'iep2-policy:tlp=""',
     'iep2-reference:id_ref="01bc4353-4829-4d55-8d52-0ab7e0790df9"'],
)  # fmt: skip
def test_an_iep_that_cannot_be_read_releases_to_nobody_and_is_a_caveat(tmp_path: Path, tag: str) -> None:
    report = report_of(tmp_path, Tag=[{"name": tag}])
    assert (report.marking.release_to, report.marking.caveats) == ((), (tag,))


def test_an_iep_that_says_two_things_of_one_releases_to_nobody(tmp_path: Path) -> None:
    report = report_of(tmp_path, Tag=[*iep2(tlp="red"), *iep2(tlp="green")])
    assert report.marking.release_to == ()


def test_a_part_with_an_iep_of_its_own_stays_with_the_originator(tmp_path: Path) -> None:
    parts = [attribute("a", "domain", "a.example", Tag=iep2(tlp="red")), attribute("b", "domain", "b.example", Tag=iep2(tlp="amber"))]  # fmt: skip
    report = report_of(tmp_path, Tag=iep2(tlp="amber"), Attribute=parts)
    assert [(one.path, one.release_to) for one in report.marking.fields] == [("entities[a]", ())]


def test_a_marking_of_another_scheme_releases_to_nobody_and_is_a_caveat(tmp_path: Path) -> None:
    tag = {"name": 'nato:classification="S"'}
    report = report_of(tmp_path, Tag=[tag])
    assert (report.marking.release_to, report.marking.caveats) == ((), (tag["name"],))
    report = report_of(tmp_path, Attribute=[attribute("a", "domain", "a.example", Tag=[tag])])
    assert report.marking.release_to is None
    assert [(one.path, one.release_to) for one in report.marking.fields] == [("entities[a]", ())]
    assert report.entities[0].attributes == {}


def test_tags_that_the_owner_keeps_are_not_told(tmp_path: Path) -> None:
    tags = [{"name": "ours:source-7", "local": 1}, {"name": "hidden", "exportable": False}, {"name": "open"}]
    deeper = [{"local": True, "Tag": {"name": "ours:source-8"}}]
    report = report_of(tmp_path, Tag=tags, EventTag=deeper, Attribute=[attribute("a", "domain", "a.example", Tag=tags)])
    assert report.narrative == "Tags: open"
    assert report.entities[0].attributes == {"tags": "open"}


def test_nothing_of_an_object_is_lost(tmp_path: Path) -> None:
    parts = [
        attribute("1", "first-name", "Satu", "first-name"),
        attribute("2", "last-name", "Rekaan", "last-name"),
        attribute("3", "date-of-birth", "0000-00-00", "date-of-birth"),
        attribute("4", "text", "broker", "role"),
        attribute("5", "text", "sailor", "role"),
        attribute("6", "attachment", "photo.png", "portrait"),
        attribute("7", "text", "x" * 1001, "alias"),
    ]
    (mention,) = report_of(tmp_path, Object=[{"uuid": "o", "name": "person", "Attribute": parts}]).entities
    assert mention.names == ("Satu Rekaan",)
    assert mention.birth_date is None
    assert mention.attributes == {
        "date-of-birth": "0000-00-00",
        "role": "broker, sailor",
        "portrait": "photo.png",
        "alias": "x" * 1001,
    }


def test_nothing_of_an_attribute_is_lost(tmp_path: Path) -> None:
    held = [
        attribute("a", "filename|ssdeep", "f.exe|3:abc"),
        attribute("b", "malware-sample", f"m.exe|{'a' * 32}"),
        attribute("c", "attachment", "p.pdf"),
        attribute("d", "url", "http://a.example/" + "x" * 1000),
        attribute("e", "domain", "one.example"),
        attribute("e", "domain", "two.example"),
        {"type": "ip-dst", "value": "198.18.0.1"},
        {"type": "ip-dst", "value": "198.18.0.2"},
    ]
    report = report_of(tmp_path, Attribute=held)
    assert [(one.ref, one.names or tuple(each.value for each in one.identifiers)) for one in report.entities] == [
        ("a-filename", ("f.exe",)),
        ("b-filename", ("m.exe",)),
        ("b-md5", ("a" * 32,)),
        ("e", ("one.example",)),
        ("e-2", ("two.example",)),
        ("part", ("198.18.0.1",)),
        ("part-2", ("198.18.0.2",)),
    ]
    assert report.entities[0].attributes == {"ssdeep": "3:abc"}
    assert report.narrative == "attachment: p.pdf\nurl: http://a.example/" + "x" * 1000


def test_a_reference_leads_to_what_its_end_has_become(tmp_path: Path) -> None:
    """An attribute inside an object of one thing is that thing; an object of several things is its first."""
    person = {"uuid": "p", "name": "person", "Attribute": [attribute("n", "full-name", "Contoh", "full-name")],
              "ObjectReference": [{"referenced_uuid": "h", "relationship_type": "Uses"},
                                  {"referenced_uuid": "nowhere", "relationship_type": "uses"},
                                  {"referenced_uuid": "", "relationship_type": "uses"},
                                  {"referenced_uuid": "h", "relationship_type": "left", "deleted": "1"}]}  # fmt: skip
    hosts = {"uuid": "h", "name": "domain-ip", "ObjectReference": [{"referenced_uuid": "n", "relationship_type": "of"}],
             "Attribute": [attribute("d", "domain", "d.example"), attribute("i", "ip-dst", "198.18.0.1")]}  # fmt: skip
    report = report_of(tmp_path, Object=[person, hosts, {"name": "domain-ip", "Attribute": []}])
    assert [(one.from_, one.to, one.kind) for one in report.links] == [
        ("d", "i", "related-to"),
        ("p", "d", "uses"),
        ("d", "p", "of"),
    ]


@pytest.mark.parametrize(
    ("said", "reported_at"),
    [
        ({"timestamp": 1790812800}, "2026-10-01T00:00:00+00:00"),
        ({"timestamp": "2026-10-01T07:00:00+07:00"}, "2026-10-01T00:00:00+00:00"),
        ({"timestamp": "1", "publish_timestamp": "1790812800"}, "2026-10-01T00:00:00+00:00"),
        ({"timestamp": None, "date": "2026-10-01"}, "2026-10-01T00:00:00+00:00"),
        ({"timestamp": None, "date": "0000-00-00"}, None),
        ({"timestamp": "soon"}, None),
    ],
)
def test_an_event_was_reported_at_its_best_time(tmp_path: Path, said: Values, reported_at: str | None) -> None:
    report = made(tmp_path, **said)
    assert (report.reported_at.isoformat() if isinstance(report, Report) else None) == reported_at


def test_what_is_cut_off_is_counted(tmp_path: Path) -> None:
    report = report_of(tmp_path, Attribute=[attribute("a", "text", "x" * 400_100)])
    assert (report.narrative or "").endswith("\n100 more characters are left out.")
