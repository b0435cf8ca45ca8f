"""The documents of a question as a file. Each page is told to the audit before any of it goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pipeline.audit.events import exported
from pipeline.report.model import rfc3339
from pipeline.search.access import Access, documents, standing
from pipeline.search.ask import docs_of
from pipeline.search.export import flat, stix
from pipeline.search.question import HIDDEN_FIELDS, Question, body

MOST = 1_000_000
"""Documents in one file, where the operator says nothing else. What more there is, the file's name says."""
PAGE = 500
"""Documents in memory at a time."""

Format = Literal["csv", "geojson", "ndjson", "stix"]
Pages = Iterator[list[dict[str, Any]]]


@dataclass(frozen=True)
class Written:
    """How a format is written: its media type, the end of its files' names, and pages to bytes."""

    media: str
    suffix: str
    write: Callable[[Pages, str], Iterator[bytes]]


FORMATS: dict[Format, Written] = {
    "csv": Written("text/csv; charset=utf-8; header=present", "csv", flat.write_csv),
    "geojson": Written("application/geo+json", "geojson", flat.write_geojson),
    "ndjson": Written("application/x-ndjson", "ndjson", flat.write_ndjson),
    "stix": Written("application/stix+json;version=2.1", "stix.json", stix.write_bundle),
}


@dataclass(frozen=True)
class Export:
    """A file on its way out. `total`: documents that the question finds; `cut`: it does not hold them all."""

    filename: str
    media: str
    total: int
    cut: bool
    parts: Iterator[bytes]


def export(
    access: Access, question: Question, form: Format, user: str, clock: Callable[[], datetime], most: int = MOST
) -> Export:
    """Everything that the question finds, up to `most` documents, in the order of ids: what changes meanwhile is
    neither missed nor repeated. Each page is decided at its own time, by `clock`: what expires while the file goes out
    is not in its rest.

    The first page is got before this returns, so a mistake is still told as one. Raises WrongUse, ServiceMissing.
    """
    wanted = {
        "query": body(question, access.time)["query"],
        "size": PAGE,
        "sort": [{"id": "asc"}],
        "track_total_hits": True,
        "_source": {"excludes": HIDDEN_FIELDS},
    }
    asked = question.model_dump(mode="json", exclude_defaults=True, exclude={"size", "skip"})
    first = access.search(docs_of(question), wanted)
    total = int(first["hits"]["total"]["value"])

    rest = wanted | {"track_total_hits": False}  # so that no page counts what was counted

    def pages() -> Pages:
        response, left, now = first, most, access
        while hits := response["hits"]["hits"]:
            page = documents(response)[:left]
            now.audit(exported(now.reader, user, form, asked, page, now.time))
            yield page
            left -= len(page)
            if left <= 0:
                return
            now = replace(now, time=clock())
            query = {"bool": {"must": [wanted["query"]], "filter": standing(now.time)}}
            response = now.search(docs_of(question), rest | {"query": query, "search_after": hits[-1]["sort"]})

    written = FORMATS[form]
    cut = total > most
    stamp = rfc3339(access.time)[:19].replace(":", "").replace("-", "")
    part = f"-first-{most}-of-{total}" if cut else ""
    name = f"gabung-{access.scope}-{stamp}{part}.{written.suffix}"
    return Export(name, written.media, total, cut, written.write(pages(), rfc3339(access.time)))
