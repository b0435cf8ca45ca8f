"""Documents over time, on a map, and as a graph."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from pipeline.search.access import Access
from pipeline.search.api.answers import Graph, Map, Timeline, shaped
from pipeline.search.api.context import API, Context, Exercise, Here, NotFound, Searcher
from pipeline.search.api.search import LONGEST_ID, NOT_FOUND, Asked
from pipeline.search.graph import Wanted, graph
from pipeline.search.moments import bounds
from pipeline.search.question import When
from pipeline.search.roles import Who
from pipeline.search.tiles import tiles
from pipeline.search.timeline import Interval, timeline

router = APIRouter(prefix=API)


def access_of(here: Context, who: Who, exercise: str | None) -> Access:
    """The asker's own indexes, now."""
    return Access(here.store, here.audit, who.agency, exercise, here.clock())


@router.get("/timeline", response_model=None, responses=shaped(Timeline))
def over_time(who: Searcher, here: Here, asked: Asked, interval: Interval | Literal["auto"] = "auto") -> dict[str, Any]:
    """How many documents were reported when: {interval, buckets: [{from, to, count}]}, both ends in."""
    return timeline(access_of(here, who, asked.exercise), asked, interval)


@router.get("/map", response_model=None, responses=shaped(Map))
def on_a_map(who: Searcher, here: Here, asked: Asked, zoom: Annotated[int, Query(ge=0, le=15)] = 3) -> dict[str, Any]:
    """Where documents lie, as GeoJSON, within the question's box. One whose west is above its east crosses 180 degrees.

    Features tell count and box, and id, doc, kind and label where they are one document."""
    return tiles(access_of(here, who, asked.exercise), asked, zoom)


@router.get("/graph/{id_:path}", responses=shaped(Graph))
def around(
    who: Searcher,
    here: Here,
    id_: str,
    depth: Annotated[int, Query(ge=1, le=3)] = 1,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    kind: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006  FastAPI copies it
    agency: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    start: Annotated[When | None, Query(alias="from")] = None,
    end: Annotated[When | None, Query(alias="to")] = None,
    with_reports: bool = False,
    exercise: Exercise = None,
) -> Response:
    """What links to an entity (by its id or a mention's) or a report, level by level: {root, nodes, edges, cut}.

    cut: limits were met, and there is more. with_reports: the reports that mention an entity are nodes too."""
    access = access_of(here, who, exercise)
    wanted = Wanted(depth, limit, frozenset(kind), frozenset(agency), *bounds(start, end, access.time), with_reports)
    found = graph(access, id_, wanted) if len(id_) <= LONGEST_ID else None
    if found is None:
        raise NotFound(NOT_FOUND["error"])
    return JSONResponse(found)
