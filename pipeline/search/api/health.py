"""Whether this answers, and this API's own description."""

from typing import Any

from fastapi import APIRouter, Request

from pipeline.search.api.context import API, Anyone, Here

router = APIRouter()


@router.get("/api/health/live")
def live() -> dict[str, str]:
    """That this process answers."""
    return {"status": "ok"}


@router.get(f"{API}/health")
def state(_: Anyone, here: Here) -> dict[str, Any]:
    """Whether the services answer. Counts of messages and documents are for whoever runs the machine."""
    return here.health()


@router.get(f"{API}/openapi.json")
def description(_: Anyone, request: Request) -> dict[str, Any]:
    """This API's description."""
    found: dict[str, Any] = request.app.openapi()
    return found
