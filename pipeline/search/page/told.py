"""An entity at a glance: who says what, since when, how sure, under which marking. Made of the reader's own documents
alone: the entity and the reports that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.report.model import TLP_ORDER

ORDER = ("name", "identifier", "birth_date", "nationality", "role", "address", "attribute")
"""In which order values are told."""


@dataclass(frozen=True)
class Saying:
    """One agency's word on a value. `sure`: the best Admiralty grade of its reports, if any has one."""

    agency: str
    since: str
    sure: tuple[str, int] | None
    tlp: str
    caveats: tuple[str, ...]
    reports: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    field: str
    scheme: str
    value: str
    sayings: tuple[Saying, ...]
    missing: int
    """Reports that say it, but were not read: there are too many."""


def told(entity: Mapping[str, Any], reports: Mapping[str, Mapping[str, Any]]) -> list[Told]:
    """Every value with who says it. What more agencies say comes first within its field."""
    found = [
        Told(
            value["field"], value.get("scheme", ""), value["value"], sayings(value["reports"], reports),
            sum(id_ not in reports for id_ in value["reports"]),
        )
        for value in entity.get("values", [])
    ]  # fmt: skip
    return sorted(found, key=lambda one: (_place(one.field), -len(one.sayings), one.scheme, one.value))


def sayings(ids: Iterable[str], reports: Mapping[str, Mapping[str, Any]]) -> tuple[Saying, ...]:
    """By agency, who said it first at the front."""
    by_agency: dict[str, list[Mapping[str, Any]]] = {}
    for id_ in ids:
        if id_ in reports:
            by_agency.setdefault(reports[id_]["agency"], []).append(reports[id_])
    found = [
        Saying(
            agency,
            min(one["reported_at"] for one in of),
            surest(of),
            max((one["marking"]["tlp"] for one in of), key=TLP_ORDER.index),
            tuple(sorted({caveat for one in of for caveat in one["marking"].get("caveats", [])})),
            tuple(one["id"] for one in sorted(of, key=lambda one: (one["reported_at"], one["id"]))),
        )
        for agency, of in by_agency.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.agency)))


def surest(reports: Iterable[Mapping[str, Any]]) -> tuple[str, int] | None:
    """The best grade on the Admiralty scale: the source first, then the information; F and 6 come last."""
    grades = [
        (grade["source"], grade["information"])
        for one in reports
        if (grade := one.get("assessment")) and "source" in grade and "information" in grade
    ]
    return min(grades, default=None)


def _place(field: str) -> int:
    return ORDER.index(field) if field in ORDER else len(ORDER)
