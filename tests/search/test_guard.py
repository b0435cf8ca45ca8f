"""What is refused before any route: bodies that are too large, host names that are not ours; and the headers of all."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from pipeline.errors import WrongUse
from pipeline.search.api import Context, create_app
from pipeline.search.api.guard import LARGEST_BODY, LONGEST_ADDRESS, LONGEST_HEAD, THROWN_AWAY, TOO_LARGE, host_name
from pipeline.search.doors import Doors
from pipeline.search.roles import ROLES
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens
from pipeline.shell.front import LOOPBACK_NAMES, front
from tests.loopback import on_loopback
from tests.search.routes import Walked, routes

NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Nothing:
    """A store in which every reader finds nothing."""

    def search(self, *_: Any) -> dict[str, Any]:
        return {"hits": {"total": {"value": 0}, "hits": []}}


@pytest.fixture
def app(tmp_path: Path) -> Any:
    tokens = Tokens(tmp_path / "tokens.yaml", lambda: NOW)
    doors = Doors(tokens, Sessions(tmp_path / "sessions.db", lambda: NOW), lambda: {"bnn"})
    return create_app(Context(Nothing(), lambda _: None, doors, lambda: NOW, dict, hosts=LOOPBACK_NAMES))


def at(app: Any, host: str = "127.0.0.1:8080") -> TestClient:
    return TestClient(app, base_url=f"http://{host}", follow_redirects=False)


def test_no_route_reads_more_than_the_largest_body(app: Any) -> None:
    http, body = at(app), b"x" * (LARGEST_BODY + 1)
    for route in routes(app):
        answer = http.request(route.method, route.filled("x"), content=body)
        assert answer.status_code == 413, route
        assert answer.json()["error"].endswith("send less at once")
    for told in ("-1", "1e9", "9" * 40, "²"):
        assert http.post("/enter", content=b"x", headers={"content-length": told.encode()}).status_code == 413, told


def test_who_sends_what_is_too_large_still_reads_the_answer(app: Any) -> None:
    """A connection that is closed with bytes unread is reset, and the answer is lost with it."""
    with on_loopback(app) as address:
        for path in ("/api/v1/lookup", "/enter"):
            answer = httpx.post(f"{address}{path}", content=b"x" * 6 * LARGEST_BODY)
            assert (answer.status_code, answer.json()) == (413, TOO_LARGE)
        for longer in (LONGEST_ADDRESS + 1, LONGEST_HEAD - 1000):
            # A socket, since a client has a limit of its own.
            with socket.create_connection((httpx.URL(address).host, httpx.URL(address).port or 0), 30) as one:
                one.sendall(b"GET /?q=" + b"x" * longer + b" HTTP/1.1\r\nhost: localhost\r\n\r\n")
                assert one.recv(4096).startswith(b"HTTP/1.1 414 "), longer


def test_a_body_that_tells_no_length_is_read_no_further_than_is_thrown_away(app: Any) -> None:
    _, secret = app.state.context.doors.tokens.issue("bnn", "sri", ROLES)
    posted = [route for route in routes(app) if route.method == "POST" and route.path != "/leave"]
    assert posted
    for route in posted:
        status, read = asyncio.run(endless(app, route, secret))
        assert (status, read) == (413, read), route
        assert read <= LARGEST_BODY + THROWN_AWAY + 2 * PART, route


PART = 65_536


async def endless(app: Any, route: Walked, secret: str) -> tuple[int, int]:
    """What is answered to a body without end, and how many bytes of it were read."""
    read, started = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += PART
        assert read < 4 * THROWN_AWAY
        return {"type": "http.request", "body": b"x" * PART, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        started.append(message)

    headers = {"host": "127.0.0.1", "authorization": f"Bearer {secret}", "content-type": "application/json"}
    scope = {
        "type": "http", "http_version": "1.1", "method": route.method, "path": route.filled("x"), "query_string": b"",
        "scheme": "http", "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    await app(scope, receive, send)
    return started[0]["status"], read


def test_only_our_own_names_are_answered(app: Any) -> None:
    """Else a page elsewhere points its own name at this machine, and reads what browsers here are answered."""
    for host in ("127.0.0.1", "localhost:20000", "LOCALHOST", "[::1]:20000", "localhost."):
        assert at(app).get("/api/health/live", headers={"host": host}).status_code == 200, host
    for host in ("evil.example", "evil.example:20000", "127.0.0.1.evil.example", "", "localhost@evil.example"):
        for route in routes(app):
            answer = at(app).request(route.method, route.filled("x"), headers={"host": host})
            assert answer.status_code == 421, (host, route)


def test_a_host_without_its_port() -> None:
    assert [host_name(one) for one in ("A.example:80", "[::1]:80", "[::1]", "a.example", "a:b", ":80")] == [
        "a.example", "[::1]", "[::1]", "a.example", "a:b", ":80",
    ]  # fmt: skip


def test_every_answer_has_the_headers_that_keep_browsers_from_harm(app: Any) -> None:
    for route in routes(app):
        answer = at(app).request(route.method, route.filled("x"))
        assert answer.headers["x-content-type-options"] == "nosniff", route
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(answer.headers["content-security-policy"].split())


def test_a_proxy_is_believed_only_where_it_is_named() -> None:
    assert front({}).proxy == ()
    told = front({"GABUNG_PROXY": "10.0.0.2, ::1", "GABUNG_HOSTS": "Gabung.example, gabung.example:8443"})
    assert told.proxy == ("10.0.0.2", "::1")
    assert told.hosts == (*LOOPBACK_NAMES, "gabung.example", "gabung.example")
    for wrong in ({"GABUNG_PROXY": "*"}, {"GABUNG_PROXY": "0.0.0.0/0"}, {"GABUNG_PROXY": "proxy.example"}, {"GABUNG_HOSTS": "*.example"}, {"GABUNG_HOSTS": "https://gabung.example"}):  # fmt: skip
        with pytest.raises(WrongUse, match=next(iter(wrong))):
            front(wrong)


def test_a_method_that_a_path_does_not_take_is_answered_with_all_that_it_takes(app: Any) -> None:
    http, taken = at(app), dict[str, set[str]]()
    for route in routes(app):
        taken.setdefault(route.path, set()).add(route.method)
    assert max(map(len, taken.values())) > 1, "a path with several routes"
    for path, methods in taken.items():
        answer = http.request("PATCH" if "PATCH" not in methods else "PUT", Walked("", path, None).filled("x"))
        assert answer.status_code == 405, path
        assert {method for method in answer.headers["allow"].split(", ") if method != "HEAD"} == methods, path
        assert ("HEAD" in answer.headers["allow"]) == (http.head(Walked("", path, None).filled("x")).status_code != 405)
