"""Who was released a report of one's own agency, and who was shown it."""

import threading
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from pipeline.audit.events import searched, shown_to
from pipeline.errors import ServiceMissing
from pipeline.search.api.context import API, Here, may
from pipeline.search.api.search import NOT_FOUND
from pipeline.search.limits import TooMany
from pipeline.search.roles import Who

router = APIRouter(prefix=API)

ReleaseOfficer = Annotated[Who, Depends(may("explain"))]
READING = threading.Lock()
"""The whole audit is read for an answer: one at a time."""
WAIT_SECONDS = 10


@router.get("/reports/{id_}/shown")
def shown(who: ReleaseOfficer, here: Here, id_: str) -> Response:
    """For release officers of the originator: {events: [{at, kind, reader, …}]}, in the order of the audit.

    kind is release or retraction (with the rules that decided), shown, or exported. What was asked is not told."""
    if here.events is None:
        raise ServiceMissing("the service was started without a way to read the audit")
    if not READING.acquire(timeout=WAIT_SECONDS):
        raise TooMany(WAIT_SECONDS)
    try:
        found: list[dict[str, Any]] | None = shown_to(here.events(), id_, who.agency)
    finally:
        READING.release()
    here.audit(searched(who.agency, {"shown": id_[:100]}, [], here.clock()))
    return JSONResponse(NOT_FOUND, 404) if found is None else JSONResponse({"events": found})
