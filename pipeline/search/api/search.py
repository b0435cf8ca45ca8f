"""Search, and one document by its id."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from pipeline.errors import WrongUse
from pipeline.search.api.context import API, Context, Exercise, Here, Searcher
from pipeline.search.ask import ask, fetch_cited
from pipeline.search.mistake import Mistake
from pipeline.search.places import box as box_of
from pipeline.search.question import Question, When

router = APIRouter(prefix=API)

NOT_FOUND = {"error": "not found; ids are as search gives them"}
LONGEST_ID = 300


def question(
    q: str = "",
    doc: Literal["report", "entity"] | None = None,
    kind: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006  FastAPI copies it
    agency: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    tlp: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    mention: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    country: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    caveat: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    place: Annotated[str | None, Query(max_length=1000)] = None,
    near: str | None = None,
    box: str | None = None,
    start: Annotated[When | None, Query(alias="from")] = None,
    end: Annotated[When | None, Query(alias="to")] = None,
    exercise: Exercise = None,
    sort: Literal["relevance", "newest", "oldest"] = "relevance",
    size: Annotated[int, Query(ge=0, le=200)] = 20,
    skip: Annotated[int, Query(ge=0)] = 0,
) -> Question:
    """A question from an address. near: latitude,longitude,kilometres. box: south,west,north,east.

    from and to: 2026, 2026-10, 2026-10-31, a moment, or counted from now (`last 7 days`, `kemarin`); both are in."""
    try:
        return Question(
            q=q, doc=doc, kind=kind, agency=agency, tlp=tlp, mention=mention, country=country, caveat=caveat,
            place=place, near=nearby(near), box=boxed(box), start=start or None, end=end or None, exercise=exercise,
            sort=sort, size=size, skip=skip,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongUse(f"{first['loc'][0]}: {first['msg']}") from None


Asked = Annotated[Question, Depends(question)]


@router.get("/search")
def search(
    who: Searcher, here: Here, asked: Asked, cursor: Annotated[str | None, Query(max_length=4000)] = None
) -> dict[str, Any]:
    """Reports and entities that this reader may see. `cursor` of an answer asks for the hits that follow it."""
    return ask(here.store, here.audit, who.agency, asked, here.clock(), here.cursors, cursor)


@router.get("/reports/{id_}")
def report(who: Searcher, here: Here, id_: str, exercise: Exercise = None) -> Response:
    """One report, as this reader may see it."""
    return one(here, who.agency, "report", id_, exercise)


@router.get("/entities/{id_:path}")
def entity(who: Searcher, here: Here, id_: str, exercise: Exercise = None) -> Response:
    """One entity, by its id or by that of any of its mentions. Each of its values, merges and judgements cites its
    reports; `sources` tells of each what it is: {report id: {title, agency, reported_at, marking, assessment}}."""
    return one(here, who.agency, "entity", id_, exercise)


def one(here: Context, reader: str, doc: str, id_: str, exercise: str | None) -> Response:
    """One document; what the reader may not see is answered as what does not exist."""
    found = None
    if len(id_) <= LONGEST_ID:
        found = fetch_cited(here.store, here.audit, reader, doc, id_, exercise, here.clock())
    return JSONResponse(NOT_FOUND, 404) if found is None else JSONResponse(found)


def nearby(text: str | None) -> tuple[float, float, float] | None:
    """`-6.1,106.88,20` as numbers. Raises WrongUse."""
    if text is None:
        return None
    try:
        lat, lon, kilometres = (float(part) for part in text.split(","))
        return Question(near=(lat, lon, kilometres)).near
    except (ValueError, ValidationError):
        raise Mistake("near.numbers") from None


def boxed(text: str | None) -> tuple[float, float, float, float] | None:
    """`-6.2,106.7,-6.0,107.0` as south, west, north, east. Raises WrongUse."""
    if text is None:
        return None
    found = box_of(text)
    return found.south, found.west, found.north, found.east
