"""Cursors: where a page of hits ended, signed. One that was altered, or is another reader's or question's, is refused.

A cursor holds the sort values of the last hit shown and nothing else. It may be kept: it does not wear off, and what
was added before its place since then is not shown again from it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from pipeline.errors import WrongUse

LONGEST = 4000
TAG_BYTES = 16
REFUSED = "this cursor is not of this question; ask again without it, and use cursors as they were given"


@dataclass(frozen=True)
class Cursors:
    """Made and read with a key of the installation."""

    key: bytes

    def give(self, reader: str, asked: Mapping[str, Any], place: list[Any]) -> str:
        """A cursor to what follows a place. `asked`: the question that it belongs to, without its size."""
        payload = orjson.dumps(place)
        return _written(self._tag(reader, asked, payload) + payload)

    def read(self, reader: str, asked: Mapping[str, Any], cursor: str) -> list[Any]:
        """The place. Raises WrongUse, with the same words whatever is wrong with it."""
        try:
            if len(cursor) > LONGEST:
                raise ValueError
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            tag, payload = raw[:TAG_BYTES], raw[TAG_BYTES:]
            if _written(raw) != cursor or not hmac.compare_digest(tag, self._tag(reader, asked, payload)):
                raise ValueError
            place: list[Any] = orjson.loads(payload)
        except ValueError:
            raise WrongUse(REFUSED) from None
        return place

    def _tag(self, reader: str, asked: Mapping[str, Any], payload: bytes) -> bytes:
        bound = orjson.dumps([reader, dict(asked)], option=orjson.OPT_SORT_KEYS)
        return hmac.new(self.key, sha256(bound).digest() + payload, sha256).digest()[:TAG_BYTES]


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
