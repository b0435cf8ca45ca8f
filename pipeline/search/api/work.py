"""What analysts do beside searching: look up many values, and judge."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import ServiceMissing
from pipeline.report.model import Report, Slug, Text, Tlp
from pipeline.search.api.answers import Lookup, Published, shaped
from pipeline.search.api.context import API, Context, Exercise, Here, NotFound, Searcher, may
from pipeline.search.api.overview import access_of
from pipeline.search.api.search import LONGEST_ID, NOT_FOUND
from pipeline.search.judging import NotSeen, Verdict, judgement, taken_back
from pipeline.search.lookup import lookup
from pipeline.search.roles import Who

router = APIRouter(prefix=API)

Judge = Annotated[Who, Depends(may("judge"))]
Id = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
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
