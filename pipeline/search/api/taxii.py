"""TAXII 2.1, for reading. One API root a scope: `live`, and `exercise-NAME` for whoever knows the exercise's name."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from pipeline.search.access import Access
from pipeline.search.api.context import Context, Here, Searcher
from pipeline.search.api.problems import Problem
from pipeline.search.taxii import (
    LIVE,
    MOST,
    Asked,
    Found,
    collection,
    collection_id,
    found,
    read_moment,
    stamp,
    version,
)

PREFIX = "/taxii2"
MEDIA = "application/taxii+json;version=2.1"
MEDIA_OF_OBJECTS = "application/stix+json;version=2.1"
SCOPE = re.compile(r"live|exercise-([a-z0-9][a-z0-9_-]{0,63})")
LARGEST = 10 << 20
LONGEST = 10_000


class TaxiiResponse(JSONResponse):
    media_type = MEDIA


def acceptable(accept: Annotated[str, Header()] = "*/*") -> None:
    """Raises 406 where a client takes no TAXII 2.1."""
    if not re.search(r"\*/\*|application/\*|application/taxii\+json", accept) or re.search(r"version=(?!2\.1)", accept):
        raise HTTPException(406, f"accept {MEDIA}")


router = APIRouter(
    prefix=PREFIX, default_response_class=TaxiiResponse, dependencies=[Depends(acceptable)],
    responses={406: {"model": Problem, "description": "The client takes no TAXII 2.1"}},
)  # fmt: skip
Text = Annotated[str | None, Query(max_length=LONGEST)]


def access(who: Searcher, here: Here, scope: str) -> Access:
    """The asker's own documents in the scope. Raises 404 for what is none."""
    known = SCOPE.fullmatch(scope)
    if known is None:
        raise HTTPException(404)
    return Access(here.store, here.audit, who.agency, known[1], here.clock())


Own = Annotated[Access, Depends(access)]


def collection_of(own: Own, collection: str) -> Access:
    """The same, for the one collection of the scope."""
    if collection != collection_id(own.scope):
        raise HTTPException(404)
    return own


Collected = Annotated[Access, Depends(collection_of)]


def question(
    limit: Annotated[int, Query(ge=1)] = MOST,
    added_after: Text = None,
    ids: Annotated[str | None, Query(alias="match[id]", max_length=LONGEST)] = None,
    types: Annotated[str | None, Query(alias="match[type]", max_length=LONGEST)] = None,
    versions: Annotated[str | None, Query(alias="match[version]", max_length=LONGEST)] = None,
    spec_versions: Annotated[str | None, Query(alias="match[spec_version]", max_length=LONGEST)] = None,
) -> Asked:
    given = {"id": ids, "type": types, "version": versions, "spec_version": spec_versions}
    match = {name: frozenset(text.split(",")) for name, text in given.items() if text}
    for one in match.get("version", frozenset()) - {"all", "first", "last"}:
        read_moment(one)
    return Asked(min(limit, MOST), read_moment(added_after), match)


Question = Annotated[Asked, Depends(question)]
Next = Annotated[str | None, Query(alias="next", max_length=4000)]


@router.get("/")
def discovery(_: Searcher) -> dict[str, Any]:
    """What API roots there are. An exercise has one too, /taxii2/exercise-NAME/, which is not listed."""
    root = f"/taxii2/{LIVE}/"
    return {"title": "Gabung", "description": "Reports that were released to you", "default": root, "api_roots": [root]}


@router.get("/{scope}/")
def root(_: Own) -> dict[str, Any]:
    return {"title": "Gabung", "versions": [MEDIA], "max_content_length": LARGEST}


@router.get("/{scope}/collections/")
def collections(own: Own) -> dict[str, Any]:
    return {"collections": [collection(own.scope)]}


@router.get("/{scope}/collections/{collection}/")
def one_collection(own: Collected) -> dict[str, Any]:
    return collection(own.scope)


@router.get("/{scope}/collections/{collection}/objects/")
def objects(own: Collected, here: Here, asked: Question, cursor: Next = None) -> Response:
    """Reports and what they mention, by when they were reported. added_after: reported after that moment."""
    made = found(own, here.cursors, asked, cursor)
    return _paged([one for _, one in made.objects], made)


@router.get("/{scope}/collections/{collection}/manifest/")
def manifest(own: Collected, here: Here, asked: Question, cursor: Next = None) -> Response:
    """The ids and dates of what `objects` would give."""
    made = found(own, here.cursors, asked, cursor)
    return _paged([_entry(moment, one) for moment, one in made.objects], made)


@router.get("/{scope}/collections/{collection}/objects/{object_id}/")
def one_object(own: Collected, here: Here, object_id: str) -> Response:
    """One object, however many reports there are."""
    made = _only(own, here, object_id)
    return _paged([one for _, one in made.objects], made)


@router.get("/{scope}/collections/{collection}/objects/{object_id}/versions/")
def versions(own: Collected, here: Here, object_id: str) -> Response:
    """The one version that an object has here."""
    made = _only(own, here, object_id)
    return _answer({"versions": [stamp(version(one)) for _, one in made.objects]}, made)


def _only(own: Access, here: Context, object_id: str) -> Found:
    made = found(own, here.cursors, Asked(1, None, {"id": frozenset({object_id})}), None)
    if not made.objects:
        raise HTTPException(404)
    return Found(made.objects)


def _entry(moment: str, one: dict[str, Any]) -> dict[str, str]:
    return {
        "id": one["id"],
        "date_added": stamp(moment),
        "version": stamp(version(one)),
        "media_type": MEDIA_OF_OBJECTS,
    }


def _paged(entries: list[dict[str, Any]], made: Found) -> Response:
    more = {"more": True, "next": made.next} if made.next else {"more": False}
    return _answer({**more, "objects": entries} if entries else more, made)


def _answer(content: dict[str, Any], made: Found) -> Response:
    dates = [stamp(moment) for moment, _ in made.objects]
    ends = {"x-taxii-date-added-first": dates[0], "x-taxii-date-added-last": dates[-1]} if dates else {}
    return TaxiiResponse(content, headers=ends)
