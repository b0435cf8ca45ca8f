"""A reader's question put to the reader's own indexes. Every way out goes through here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pipeline.audit.events import searched
from pipeline.report.model import scope_of
from pipeline.search.answer import answer, found_one
from pipeline.search.question import Question, body, one
from pipeline.search.store import Store

DOCS = ("report", "entity")


Audit = Callable[[dict[str, Any]], None]
"""Told who is shown what, before the answer goes out. Raises ServiceMissing where it cannot be told."""


def ask(store: Store, audit: Audit, reader: str, question: Question, time: datetime) -> dict[str, Any]:
    """Hits, facets and highlights. Raises WrongUse for a mistake in the question."""
    docs = (question.doc,) if question.doc else DOCS
    found = answer(store.search(scope_of(question.exercise), reader, docs, body(question, time)))
    asked = question.model_dump(mode="json", exclude_defaults=True)
    audit(searched(reader, asked, (hit["document"] for hit in found["hits"]), time))
    return found


def fetch(
    store: Store, audit: Audit, reader: str, doc: str, id_: str, exercise: str | None, time: datetime
) -> dict[str, Any] | None:
    """One document, or nothing: where it does not exist, and just so where this reader may not see it."""
    found = found_one(store.search(scope_of(exercise), reader, (doc,), one(id_, doc, time)), id_)
    audit(searched(reader, {"doc": doc, "id": id_}, [found] if found else [], time))
    return found
