"""The match stage: who stands under each blocking key, and the matches that a newcomer makes there.

A match is a fact about two fingerprints, true for ever, so it is never taken back: fuse uses it only while both
sides still bear these prints. That makes redelivery, restarts and any order harmless.

A name that thousands bear must not make millions of comparisons, nor pull everything together. So for a reader who
sees more than CROWD under one key, that key proves nothing: nobody is compared there for this reader, and matches made
under it are void for this reader. Only what the reader sees counts, so a crowd of hidden ones changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

from pipeline.match.candidate import Candidate
from pipeline.match.compare import Match, compare
from pipeline.match.spread import Entry

CROWD = 100
"""So many a reader may see under one key. A newcomer is compared with no more for each reader."""


@dataclass
class Block:
    """What stands under one key: id -> entry; and who sees which ids there."""

    entries: dict[str, Entry] = field(default_factory=dict)
    seen_by: dict[str, set[str]] = field(default_factory=dict)

    @property
    def crowded(self) -> frozenset[str]:
        """The readers who see too many here."""
        return frozenset(reader for reader, ids in self.seen_by.items() if len(ids) > CROWD)

    def place(self, entry: Entry) -> None:
        """Put an entry in place of what stood there for its id; an empty one leaves it."""
        before = self.entries.pop(entry.id, None)
        for reader in before.readers if before else ():
            self.seen_by[reader].discard(entry.id)
            if not self.seen_by[reader]:
                del self.seen_by[reader]
        if entry.sides:
            self.entries[entry.id] = entry
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
    beside = set[str]().union(*(block.seen_by[reader] for reader in entry.readers if reader not in now)) - {entry.id}
    pairs = {(entry.id, other) if entry.id < other else (other, entry.id) for other in beside}
    for reader in before - now:
        pairs.update(combinations(sorted(block.seen_by.get(reader, ())), 2))
    broken: list[str] = []
    matches = tuple(
        match for a, b in sorted(pairs) for match in _matches(block.entries[a], block.entries[b], now, broken)
    )
    return Put(standing != block.entries.get(entry.id), matches, now if now != before else None, tuple(broken))


def _matches(one: Entry, other: Entry, crowded: frozenset[str], broken: list[str]) -> Iterator[Match]:
    for readers, candidate in one.sides:
        for other_readers, against in other.sides:
            if not (set(readers) & set(other_readers)) - crowded or not decides(one.key, candidate, against):
                continue
            try:
                match = compare(candidate, against)
            except Exception as error:
                # It concerns those who see both, and no other pair.
                broken.append(type(error).__name__)
                continue
            if match is not None:
                yield replace(match, key=one.key)


def decides(key: str, one: Candidate, other: Candidate) -> bool:
    """Whether this key is the one under which the pair is decided: the smallest that both stand under."""
    theirs = other.blocks_set
    shared = next((block for block in one.blocks if block in theirs), None)
    return shared is not None and key.endswith(f"|{one.kind}|{shared}")
