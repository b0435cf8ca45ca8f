"""The match stage: who stands under each blocking key, and the matches that a newcomer makes there.

A match is a fact about two fingerprints, true for ever, so it is never taken back: fuse uses it only while both
sides still bear these prints. That makes redelivery, restarts and any order harmless.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.match.candidate import Candidate
from pipeline.match.compare import Match, compare
from pipeline.match.spread import Entry

Block = dict[str, Entry]
"""What stands under one key: id -> entry."""


def put(block: Block, entry: Entry) -> tuple[bool, list[Match]]:
    """Put an entry into its block, in place of what stood there for its id; an empty one leaves it.

    Returns whether the block changed, and the matches between the newcomer's sides and those that some reader sees
    beside them. An entry of an older revision changes nothing.
    """
    before = block.get(entry.id)
    if before is not None and entry.revision < before.revision:
        return False, []
    if entry.sides:
        block[entry.id] = entry
    else:
        block.pop(entry.id, None)
    return before != block.get(entry.id), list(_matches(block, entry))


def _matches(block: Block, entry: Entry) -> Iterator[Match]:
    for readers, candidate in entry.sides:
        for other_id in sorted(block):
            if other_id == entry.id:
                continue
            for other_readers, other in block[other_id].sides:
                if set(readers).isdisjoint(other_readers) or not decides(entry.key, candidate, other):
                    continue
                match = compare(candidate, other)
                if match is not None:
                    yield match


def decides(key: str, one: Candidate, other: Candidate) -> bool:
    """Whether this key is the one under which the pair is decided: the smallest that both stand under."""
    shared = min(set(one.blocks) & set(other.blocks), default=None)
    return shared is not None and key.endswith(f"|{one.kind}|{shared}")
