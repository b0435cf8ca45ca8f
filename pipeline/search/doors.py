"""The ways in: a token in the header of a program, or a browser's session in a cookie.

Whoever it is, they read as their agency as long as it is an agency of the policy in force: one that was taken out of
the folder reads nothing more.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Container
from dataclasses import dataclass

from fastapi import Request

from pipeline.errors import ServiceMissing
from pipeline.search.oidc import NotBelieved, Provider, who_is
from pipeline.search.roles import Who
from pipeline.search.sessions import Session, Sessions, csrf_token
from pipeline.search.tokens import Tokens

COOKIE, COOKIE_OVER_TLS = "gabung", "__Host-gabung"
"""Over TLS the prefix keeps any other host from setting it."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"


@dataclass(frozen=True)
class Doors:
    """agencies: those of the policy in force. provider: of OpenID Connect, where one is set."""

    tokens: Tokens
    sessions: Sessions
    agencies: Callable[[], Container[str]]
    provider: Provider | None = None

    def who(self, request: Request, waiting: bool = True) -> Who | None:
        """Who asks; None where it is nobody, or an agency that is none (any more). waiting: whether this may wait for
        the provider; on the event loop nothing may."""
        who = self._by_header(request) if "authorization" in request.headers else self._by_session(request, waiting)
        return who if who is not None and who.agency in self.agencies() else None

    def _by_header(self, request: Request) -> Who | None:
        """`Bearer TOKEN`; or Basic with the token as password, which is what TAXII clients send."""
        scheme, _, given = request.headers["authorization"].partition(" ")
        secret = given.strip()
        if scheme.lower() == "basic":
            try:
                secret = base64.b64decode(secret, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return None
        elif scheme.lower() != "bearer":
            return None
        token = self.tokens.find(secret)
        return token.who if token else None

    def _by_session(self, request: Request, waiting: bool) -> Who | None:
        session = self.sessions.find(session_id(request))
        if session is None:
            return None
        if session.token is not None and self.tokens.standing(session.token) is None:
            self.sessions.end(session_id(request))
            return None
        return self._checked(session_id(request), session) if waiting else session.who

    def _checked(self, id_: str, session: Session) -> Who | None:
        """Who it is by what the provider says, which is asked again now and then; None where it says otherwise."""
        if self.provider is None or not session.refresh or not session.id_token or not self.sessions.is_due(id_):
            return session.who
        try:
            said = self.provider.again(session.refresh, session.id_token)
            who = who_is(said.claims, self.provider.settings, self.agencies())
        except ServiceMissing:
            if self.sessions.lasts(session):
                return session.who
            who = None
        except NotBelieved:
            who = None
        if who is None or (who.agency, who.user) != (session.who.agency, session.who.user):
            self.sessions.end(id_)
            return None
        self.sessions.renew(id_, who, said.refresh)
        return who


def session_id(request: Request) -> str:
    """What the browser's cookie holds, or nothing."""
    return request.cookies.get(cookie_name(request), "")


def cookie_name(request: Request) -> str:
    return COOKIE_OVER_TLS if is_over_tls(request) else COOKIE


def is_over_tls(request: Request) -> bool:
    """Whether the browser came by TLS: here, or at a proxy that GABUNG_PROXY names."""
    return request.url.scheme == "https"


def base_address(request: Request) -> str:
    """Where the browser thinks it is, without a path."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def is_forged(request: Request, form_token: str = "") -> bool:
    """Whether another site may have made a browser send this: something is changed, by cookie alone, and neither the
    header nor the form holds what only our own pages know."""
    if request.method in SAFE or "authorization" in request.headers:
        return False
    if not is_from_here(request):
        return True
    given = request.headers.get(CSRF_HEADER, form_token)
    return not hmac.compare_digest(given.encode(), csrf_token(session_id(request)).encode())


def is_from_here(request: Request) -> bool:
    """What the browser itself says of where a request comes from; browsers that say nothing are not refused."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or origin == base_address(request)
