"""Search: only the reader's own indexes. The language is in tests/search, the API in tests/integration/test_search.py."""

from __future__ import annotations

from typing import Any

from pipeline.search.ask import ask, fetch
from pipeline.search.question import Question
from tests.spec.tables import NOW

EMPTY: dict[str, Any] = {"hits": {"total": {"value": 0}, "hits": []}}


class Listener:
    """A store that holds nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []

    def search(self, scope: str, reader: str, docs: tuple[str, ...], body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((scope, reader, docs))
        return EMPTY

    def msearch(self, scope: str, reader: str, wanted: list[Any]) -> list[dict[str, Any]]:
        return [self.search(scope, reader, docs, body) for docs, body in wanted]


def test_every_question_goes_to_one_readers_indexes() -> None:
    """L11: whatever the question says."""
    store, told = Listener(), []  # type: ignore[var-annotated]
    for question in (Question(), Question(q="agency:bnn OR doc:report", agency=["bnn"]), Question(exercise="badai")):
        ask(store, told.append, "polri", question, NOW)
    assert fetch(store, told.append, "polri", "report", "x", None, NOW) is None
    assert {reader for _, reader, _ in store.asked} == {"polri"}
    assert [scope for scope, _, _ in store.asked] == ["live", "live", "live", "exercise-badai", "live"], (
        "an agency is chosen, so all are counted besides"
    )
