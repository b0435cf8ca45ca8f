"""Entering and leaving, for browsers; who one is; and the tokens of one's agency."""

import re
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from pipeline.audit.events import access
from pipeline.errors import ServiceMissing
from pipeline.search import administer
from pipeline.search.api.context import (
    API,
    Administrator,
    Anyone,
    Context,
    Forged,
    Here,
    TooLarge,
    Unauthorized,
)
from pipeline.search.doors import base_address, cookie_name, is_forged, is_from_here, is_over_tls, session_id
from pipeline.search.oidc import Said
from pipeline.search.roles import Role, Who
from pipeline.search.sessions import SESSION, csrf_token
from pipeline.search.tokens import Token

router = APIRouter()

LONGEST_FORM = 4096
OWN_ADDRESS = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}")
"""A path of this host: two slashes, or one and a backslash, would name another."""


@router.get(f"{API}/me")
def me(who: Anyone, request: Request) -> dict[str, Any]:
    """Who asks, and what a page must send with all that changes something (none for tokens)."""
    id_ = session_id(request)
    csrf = None if "authorization" in request.headers or not id_ else csrf_token(id_)
    return {"agency": who.agency, "user": who.user, "roles": sorted(who.roles), "csrf": csrf}


@router.post("/enter", include_in_schema=False)
async def enter(request: Request, here: Here) -> Response:
    """A token from a form becomes a session; a wrong one leads back to the form."""
    if not is_from_here(request):
        raise Forged("enter from this installation's own page")
    form = await read_form(request)
    here.limits.entering.take(f"address {request.client.host if request.client else ''}")
    token = here.doors.tokens.find(form.get("token", "").strip())
    if token is None or token.agency not in here.doors.agencies():
        here.audit(access("refused", None, here.clock()))
        return not_entered("no", form.get("next", ""))
    return entered(request, here, token.who, token.id, next_=form.get("next", ""))


@router.post("/leave", include_in_schema=False)
async def leave(request: Request, here: Here) -> Response:
    """End the session, here and in the browser; and at the OpenID provider, where it opened it."""
    form = await read_form(request)
    if is_forged(request, form.get("csrf", "")):
        raise Forged("leave from this installation's own page")
    who = await run_in_threadpool(here.doors.who, request)
    if who is None:
        raise Unauthorized("there is no session to leave")
    session = here.doors.sessions.find(session_id(request))
    here.doors.sessions.end(session_id(request))
    here.audit(access("left", who, here.clock()))
    to = "/"
    if here.oidc and session and session.id_token:
        with suppress(ServiceMissing):  # ours has ended all the same
            place = await run_in_threadpool(here.oidc.sign_out, session.id_token, base_address(request) + "/")
            to = place or to
    response = RedirectResponse(to, 303, {"clear-site-data": '"cache", "storage"'})
    response.delete_cookie(cookie_name(request), path="/", secure=is_over_tls(request), httponly=True)
    return response


def entered(
    request: Request, here: Context, who: Who, token: str | None, said: Said | None = None, next_: str = ""
) -> Response:
    """A new session for who has shown who they are; the browser's former one, whoever's it was, ends. It leads on to
    `next_`, the permalink that was asked for, where that is an address of ours."""
    if former := session_id(request):
        here.doors.sessions.end(former)
    id_ = here.doors.sessions.begin(who, token, said and said.id_token, said and said.refresh)
    here.audit(access("entered", who, here.clock()))
    response = RedirectResponse(next_ if OWN_ADDRESS.fullmatch(next_) else "/", 303)
    response.set_cookie(
        cookie_name(request), id_, max_age=int(SESSION.total_seconds()), path="/",
        # Lax: a permalink that a colleague sends opens; what changes something needs the CSRF token besides.
        samesite="lax", httponly=True, secure=is_over_tls(request),
    )  # fmt: skip
    return response


def not_entered(why: str, next_: str = "") -> Response:
    """Back to the form, which says why, and still leads on to `next_`."""
    wanted = {"next": next_} if next_ != "/" and OWN_ADDRESS.fullmatch(next_) else {}
    return RedirectResponse(f"/?{urlencode({'entered': why, **wanted})}", 303)


async def read_form(request: Request) -> dict[str, str]:
    """A small form's fields, the first of each. Raises TooLarge, once all of it is read, so that its answer arrives."""
    body, read = b"", 0
    async for part in request.stream():
        read += len(part)
        if read <= LONGEST_FORM:
            body += part
    if read > LONGEST_FORM:
        raise TooLarge(f"the form is larger than {LONGEST_FORM} bytes; send less")
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}


class NewToken(BaseModel):
    """A token for somebody of one's own agency."""

    model_config = ConfigDict(extra="forbid")

    user: Annotated[str, Field(min_length=1, max_length=100)]
    roles: Annotated[list[Role], Field(min_length=1, max_length=5)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


class ShownToken(BaseModel):
    """What is told of a token; never what it is typed in as."""

    id: str
    user: str
    roles: list[str]
    created: datetime
    expires: datetime | None


def shown(token: Token) -> dict[str, Any]:
    return ShownToken(
        id=token.id, user=token.user, roles=sorted(token.roles), created=token.created, expires=token.expires
    ).model_dump(mode="json")


@router.get(f"{API}/tokens")
def tokens(who: Administrator, here: Here) -> dict[str, Any]:
    """The tokens of one's own agency."""
    return {"tokens": [shown(one) for one in administer.tokens_of(here.doors.tokens, who)]}


@router.post(f"{API}/tokens", status_code=201)
def issue(who: Administrator, here: Here, wanted: NewToken) -> dict[str, Any]:
    """A new token of one's own agency, with roles that one holds oneself. `token` is shown this once."""
    token, secret = administer.issue(here.doors.tokens, who, wanted.user, wanted.roles, wanted.days)
    here.audit(access("issued", who, here.clock(), token.id))
    return {**shown(token), "token": secret}


@router.delete(f"{API}/tokens/{{id_}}")
def revoke(who: Administrator, here: Here, id_: str) -> Response:
    """Make a token of one's own agency void, and end the sessions that it opened."""
    try:
        token = administer.revoke(here.doors.tokens, who, id_)
    except administer.NotThere as error:
        return JSONResponse({"error": str(error)}, 404)
    here.audit(access("revoked", who, here.clock(), token.id))
    return JSONResponse(shown(token))
