"""A cursor works for its own reader and question alone; whatever else is wrong with it is answered with the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import WrongUse
from pipeline.search.cursor import Cursors

CURSORS = Cursors(b"k" * 32)
PLACE = [1.5, 1790812800000, "0a/p1"]
GIVEN = CURSORS.give("bnn", {"q": "peti"}, PLACE)


def test_a_cursor_gives_its_place_back() -> None:
    assert CURSORS.read("bnn", {"q": "peti"}, GIVEN) == PLACE
    assert Cursors(b"k" * 32).read("bnn", {"q": "peti"}, GIVEN) == PLACE


@pytest.mark.parametrize(
    ("cursors", "reader", "asked", "cursor"),
    [
        (CURSORS, "polri", {"q": "peti"}, GIVEN),
        (CURSORS, "bnn", {"q": "peti", "kind": ["seizure"]}, GIVEN),
        (CURSORS, "bnn", {}, GIVEN),
        (Cursors(b"x" * 32), "bnn", {"q": "peti"}, GIVEN),
        (CURSORS, "bnn", {"q": "peti"}, ""),
        (CURSORS, "bnn", {"q": "peti"}, "=" * 10),
        (CURSORS, "bnn", {"q": "peti"}, "\u00e9"),
        (CURSORS, "bnn", {"q": "peti"}, GIVEN + "A" * 4000),
    ],
)
def test_another_readers_or_questions_or_installations_is_refused(
    cursors: Cursors, reader: str, asked: dict[str, object], cursor: str
) -> None:
    with pytest.raises(WrongUse, match=r"^this cursor is not of this question; ask again without it"):
        cursors.read(reader, asked, cursor)


@given(st.integers(0, len(GIVEN) - 1), st.sampled_from("ABCDwxyz0189-_."))
def test_one_character_changed_is_refused(at: int, sign: str) -> None:
    changed = GIVEN[:at] + sign + GIVEN[at + 1 :]
    if changed != GIVEN:
        with pytest.raises(WrongUse):
            CURSORS.read("bnn", {"q": "peti"}, changed)
