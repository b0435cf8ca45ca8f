"""A reader's indexes in Elasticsearch: made, and read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, BadRequestError, ConnectionError, ConnectionTimeout, Elasticsearch

from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.flow import index_name
from pipeline.index.mapping import SETTINGS, mapping
from pipeline.search.question import HIDDEN_FIELDS
from pipeline.search.store import TooSlow

DOCS = ("report", "entity")
MOST = "10s"
"""How long Elasticsearch may look; what it has not found by then is not answered in part."""
WAIT_SECONDS = 15
"""How long it is waited for: it keeps its own bound between documents, not within the making of a query. When we go it
ends the search."""
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")
MISSING_IS_EMPTY: dict[str, Any] = {"ignore_unavailable": True, "allow_no_indices": True}
AT_ONCE = 4
"""Searches of one request that Elasticsearch works on at the same time, so that others are not starved."""


def ensure_indexes(client: Elasticsearch, scope: str, reader: str) -> None:
    """Make both indexes of a reader in a scope where they are not there yet."""
    for doc in DOCS:
        name = index_name(scope, reader, doc)
        if client.indices.exists(index=name):
            continue
        try:
            client.indices.create(index=name, settings={"index": SETTINGS}, mappings=mapping(doc))
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":  # another worker was first
                raise


class ElasticStore:
    """What search asks for (`pipeline.search.store.Store`), from a real Elasticsearch."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = Elasticsearch(address, request_timeout=WAIT_SECONDS, max_retries=0)

    def search(self, scope: str, reader: str, docs: tuple[str, ...], body: dict[str, Any]) -> dict[str, Any]:
        """Elasticsearch's answer from this reader's indexes and no other. An index that is not there is empty.

        Raises ServiceMissing where Elasticsearch does not answer, TooSlow where it takes too long over it, WrongUse
        where it cannot take the question.
        """
        names = _names(scope, reader, docs)
        with self._answering():
            # A part that fails must not look like a whole with fewer hits.
            return dict(
                self.client.search(
                    index=names, body=_bounded(body), allow_partial_search_results=False, **MISSING_IS_EMPTY
                )
            )

    def msearch(
        self, scope: str, reader: str, asked: Sequence[tuple[tuple[str, ...], dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        """Several searches in one request, a few at a time. Raises as `search` does, for the first that fails."""
        lines: list[dict[str, Any]] = []
        for docs, body in asked:
            lines += [{"index": _names(scope, reader, docs), "allow_partial_search_results": False, **MISSING_IS_EMPTY}]
            lines += [_bounded(body)]
        with self._answering():
            made = self.client.msearch(searches=lines, max_concurrent_searches=AT_ONCE)
        answers: list[dict[str, Any]] = made["responses"]
        for one in answers:
            if "error" in one:
                raise _wrong(int(one["status"]))
        return answers

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except ConnectionTimeout as error:
            raise TooSlow from error
        except ConnectionError as error:
            raise ServiceMissing(f"Elasticsearch does not answer at {self.address}; run `gabung up`") from error
        except ApiError as error:
            raise _wrong(error.status_code) from error

    def fetch(self, scope: str, reader: str, wanted: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        """Documents by (doc, id) from this reader's indexes and no others, as they were last written: Elasticsearch
        gives a document by its id at once, though it finds it only after the next refresh."""
        if not (SLUG.fullmatch(scope) and SLUG.fullmatch(reader)):
            raise WrongUse("an agency's or exercise's id is made of a-z, 0-9, - and _; see agencies.yaml")
        if not wanted:
            return []
        docs = [{"_index": index_name(scope, reader, doc), "_id": id_} for doc, id_ in wanted]
        try:
            answer = self.client.mget(docs=docs, source_excludes=HIDDEN_FIELDS)
        except (ConnectionError, ConnectionTimeout) as error:
            raise ServiceMissing(f"Elasticsearch does not answer at {self.address}; run `gabung up`") from error
        except ApiError as error:
            raise ServiceMissing(f"Elasticsearch answers {error.status_code}; look at its log") from error
        return [one["_source"] if one.get("found") else None for one in answer["docs"]]

    def refresh(self, scope: str, reader: str) -> None:
        """Make all that was written findable now."""
        names = [index_name(scope, reader, doc) for doc in DOCS]
        self.client.indices.refresh(index=names, ignore_unavailable=True, allow_no_indices=True)


def _names(scope: str, reader: str, docs: tuple[str, ...]) -> list[str]:
    if not (SLUG.fullmatch(scope) and SLUG.fullmatch(reader)):  # Elasticsearch would read a * as every reader
        raise WrongUse("an agency's or exercise's id is made of a-z, 0-9, - and _; see agencies.yaml")
    return [index_name(scope, reader, doc) for doc in docs]


def _bounded(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "timeout": MOST}


def _wrong(status: int) -> GabungError:
    if status == 400:
        return WrongUse("the search cannot be made of this; write it more simply")
    if status in (429, 504):  # it has too much to do, or this took its whole time
        return TooSlow()
    return ServiceMissing(f"Elasticsearch answers {status}; look at its log")
