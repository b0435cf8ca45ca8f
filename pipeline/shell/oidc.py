"""An OpenID provider over HTTP: its description, its keys, its answer to a code and when it is asked again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.httpx_client import OAuth2Client

from pipeline.errors import ServiceMissing
from pipeline.search.oidc import NotBelieved, OidcSettings, Said, Started, is_safe, subject, verified

WAIT_SECONDS = 10.0
FRESH_SECONDS = 600.0
"""How long its description and keys are kept; an id token that does not hold by the kept keys has them fetched anew."""
LEAST_SECONDS = 10.0
"""How often that can happen; and how long a provider that did not answer is left alone."""
MOST_AT_ONCE = 8
"""Of the 40 threads that answer: a provider that is slow takes nobody else's time."""


class OpenIdProvider:
    """`pipeline.search.oidc.Provider`, for real. `clock` judges when id tokens expire."""

    def __init__(self, settings: OidcSettings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.clock = clock
        self.lock = threading.Lock()
        self.places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self.failed: float | None = None
        """When it last did not answer."""
        self.known: tuple[float, dict[str, Any], dict[str, Any]] | None = None
        """When it was asked, its description, its keys."""

    def sign_in(self, started: Started, back: str) -> str:
        with self._place():
            about, _ = self._about()
        with self._client(about, back) as client:
            address, _ = client.create_authorization_url(
                about["authorization_endpoint"], state=started.state, code_verifier=started.verifier,
                nonce=started.nonce,
            )  # fmt: skip
        return str(address)

    def claims(self, code: str, started: Started, back: str) -> Said:
        return self._said(
            back, started.nonce,
            lambda client, address: client.fetch_token(
                address, grant_type="authorization_code", code=code, code_verifier=started.verifier
            ),
        )  # fmt: skip

    def again(self, refresh: str, id_token: str) -> Said:
        said = self._said(None, None, lambda client, address: client.refresh_token(address, refresh_token=refresh))
        if said.claims["sub"] != subject(id_token):
            raise NotBelieved
        return said

    def _said(self, back: str | None, nonce: str | None, ask: Callable[[Any, str], Mapping[str, Any]]) -> Said:
        """What it answers when it is asked for tokens. Raises NotBelieved where it gives none, or none that hold."""
        with self._place():
            about, keys = self._about()
            try:
                with self._client(about, back) as client:
                    answer = ask(client, about["token_endpoint"])
            except httpx2.HTTPError as error:
                raise self._silent() from error
            except (AuthlibBaseError, ValueError):
                raise NotBelieved from None  # a code or a sign-in that has ended, or is none
            id_token, access_token, refresh = (answer.get(f"{name}_token") for name in ("id", "access", "refresh"))
            if not isinstance(id_token, str):
                raise NotBelieved
            now = self.clock()
            try:
                claims = verified(id_token, access_token, keys, self.settings, nonce, now)
            except NotBelieved:
                _, newer = self._about(LEAST_SECONDS)  # the provider may sign with a new key
                if newer == keys:
                    raise
                claims = verified(id_token, access_token, newer, self.settings, nonce, now)
            return Said(claims, id_token, refresh if isinstance(refresh, str) else None)

    def sign_out(self, id_token: str, back: str) -> str | None:
        with self._place():
            about, _ = self._about()
        address = about.get("end_session_endpoint")
        if not is_safe(address):
            return None
        given = {"id_token_hint": id_token, "client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(address, list(given.items())))

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self.places.acquire(blocking=False):
            raise ServiceMissing("too many sign in at once; try again in a minute")
        try:
            yield
        finally:
            self.places.release()

    def _client(self, about: dict[str, Any], back: str | None) -> Any:
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return OAuth2Client(
            self.settings.client_id, self.settings.client_secret, token_endpoint_auth_method=way,
            scope="openid profile", redirect_uri=back, code_challenge_method="S256", timeout=WAIT_SECONDS,
        )  # fmt: skip

    def _about(self, fresh: float = FRESH_SECONDS) -> tuple[dict[str, Any], dict[str, Any]]:
        """Its description and keys, not older than this many seconds. Raises ServiceMissing."""
        with self.lock:
            if self.known is None or time.monotonic() - self.known[0] >= fresh:
                if self.failed is not None and time.monotonic() - self.failed < LEAST_SECONDS:
                    raise self._silent()
                try:
                    self.known = self._ask()
                except ServiceMissing:
                    self.failed = time.monotonic()
                    raise
            return self.known[1:]

    def _ask(self) -> tuple[float, dict[str, Any], dict[str, Any]]:
        about = self._get(f"{self.settings.issuer}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if about.get("issuer") != self.settings.issuer or not all(is_safe(about.get(one)) for one in needed):
            raise ServiceMissing("the OpenID provider describes itself as another; see GABUNG_OIDC_ISSUER")
        return time.monotonic(), about, self._get(about["jwks_uri"])

    def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = httpx2.get(address, timeout=WAIT_SECONDS).raise_for_status().json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise self._silent() from error
        if not isinstance(answer, dict):
            raise self._silent()
        return answer

    def _silent(self) -> ServiceMissing:
        return ServiceMissing("the OpenID provider does not answer as it should; see GABUNG_OIDC_ISSUER")
