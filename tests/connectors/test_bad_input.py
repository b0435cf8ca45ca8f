"""Bad input: each refused with a reason that a person understands, and none holding up those behind it."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from connectors.base import MAX_RECORD, Broken
from connectors.check import Ready, checked
from connectors.config import load
from pipeline.errors import WrongUse
from pipeline.report.model import Marking

GOOD = {"source_id": "behind", "kind": "incident", "title": "Baik", "reported_at": "2026-10-01T00:00:00Z", "marking": {"tlp": "GREEN"}}  # fmt: skip
MAP = """
map: {source_id: "{No}", kind: declaration, title: "{Judul}", reported_at: "{Tanggal}"}
"""


def connector(folder: Path, kind: str, content: bytes, more: str = "") -> Path:
    (folder / "records").write_bytes(content)
    path = folder / "connector.yaml"
    path.write_text(f'agency: polri\nsource: {{type: {kind}, path: "records"}}\nmarking: {{tlp: GREEN}}\n{more}')
    return path


def outcome(path: Path) -> tuple[list[str], list[Broken]]:
    items = list(checked(load(path)))
    ready = [item.report.source_id for item in items if isinstance(item, Ready)]
    return ready, [item for item in items if isinstance(item, Broken)]


def line(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode() + b"\n"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"source_id": "x", "ki\n', "not JSON at column"),
        (b"[1, 2]\n", "no object"),
        (b'{"title": "\xff\xfe"}\n', "not utf-8 at byte 12"),
        (line(colour="red"), "colour: Extra inputs are not permitted"),
        (line(reported_at="0000-00-00"), "reported_at: Input should be a valid datetime"),
        (line(reported_at="2026-10-01T00:00:00"), "reported_at: Input should have timezone info"),
        (line(places=[{"lat": 91, "lon": 0}]), "places.0.lat: Input should be less than or equal to 90"),
        (line(places=[{"lat": 1}]), "give both lat and lon"),
        (line(marking={"tlp": "MAUVE"}), "marking.tlp: Input should be"),
        (line(marking="SECRET"), "marking: Input should be"),
        (line(agency="bnn"), "this connector speaks for polri only"),
        (line(title=""), "title: String should have at least 1 character"),
        (line(entities=[{"ref": "a", "kind": "ghost"}]), "entities.0.kind"),
        (line(links=[{"from": "a", "to": "b", "kind": "x"}]), "names a ref that no entity has"),
    ],
)
def test_a_bad_line_is_refused_and_the_next_goes_on(tmp_path: Path, bad: bytes, reason: str) -> None:
    ready, broken = outcome(connector(tmp_path, "ndjson", bad + line()))
    assert ready == ["behind"]
    assert len(broken) == 1
    assert reason in broken[0].reason
    assert (broken[0].line, broken[0].raw) == (1, bad)


def test_a_line_of_50_mb_is_refused_without_being_held(tmp_path: Path) -> None:
    path = connector(tmp_path, "ndjson", b'{"title": "' + b"x" * 50_000_000 + b'"}\n' + line())
    tracemalloc.start()
    ready, broken = outcome(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ready == ["behind"]
    assert "50,000,014 bytes, over the limit" in broken[0].reason
    assert broken[0].length == 50_000_014
    assert peak < 8 * MAX_RECORD


def test_a_csv_with_a_wrong_header_is_refused_whole_with_what_is_missing(tmp_path: Path) -> None:
    ready, broken = outcome(connector(tmp_path, "csv", b"No,Titel,Tanggal\n1,a,2026-10-01\n", MAP))
    assert ready == []
    assert broken[0].reason.startswith("the header lacks Judul; it has No, Titel, Tanggal")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"1,a\n", "2 cells under a header of 3"),
        (b"1,a,2026-10-01,x\n", "4 cells under a header of 3"),
        (b"1,\xff,2026-10-01\n", "not utf-8 at byte 3"),
        (b"1,a,0000-00-00\n", "reported_at: no date in ISO 8601"),
        (b"1,a,\n", "reported_at: Field required"),
        (b",a,2026-10-01\n", "source_id: Field required"),
        (b"1," + b"x" * (MAX_RECORD + 9) + b",2026-10-01\n", "over the limit"),
        (b'1,"a,2026-10-01\n', "a quote that is not closed"),
        (b'1,"a"b,2026-10-01\n', "a quote that is not closed"),
        (b'1,"' + b"x\n" * MAX_RECORD + b'",2026-10-01\n', "a row over the limit"),
    ],
)
def test_a_bad_row_is_refused_and_the_next_goes_on(tmp_path: Path, bad: bytes, reason: str) -> None:
    ready, broken = outcome(connector(tmp_path, "csv", b"No,Judul,Tanggal\n" + bad + b"2,b,2026-10-02\n", MAP))
    assert ready == ["2"]
    assert [reason in one.reason for one in broken] == [True]
    assert broken[0].line == 2


def test_a_quote_that_is_not_closed_swallows_no_rows(tmp_path: Path) -> None:
    rows = b'1,a,2026-10-01\n2,"b,2026-10-01\n3,"c",2026-10-01\n4,d,2026-10-01\n'
    ready, broken = outcome(connector(tmp_path, "csv", b"No,Judul,Tanggal\n" + rows, MAP))
    assert ready == ["1", "3", "4"]
    assert [(one.line, one.raw) for one in broken] == [(3, b'2,"b,2026-10-01\n')]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"N\xf6,Judul,Tanggal\n", "the header cannot be read, so nothing behind it is: not utf-8 at byte 2"),
        (b"No,Judul,Tanggal,No\n", "the header has No twice"),
        (b"x" * (MAX_RECORD + 9) + b"\n", "the header cannot be read"),
    ],
)
def test_a_header_that_is_none_refuses_the_file(tmp_path: Path, header: bytes, reason: str) -> None:
    ready, broken = outcome(connector(tmp_path, "csv", header + b"1,a,2026-10-01,1\n", MAP))
    assert ready == []
    assert [one.reason.startswith(reason) for one in broken] == [True]


@pytest.mark.parametrize("content", [b"", b"\n", b"No,Judul,Tanggal\n"])
def test_a_file_without_records_is_no_error(tmp_path: Path, content: bytes) -> None:
    assert outcome(connector(tmp_path, "csv", content, MAP)) == ([], [])


def test_a_csv_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    assert outcome(connector(tmp_path, "csv", b"sep=;\r\nNo;Judul;Tanggal\r\n1;a;2026-10-01\r\n", MAP)) == (["1"], [])


@pytest.mark.parametrize(
    ("standing", "said", "becomes"),
    [
        ("tlp: GREEN", {"tlp": "AMBER"}, {"tlp": "AMBER"}),
        ("tlp: GREEN, exercise: latihan, release_to: [bnn]", {"exercise": None, "release_to": None},
         {"tlp": "GREEN", "exercise": "latihan", "release_to": ["bnn"]}),
        ("tlp: GREEN, not_release_to: [interpol], caveats: [A]", {"not_release_to": ["bin"], "caveats": ["B", "A"]},
         {"tlp": "GREEN", "not_release_to": ["interpol", "bin"], "caveats": ["A", "B"]}),
        ("tlp: GREEN, fields: [{path: narrative, release_to: []}]", {"fields": [{"path": "places", "release_to": ["bnn"]}]},
         {"tlp": "GREEN", "fields": [{"path": "narrative", "release_to": []}, {"path": "places", "release_to": ["bnn"]}]}),
    ],
)  # fmt: skip
def test_a_record_takes_nothing_from_what_the_connector_file_withholds(
    tmp_path: Path, standing: str, said: dict[str, Any], becomes: dict[str, Any]
) -> None:
    path = connector(tmp_path, "ndjson", line(marking=said))
    path.write_text(path.read_text().replace("tlp: GREEN", standing))
    (item,) = checked(load(path))
    assert isinstance(item, Ready)
    assert item.report.marking == Marking.model_validate(becomes)


def test_a_report_that_no_broker_would_take_is_refused(tmp_path: Path) -> None:
    many = [{"ref": f"p{n}", "kind": "person", "names": ["x" * 900]} for n in range(1400)]
    attributes = [{"uuid": f"a{n}", "type": "domain", "value": "x" * 900} for n in range(1400)]
    event = {"uuid": "u", "info": "i", "timestamp": 1790812800, "Attribute": attributes}
    for kind, content in (("ndjson", line(entities=many)), ("misp", json.dumps(event).encode())):
        ready, broken = outcome(connector(tmp_path, kind, content))
        assert ready == []
        assert [f"over the limit of {MAX_RECORD:,}" in one.reason for one in broken] == [True]


def test_a_csv_may_be_written_in_other_ways(tmp_path: Path) -> None:
    content = '\ufeffNo;Judul;Tanggal\r\n1;"Dua\nbaris; satu sel";01/10/2026\r\n'.encode()
    path = connector(tmp_path, "csv", content, MAP + 'date_format: "%d/%m/%Y"\ntimezone: Asia/Jakarta\n')
    (item,) = checked(load(path))
    assert isinstance(item, Ready)
    assert item.report.title == "Dua\nbaris; satu sel"
    assert item.report.reported_at.isoformat() == "2026-09-30T17:00:00+00:00"


@pytest.mark.parametrize("kind", ["misp", "stix"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"Event": {"uuid": "a', "is the file cut short?"),
        (b"\xff{}", "not UTF-8"),
        (b"7", "no "),
        (b'{"a": 1}', "no "),
    ],
)
def test_a_json_file_that_is_none_of_its_kind_is_refused(
    tmp_path: Path, kind: str, content: bytes, reason: str
) -> None:
    ready, broken = outcome(connector(tmp_path, kind, content))
    assert ready == []
    assert len(broken) == 1
    assert reason in broken[0].reason


def test_a_misp_event_goes_nowhere_that_its_owner_did_not_say(tmp_path: Path) -> None:
    """Distribution, sharing groups and tags: the originator's meaning is never widened."""
    base = {"uuid": "u", "info": "i", "timestamp": "1790812800"}
    table = [
        ({"distribution": "0"}, [], "AMBER"),
        ({"distribution": "1"}, [], "AMBER"),
        ({"distribution": "2"}, [], "AMBER"),
        ({"distribution": "3"}, None, "AMBER"),
        ({"distribution": "4", "sharing_group_id": "9"}, [], "AMBER"),
        ({"distribution": "4", "SharingGroup": {"uuid": "sg", "name": "n"}}, ["bnn"], "AMBER"),
        ({"distribution": "4", "sharing_group_id": "sg"}, [], "AMBER"),  # a local number may have been another's before
        ({"distribution": "7"}, [], "AMBER"),
        ({"distribution": "everyone"}, [], "AMBER"),
        ({"distribution": 3, "EventTag": [{"Tag": {"name": "tlp:red"}}]}, None, "RED"),
        ({}, [], "AMBER"),
        ({"distribution": 3, "Tag": [{"name": "tlp:white"}]}, None, "CLEAR"),
        ({"distribution": 3, "Tag": [{"name": "tlp:green"}, {"name": "tlp:amber+strict"}]}, None, "AMBER+STRICT"),
    ]
    for change, to, tlp in table:
        path = connector(
            tmp_path, "misp", json.dumps({"Event": base | change}).encode(), "sharing_groups: {sg: [bnn]}\n"
        )
        path.write_text(path.read_text().replace("marking: {tlp: GREEN}\n", ""))
        (item,) = checked(load(path))
        assert isinstance(item, Ready)
        marking = item.report.marking
        assert (marking.release_to and list(marking.release_to)) == to or (to == [] and marking.release_to == ())
        assert marking.tlp == tlp


def test_what_is_narrower_inside_a_misp_event_is_marked_so(tmp_path: Path) -> None:
    attributes = [
        {"uuid": "a", "type": "domain", "value": "a.example", "distribution": "5"},
        {"uuid": "b", "type": "domain", "value": "b.example", "distribution": "0"},
        {"uuid": "c", "type": "text", "value": "secret words", "distribution": "0"},
        {"uuid": "d", "type": "text", "value": "told words", "distribution": "5"},
        {"uuid": "e", "type": "domain", "value": "gone.example", "deleted": True},
        {"uuid": "f", "type": "domain", "value": "red.example", "Tag": [{"name": "tlp:red"}]},
        {"uuid": "g", "type": "domain", "value": "odd.example", "Tag": [{"name": "TLP:MAUVE"}]},
        {"uuid": "h", "type": "domain", "value": "open.example", "Tag": [{"name": "tlp:clear"}]},
        {"uuid": "i", "type": "domain", "value": "x.example", "distribution": "some"},
    ]
    report = {"uuid": "r", "name": "Written", "content": "by us alone", "distribution": "0"}
    galaxy = {"GalaxyCluster": [{"tag_name": 'misp-galaxy:ours="Secret"', "distribution": "0"}]}
    tags = [{"name": "tlp:green"}, {"name": 'misp-galaxy:ours="Secret"'}, {"name": "osint"}]
    event = {"uuid": "u", "info": "i", "timestamp": 1790812800, "distribution": 3, "Attribute": attributes,
             "EventReport": [report], "Galaxy": [galaxy], "Tag": tags}  # fmt: skip
    (item,) = checked(load(connector(tmp_path, "misp", json.dumps(event).encode())))
    assert isinstance(item, Ready)
    assert {(one.path, one.release_to) for one in item.report.marking.fields} == {
        ("entities[b]", ()),
        ("entities[c]", ()),
        ("entities[f]", ()),
        ("entities[g]", ()),
        ("entities[i]", ()),
        ("entities[r]", ()),
    }
    assert item.report.narrative == "told words\nTags: osint"
    assert {mention.ref for mention in item.report.entities} == set("abcfghir")


@pytest.mark.parametrize("wrapped", [
    lambda event: event, lambda event: {"Event": event}, lambda event: [event], lambda event: [{"Event": event}],
    lambda event: {"response": [{"Event": event}]}, lambda event: {"response": {"Event": event}},
    lambda event: {event["uuid"]: event}, lambda event: {event["uuid"]: {"Event": event}},
    lambda event: {event["uuid"]: {name: value for name, value in event.items() if name != "uuid"}},
])  # fmt: skip
def test_a_misp_event_is_the_same_in_every_envelope(tmp_path: Path, wrapped: Any) -> None:
    event = {"uuid": "5c0ffee0-0000-4000-8000-000000000010", "info": "i", "timestamp": 1790812800,
             "Attribute": [{"uuid": "a", "type": "ip-dst|port", "value": "198.18.0.7|443",
                            "Sighting": [{"type": "0"}, {"type": "1"}]}]}  # fmt: skip
    (item,) = checked(load(connector(tmp_path, "misp", json.dumps(wrapped(event)).encode())))
    assert isinstance(item, Ready)
    assert item.report.source_id == event["uuid"]
    assert item.report.revision == 1790812800
    (mention,) = item.report.entities
    assert mention.attributes == {"port": "443", "seen": "1", "false-positive": "1"}


def test_a_feeds_manifest_is_no_event(tmp_path: Path) -> None:
    manifest = {"5c0ffee0-0000-4000-8000-000000000010": {"info": "i", "date": "2026-10-01", "timestamp": 1}}
    ready, broken = outcome(connector(tmp_path, "misp", json.dumps(manifest).encode()))
    assert (ready, len(broken)) == ([], 1)


def test_a_map_amends_what_a_misp_event_becomes(tmp_path: Path) -> None:
    event = {"uuid": "u", "info": "Umpan", "timestamp": 1790812800, "Orgc": {"name": "Tim Rekaan"}}
    more = 'map: {kind: phishing, title: "{Orgc.name}: {info}"}\n'
    (item,) = checked(load(connector(tmp_path, "misp", json.dumps(event).encode(), more)))
    assert isinstance(item, Ready)
    assert (item.report.kind, item.report.title) == ("phishing", "Tim Rekaan: Umpan")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("agency: polri\nsource: {type: csv, path: x}\n", "needs a `map`"),
        ("agency: polri\nsource:\n  type: xlsx\n  path: x\n", "connector.yaml:3: source.type"),
        ("agency: POLRI\nsource: {type: misp, path: x}\n", "connector.yaml:1: agency"),
        ("agency: polri\nsource: {type: misp, path: x}\ncolour: red\n", "connector.yaml:3: colour"),
        ("agency: [\n", "connector.yaml:2: not YAML"),
        ("- a\n", "begins with `agency:`"),
        ("agency: polri\nsource: {type: misp, path: x}\ntimezone: Jakarta\n", "is no time zone"),
        ("agency: polri\nsource:\n  type: misp\n  path: x\n  encoding: utf-9\n", "connector.yaml:5: source.encoding"),
        ("agency: polri\nsource: {type: csv, path: x, encoding: utf-16}\n", "convert the file to utf-8"),
        ("agency: polri\nsource: {type: misp, path: x}\nmarking: {tlp: MAUVE}\n", "connector.yaml:3: marking"),
        ("agency: polri\nsource: {type: misp, path: x}\nmap:\n  entities: []\n", "connector.yaml:4: map.entities"),
        (
            "agency: polri\nsource: {type: misp, path: x}\nsharing_groups: {a: [B N N]}\n",
            "connector.yaml:3: sharing_groups",
        ),
    ],
)
def test_a_wrong_connector_file_is_answered_with_its_line(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "connector.yaml"
    path.write_text(text)
    with pytest.raises(WrongUse) as error:
        load(path)
    assert wrong in str(error.value)


def test_a_source_that_names_no_file_is_told(tmp_path: Path) -> None:
    path = connector(tmp_path, "ndjson", b"")
    path.write_text(path.read_text().replace("records", "elsewhere"))
    with pytest.raises(WrongUse, match="names no file"):
        outcome(path)
