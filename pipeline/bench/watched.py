"""An invented watch: reports of persons, and saved searches as people keep them. All fictional."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from random import Random
from typing import Any

from pipeline.bench.fuse import AGENCIES, report
from pipeline.bench.people import OCCUPATIONS, lives
from pipeline.report.model import Report
from pipeline.search.question import Question
from pipeline.search.saved import Saved

ORIGIN = "`lives` of pipeline/bench/people.py with phones, places and a line of text, all fictional"
PORTS = ("Tanjung Priok", "Belawan", "Batam", "Bitung", "Makassar", "Surabaya", "Semarang", "Dumai", "Ambon", "Kupang")
GOODS = ("peti kayu", "dokumen palsu", "telepon satelit", "uang tunai", "suku cadang", "bahan kimia", "kapal kayu")
KINDS = ("seizure", "arrest", "intelligence", "declaration", "patrol")
CREATED = datetime(2026, 11, 1, tzinfo=UTC)


def reports(seed: int, name: str = "") -> Iterator[Report]:
    """Without end. Each has a person with a phone of its own, a port and a line of text."""
    random, persons = Random(seed), _endless(seed)
    for number in count():
        mention = next(persons)
        mention["identifiers"] = [{"scheme": "phone", "value": phone(random)}]
        values: dict[str, Any] = report(number, mention)
        values["source_id"] = f"{name}{number:08d}"
        values["kind"] = random.choice(KINDS)
        values["places"] = [{"name": random.choice(PORTS), "country": "ID"}]
        values["narrative"] = (
            f"Ditemukan {random.choice(GOODS)} nomor {random.randrange(10**6)}; {random.choice(OCCUPATIONS)} {invented(random)} diperiksa."  # noqa: E501
        )
        yield Report.model_validate(values)


def searches(seed: int, many: int, agency: str = AGENCIES[0], user: str = "rekaan") -> list[Saved]:
    """Distinct, with alerts. Names of other persons with the same names to choose from; phones; words in a field; a
    filter beside a word; places; wildcards; relative dates."""
    random, persons, asked = Random(seed), _endless(seed), set[str]()
    made: list[Saved] = []
    while len(made) < many:
        question = _question(random, next(persons)["names"][0])
        text = question.model_dump_json()
        if text not in asked:
            asked.add(text)
            made.append(
                Saved(id=f"s{seed}-{len(made)}", name="Cari", question=question, agency=agency, user=user, alerts=True,
                      created=CREATED)
            )  # fmt: skip
    return made


def _question(random: Random, name: str) -> Question:
    chance = random.random()
    if chance < 0.45:
        return Question(q=name)
    if chance < 0.65:
        return Question(q=f"phone:{phone(random)}")
    if chance < 0.75:
        return Question(q=f'"{random.choice(GOODS)} nomor {random.randrange(10**6)}"')
    if chance < 0.85:
        return Question(q=f"name:{name.split()[-1]}~", kind=[random.choice(KINDS)]) if chance < 0.76 else Question(
            q=name.split()[-1], kind=[random.choice(KINDS)], agency=[random.choice(AGENCIES)]
        )  # fmt: skip
    if chance < 0.92:
        return Question(q=f'{name.split()[0]} AND near:"{random.choice(PORTS)}" {random.randrange(5, 100)}km')
    if chance < 0.97:
        return Question(q=f"{invented(random)}* AND kind:{random.choice(KINDS)}")
    return Question(q=f'{name} AND reported:"last {random.randrange(2, 90)} days"')


def phone(random: Random) -> str:
    return f"0811{random.randrange(10**8):08d}"


def invented(random: Random) -> str:
    return "".join(random.choice("bdgklmnprst") + random.choice("aeiou") for _ in range(random.choice((2, 3, 3, 4))))


def _endless(seed: int) -> Iterator[dict[str, Any]]:
    for more in count():
        for _, mention in islice(lives(seed * 1000 + more, 5000), 20_000):
            yield mention
