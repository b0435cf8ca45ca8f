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

from pipeline.search.roles import Who
from pipeline.search.sessions import Sessions, csrf_token
from pipeline.search.tokens import Tokens

COOKIE, COOKIE_OVER_TLS = "gabung", "__Host-gabung"
"""Over TLS the prefix keeps any other host from setting it."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"


@dataclass(frozen=True)
class Doors:
    """agencies: those of the policy in force."""

    tokens: Tokens
    sessions: Sessions
    agencies: Callable[[], Container[str]]

    def who(self, request: Request) -> Who | None:
        """Who asks; None where it is nobody, or an agency that is none (any more)."""
        who = self._by_header(request) if "authorization" in request.headers else self._by_session(request)
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

    def _by_session(self, request: Request) -> Who | None:
        session = self.sessions.find(session_id(request))
        if session is None:
            return None
        if session.token is not None and self.tokens.standing(session.token) is None:
            self.sessions.end(session_id(request))
            return None
        return session.who


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
