"""A provider that is not as it should be: what is told, and that it takes nobody else's time."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline.errors import ServiceMissing
from pipeline.search.oidc import OidcSettings, Started
from pipeline.shell import oidc

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BACK = "http://127.0.0.1:9/signin/oidc/back"


def sign_in(provider: oidc.OpenIdProvider) -> str:
    return provider.sign_in(Started(NOW), BACK)


def test_a_provider_that_hangs_holds_few_threads_and_is_then_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "WAIT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections and says nothing
        provider = oidc.OpenIdProvider(
            OidcSettings(f"http://127.0.0.1:{silent.getsockname()[1]}", "gabung", "s"), lambda: NOW
        )

        def told(_: int) -> str:
            with pytest.raises(ServiceMissing) as error:
                sign_in(provider)
            return str(error.value)

        begun = time.monotonic()
        with ThreadPoolExecutor(40) as threads:
            answers = list(threads.map(told, range(40)))
        assert time.monotonic() - begun < 5, "one waits for it, whoever comes meanwhile shares the outcome"
        assert sum("too many" in one for one in answers) >= 20
        begun = time.monotonic()
        assert "does not answer" in told(0)
        assert time.monotonic() - begun < 0.5
    assert provider.places._value == oidc.MOST_AT_ONCE  # type: ignore[attr-defined]


@contextmanager
def describing(about: Any) -> Iterator[str]:
    """A provider that gives this description of itself; `HERE` in it stands for its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (about if isinstance(about, str) else json.dumps(about)).replace("HERE", here).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


GOOD = {
    "issuer": "HERE", "authorization_endpoint": "HERE/auth", "token_endpoint": "HERE/token", "jwks_uri": "HERE/keys",
}  # fmt: skip


def test_the_browser_is_sent_with_pkce_a_state_and_a_nonce_and_never_the_secret() -> None:
    with describing(GOOD) as here:
        address = sign_in(oidc.OpenIdProvider(OidcSettings(here, "gabung", "rahasia"), lambda: NOW))
    assert address.startswith(f"{here}/auth?")
    for part in ("code_challenge=", "code_challenge_method=S256", "state=", "nonce=", "response_type=code"):
        assert part in address
    assert "rahasia" not in address


@pytest.mark.parametrize(
    ("about", "says"),
    [
        (GOOD | {"issuer": "https://lain.example"}, "describes itself as another"),
        (GOOD | {"token_endpoint": "http://lain.example/token"}, "describes itself as another"),  # our secret in clear
        ({name: value for name, value in GOOD.items() if name != "jwks_uri"}, "describes itself as another"),
        ([], "does not answer as it should"),
        ("<html>", "does not answer as it should"),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(about: Any, says: str) -> None:
    with describing(about) as here, pytest.raises(ServiceMissing, match=says):
        sign_in(oidc.OpenIdProvider(OidcSettings(here, "gabung", "rahasia"), lambda: NOW))
