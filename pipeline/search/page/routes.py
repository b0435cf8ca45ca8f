"""The page's addresses. What is shown comes by `pipeline.search.ask` alone, so it is the reader's own and audited."""

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute

from pipeline.errors import GabungError, ServiceMissing, WrongUse
from pipeline.search.api.context import Anyone, Context, Forbidden, Here, Searcher, Unauthorized, context_of
from pipeline.search.api.search import LONGEST_ID
from pipeline.search.ask import ask, fetch
from pipeline.search.doors import session_id
from pipeline.search.limits import TooMany
from pipeline.search.mistake import Mistake
from pipeline.search.page.assets import assets
from pipeline.search.page.examples import EXAMPLES
from pipeline.search.page.facets import SHOWN, groups
from pipeline.search.page.render import render
from pipeline.search.page.state import SIZE, State
from pipeline.search.page.texts import LANGUAGES
from pipeline.search.page.told import sayings, surest, told
from pipeline.search.question import DEEPEST_PAGE, Question
from pipeline.search.roles import Who
from pipeline.search.sessions import csrf_token

SIGN_IN_ELSEWHERE = "/signin/oidc"
LANGUAGE_COOKIE = "lang"
MOST_READ = 100
"""Reports that are read for one page."""
DID_YOU_MEAN, FIELD_NAME = re.compile(r"did you mean (\w[\w-]*)\?"), re.compile(r"[\w-]+(?=:)")
YEAR_S = 365 * 24 * 3600
PROBLEMS: tuple[tuple[type[GabungError], int, str], ...] = (
    # what happened, its status, the key of what is said of it
    (Unauthorized, 401, "enter.about"),
    (Forbidden, 403, "problem.forbidden"),
    (TooMany, 429, "problem.many"),
    (WrongUse, 422, "problem.wrong"),
    (ServiceMissing, 503, "problem.away"),
)


class PageRoute(APIRoute):
    """A route whose errors are pages too, and whose `lang` is remembered."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def page(request: Request) -> Response:
            if request.query_params.get(LANGUAGE_COOKIE) in LANGUAGES:
                return in_language(request)
            try:
                return await handle(request)
            except GabungError as error:
                return problem(request, error)

        return page


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
    state, found, mistake, status = State.read(request.query_params.multi_items()), None, None, 200
    question = None
    try:
        question = state.question()
        found = ask(here.store, here.audit, who.agency, question, here.clock())
    except WrongUse as wrong:
        mistake, status = wrong, 200 if "hx-request" in request.headers else 422
    shown_documents = [hit["document"] for hit in found["hits"]] if found else []
    skip = int(state.value("skip") or 0) if found else 0
    pages = {
        name: state.but(skip=max(to, 0) or None)
        for name, to, there in (("back", skip - SIZE, skip > 0), ("more", skip + SIZE, found and skip + SIZE < min(found["total"], DEEPEST_PAGE)))
        if there
    }  # fmt: skip
    return shown(
        request, template, status, who=who, state=state, found=found, mistake=mistake, documents=shown_documents,
        at=getattr(mistake, "at", None) if isinstance(mistake, Mistake) else None, skip=skip, pages=pages, better=corrected(state.value("q"), mistake) if isinstance(mistake, Mistake) else "",
        groups=groups(found["facets"], state) if found else [], open=SHOWN, examples=EXAMPLES, question=question,
    )  # fmt: skip


def corrected(q: str, mistake: Mistake) -> str:
    """The query with the field's name as it was probably meant; nothing where that is not known."""
    meant, written = DID_YOU_MEAN.match(mistake.suggestion), FIELD_NAME.match(q[mistake.at or 0 :])
    if meant is None or written is None or mistake.at is None:
        return ""
    return q[: mistake.at] + meant[1] + q[mistake.at + len(written[0]) :]


@router.get("/report/{id_}")
def report(who: Searcher, here: Here, request: Request, id_: str) -> Response:
    """One report as this reader may see it, and those that tell of the same event."""
    exercise = exercise_of(request)
    found = one(here, who, "report", id_, exercise)
    if found is None:
        return problem(request, None)
    return shown(
        request, "report.html", who=who, report=found, documents=[found], exercise=exercise,
        others=reports(here, who, found["duplicates"], exercise),
        mentions={mention["ref"]: mention for mention in found.get("entities", [])},
    )  # fmt: skip


@router.get("/entity/{id_:path}")
def entity(who: Searcher, here: Here, request: Request, id_: str) -> Response:
    """One entity: who says what of it, and why it is one."""
    exercise = exercise_of(request)
    found = one(here, who, "entity", id_, exercise)
    if found is None:
        return problem(request, None)
    read = reports(here, who, found["reports"], exercise)
    mentions = {f"{id_}/{mention['ref']}": mention for id_, one in read.items() for mention in one.get("entities", [])}
    return shown(
        request, "entity.html", who=who, entity=found, documents=[found], exercise=exercise, reports=read,
        told=told(found, read), glance=sayings(found["reports"], read), surest=surest(read.values()), mentions=mentions,
        timeline=sorted(read.values(), key=lambda one: (one["reported_at"], one["id"]), reverse=True),
    )  # fmt: skip


@router.get("/graph/{id_:path}")
def graph(who: Searcher, here: Here, request: Request, id_: str) -> Response:
    """The links around an entity, to grow by click."""
    exercise = exercise_of(request)
    found = one(here, who, "entity", id_, exercise)
    if found is None:
        return problem(request, None)
    return shown(request, "graph.html", who=who, entity=found, documents=[found], exercise=exercise)


@router.get("/lookup")
def lookup(who: Searcher, request: Request) -> Response:
    """Many values at once."""
    return shown(request, "lookup.html", who=who, documents=[])


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
    """Whether the services answer."""
    return shown(
        request,
        "health.html",
        who=who,
        health=here.health(),
        documents=[],
        operations={k: v for k, v in here.operations().items() if k != "services"} if who.may("operate") else {},
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


def one(here: Context, who: Who, doc: str, id_: str, exercise: str | None) -> dict[str, Any] | None:
    if len(id_) > LONGEST_ID:
        return None
    return fetch(here.store, here.audit, who.agency, doc, id_, exercise, here.clock())


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


def problem(request: Request, error: GabungError | None) -> Response:
    """What went wrong, as a page; without an error: that there is no such thing."""
    if isinstance(error, Unauthorized):
        return shown(request, "enter.html", 401, who=None, documents=[])
    status, key = next(((code, key) for kind, code, key in PROBLEMS if isinstance(error, kind)), (500, "problem.wrong"))
    if error is None:
        status, key = 404, "problem.none"
    # A ServiceMissing names addresses of this machine.
    said = "" if error is None or isinstance(error, ServiceMissing) else str(error)
    who = context_of(request).doors.who(request)
    return shown(request, "problem.html", status, who=who, documents=[], key=key, said=said)


def shown(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page with what every page has: the language, who reads it, and what its forms must send."""
    language = language_of(request)
    chrome: Mapping[str, Any] = {
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "other": [one for one in LANGUAGES if one != language][0],
        "refused": request.query_params.get("entered"),
        "provider": SIGN_IN_ELSEWHERE if context_of(request).oidc else None,
        "csrf": csrf_token(session_id(request)) if session_id(request) else "",
    }
    return HTMLResponse(render(template, language, {**chrome, **values}), status)


def in_language(request: Request) -> Response:
    """The same page, and its language kept in a cookie, so that a permalink does not choose the reader's language."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != LANGUAGE_COOKIE]
    # Slashes at the front would make another host of it.
    address = "/" + quote(request.url.path.lstrip("/")) + (f"?{urlencode(pairs)}" if pairs else "")
    response = RedirectResponse(address, 303)
    response.set_cookie(
        LANGUAGE_COOKIE, request.query_params[LANGUAGE_COOKIE], max_age=YEAR_S, samesite="lax", httponly=True
    )
    return response


def language_of(request: Request) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return "en" if request.headers.get("accept-language", "id").lower().startswith("en") else "id"
