"""What each agency finds in the running system: questions to its own indexes, and nothing else.

The operator's counts at the end are made with the same `decide` that the stream uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.demo.scenario import Scenario
from deploy.demo.truth import THINGS
from pipeline.enrich.identifiers import read
from pipeline.release.decide import decide
from pipeline.release.policy import Groups, Policies
from pipeline.release.redact import redact
from pipeline.report.model import Report, report_id
from pipeline.search.ask import Audit, ask
from pipeline.search.question import Question
from pipeline.search.store import Store

SCOPE = "live"
MOST_ENTITIES = 10_000
"""Elasticsearch gives no more hits at once; the demo makes about 1,300 for a reader."""


@dataclass(frozen=True)
class Finding:
    """One thing of a storyline as a reader finds it. shown: its names, if any; by: the sentences that say what joined
    it."""

    thing: str
    shown: str
    agencies: tuple[str, ...]
    reports: int
    by: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What one reader has. twice: reports of an event that another agency told too. Storylines hold only things that
    reports of several agencies are joined for.
    """

    own: int
    released: int
    twice: int
    entities: int
    shared: int
    storylines: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)


def found_by(store: Store, reader: str, told: Scenario) -> Found:
    """All of it for one reader."""
    size = {"size": 0, "track_total_hits": True}
    everything = _total(store.search(SCOPE, reader, ("report",), size))
    own = _total(store.search(SCOPE, reader, ("report",), {**size, "query": {"term": {"agency": reader}}}))
    twice = _total(store.search(SCOPE, reader, ("report",), {**size, "query": {"exists": {"field": "duplicates"}}}))
    body = {"size": MOST_ENTITIES, "track_total_hits": True, "_source": ["agencies"], "query": {"match_all": {}}}
    entities = store.search(SCOPE, reader, ("entity",), body)
    shared = sum(1 for hit in entities["hits"]["hits"] if len(hit["_source"]["agencies"]) > 1)
    storylines = {
        name: tuple(one for thing in things if (one := _finding(store, reader, told, name, thing)))
        for name, things in THINGS.items()
    }
    return Found(own, everything - own, twice, _total(entities), shared, storylines)


def _finding(store: Store, reader: str, told: Scenario, storyline: str, thing: str) -> Finding | None:
    kind, scheme = THINGS[storyline][thing]
    asked = told.asked[storyline][thing]
    if scheme:
        normal = read(scheme, asked, "ID")
        assert normal is not None
        wanted: dict[str, Any] = {"term": {"search.identifiers": f"{normal.scheme}:{normal.value}"}}
    else:  # an address bears no number: by the reports that tell of it
        reports = {report_id(*one.id) for one in told.records if one.label.startswith(storyline[0] + "-")}
        wanted = {"terms": {"reports": sorted(reports)}}
    body = {"size": 1, "query": {"bool": {"filter": [{"term": {"kind": kind}}, wanted]}}}
    hits = store.search(SCOPE, reader, ("entity",), body)["hits"]["hits"]
    if not hits or len(hits[0]["_source"]["agencies"]) < 2:
        return None
    entity = hits[0]["_source"]
    shown = " = ".join(entity["names"][:3])
    by = tuple(dict.fromkeys(one["by"] for one in entity.get("joined", [])))
    return Finding(thing, shown, tuple(entity["agencies"]), len(entity["reports"]), by)


@dataclass(frozen=True)
class Answer:
    """How many reports and entities a question finds, and whose reports they are."""

    reports: int
    entities: int
    agencies: tuple[str, ...]


def answer_to(store: Store, audit: Audit, reader: str, words: str, time: datetime) -> Answer:
    """The same question as `gabung search` asks it."""
    facets = ask(store, audit, reader, Question(q=words, size=0), time)["facets"]
    docs = {one["value"]: one["count"] for one in facets["doc"]}
    return Answer(docs.get("report", 0), docs.get("entity", 0), tuple(sorted(one["value"] for one in facets["agency"])))


def told_to_operator(
    reports: Iterable[Report], policies: Policies, groups: Groups, time: datetime
) -> dict[str, Counter[str]]:
    """Agency -> how many of its records are released to others, redacted for some, withheld, retracted, expired."""
    newest: dict[str, Report] = {}
    for report in reports:
        if report.id not in newest or newest[report.id].revision < report.revision:
            newest[report.id] = report
    counts: dict[str, Counter[str]] = {agency: Counter() for agency in policies.agencies}
    for report in newest.values():
        count, expires = counts[report.agency], report.marking.expires_at
        if report.op == "retract":
            count["retracted"] += 1
        elif expires is not None and expires <= time:
            count["expired"] += 1
        else:
            others = [one for one in policies.agencies if one != report.agency]
            decisions = [decide(report, reader, policies, groups, time) for reader in others]
            released = [one for one in decisions if one.released]
            count["released" if released else "withheld"] += 1
            count["redacted"] += any(redact(report, one.hidden) != report for one in released)
    return counts


def _total(response: dict[str, Any]) -> int:
    return int(response["hits"]["total"]["value"])
