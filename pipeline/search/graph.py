"""The graph around an entity or a report: what links to it, level by level, within limits.

An entity is linked to another by a link that a report tells between mentions of the two. A report is linked to the
entities that it mentions, and to the reports that tell of the same event. `Growing` is pure; `graph` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.search.access import Access, documents, standing
from pipeline.search.answer import found_one
from pipeline.search.question import one
from pipeline.search.summary import SUMMARY, agencies, label, reported, reports

Document = Mapping[str, Any]
NEEDED = [*SUMMARY, "mentions", "links", "entities.ref", "duplicates"]
MOST_ENDS = 1000
"""Mentions that one level looks up."""
CHUNK = 200
"""Mentions that one search looks up; Elasticsearch takes 1,024 clauses."""


@dataclass(frozen=True)
class Wanted:
    """Which neighbours are wanted: any where nothing is named. `limit`: nodes in all. `with_reports`: the reports that
    mention an entity are its neighbours too."""

    depth: int = 1
    limit: int = 50
    kinds: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()
    start: datetime | None = None
    end: datetime | None = None
    with_reports: bool = False

    def admits(self, document: Document) -> bool:
        first, last = (datetime.fromisoformat(moment) for moment in reported(document))
        return (
            (not self.kinds or document["kind"] in self.kinds)
            and (not self.agencies or not self.agencies.isdisjoint(agencies(document)))
            and (self.start is None or last >= self.start)
            and (self.end is None or first <= self.end)
        )


@dataclass
class Growing:
    """A graph that grows from its root by levels. Deterministic: it hangs on the documents, not on their order."""

    root: Document
    wanted: Wanted
    nodes: dict[str, Document] = field(default_factory=dict)
    cut: bool = False
    newest: list[Document] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nodes[self.root["id"]] = self.root
        self.newest = [self.root]

    def ends(self) -> tuple[list[str], list[str]]:
        """What the newest level leads to: mentions to look up, and reports. At most MOST_ENDS of each."""
        here = {id_ for document in self.nodes.values() if document["doc"] == "entity" for id_ in mentions(document)}
        leading = {end for document in self.newest for end in far_ends(document)} - here
        told = {id_ for document in self.newest for id_ in self._reports(document)} - self.nodes.keys()
        self.cut |= max(len(leading), len(told)) > MOST_ENDS
        return sorted(leading)[:MOST_ENDS], sorted(told)[:MOST_ENDS]

    def grow(self, found: Iterable[Document]) -> None:
        """Take in what was found at the ends: those with the most links first, up to the limit."""
        reached: dict[str, int] = {}
        for document in self.newest:
            for end in (*far_ends(document), *self._reports(document)):
                reached[end] = reached.get(end, 0) + 1
        ranked: dict[str, tuple[int, str, Document]] = {}
        for document in found:
            weight = sum(reached.get(id_, 0) for id_ in (document["id"], *mentions(document)))
            if weight and document["id"] not in self.nodes and self.wanted.admits(document):
                ranked[document["id"]] = (-weight, document["id"], document)
        chosen = sorted(ranked.values(), key=lambda one: one[:2])
        room = self.wanted.limit - len(self.nodes)
        self.cut |= len(chosen) > room
        self.newest = [document for _, _, document in chosen[: max(room, 0)]]
        self.nodes |= {document["id"]: document for document in self.newest}

    def told(self) -> dict[str, Any]:
        """{root, nodes, edges, cut}, sorted."""
        return {
            "root": self.root["id"],
            "nodes": [node(self.nodes[id_]) for id_ in sorted(self.nodes)],
            "edges": self._edges(),
            "cut": self.cut,
        }

    def _reports(self, document: Document) -> list[str]:
        if document["doc"] == "report":
            return list(document.get("duplicates", []))
        return reports(document) if self.wanted.with_reports else []

    def _edges(self) -> list[dict[str, Any]]:
        holder = {id_: one["id"] for one in self.nodes.values() if one["doc"] == "entity" for id_ in mentions(one)}
        edges: dict[tuple[str, str, str], set[str]] = {}
        for document in self.nodes.values():
            for start, end, kind, report in self._relations(document, holder):
                if start != end:
                    edges.setdefault((start, end, kind), set()).add(report)
        return [
            {"from": start, "to": end, "kind": kind, "reports": sorted(cited)}
            for (start, end, kind), cited in sorted(edges.items())
        ]

    def _relations(self, document: Document, holder: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
        id_ = document["id"]
        if document["doc"] == "entity":
            for link in document.get("links", []):
                if link["from"] in holder and link["to"] in holder:
                    yield holder[link["from"]], holder[link["to"]], link["kind"], link["report"]
            return
        for mention in mentions(document):
            if mention in holder:
                yield id_, holder[mention], "mentions", id_
        for other in document.get("duplicates", []):
            if other in self.nodes:
                yield min(id_, other), max(id_, other), "same-event", id_


def graph(access: Access, id_: str, wanted: Wanted) -> dict[str, Any] | None:
    """The graph around what has this id; nothing where this reader sees no such thing. Raises ServiceMissing."""
    doc = "entity" if "/" in id_ else "report"
    body = one(id_, doc, access.time) | {"_source": NEEDED}
    root = found_one(access.search((doc,), body), id_)
    if root is None:
        access.tell({"graph": id_}, [])
        return None
    growing = Growing(root, wanted)
    for _ in range(wanted.depth):
        ends, told = growing.ends()
        if not (ends or told):
            break
        answers = access.several(list(_lookups(ends, told, access.time)))
        growing.grow(document for answer in answers for document in documents(answer))
    access.tell({"graph": id_, "depth": wanted.depth}, growing.nodes.values())
    return growing.told()


def node(document: Document) -> dict[str, Any]:
    """`degree`: mentions at the far ends of its links, whether they are shown or not."""
    first, last = reported(document)
    return {
        "id": document["id"],
        "doc": document["doc"],
        "kind": document["kind"],
        "label": label(document),
        "tlp": document["marking"]["tlp"],
        "agencies": agencies(document),
        "reports": len(reports(document)),
        "first_reported": first,
        "last_reported": last,
        "degree": len(far_ends(document)),
    }


def mentions(document: Document) -> list[str]:
    """The ids of the mentions that an entity holds, or that a report tells of."""
    if document["doc"] == "report":
        return [f"{document['id']}/{one['ref']}" for one in document.get("entities", [])]
    return [f"{one['report']}/{one['ref']}" for one in document.get("mentions", [])]


def far_ends(document: Document) -> list[str]:
    """The mentions that a document leads to: the other ends of an entity's links, or all that a report mentions."""
    own = mentions(document)
    if document["doc"] == "report":
        return sorted(own)
    return sorted({end for link in document.get("links", []) for end in (link["from"], link["to"])} - set(own))


def _lookups(ends: list[str], told: list[str], time: datetime) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    page = {"size": MOST_ENDS, "sort": [{"id": "asc"}], "_source": NEEDED}
    for start in range(0, len(ends), CHUNK):
        refs: dict[str, list[str]] = {}
        for end in ends[start : start + CHUNK]:
            report, _, ref = end.partition("/")
            refs.setdefault(report, []).append(ref)
        # Report and ref may be those of two mentions of one entity: `Growing` looks at whole ids again.
        holding = [
            {"bool": {"filter": [{"term": {"mentions.report": report}}, {"terms": {"mentions.ref": names}}]}}
            for report, names in refs.items()
        ]
        query = {"bool": {"should": holding, "minimum_should_match": 1, "filter": standing(time)}}
        yield ("entity",), {"query": query, **page}
    if told:
        yield ("report",), {"query": {"bool": {"filter": [{"terms": {"id": told}}, *standing(time)]}}, **page}
