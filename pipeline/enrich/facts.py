"""The facts that a text tells: its dates, times, numbers, codes and names, in normal forms.

They are what two tellings of one event have in common when their words are not, and what two letters of one form do
not have in common when all their other words are. Read by form alone, so any language in Latin letters goes; the words
for months and numbers stand in tables/text_words.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipeline.enrich.fold import fold, to_ascii, words
from pipeline.enrich.frequency import SHARES
from pipeline.enrich.model import Fact, Features
from pipeline.enrich.network import refang
from pipeline.enrich.tables import table, words_of
from pipeline.report.model import Report

_TABLE = table("text_words")
MONTHS = {word: number for number, line in _TABLE["months"].items() for word in line.split()}
NUMBERS = {word: number for number, line in _TABLE["numbers"].items() for word in line.split()}
TIMES = {word: number for number, line in _TABLE["times"].items() for word in line.split()}
MASS = {word: float(grams) for grams, line in _TABLE["mass"].items() for word in line.split()}
FILED = words_of(_TABLE["filed"])
"""Words before the number of a file: whoever writes it down gives it a number of their own."""
COUNTING = {**dict.fromkeys(NUMBERS, True), **dict.fromkeys(TIMES, True), _TABLE["teens"]: True, _TABLE["tens"]: True}
MOST_FACTS = 60
"""Of a text, so many facts are read, the first ones: what an event is told by stands at the beginning."""

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_COUNT = "|".join(sorted(COUNTING, key=len, reverse=True))
_MONEY = "|".join(words_of(_TABLE["money"]))
_ZONE = "|".join(words_of(_TABLE["zones"]))
_FORMS = re.compile(
    rf"""
      (?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+ | https?://[^\s,;)]+ | \b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b
                 | \b(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|io|me|co|xyz|top|site|online|example|test|id|my|sg)\b)
    | (?P<day_month>\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?[ -](?i:(?P<m1>{_MONTH}))\b\.?(?:,?[ -](?P<y1>\d{{4}})\b)?)
    | (?P<month_day>\b(?i:(?P<m2>{_MONTH}))\.?[ ](?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?[ ](?P<y2>\d{{4}})\b)?)
    | (?P<iso>\b(?P<y3>\d{{4}})-(?P<m3>\d{{2}})-(?P<d3>\d{{2}})(?!\d))
    | (?P<slashed>\b(?P<d4>\d{{1,2}})(?P<sign>[/.-])(?P<m4>\d{{1,2}})(?P=sign)(?P<y4>(?:\d\d)?\d\d)\b
                 | (?<=\()(?P<d5>\d{{1,2}})/(?P<m5>\d{{1,2}})(?=\)))
    | (?P<clock>\b(?:[01]?\d|2[0-4])[.:][0-5]\d\ ?(?i:{_ZONE})\b | \b(?:[01]?\d|2[0-4]):[0-5]\d\b(?!:)
               | (?<=\bpukul[ ])\d?\d\.[0-5]\d\b | (?<=\bjam[ ])\d?\d\.[0-5]\d\b)
    | (?P<ref>\b(?=[\w./-]*\d)\w[\w.-]*(?:/[\w.-]*\w)+)
    | (?P<phone>(?<![\w.,])(?:\+|0)\d[\d \-]{{6,}}\d\b)
    | (?P<plate>\b[A-Z]{{1,2}}[ ]?\d{{1,4}}[ ]?[A-Z]{{1,3}}\b)
    | (?P<money>(?:\b(?i:{_MONEY})\.?|\$|€)\ ?(?P<sum>\d+(?:[.,]\d+)*)(?![\w]))
    | (?P<code>\b(?=[\w-]*\d[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b)
    | (?P<number>\b\d+(?:[.,]\d+)*(?![\w]))
    | (?P<counted>\b(?i:{_COUNT})(?:[ -](?i:{_COUNT}))*\b)
    | (?P<name>\b(?![\w-]*/)[A-Z][\w-]+(?:[ ](?![A-Z]{{1,2}}[ ]?\d|(?i:{_MONTH})\b|(?i:{_MONEY})\b|[\w-]*/)
        [A-Z][\w-]+)*)
    | (?P<word>\w+)
    | (?P<stop>[.!?\n])
    """,
    re.VERBOSE,
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_LABEL = re.compile(r"[\w ./]{0,24}:(?:\s|$)")
_NEXT = re.compile(r"\s*([A-Za-z]+)")
_SHOUT = re.compile(r"(?<!\d)(?<!\d )\b[A-Z]+\b(?! ?\d)|\b[A-Z]{4,}\b")
_TWO_WORDS = re.compile(r"[a-z]+(?: [a-z]+)+")
SHOUTED = 0.6
"""Share of capitals from which on a line is written in capitals, which then name nothing."""
KNOWN_NAMES = frozenset(SHARES["person"])
LONGEST_HEAD = 300
"""Letters of the longest line that may be a letter's head or foot."""
LONG = 7
"""Digits in a row from which on they are a code, and no number of anything."""


def lines(text: str) -> Iterator[tuple[str, list[Fact]]]:
    """The lines that tell of the event, in ASCII, and the facts of each, in their order, repeats kept. A letter's head
    or foot, with a file's number and no other fact but names, tells who writes and not what happened: it is left
    out."""
    for line in to_ascii(refang(text)).split("\n"):
        facts = list(_line_facts(_recased(line)))
        of = {fact.kind for fact in facts}
        if not ("ref" in of and of <= {"ref", "name"} and len(line) <= LONGEST_HEAD):
            yield line, facts


def read_text(text: str) -> tuple[tuple[str, ...], list[Fact]]:
    """The text's folded words and its facts; of a text that is all head and foot, everything."""
    told = list(lines(text))
    if not any(fold(line) for line, _ in told):
        return tuple(words(text)), []
    return tuple(word for line, _ in told for word in words(line)), [fact for _, facts in told for fact in facts]


def _line_facts(line: str) -> Iterator[Fact]:
    before, starts, at = "", True, 0
    while found := _FORMS.search(line, at):
        form, at = str(found.lastgroup), found.end()
        if form == "stop":
            starts = True
            continue
        if form == "name" and (starts or _is_label(line, found)):
            # The first word of a sentence has a capital whatever it is.
            first = found[0].split()[0]
            form, at = "word", found.start() + len(first) if starts else at
            before, starts = first.lower() if starts else found[0].lower().split()[-1], False
            continue
        starts = False
        if form == "word":
            before = found[0].lower()
            continue
        if form in ("number", "counted", "money"):
            fact, at = _number(line, found, before)
        else:
            fact = READERS[form](found, before)
        if fact is not None:
            yield fact
        if form == "name":
            before = found[0].lower().split()[-1]


def _recased(line: str) -> str:
    """A line in capitals or without any, as it would be written with names alone in capitals: those that a shipped
    table knows, where two stand together. Letters beside digits stay as they are: they may be a plate's."""
    letters = [sign for sign in line if sign.isalpha()]
    capitals = sum(map(str.isupper, letters))
    if not letters or 0 < capitals <= SHOUTED * len(letters):
        return line
    line = _SHOUT.sub(lambda word: word[0].lower(), line)
    return _TWO_WORDS.sub(lambda run: _with_names(run[0]), line)


def _with_names(run: str) -> str:
    said = run.split(" ")
    known = [word in KNOWN_NAMES for word in said]
    beside = [
        here and (before or after)
        for here, before, after in zip(known, [False, *known[:-1]], [*known[1:], False], strict=True)
    ]
    return " ".join(word.capitalize() if name else word for word, name in zip(said, beside, strict=True))


def _is_label(line: str, found: re.Match[str]) -> bool:
    """`Barang bukti:` and `Nomor polisi:` name nothing."""
    return _LABEL.match(line, found.end()) is not None


def _date(found: re.Match[str], before: str) -> Fact | None:
    given = {name[0]: value for name, value in found.groupdict().items() if value and name[1:].isdigit()}
    day, year = int(given["d"]), given.get("y", "")
    month = int(given["m"]) if given["m"].isdigit() else MONTHS[given["m"].lower()]
    if day <= 12 < month:
        day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    century = "20" if len(year) == 2 else ""
    return Fact(kind="date", value=f"{century}{year or chr(45)}-{month:02d}-{day:02d}", before=before)


def _clock(found: re.Match[str], before: str) -> Fact:
    hour, minute = re.split("[.:]", found[0])
    return Fact(kind="time", value=f"{int(hour):02d}:{minute[:2]}", before=before)


def _code(found: re.Match[str], before: str) -> Fact:
    return _code_of(found[0], before)


def _code_of(written: str, before: str) -> Fact:
    return Fact(kind="code", value=re.sub(r"[\s-]", "", written).lower(), before=before)


def _phone(found: re.Match[str], before: str) -> Fact:
    digits = re.sub(r"\D", "", found[0])
    return Fact(kind="code", value="0" + digits[2:] if digits.startswith("62") else digits, before=before)


def _address(found: re.Match[str], before: str) -> Fact:
    return Fact(kind="code", value=found[0].lower().rstrip("./"), before=before)


def _ref(found: re.Match[str], before: str) -> Fact:
    return Fact(kind="ref", value=found[0].lower(), before=before)


def _name(found: re.Match[str], before: str) -> Fact:
    return Fact(kind="name", value=fold(found[0]), before=before)


READERS: dict[str, Callable[[re.Match[str], str], Fact | None]] = {
    "address": _address, "day_month": _date, "month_day": _date, "iso": _date, "slashed": _date, "clock": _clock,
    "ref": _ref, "phone": _phone, "plate": _code, "code": _code, "name": _name,
}  # fmt: skip


def _number(line: str, found: re.Match[str], before: str) -> tuple[Fact | None, int]:
    """A number with what multiplies it, in grams where it is a mass; and where it ends. Years and 0 and 1 are none."""
    end = found.end()
    written = found["sum"] or found[0]
    value = _counted(written.lower()) if found.lastgroup == "counted" else _read(written)
    if value is None:
        return None, end
    if found.lastgroup == "number" and written.isdigit() and len(written) >= LONG:
        return Fact(kind="code", value=written, before=before), end
    if written.isdigit() and before in FILED:
        return Fact(kind="ref", value=written, before=before), end
    after = _NEXT.match(line, end)
    if after and found.lastgroup != "counted" and after[1].lower() in TIMES:
        value *= TIMES[after[1].lower()]
        end = after.end()
        after = _NEXT.match(line, end)
    unit = after[1].lower() if after else ""
    if unit in MASS:
        return Fact(kind="number", value=_plain(value * MASS[unit]), before=before, after="g"), end
    is_year = written.isdigit() and len(written) == 4 and 1900 <= value < 2100
    if value < 2 or is_year:
        return None, end
    return Fact(kind="number", value=_plain(value), before=before, after=unit), end


def _read(written: str) -> float | None:
    if _THOUSANDS.fullmatch(written):
        return float(re.sub("[.,]", "", written))
    decimal = written.replace(",", ".")
    if decimal.count(".") > 1:
        return None
    return float(decimal)


def _counted(written: str) -> float | None:
    """Number words: dua puluh lima, dua belas, seratus ribu, twenty-five."""
    whole = part = 0
    for word in re.split("[ -]", written):
        if word in NUMBERS:
            part += NUMBERS[word]
        elif word == _TABLE["teens"]:
            part += 10
        elif word == _TABLE["tens"]:
            tail = part % 10
            part += tail * 9
        elif TIMES[word] == 100:
            part = max(part, 1) * 100
        else:
            whole, part = whole + max(part, 1) * TIMES[word], 0
    return float(whole + part)


def _plain(value: float) -> str:
    return f"{value:.12g}"


def structured_facts(report: Report, features: tuple[Features, ...]) -> Iterator[Fact]:
    """The facts that stand in fields of their own: mentions, places. What a form's field says is no other fact than
    what a sentence says."""
    named = {one.ref: one for one in features}
    for mention in report.entities:
        about = mention.role or mention.kind
        for raw in mention.names:
            if name := fold(raw):
                yield Fact(kind="name", value=name, before=about)
        for one in named[mention.ref].identifiers:
            yield _code_of(one.value, one.scheme)
        for key, value in mention.attributes.items():
            for fact in read_text(value)[1]:
                yield fact.model_copy(update={"before": fact.before or key})
    for place in report.places:
        if place.name and (name := fold(place.name)):
            yield Fact(kind="name", value=name, before="place")


def told(report: Report, features: tuple[Features, ...]) -> tuple[tuple[str, ...], tuple[Fact, ...]]:
    """The folded words of a report's narrative, without a letter's head and foot, in their order, repeats kept; and all
    its facts, each once: the first MOST_FACTS of the narrative, then of the fields. Nothing where it has no narrative:
    what stands in a title or in fields alone is a form's as often as an event's."""
    if not report.narrative:
        return (), ()
    text, facts = read_text(report.narrative)
    own = fold(report.source_id)
    found: dict[tuple[str, str], Fact] = {}
    for some in (facts, structured_facts(report, features)):
        most = len(found) + MOST_FACTS
        for fact in some:
            if fact.value and fold(fact.value) != own:
                found.setdefault((fact.kind, fact.value), fact)
            if len(found) == most:
                break
    return text, tuple(found.values())


def structured_words(report: Report) -> Iterator[str]:
    """The folded words of the title, and of what stands in fields of their own."""
    yield from words(report.title)
    for mention in report.entities:
        for text in (*mention.names, *(one.value for one in mention.identifiers), *mention.attributes.values()):
            yield from words(text)
    for place in report.places:
        yield from words(place.name or "")
