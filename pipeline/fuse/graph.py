"""The fuse stage: the graph of matches over one scope and kind, kept so that a change costs what it touches.

Readers are many and see different things, but inside one component most see the same: those share the work.
What is published is, for each id in a component that was touched, the documents of that id for every reader, or that
there are none. Whoever applies it needs no memory of what was published before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.fuse.merge import documents
from pipeline.index.document import Document
from pipeline.match.compare import Match
from pipeline.match.spread import Snapshot, Variant


@dataclass(frozen=True)
class Published:
    """For one id, all documents that bear it: (readers, document). Readers not named have none."""

    id: str
    documents: tuple[tuple[tuple[str, ...], Document], ...]


MatchKey = tuple[str, str, str, str]
"""a, a_print, b, b_print."""


def key_of(match: Match) -> MatchKey:
    return match.a, match.a_print, match.b, match.b_print


@dataclass
class Graph:
    """shown: id -> its variants; of_report: report -> (revision, ids); beside: id -> the matches it takes part in."""

    kind: str
    shown: dict[str, tuple[Variant, ...]] = field(default_factory=dict)
    of_report: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    beside: dict[str, dict[MatchKey, Match]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def put_snapshot(self, snapshot: Snapshot) -> tuple[bool, list[MatchKey]]:
        """What a report shows now, in place of what it showed.

        Returns whether it was taken (an older revision is not), and the matches that this made void.
        """
        revision, before = self.of_report.get(snapshot.report, (0, frozenset[str]()))
        if snapshot.revision < revision:
            return False, []
        void: list[MatchKey] = []
        for id_ in before | snapshot.shown.keys():
            self._touch(id_)
            now = snapshot.shown.get(id_, ())
            gone = _prints(self.shown.get(id_, ())) - _prints(now)
            void += [key for key in self.beside.get(id_, {}) if _print_in(key, id_) in gone]
            if now:
                self.shown[id_] = now
            else:
                self.shown.pop(id_, None)
        for key in void:
            self._drop(key)
        self.of_report[snapshot.report] = (snapshot.revision, frozenset(snapshot.shown))
        return True, void

    def put_match(self, match: Match) -> bool:
        """A match, once. Returns whether it is news."""
        key = key_of(match)
        if key in self.beside.get(match.a, {}):
            # Made again because a reader joined or a message came twice; the ends are touched all the same, since
            # what was published before a crash is not known.
            self.touched.update((match.a, match.b))
            return False
        for id_ in (match.a, match.b):
            self.beside.setdefault(id_, {})[key] = match
            self.touched.add(id_)
        return True

    def settle(self) -> list[Published]:
        """What every touched component shows now; nothing is touched afterwards."""
        published: list[Published] = []
        left, self.touched = self.touched, set()
        while left:
            component = self._component(left.pop())
            left -= component
            published += self._publish(component)
        return published

    def _publish(self, component: set[str]) -> Iterable[Published]:
        matches = {key: match for id_ in component for key, match in self.beside.get(id_, {}).items()}
        sights: dict[tuple[tuple[str, int], ...], list[str]] = {}
        for reader, sight in sorted(_sights({id_: self.shown.get(id_, ()) for id_ in sorted(component)}).items()):
            sights.setdefault(tuple(sight), []).append(reader)
        made: dict[str, list[tuple[tuple[str, ...], Document]]] = {id_: [] for id_ in sorted(component)}
        for seen, readers in sights.items():
            visible = {id_: self.shown[id_][number] for id_, number in seen}
            for id_, document in documents(self.kind, visible, matches.values()).items():
                made[id_].append((tuple(readers), document))
        return [Published(id_, tuple(of)) for id_, of in made.items()]

    def _component(self, start: str) -> set[str]:
        found, edge = {start}, [start]
        while edge:
            for match in self.beside.get(edge.pop(), {}).values():
                if self._holds(match):
                    new = {match.a, match.b} - found
                    found |= new
                    edge += new
        return found

    def _holds(self, match: Match) -> bool:
        """Whether both sides still bear the prints that the match was made of, for anyone."""
        return match.a_print in _prints(self.shown.get(match.a, ())) and match.b_print in _prints(
            self.shown.get(match.b, ())
        )

    def _touch(self, id_: str) -> None:
        self.touched.add(id_)
        for match in self.beside.get(id_, {}).values():
            self.touched.update((match.a, match.b))

    def _drop(self, key: MatchKey) -> None:
        for id_ in (key[0], key[2]):
            beside = self.beside.get(id_, {})
            beside.pop(key, None)
            if not beside:
                self.beside.pop(id_, None)


def _prints(variants: tuple[Variant, ...]) -> set[str]:
    return {variant.candidate.print for variant in variants}


def _print_in(key: MatchKey, id_: str) -> str:
    return key[1] if key[0] == id_ else key[3]


def _sights(shown: dict[str, tuple[Variant, ...]]) -> dict[str, list[tuple[str, int]]]:
    """reader -> which variant of which id they see."""
    sights: dict[str, list[tuple[str, int]]] = {}
    for id_, variants in shown.items():
        for number, variant in enumerate(variants):
            for reader in variant.readers:
                sights.setdefault(reader, []).append((id_, number))
    return sights
