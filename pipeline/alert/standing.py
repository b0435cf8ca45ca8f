"""Saved searches as standing queries: of ten thousand, a document meets only those that it may match.

A query that cannot match without one of some terms stands under those; a document looks up its own terms. What stands
under none is always tried. Each reader's queries stand apart: a document meets only its own reader's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.alert.reading import matches, necessary, terms, tree_of
from pipeline.release.policy import Groups
from pipeline.report.model import scope_of
from pipeline.search.question import Question, body
from pipeline.search.saved import Saved, possible_readers, stands_for

Document = dict[str, Any]


@dataclass
class _Queries:
    """One reader's, in one scope: id -> the parsed query; term -> ids; and the ids that stand under no term."""

    trees: dict[str, Any] = field(default_factory=dict)
    under: dict[str, set[str]] = field(default_factory=dict)
    always: set[str] = field(default_factory=set)

    def put(self, id_: str, tree: Any) -> None:
        self.trees[id_] = tree
        needed = necessary(tree)
        if needed is None:
            self.always.add(id_)
        for term in needed or ():
            self.under.setdefault(term, set()).add(id_)

    def remove(self, id_: str) -> None:
        for term in necessary(self.trees.pop(id_)) or ():
            self.under[term].discard(id_)
            if not self.under[term]:
                del self.under[term]
        self.always.discard(id_)

    def candidates(self, document: Document) -> set[str]:
        found = set(self.always)
        for term in terms(document):
            if term in self.under:
                found |= self.under[term]
        return found


def checked(question: Question, time: datetime) -> None:
    """Raises WrongUse where a question holds a mistake."""
    body(question, time)


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
        tree = tree_of(saved.question) if saved.alerts else None
        with self.lock:
            self.remove(saved.id)
            if tree is not None:
                self.saved[saved.id] = saved
                for reader in possible_readers(saved, self.groups):
                    self.queries.setdefault((scope_of(saved.question.exercise), reader), _Queries()).put(saved.id, tree)

    def remove(self, id_: str) -> None:
        with self.lock:
            saved = self.saved.pop(id_, None)
            for reader in possible_readers(saved, self.groups) if saved else ():
                place = (scope_of(saved.question.exercise), reader) if saved else ("", "")
                self.queries[place].remove(id_)
                if not self.queries[place].trees:
                    del self.queries[place]

    def take_groups(self, groups: Groups) -> None:
        """From now on these groups decide with whom a search is shared."""
        with self.lock:
            standing, self.saved, self.queries = self.saved, {}, {}
            self.groups = groups
            for one in standing.values():
                self.put(one)

    def wanted(self, scope: str, reader: str) -> bool:
        """Whether an agency may have any standing query here."""
        return (scope, reader) in self.queries

    def stands(self, id_: str, reader: str, time: datetime) -> bool:
        return id_ in self.saved and stands_for(self.saved[id_], reader, self.groups, time)

    def matching(self, scope: str, reader: str, document: Document, time: datetime) -> list[str]:
        """Ids of this reader's standing queries that its document matches, sorted. Relative dates count from `time`."""
        with self.lock:
            queries = self.queries.get((scope, reader))
            if queries is None:
                return []
            return sorted(
                id_
                for id_ in queries.candidates(document)
                if self.stands(id_, reader, time) and matches(queries.trees[id_], document, time)
            )
