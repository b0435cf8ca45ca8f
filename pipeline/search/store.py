"""What search needs of a store of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Store(Protocol):
    """One reader's own indexes at a time. There is no way to ask several readers' at once."""

    def search(self, scope: str, reader: str, docs: tuple[str, ...], body: dict[str, Any]) -> dict[str, Any]:
        """An Elasticsearch response. A missing index is empty. Raises ServiceMissing, WrongUse."""
        ...

    def msearch(
        self, scope: str, reader: str, asked: Sequence[tuple[tuple[str, ...], dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        """The responses to several searches (kinds of documents, body) in their order. Raises as `search` does."""
        ...
