"""The search route as a client has it: the real server on loopback, in a process of its own, asked over HTTP."""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx2
import orjson

from pipeline.addresses import addresses
from pipeline.errors import Abort
from pipeline.search.api import Context, create_app
from pipeline.search.api.context import Limits
from pipeline.search.doors import Doors
from pipeline.search.limits import Limiter, Rate
from pipeline.search.question import Question
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens
from pipeline.shell.audit import Auditor
from pipeline.shell.store import ElasticStore
from pipeline.shell.web import server

MUCH = Rate(10_000_000, 10_000_000)
"""A bench asks more than a person may."""
START_SECONDS = 60
ADDRESS = {"start": "from", "end": "to"}
"""Names of a question that an address has otherwise."""


@contextmanager
def served(reader: str, now: datetime) -> Iterator[Callable[[Question], dict[str, Any]]]:
    """Asks the server as this reader, at one time, and reads the answer; one connection is kept. Raises Abort."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(reader, now, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(START_SECONDS):
            raise Abort("the web service does not start; run `gabung status`")
        port, token = ours.recv()
        with httpx2.Client(headers={"authorization": f"Bearer {token}"}, timeout=60, trust_env=False) as http:

            def asked(question: Question) -> dict[str, Any]:
                values = question.model_dump(exclude_defaults=True)
                parameters = {ADDRESS.get(name, name): value for name, value in values.items()}
                answer = http.get(f"http://127.0.0.1:{port}/api/v1/search", params=parameters)
                if answer.status_code != 200:
                    raise Abort(f"a question was answered with {answer.status_code}; mend the bench")
                found: dict[str, Any] = orjson.loads(answer.content)
                return found

            yield asked
    finally:
        process.terminate()
        process.join(10)


def _serve(reader: str, now: datetime, told: Connection) -> None:
    where = addresses()
    with tempfile.TemporaryDirectory() as folder:
        tokens = Tokens(Path(folder) / "tokens.yaml")
        doors = Doors(tokens, Sessions(Path(folder) / "sessions.db", lambda: now), lambda: (reader,))
        context = Context(
            ElasticStore(where.need("elasticsearch")), Auditor(where.need("kafka"), "bench"), doors, lambda: now, dict,
            limits=Limits(asking=Limiter(MUCH)),
        )  # fmt: skip
        one = server(create_app(context), 0)

        def tell() -> None:
            while not one.started:
                time.sleep(0.02)
            told.send((one.servers[0].sockets[0].getsockname()[1], tokens.issue(reader)[1]))

        threading.Thread(target=tell, daemon=True).start()
        one.run()
