"""The documents of a question as a file. Each page is told to the audit before any of it goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.audit.events import exported
from pipeline.report.model import rfc3339
from pipeline.search.access import Access, documents
from pipeline.search.ask import docs_of
from pipeline.search.export import flat, stix
from pipeline.search.question import HIDDEN_FIELDS, Question, body

MOST = 50_000
"""Documents in one file. What more there is, the file's name says."""
PAGE = 500

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
    """A file on its way out. `total`: documents that the question finds; `cut`: only the first MOST are in the file."""

    filename: str
    media: str
    total: int
    cut: bool
    parts: Iterator[bytes]


def export(access: Access, question: Question, form: Format, user: str) -> Export:
    """Everything that the question finds, in the order of ids: what changes meanwhile is neither missed nor repeated.

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

    def pages() -> Pages:
        response, left = first, MOST
        while (hits := response["hits"]["hits"]) and left > 0:
            page = documents(response)[:left]
            access.audit(exported(access.reader, user, form, asked, page, access.time))
            yield page
            left -= len(page)
            if left > 0:
                response = access.search(docs_of(question), wanted | {"search_after": hits[-1]["sort"]})

    written = FORMATS[form]
    cut = total > MOST
    stamp = rfc3339(access.time)[:19].replace(":", "").replace("-", "")
    part = f"-first-{MOST}-of-{total}" if cut else ""
    name = f"gabung-{access.scope}-{stamp}{part}.{written.suffix}"
    return Export(name, written.media, total, cut, written.write(pages(), rfc3339(access.time)))
