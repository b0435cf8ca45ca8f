"""OpenID Connect, the pure parts: settings, sign-ins under way, when an id token is believed, and whom it speaks of.

Nothing here does cryptography of its own: signatures are joserfc's, claims are authlib's.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import orjson
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry, extract_compact
from pydantic import TypeAdapter, ValidationError

from pipeline.errors import GabungError, WrongUse
from pipeline.report.model import Slug
from pipeline.search.roles import ROLES, Who

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures by the provider's own key. Neither `none` nor one that our client secret could make."""
LEEWAY_SECONDS = 60
"""How far the provider's clock may be off."""
SIGN_IN = timedelta(minutes=10)
MOST_STARTED = 10_000
MOST_USER = 100
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_SLUG: TypeAdapter[str] = TypeAdapter(Slug)


class NotBelieved(GabungError):
    """A sign-in that is forged, expired, replayed or broken off: all the same to who asks."""

    def __init__(self) -> None:
        super().__init__("this sign-in does not hold; sign in again")


@dataclass(frozen=True)
class OidcSettings:
    """A client of a provider. Claims may be nested: `realm_access.roles`."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    agency_claim: str = "agency"
    roles_claim: str = "roles"
    user_claim: str = "sub"

    @property
    def origin(self) -> str:
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


def oidc_settings(environment: Mapping[str, str]) -> OidcSettings | None:
    """`GABUNG_OIDC_ISSUER` and the rest; None where there is no issuer. Raises WrongUse."""
    prefix = "GABUNG_OIDC_"
    given = {name: environment[prefix + name.upper()].strip() for name in (
        "issuer", "client_id", "client_secret", "agency_claim", "roles_claim", "user_claim",
    ) if environment.get(prefix + name.upper(), "").strip()}  # fmt: skip
    if "issuer" not in given:
        if given:
            raise WrongUse("GABUNG_OIDC_ISSUER is missing; set it, or unset the other GABUNG_OIDC_ settings")
        return None
    for name in ("client_id", "client_secret"):
        if name not in given:
            raise WrongUse(f"{prefix}{name.upper()} is missing; take it from the provider's page of this client")
    if not is_safe(given["issuer"]):
        raise WrongUse("GABUNG_OIDC_ISSUER must be an https address (http on this machine alone)")
    return OidcSettings(**given | {"issuer": given["issuer"].rstrip("/")})


def is_safe(address: object) -> bool:
    """Whether what is sent there can be read by nobody on the way."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


class Said(NamedTuple):
    """What a provider says of somebody, verified, with the id token itself, and what to ask it again with, where it
    gives such a token."""

    claims: dict[str, Any]
    id_token: str
    refresh: str | None


class Provider(Protocol):
    """What the routes need of an OpenID provider. `back`: where the browser comes back to.

    Each raises ServiceMissing where the provider does not answer.
    """

    @property
    def settings(self) -> OidcSettings: ...

    def sign_in(self, started: Started, back: str) -> str:
        """Where to send the browser to."""
        ...

    def claims(self, code: str, started: Started, back: str) -> Said:
        """What the provider says of who signed in. Raises NotBelieved."""
        ...

    def again(self, refresh: str, id_token: str) -> Said:
        """What it says now of who signed in with that id token. Raises NotBelieved, also where it has ended that
        sign-in, or the account."""
        ...

    def sign_out(self, id_token: str, back: str) -> str | None:
        """Where to end the provider's own session, where it has such a place."""
        ...


@dataclass(frozen=True)
class Started:
    """A sign-in under way: what must come back, in the address (state) and in the id token (nonce), and what only we
    can prove the code with (verifier). next: where it leads on to."""

    begun: datetime
    next: str = ""
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)


@dataclass
class StartedSignIns:
    """Sign-ins under way, each bound to one browser by a cookie, ended once and by SIGN_IN. Where there are too many
    the oldest is forgotten."""

    clock: Callable[[], datetime]
    most: int = MOST_STARTED
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: OrderedDict[str, Started] = field(default_factory=OrderedDict)

    def begin(self, next_: str = "") -> tuple[str, Started]:
        """What the browser's cookie holds, and the new sign-in, which leads on to `next_`."""
        cookie, one = secrets.token_urlsafe(32), Started(self.clock(), next_)
        with self.lock:
            while self.started and not self._holds(next(iter(self.started.values()))):
                self.started.popitem(last=False)
            self.started[_hash(cookie)] = one
            if len(self.started) > self.most:
                self.started.popitem(last=False)
        return cookie, one

    def finish(self, cookie: str, state: str) -> Started:
        """The sign-in of this browser with this state, for the first and last time. Raises NotBelieved."""
        with self.lock:
            one = self.started.get(_hash(cookie))
            if one is None or not hmac.compare_digest(one.state.encode(), state.encode()):
                raise NotBelieved
            del self.started[_hash(cookie)]
        if not self._holds(one):
            raise NotBelieved
        return one

    def _holds(self, one: Started) -> bool:
        return self.clock() - one.begun < SIGN_IN


def verified(
    id_token: str,
    access_token: str | None,
    keys: Mapping[str, Any],
    settings: OidcSettings,
    nonce: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The claims of an id token that the provider signed, for us, for this very sign-in, and that has not expired.

    keys: the provider's JWKS. nonce: none where it is asked again, which need not tell it (OpenID Connect Core, 12.2).
    Raises NotBelieved.
    """
    options: Any = {
        "iss": {"essential": True, "value": settings.issuer},
        "aud": {"essential": True, "value": settings.client_id},
    }
    said = {"nonce": nonce, "client_id": settings.client_id, "access_token": access_token}
    try:
        key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]
        token = jwt.decode(id_token, key_set, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
        claims = CodeIDToken(token.claims, token.header, options, said)
        claims.validate(int(now.timestamp()), LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise NotBelieved from None  # its text would hold claims
    return dict(claims)


def subject(id_token: str) -> str:
    """Of whom an id token that was verified before speaks."""
    return str(orjson.loads(extract_compact(id_token.encode()).payload)["sub"])


def who_is(claims: Mapping[str, Any], settings: OidcSettings, agencies: Container[str]) -> Who | None:
    """Who somebody is by their claims: one agency of the policy in force, and at least one role of ours. None where
    any of it is in doubt. Roles that are not ours grant nothing."""
    agency = _claim(claims, settings.agency_claim)
    if isinstance(agency, list) and len(agency) == 1:
        agency = agency[0]
    user = _claim(claims, settings.user_claim)
    roles = _claim(claims, settings.roles_claim)
    if isinstance(roles, str):
        roles = [roles]
    held = frozenset(role for role in ROLES if isinstance(roles, list) and role in roles)
    if not (isinstance(user, str) and 0 < len(user) <= MOST_USER and held):
        return None
    try:
        slug = _SLUG.validate_python(agency, strict=True)
    except ValidationError:
        return None
    return Who(slug, user, held) if slug in agencies else None


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim of this name, or else inside of others: `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
