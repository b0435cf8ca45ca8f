"""Non-interference on the live stream of alerts, over HTTP: two worlds that differ only in what is hidden from a
listener, in which what is shown comes in the same order, are told byte for byte alike. The time of day is fixed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import httpx2
import orjson
import pytest

from pipeline.alert.alert import Alert, alert_id
from pipeline.bench.scenarios import AGENCIES, NOW, Scenario
from pipeline.enrich.enrich import load_reference
from pipeline.flow import ALERTS_TOPIC, FLOW
from pipeline.match import block
from pipeline.release.policy import Policies
from pipeline.report.model import Report
from pipeline.search.alerts import Inbox
from pipeline.search.api import Context, create_app
from pipeline.search.doors import Doors
from pipeline.search.keeping import saved_key
from pipeline.search.question import Question
from pipeline.search.saved import Saved
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens
from pipeline.shell.rehearsal import Rehearsal
from tests.loopback import on_loopback
from tests.search.alike import alike, unlike

SEEDS = (0, 1, 2, 3, 5, 22)
QUESTIONS = (
    Question(doc="report"), Question(doc="entity"), Question(q="darmo OR agency:satu"), Question(q="NOT kind:seizure"),
    Question(q="passport:B1234567"), Question(doc="report", exercise="badai"),
)  # fmt: skip
STEP = "langkah"
"""A saved search whose alert says that all of a step was told."""


class InOrder(Random):
    """Each stage reads all there is before the next one reads: how work falls into batches is a matter of time."""

    def choice(self, waiting: Sequence[Any]) -> Any:
        return min(waiting, key=lambda one: NAMES.index(one[0]))

    def randint(self, a: int, b: int) -> int:
        return 1_000_000


NAMES = [stage.name for stage in FLOW]


def searches(reader: str) -> list[Saved]:
    """The reader's own, those that another agency shares with it, and those of others on their own documents."""
    other = next(one for one in AGENCIES if one != reader)
    asked = [(agency, question) for agency in AGENCIES for question in QUESTIONS]
    return [
        Saved(
            id=f"s{at}", name=f"Cari {at}", question=question, agency=agency, user="ani",
            shared_with=(reader,) if agency == other and at % 2 else (), alerts=True, created=NOW,
        )
        for at, (agency, question) in enumerate(asked)
    ]  # fmt: skip


def steps(random: Random, world: Scenario, shown: Sequence[str]) -> Iterator[list[Report]]:
    """What comes by turns: of what is hidden some, then the next that is shown; last what an older revision says."""
    newest = world.standing()
    hidden = [one for one in world.reports if one.id not in shown]
    older = [one for one in world.reports if one.id in shown and one is not newest[one.id]]
    random.shuffle(hidden)
    hidden.sort(key=lambda one: -one.revision)  # an older one may say what was shown, and never is once a newer came
    for id_ in shown:
        some = random.randint(0, len(hidden))
        yield hidden[:some]
        hidden = hidden[some:]
        yield [newest[id_]]
    yield [*hidden, *older]


class Indexes:
    """The rehearsal's indexes, as an alert's document is got from them."""

    rehearsal: Rehearsal

    def fetch(self, scope: str, reader: str, wanted: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        there = (self.rehearsal.indexes[scope, reader, doc].get(id_) for doc, id_ in wanted)
        return [one[1] if one else None for one in there]


@dataclass
class Live:
    """Alerts that nobody saves anything to."""

    inbox: Inbox


@dataclass
class Listened:
    inbox: Inbox
    store: Indexes
    tokens: dict[str, str]
    address: str

    def told(self, random: Random, reader: str, world: Scenario, shown: Sequence[str]) -> list[str]:
        """Every line of the reader's stream, step by step."""
        with patch.object(block, "CROWD", world.crowd):
            rehearsal = Rehearsal(world.policies, world.groups, world.time, load_reference(), random=InOrder(), partitions=1)  # fmt: skip
            saved = searches(reader)
            inbox, self.store.rehearsal = self.inbox, rehearsal
            inbox.saved.clear(), inbox.standing.clear(), inbox.recent.clear()
            inbox.policy = lambda: (world.policies, world.groups)
            end = Saved(id=STEP, name=STEP, question=Question(q="x"), agency=reader, user="ani", alerts=True, created=NOW)  # fmt: skip
            for one in [*saved, end]:
                inbox.take_saved(saved_key(one.id), one.model_dump_json().encode())
            for one in saved:
                rehearsal.save(one)
            log, read, lines = rehearsal.log[ALERTS_TOPIC, 0], 0, list[str]()
            heard = self.listen(reader)
            for reports in steps(random, world, shown):
                for report in reports:
                    rehearsal.publish(report)
                rehearsal.run()
                for message in log[read:]:
                    inbox.take_alert(message.key.decode(), message.value or None)
                read = len(log)
                self.step(reader)
                lines += until_step(heard)
            assert rehearsal.refused == []
            return lines

    def step(self, reader: str) -> None:
        one = Alert(alert_id(STEP, reader, "live", "report", STEP), STEP, reader, "live", "report", STEP, "2026-11-01T00:00:00.000000+00:00")  # fmt: skip
        shows = {"doc": "report", "id": STEP, "marking": {"tlp": "CLEAR"}}
        self.inbox.take_alert(one.key, orjson.dumps(vars(one) | {"shows": shows}))

    def listen(self, reader: str) -> queue.Queue[str]:
        lines: queue.Queue[str] = queue.Queue()
        token = self.tokens[reader]

        def follow() -> None:
            headers = {"authorization": f"Bearer {token}"}
            address = f"{self.address}/api/v1/alerts/stream"
            with suppress(httpx2.HTTPError), httpx2.stream("GET", address, headers=headers, timeout=None) as answer:
                for line in answer.iter_lines():  # until the server ends it
                    lines.put(line)

        threading.Thread(target=follow, daemon=True).start()
        assert "listening" in lines.get(timeout=30)
        return lines


def until_step(lines: queue.Queue[str]) -> list[str]:
    """Lines until a step is told whole."""
    found: list[str] = []
    while not (found and found[-1].startswith("data: ") and STEP in found[-1]):
        found.append(lines.get(timeout=60))
    return found


@pytest.fixture
def listened(tmp_path: Path) -> Iterator[Listened]:
    tokens = Tokens(tmp_path / "tokens.yaml")
    issued = {reader: tokens.issue(reader, "ani")[1] for reader in AGENCIES}
    doors = Doors(tokens, Sessions(tmp_path / "sessions.db", lambda: NOW), lambda: AGENCIES)
    live, store = Live(Inbox(lambda: (Policies({}), {}), lambda: NOW)), Indexes()
    context = Context(store, lambda _: None, doors, lambda: NOW, dict, alerts=live)  # type: ignore[arg-type]
    with on_loopback(create_app(context)) as address:
        yield Listened(live.inbox, store, issued, address)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_hidden_changes_nothing_that_a_stream_tells(listened: Listened, seed: int) -> None:
    reader, one, other = alike(seed)
    shown = list(one.released(reader))
    first, second = listened.told(Random(1), reader, one, shown), listened.told(Random(2), reader, other, shown)
    assert first == second
    assert not shown or sum(line == "event: alert" for line in first) > 2 * len(shown) + 1  # more than the steps' own


def test_a_difference_in_what_is_shown_would_be_found(listened: Listened) -> None:
    reader, one, other = unlike()
    first, second = (listened.told(Random(1), reader, world, list(world.released(reader))) for world in (one, other))
    assert first != second
