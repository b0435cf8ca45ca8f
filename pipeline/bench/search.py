"""How long a reader waits for an answer: 1,000 mixed questions put to 200,000 reports through `ask`, the same over HTTP
to the real server, and the very same bodies put to Elasticsearch directly, by turns in one run. The ratio is that of
`ask` to Elasticsearch.

The documents are made by the real stages of invented reports (`pipeline.bench.events`, with places and phones added
here), each of 10,000 told again with other ids and dates until there are enough. They are indexed straight into the
indexes of one reader, in an exercise of the bench's own that is taken away at the end. `ask` makes the body, asks,
makes the answer and writes the audit to Kafka; what is asked directly is only waited for.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
import typer
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk

from pipeline.addresses import addresses
from pipeline.bench.events import tellings
from pipeline.bench.percentiles import percentiles
from pipeline.bench.served import served
from pipeline.enrich.enrich import Reference, enrich, load_reference
from pipeline.enrich.fold import fold
from pipeline.enrich.identifiers import SCHEMES
from pipeline.enrich.model import Enriched
from pipeline.errors import Abort
from pipeline.flow import index_name
from pipeline.index.document import entity_document, mention_content, report_content, report_document
from pipeline.report.model import Report, mention_id, scope_of
from pipeline.search.analysis import words as tokens
from pipeline.search.ask import DOCS, ask
from pipeline.search.question import Question, body
from pipeline.shell.audit import Auditor
from pipeline.shell.store import ElasticStore, ensure_indexes
from pipeline.shell.topics import ensure_topics

READER, EXERCISE = "bench", "bench-search"
ORIGIN = "invented by pipeline/bench/events.py, all fictional"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
CHUNK = DISTINCT = 10_000
TOLD = (50, 95, 99)
"""Percentiles."""
WARM = 50
"""Questions asked before any is timed."""


def run(
    reports: Annotated[int, typer.Option(help="Reports that the reader may see.")] = 200_000,
    queries: Annotated[int, typer.Option(help="Questions.")] = 1_000,
    seed: Annotated[int, typer.Option()] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the indexes, and use them where they are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """How long a reader waits for an answer at 200,000 reports, beside Elasticsearch asked directly."""
    where = addresses()
    client = Elasticsearch(where.need("elasticsearch"), request_timeout=300)
    names = [index_name(scope_of(EXERCISE), READER, doc) for doc in DOCS]
    reference = load_reference()
    try:
        held = client.count(index=names[0], ignore_unavailable=True, allow_no_indices=True)["count"]
        if held != reports:
            _fill(client, names, reports, seed, reference)
        address = where.need("elasticsearch")
        direct = Elasticsearch(address, request_timeout=30)
        ensure_topics(where.need("kafka"), [])  # nobody is answered where the audit cannot be written
        audit = Auditor(where.need("kafka"), "bench")
        questions = list(_questions(seed, queries))
        with served(READER, NOW) as http:
            figures = measure(direct, ElasticStore(address), audit, http, names, questions)
        figures = {"origin": ORIGIN, "reports": reports, "documents": client.count(index=names)["count"], **figures}
    finally:
        if not keep:
            client.indices.delete(index=names, ignore_unavailable=True)
    typer.echo(orjson.dumps(figures).decode() if as_json else told(figures))


def measure(
    client: Elasticsearch,
    store: ElasticStore,
    audit: Callable[[dict[str, Any]], None],
    http: Callable[[Question], dict[str, Any]],
    names: Sequence[str],
    questions: Sequence[tuple[str, Question]],
) -> dict[str, Any]:
    """Milliseconds of each way by sort of question, and of `ask` against Elasticsearch."""
    hits: list[int] = []
    sorts: dict[str, list[float]] = {}

    def wanted(question: Question) -> list[str]:
        return [name for doc, name in zip(DOCS, names, strict=True) if question.doc in (None, doc)]

    def asked(question: Question) -> tuple[float, int]:
        started = time.perf_counter()
        found = ask(store, audit, READER, question, NOW)
        return (time.perf_counter() - started) * 1000, found["total"]

    def over_http(question: Question) -> tuple[float, int]:
        started = time.perf_counter()
        found = http(question)
        return (time.perf_counter() - started) * 1000, found["total"]

    def put(question: Question) -> tuple[float, int]:
        made = body(question, NOW)
        started = time.perf_counter()
        found = client.search(index=wanted(question), body=made, allow_partial_search_results=False)
        return (time.perf_counter() - started) * 1000, found["hits"]["total"]["value"]

    ways = {"gabung": asked, "http": over_http, "elasticsearch": put}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _, question in questions[:WARM]:
        for way in ways.values():
            way(question)
    turns = random.Random(0)
    for sort, question in questions:
        totals = {}
        for name in turns.sample(list(ways), len(ways)):  # who asks later finds Elasticsearch warmer
            milliseconds, totals[name] = ways[name](question)
            took[name].append(milliseconds)
        if len(set(totals.values())) > 1:
            raise Abort(f"a question of sort {sort} has other hits by another way: {totals}; mend the bench")
        hits.append(totals["gabung"])
        sorts.setdefault(sort, []).append(took["gabung"][-1])
    figures = {name: percentiles(found, TOLD) for name, found in took.items()}
    return {
        "queries": len(questions),
        "median_hits": statistics.median(hits),
        "latency_ms": figures,
        "ratio": {name: round(figures["gabung"][name] / figures["elasticsearch"][name], 3) for name in ("p50", "p95")},
        "first_page_p95_ms": figures["gabung"]["p95"],
        "by_sort_p95_ms": {sort: percentiles(found, [95])["p95"] for sort, found in sorted(sorts.items())},
    }


def _fill(client: Elasticsearch, names: Sequence[str], reports: int, seed: int, reference: Reference) -> None:
    client.indices.delete(index=list(names), ignore_unavailable=True)
    ensure_indexes(client, scope_of(EXERCISE), READER)
    place = dict(zip(DOCS, names, strict=True))
    load(client, names, ((place[one["doc"]], one) for one in _documents(seed, reports, reference)))


def load(client: Elasticsearch, names: Sequence[str], documents: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Documents, each with the index it belongs in, straight into Elasticsearch: two threads, and no refresh until all
    are there. They can be found when it returns."""
    client.indices.put_settings(index=list(names), settings={"refresh_interval": "-1"})
    actions = ({"_index": name, "_id": one["id"], "_source": one} for name, one in documents)
    for _ in parallel_bulk(client, actions, thread_count=2, chunk_size=1000):
        pass
    client.indices.put_settings(index=list(names), settings={"refresh_interval": "1s"})
    client.indices.refresh(index=list(names))


def _documents(seed: int, reports: int, reference: Reference) -> Iterator[dict[str, Any]]:
    """Enriching takes longer than indexing: so each of DISTINCT reports stands several times, with ids and dates of its
    own."""
    rnd = random.Random(seed)
    for number, made in enumerate(_reports(seed, min(DISTINCT, reports))):
        if number % 100 == 0 and sys.stderr.isatty():
            print(f"\r{number} of {min(DISTINCT, reports)} reports enriched", end="", file=sys.stderr)
        enriched = enrich(Report.model_validate(made), reference)
        for copy in range(number, reports, DISTINCT):
            when = NOW - timedelta(seconds=rnd.randrange(2 * 365 * 86_400))
            told = enriched.report.model_copy(update={"source_id": f"{copy}", "reported_at": when})
            yield from _documents_of(enriched.model_copy(update={"report": told}))


def _documents_of(enriched: Enriched) -> Iterator[dict[str, Any]]:
    """The documents of one report that nothing is joined with."""
    report = enriched.report
    yield report_document(report_content(enriched), [report.id], [], [], None)
    for mention, features in zip(report.entities, enriched.features, strict=True):
        content = mention_content(enriched, mention, features)
        yield entity_document({mention_id(report.id, mention.ref): content}, [], [], None)


def _reports(seed: int, reports: int) -> Iterator[dict[str, Any]]:
    rnd = random.Random(seed)
    for start in range(0, reports, CHUNK):
        for at, one in enumerate(tellings(seed * 1000 + start // CHUNK, min(CHUNK, reports - start))):
            where = {"name": rnd.choice(TOWNS), "country": "ID", "lat": rnd.uniform(-8, 4), "lon": rnd.uniform(96, 130)}
            yield one.report | {"source_id": f"{start + at}", "places": [where], "entities": _called(rnd, one.report)}


def _called(rnd: random.Random, report: dict[str, Any]) -> list[dict[str, Any]]:
    """What a report mentions, with a phone for its first person."""
    found = [dict(one) for one in report.get("entities", [])]
    for one in [one for one in found if one["kind"] == "person"][:1]:
        number = f"08{rnd.choice(('11', '12', '21', '57'))}-{rnd.randrange(10_000):04}-{rnd.randrange(1000):03}"
        one["identifiers"] = [*one.get("identifiers", []), {"scheme": "phone", "value": number}]
    return found


TOWNS = ("Belawan", "Batam", "Tanjung Priok", "Tanjung Perak", "Makassar", "Bitung", "Dumai", "Pontianak", "Kupang")


def _questions(seed: int, number: int) -> Iterator[tuple[str, Question]]:
    """Questions of every sort by turns, about what the reports tell."""
    rnd = random.Random(seed + 1)
    made = list(_reports(seed, 2000))
    texts = [one["narrative"].split() for one in made]
    known = [
        (one["scheme"], one["value"])
        for report in made
        for mention in report["entities"]
        for one in mention.get("identifiers", [])
        if one["scheme"] in SCHEMES
    ]

    def words(size: int) -> str:
        text = rnd.choice(texts)
        at = rnd.randrange(max(len(text) - size, 1))
        return " ".join(word.strip(".,:;()'\"") for word in text[at : at + size])

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "").replace('"', "") + '"'

    def identifier(pattern: str) -> Question:
        scheme, value = rnd.choice(known)
        bare = value.replace("-", "").replace(" ", "")
        return Question(q=pattern.format(scheme=scheme, value=value, bare=bare, begun=bare[:6]))

    sorts: dict[str, Callable[[], Question]] = {
        "everything": lambda: Question(),
        "word": lambda: Question(q=quoted(words(1))),
        "words": lambda: Question(q=" ".join(quoted(word) for word in words(3).split())),
        "phrase": lambda: Question(q=quoted(words(3))),
        "near words": lambda: Question(q=quoted(" ".join(dict.fromkeys(tokens(fold(words(3)))))) + "~5"),
        "misspelt": lambda: Question(q=f"{_letters(words(1))}~"),
        "wildcard": lambda: Question(q=f"{_letters(words(1))[:4]}*"),
        "filters": lambda: Question(q=quoted(words(1)), doc="report", tlp=["GREEN"], start="2026-03-01"),
        "place": lambda: Question(q=f"near:{rnd.uniform(-8, 4):.3f},{rnd.uniform(96, 130):.3f},50km"),
        "dates": lambda: Question(q='reported:"last 180 days"', sort="newest"),
        "either": lambda: Question(q=f"{quoted(words(1))} OR {quoted(words(2))} OR NOT doc:report"),
        "identifier": lambda: identifier('{scheme}:"{value}"'),
        "its number": lambda: identifier('"{bare}"'),
        "its beginning": lambda: identifier("{scheme}:{begun}*"),
        "name": lambda: Question(q=f"name:{quoted(words(1))}", doc="entity"),
    }
    for at in range(number):
        sort = list(sorts)[at % len(sorts)]
        yield sort, sorts[sort]().model_copy(update={"exercise": EXERCISE})


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word)) or "peti"


def told(figures: dict[str, Any]) -> str:
    """The figures as lines for people."""
    lines = [f"{figures['queries']} questions to {figures['documents']} documents of {figures['reports']} reports"]
    lines += [
        f"{name:14} p50 {one['p50']:7} ms  p95 {one['p95']:7} ms  p99 {one['p99']:7} ms"
        for name, one in figures["latency_ms"].items()
    ]
    lines += [f"{figures['ratio']['p95']} times Elasticsearch's p95 ({figures['ratio']['p50']} at p50)"]
    lines += [f"  {sort:13} p95 {one:7} ms" for sort, one in figures["by_sort_p95_ms"].items()]
    return "\n".join([*lines, figures["origin"]])
