"""Blocking keys under which some reader sees too many to prove anything: kept for the operator, who is told how many.

One row a key on a small compacted topic that no reader is given. A row names its key by a digest alone, since a key
is made of what reports say.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

import orjson

from pipeline.flow import CROWDED_TOPIC
from pipeline.shell.outbox import Outgoing
from pipeline.shell.read import held_messages


def crowd_row(key: str, kind: str, *, crowded: bool) -> Outgoing:
    """That a key is crowded from now on, or no longer."""
    name = blake2b(key.encode(), digest_size=16).hexdigest().encode()
    return Outgoing(CROWDED_TOPIC, name, orjson.dumps({"kind": kind}) if crowded else None)


def crowds(kafka: str) -> dict[str, int]:
    """Kind -> how many of its keys are crowded; kinds without any are left out. Raises ServiceMissing."""
    newest = {row.key: row.value for row in held_messages(kafka, CROWDED_TOPIC)}
    return dict(sorted(Counter(orjson.loads(value)["kind"] for value in newest.values() if value).items()))
