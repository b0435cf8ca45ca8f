"""The fuse stage: the graph of matches over one scope and kind, kept so that a change costs what it touches.

Readers are many and see different things, but inside one component most see the same: those share the work.
What is published is, for each id in a component that was touched, the documents of that id for every reader, or that
there are none, unless this process has just said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import orjson

from pipeline.fuse.merge import documents
from pipeline.index.document import Document
from pipeline.match.compare import Match
from pipeline.match.judgement import Judged
from pipeline.match.spread import Snapshot, Variant


@dataclass(frozen=True)
class Published:
    """For one id, all documents that bear it: (readers, document). Readers not named have none."""

    id: str
    documents: tuple[tuple[tuple[str, ...], Document], ...]


@dataclass(frozen=True)
class Broken:
    """What could not be made into documents: these ids as these readers see them. error: the name of its type."""

    ids: tuple[str, ...]
    readers: tuple[str, ...]
    error: str


MatchKey = tuple[str, str, str, str]
"""a, a_print, b, b_print."""


def key_of(match: Match) -> MatchKey:
    return match.a, match.a_print, match.b, match.b_print


@dataclass
class Graph:
    """shown: id -> its variants; of_report: report -> (revision, ids); beside: id -> the matches it takes part in;
    bearers: identity -> ids that bear it, in any variant; judged: report -> what it judges, and who may see that;
    crowded: blocking key -> readers for whom it proves nothing; under: blocking key -> matches decided under it.

    published: id -> digest of what this process last published for it. It is not kept: after a restart nothing is
    known of what had been published, so whatever is touched is published again.
    """

    kind: str
    shown: dict[str, tuple[Variant, ...]] = field(default_factory=dict)
    of_report: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    beside: dict[str, dict[MatchKey, Match]] = field(default_factory=dict)
    bearers: dict[str, set[str]] = field(default_factory=dict)
    judged: dict[str, tuple[tuple[tuple[str, ...], Judged], ...]] = field(default_factory=dict)
    judged_by: dict[str, set[str]] = field(default_factory=dict)
    crowded: dict[str, frozenset[str]] = field(default_factory=dict)
    under: dict[str, set[MatchKey]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    published: dict[str, bytes] = field(default_factory=dict)

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
            self._bear(id_, now)
        for key in void:
            self._drop(key)
        self._judge(snapshot)
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
        self.under.setdefault(match.key, set()).add(key)
        return True

    def put_crowd(self, key: str, readers: frozenset[str]) -> None:
        """From now on this blocking key proves nothing to these readers, and to nobody else it does not."""
        if readers:
            self.crowded[key] = readers
        else:
            self.crowded.pop(key, None)
        for a, _, b, _ in self.under.get(key, ()):
            self.touched.update((a, b))

    def settle(self) -> tuple[list[Published], list[Broken]]:
        """What every touched component shows now, and what broke; nothing is touched afterwards.

        What breaks is shown to nobody who sees the same, since what stood there before may be what was taken back.
        Others see it as ever: whether it breaks hangs on nothing but what its readers see.
        """
        published: list[Published] = []
        broken: list[Broken] = []
        left, self.touched = self.touched, set()
        while left:
            component = self._component(left.pop())
            left -= component
            published += self._publish(component, broken)
        # By id: in which order components are met hangs on all that is touched, and so on what some are not shown.
        return sorted(published, key=lambda one: one.id), broken

    def touch(self, ids: Iterable[str]) -> None:
        """Look at these again when the batch ends."""
        self.touched.update(ids)

    def _publish(self, component: set[str], broken: list[Broken]) -> Iterator[Published]:
        matches = {key: match for id_ in component for key, match in self.beside.get(id_, {}).items()}
        crowds = sorted({match.key for match in matches.values()} & self.crowded.keys())
        speaking = {report for id_ in component for report in self.judged_by.get(id_, ())}
        judged = [one for report in sorted(speaking) for one in self.judged[report]]
        sights: dict[tuple[tuple[tuple[str, int], ...], tuple[int, ...], tuple[str, ...]], list[str]] = {}
        for reader, sight in sorted(_sights({id_: self.shown.get(id_, ()) for id_ in sorted(component)}).items()):
            told = tuple(number for number, (readers, _) in enumerate(judged) if reader in readers)
            void = tuple(key for key in crowds if reader in self.crowded[key])
            sights.setdefault((tuple(sight), told, void), []).append(reader)
        made: dict[str, list[tuple[tuple[str, ...], Document]]] = {id_: [] for id_ in sorted(component)}
        for (seen, told, void), readers in sights.items():
            visible = {id_: self.shown[id_][number] for id_, number in seen}
            holding = [match for match in matches.values() if match.key not in void]
            try:
                shown = documents(self.kind, visible, holding, [judged[number][1] for number in told])
            except Exception as error:
                broken.append(Broken(tuple(sorted(visible)), tuple(readers), type(error).__name__))
                continue
            for id_, document in shown.items():
                made[id_].append((tuple(readers), document))
        for id_, of in made.items():
            digest = blake2b(orjson.dumps(of), digest_size=16).digest()
            if self.published.get(id_) != digest:
                self.published[id_] = digest
                yield Published(id_, tuple(of))

    def _bear(self, id_: str, now: tuple[Variant, ...]) -> None:
        """Put an id's variants in place of those it had, and under their identities."""
        for key in _identities(self.shown.pop(id_, ())):
            self.bearers[key].discard(id_)
            if not self.bearers[key]:
                del self.bearers[key]
        if now:
            self.shown[id_] = now
        for key in _identities(now):
            self.bearers.setdefault(key, set()).add(id_)

    def _judge(self, snapshot: Snapshot) -> None:
        """Put what a report judges in place of what it judged."""
        for _, one in self.judged.pop(snapshot.report, ()) + snapshot.judged:
            self.touched.update((one.a, one.b))
            for id_ in (one.a, one.b):
                self.judged_by.setdefault(id_, set()).discard(snapshot.report)
        if snapshot.judged:
            self.judged[snapshot.report] = snapshot.judged
        for _, one in snapshot.judged:
            for id_ in (one.a, one.b):
                self.judged_by.setdefault(id_, set()).add(snapshot.report)

    def _component(self, start: str) -> set[str]:
        found, edge = {start}, [start]
        walked: set[str] = set()
        while edge:
            id_ = edge.pop()
            near = [
                end for match in self.beside.get(id_, {}).values() if self._holds(match) for end in (match.a, match.b)
            ]
            for key in _identities(self.shown.get(id_, ())):
                if key not in walked:
                    walked.add(key)
                    near += self.bearers[key]
            # "Not the same" as well: it is told on both.
            for report in self.judged_by.get(id_, ()):
                near += [end for _, one in self.judged[report] for end in (one.a, one.b)]
            new = set(near) - found
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
        for key in _identities(self.shown.get(id_, ())):
            # What falls apart here must be looked at from every side: any two may have hung together by this one.
            self.touched.update(self.bearers[key])

    def _drop(self, key: MatchKey) -> None:
        for id_ in (key[0], key[2]):
            beside = self.beside.get(id_, {})
            match = beside.pop(key, None)
            if match:
                self.under.get(match.key, set()).discard(key)
            if not beside:
                self.beside.pop(id_, None)


def _prints(variants: tuple[Variant, ...]) -> set[str]:
    return {variant.candidate.print for variant in variants}


def _identities(variants: tuple[Variant, ...]) -> set[str]:
    return {key for variant in variants for key in variant.candidate.identities}


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
