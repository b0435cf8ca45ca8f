"""A reader's question put to the reader's own indexes. Every way out goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.errors import WrongUse
from pipeline.search.access import DOCS, Access, Audit, documents, standing
from pipeline.search.answer import answer, counts, found_one
from pipeline.search.cursor import Cursors
from pipeline.search.question import COUNTED, Question, body, one
from pipeline.search.store import Store

__all__ = ["DOCS", "Audit", "ask", "asked_of", "docs_of", "fetch", "fetch_cited"]

MOST_CITED = 1000
SAID = ("title", "agency", "reported_at", "marking", "assessment")
CITED = ["doc", "id", "valid_until", *SAID]


def ask(
    store: Store,
    audit: Audit,
    reader: str,
    question: Question,
    time: datetime,
    cursors: Cursors | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Hits, facets and highlights, and with `cursors` the cursor to the hits that follow. Raises WrongUse for a mistake
    in the question or a cursor that is not its own."""
    access = Access(store, audit, reader, question.exercise, time)
    wanted = body(question, time)
    if cursor is not None and cursors is not None:
        if question.skip:
            raise WrongUse("give a cursor or skip, not both")
        wanted["search_after"] = cursors.read(reader, asked_of(question), cursor)
    response = access.search(docs_of(question), wanted)
    found = answer(response)
    _count_alternatives(access, question, found["facets"])
    if cursors is not None:
        hits = response["hits"]["hits"]
        more = bool(question.size) and len(hits) == question.size
        found["cursor"] = cursors.give(reader, asked_of(question), hits[-1]["sort"]) if more else None
    access.tell(question.model_dump(mode="json", exclude_defaults=True), documents(response))
    return found


def fetch(
    store: Store, audit: Audit, reader: str, doc: str, id_: str, exercise: str | None, time: datetime
) -> dict[str, Any] | None:
    """One document, or nothing: where it does not exist, and just so where this reader may not see it."""
    access = Access(store, audit, reader, exercise, time)
    found = found_one(access.search((doc,), one(id_, doc, time)), id_)
    access.tell({"doc": doc, "id": id_}, [found] if found else [])
    return found


def fetch_cited(
    store: Store, audit: Audit, reader: str, doc: str, id_: str, exercise: str | None, time: datetime
) -> dict[str, Any] | None:
    """As `fetch`; an entity with `sources` beside: what each report that it cites is, by the report's id."""
    found = fetch(store, audit, reader, doc, id_, exercise, time)
    if found is None or doc != "entity":
        return found
    access = Access(store, audit, reader, exercise, time)
    cited = found["reports"][:MOST_CITED]
    query = {"bool": {"filter": [{"terms": {"id": cited}}, *standing(time)]}}
    response = access.search(
        ("report",), {"query": query, "size": MOST_CITED, "sort": [{"id": "asc"}], "_source": CITED}
    )
    told = {one["id"]: {name: one[name] for name in SAID if name in one} for one in documents(response)}
    return found | {"sources": told}


def _count_alternatives(access: Access, question: Question, facets: dict[str, Any]) -> None:
    """A facet of which something is chosen is counted as if nothing were, so that the alternatives show."""
    chosen = [name for name in COUNTED if getattr(question, name)]
    wanted = [_counting(question.model_copy(update={name: []}), COUNTED[name], access.time) for name in chosen]
    for name, response in zip(chosen, access.several(wanted), strict=True):
        facets.update(counts(response, COUNTED[name]))


def _counting(question: Question, facets: Sequence[str], time: datetime) -> tuple[tuple[str, ...], dict[str, Any]]:
    """A search that counts these facets and nothing else."""
    whole = body(question.model_copy(update={"size": 0, "skip": 0}), time)
    aggregations = {facet: whole["aggs"][facet] for facet in facets}
    return docs_of(question), {"query": whole["query"], "size": 0, "track_total_hits": False, "aggs": aggregations}


def docs_of(question: Question) -> tuple[str, ...]:
    return (question.doc,) if question.doc else DOCS


def asked_of(question: Question) -> dict[str, Any]:
    """What a cursor is bound to: all of the question but the page of it."""
    return question.model_dump(mode="json", exclude_defaults=True, exclude={"size", "skip"})
