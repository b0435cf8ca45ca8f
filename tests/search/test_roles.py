"""Who may do what: every route as every role, and what the ways in let through."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pipeline.errors import WrongUse
from pipeline.search.api import Context, create_app
from pipeline.search.api.context import Limits
from pipeline.search.doors import Doors
from pipeline.search.limits import Limiter, Rate, TooMany, Turns
from pipeline.search.roles import MAY, ROLES, Role, Who
from pipeline.search.sessions import IDLE, SESSION, Sessions
from pipeline.search.tokens import PREFIX, Tokens
from tests.search.routes import OPEN, routes

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EMPTY: dict[str, Any] = {"hits": {"total": {"value": 0}, "hits": []}}


class Nothing:
    """A store in which every reader finds nothing: it is who may ask that is looked at here."""

    def search(self, *_: Any) -> dict[str, Any]:
        return EMPTY


class Bench:
    """The API with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.time = NOW
        self.agencies = {"bnn", "polri"}
        self.audited: list[dict[str, Any]] = []
        self.tokens = Tokens(folder / "tokens.yaml", lambda: self.time)
        self.sessions = Sessions(folder / "sessions.db", lambda: self.time)
        doors = Doors(self.tokens, self.sessions, lambda: self.agencies)
        limits = Limits(asking=Limiter(Rate(100_000, 100_000)), exporting=Limiter(Rate(100_000, 100_000)))
        self.app = create_app(
            Context(Nothing(), self.audited.append, doors, lambda: self.time, lambda: {"status": "ok"}, limits=limits)
        )
        self.http = TestClient(self.app, follow_redirects=False)

    def get(self, path: str, token: str, method: str = "GET") -> Any:
        return self.http.request(method, path, headers={"authorization": f"Bearer {token}"})

    def enter(self, token: str) -> Any:
        return self.http.post("/enter", data={"token": token})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_each_role_do_what_the_table_says(bench: Bench, role: Role) -> None:
    _, secret = bench.tokens.issue("bnn", "sri", [role])
    refused = set()
    for route in routes(bench.app):
        if route.path in OPEN:
            continue
        assert route.action is not None, f"{route.path} asks nobody who they are"
        answer = bench.get(route.filled("x"), secret, route.method)
        assert (answer.status_code == 403) is (role not in MAY[route.action]), (route, answer.status_code, answer.text)
        if answer.status_code == 403:
            refused.add((route.action, answer.content))
    assert len(refused) == len({action for action, _ in refused}), "a refusal tells of nothing but the action"


def test_a_token_speaks_for_its_agency_until_it_expires_or_is_revoked_or_the_agency_is_gone(bench: Bench) -> None:
    token, secret = bench.tokens.issue("bnn", "sri", ["analyst"], days=1)
    assert bench.get("/api/v1/me", secret).json() == {
        "agency": "bnn",
        "user": "sri",
        "roles": ["analyst"],
        "csrf": None,
    }
    nobody = bench.http.get("/api/v1/me")
    bench.agencies.remove("bnn")
    assert bench.get("/api/v1/me", secret).content == nobody.content
    bench.agencies.add("bnn")
    bench.time = NOW + timedelta(days=1)
    assert bench.get("/api/v1/me", secret).content == nobody.content
    bench.time = NOW
    bench.tokens.revoke(token.id)
    assert bench.get("/api/v1/me", secret).content == nobody.content
    assert nobody.status_code == 401


def test_the_file_holds_no_token_and_nobody_else_may_read_it(bench: Bench) -> None:
    _, secret = bench.tokens.issue("bnn")
    assert secret.startswith(PREFIX)
    assert secret not in bench.tokens.path.read_text()
    assert bench.tokens.path.stat().st_mode & 0o077 == 0


def test_a_file_of_another_form_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tokens.yaml").write_text("bnn: 0123\n")
    with pytest.raises(WrongUse, match="gabung token issue"):
        Tokens(tmp_path / "tokens.yaml").all()


def test_a_session_is_a_cookie_that_holds_neither_the_token_nor_what_is_stored(bench: Bench) -> None:
    _, secret = bench.tokens.issue("bnn", "sri", ["analyst"])
    cookie = bench.enter(secret).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert secret not in cookie
    id_ = bench.http.cookies["gabung"]
    stored = bench.sessions.rows.execute("select * from session").fetchall()
    assert len(stored) == 1
    assert id_ not in str(stored)
    assert secret not in str(bench.audited)
    assert [event["what"] for event in bench.audited] == ["entered"]


def test_over_tls_the_cookie_can_be_set_by_no_other_host_and_the_browser_stays_on_tls(bench: Bench) -> None:
    _, secret = bench.tokens.issue("bnn")
    http = TestClient(bench.app, base_url="https://gabung.example", follow_redirects=False)
    entered = http.post("/enter", data={"token": secret})
    assert entered.headers["set-cookie"].startswith("__Host-gabung=")
    assert "Secure" in entered.headers["set-cookie"]
    assert http.get("/api/v1/me").headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("ends", ["idle", "old", "left", "revoked", "another entered"])
def test_a_session_ends(bench: Bench, ends: str) -> None:
    token, secret = bench.tokens.issue("bnn", "sri", ["analyst"])
    bench.enter(secret)
    id_ = bench.http.cookies["gabung"]
    csrf = bench.http.get("/api/v1/me").json()["csrf"]
    if ends == "idle":
        bench.time += IDLE
    elif ends == "old":
        while bench.time < NOW + SESSION:
            assert bench.http.get("/api/v1/me").status_code == 200, "it is used, so it does not idle out"
            bench.time += IDLE / 2
    elif ends == "left":
        assert bench.http.post("/leave", data={"csrf": csrf}).status_code == 303
    elif ends == "revoked":
        bench.tokens.revoke(token.id)
    else:
        bench.enter(secret)
        assert bench.http.cookies["gabung"] != id_
    former = TestClient(bench.app, cookies={"gabung": id_})
    assert former.get("/api/v1/me").status_code == 401


def test_a_session_of_openid_connect_ends_by_itself_and_with_its_agency(bench: Bench) -> None:
    id_ = bench.sessions.begin(Who("bnn", "7f3a", frozenset({"analyst"})), id_token="a.b.c")
    bench.http.cookies.set("gabung", id_)
    found = bench.sessions.find(id_)
    assert found is not None
    assert (found.token, found.id_token) == (None, "a.b.c")
    assert bench.http.get("/api/v1/me").json()["user"] == "7f3a"
    bench.agencies.remove("bnn")
    assert bench.http.get("/api/v1/me").status_code == 401
    bench.agencies.add("bnn")
    while bench.time < NOW + SESSION:
        assert bench.http.get("/api/v1/me").status_code == 200
        bench.time += IDLE / 2
    assert bench.http.get("/api/v1/me").status_code == 401
    assert bench.sessions.rows.execute("select * from session").fetchall() == [], "nor is its id token kept"


def test_where_no_provider_is_set_there_is_no_way_to_one(bench: Bench) -> None:
    assert bench.app.state.context.ways_in() == {"token": True, "oidc": False}
    for path in ("/signin/oidc", "/signin/oidc/back?state=x&code=y"):
        answer = bench.http.get(path)
        assert (answer.status_code, list(answer.json())) == (404, ["error"])
        assert "set-cookie" not in answer.headers


def test_sessions_of_an_older_form_are_forgotten(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "sessions.db", isolation_level=None)) as rows:
        rows.execute("create table session (hash text primary key, agency text)")
    sessions = Sessions(tmp_path / "sessions.db", lambda: NOW)
    assert sessions.find(sessions.begin(Who("bnn", "sri", frozenset({"analyst"})))) is not None


def test_a_restart_ends_no_session(bench: Bench, tmp_path: Path) -> None:
    _, secret = bench.tokens.issue("bnn", "sri", ["analyst"])
    bench.enter(secret)
    again = Bench(tmp_path)
    again.http.cookies.set("gabung", bench.http.cookies["gabung"])
    assert again.http.get("/api/v1/me").json()["user"] == "sri"


def test_what_changes_something_needs_what_only_our_own_page_knows(bench: Bench) -> None:
    _, secret = bench.tokens.issue("bnn", "sri", ["administrator"])
    bench.enter(secret)
    wanted = {"user": "wayan", "roles": ["administrator"]}
    csrf = bench.http.get("/api/v1/me").json()["csrf"]
    own = {"x-csrf-token": csrf}
    for headers in ({}, {"x-csrf-token": "0" * 64}, {"x-csrf-token": "é"}, own | {"origin": "https://evil.example"}, own | {"sec-fetch-site": "cross-site"}, own | {"sec-fetch-site": "same-site"}):  # fmt: skip
        assert bench.http.post("/api/v1/tokens", json=wanted, headers={k: v.encode() for k, v in headers.items()}).status_code == 403, headers  # fmt: skip
    assert len(bench.tokens.all()) == 1
    assert bench.http.post("/api/v1/tokens", json=wanted, headers=own | {"sec-fetch-site": "same-origin", "origin": "http://testserver"}).status_code == 201  # fmt: skip


def test_nobody_is_entered_from_elsewhere(bench: Bench) -> None:
    """Else another site could sign a browser in as somebody, and see what is searched."""
    _, secret = bench.tokens.issue("bnn")
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = bench.http.post("/enter", data={"token": secret}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_guessing_is_slow(bench: Bench) -> None:
    answers = [bench.enter(f"{PREFIX}{guess}") for guess in range(12)]
    assert [one.status_code for one in answers].count(429) == 2
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_an_administrator_sees_and_makes_tokens_of_its_own_agency_only(bench: Bench) -> None:
    other, _ = bench.tokens.issue("polri", "agus", ["administrator"])
    _, secret = bench.tokens.issue("bnn", "sri", ["administrator", "analyst"])
    made = bench.http.post("/api/v1/tokens", json={"user": "wayan", "roles": ["analyst"], "days": 2}, headers={"authorization": f"Bearer {secret}"})  # fmt: skip
    assert bench.get("/api/v1/me", made.json()["token"]).json()["agency"] == "bnn"
    listed = bench.get("/api/v1/tokens", secret)
    assert {one["user"] for one in listed.json()["tokens"]} == {"sri", "wayan"}
    assert made.json()["token"] not in listed.text
    hidden, nothing = (bench.get(f"/api/v1/tokens/{id_}", secret, "DELETE") for id_ in (other.id, "none"))
    assert (hidden.status_code, hidden.content) == (404, nothing.content)
    assert bench.get(f"/api/v1/tokens/{made.json()['id']}", secret, "DELETE").status_code == 200
    assert bench.get("/api/v1/me", made.json()["token"]).status_code == 401


def test_a_limiter_gives_its_burst_then_its_rate_and_each_key_its_own() -> None:
    time = [0.0]
    limiter = Limiter(Rate(2, 60), lambda: time[0])
    limiter.take("a"), limiter.take("a"), limiter.take("b")
    with pytest.raises(TooMany) as told:
        limiter.take("a")
    assert told.value.seconds == 1
    time[0] = 1.0
    limiter.take("a")


def test_turns_are_given_back_also_after_an_error() -> None:
    turns = Turns(1, overall=10, kept=0)
    with turns.turn("a", "bnn"), pytest.raises(TooMany), turns.turn("a", "bnn"):
        pass
    with contextlib.suppress(ZeroDivisionError), turns.turn("b", "bnn"):
        _ = 1 / 0
    with turns.turn("a", "bnn"), turns.turn("b", "bnn"):
        assert (turns.persons, turns.agencies) == ({"a": 1, "b": 1}, {"bnn": 2})
    assert (turns.persons, turns.agencies) == ({}, {})


def test_however_many_people_an_agency_has_the_others_get_in() -> None:
    turns = Turns(2, overall=6, kept=2)
    with contextlib.ExitStack() as held:
        for person in range(4):
            held.enter_context(turns.turn(f"bnn/{person}", "bnn"))
        with pytest.raises(TooMany):
            held.enter_context(turns.turn("bnn/5", "bnn"))
        held.enter_context(turns.turn("polri/1", "polri"))
        held.enter_context(turns.turn("tni/1", "tni"))
        with pytest.raises(TooMany):
            held.enter_context(turns.turn("kkp/1", "kkp"))
