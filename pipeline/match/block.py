"""The match stage: who stands under each blocking key, and the matches that a newcomer makes there.

A match is a fact about two fingerprints, true for ever, so it is never taken back: fuse uses it only while both
sides still bear these prints. That makes redelivery, restarts and any order harmless.

A name that thousands bear must not make millions of comparisons, nor pull everything together. So for a reader who
sees more than CROWD under one key, that key proves nothing: nobody is compared there for this reader, and matches made
under it are void for this reader. Only what the reader sees counts, so a crowd of hidden ones changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from operator import attrgetter

from pipeline.match.compare import Match, compare
from pipeline.match.spread import Entry

CROWD = 100
"""So many a reader may see under one key. A newcomer is compared with no more for each reader."""


@dataclass(slots=True)
class Block:
    """What stands under one key: id -> entry. seen_by: who sees which ids there, kept only while more than CROWD stand
    here: among fewer nobody can see too many, and most blocks are small."""

    entries: dict[str, Entry] = field(default_factory=dict)
    seen_by: dict[str, set[str]] | None = None

    @property
    def crowded(self) -> frozenset[str]:
        """The readers who see too many here."""
        return frozenset(reader for reader, ids in (self.seen_by or {}).items() if len(ids) > CROWD)

    def place(self, entry: Entry) -> None:
        """Put an entry in place of what stood there for its id; an empty one leaves it."""
        before = self.entries.pop(entry.id, None)
        if entry.sides:
            self.entries[entry.id] = entry
        if len(self.entries) <= CROWD:
            self.seen_by = None
        elif self.seen_by is None:
            self.seen_by = {}
            for one in self.entries.values():
                self._show(one)
        else:
            for reader in before.readers if before else ():
                self.seen_by[reader].discard(entry.id)
                if not self.seen_by[reader]:
                    del self.seen_by[reader]
            self._show(entry)

    def seen(self, reader: str) -> set[str]:
        """The ids that a reader sees here."""
        if self.seen_by is None:
            return {id_ for id_, entry in self.entries.items() if reader in entry.readers}
        return self.seen_by.get(reader, set())

    def beside(self, entry: Entry, crowded: frozenset[str]) -> Iterator[Entry]:
        """The others that may be compared with an entry: those whom one of its readers sees who does not see too many.
        Of a small block all others, whoever sees them."""
        if self.seen_by is None:
            return (other for other in self.entries.values() if other is not entry)
        ids = set[str]().union(*(self.seen(reader) for reader in entry.readers - crowded))
        return (self.entries[id_] for id_ in ids if id_ != entry.id)

    def _show(self, entry: Entry) -> None:
        assert self.seen_by is not None
        for reader in entry.readers:
            self.seen_by.setdefault(reader, set()).add(entry.id)


@dataclass(frozen=True)
class Put:
    """What came of an entry: whether the block changed, the matches made, and the readers who see too many from now on,
    where that is news. broken: for each pair that could not be compared, the name of the error's type."""

    changed: bool = False
    matches: tuple[Match, ...] = ()
    crowded: frozenset[str] | None = None
    broken: tuple[str, ...] = ()


def put(block: Block, entry: Entry) -> Put:
    """Put an entry into its block. Its sides are compared with those that some reader sees beside them; where somebody
    left, and a reader sees few enough again, all that this reader sees is compared. An entry of an older revision
    changes nothing."""
    standing = block.entries.get(entry.id)
    if standing is not None and entry.revision < standing.revision:
        return Put()
    before = block.crowded
    block.place(entry)
    now = block.crowded
    broken: list[str] = []
    matches = list(_matches(entry, block.beside(entry, now), now, broken))
    # Whoever sees few enough again, and sees this entry, sees all others beside it: those pairs are made above.
    pairs = {pair for reader in before - now for pair in combinations(sorted(block.seen(reader) - {entry.id}), 2)}
    for a, b in sorted(pairs):
        matches += _matches(block.entries[a], [block.entries[b]], now, broken)
    matches.sort(key=attrgetter("a", "b"))
    return Put(standing != block.entries.get(entry.id), tuple(matches), now if now != before else None, tuple(broken))


def _matches(one: Entry, others: Iterable[Entry], crowded: frozenset[str], broken: list[str]) -> Iterator[Match]:
    """The matches of an entry with others under its key. A pair that stands together under several keys is decided
    under the smallest of them only."""
    others = list(others)
    if not others:
        return
    block = one.key.split("|", 2)[2]
    sides = [
        (frozenset(readers) - crowded, candidate, candidate.blocks[: candidate.blocks.index(block)])
        for readers, candidate in one.sides
        if block in candidate.blocks_set
    ]
    for other in others if sides else ():
        for other_readers, against in other.sides:
            theirs = against.blocks_set
            for readers, candidate, smaller in sides:
                if not theirs.isdisjoint(smaller) or block not in theirs or readers.isdisjoint(other_readers):
                    continue
                try:
                    match = compare(candidate, against)
                except Exception as error:
                    # It concerns those who see both, and no other pair.
                    broken.append(type(error).__name__)
                    continue
                if match is not None:
                    yield replace(match, key=one.key)
