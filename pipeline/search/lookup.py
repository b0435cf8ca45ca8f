"""Many values at once: phones, papers, indicators, as pasted. One answer each, in one request to Elasticsearch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.enrich.enrich import HOME_COUNTRY
from pipeline.enrich.identifiers import SCHEMES, read
from pipeline.search.access import Access, documents, standing
from pipeline.search.elastic import to_elastic
from pipeline.search.fields import FIELDS
from pipeline.search.mistake import Mistake
from pipeline.search.summary import SUMMARY, agencies, label, reports
from pipeline.search.values import value as identified

MOST = 200
LONGEST = 1000
SHOWN = 10
"""Entities that are told of one value."""
AUDITED = 100
"""Characters of a value that the audit is told."""
NEEDED = [*SUMMARY, "search.identifiers"]


def lookup(access: Access, values: Sequence[str]) -> list[dict[str, Any]]:
    """{value, readings, entities, more, reports} for each value, in their order: blank ones and repetitions left out.

    `readings` are the identifiers that the value can be read as; each entity says by which of them it was found.
    `more` entities than are told; `reports`: how many hold the value. Raises Mistake, ServiceMissing.
    """
    wanted = distinct(values)
    asked: list[tuple[Sequence[str], dict[str, Any]]] = []
    for value in wanted:
        wanted_here = to_elastic(identified(value, FIELDS["identifier"], True))
        query = {"bool": {"filter": [wanted_here, *standing(access.time)]}}
        page = {"query": query, "track_total_hits": True, "_source": NEEDED}
        asked += [(("entity",), {**page, "size": SHOWN, "sort": [{"id": "asc"}]}), (("report",), {**page, "size": 0})]
    answers = access.several(asked)
    shown = [document for answer in answers for document in documents(answer)]
    access.tell({"lookup": [value[:AUDITED] for value in wanted]}, shown)
    return [told(value, answers[2 * at], answers[2 * at + 1]) for at, value in enumerate(wanted)]


def distinct(values: Sequence[str]) -> list[str]:
    """Values as they were pasted, trimmed, each once. Raises Mistake for too many, or too long a one."""
    found = list(dict.fromkeys(value.strip() for value in values if value.strip()))
    if len(found) > MOST:
        raise Mistake("lookup.many", count=len(found), most=MOST)
    for at, value in enumerate(found):
        if len(value) > LONGEST:
            raise Mistake("lookup.long", number=at + 1, count=len(value), most=LONGEST)
    return found


def readings(value: str) -> list[dict[str, str]]:
    """What the value is in normal form, by each scheme whose form it has."""
    made = [read(scheme, value, HOME_COUNTRY) for scheme in SCHEMES]
    held = sorted({(one.scheme, one.value) for one in made if one is not None and one.holds})
    return [{"scheme": scheme, "value": normal} for scheme, normal in held]


def told(value: str, entities: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for one value."""
    read_as = readings(value)
    return {
        "value": value,
        "readings": read_as,
        "entities": [_entity(document, read_as) for document in documents(entities)],
        "more": max(0, entities["hits"]["total"]["value"] - SHOWN),
        "reports": found["hits"]["total"]["value"],
    }


def _entity(document: Mapping[str, Any], read_as: list[dict[str, str]]) -> dict[str, Any]:
    held = {one.lower() for one in document.get("search", {}).get("identifiers", [])}
    return {
        "id": document["id"],
        "kind": document["kind"],
        "label": label(document),
        "tlp": document["marking"]["tlp"],
        "reports": len(reports(document)),
        "agencies": agencies(document),
        "by": [one for one in read_as if f"{one['scheme']}:{one['value']}".lower() in held],
    }
