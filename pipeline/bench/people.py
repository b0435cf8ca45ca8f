"""Invented people, and the many ways in which registers write them. All of it is fictional, and seeded.

Three sets, each a list of (truth, mention): the truth is a number that all mentions of one person share.

    lives       a name, birth date and place, postcode, occupation: up to 18 records a person, each with its own errors
    names       names alone, misspelt and transliterated, among strangers
    households  families at one address, with the same family name: people who must stay apart
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from pipeline.enrich.frequency import SHARES
from pipeline.enrich.phonetic import VARIANTS
from pipeline.enrich.tables import table
from pipeline.shipped import shipped

Record = tuple[int, dict[str, Any]]

ENGLISH = [word for words in table("common_names_english").values() for word in words.split()]
INDONESIAN = [word for words in table("common_names").values() for word in words.split()]
_WORDS: dict[str, str] = shipped("pipeline.bench", "people")
SYLLABLES = tuple(_WORDS[part].split() for part in ("starts", "middles", "vowels", "ends"))
PLACES = _WORDS["places"].split()
OCCUPATIONS = _WORDS["occupations"].split()
SLIPS = [tuple(slip.split(":")) for slip in _WORDS["slips"].split()]
CYRILLIC = dict(zip("abvgdezijklmnoprstufhcyqwx", "абвгдезийклмнопрстуфхцыквк", strict=True))
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invented_word(random: Random) -> str:
    """A name word that nobody may ever have borne."""
    starts, middles, vowels, ends = SYLLABLES
    word = random.choice(starts) + random.choice(middles)
    if random.random() < 0.5:
        word += random.choice(vowels) + random.choice(middles)
    return word + random.choice(ends)


def name_word(random: Random, pool: list[str]) -> str:
    return random.choices(pool, [SHARES["person"].get(word, 0.0001) for word in pool])[0]


def slip(random: Random, word: str) -> str:
    """The word with one typing error."""
    at = random.randrange(len(word))
    kind = random.choice(("drop", "swap", "double", "other", "other"))
    if kind == "drop" and len(word) > 3:
        return word[:at] + word[at + 1 :]
    if kind == "swap" and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    return word[:at] + random.choice(LETTERS) + word[at + 1 :]


def respelt(random: Random, word: str, times: int = 1) -> str:
    """The word as another ear or alphabet would write it."""
    for _ in range(times):
        fits = [(old, new) for old, new in SLIPS if old in word[1:] or (old in word and len(old) > 1)]
        if fits:
            old, new = random.choice(fits)
            at = word.rfind(old)
            word = word[:at] + new + word[at + len(old) :]
    return word


def variant(random: Random, word: str) -> str:
    """What people with this given name are also called, or the word itself."""
    others = sorted({other for other, groups in VARIANTS.items() if groups & VARIANTS.get(word, frozenset())} - {word})
    return random.choice(others) if others else word


def lives(seed: int, persons: int) -> Iterator[Record]:
    """Historical persons as an archive has them."""
    random = Random(seed)
    for truth in range(persons):
        given = [name_word(random, ENGLISH) for _ in range(random.choice((1, 1, 1, 2)))]
        family = name_word(random, ENGLISH) if random.random() < 0.5 else invented_word(random)
        born = date(1600, 1, 1) + timedelta(days=random.randrange(365 * 350))
        home = f"{random.choice(LETTERS)}{random.choice(LETTERS)}{random.randrange(1, 30)}"
        place, work = random.choice(PLACES), random.choice(OCCUPATIONS)
        gender = random.choice(("male", "female"))
        for _ in range(random.choice((1, 2, 4, 6, 8, 10, 12, 14, 18))):
            mention: dict[str, Any] = {"ref": "p1", "kind": "person", "names": [_written(random, given, family)]}
            if random.random() < 0.85:
                mention["birth_date"] = _miswritten(random, born)
            if random.random() < 0.75:
                inward = f"{random.randrange(10)}{random.choice(LETTERS)}{random.choice(LETTERS)}"
                code = home if random.random() < 0.85 else slip(random, home)
                mention["addresses"] = [{"postcode": f"{code} {inward if random.random() < 0.4 else '1aa'}"}]
            attributes = {}
            if random.random() < 0.75:
                attributes["birth_place"] = place if random.random() < 0.85 else random.choice(PLACES)
            if random.random() < 0.6:
                attributes["occupation"] = work if random.random() < 0.8 else random.choice(OCCUPATIONS)
            if random.random() < 0.5:
                attributes["gender"] = gender
            if attributes:
                mention["attributes"] = attributes
            yield truth, mention


def _written(random: Random, given: list[str], family: str) -> str:
    first, more = given[0], given[1:]
    chance = random.random()
    if chance < 0.1:
        first = variant(random, first)
    elif chance < 0.15:
        first = first[0]
    elif chance < 0.3:
        first = slip(random, first)
    if more and random.random() < 0.4:
        more = []
    last = family
    chance = random.random()
    if chance < 0.15:
        last = slip(random, family)
    elif chance < 0.22:
        last = respelt(random, family)
    words = [first, *more, last]
    chance = random.random()
    if chance < 0.04:
        words = [last, first]
    elif chance < 0.07:
        words = [last]
    elif chance < 0.09:
        words = [first]
    elif chance < 0.13:
        words += [random.choice(("1st", "2nd", "3rd")), "baronet"]
    return " ".join(words)


def _miswritten(random: Random, born: date) -> str:
    chance = random.random()
    if chance < 0.70:
        return born.isoformat()
    if chance < 0.76:
        return f"{born.year}-01-01"
    if chance < 0.80:
        return str(born.year)
    if chance < 0.84 and born.day <= 12:
        return f"{born.year}-{born.day:02d}-{born.month:02d}"
    if chance < 0.90:
        return (born + timedelta(days=random.choice((-10, -1, 1, 10)))).isoformat()
    if chance < 0.94:
        return f"{born.year + random.choice((-10, -1, 1, 10))}{born.isoformat()[4:8]}{min(born.day, 28):02d}"
    if chance < 0.98:
        return f"{born.year}-{random.randrange(1, 13):02d}-{min(born.day, 28):02d}"
    return (date(1600, 1, 1) + timedelta(days=random.randrange(365 * 350))).isoformat()


def names(seed: int, persons: int) -> Iterator[Record]:
    """Names alone: half of the persons are written more than once, the others are strangers."""
    random = Random(seed)
    for truth in range(persons):
        pool = random.choice((ENGLISH, ENGLISH, INDONESIAN))
        words = [name_word(random, pool) for _ in range(random.choice((1, 1, 2)))]
        words.append(name_word(random, pool) if random.random() < 0.4 else invented_word(random))
        yield truth, _named(words)
        if random.random() < 0.5:
            for _ in range(random.choice((1, 1, 2, 3))):
                yield truth, _named(random.choice(WRITINGS)(random, words))


def _one_slip(random: Random, words: list[str]) -> list[str]:
    at = random.randrange(len(words))
    return [slip(random, word) if here == at else word for here, word in enumerate(words)]


def _all_respelt(random: Random, words: list[str]) -> list[str]:
    return [respelt(random, word, random.choice((0, 1, 2))) for word in words]


def _other_order(random: Random, words: list[str]) -> list[str]:
    return [*words[1:], words[0]]


def _in_cyrillic(random: Random, words: list[str]) -> list[str]:
    return ["".join(CYRILLIC[letter] for letter in word) for word in words]


def _with_title(random: Random, words: list[str]) -> list[str]:
    return [random.choice(("Dr.", "H.", "Ir.", "Sir", "Mr.")), *words]


def _joined(random: Random, words: list[str]) -> list[str]:
    return ["".join(words[:2]), *words[2:]] if len(words) > 2 else words


def _called(random: Random, words: list[str]) -> list[str]:
    return [variant(random, words[0]), *words[1:]]


WRITINGS: tuple[Callable[[Random, list[str]], list[str]], ...] = (
    _one_slip, _one_slip, _all_respelt, _all_respelt, _other_order, _in_cyrillic, _with_title, _joined, _called,
)  # fmt: skip


def _named(words: list[str]) -> dict[str, Any]:
    return {"ref": "p1", "kind": "person", "names": [" ".join(words)]}


def households(seed: int, families: int) -> Iterator[Record]:
    """Families at one address: parents and children with one family name, each written once or twice."""
    random = Random(seed)
    truth = 0
    for _ in range(families):
        family = invented_word(random)
        street = f"Jalan {invented_word(random).title()} {random.randrange(1, 200)}"
        address = {"text": street, "city": random.choice(PLACES), "postcode": str(random.randrange(10000, 99999))}
        for member in range(random.choice((2, 3, 4, 5))):
            given = name_word(random, INDONESIAN)
            year = random.randrange(1950, 1980) if member < 2 else random.randrange(1990, 2015)
            born = date(year, 1, 1) + timedelta(days=random.randrange(365))
            for _ in range(random.choice((1, 2))):
                mention = _named([given, family]) | {"addresses": [address]}
                if random.random() < 0.6:
                    mention["birth_date"] = born.isoformat()
                yield truth, mention
            truth += 1
