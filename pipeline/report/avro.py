"""A report as Avro, with the Confluent framing: a zero byte, the schema's id in 4 bytes big-endian, the datum.

Framing source: Confluent's "Wire format" documentation; Apicurio's ccompat API speaks the same.
"""

from __future__ import annotations

import functools
import io
import json
import struct
from typing import Any

import fastavro
from pydantic import ValidationError

import schemas
from pipeline.errors import Refused
from pipeline.report.model import Report

STAGE = "report"
_FRAME = struct.Struct(">bI")


@functools.cache
def _parsed(schema: str) -> Any:
    return fastavro.parse_schema(json.loads(schema))


def encode(report: Report, schema_id: int) -> bytes:
    """The framed bytes that go on an agency's topic."""
    out = io.BytesIO()
    out.write(_FRAME.pack(0, schema_id))
    fastavro.schemaless_writer(out, _parsed(schemas.report_schema()), report.model_dump(by_alias=True),
                               disable_tuple_notation=True)  # fmt: skip
    return out.getvalue()


def schema_id_of(message: bytes) -> int:
    """Which schema the message says it was written with. Raises Refused where it is not framed Avro."""
    if len(message) < _FRAME.size or message[0] != 0:
        raise Refused(STAGE, "not Avro with the registry's framing; publish through a connector or `gabung publish`")
    return int(_FRAME.unpack_from(message)[1])


def decode(message: bytes, writer_schema: str) -> dict[str, Any]:
    """The datum as plain values, read with our schema from what `writer_schema` wrote.

    Raises Refused where the bytes do not follow the schema that they name.
    """
    schema_id = schema_id_of(message)
    body = io.BytesIO(message)
    body.seek(_FRAME.size)
    try:
        datum = fastavro.schemaless_reader(body, _parsed(writer_schema), _parsed(schemas.report_schema()))
    except Exception as error:  # fastavro raises many kinds for bytes that do not fit
        reason = f"the bytes do not follow schema {schema_id} ({type(error).__name__}); publish the record anew"
        raise Refused(STAGE, reason, schema_id=schema_id) from None
    if body.read(1):
        raise Refused(STAGE, f"bytes are left over after schema {schema_id}; publish the record anew",
                      schema_id=schema_id)  # fmt: skip
    if not isinstance(datum, dict):
        raise Refused(STAGE, f"schema {schema_id} is not that of a report; publish through a connector",
                      schema_id=schema_id)  # fmt: skip
    return datum


def explain(error: ValidationError) -> str:
    """A validation error as one line that a person understands, without the values that were wrong.

    Values stay out since reasons are logged and counted, and what a report says must not be.
    """
    parts = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False)[:5]:
        where = ".".join(str(step) for step in detail["loc"]) or "report"
        parts.append(f"{where}: {detail['msg']}")
    more = error.error_count() - len(parts)
    return "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def validate(values: Any, stage: str = STAGE, schema_id: int | None = None) -> Report:
    """A valid report from plain values (decoded Avro or JSON). Raises Refused with every reason."""
    try:
        return Report.model_validate(values)
    except ValidationError as error:
        raise Refused(stage, explain(error), schema_id=schema_id) from None
