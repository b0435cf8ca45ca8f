"""A judgement of two things, as the report that says it. What is judged is looked up as whoever judges sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from pipeline.errors import GabungError, WrongUse
from pipeline.report.model import Report, mention_id, report_id
from pipeline.search.access import Access, documents, standing
from pipeline.search.ask import Audit, fetch
from pipeline.search.mistake import Mistake
from pipeline.search.question import HIDDEN_FIELDS, Question, body
from pipeline.search.store import Store

Verdict = Literal["same", "not-same"]


class NotSeen(GabungError):
    """What was to be judged is nothing that the agency may see."""


def kind_of(store: Store, audit: Audit, agency: str, thing: str, exercise: str | None, time: datetime) -> str:
    """The kind of what is judged, as the agency sees it. Raises NotSeen where it does not, or where it is nothing."""
    doc = "entity" if "/" in thing else "report"
    found = fetch(store, audit, agency, doc, thing, exercise, time)
    if found is None:
        raise NotSeen(f"no {thing} for {agency}; give ids as `gabung search --json` shows them")
    return str(found["kind"]) if doc == "entity" else "report"


def judgement(
    store: Store,
    audit: Audit,
    agency: str,
    verdict: Verdict,
    things: Sequence[str],
    reason: str,
    time: datetime,
    *,
    author: str | None = None,
    tlp: str = "AMBER",
    to: Sequence[str] | None = None,
    exercise: str | None = None,
) -> Report:
    """The report that says that two mentions (REPORT_ID/REF) or two reports are the same, or not. Raises NotSeen where
    the agency does not see both, WrongUse."""
    if len(things) != len(set(things)):
        raise Mistake("judge.twice")
    kinds = {kind_of(store, audit, agency, thing, exercise, time) for thing in things}
    if len(kinds) > 1:
        raise Mistake("judge.kinds")
    judged = {
        "verdict": verdict,
        "kind": kinds.pop(),
        "things": [dict(zip(("report", "ref"), thing.split("/", 1), strict=False)) for thing in sorted(things)],
        "author": author,
        "reason": reason,
    }
    marking = {"tlp": tlp, "release_to": to, "exercise": exercise}
    return _report(agency, things, time, op="upsert", title=f"Judged {verdict}", judgement=judged, marking=marking)


def taken_back(
    store: Store, audit: Audit, agency: str, things: Sequence[str], exercise: str | None, time: datetime
) -> Report:
    """The report that takes back what the agency judged of two things, whether or not it still sees them.

    Raises NotSeen where it has judged nothing of them."""
    id_ = report_id(agency, source_id(things))
    if fetch(store, audit, agency, "report", id_, exercise, time) is None:
        raise NotSeen(f"{agency} has no judgement of these two; give both ids as they were judged")
    marking = {"tlp": "RED", "exercise": exercise}
    return _report(agency, things, time, op="retract", title="Judgement taken back", marking=marking)


@dataclass(frozen=True)
class Judged:
    """What an agency judged. `document`: its report that says it. `here`: it was judged here, and so is taken back
    here; what an agency published under a number of its own, it retracts itself."""

    document: dict[str, Any]
    things: tuple[str, ...]
    here: bool


@dataclass(frozen=True)
class Judgements:
    """One page of what an agency judged, of `total`. `reports`: by id, those of its things, or that mention them, which
    the agency sees now."""

    total: int
    judged: tuple[Judged, ...]
    reports: dict[str, dict[str, Any]]

    @property
    def seen(self) -> set[str]:
        """Ids of all that the agency sees now, among which its things may be."""
        return mentions_of(self.reports).keys() | self.reports.keys()


def mentions_of(reports: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every mention of these reports, by its id."""
    return {mention_id(id_, one["ref"]): one for id_, of in reports.items() for one in of.get("entities", [])}


def judgements_of(
    store: Store, audit: Audit, agency: str, exercise: str | None, time: datetime, *, size: int, skip: int = 0
) -> Judgements:
    """What an agency has judged, the newest first, whether or not it still sees the things: told of them is only what
    the judgement itself says. Raises Mistake for too deep a page."""
    access = Access(store, audit, agency, exercise, time)
    mine = Question(
        doc="report", kind=["judgement"], agency=[agency], exercise=exercise, sort="newest", size=size, skip=skip
    )
    wanted = body(mine, time)
    response = access.search(("report",), {name: wanted[name] for name in wanted if name not in ("aggs", "highlight")})
    judged = tuple(_judged(agency, one) for one in documents(response) if "judgement" in one)
    ids = sorted({thing.partition("/")[0] for one in judged for thing in one.things})
    query = {"bool": {"filter": [{"terms": {"id": ids}}, *standing(time)]}}
    seen = documents(
        access.search(
            ("report",),
            {"query": query, "size": len(ids), "sort": [{"id": "asc"}], "_source": {"excludes": HIDDEN_FIELDS}},
        )
    )
    access.tell(mine.model_dump(mode="json", exclude_defaults=True), [*(one.document for one in judged), *seen])
    total = response["hits"]["total"]["value"]
    return Judgements(total, judged, {one["id"]: one for one in seen})


def _judged(agency: str, document: dict[str, Any]) -> Judged:
    things = tuple("/".join(thing.values()) for thing in document["judgement"].get("things", ()))
    here = len(things) == 2 and document["id"] == report_id(agency, source_id(things))
    return Judged(document, things, here)


def _report(agency: str, things: Sequence[str], time: datetime, **more: Any) -> Report:
    own = {"agency": agency, "source_id": source_id(things), "kind": "judgement", "reported_at": time}
    try:
        # A later judgement of the same two replaces the one before.
        return Report.model_validate({**own, "revision": int(time.timestamp() * 1000), **more})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongUse(f"{where}: {first['msg']}") from None


def source_id(things: Sequence[str]) -> str:
    """Of an agency's judgement of these two, whichever is named first. Raises WrongUse."""
    if len(things) != 2:
        raise WrongUse("judge two things at a time")
    return "judgement-" + hashlib.sha256("\n".join(sorted(things)).encode()).hexdigest()[:24]
