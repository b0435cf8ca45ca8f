"""The list of one's own exports: rebuilt from what was kept, bounded, and nobody else's."""

from __future__ import annotations

from typing import Any

from pipeline.search.exports import MOST_EACH, Exports
from pipeline.search.keeping import mark_key, mark_value
from tests.spec.tables import NOW


def made(at: int) -> dict[str, Any]:
    return {"at": f"2026-11-01T00:{at // 60:02}:{at % 60:02}Z", "format": "csv", "question": {}, "filename": f"{at}.csv"}  # fmt: skip


def test_the_list_is_rebuilt_from_what_was_kept_in_any_order() -> None:
    topic: dict[str, bytes | None] = {}
    exports = Exports(topic.__setitem__)
    for at in range(MOST_EACH + 30):
        exports.add("bnn", "siti", made(at))
    exports.add("bnn", "budi", made(7))
    listed = exports.of("bnn", "siti")
    assert [one["filename"] for one in listed] == [f"{at}.csv" for at in reversed(range(30, MOST_EACH + 30))]
    again = Exports()
    for key, value in reversed(topic.items()):
        assert again.take(key, value)
    assert again.of("bnn", "siti") == listed
    assert [one["filename"] for one in again.of("bnn", "budi")] == ["7.csv"]
    assert again.of("polri", "siti") == []
    assert sum(value is not None for value in topic.values()) == MOST_EACH + 1


def test_what_else_stands_on_the_topic_is_no_export() -> None:
    assert not Exports().take(mark_key("looked", "live/bnn/siti"), mark_value(NOW))
