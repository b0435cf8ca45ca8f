"""Messages that a stage could not take, as they stand on the refused topic."""

from __future__ import annotations

import base64
from dataclasses import asdict
from datetime import UTC, datetime

import orjson

from pipeline.errors import Refused
from pipeline.flow import INDEX, REFUSED_TOPIC, REPORT
from pipeline.index.last import Action
from pipeline.report.refusal import Refusal
from pipeline.shell.outbox import Incoming, Outgoing


def refusal(message: Incoming, error: Refused) -> Outgoing:
    """The whole message with stage and reason, keyed by where it stood."""
    agency = message.topic.removeprefix(REPORT.topic + ".") if message.topic.startswith(REPORT.topic + ".") else None
    kept = Refusal(
        stage=error.stage,
        reason=error.reason,
        agency=agency,
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=base64.b64encode(message.key).decode(),
        schema_id=error.schema_id,
        raw=base64.b64encode(message.value).decode(),
        at=datetime.now(UTC),
    )
    return Outgoing(
        REFUSED_TOPIC, f"{message.topic}/{message.partition}/{message.offset}".encode(), kept.model_dump_json().encode()
    )


def rejection(action: Action, why: str) -> Outgoing:
    """A document that Elasticsearch will not take, kept whole: a defect of ours, since the mapping should take all."""
    reason = f"Elasticsearch rejects the document ({why}): a defect of ours; report it, then run `gabung dlq replay`"
    kept = Refusal(
        stage=INDEX.name,
        reason=reason,
        agency=action.reader,
        topic=INDEX.topic,
        key=base64.b64encode(action.id.encode()).decode(),
        raw=base64.b64encode(orjson.dumps(asdict(action))).decode(),
        at=datetime.now(UTC),
    )
    return Outgoing(REFUSED_TOPIC, action.id.encode(), kept.model_dump_json().encode())
