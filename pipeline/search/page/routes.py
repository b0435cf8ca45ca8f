"""The page's addresses. What is shown comes by `pipeline.search.ask` alone, so it is the reader's own and audited."""

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pipeline.search.api.context import Anyone, Context, Here, NotFound, Searcher
from pipeline.search.api.search import LONGEST_ID
from pipeline.search.api.work import Judge
from pipeline.search.ask import ask, fetch
from pipeline.search.judging import judgements_of, mentions_of
from pipeline.search.mistake import Mistake
from pipeline.search.page.assets import assets
from pipeline.search.page.examples import EXAMPLES
from pipeline.search.page.facets import SHOWN, groups
from pipeline.search.page.frame import YEAR_S, shown
from pipeline.search.page.problems import PageRoute
from pipeline.search.page.state import SIZE, State
from pipeline.search.page.told import sayings, surest, told
from pipeline.search.question import DEEPEST_PAGE, Question
from pipeline.search.roles import Who

MOST_READ = 100
"""Reports that are read for one page."""
FIELD_NAME = re.compile(r"[\w-]+(?=:)")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
def search(who: Searcher, here: Here, request: Request) -> Response:
    """The search, in the state that its address has."""
    return hits(who, here, request, "search.html")


@router.get("/map")
def on_a_map(who: Searcher, here: Here, request: Request) -> Response:
    """The same question on a map."""
    return hits(who, here, request, "map.html")


def hits(who: Who, here: Context, request: Request, template: str) -> Response:
    """What the question of an address finds; a mistake in it is shown at its place."""
    state = State.read(request.query_params.multi_items())
    question: Question | None = None
    found: dict[str, Any] | None = None
    mistake: Mistake | None = None
    try:
        question = state.question()
        found = ask(here.store, here.audit, who.agency, question, here.clock())
    except Mistake as wrong:
        mistake = wrong
    return shown(
        request, template, 422 if mistake else 200, who=who, state=state, question=question, found=found,
        documents=[hit["document"] for hit in found["hits"]] if found else [],
        mistake=mistake, better=corrected(state.value("q"), mistake) if mistake else "",
        skip=question.skip if question else 0,
        pages=turns(state, question, found["total"]) if question and found else {},
        groups=groups(found["facets"], state) if found else [], open=SHOWN, examples=EXAMPLES,
    )  # fmt: skip


def turns(state: State, question: Question, total: int) -> dict[str, State]:
    """The pages before and after this one, where there are any."""
    found = {"back": state.but(skip=max(question.skip - SIZE, 0) or None)} if question.skip else {}
    after = question.skip + SIZE
    return found | ({"more": state.but(skip=after)} if after < min(total, DEEPEST_PAGE) else {})


def corrected(q: str, mistake: Mistake) -> str:
    """The query with the field's name as it was probably meant; nothing where that is not known."""
    written = FIELD_NAME.match(q[mistake.at or 0 :])
    if "meant" not in mistake.values or written is None or mistake.at is None:
        return ""
    return q[: mistake.at] + str(mistake.values["meant"]) + q[mistake.at + len(written[0]) :]


@router.get("/report/{id_}")
def report(who: Searcher, here: Here, request: Request, id_: str) -> Response:
    """One report as this reader may see it, and those that tell of the same event."""
    exercise = exercise_of(request)
    found = one(here, who, "report", id_, exercise)
    others = reports(here, who, found["duplicates"], exercise)
    return shown(
        request, "report.html", who=who, report=found, documents=[found, *others.values()], exercise=exercise,
        others=others,
        mentions={mention["ref"]: mention for mention in found.get("entities", [])},
    )  # fmt: skip


@router.get("/entity/{id_:path}")
def entity(who: Searcher, here: Here, request: Request, id_: str) -> Response:
    """One entity: who says what of it, and why it is one."""
    exercise = exercise_of(request)
    found = one(here, who, "entity", id_, exercise)
    read = reports(here, who, found["reports"], exercise)
    ends = {end["report"] for one in found.get("judgements", []) for end in (one["a"], one["b"])}
    apart = reports(here, who, sorted(ends.difference(found["reports"])), exercise)
    named = read | apart
    return shown(
        request, "entity.html", who=who, entity=found, documents=[found, *apart.values()], exercise=exercise,
        reports=named, told=told(found, read), glance=sayings(found["reports"], read), surest=surest(read.values()),
        mentions=mentions_of(named),
        timeline=sorted(read.values(), key=lambda one: (one["reported_at"], one["id"]), reverse=True),
    )  # fmt: skip


@router.get("/graph/{id_:path}")
def graph(who: Searcher, here: Here, request: Request, id_: str) -> Response:
    """The links around an entity, to grow by click."""
    exercise = exercise_of(request)
    found = one(here, who, "entity", id_, exercise)
    return shown(request, "graph.html", who=who, entity=found, documents=[found], exercise=exercise)


@router.get("/lookup")
def lookup(who: Searcher, request: Request) -> Response:
    """Many values at once."""
    return shown(request, "lookup.html", who=who, documents=[])


@router.get("/judgements")
def judgements(who: Judge, here: Here, request: Request) -> Response:
    """What the reader's own agency judged, also of what it sees no more; each can be taken back."""
    state = State.read(request.query_params.multi_items())
    question = state.question()
    found = judgements_of(
        here.store, here.audit, who.agency, question.exercise, here.clock(), size=SIZE, skip=question.skip
    )
    return shown(
        request, "judgements.html", who=who, found=found, skip=question.skip, exercise=question.exercise,
        documents=[*(one.document for one in found.judged), *found.reports.values()],
        reports=found.reports, mentions=mentions_of(found.reports), pages=turns(state, question, found.total),
    )  # fmt: skip


@router.get("/saved")
def saved(who: Searcher, request: Request) -> Response:
    """Saved searches."""
    return shown(request, "saved.html", who=who, documents=[])


@router.get("/alerts")
def alerts(who: Searcher, request: Request) -> Response:
    """The alert inbox."""
    return shown(request, "alerts.html", who=who, documents=[])


@router.get("/health")
def health(who: Anyone, here: Here, request: Request) -> Response:
    """Whether the services answer; for operators, how far behind it is."""
    operations = here.operations() if who.may("operate") else {}
    operations.pop("services", None)
    return shown(
        request,
        "health.html",
        who=who,
        health=here.health(),
        documents=[],
        operations=operations,
    )


@router.get("/static/{path:path}")
def static(request: Request, path: str) -> Response:
    """A file of the page: by the address that names its hash it may be kept for a year."""
    asset = assets().get(path)
    if asset is None:
        return Response(status_code=404)
    etag, current = f'"{asset.etag}"', request.query_params.get("v") == asset.etag
    headers = {
        "etag": etag,
        "vary": "accept-encoding",
        "cache-control": f"public, max-age={YEAR_S}, immutable" if current else "no-cache",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers=headers | {"content-encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)


def one(here: Context, who: Who, doc: str, id_: str, exercise: str | None) -> dict[str, Any]:
    """A document that this reader may see. Raises NotFound."""
    if len(id_) > LONGEST_ID:
        raise NotFound
    found = fetch(here.store, here.audit, who.agency, doc, id_, exercise, here.clock())
    if found is None:
        raise NotFound
    return found


def reports(here: Context, who: Who, ids: list[str], exercise: str | None) -> dict[str, dict[str, Any]]:
    """These reports by their ids, as many as are read for one page."""
    if not ids:
        return {}
    q = " OR ".join(f'id:"{id_}"' for id_ in ids[:MOST_READ])
    question = Question(q=q, doc="report", exercise=exercise, size=MOST_READ)
    found = ask(here.store, here.audit, who.agency, question, here.clock())
    return {hit["document"]["id"]: hit["document"] for hit in found["hits"]}


def exercise_of(request: Request) -> str | None:
    return State.read(request.query_params.multi_items()).question().exercise
