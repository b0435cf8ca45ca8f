"""What search needs of a store of documents."""

from __future__ import annotations

from typing import Any, Protocol


class Store(Protocol):
    """One reader's own indexes at a time. There is no way to ask several readers' at once."""

    def search(self, scope: str, reader: str, docs: tuple[str, ...], body: dict[str, Any]) -> dict[str, Any]:
        """An Elasticsearch response. A missing index is empty. Raises ServiceMissing, WrongUse."""
        ...
