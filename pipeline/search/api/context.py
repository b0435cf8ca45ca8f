"""What every route is given: where documents are, who asks, and whom to tell of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Annotated, Any, Protocol

from fastapi import Depends, Query, Request

from pipeline.errors import GabungError
from pipeline.report.model import Report
from pipeline.search.access import Audit
from pipeline.search.cursor import Cursors
from pipeline.search.exports import Exports
from pipeline.search.roles import Action, Who
from pipeline.search.store import Store

API = "/api/v1"


class Unauthorized(GabungError):
    """Nobody has signed in, or with a token that nobody here holds."""


class Forbidden(GabungError):
    """Who asks has no role that may do this."""


class Doors(Protocol):
    """How it is known who asks."""

    def who(self, request: Request) -> Who | None:
        """Who asks, by a token or a session; None where it is neither."""
        ...


@dataclass(frozen=True)
class Context:
    """`audit` is told of every answer before it goes out; `clock` gives the time that expiry is judged by; `health`
    what whoever runs the machine is told. `cursors` hold over a restart where their key does. `publish`
    returns once a report is safe with the broker; raises ServiceMissing."""

    store: Store
    audit: Audit
    doors: Doors
    clock: Callable[[], datetime]
    health: Callable[[], dict[str, Any]]
    cursors: Cursors = field(default_factory=lambda: Cursors(token_bytes(32)))
    exports: Exports = field(default_factory=Exports)
    publish: Callable[[Report], None] | None = None


def context_of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def may(action: Action) -> Callable[[Request], Who]:
    """A dependency: who asks, where that person may do this. Raises Unauthorized, Forbidden."""

    def check(request: Request) -> Who:
        who = context_of(request).doors.who(request)
        if who is None:
            raise Unauthorized("sign in, or send a token: Authorization: Bearer …, from your agency's administrator")
        if not who.may(action):
            raise Forbidden(f"this needs a role that may {action}; your agency's administrator gives roles")
        return who

    check.action = action  # type: ignore[attr-defined]  # a test reads it off every route
    return check


Here = Annotated[Context, Depends(context_of)]
Searcher = Annotated[Who, Depends(may("search"))]
Exercise = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
