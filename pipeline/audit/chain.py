"""Chains of events, each bound to the one before it by a hash; and whether a set of chains is whole.

A chain belongs to one writer (one process, from its start to its end), so that writers need not wait for each other,
and a writer that is killed leaves a chain that is whole up to there. A repeat after a crash stands in the next chain.

What this finds: an event that was changed, taken out, put in, or put elsewhere. The end of a chain that was cut off,
and a chain that was taken out whole, are found by whoever kept the heads that an earlier verification gave.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

START = "0" * 64
"""What the first event of a chain is bound to."""
Event = dict[str, Any]


def canonical(event: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed: JSON with sorted keys, without the hash itself."""
    bare = {name: value for name, value in event.items() if name != "hash"}
    return orjson.dumps(bare, option=orjson.OPT_SORT_KEYS)


def digest(event: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(event)).hexdigest()


class Chain:
    """One writer's chain."""

    def __init__(self, writer: str) -> None:
        self.id = f"{writer}-{uuid.uuid4()}"
        self.sequence = 0
        self.head = START

    def bind(self, body: Mapping[str, Any]) -> Event:
        """The event that stands next in the chain: the body with chain, sequence, the hash before, and its own."""
        event: Event = {**body, "chain": self.id, "sequence": self.sequence, "previous": self.head}
        event["hash"] = self.head = digest(event)
        self.sequence += 1
        return event


@dataclass(frozen=True)
class Fault:
    """Where something is wrong (partition and offset, or a line) and what."""

    where: str
    says: str


@dataclass
class Verified:
    """events: how many were read; heads: chain -> (sequence, hash) of its last event."""

    events: int = 0
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def verify(events: Iterable[tuple[str, bytes]], known: Mapping[str, tuple[int, str]] | None = None) -> Verified:
    """Read (where, bytes) in order, and say all that is wrong, the first of each chain first.

    known: heads of an earlier verification. Each must stand where it stood. An event that is there twice, byte for
    byte, one after the other, is no fault: the broker may have taken it twice.
    """
    found = Verified()
    broken: set[str] = set()
    missing = dict(known or {})
    for where, raw in events:
        found.events += 1
        event = _read(raw)
        if event is None:
            found.faults.append(Fault(where, "is no event"))
            continue
        chain = event["chain"]
        at, head = found.heads.get(chain, (-1, START))
        if (event["sequence"], event["hash"]) == (at, head):
            continue
        if chain not in broken and (wrong := _wrong(event, at, head)):
            broken.add(chain)
            found.faults.append(Fault(where, f"chain {chain}: {wrong}"))
        found.heads[chain] = (event["sequence"], event["hash"])
        if missing.get(chain) == (event["sequence"], event["hash"]):
            del missing[chain]
    for chain, (sequence, _) in sorted(missing.items()):
        found.faults.append(Fault("end", f"chain {chain}: event {sequence}, there at the last verification, is gone"))
    return found


def _read(raw: bytes) -> Event | None:
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    shape = {"chain": str, "sequence": int, "previous": str, "hash": str}
    fits = isinstance(event, dict) and all(isinstance(event.get(name), kind) for name, kind in shape.items())
    return event if fits else None


def _wrong(event: Event, at: int, head: str) -> str | None:
    sequence = event["sequence"]
    if digest(event) != event["hash"]:
        return f"event {sequence} was changed"
    if sequence > at + 1:
        return f"event {at + 1} is missing before {sequence}"
    if sequence <= at:
        return f"event {sequence} stands after {at}"
    return None if event["previous"] == head else f"event {sequence} is not bound to the one before it"
