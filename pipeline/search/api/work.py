"""What analysts do beside searching: look up many values, and judge."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import ServiceMissing
from pipeline.report.model import Report, Slug, Text, Tlp
from pipeline.search.api.answers import Judgements, Lookup, Published, shaped
from pipeline.search.api.context import API, Context, Exercise, Here, NotFound, Searcher, may
from pipeline.search.api.overview import access_of
from pipeline.search.api.search import LONGEST_ID, NOT_FOUND
from pipeline.search.judging import NotSeen, Verdict, judgement, judgements_of, taken_back
from pipeline.search.lookup import lookup
from pipeline.search.roles import Who

router = APIRouter(prefix=API)

Judge = Annotated[Who, Depends(may("judge"))]
Id = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
MOST_JUDGED = 100
"""Judgements an answer."""
MOST_PASTED = 1000
"""Lines; the 200 that are looked up are counted without blank ones and repetitions."""


class Asked(BaseModel):
    """Values as they were pasted, one each."""

    model_config = ConfigDict(extra="forbid")

    values: Annotated[list[Annotated[str, Field(max_length=10_000)]], Field(max_length=MOST_PASTED)]
    exercise: Slug | None = None


class Judged(BaseModel):
    """`things`: two mentions (or entities) or two reports, by their ids. `to`: who may see the judgement; without it
    the agency's policy decides."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    things: Annotated[list[Id], Field(min_length=2, max_length=2)]
    reason: Text
    tlp: Tlp = "AMBER"
    to: Annotated[list[Slug | Literal["*"]], Field(max_length=100)] | None = None
    exercise: Slug | None = None


@router.post("/lookup", response_model=None, responses=shaped(Lookup))
def many(who: Searcher, here: Here, asked: Asked) -> dict[str, Any]:
    """One answer for each of up to 200 values: {answers: [{value, readings, entities, more, reports}]}.

    A value that can be read as several identifiers says so; each entity says by which it was found."""
    return {"answers": lookup(access_of(here, who, asked.exercise), asked.values)}


@router.get("/judgements", response_model=None, responses=shaped(Judgements))
def judged(
    who: Judge,
    here: Here,
    exercise: Exercise = None,
    size: Annotated[int, Query(ge=0, le=MOST_JUDGED)] = 20,
    skip: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """What this agency has judged, the newest first, as it wrote it, also of things that it sees no more: `seen` says
    of each thing whether it sees that now. A judgement is taken back by its two things, where it was made `here`."""
    found = judgements_of(here.store, here.audit, who.agency, exercise, here.clock(), size=size, skip=skip)
    told = [
        {
            "report": one.document["id"],
            "verdict": one.document["judgement"]["verdict"],
            "kind": one.document["judgement"]["kind"],
            "things": [{"id": thing, "seen": thing in found.seen} for thing in one.things],
            "reason": one.document["judgement"]["reason"],
            "author": one.document["judgement"].get("author"),
            "reported_at": one.document["reported_at"],
            "tlp": one.document["marking"]["tlp"],
            "here": one.here,
        }
        for one in found.judged
    ]
    return {"total": found.total, "judgements": told}


@router.post("/judgements", responses=shaped(Published))
def judge(who: Judge, here: Here, said: Judged) -> Response:
    """Say that two things are the same, or not: {report}, the id of the report that says it.

    It counts for whoever may see it and both things, once the stream has read it."""
    return _published(
        here,
        lambda: judgement(
            here.store, here.audit, who.agency, said.verdict, said.things, said.reason, here.clock(), author=who.user,
            tlp=said.tlp, to=said.to, exercise=said.exercise,
        ),
    )  # fmt: skip


@router.delete("/judgements", responses=shaped(Published))
def take_back(
    who: Judge, here: Here, thing: Annotated[list[Id], Query(min_length=2, max_length=2)], exercise: Exercise = None
) -> Response:
    """Take back what this agency judged of two things: {report}."""
    return _published(here, lambda: taken_back(here.store, here.audit, who.agency, thing, exercise, here.clock()))


def _published(here: Context, made: Callable[[], Report]) -> Response:
    """The report, published; what the agency may not see is answered as what does not exist."""
    if here.publish is None:
        raise ServiceMissing("the service was started without a way to publish")
    try:
        report = made()
    except NotSeen:
        raise NotFound(NOT_FOUND["error"]) from None
    here.publish(report)
    return JSONResponse({"report": report.id})
