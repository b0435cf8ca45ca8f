"""What is told of a document at a glance."""

from __future__ import annotations

import pytest

from pipeline.search.summary import fullest, label


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["Boedi S.", "Budi Santosa", "Budi Santoso"], "Budi Santosa"),
        (["B. S. Putra", "Budi Putra"], "Budi Putra"),
        (["Budi", "Budi Santoso Putra", "Budi Santoso"], "Budi Santoso Putra"),
        (["李明"], "李明"),
    ],
)
def test_whoever_goes_by_several_names_is_called_by_the_fullest(names: list[str], wanted: str) -> None:
    assert fullest(names) == fullest(names[::-1]) == wanted
    assert label({"doc": "entity", "id": "x", "names": names}) == wanted


def test_what_has_no_name_is_called_by_what_else_it_has() -> None:
    phone = {"doc": "entity", "id": "r/p1", "names": [], "identifiers": [{"scheme": "phone", "value": "+62811"}]}
    assert label(phone) == "+62811"
    assert label(phone | {"identifiers": []}) == "r/p1"
    assert label({"doc": "report", "id": "r", "title": "Dua peti"}) == "Dua peti"
    assert label({"doc": "report", "id": "r"}) == "r"
