"""Invented events, told again and again by several agencies. All of it is fictional, and seeded.

An event is a set of facts; a telling is a report of it. Events come in families that share one form letter: what sets
two of a family apart is a few facts only, and more than nine words in ten are the same. No telling is true of two
events of its family, or there would be no right answer.

    TELLINGS   ways to tell an event again: the same event, other words
    SIBLINGS   ways to be another event: nearly the same words, other facts, or without facts half of the words; beside
               them stands the neighbour, another event altogether of the same day and place
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from pipeline.bench.people import ENGLISH, INDONESIAN, invented_word, slip
from pipeline.shipped import shipped

_WORLDS: dict[str, Any] = shipped("pipeline.bench", "reports")
MONTHS = {
    "id": [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
DIGITS = {"id": {2: "dua", 3: "tiga", 4: "empat", 5: "lima"}, "en": {2: "two", 3: "three", 4: "four", 5: "five"}}
FIRST_DAY = date(2026, 1, 5)


@dataclass(frozen=True)
class Letter:
    """What a family shares: language, kind, its sentences with their ways to say them, and who writes it how."""

    world: dict[str, Any]
    language: str
    kind: str
    sentences: tuple[tuple[str, ...], ...]
    picks: tuple[int, ...]
    agency: str
    title: str
    head: str
    style: int

    @property
    def words(self) -> dict[str, Any]:
        words: dict[str, Any] = self.world[self.language]
        return words

    @property
    def tells(self) -> frozenset[str]:
        """The facts that its sentences tell."""
        return frozenset(re.findall(r"\{(\w+)\}", " ".join(self.sentences[0] if self.one_text else self.all)))

    @property
    def one_text(self) -> bool:
        """Daily reports and declarations are one text."""
        return len(self.sentences) == 1

    @property
    def all(self) -> list[str]:
        return [sentence[0] for sentence in self.sentences]


@dataclass(frozen=True)
class Telling:
    """A report, the event that it tells of, and how it came about: an event's first telling is `original`."""

    event: int
    family: int
    way: str
    sibling: str
    report: dict[str, Any]


@dataclass
class Draft:
    """A telling in the making. `facts` are those that its text tells."""

    sentences: list[str]
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    occurred: bool = False
    facts: frozenset[str] = frozenset()
    other_agency: bool = True

    @property
    def narrative(self) -> str:
        return "\n".join([*self.before, " ".join(self.sentences), *self.after])


def tellings(seed: int, size: int, world: str = "test") -> list[Telling]:
    """`size` reports of invented events, in random order."""
    random = Random(f"{world} {seed}")
    made: list[Telling] = []
    family = 0
    while len(made) < size:
        made += _family(random, family, _WORLDS[world], len(made))
        family += 1
    made = made[:size]
    random.shuffle(made)
    return made


def _family(random: Random, family: int, world: dict[str, Any], event: int) -> Iterator[Telling]:
    letter = _letter(random, world)
    first = facts(random, letter)
    if letter.kind == "plain":
        # With so few sentences to choose from, two families would else tell the same in the same week.
        first["date"] -= timedelta(days=random.randrange(3000))
    how = {"daily": ["serial"], "declaration": ["declaration"], "plain": ["half", "later"]}.get(
        letter.kind
    ) or random.sample(["letter", "week", "modus", "suspect", "one"], random.choice((1, 2, 2, 3)))
    members = [("first", letter, first)]
    for name in how if not letter.one_text else how * random.choice((2, 3, 5, 8)):
        members.append((name, letter, SIBLINGS[name](random, letter, first, len(members))))
    if random.random() < 0.3:
        members.append(_neighbour(random, world, letter, first))
    for number, (sibling, letter, own) in enumerate(members):
        others = [other for _, _, other in members if other is not own]
        told = random.choice((1, 1, 1, 2) if letter.one_text else (1, 2, 2, 3, 4))
        if letter.one_text and not letter.tells:
            told = 1  # its copy could be of any day's
        original: Draft | None = None
        for way in ["original", *random.choices(list(TELLINGS), k=told - 1)]:
            if letter.one_text and way in ("form", "structured", "shortened", "rephrased", "reordered"):
                way = "copied"
            draft = _told(random, letter, own, way)
            if letter.kind == "plain" and way in ("form", "structured", "shortened"):
                way = random.choice(("copied", "reworded", "rephrased", "reordered"))
                draft = _told(random, letter, own, way)
            if letter.kind != "plain" and any(
                all(own.get(name) == other.get(name) for name in draft.facts) for other in others
            ):
                # Also true of another event: then it is told whole.
                way = "copied"
                draft = _told(random, letter, own, way)
            original = original or draft
            serial = f"{event + number}-{way}-{random.randrange(10**6)}"
            yield Telling(
                event + number, family, way, sibling, _report(random, letter, own, draft, serial, way == "original")
            )


def _letter(random: Random, world: dict[str, Any]) -> Letter:
    language = random.choice(("id", "en"))
    words = world[language]
    kind = random.choices(["story", "daily", "declaration", "plain"], [0.81, 0.08, 0.08, 0.03])[0]
    if kind == "story":
        kind = random.choice(list(words["stories"]))
        sentences = tuple(tuple(ways) for ways in words["stories"][kind])
    elif kind == "plain":
        sentences = tuple(tuple(ways) for ways in words["plain"])
    else:
        sentences = ((words[kind],),)
    if kind == "daily" and random.random() < 0.3:
        # Without its date, which then stands in the report's own field.
        text = re.sub(r" (?:tanggal |pada |on |for )?\{date\}|,? for \{date\}", "", words[kind])
        if random.random() < 0.5:
            # And without any fact at all, day after day: the sentences that name none.
            text = " ".join(one for one in re.split(r"(?<=\.) ", text) if "{" not in one)
        sentences = ((text,),)
    return Letter(
        world,
        language,
        kind,
        sentences,
        tuple(random.randrange(len(ways)) for ways in sentences),
        random.choice(world["agencies"]),
        random.choice(words["titles"]),
        random.choice(words["heads"]),
        random.randrange(100),
    )


def facts(random: Random, letter: Letter) -> dict[str, Any]:
    """All that is so of an event, whether or not it is told."""
    pool = INDONESIAN if letter.language == "id" else ENGLISH
    world = letter.world
    company = f"{invented_word(random).title()} {invented_word(random).title()}"
    return {
        "says": tuple(sorted(random.sample(range(len(letter.sentences)), min(5, len(letter.sentences))))),
        "date": FIRST_DAY + timedelta(days=random.randrange(330)),
        "time": random.randrange(24 * 12) * 5,
        "place": random.choice(world["places"]),
        "spot": random.choice(world["spots"]),
        "unit": random.choice(world["units"]),
        "name": person(random, pool),
        "other": person(random, pool),
        "officer": random.choice(("Kombes", "AKBP", "Kompol", "Letkol") if letter.language == "id" else ("Inspector", "Major", "Superintendent"))
        + f" {person(random, pool)}",
        "plate": f"{random.choice(('B', 'BM', 'DK', 'KT', 'L', 'AB'))} {random.randrange(1000, 9999)} {random.choice('ABCDEFG')}{random.choice('HJKLMN')}{random.choice('PQRSTU')}",
        "amount": random.choice((1, 1, 5, 10, 25)) * random.randrange(11, 990) * 100_000,
        "count": random.randrange(2, 40),
        "weight": random.randrange(5, 900) / 10,
        "code": _code(random, letter),
        "company": f"PT {company}" if letter.language == "id" else f"{company} Ltd",
        "vessel": f"{random.choice(('KM', 'MV', 'TB'))} {invented_word(random).title()} {random.choice(('Jaya', 'Star', 'Abadi', 'Pearl'))}",
        "address": f"{invented_word(random)}@{invented_word(random)}.example",
        "domain": f"{invented_word(random)}.example",
    }  # fmt: skip


def _code(random: Random, letter: Letter) -> str:
    return {
        "maritime": lambda: str(random.randrange(9_000_000, 9_999_999)),
        "collision": lambda: str(random.randrange(9_000_000, 9_999_999)),
        "ransomware": lambda: f"{random.getrandbits(128):032x}",
        "contraband": lambda: f"SGRU{random.randrange(10**6, 10**7)}",
        "theft": lambda: f"MH1{random.getrandbits(56):014X}",
        "arrest": lambda: f"SPK/{random.randrange(10, 999)}/{random.choice(('III', 'V', 'IX'))}/2026",
    }.get(letter.kind, lambda: str(random.randrange(10**9, 10**10)))()


def person(random: Random, pool: list[str]) -> str:
    words = [random.choice(pool), random.choice((random.choice(pool), invented_word(random)))]
    return " ".join(word.title() for word in words)


def _neighbour(
    random: Random, world: dict[str, Any], letter: Letter, first: dict[str, Any]
) -> tuple[str, Letter, dict[str, Any]]:
    """Another event altogether, of the same day and place."""
    other = _letter(random, world)
    while other.kind == "plain":
        other = _letter(random, world)
    where = {name: first[name] for name in random.sample(("place", "spot"), random.choice((1, 2)))}
    return "neighbour", other, {**facts(random, other), **where, "date": first["date"]}


# Siblings: another event of the family. Each gives the facts of it.
def _letter_again(random: Random, letter: Letter, first: dict[str, Any], _: int) -> dict[str, Any]:
    """The same form letter, with other facts."""
    new = facts(random, letter)
    told = sorted(letter.tells & {"name", "plate", "code", "vessel", "amount", "other", "company"})
    changed = {*random.sample(told, min(len(told), 2)), *random.sample(["date", "time", "count", "weight"], 2)}
    return {**first, **{name: new[name] for name in changed}}


def _week_later(random: Random, letter: Letter, first: dict[str, Any], number: int) -> dict[str, Any]:
    """The same place a week later."""
    new = facts(random, letter)
    changed = {"count", *(("name", "code") if random.random() < 0.6 else ())}
    return {
        **first,
        **{name: new[name] for name in changed},
        "date": first["date"] + timedelta(days=7 * random.choice((-1, 1))),
    }


def _modus(random: Random, letter: Letter, first: dict[str, Any], _: int) -> dict[str, Any]:
    """The same way to do it, another victim, within days."""
    new = facts(random, letter)
    changed = ("name", "amount", "code", "plate")
    return {
        **first,
        **{name: new[name] for name in changed},
        "date": first["date"] + timedelta(days=random.randrange(-2, 3)),
    }


def _same_suspect(random: Random, letter: Letter, first: dict[str, Any], _: int) -> dict[str, Any]:
    """Another case of the same suspect."""
    new = facts(random, letter)
    changed = ("date", "time", "spot", "amount", "code", "count", "weight", "plate")
    return {**first, **{name: new[name] for name in random.sample(changed, 6)}, "date": new["date"]}


def _one_fact(random: Random, letter: Letter, first: dict[str, Any], _: int) -> dict[str, Any]:
    """The same day at the same place: another person, car, ship or account, and nothing else."""
    new = facts(random, letter)
    told = letter.tells & {"name", "plate", "code", "vessel", "company"}
    # A file's number alone is no other event: each who writes of it gives it one.
    name = random.choice(sorted(told - {"code"} if "/" in first["code"] else told))
    return {**first, name: new[name]}


def _next_day(random: Random, letter: Letter, first: dict[str, Any], number: int) -> dict[str, Any]:
    """The next report of the same post."""
    new = facts(random, letter)
    changed = [name for name in ("count", "officer") if random.random() < 0.4]
    return {
        **first,
        **{name: new[name] for name in changed},
        "time": first["time"],
        "date": first["date"] + timedelta(days=number),
    }


def _next_declaration(random: Random, letter: Letter, first: dict[str, Any], number: int) -> dict[str, Any]:
    """The next declaration, often of the same day or the same importer, its number one higher or any."""
    new = facts(random, letter)
    changed = {name for name in ("company", "date", "place") if random.random() < 0.4}
    code = str(int(first["code"]) + number) if random.random() < 0.5 else new["code"]
    return {
        **first,
        **{name: new[name] for name in changed},
        "code": code,
        "amount": new["amount"],
        "count": new["count"],
    }


def _half_told(random: Random, letter: Letter, first: dict[str, Any], _: int) -> dict[str, Any]:
    """An event without names and numbers: another one that shares half of its sentences."""
    others = [at for at in range(len(letter.sentences)) if at not in first["says"]]
    says = sorted([*random.sample(first["says"], 2), *others])
    return {**facts(random, letter), "says": tuple(says), "date": first["date"] + timedelta(days=random.randrange(60))}


def _told_later(random: Random, letter: Letter, first: dict[str, Any], _: int) -> dict[str, Any]:
    """The same words, weeks later."""
    return {**first, "date": first["date"] + timedelta(days=random.choice((-1, 1)) * random.randrange(20, 60))}


SIBLINGS: dict[str, Callable[[Random, Letter, dict[str, Any], int], dict[str, Any]]] = {
    "letter": _letter_again,
    "week": _week_later,
    "modus": _modus,
    "suspect": _same_suspect,
    "one": _one_fact,
    "serial": _next_day,
    "declaration": _next_declaration,
    "half": _half_told,
    "later": _told_later,
}


# How a telling says it.
def said(name: str, value: Any, language: str, style: int) -> str:
    """A fact in the words of this style."""
    if name == "date":
        month = MONTHS[language][value.month - 1]
        if language == "en":
            return (f"{value.day} {month} {value.year}", f"{month} {value.day}, {value.year}", value.isoformat())[
                style % 3
            ]
        return (f"{value.day} {month} {value.year}", f"{value:%d/%m/%Y}", f"{value:%d-%m-%Y}")[style % 3]
    if name == "time":
        hour, minute = divmod(value, 60)
        if language == "en":
            return (f"{hour:02d}:{minute:02d}", f"{hour:02d}:{minute:02d} local time")[style % 2]
        return (f"{hour:02d}.{minute:02d} WIB", f"{hour:02d}:{minute:02d} WIB")[style % 2]
    if name == "amount":
        if style % 3 == 2:
            return f"Rp{value / 1e6:g} juta".replace(".", ",") if language == "id" else f"IDR {value / 1e6:g} million"
        return f"Rp {value:,}".replace(",", ".") if language == "id" else f"IDR {value:,}"
    if name == "weight":
        return f"{value:g} kg".replace(".", ",") if language == "id" else f"{value:g} kg"
    if name == "count":
        return DIGITS[language].get(value, str(value)) if style % 2 else str(value)
    return str(value)


def _fill(sentence: str, own: dict[str, Any], letter: Letter, style: int, serial: str = "") -> str:
    values = {name: said(name, value, letter.language, style) for name, value in own.items()}
    text = sentence.format(**values, wire=letter.world["wires"][style % 2], serial=serial)
    return text[0].upper() + text[1:]


def _sentences(letter: Letter, own: dict[str, Any], picks: tuple[int, ...], style: int) -> list[str]:
    said = [
        _fill(ways[pick % len(ways)], own, letter, style) for ways, pick in zip(letter.sentences, picks, strict=True)
    ]
    return [said[at] for at in own["says"]] if letter.kind == "plain" else said


def _told(random: Random, letter: Letter, own: dict[str, Any], way: str) -> Draft:
    draft = Draft(_sentences(letter, own, letter.picks, letter.style), facts=letter.tells)
    draft.before = [_fill(letter.head, own, letter, letter.style, str(random.randrange(100, 9999)))]
    if way == "original":
        draft.other_agency = False
        return draft
    return TELLINGS[way](random, letter, own, draft)


# Tellings: the same event, told again.
def _copied(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """The wire's text as it is, under another head."""
    return _headed(random, letter, own, draft)


def _headed(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    other = {**own, "unit": random.choice(letter.world["units"])}
    serial = str(random.randrange(100, 9999))
    draft.before = [_fill(random.choice(letter.words["heads"]), other, letter, random.randrange(100), serial)]
    if random.random() < 0.5:
        draft.after = [_fill(random.choice(letter.words["feet"]), other, letter, letter.style, serial)]
    return draft


def _reworded(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """One sentence in five said another way, and synonyms."""
    picks = list(letter.picks)
    for at in random.sample(range(len(picks)), max(1, len(picks) // 5)):
        picks[at] += 1
    draft.sentences = [
        _synonyms(random, letter, one) for one in _sentences(letter, own, tuple(picks), letter.style)
    ]  # fmt: skip
    return _headed(random, letter, own, draft) if random.random() < 0.5 else draft


def _synonyms(random: Random, letter: Letter, sentence: str) -> str:
    for pair in letter.words["synonyms"].split():
        old, new = pair.replace("_", " ").split(":")
        if random.random() < 0.6:
            sentence = re.sub(rf"\b{re.escape(old)}\b", new, sentence)
    return sentence


def _rephrased(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """Every sentence said another way, dates and sums written another way, one sentence elsewhere."""
    picks = tuple(pick + 1 for pick in letter.picks)
    draft.sentences = [_synonyms(random, letter, one) for one in _sentences(letter, own, picks, letter.style + 1)]
    draft.sentences.append(draft.sentences.pop(random.randrange(1, len(draft.sentences))))
    return _headed(random, letter, own, draft)


def _reordered(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """The sentences in another order."""
    random.shuffle(draft.sentences)
    return draft


def _extended(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """A sentence or a paragraph more, and perhaps a disclaimer."""
    for extra in random.sample(letter.words["extra"], random.choice((1, 2, 4, 6))):
        draft.sentences.insert(random.randrange(1, len(draft.sentences) + 1), extra)
    return _headed(random, letter, own, draft) if random.random() < 0.5 else draft


def _shortened(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """The first paragraph only."""
    kept = random.choice((3, 3, 4))
    draft.sentences = draft.sentences[:kept]
    told = " ".join(ways[0] for ways in letter.sentences[:kept])
    draft.facts = frozenset(re.findall(r"\{(\w+)\}", told))
    return _headed(random, letter, own, draft) if random.random() < 0.3 else draft


def _form(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """The same facts as a form's fields, in another order."""
    labels = letter.words["labels"]
    fields = sorted(letter.tells & labels.keys())
    random.shuffle(fields)
    style = letter.style + random.randrange(3)
    lines = [f"{labels[name]}: {said(name, own[name], letter.language, style)}" for name in fields]
    draft.sentences = [random.choice(("; ", ".\n", "\n", ", ")).join(lines) + "."]
    draft.facts = frozenset(fields)
    return _headed(random, letter, own, draft) if random.random() < 0.5 else draft


def _structured(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """Who, where, when and with what as fields of the report; the narrative keeps the first sentence and the last."""
    draft.sentences = [draft.sentences[0], draft.sentences[-1]]
    told = set(re.findall(r"\{(\w+)\}", letter.sentences[0][0] + letter.sentences[-1][0]))
    draft.occurred = True
    draft.places = [{"name": own["place"], "country": "ID"}]
    draft.entities = _entities(letter, own)
    draft.facts = frozenset(told | ({"name", "plate", "code", "amount", "count", "other", "vessel"} & letter.tells))
    return draft


def _entities(letter: Letter, own: dict[str, Any]) -> list[dict[str, Any]]:
    people = [ref for ref in ("name", "other") if ref in letter.tells]
    made: list[dict[str, Any]] = [{"ref": ref, "kind": "person", "names": [own[ref]]} for ref in people]
    if "plate" in letter.tells:
        plate = {"scheme": "plate", "value": own["plate"]}
        made.append({"ref": "plate", "kind": "vehicle", "identifiers": [plate], "nationality": "ID"})
    if "vessel" in letter.tells:
        made.append({"ref": "vessel", "kind": "vessel", "names": [own["vessel"]]})
    if "code" in letter.tells:
        made.append({"ref": "code", "kind": "document", "identifiers": [{"scheme": "number", "value": own["code"]}]})
    worth = {name: said(name, own[name], letter.language, 0) for name in ("amount", "count") if name in letter.tells}
    if worth:
        made.append({"ref": "goods", "kind": "substance", "attributes": worth})
    return made


def _typed(random: Random, letter: Letter, own: dict[str, Any], draft: Draft) -> Draft:
    """The text typed anew: a letter wrong in one word of twenty, now and then a digit."""
    draft.sentences = [
        " ".join(_mistyped(random, word) for word in sentence.split()) for sentence in draft.sentences
    ]  # fmt: skip
    return draft


def _mistyped(random: Random, word: str) -> str:
    if word.isalpha() and len(word) > 3 and random.random() < 0.05:
        return slip(random, word)
    if any(letter.isdigit() for letter in word) and random.random() < 0.01:
        return re.sub(r"\d", lambda _: str(random.randrange(10)), word, count=1)
    return word


TELLINGS: dict[str, Callable[[Random, Letter, dict[str, Any], Draft], Draft]] = {
    "copied": _copied,
    "reworded": _reworded,
    "rephrased": _rephrased,
    "reordered": _reordered,
    "extended": _extended,
    "shortened": _shortened,
    "form": _form,
    "structured": _structured,
    "typed": _typed,
}


def _report(
    random: Random, letter: Letter, own: dict[str, Any], draft: Draft, serial: str, first: bool
) -> dict[str, Any]:
    happened = datetime(own["date"].year, own["date"].month, own["date"].day, tzinfo=UTC) + timedelta(
        minutes=own["time"] - 7 * 60
    )
    late = (2, 5) if letter.kind == "daily" and first else (2, 30) if first else (2, 80)
    reported = happened + timedelta(hours=random.randrange(*late))
    agency = letter.agency
    if draft.other_agency and random.random() < 0.85:
        agency = random.choice([one for one in letter.world["agencies"] if one != agency])
    report: dict[str, Any] = {
        "agency": agency,
        "source_id": serial,
        "revision": 1,
        "op": "upsert",
        "kind": letter.kind if random.random() < 0.9 else "incident",
        "title": letter.title if first or random.random() < 0.5 else random.choice(letter.words["titles"]),
        "narrative": draft.narrative,
        "language": letter.language,
        "reported_at": reported.isoformat(),
        "entities": draft.entities or (_entities(letter, own)[:2] if random.random() < 0.4 else []),
        "places": draft.places or ([{"name": own["place"], "country": "ID"}] if random.random() < 0.5 else []),
        "marking": {"tlp": "GREEN", "release_to": ["*"]},
    }
    dated = "date" in letter.tells or not letter.one_text
    if letter.one_text and not letter.tells:
        # Its text names nothing, so the post stands in a field.
        report["places"] = [{"name": f"{own['spot']} {own['place']}", "country": "ID"}]
    if draft.occurred or (random.random() < 0.4 if dated else "count" in letter.tells):
        day = datetime(own["date"].year, own["date"].month, own["date"].day, tzinfo=UTC)
        report["occurred"] = {"from": (day if random.random() < 0.3 else happened).isoformat(), "to": None}
    return report
