"""The report's schema in a real registry: compatible with all that was ever published, in both directions."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

import schemas
from pipeline.addresses import REGISTRY_API, Addresses


@pytest.fixture
def registry(services: Addresses) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": services.need("registry") + REGISTRY_API})


def avro(text: str) -> Schema:
    return Schema(text, "AVRO")


@pytest.mark.parametrize("direction", ["BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE"])
def test_the_schema_is_compatible_with_every_earlier_one(registry: SchemaRegistryClient, direction: str) -> None:
    earlier = schemas.earlier_report_schemas()
    assert earlier
    subject = f"test-{uuid4()}-value"
    for text in earlier:
        registry.register_schema(subject, avro(text))
    registry.set_compatibility(subject, level=direction)
    assert registry.test_compatibility(subject, avro(schemas.report_schema()))


@pytest.mark.parametrize(
    ("direction", "change"),
    [
        ("BACKWARD", lambda fields: [*fields, {"name": "colour", "type": "string"}]),
        ("FORWARD", lambda fields: [field for field in fields if field["name"] != "title"]),
        ("BACKWARD", lambda fields: [field | {"type": "string"} if field["name"] == "revision" else field for field in fields]),
    ],
)  # fmt: skip
def test_a_change_that_would_break_someone_is_found(registry: SchemaRegistryClient, direction: str, change: object) -> None:  # fmt: skip
    subject = f"test-{uuid4()}-value"
    registry.register_schema(subject, avro(schemas.report_schema()))
    registry.set_compatibility(subject, level=direction)
    broken = json.loads(schemas.report_schema())
    broken["fields"] = change(broken["fields"])  # type: ignore[operator]
    assert not registry.test_compatibility(subject, avro(json.dumps(broken)))


def test_the_newest_version_kept_is_the_schema_itself() -> None:
    assert json.loads(schemas.earlier_report_schemas()[-1]) == json.loads(schemas.report_schema())
