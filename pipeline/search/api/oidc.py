"""Sign-in by OpenID Connect: to the provider, and back with a code. What goes wrong leads to the form, with one line.

`/?entered=no`: this sign-in does not hold, whether it was forged, expired, replayed or broken off. `unknown`: the
provider knows the person, but names no agency of the policy in force, or no role. `later`: the provider is silent.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from pipeline.audit.events import access
from pipeline.errors import ServiceMissing
from pipeline.search.api.context import Context, Here
from pipeline.search.api.enter import OWN_ADDRESS, entered, not_entered
from pipeline.search.doors import base_address, is_over_tls
from pipeline.search.oidc import SIGN_IN, NotBelieved, Provider, who_is

router = APIRouter()

BACK = "/signin/oidc/back"
COOKIE, COOKIE_OVER_TLS = "gabung-signin", "__Host-gabung-signin"
NOT_HERE = {"error": "no OpenID provider is set here; sign in with a token"}
LONGEST = 4096


@router.get("/signin/oidc", include_in_schema=False)
def begin(request: Request, here: Here, next_: Annotated[str, Query(alias="next")] = "") -> Response:
    """Send the browser to the provider. next: the permalink to lead on to, which waits here meanwhile."""
    if here.oidc is None:
        return JSONResponse(NOT_HERE, 404)
    take(here, request)
    cookie, started = here.started.begin(next_ if OWN_ADDRESS.fullmatch(next_) else "")
    try:
        response = RedirectResponse(here.oidc.sign_in(started, base_address(request) + BACK), 303)
    except ServiceMissing:
        return not_entered("later", next_)
    response.set_cookie(
        cookie_name(request), cookie, max_age=int(SIGN_IN.total_seconds()), path="/",
        # Lax: the provider's page leads back here, which Strict would not let through.
        samesite="lax", httponly=True, secure=is_over_tls(request),
    )  # fmt: skip
    return response


@router.get(BACK, include_in_schema=False)
def back(request: Request, here: Here, state: str = "", code: str = "", iss: str = "") -> Response:
    """Back from the provider: a code, that becomes a session."""
    if here.oidc is None:
        return JSONResponse(NOT_HERE, 404)
    take(here, request)
    response = _finish(request, here, here.oidc, state, code, iss)
    response.delete_cookie(cookie_name(request), path="/", secure=is_over_tls(request), httponly=True)
    return response


def _finish(request: Request, here: Context, provider: Provider, state: str, code: str, iss: str) -> Response:
    next_ = ""
    try:
        started = here.started.finish(request.cookies.get(cookie_name(request), ""), state)
        next_ = started.next
        if not 0 < len(code) <= LONGEST or iss not in ("", provider.settings.issuer):
            raise NotBelieved
        said = provider.claims(code, started, base_address(request) + BACK)
    except NotBelieved:
        return _refused(here, "no", next_)
    except ServiceMissing:
        return not_entered("later", next_)
    who = who_is(said.claims, provider.settings, here.doors.agencies())
    return _refused(here, "unknown", next_) if who is None else entered(request, here, who, None, said, next_)


def _refused(here: Context, why: str, next_: str) -> Response:
    here.audit(access("refused", None, here.clock()))
    return not_entered(why, next_)


def take(here: Context, request: Request) -> None:
    """Each address starts and ends so many sign-ins. Raises TooMany."""
    here.limits.signing_in.take(f"address {request.client.host if request.client else ''}")


def cookie_name(request: Request) -> str:
    return COOKIE_OVER_TLS if is_over_tls(request) else COOKIE
