"""Connectors on a real Kafka and registry: what they publish, remember and refuse."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from confluent_kafka import Consumer

import schemas
from connectors.run import run_once
from pipeline.addresses import Addresses
from pipeline.flow import agency_topic
from pipeline.report.avro import decode, schema_id_of, validate
from pipeline.shell.dlq import refusals
from pipeline.shell.registry import schema_reader

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
    assert schemas.report_schema()
