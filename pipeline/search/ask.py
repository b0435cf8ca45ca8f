"""A reader's question put to the reader's own indexes. Every way out goes through here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipeline.report.model import scope_of
from pipeline.search.answer import answer, found_one
from pipeline.search.question import Question, body, one
from pipeline.search.store import Store

DOCS = ("report", "entity")


def ask(store: Store, reader: str, question: Question, time: datetime) -> dict[str, Any]:
    """Hits, facets and highlights. Raises WrongUse for a mistake in the question."""
    docs = (question.doc,) if question.doc else DOCS
    return answer(store.search(scope_of(question.exercise), reader, docs, body(question, time)))


def fetch(store: Store, reader: str, doc: str, id_: str, exercise: str | None, time: datetime) -> dict[str, Any] | None:
    """One document, or nothing: where it does not exist, and just so where this reader may not see it."""
    return found_one(store.search(scope_of(exercise), reader, (doc,), one(id_, doc, time)), id_)
