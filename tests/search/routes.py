"""Every route of an application, for tests that walk them all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from pipeline.search.roles import Action

OPEN = {"/api/health/live", "/enter", "/leave", "/signin/oidc", "/signin/oidc/back"}
"""What answers without signing in, or is how one signs in."""


@dataclass(frozen=True)
class Walked:
    """One method of one path, and what who asks must be allowed to do (None: it asks nobody)."""

    method: str
    path: str
    action: Action | None

    def filled(self, id_: str) -> str:
        return re.sub(r"\{.*?\}", id_, self.path)


def routes(app: Any) -> list[Walked]:
    """Every method of every path; HEAD goes with GET."""
    assert isinstance(app, FastAPI)
    found = {
        Walked(method, context.path, _action(context))
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
        if context.path and method != "HEAD"
    }
    return sorted(found, key=lambda one: (one.path, one.method))


def _action(context: Any) -> Action | None:
    asked = [call.action for call in _calls(context.dependant) if hasattr(call, "action")]
    assert len(asked) <= 1, f"{context.path} asks for two things"
    return asked[0] if asked else None


def _calls(dependant: Any) -> list[Any]:
    return [dependant.call, *(call for one in dependant.dependencies for call in _calls(one))]
