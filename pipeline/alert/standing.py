"""Saved searches as standing queries: of ten thousand, a document meets only those that it may match.

A query that cannot match without one of some terms stands under those; a document looks up its own terms. What stands
under none is always tried. Each reader's queries stand apart: a document meets only its own reader's.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.alert.required import Required, required
from pipeline.release.policy import Groups
from pipeline.report.model import scope_of
from pipeline.search.indexed import Indexed
from pipeline.search.matching import matches
from pipeline.search.necessary import Alternative, share, terms
from pipeline.search.question import Question, tree_of
from pipeline.search.saved import Saved, possible_readers, stands_for
from pipeline.search.tree import Node

Document = Mapping[str, Any]
LATER = (timedelta(hours=25), timedelta(days=400))
"""By when a question with relative dates asks of other moments."""


class Looked:
    """A document with all that standing queries are looked up by. Made once, for all readers who have the same."""

    def __init__(self, document: Document) -> None:
        self.indexed = Indexed(document)
        self.terms = terms(self.indexed)


@dataclass
class _Query:
    """A parsed question. moving: its dates are relative, so it is read anew, to the minute, as documents arrive."""

    question: Question
    tree: Node
    required: Required
    moving: bool
    read_at: datetime | None = None

    def holds(self, document: Indexed, time: datetime) -> bool:
        minute = time.replace(second=0, microsecond=0)
        if self.moving and minute != self.read_at:
            self.tree, self.read_at = tree_of(self.question, minute), minute
        return matches(self.tree, document)


def read(question: Question, time: datetime) -> _Query:
    """Raises WrongUse where the question holds a mistake."""
    tree = tree_of(question, time)
    moving = any(tree_of(question, time + later) != tree for later in LATER)
    # What a date needs is that there is one, whichever it is: so it holds for a moving question too.
    return _Query(question, tree, required(tree), moving)


@dataclass
class _Queries:
    """One reader's, in one scope: id -> the query; term -> ids; the ids that stand under no term; and how many ask for
    a term, which tells how common it is in what these queries look for."""

    queries: dict[str, _Query] = field(default_factory=dict)
    under: dict[Alternative, set[str]] = field(default_factory=dict)
    filed: dict[str, frozenset[Alternative]] = field(default_factory=dict)
    always: set[str] = field(default_factory=set)
    asked: Counter[Alternative] = field(default_factory=Counter)

    def put(self, id_: str, query: _Query) -> None:
        self.queries[id_] = query
        if not query.required:
            self.always.add(id_)
            return
        for terms_ in query.required:
            self.asked.update(terms_)
        self.filed[id_] = min(
            query.required, key=lambda terms_: sum(share(*term) * self.asked[term] for term in terms_)
        )
        for term in self.filed[id_]:
            self.under.setdefault(term, set()).add(id_)

    def remove(self, id_: str) -> None:
        for term in (term for terms_ in self.queries.pop(id_).required for term in terms_):
            self.asked[term] -= 1
            if not self.asked[term]:
                del self.asked[term]
        for term in self.filed.pop(id_, ()):
            self.under[term].discard(id_)
            if not self.under[term]:
                del self.under[term]
        self.always.discard(id_)

    def candidates(self, document: Looked) -> Iterator[str]:
        """Ids of those that have all they need in the document, and so may match."""
        found = set(self.always)
        for term in self.under.keys() & document.terms:
            found |= self.under[term]
        for id_ in found:
            if not any(map(document.terms.isdisjoint, self.queries[id_].required)):
                yield id_


class Standing:
    """Every saved search that has alerts, and the groups that decide whose it is. It may be changed in one thread
    while others look."""

    def __init__(self, groups: Groups, saved: Iterable[Saved] = ()) -> None:
        self.lock = threading.RLock()
        self.groups = groups
        self.saved: dict[str, Saved] = {}
        self.queries: dict[tuple[str, str], _Queries] = {}
        for one in saved:
            self.put(one)

    def put(self, saved: Saved) -> None:
        """It stands from now on, in place of what had its id; without alerts it does not."""
        query = read(saved.question, saved.created) if saved.alerts else None
        with self.lock:
            self.remove(saved.id)
            if query is not None:
                self._put(saved, query)

    def remove(self, id_: str) -> None:
        with self.lock:
            saved = self.saved.pop(id_, None)
            for place in self._places(saved) if saved else ():
                self.queries[place].remove(id_)
                if not self.queries[place].queries:
                    del self.queries[place]

    def take_groups(self, groups: Groups) -> None:
        """From now on these groups decide with whom a search is shared."""
        with self.lock:
            known = {id_: query for of_reader in self.queries.values() for id_, query in of_reader.queries.items()}
            standing, self.saved, self.queries = self.saved, {}, {}
            self.groups = groups
            for one in standing.values():
                self._put(one, known[one.id])

    def wanted(self, scope: str, reader: str) -> bool:
        """Whether an agency may have any standing query here."""
        with self.lock:  # or one that is just being changed would not be there
            return (scope, reader) in self.queries

    def stands(self, id_: str, reader: str, time: datetime) -> bool:
        with self.lock:
            return id_ in self.saved and stands_for(self.saved[id_], reader, self.groups, time)

    def _put(self, saved: Saved, query: _Query) -> None:
        self.saved[saved.id] = saved
        for place in self._places(saved):
            self.queries.setdefault(place, _Queries()).put(saved.id, query)

    def _places(self, saved: Saved) -> list[tuple[str, str]]:
        return [(scope_of(saved.question.exercise), reader) for reader in possible_readers(saved, self.groups)]

    def matching(self, scope: str, reader: str, document: Looked, time: datetime) -> list[str]:
        """Ids of this reader's standing queries that its document matches, sorted. Relative dates count from `time`."""
        with self.lock:
            queries = self.queries.get((scope, reader))
            if queries is None:
                return []
            return sorted(
                id_
                for id_ in queries.candidates(document)
                if self.stands(id_, reader, time) and queries.queries[id_].holds(document.indexed, time)
            )
