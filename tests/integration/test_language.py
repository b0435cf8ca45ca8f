"""The query language on a real Elasticsearch: both readings of a query select the same documents, and words are told
apart as Elasticsearch does it.

GABUNG_EXAMPLES sets how many queries are tried; each is put to all documents.
"""

from __future__ import annotations

import os
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.addresses import Addresses
from pipeline.alert.required import required
from pipeline.errors import WrongUse
from pipeline.index.mapping import SETTINGS, mapping
from pipeline.search.analysis import lower, words
from pipeline.search.elastic import to_elastic
from pipeline.search.indexed import Indexed
from pipeline.search.matching import matches
from pipeline.search.necessary import necessary, terms
from pipeline.search.query import parse
from pipeline.search.question import Question, body, standing_at, tree_of
from pipeline.search.tree import All, Node
from tests.search.language import NOW, documents, queries

EXAMPLES = int(os.environ.get("GABUNG_EXAMPLES", "150"))
FOUND = documents(seed=int(os.environ.get("GABUNG_SEED", "1")), number=60)
INDEXED = [Indexed(document) for document in FOUND]
TERMS = [terms(document) for document in INDEXED]
NAMES = {doc: f"language.{doc}" for doc in ("report", "entity")}


@pytest.fixture(scope="module")
def elastic(services: Addresses) -> Iterator[Elasticsearch]:
    client = Elasticsearch(services.need("elasticsearch"), request_timeout=120)
    client.indices.delete(index=[*NAMES.values(), "language.words"], ignore_unavailable=True)
    for doc, name in NAMES.items():
        client.indices.create(index=name, settings={"index": SETTINGS}, mappings=mapping(doc))
    client.indices.create(index="language.words", settings={"index": SETTINGS | {"analyze.max_token_count": 10**6}})
    bulk(client, ({"_index": NAMES[one["doc"]], "_id": str(at), "_source": one} for at, one in enumerate(FOUND)))
    client.indices.refresh(index="language.*")
    yield client
    client.indices.delete(index=[*NAMES.values(), "language.words"], ignore_unavailable=True)


def selected(client: Elasticsearch, query: dict[str, Any]) -> set[int]:
    answer = client.search(index=list(NAMES.values()), query=query, size=10_000, source=False)
    return {int(hit["_id"]) for hit in answer["hits"]["hits"]}


def held(tree: Node) -> set[int]:
    return {at for at, document in enumerate(INDEXED) if matches(tree, document)}


def agree(client: Elasticsearch, tree: Node, query: dict[str, Any]) -> None:
    ours = held(tree)
    assert ours == selected(client, query), tree
    needed = necessary(tree)
    assert needed is None or all(needed & TERMS[at] for at in ours)
    assert all(one & TERMS[at] for one in required(tree) for at in ours)


def test_both_readings_of_a_query_select_the_same_documents(elastic: Elasticsearch) -> None:
    seen: list[int] = []

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES == 150
    )
    @given(queries(FOUND))
    def check(text: str) -> None:
        with suppress(WrongUse):
            tree = parse(text, NOW)
            agree(elastic, tree, to_elastic(tree))
            seen.append(len(held(tree)))

    check()
    assert len(seen) > EXAMPLES // 2  # most are queries, not mistakes
    assert sum(0 < number < len(FOUND) for number in seen) > len(seen) // 3  # and tell documents apart


def some(values: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.just([]) | st.lists(st.sampled_from(values), min_size=1, max_size=2)


QUESTIONS = st.builds(
    Question,
    q=st.just("") | queries(FOUND),
    doc=st.sampled_from([None, None, "report", "entity"]),
    kind=some(["seizure", "patrol", "person", "vessel"]),
    agency=some(["bnn", "polri", "x"]),
    tlp=some(["CLEAR", "GREEN", "AMBER", "RED"]),
    mention=some(["person", "vessel"]),
    country=some(["ID", "MY", "JP"]),
    caveat=some(["NOFORN", "sumber"]),
    place=st.sampled_from([None, None, "batam", "tanjung priok", "東京"]),
    near=st.sampled_from([None, None, (-6.104, 106.883, 1.0), (3.0, 98.0, 500.0)]),
    box=st.sampled_from([None, None, (-10.0, 95.0, 10.0, 120.0), (-90.0, 170.0, 90.0, -170.0)]),
    start=st.sampled_from([None, None, "2026-10-02T09:30:00Z", "2026-10", "last 7 days", "kemarin"]),
    end=st.sampled_from([None, None, "now", "2026-10-31", "3 hari yang lalu"]),
)


def test_a_whole_question_and_its_tree_select_the_same_documents(elastic: Elasticsearch) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES == 150
    )
    @given(QUESTIONS)
    def check(question: Question) -> None:
        with suppress(WrongUse):
            agree(elastic, All((tree_of(question, NOW), standing_at(NOW))), body(question, NOW)["query"])

    check()


ODD = [*"aB1_.,:;'\"-/@ #*9éאבתעم٣カーひ漢字ก่ิ가각·…İΣß＿１ⅷ©々〇ゝﾞｶ’", "\u0301", "\u200d", "\ufe0f", "\ufe0e", "\u20e3", "😀",
       "👩", "🏽", "🇮", "🇩", "❤", "🏴", "\U000e0067", "\U000e007f", "\u00ad", "\u2060", "\u0600", "𠀀", "𝒜", "\u3000", "\r\n"]  # fmt: skip
"""Signs that word boundaries turn on."""
APART = " \n "


class Told(NamedTuple):
    text: str
    elastic: list[str]


def told_apart(client: Elasticsearch, texts: Sequence[str]) -> list[Told]:
    """Each text with its words as Elasticsearch has them; asked together, since one by one takes hours."""
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len((text + APART).encode("utf-16-le")) // 2
    answer = client.indices.analyze(index="language.words", analyzer="words", text=APART.join(texts))
    found: list[list[str]] = [[] for _ in texts]
    for token in answer["tokens"]:
        found[bisect_right(starts, token["start_offset"]) - 1].append(token["token"])
    return [Told(text, words_) for text, words_ in zip(texts, found, strict=True)]


PLANES = [sign for sign in map(chr, [*range(0xD800), *range(0xE000, 0x32000), *range(0xE0000, 0xE0200)])]  # noqa: C416


@pytest.mark.parametrize("around", ["{}", "a{}a", "1{}1", "カ{}カ", "ก{}ก"])
def test_every_character_is_part_of_a_word_just_as_in_elasticsearch(elastic: Elasticsearch, around: str) -> None:
    for at in range(0, len(PLANES), 8000):
        for told in told_apart(elastic, [around.format(sign) for sign in PLANES[at : at + 8000]]):
            assert words(told.text) == told.elastic, ascii(told.text)


def test_words_of_odd_texts_are_those_of_elasticsearch(elastic: Elasticsearch) -> None:
    rnd = random.Random(EXAMPLES)

    def text() -> str:
        signs = rnd.sample(ODD, rnd.randint(1, 6)) if rnd.random() < 0.5 else ODD
        size = rnd.randint(200, 700) if rnd.random() < 0.05 else rnd.randint(1, 12)
        return "".join(rnd.choice(signs) for _ in range(size))

    for _ in range(max(EXAMPLES // 15, 5)):
        for told in told_apart(elastic, [text() for _ in range(400)]):
            assert words(told.text) == told.elastic, ascii(told.text)


def test_every_character_becomes_lower_case_just_as_in_elasticsearch(elastic: Elasticsearch) -> None:
    signs = [sign for sign in PLANES if sign.lower() != sign or lower(sign) != sign]
    asked = "\n".join(signs)
    answer = elastic.indices.analyze(index="language.words", normalizer="lowercase", text=asked)
    assert lower(asked) == answer["tokens"][0]["token"]


DEAR = (
    " ".join(f"kata{at}" for at in range(299)),
    " OR ".join(f'"frasa {at} yang agak panjang sekali"~9' for at in range(100)),
    " OR ".join(f"{'abcdefghij'[at % 10]}*b?c??d*e?f*{at}" for at in range(20)),
    " OR ".join(f"628{at}?1*2?3*4?" for at in range(20)),  # each a phone's beginning in three readings besides
    " ".join(f"{'abcdefghij'[at]}{'sangatpanjang' * 2}~2" for at in range(8)),
    " OR ".join(f"near:-6.{at},106.{at},20000km" for at in range(20)),
    "(" * 22 + "a OR b" + ")" * 22,
    "a OR NOT " * 10 + "(" + "b AND NOT (" * 6 + "c" + ")" * 7,
    '"' + "kata " * 900 + '"',
)


@pytest.mark.parametrize("query", DEAR, ids=range(len(DEAR)))
def test_the_dearest_queries_that_are_taken_are_answered_soon(elastic: Elasticsearch, query: str) -> None:
    answer = elastic.search(index=list(NAMES.values()), **body(Question(q=query), NOW))
    assert answer["took"] < 5000  # a few hundred on a machine at rest
    assert not answer["timed_out"]
