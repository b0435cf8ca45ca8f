"""What search needs of a store of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pipeline.errors import GabungError


class TooSlow(GabungError):
    """A question that takes longer than any may."""

    def __init__(self) -> None:
        super().__init__("this search takes too long; name a field, a kind or a span of time, and try again")


class Store(Protocol):
    """One reader's own indexes at a time. There is no way to ask several readers' at once."""

    def search(self, scope: str, reader: str, docs: tuple[str, ...], body: dict[str, Any]) -> dict[str, Any]:
        """An Elasticsearch response. A missing index is empty. Raises ServiceMissing, TooSlow, WrongUse."""
        ...

    def msearch(
        self, scope: str, reader: str, asked: Sequence[tuple[tuple[str, ...], dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        """The responses to several searches (kinds of documents, body) in their order. Raises as `search` does."""
        ...

    def fetch(self, scope: str, reader: str, wanted: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        """Documents by (doc, id in the index), as they were last written, whether or not search finds them yet; None
        for what is not there. Raises ServiceMissing, WrongUse."""
        ...
