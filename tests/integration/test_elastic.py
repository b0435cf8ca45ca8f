"""Writing to a real Elasticsearch: repeats are harmless, nothing is too long, and while it is away we wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from pipeline.addresses import Addresses
from pipeline.flow import index_name
from pipeline.index.last import Action
from pipeline.shell.elastic import CHUNK, Writer
from pipeline.shell.memory import fuse
from tests.spec.tables import NOW, POLICIES, person, reference, report


@pytest.fixture
def reader(services: Addresses) -> Iterator[str]:
    name = f"r{uuid4().hex[:8]}"
    yield name
    client = Elasticsearch(services.need("elasticsearch"))
    for doc in ("report", "entity"):
        client.indices.delete(index=index_name("live", name, doc), ignore_unavailable=True)


def held(services: Addresses, reader: str, doc: str = "report") -> dict[str, dict[str, object]]:
    client = Elasticsearch(services.need("elasticsearch"))
    client.indices.refresh(index=index_name("live", reader, doc))
    return {hit["_id"]: hit["_source"] for hit in client.search(index=index_name("live", reader, doc))["hits"]["hits"]}


class Counted(Writer):
    """Remembers what each request asked for: ids and versions."""

    def __init__(self, client: Elasticsearch) -> None:
        super().__init__(client)
        self.requests: list[list[tuple[str, int]]] = []

    def _bulk(self, actions: Sequence[Action]) -> list[tuple[int, str]]:
        self.requests.append([(action.id, action.version) for action in actions])
        return super()._bulk(actions)


def write(services: Addresses, *actions: Action) -> list[tuple[Action, str]]:
    return asyncio.run(Writer(Elasticsearch(services.need("elasticsearch"))).write(actions))


def test_repeats_and_late_comers_change_nothing(services: Addresses, reader: str) -> None:
    def put(version: int, said: str | None) -> Action:
        return Action("live", reader, "report", "x", version, None if said is None else {"id": "x", "title": said})

    assert write(services, put(5, "new"), put(5, "new"), put(4, "old")) == []
    assert held(services, reader) == {"x": {"id": "x", "title": "new"}}
    assert write(services, put(6, None), put(6, None), put(5, "new")) == []
    assert held(services, reader) == {}


def test_no_valid_report_is_too_much_for_an_index(services: Addresses, reader: str) -> None:
    """The longest of everything that the model allows, in words and without a space."""
    long = report(
        title="x" * 1000,
        narrative="kata " * 90_000 + "y" * 40_000,
        places=[{"name": "z" * 1000}],
        entities=[
            person("p" * 200, "n" * 1000, identifiers=[{"scheme": "s" * 60, "value": "v" * 1000}],
                   attributes={"a" * 60: "w" * 10_000}, addresses=[{"text": "t" * 1000}]),
            *(person(f"p{at}", f"Nama {at}") for at in range(300)),
        ],
    )  # fmt: skip
    documents = fuse([long], POLICIES, {}, "polri", NOW, reference())
    rejected = write(services, *(Action("live", reader, one["doc"], one["id"], 1, one) for one in documents))
    assert rejected == []
    assert list(held(services, reader).values()) == [one for one in documents if one["doc"] == "report"]


def test_what_several_ask_for_goes_together_and_each_is_told_of_its_own(services: Addresses, reader: str) -> None:
    def put(id_: str, point: object) -> Action:
        return Action("live", reader, "report", id_, 1, {"id": id_, "title": point})

    writer = Counted(Elasticsearch(services.need("elasticsearch")))
    bad = put("bad", {"not": "text"})

    async def all_of_it() -> list[list[tuple[Action, str]]]:
        asked = [[put("a", "1")], [put("b", "2"), bad], [put(f"c{at}", "3") for at in range(CHUNK)]]
        return await asyncio.gather(*map(writer.write, asked))

    assert asyncio.run(all_of_it()) == [[], [(bad, "document_parsing_exception")], []]
    assert len(writer.requests) == 2
    assert len(held(services, reader)) == 10  # a page of them
    assert bad.id not in held(services, reader)


def test_of_several_for_one_document_the_newest_is_sent_and_an_older_one_where_it_is_rejected(
    services: Addresses, reader: str
) -> None:
    def put(id_: str, version: int, title: object) -> Action:
        return Action("live", reader, "report", id_, version, {"id": id_, "title": title})

    writer = Counted(Elasticsearch(services.need("elasticsearch")))
    bad = put("b", 3, {"not": "text"})

    async def all_of_it() -> list[list[tuple[Action, str]]]:
        asked = [[put("a", 2, "new"), put("b", 2, "narrowed")], [put("a", 1, "old"), bad], [put("b", 1, "wide")]]
        return await asyncio.gather(*map(writer.write, asked))

    assert asyncio.run(all_of_it()) == [[], [(bad, "document_parsing_exception")], []]
    assert writer.requests == [[("a", 2), ("b", 3)], [("b", 2)]]
    assert {id_: one["title"] for id_, one in held(services, reader).items()} == {"a": "new", "b": "narrowed"}


def test_while_elasticsearch_is_away_the_writer_waits(services: Addresses, reader: str) -> None:
    away = Writer(Elasticsearch("http://127.0.0.1:1", max_retries=0))
    action = Action("live", reader, "report", "x", 1, {"id": "x"})

    async def attempt() -> None:
        await asyncio.wait_for(away.write([action]), 2)

    with pytest.raises(TimeoutError):
        asyncio.run(attempt())
