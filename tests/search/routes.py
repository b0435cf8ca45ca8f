"""Every route of an application, for tests that walk them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

OPEN = {"/api/health/live"}
"""What answers without signing in."""


@dataclass(frozen=True)
class Walked:
    method: str
    path: str


def routes(app: Any) -> list[Walked]:
    """Every method of every path; HEAD goes with GET."""
    assert isinstance(app, FastAPI)
    found = {
        Walked(method, context.path)
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or ())
        if context.path and method != "HEAD"
    }
    return sorted(found, key=lambda one: (one.path, one.method))


def actions(app: Any) -> list[tuple[Walked, str | None]]:
    """Every route with the action of `pipeline.search.roles` that it asks for; None where it asks for none."""
    found = []
    for context in iter_route_contexts(app.routes):
        asked = getattr(context.original_route, "dependant", None)
        named = [getattr(one.call, "action", None) for one in asked.dependencies] if asked else []
        action = next((one for one in named if one), None)
        found += [(Walked(method, context.path), action) for method in sorted(context.methods or ()) if context.path]
    return found
