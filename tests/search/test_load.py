"""One agency's load does not starve the others: the API on a real server, over a store that answers when it is let."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.search.api import Context, create_app
from pipeline.search.doors import Doors
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens
from tests.loopback import on_loopback

NOW = datetime(2026, 11, 1, tzinfo=UTC)
AGENCIES = ("bnn", "polri", "tni")


class Held:
    """A store in which every search takes until `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.readers: list[str] = []

    def search(self, scope: str, reader: str, *_: Any) -> dict[str, Any]:
        self.readers.append(reader)
        assert self.go.wait(60)
        return {"hits": {"total": {"value": 0}, "hits": []}}


@pytest.fixture
def held() -> Iterator[Held]:
    store = Held()
    yield store
    store.go.set()


def test_an_agency_with_many_tokens_leaves_places_for_others_and_the_rest_answers(held: Held, tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.yaml", lambda: NOW)
    doors = Doors(tokens, Sessions(tmp_path / "sessions.db", lambda: NOW), lambda: AGENCIES)
    secrets = {one: [tokens.issue(one, f"orang-{number}")[1] for number in range(6)] for one in AGENCIES}
    with (
        on_loopback(create_app(Context(held, lambda _: None, doors, lambda: NOW, dict))) as web,
        ThreadPoolExecutor(80) as clients,
    ):

        def ask(token: str, what: str = "search?q=peti") -> Future[httpx.Response]:
            return clients.submit(httpx.get, f"{web}/api/v1/{what}", headers={"authorization": f"Bearer {token}"}, timeout=60)  # fmt: skip

        crowd = [ask(token) for token in secrets["bnn"] for _ in range(10)]
        until = time.monotonic() + 30
        while sum(one.done() for one in crowd) < 60 - 16:
            assert time.monotonic() < until
            time.sleep(0.05)
        others = [ask(secrets[agency][0]) for agency in ("polri", "tni")]
        assert ask(secrets["bnn"][0], "me").result(20).status_code == 200, "who only signs in waits for no search"
        while set(held.readers) != set(AGENCIES):
            assert time.monotonic() < until, held.readers
            time.sleep(0.05)
        held.go.set()
        assert Counter(one.result(60).status_code for one in crowd) == {200: 16, 429: 44}
        assert [one.result(60).status_code for one in others] == [200, 200]
        assert ask(secrets["bnn"][0]).result(20).status_code == 200, "places are given back"
        refused = next(one.result() for one in crowd if one.result().status_code == 429)
        assert refused.headers["retry-after"] == "1"
