"""What search needs of a store of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Store(Protocol):
    """One reader's own indexes at a time. There is no way to ask several readers' at once."""

    def search(self, scope: str, reader: str, docs: tuple[str, ...], body: dict[str, Any]) -> dict[str, Any]:
        """An Elasticsearch response. A missing index is empty. Raises ServiceMissing, WrongUse."""
        ...

    def fetch(self, scope: str, reader: str, wanted: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        """Documents by (doc, id in the index), as they were last written, whether or not search finds them yet; None
        for what is not there. Raises ServiceMissing, WrongUse."""
        ...
