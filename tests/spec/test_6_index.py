"""Index: write what changed, delete what is gone, in each reader's own index."""

from __future__ import annotations

from pipeline.index.last import actions
from pipeline.index.mapping import mapping


def published(version: int, **documents: object) -> dict[str, object]:
    shown = [[readers.split("_"), {"id": "x", "said": said}] for readers, said in documents.items()]
    return {"scope": "live", "doc": "report", "id": "x", "version": version, "documents": shown}


def test_only_what_changed_is_written() -> None:
    first = actions(None, published(1, bnn_polri="a"))
    assert first is not None
    kept, todo = first
    assert [(action.reader, action.document) for action in todo] == [("bnn", {"id": "x", "said": "a"}), ("polri", {"id": "x", "said": "a"})]  # fmt: skip
    again = actions(kept, published(2, bnn="a", polri="b"))
    assert again is not None
    assert [(action.reader, action.document) for action in again[1]] == [("polri", {"id": "x", "said": "b"})]


def test_who_sees_it_no_more_has_it_deleted() -> None:
    first = actions(None, published(1, bnn_polri="a"))
    assert first is not None
    after = actions(first[0], published(2, bnn="a"))
    assert after is not None
    assert [(action.reader, action.document) for action in after[1]] == [("polri", None)]


def test_an_older_version_changes_nothing() -> None:
    first = actions(None, published(2, bnn="a"))
    assert first is not None
    assert actions(first[0], published(1, bnn="b")) is None


def test_unknown_fields_are_kept_and_never_break_a_write() -> None:
    assert mapping("report")["dynamic"] is False
    assert mapping("entity")["dynamic"] is False
