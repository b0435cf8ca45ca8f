"""The query language: what a question becomes, and how a mistake is answered."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import WrongUse
from pipeline.search import mistake
from pipeline.search.answer import found_one, marked
from pipeline.search.elastic import to_elastic
from pipeline.search.page.examples import EXAMPLES
from pipeline.search.page.texts import LANGUAGES
from pipeline.search.query import parse as tree_of_query
from pipeline.search.question import CLOSE, OPEN, Question, body
from pipeline.search.reading import MOST

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def parse(question: str) -> Any:
    return to_elastic(tree_of_query(question, NOW))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("kind:seizure", [("kind", "seizure")]),
        ("tlp:amber", [("marking.tlp", "AMBER")]),
        ('title:"dua peti"', [("match_phrase", "dua peti")]),
        ("phone:0811-1222-333", [("search.identifiers", "phone:+628111222333")]),
        ("phone:628111222333", [("search.identifiers", "phone:+628111222333")]),
        ('domain:"EVIL[.]example"', [("search.identifiers", "domain:evil.example")]),
        ('url:"hxxp://evil.example/a"', [("search.identifiers", "url:http://evil.example/a")]),
        ("Müller", [("query", "muller")]),
        ("reported:[2026-10-01 TO 2026-10-31]", [("gte", "2026-10-01T00:00:00Z"), ("lte", "2026-10-31T23:59:59.999")]),
        ("reported:{2026-10-01 TO *]", [("gte", "2026-10-02T00:00:00Z")]),
        ("reported:2026-12", [("gte", "2026-12-01T00:00:00Z"), ("lte", "2026-12-31T23:59:59.999")]),
        ("date:>=2026", [("gte", "2026-01-01T00:00:00Z")]),
        ('occurred:"2026-10-01T00:00:00+07:00"', [("gte", "2026-09-30T17:00:00Z")]),
        ("occurred:<2026-10", [("lte", "2026-09-30T23:59:59.999")]),
        ("Kind:Seizure", [("kind", "seizure")]),
        ("jenis:seizure", [("kind", "seizure")]),
        ("paspor:B7654321", [("search.identifiers", "passport:b7654321")]),
        ("country:id", [("places.country", "ID")]),
        ("phone:*", [("prefix", "phone:")]),
        ("name:*", [("exists", "names")]),
        ("polri AND NOT agency:bnn", [("must_not", "bnn")]),
        ("title:peti*", [("wildcard", "peti*")]),
    ],
)
def test_a_question_asks_for_this(question: str, said: list[tuple[str, str]]) -> None:
    text = json.dumps(parse(question))
    for name, value in said:
        assert f'"{name}"' in text
        assert value in text


def test_words_side_by_side_must_all_be_there() -> None:
    assert len(parse("budi santoso")["bool"]["must"]) == 2


def test_punctuation_between_words_asks_for_nothing() -> None:
    assert parse("budi & santoso –") == parse("budi santoso")


@pytest.mark.parametrize("question", ['""', 'title:""', 'title:" "', 'kind:""'])
def test_a_blank_phrase_finds_nothing(question: str) -> None:
    assert parse(question) == {"match_none": {}}


def test_questions_asked_at_once_do_not_mix() -> None:
    """luqum's usual parser has one lexer for all threads: one reader's words ended up in another's question."""
    questions = [f'(kata{n} OR "frasa {n}") AND kind:jenis{n}' for n in range(8)]
    alone = [parse(question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(parse, questions * 100))
    assert together == alone * 100


@given(st.text(st.sampled_from('ab*?:"()[]{}\\/~^+-!&|<>= .0é字😀\n') | st.characters(), max_size=60) | st.lists(st.sampled_from(["(", ")", "AND", "OR", "NOT", "a", "kind:", "reported:", "[", "TO", "]", '"x y"', "-", "2026-10"]), max_size=12).map(" ".join))  # fmt: skip
def test_whatever_is_asked_becomes_a_query_or_a_mistake(question: str) -> None:
    with suppress(WrongUse):
        assert json.dumps(parse(question))


@pytest.mark.parametrize("question", ["", "   ", "*"])
def test_an_empty_question_asks_for_everything(question: str) -> None:
    assert parse(question) == {"match_all": {}}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("narative:x", "no field is called narative (character 1)"),
        ('"unclosed', "(character 1); close the quote"),
        ("(a AND", "to its end (character 7); finish what is open"),
        ("*ending", "cannot begin with a wildcard"),
        ("title:?x", "cannot begin with a wildcard"),
        ('"dua pet"*', "(character 10); write it at the end of each word"),
        (
            "budi (a OR b)* c",
            "'(a OR b)*': a wildcard belongs to a word, not behind quotes or parentheses (character 14)",
        ),
        (
            "phone:(021 OR 022)*",
            "(character 19); write it at the end of each word, like peti*, (peti* OR kapal*), phone:021*",
        ),
        ("kind:[a TO b]", "a range needs a date field"),
        ("a " * 400, "more than 300 parts"),
        ("x" * 10_001, "at most 10,000"),
        ("(" * 31 + "a" + ")" * 31, "nests too deeply"),
        ("a~3", "(character 1); write a~1 or ~2"),
        ("budi narative:x", "(character 6); did you mean narrative?"),
        ("a) b", "(character 2); open a parenthesis"),
        ("a AND AND b", "(character 7); write something on both sides of AND"),
        ("a && b", "(character 3); write AND"),
        ("http://evil.example/a", "put a web address in quotes"),
        ("2001:db8::1", "(character 10); put a value that holds colons in quotes"),
        ("budi reported:yesterdy", "'yesterdy' is no date (character 15); write it like 2026, 2026-10"),
        ("reported:[2026-13-01 TO *]", "'2026-13-01' is no date"),
        ("reported:2026-02-30", "(character 10)"),
        ("NOT " * 40 + "a", "nests too deeply"),
    ],
)
def test_a_mistake_is_answered_with_what_to_write(question: str, answer: str) -> None:
    with pytest.raises(WrongUse) as error:
        parse(question)
    assert answer in str(error.value)


def test_every_question_leaves_out_what_no_longer_stands() -> None:
    for question in (Question(), Question(q="budi", kind=["person"]), Question(near=(-6.1, 106.8, 20))):
        filters = json.dumps(body(question, NOW)["query"]["bool"]["filter"])
        assert '"valid_until": {"lte": "2026-11-01T00:00:00Z"}' in filters
        assert '"marking.expires_at": {"lte": "2026-11-01T00:00:00Z"}' in filters


def test_pages_end_at_ten_thousand() -> None:
    with pytest.raises(WrongUse):
        body(Question(skip=9_990, size=20), NOW)


def test_what_a_report_says_is_escaped_in_a_highlight() -> None:
    assert marked(f"<script>{OPEN}x{CLOSE}") == "&lt;script&gt;<mark>x</mark>"


def test_an_id_that_a_merge_retired_leads_on() -> None:
    entity: dict[str, Any] = {"id": "a/p1", "mentions": [{"report": "a", "ref": "p1"}, {"report": "b", "ref": "p2"}]}
    response = {"hits": {"hits": [{"_source": entity}]}}
    assert found_one(response, "b/p2") == entity
    assert found_one(response, "b/p3") is None


def test_every_example_of_the_page_is_understood() -> None:
    for example in EXAMPLES:
        parse(example)


def test_every_mistake_is_told_in_both_languages() -> None:
    """Each key that the code may raise is there, none is idle, and both languages fill in the same."""
    pipeline = Path(mistake.__file__).parents[1]
    folders = [pipeline / name for name in ("search", "alert", "shell")]
    source = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    keys = set(mistake.texts())
    assert set(re.findall(r'Mistake\(\s*"([\w.]+)"', source)) <= keys
    assert {key for key in keys if f'"{key}"' not in source} == {f"many.{what}" for what in MOST}
    for key, said in mistake.texts().items():
        assert set(said) == set(LANGUAGES), key
        asked = [[set(re.findall(r"\{\w+\}", part)) for part in said[language]] for language in LANGUAGES]
        assert asked[0] == asked[1], key
        assert [len(parts) for parts in said.values()] == [2, 2], key


def test_a_mistake_is_told_in_the_readers_language() -> None:
    with pytest.raises(mistake.Mistake) as error:
        tree_of_query("a " * 400, NOW)
    assert error.value.told("id") == "pertanyaan ini lebih dari 300 bagian (karakter 599); tulis lebih sederhana"
    with pytest.raises(mistake.Mistake) as error:
        tree_of_query("budi reported:yesterdy", NOW)
    assert error.value.told("id").startswith("'yesterdy' bukan tanggal (karakter 15); tulis seperti 2026")
