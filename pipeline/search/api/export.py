"""Exports of what a question finds, and the list of one's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from pipeline.report.model import rfc3339
from pipeline.search.api.answers import Exports, shaped
from pipeline.search.api.context import API, Here, Searcher, may
from pipeline.search.api.overview import access_of
from pipeline.search.api.search import Asked
from pipeline.search.export import FORMATS, Format, export
from pipeline.search.roles import Who

router = APIRouter(prefix=API)

FILES: dict[str, Any] = {form.media: {} for form in FORMATS.values()}
Exporter = Annotated[Who, Depends(may("export"))]


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": FILES}})
def download(who: Exporter, here: Here, asked: Asked, format: Format = "ndjson") -> StreamingResponse:
    """All that the question finds, as a file; size and skip do not count. In CSV a cell that a spreadsheet would take
    for a formula begins with '. A file holds as many documents as the operator lets it; one that is cut
    says so in its name and in the header `gabung-cut`, and `gabung-total` says how many there are."""
    access = access_of(here, who, asked.exercise)
    made = export(access, asked, format, who.user, here.clock, here.most_exported)
    question = asked.model_dump(mode="json", exclude_defaults=True, exclude={"size", "skip"})
    told = {"at": rfc3339(access.time), "format": format, "question": question, "filename": made.filename}
    here.exports.add(who.agency, who.user, told)
    headers = {
        "content-disposition": f'attachment; filename="{made.filename}"',
        "gabung-total": str(made.total),
        **({"gabung-cut": f"first {here.most_exported}"} if made.cut else {}),
    }
    return StreamingResponse(made.parts, headers=headers, media_type=made.media)


@router.get("/exports", response_model=None, responses=shaped(Exports))
def own(who: Searcher, here: Here) -> dict[str, Any]:
    """One's own last hundred exports, the newest first: {exports: [{at, format, question, filename}]}."""
    return {"exports": here.exports.of(who.agency, who.user)}
