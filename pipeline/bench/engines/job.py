"""The job that every engine does with each message: decode, hash, look up, encode. Pure.

Nothing but the standard library and fastavro: Quix Streams runs it in an environment of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from random import Random
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer

SIZE = 320
"""Bytes of a message."""
REVISIONS = 4
"""Messages under each key."""
_FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string"},
    {"name": "revision", "type": "int"},
    {"name": "kind", "type": "string"},
    {"name": "reported_at", "type": "long"},
    {"name": "names", "type": {"type": "array", "items": "string"}},
    {"name": "text", "type": "string"},
]
TAKEN = parse_schema({"type": "record", "name": "Taken", "fields": _FIELDS})
GIVEN = parse_schema(
    {
        "type": "record",
        "name": "Given",
        "fields": [*_FIELDS, {"name": "print", "type": "bytes"}, {"name": "before", "type": ["null", "bytes"]}],
    }
)
NAMES = ("Budi", "Siti", "Agus", "Dewi", "Eko", "Rina", "Joko", "Wati", "Hadi", "Yuni")

PRODUCER = {
    "enable.idempotence": True,
    "compression.type": "lz4",
    "linger.ms": 2,
    "queue.buffering.max.messages": 200_000,
}
"""As our own workers have it (`pipeline.shell.parts`), so that the broker's work is alike."""


@dataclass(frozen=True)
class Place:
    """Where an engine works: the broker, the topics it reads and writes, its consumer group, a folder of its own."""

    kafka: str
    source: str
    sink: str
    group: str
    folder: str

    @classmethod
    def given(cls) -> Place:
        """From the command line."""
        return cls(*sys.argv[1:])


def done(value: bytes, last: Callable[[str], bytes | None]) -> tuple[str, bytes, bytes]:
    """The job. last: what was hashed last under a key, if anything.

    Returns the key, its new hash (which whoever keeps state keeps) and the message to send.
    """
    record: Any = schemaless_reader(BytesIO(value), TAKEN, None)
    key = record["id"]
    record["print"] = now = blake2b(value, digest_size=16).digest()
    record["before"] = last(key)
    out = BytesIO()
    schemaless_writer(out, GIVEN, record)
    return key, now, out.getvalue()


class InMemory:
    """The job with its state in a dict of the process: gone when it ends."""

    def __init__(self) -> None:
        self.prints: dict[str, bytes] = {}

    def __call__(self, value: bytes) -> bytes:
        key, now, given = done(value, self.prints.get)
        self.prints[key] = now
        return given


def messages(many: int, seed: int) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of so many messages, all invented, REVISIONS of each key, these far apart."""
    random = Random(seed)
    keys = -(-many // REVISIONS)
    for number in range(many):
        id_ = f"{number % keys:032x}"
        record = {
            "id": id_,
            "revision": number // keys,
            "kind": "person",
            "reported_at": 1_790_000_000_000 + number,
            "names": random.sample(NAMES, 3),
            "text": "",
        }
        bare = BytesIO()
        schemaless_writer(bare, TAKEN, record)
        room = SIZE - len(bare.getvalue()) - 1  # a length of 64 or more takes another byte
        record["text"] = f"{random.getrandbits(1200):0300x}"[:room]
        full = BytesIO()
        schemaless_writer(full, TAKEN, record)
        yield id_.encode(), full.getvalue()


def distinct(given: Iterable[bytes]) -> int:
    """How many of the messages that were taken have one that was given, however often. Each revision tells of the one
    before it, or of itself where it came twice; ValueError where one does not."""
    prints: dict[tuple[str, int], bytes] = {}
    before: list[tuple[str, int, bytes | None]] = []
    for value in given:
        record: Any = schemaless_reader(BytesIO(value), GIVEN, None)
        prints[record["id"], record["revision"]] = record["print"]
        before.append((record["id"], record["revision"], record["before"]))
    for id_, revision, told in before:
        if told not in (prints.get((id_, revision - 1)), prints[id_, revision]):
            raise ValueError(f"revision {revision} of {id_} was not looked up rightly")
    return len(prints)
