"""Connectors on a real Kafka and registry: what they publish, remember and refuse."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from confluent_kafka.schema_registry import SchemaRegistryClient

import schemas
from connectors.base import KEPT_OF_TOO_LARGE, MAX_RECORD
from connectors.run import run_once
from pipeline.addresses import REGISTRY_API, Addresses
from pipeline.cli.main import run
from pipeline.flow import agency_topic
from pipeline.report.avro import decode, schema_id_of, validate
from pipeline.shell.dlq import refusals
from pipeline.shell.registry import schema_reader

SHARED = Path(__file__).parents[1] / "connectors" / "shared_data"
DATA = Path(__file__).parents[2].parent / "shared" / "data"
CONNECTOR = 'agency: {agency}\nsource: {{type: ndjson, path: "records.ndjson"}}\nmarking: {{tlp: GREEN}}\n'
RECORD = '{{"source_id": "{id}", "kind": "incident", "title": "{title}", "reported_at": "2026-10-01T00:00:00Z"}}\n'


@pytest.fixture
def connector(services: Addresses, tmp_path: Path) -> Path:
    path = tmp_path / "connector.yaml"
    path.write_text(CONNECTOR.format(agency="contoh"))
    return path


def write(connector: Path, text: str) -> None:
    (connector.parent / "records.ndjson").write_text(text)


def published(services: Addresses) -> list[tuple[str, int]]:
    """(source id, revision) of all that stands on the agency's topic, read with the schema that it names."""
    consumer = Consumer({"bootstrap.servers": services.need("kafka"), "group.id": "test-connect", "auto.offset.reset": "earliest", "enable.partition.eof": False})  # fmt: skip
    consumer.subscribe([agency_topic("contoh")])
    schema_of = schema_reader(services.need("registry"))
    found = []
    empty = 0
    while empty < 2:
        message = consumer.poll(3)
        if message is None:
            empty += 1
            continue
        assert message.error() is None
        raw = message.value() or b""
        schema = schema_of(schema_id_of(raw))
        assert schema is not None
        report = validate(decode(raw, schema))
        assert (message.key() or b"").decode() == report.id
        found.append((report.source_id, report.revision))
    consumer.close()
    return sorted(found)


def test_a_connector_publishes_what_is_new_once(connector: Path, services: Addresses) -> None:
    write(connector, RECORD.format(id="a", title="x") + RECORD.format(id="b", title="x") + '{"broken\n')
    first = run_once(connector)
    assert first.to_json() == {"read": 3, "published": 2, "unchanged": 0, "refused": 1, "folded": 0}
    again = run_once(connector)
    assert (again.published, again.unchanged, again.refused) == (0, 2, 1)
    write(connector, RECORD.format(id="a", title="changed") + RECORD.format(id="b", title="x"))
    assert (run_once(connector).published, run_once(connector).unchanged) == (1, 2)
    assert published(services) == [("a", 1), ("a", 2), ("b", 1)]
    mine = [one for _, one in refusals(services.need("kafka")) if one.agency == "contoh"]
    assert {(one.stage, one.line, base64.b64decode(one.raw)) for one in mine} == {("connector", 3, b'{"broken\n')}
    assert schema_reader(services.need("registry"))(2**31 - 1) is None


def test_what_is_too_large_is_kept_by_its_beginning_and_holds_up_nothing(connector: Path, services: Addresses) -> None:
    connector.write_text(CONNECTOR.format(agency="besar"))
    line = json.dumps({"title": "x" * 50_000_000})
    many = [{"ref": f"p{number}", "kind": "person", "names": ["y" * 900]} for number in range(1000)]
    fits = json.dumps(
        {"source_id": "c", "kind": "incident", "title": "t", "reported_at": "2026-10-01T00:00:00Z", "entities": many}
    )
    almost = '{"broken": "' + "z" * (MAX_RECORD - 100) + "\n"
    write(connector, line + "\n" + almost + RECORD.format(id="a", title="x") + fits)
    assert run_once(connector).to_json() == {"read": 4, "published": 2, "unchanged": 0, "refused": 2, "folded": 0}
    cut, whole = sorted(
        (one for _, one in refusals(services.need("kafka")) if one.agency == "besar"), key=lambda one: one.line or 0
    )
    assert (cut.truncated, cut.length, cut.sha256) == (
        True,
        len(line) + 1,
        hashlib.sha256(line.encode() + b"\n").hexdigest(),
    )
    assert base64.b64decode(cut.raw) == line.encode()[:KEPT_OF_TOO_LARGE]
    assert (whole.truncated, base64.b64decode(whole.raw)) == (False, almost.encode())


def test_the_schema_is_registered_under_each_agencys_topic(connector: Path, services: Addresses) -> None:
    for agency in ("satu", "dua"):
        connector.write_text(CONNECTOR.format(agency=agency))
        write(connector, RECORD.format(id="a", title="x"))
        run_once(connector)
        registry = SchemaRegistryClient({"url": services.need("registry") + REGISTRY_API})
        found = registry.get_latest_version(f"{agency_topic(agency)}-value").schema
        assert found is not None
        assert json.loads(found.schema_str or "") == json.loads(schemas.report_schema())


def test_reports_are_published_as_they_are_and_a_bad_one_is_told(
    services: Addresses, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reports.ndjson"
    good = json.loads(RECORD.format(id="p", title="x")) | {
        "agency": "terbit",
        "revision": 1,
        "op": "upsert",
        "marking": {"tlp": "GREEN"},
    }
    file.write_text(json.dumps(good) + "\n" + "{}\n")
    assert run(["publish", str(file), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"read": 2, "published": 1, "unchanged": 0, "refused": 1, "folded": 0}
    assert err.startswith("reports.ndjson:2: ")


@pytest.mark.parametrize("name", ["check", "run"])
def test_the_command_answers_with_its_exit_code(connector: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(connector, RECORD.format(id=name, title="x") + "{}\n")
    assert run(["connect", name, str(connector), "--json", *(["--once"] if name == "run" else [])]) == (name == "check")
    lines = [json.loads(one) for one in capsys.readouterr().out.splitlines()]
    if name == "check":
        assert [sorted(one) for one in lines] == [["line", "publish", "source"], ["line", "refuse", "source"]]
    else:
        assert lines[0]["read"] == lines[0]["published"] + lines[0]["unchanged"] + lines[0]["refused"] == 2


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not beside the project")
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("customs", {"read": 8134, "published": 8134, "refused": 0, "folded": 0}),
        ("misp", {"read": 60, "published": 5, "refused": 55, "folded": 0}),
        ("stix", {"read": 2090, "published": 2089, "refused": 1, "folded": 2085}),
    ],
)
def test_real_input_is_published_once(services: Addresses, name: str, counts: dict[str, int]) -> None:
    path = SHARED / f"{name}.yaml"
    assert run_once(path).to_json() == {**counts, "unchanged": 0}
    assert run_once(path).to_json() == {**counts, "published": 0, "unchanged": counts["published"]}
