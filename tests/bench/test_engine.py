"""`gabung bench engine`: the job, the figures, and a turn of those engines that need nothing else."""

from __future__ import annotations

import sys
from uuid import uuid4

import pytest

from deploy.progress import silent
from pipeline.addresses import Addresses
from pipeline.bench.engine import NAME, compared, fill, one_turn, program, topics
from pipeline.bench.engines.job import REVISIONS, SIZE, InMemory, distinct, messages
from pipeline.errors import WrongUse


def test_messages_are_of_one_size_and_of_few_keys() -> None:
    made = list(messages(2_000, 7))
    assert {len(value) for _, value in made} == {SIZE}
    assert len({key for key, _ in made}) == 2_000 / REVISIONS
    assert len({value for _, value in made}) == 2_000


def test_each_revision_tells_of_the_one_before_it() -> None:
    job = InMemory()
    given = [job(value) for _, value in messages(400, 7)]
    assert distinct(given) == 400
    assert distinct([*given, given[-1]]) == 400, "what came twice counts once"


def test_a_wrong_look_up_is_found() -> None:
    given = [InMemory()(value) for _, value in messages(400, 7)]  # each with an empty memory
    with pytest.raises(ValueError, match="not looked up rightly"):
        distinct(given)


def test_the_ratio_is_ours_by_theirs() -> None:
    took = {"gabung": (1_000, 0.5), "confluent": (4_000, 1.0), "quix": (1_000, 1.0), "bytewax": (3_000, 1.0)}
    assert compared(took) == {
        "messages_per_s": {"gabung": 2_000, "confluent": 4_000, "quix": 1_000, "bytewax": 3_000},
        "ratio": {"confluent": 0.5, "quix": 2.0, "bytewax": 0.667},
    }


def test_an_engine_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WrongUse, match="bytewax is not installed; run `make bench-setup`"):
        program("bytewax")


@pytest.mark.parametrize("name", ["gabung", "confluent"])
def test_a_turn_gives_a_message_for_each(services: Addresses, name: str) -> None:
    kafka, source, many = services.need("kafka"), f"{NAME}-{uuid4().hex[:8]}", 12_000
    with topics(kafka, source):
        fill(kafka, source, many, 7, silent)
        counted, seconds = one_turn(kafka, source, name, sys.executable, 0, many, silent)
    assert 0 < counted < many
    assert seconds > 0
