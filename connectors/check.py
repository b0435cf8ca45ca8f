"""What a connector would publish: every record of its source, read, mapped and checked. Needs no service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.base import MAX_RECORD, Broken, Folded, Record, found_files
from connectors.config import OWN_FORM, Config
from connectors.kinds import KINDS
from connectors.template_map import fill, flat
from pipeline.errors import Refused, WrongUse
from pipeline.report.avro import validate
from pipeline.report.model import Report

STAGE = "connector"
ADDED = ("not_release_to", "caveats", "fields")
"""Parts of a marking that only ever narrow: what the connector file says of them stands beside what the record says."""


@dataclass(frozen=True)
class Ready:
    """A record that can be published. `numbered`: whether its revision is the source's own."""

    record: Record
    report: Report
    numbered: bool


Checked = Ready | Broken | Folded


def checked(config: Config) -> Iterator[Checked]:
    """Every item of the source, in its order. Raises WrongUse where the source names no file."""
    kind = KINDS[config.source.type]
    empty = True
    for item in kind.read(config):
        empty = False
        yield _checked(item, config) if isinstance(item, Record) else item
    if empty and not found_files(config.folder, config.source.path):
        raise WrongUse(f"{config.path}: {config.source.path} names no file; mend source.path")


def _checked(record: Record, config: Config) -> Checked:
    try:
        values = KINDS[config.source.type].to_report(record, config)
        if config.source.type in OWN_FORM and config.map:
            values |= fill(flat(record.values), config)
        numbered = "revision" in values
        report = validate(_completed(values, config), STAGE)
        if report.agency != config.agency:
            raise Refused(STAGE, f"it is of agency {report.agency}; this connector speaks for {config.agency} only")
        size = len(report.model_dump_json(by_alias=True).encode())
        if size > MAX_RECORD:
            reason = f"a report of {size:,} bytes, over the limit of {MAX_RECORD:,}; split it, or leave attachments out"
            raise Refused(STAGE, reason)
    except Refused as error:
        return Broken(record.source, record.line, record.raw, error.reason)
    except Exception as error:  # a record of a shape that nobody thought of must not stop the ones behind it
        reason = f"cannot be mapped ({type(error).__name__}); compare its shape with the kind's README"
        return Broken(record.source, record.line, record.raw, reason)
    return Ready(record, report, numbered)


def _completed(values: dict[str, Any], config: Config) -> dict[str, Any]:
    """What the connector file says of every record, under what this one says itself."""
    whole = {"agency": config.agency, "revision": 1, "op": "upsert", **values}
    marking = whole.get("marking")
    if marking is None or isinstance(marking, dict):
        whole["marking"] = _marked(config.marking, marking or {})
    return whole


def _marked(standing: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """The connector file's marking with what the record says over it. Null says nothing: it never takes away."""
    whole = {**standing, **{name: value for name, value in said.items() if value is not None}}
    for name in ADDED:
        both = [*standing.get(name, ()), *whole.get(name, ())] if isinstance(whole.get(name, []), list) else []
        if both:
            whole[name] = [one for at, one in enumerate(both) if one not in both[:at]]
    return whole
