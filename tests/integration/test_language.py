"""The query language on a real Elasticsearch: both readings of a query select the same documents, and words are told
apart as Elasticsearch does it.

GABUNG_EXAMPLES sets how many queries are tried; each is put to all documents.
"""

from __future__ import annotations

import os
import sys
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


def test_both_readings_of_a_query_select_the_same_documents(elastic: Elasticsearch) -> None:
    seen: list[int] = []

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES == 150)
    @given(queries(FOUND))
    def check(text: str) -> None:
        with suppress(WrongUse):
            tree = parse(text, NOW)
            agree(elastic, tree, to_elastic(tree))
            seen.append(len(held(tree)))

    check()
    assert len(seen) > EXAMPLES // 2  # most are queries, not mistakes
    assert sum(0 < number < len(FOUND) for number in seen) > len(seen) // 3  # and tell documents apart
