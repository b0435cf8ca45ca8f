"""What the whole pipeline carries, and how soon: reports published at once until all is at rest, then reports at half
of that speed, each followed to the first search that finds it and to the alert that tells of it.

On an installation of its own, with one worker; the reports (`pipeline.bench.watched`) are each seen by three agencies,
and the first of them has standing queries. Documents are those in Elasticsearch that the load made or changed, each
counted once, however often it was written on the way. The very same are then loaded from memory into fresh indexes
with the same mapping, while the pipeline rests.

A report is searchable when an answer of the API first holds it. One reader asks for the newest of the watched kind five
times a second, so up to 0.2 s more is told than it took. That costs the machine something, as readers do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, Any

import httpx2
import orjson
import typer
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

from deploy.progress import READY, Progress, shown
from pipeline.addresses import Addresses
from pipeline.bench.alerting import (
    WAIT_SECONDS,
    WATCHED,
    at_once,
    begin,
    installation,
    lateness,
    listening,
    paced,
    wait,
)
from pipeline.bench.fuse import AGENCIES
from pipeline.bench.percentiles import percentiles
from pipeline.bench.search import load as load_bulk
from pipeline.bench.watched import reports
from pipeline.errors import GabungError, WrongUse
from pipeline.flow import index_name
from pipeline.report.model import scope_of
from pipeline.search.tokens import Tokens
from pipeline.shell.store import DOCS, ensure_indexes

STANDING = 1_000
"""Standing queries beside the listener's."""
COPY = scope_of("bench-pipeline")
ASK_SECONDS = 0.2
FEW, MANY = 20, 200
"""Hits that are asked for: few, and many where all of these were new, since others may stand behind them."""
LEAST = 50
"""Reports at half of the load: one in five is followed."""

Documents = dict[tuple[str, str], dict[str, Any]]
"""(index, id) -> document."""


def run(
    load: Annotated[int, typer.Option(help="Reports at once, which tell the full load.")] = 3_000,
    seconds: Annotated[float, typer.Option(help="How long it then goes on at half of it.")] = 30,
    seed: Annotated[int, typer.Option()] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Reports and documents a second of the whole pipeline, beside Elasticsearch alone, and how soon each is found."""
    if load < 1 or seconds <= 0:
        raise WrongUse("--load must be 1 or more, --seconds above 0")
    with shown() as progress, installation(progress=progress) as known:
        figures = measure(known, load, seconds, seed, progress)
    typer.echo(orjson.dumps(figures).decode() if as_json else told(figures))


def measure(known: Addresses, load: int, seconds: float, seed: int, progress: Progress) -> dict[str, Any]:
    """The figures of DESIGN.md, section 9, once as many reports have warmed up Kafka and Elasticsearch. Raises
    GabungError where a report was not found, or not told of."""
    kafka, made = known.need("kafka"), reports(seed, "b")
    client = Elasticsearch(known.need("elasticsearch"), request_timeout=300)
    progress("load", "the first reports …")
    begin(kafka, made, STANDING, seed)
    at_once(kafka, list(islice(made, load)))
    before, batch = standing(client), list(islice(made, load))
    progress("load", f"{load} reports …")
    took = at_once(kafka, batch)
    documents = fresh(before, standing(client))
    progress("load", f"{READY}: {load / took:.1f} reports/s")
    progress("bulk", f"{len(documents)} documents …")
    alone = bulk(client, documents)
    progress("bulk", f"{READY}: {len(documents) / alone:.0f} documents/s")

    rate = load / took / 2
    progress("half", f"{rate:.1f} reports/s for {seconds:.0f} s …")
    with listening(known.need("web")) as heard, searching(known.need("web")) as seen:
        sent = paced(list(islice(made, max(LEAST, int(rate * seconds)))), rate)
        wait(sent, heard)
        wait(sent, seen)
    for name, come in (("found by a search", seen), ("told by an alert", heard)):
        if missed := len(sent.keys() - come.keys()):
            raise GabungError(f"{missed} of {len(sent)} reports were not {name} within {WAIT_SECONDS} s")
    progress("half", f"{READY}: {len(sent)} reports followed")
    return figures(load, len(documents), took, alone, lateness(sent, seen), lateness(sent, heard))


def figures(
    reports: int, documents: int, took: float, alone: float, searchable: Sequence[float], alert: Sequence[float]
) -> dict[str, Any]:
    """took: seconds of the pipeline; alone: of Elasticsearch with the same. searchable, alert: milliseconds."""
    ours, bulk = documents / took, documents / alone
    return {
        "reports_per_s": round(reports / took, 1),
        "documents_per_s": round(ours, 1),
        "bulk_documents_per_s": round(bulk, 1),
        "ratio": round(ours / bulk, 4),
        "latency_ms": {"searchable": percentiles(searchable), "alert": percentiles(alert)},
    }


def told(figures: dict[str, Any]) -> str:
    """The figures as lines for people."""
    late = figures["latency_ms"]
    return "\n".join(
        [
            f"{figures['reports_per_s']:9} reports/s",
            f"{figures['documents_per_s']:9} documents/s, {figures['ratio']} of Elasticsearch alone with the same",
            f"{figures['bulk_documents_per_s']:9} documents/s of Elasticsearch alone",
            *(f"{late[name]['p50']:9} ms p50, {late[name]['p99']} ms p99 until {name} at half of the load"
              for name in ("searchable", "alert")),
        ]
    )  # fmt: skip


def standing(client: Elasticsearch) -> Documents:
    """All documents of all readers."""
    names = [index_name(scope_of(None), reader, doc) for reader in AGENCIES for doc in DOCS]
    client.indices.refresh(index=names)
    return {(hit["_index"], hit["_id"]): hit["_source"] for hit in scan(client, index=",".join(names), size=2_000)}


def fresh(before: Documents, now: Documents) -> Documents:
    """Documents that were not there before, or are others now."""
    return {key: document for key, document in now.items() if before.get(key) != document}


def bulk(client: Elasticsearch, documents: Mapping[tuple[str, str], dict[str, Any]]) -> float:
    """Seconds that Elasticsearch alone takes for documents in memory, until all can be found. They are gone then."""
    place = {}
    for reader in AGENCIES:
        ensure_indexes(client, COPY, reader)
        for doc in DOCS:
            place[index_name(scope_of(None), reader, doc)] = index_name(COPY, reader, doc)
    copies = [(place[index], document) for (index, _), document in documents.items()]
    started = time.monotonic()
    load_bulk(client, list(place.values()), copies)
    took = time.monotonic() - started
    there = client.count(index=list(place.values()))["count"]
    client.indices.delete(index=list(place.values()))
    if there != len(documents):
        raise GabungError(f"Elasticsearch alone holds {there} of {len(documents)} documents; the bench is broken")
    return took


@contextmanager
def searching(web: str) -> Iterator[dict[str, float]]:
    """Report id -> when an answer of the API first held it, for one reader who asks again and again. Raises GabungError
    at the end where an answer was no answer."""
    _, token = Tokens().issue(AGENCIES[0], "bench-search")
    asked: dict[str, str | int] = {"doc": "report", "kind": WATCHED, "sort": "newest", "size": MANY}
    seen: dict[str, float] = {}
    failed: list[str] = []
    done = threading.Event()
    with httpx2.Client(base_url=web, headers={"authorization": f"Bearer {token}"}, timeout=30) as http:

        def ask_on() -> None:
            while not done.is_set():
                started = time.time()
                try:
                    found = http.get("/api/v1/search", params=asked).raise_for_status().json()
                except httpx2.HTTPError as error:
                    failed.append(str(error))
                    return
                now = time.time()
                new = {hit["document"]["id"] for hit in found["hits"]} - seen.keys()
                seen.update(dict.fromkeys(new, now))
                asked["size"] = MANY if len(new) == asked["size"] else FEW
                if asked["size"] == FEW:
                    done.wait(max(0.0, started + ASK_SECONDS - now))

        asking = threading.Thread(target=ask_on, daemon=True)
        asking.start()
        try:
            yield seen
        finally:
            done.set()
            asking.join()
    if failed:
        raise GabungError(f"a search was not answered: {failed[0]}")
