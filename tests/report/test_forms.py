"""One report, three forms: model, JSON and Avro are kept equal."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import schemas
from pipeline.errors import Refused
from pipeline.report.avro import decode, encode, validate
from pipeline.report.model import Report
from tests.properties.worlds import reports

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30)


@settings(max_examples=200, deadline=None)
@given(reports(), texts, st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), texts, max_size=3))
def test_every_form_says_the_same(report: Report, title: str, attributes: dict[str, str]) -> None:
    entities = tuple(one.model_copy(update={"attributes": attributes}) for one in report.entities)
    report = report.model_copy(update={"title": title, "entities": entities})
    assert Report.model_validate(json.loads(json.dumps(report.to_json()))) == report
    assert Report.model_validate_json(report.model_dump_json(by_alias=True)) == report
    assert validate(decode(encode(report, 7), schemas.report_schema())) == report


def test_model_and_schema_have_the_same_fields() -> None:
    compare(Report, json.loads(schemas.report_schema()))


def compare(model: type[BaseModel], record: dict[str, Any]) -> None:
    names = {field.alias or name for name, field in model.model_fields.items()}
    assert names == {field["name"] for field in record["fields"]}, model.__name__
    inside = {field.alias or name: models(field.annotation) for name, field in model.model_fields.items()}
    for field in record["fields"]:
        for found, below in zip(inside[field["name"]], records(field["type"]), strict=True):
            compare(found, below)


def models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in models(argument)]


def records(kind: Any) -> list[dict[str, Any]]:
    if isinstance(kind, list):
        return [found for one in kind for found in records(one)]
    if isinstance(kind, dict):
        return [kind] if kind["type"] == "record" else records(kind.get("items", []))
    return []


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "not Avro with the registry's framing"),
        (b"<xml/>", "not Avro with the registry's framing"),
        (b"\x00\x00\x00\x00\x01", "do not follow schema 1"),
        (b"\x00\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "do not follow schema 1"),
    ],
)
def test_bytes_that_are_no_report_are_refused(message: bytes, reason: str) -> None:
    with pytest.raises(Refused) as error:
        decode(message, schemas.report_schema())
    assert reason in str(error.value)


def test_a_reason_never_holds_what_the_report_says() -> None:
    with pytest.raises(Refused) as error:
        validate({"agency": "polri", "title": "Nama Rahasia" * 200, "marking": {"tlp": "Kata Sandi"}})
    assert "Rahasia" not in str(error.value)
    assert "Sandi" not in str(error.value)
