"""What every route is given: where documents are, who asks, and whom to tell of it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from pipeline.errors import GabungError
from pipeline.report.model import Report
from pipeline.search.access import Audit
from pipeline.search.alerts import Alerts
from pipeline.search.cursor import Cursors
from pipeline.search.doors import Doors, is_forged
from pipeline.search.export import MOST
from pipeline.search.exports import Exports
from pipeline.search.limits import Limiter, Rate, Turns
from pipeline.search.oidc import Provider, StartedSignIns
from pipeline.search.roles import Action, Who
from pipeline.search.store import Store

API = "/api/v1"


class Unauthorized(GabungError):
    """Nobody has signed in, or with a token that nobody here holds."""


class Forbidden(GabungError):
    """Who asks has no role that may do this."""


class Forged(Forbidden):
    """Who asks did not mean to, as far as can be told: it does not come from our own page, or from one of a session
    that has ended."""


class NotFound(GabungError):
    """It does not exist, or the asker may not see it."""


class TooLarge(GabungError):
    """More was sent than is read."""


@dataclass(frozen=True)
class Limits:
    """What one person may ask of the machine. Reading a page asks several things at once."""

    entering: Limiter = field(default_factory=lambda: Limiter(Rate(10, 10)))
    """By address and by name: guessing is slow."""
    signing_in: Limiter = field(default_factory=lambda: Limiter(Rate(30, 30)))
    """By address: many may share one, and each sign-in takes two."""
    asking: Limiter = field(default_factory=lambda: Limiter(Rate(300, 600)))
    exporting: Limiter = field(default_factory=lambda: Limiter(Rate(10, 10)))
    turns: Turns = field(default_factory=lambda: Turns(8, overall=24, kept=8))
    """Searches at once: fewer than the 40 threads that answer, so that whoever only signs in never waits for them."""

    @contextmanager
    def held(self, who: Who, action: Action) -> Iterator[None]:
        """While somebody does this: they asked once more, and a search holds a place. Raises TooMany."""
        name = f"{who.agency}/{who.user}"
        (self.exporting if action == "export" else self.asking).take(name)
        with self.turns.turn(name, who.agency) if action in ("search", "export") else nullcontext():
            yield


@dataclass(frozen=True)
class Context:
    """`audit` is told of every answer before it goes out; `clock` gives the time that expiry is judged by; `health`
    what whoever runs the machine is told; `oidc` is the OpenID provider, where one is set; `hosts` are the names that
    this is asked under, any where there are none; `cursors` hold over a restart where their key does; `publish` returns
    once a report is safe with the broker, and raises ServiceMissing; `events` are all that the audit holds. Without
    `alerts`, there are none for now. `operations` tells operators how far behind it is; `most_exported` is how many
    documents one file may hold."""

    store: Store
    audit: Audit
    doors: Doors
    clock: Callable[[], datetime]
    health: Callable[[], dict[str, Any]]
    limits: Limits = field(default_factory=Limits)
    alerts: Alerts | None = None
    oidc: Provider | None = None
    hosts: tuple[str, ...] = ()
    cursors: Cursors = field(default_factory=lambda: Cursors(token_bytes(32)))
    exports: Exports = field(default_factory=Exports)
    most_exported: int = MOST
    publish: Callable[[Report], None] | None = None
    events: Callable[[], Iterable[dict[str, Any]]] | None = None
    operations: Callable[[], dict[str, Any]] = dict
    started: StartedSignIns = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "started", StartedSignIns(self.clock))

    def ways_in(self) -> dict[str, bool]:
        """Which ways to sign in the page shall offer."""
        return {"token": True, "oidc": self.oidc is not None}


def context_of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def may(action: Action) -> Callable[[Request], Iterator[Who]]:
    """A dependency: who asks, where that person may do this now. Raises Unauthorized, Forbidden, TooMany."""

    def check(request: Request) -> Iterator[Who]:
        here = context_of(request)
        who = here.doors.who(request)
        if who is None:
            raise Unauthorized("sign in, or send a token: Authorization: Bearer …, from your agency's administrator")
        if is_forged(request):
            raise Forged("send the header X-CSRF-Token as GET /api/v1/me gives it, or a token instead of a cookie")
        if not who.may(action):
            raise Forbidden(f"this needs a role that may {action}; your agency's administrator gives roles")
        with here.limits.held(who, action):
            yield who

    check.action = action  # type: ignore[attr-defined]  # a test reads it off every route
    return check


Here = Annotated[Context, Depends(context_of)]
Anyone = Annotated[Who, Depends(may("enter"))]
Searcher = Annotated[Who, Depends(may("search"))]
Administrator = Annotated[Who, Depends(may("administer"))]
Exercise = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
