"""A query as a predicate on one document. That Elasticsearch decides the same is tried in
tests/integration/test_language.py; here stands what the language means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pipeline.alert.required import required
from pipeline.errors import WrongUse
from pipeline.report.model import rfc3339
from pipeline.search.analysis import words
from pipeline.search.indexed import Indexed
from pipeline.search.matching import matches
from pipeline.search.mistake import Mistake
from pipeline.search.moments import span
from pipeline.search.necessary import necessary, terms
from pipeline.search.query import parse
from pipeline.search.question import Question, standing_at, tree_of
from pipeline.search.tree import Everything, Nothing
from tests.search.language import documents

NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
REPORT: dict[str, Any] = {
    "doc": "report", "id": "r1", "agency": "bnn", "kind": "seizure", "source_id": "LP/7", "title": "Dua peti di dermaga",
    "narrative": "Ma'ruf berkata: dua orang membawa peti-kemas ke kapal lama.", "reported_at": "2026-10-28T10:00:00Z",
    "marking": {"tlp": "AMBER", "caveats": ["NOFORN"]}, "duplicates": [],
    "entities": [
        {"ref": "p1", "kind": "person", "names": ["Budi Santoso", "Владимир Орлов"], "attributes": {"warna": "Merah"},
         "identifiers": [{"scheme": "phone", "value": "0811-1222-333"}]},
    ],
    "locations": [{"name": "Tanjung Priok", "country": "ID", "point": [106.883, -6.104]}],
    "search": {"names": ["budi santoso", "vladimir orlov"], "identifiers": ["phone:+628111222333"]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("peti dermaga", True),
        ("peti pelabuhan", False),
        ('"dua peti"', True),
        ('"peti dua"', False),
        ('"dua peti"~3 AND narrative:"orang peti"~1', True),
        ('narrative:"dua peti"~1', False),
        ('narrative:"dua peti"~2', True),
        ('narrative:"orang dua"~2', True),
        ('"santoso vladimir"~50', False),  # they stand in two values
        ("ma'ruf", True),
        ("kemas", True),
        ("pet*", True),
        ("p?ti", True),
        ("PET*s", False),
        ("peti-ke*", True),
        ("Орл*", True),
        ("kontainer*", False),
        ("bdui~", True),  # two letters swapped
        ("badi~1", True),
        ("ibud~", False),  # the first letter stays
        ("santozzo~1", False),
        ("santozzo~2", True),
        ("nama:santsoo~", True),
        ("phone:08111222333", True),
        ("phone:+628111*", True),
        ("phone:0811*", True),
        ("phone:0811-12*", True),
        ("phone:00628111*", True),
        ("phone:628111*", True),
        ("phone:8111?22*333", True),
        ("identifier:0811-1222*", True),
        ("identifier:0062811*", True),
        ("phone:0812*", False),
        ("phone:(0811)*", True),
        ("phone:(0811)12?2-*", True),
        ("phone:(0811)1222333", True),
        ("phone:(0812)*", False),
        ("phone:(+62)811*", True),
        ("0811-12*", True),
        ("+628111*", True),
        ("NOT +628111*", False),
        ("peti AND (0811)12*", True),
        ("00628111*", True),
        ("628111*", True),
        ("+62812*", False),
        ("(0812)*", False),
        ("8111*", False),  # without a field only what is written as a phone begins
        ("08*", True),  # the word itself, as it was written
        ("phone:0062812*", False),
        ("passport:0811*", False),
        ("phone:08111222334", False),
        ("attribute:Merah", True),
        ("attribute:merah", False),
        ("kind:person", True),
        ("kind:s*e", True),
        ("caveat:*", True),
        ("occurred:*", False),
        ("title:(peti OR kapal) -kapal", False),
        ("title:(peti OR kapal) +kapal", True),
        ("NOT (kapal OR x)", False),
        ("peti^3", True),
        ('reported:"last 7 days"', True),
        ('tanggal:"3 hari terakhir"', False),
        ("tanggal:kemarin", False),
        ("reported:[2026-10-28T10:00:00Z TO *]", True),
        ("reported:{2026-10-28T10:00:00Z TO *]", False),
        ('reported:["1 week ago" TO yesterday]', True),
        ('near:"Tanjung Priok" 20km', True),
        ('near:"Tanjung Perak" 20km', False),
        ("near:-6.1,106.88,20km", True),
        ("dekat:-6.1,106.88,500m", False),
        ("box:-6.2,106.7,-6.0,107.0", True),
        ("kotak:-6.2,170,-6.0,-170", False),
        ('"near: is a word here" OR peti', True),
    ],
)
def test_what_a_query_holds_of(query: str, holds: bool) -> None:
    tree = parse(query, NOW)
    assert matches(tree, REPORT) is holds
    needed = necessary(tree)
    assert not holds or needed is None or needed & terms(REPORT)
    assert not holds or all(one & terms(REPORT) for one in required(tree))


@pytest.mark.parametrize(
    ("query", "at", "said", "suggestion"),
    [
        ("budi narative:x", 5, "no field is called narative", "did you mean narrative?"),
        ("lembga:x", 0, "no field is called lembga", "did you mean lembaga?"),
        ('a "b', 2, "cannot be read", "close the quote"),
        ("a OR (b", 7, "cannot be read to its end", "finish what is open"),
        ("a reported:lusa", 11, "is no date", "last 7 days"),
        ("a /b.*/", 2, "regular expressions are not taken", "wildcards, like peti*"),
        ("a~7", 0, "one or two letters", "write a~1 or ~2"),
        ("phone:0811~", 6, "only words and names can be misspelt", "leave out the ~"),
        ('"a b a"~2', 0, "has a word twice", "write each word once"),
        ('"a b"~99', 0, "moved by 50 places", "write less"),
        ('x near:"Tanjung Priok"', 7, "a place and how far from it are needed", 'near:"Tanjung Priok" 20km'),
        ('near:"Entah Berantah" 5km', 5, "does not tell one place", "near:-6.1,106.88,20km"),
        ("near:-96,106,20km", 5, "near is not as it should be", "near is latitude"),
        ("box:1,2,3", 4, "a box has four numbers", "box:-6.2,106.7,-6.0,107.0"),
        ("box:3,2,1,4", 4, "from south to north", "box:south,west,north,east"),
        ("a*b*c*d*e*f", 0, "4 * and 8 ?", "write more of its letters"),
        ("foo-*bar", 0, "cannot begin with a wildcard", "write its beginning"),
        (" ".join(f"kata{n}*" for n in range(21)), 150, "more than 20 words with wildcards", "more simply"),
        (" ".join(f"kata{n}~" for n in range(9)), 56, "more than 8 misspelt words", "more simply"),
        ('"' + "kata " * 1100 + '"', 0, "more than 1,000 words", "more simply"),
    ],
)
def test_a_mistake_has_its_place_and_what_to_write(query: str, at: int, said: str, suggestion: str) -> None:
    with pytest.raises(Mistake) as error:
        parse(query, NOW)
    assert error.value.at == at
    assert said in str(error.value)
    assert suggestion in error.value.suggestion


def test_a_question_holds_where_its_query_and_all_its_filters_do() -> None:
    def holds(**filters: Any) -> bool:
        return matches(tree_of(Question(**filters), NOW), REPORT)

    assert holds()
    assert holds(q="peti", doc="report", kind=["person", "x"], agency=["bnn"], tlp=["AMBER"], country=["ID"])
    assert holds(caveat=["NOFORN"], mention=["person"], place="tanjung priok", near=(-6.1, 106.88, 5.0))
    assert holds(box=(-7.0, 106.0, -6.0, 107.0), start="2026-10-28T10:00Z")
    for other in ({"doc": "entity"}, {"kind": ["x"]}, {"tlp": ["RED"]}, {"place": "tanjung perak"}, {"q": "x"},
                  {"box": (0.0, 106.0, 1.0, 107.0)}, {"end": "2026-10-27"}, {"start": "yesterday"}):  # fmt: skip
        assert not holds(**other), other


def test_a_filter_by_date_is_read_as_the_language_reads_it() -> None:
    for written in ("last 7 days", "kemarin", "2026-10", "2026-10-31T20:00:00+07:00", "bulan lalu"):
        ends = tree_of(Question(start=written, end=written), NOW)
        assert ends == parse(f'reported:["{written}" TO "{written}"]', NOW), written
        later = NOW + timedelta(days=40)
        assert tree_of(Question(start=written), later) == parse(f'reported:>="{written}"', later)
    with pytest.raises(Mistake, match="'last week or so' is no date"):
        tree_of(Question(end="last week or so"), NOW)


def test_what_has_expired_stands_no_longer() -> None:
    expires = REPORT | {"marking": {"tlp": "AMBER", "expires_at": "2026-11-01T09:30:00Z"}}
    assert matches(standing_at(NOW - timedelta(milliseconds=1)), expires)
    assert not matches(standing_at(NOW), expires)
    assert not matches(standing_at(NOW), REPORT | {"valid_until": "2026-10-31T00:00:00Z"})
    assert matches(standing_at(NOW), REPORT)


def test_what_is_necessary_tells_most_documents_away() -> None:
    """Standing queries of a word, a name, an identifier or a place are looked up, not tried one by one."""
    found = [Indexed(document) for document in documents(seed=3, number=40)]
    for query in ("sabu kapal", 'nama:"budi santoso"', "phone:08111222333 peti", "place:belawan AND kind:seizure"):
        needed = necessary(parse(query, NOW))
        assert needed is not None
        assert sum(bool(needed & terms(document)) for document in found) < len(found) * 0.7
    assert necessary(Everything()) is None
    assert necessary(Nothing()) == frozenset()
    assert necessary(parse("NOT a", NOW)) is None
    assert necessary(parse("a OR NOT b", NOW)) is None


def test_words_are_told_apart_as_the_index_does() -> None:
    assert words("Peti-kemas 3.14 O'Neill a.b 東京タワー ภาษาไทย 👩‍👩‍👧 İzmir") == [
        "peti", "kemas", "3.14", "o'neill", "a.b", "東", "京", "タワー", "ภาษาไทย", "👩‍👩‍👧", "izmir",
    ]  # fmt: skip
    assert [len(word) for word in words("x" * 600)] == [255, 255, 90]


JAKARTA = timezone(timedelta(hours=7))


def spans() -> Iterator[tuple[str, str, str]]:
    yield "today", "2026-11-01T00:00:00+07:00", "2026-11-01T23:59:59.999+07:00"
    yield "Hari Ini", "2026-11-01T00:00:00+07:00", "2026-11-01T23:59:59.999+07:00"
    yield "kemarin", "2026-10-31T00:00:00+07:00", "2026-10-31T23:59:59.999+07:00"
    yield "last 7 days", "2026-10-25T06:00:00+07:00", "2026-11-01T06:00:00+07:00"
    yield "7 hari  terakhir", "2026-10-25T06:00:00+07:00", "2026-11-01T06:00:00+07:00"
    yield "past 2 hours", "2026-11-01T04:00:00+07:00", "2026-11-01T06:00:00+07:00"
    yield "last 8 months", "2026-03-01T06:00:00+07:00", "2026-11-01T06:00:00+07:00"
    yield "3 days ago", "2026-10-29T00:00:00+07:00", "2026-10-29T23:59:59.999+07:00"
    yield "3 hari yang lalu", "2026-10-29T00:00:00+07:00", "2026-10-29T23:59:59.999+07:00"
    yield "this week", "2026-10-26T00:00:00+07:00", "2026-11-01T23:59:59.999+07:00"
    yield "bulan lalu", "2026-10-01T00:00:00+07:00", "2026-10-31T23:59:59.999+07:00"
    yield "tahun ini", "2026-01-01T00:00:00+07:00", "2026-12-31T23:59:59.999+07:00"
    yield "now", "2026-11-01T06:00:00+07:00", "2026-11-01T06:00:00+07:00"


@pytest.mark.parametrize(("written", "first", "last"), list(spans()))
def test_days_are_those_of_the_time_zone_in_which_it_is_now(written: str, first: str, last: str) -> None:
    now = datetime(2026, 11, 1, 6, tzinfo=JAKARTA)
    expected = [rfc3339(datetime.fromisoformat(end)) for end in (first, last)]
    assert [rfc3339(end) for end in span(written, now)] == expected


@pytest.mark.parametrize("written", ["last 0x days", "99999 years ago", "last 7 fortnights", "9999"])
def test_what_is_no_span_is_a_mistake(written: str) -> None:
    with pytest.raises(WrongUse, match="is no date"):
        span(written, NOW)
