"""Names folded to what tells people, organisations and ships apart: one writing for the many ways to write a name.

The folded name keeps the spelling (soekarno stays soekarno); spellings that sound alike meet in the phonetic keys.
"""

from __future__ import annotations

import functools
import re

from pipeline.enrich.fold import to_ascii, words
from pipeline.enrich.tables import table, words_of

_PERSON = table("person_names")
TITLES = words_of(_PERSON["titles"])
DEGREES = words_of(_PERSON["degrees"])
KINSHIP = words_of(_PERSON["kinship"])
KINSHIP_MARKS = frozenset(_PERSON["kinship_marks"])
MUHAMMAD = words_of(_PERSON["muhammad"])
MUHAMMAD_NATIONALITIES = frozenset(_PERSON["muhammad_nationalities"])
HAN_DOUBLE = tuple(_PERSON["han_double"])
ARABIC_START: dict[str, str] = _PERSON["arabic_start"]
ARABIC_WORDS: dict[str, str] = _PERSON["arabic_words"]

_ORGANISATION = table("organisation_names")
LEADING_FORMS = words_of(_ORGANISATION["leading"])
TRAILING_FORMS = words_of(_ORGANISATION["trailing"])
VESSEL_PREFIXES = words_of(_ORGANISATION["vessel"])

_ALIAS = re.compile("|".join(_PERSON["alias_patterns"]), re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CHUNK = re.compile(r"[^\s,;]+|[,;]")
_HAN = re.compile("(?<![{0}])[{0}]{{2,4}}(?![{0}])".format("\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"))
_ARABIC = re.compile("[\u0600-\u06ff]+")


@functools.lru_cache(maxsize=16384)
def person_names(raw: str, nationality: str | None = None) -> tuple[str, ...]:
    """The folded names in one written name: several where an alias stands in it, none where no letter does.

    nationality (ISO 3166-1 alpha-2) decides only whether a leading M stands for Muhammad.
    """
    text = to_ascii(_arabic(_east_asian(raw)))
    folded = (_person_name(part, nationality) for part in _ALIAS.split(text))
    return tuple(dict.fromkeys(name for name in folded if name))


def _person_name(text: str, nationality: str | None) -> str:
    """One name without aliases, ASCII already."""
    all_capitals = text.isupper()
    without_asides = _ASIDE.sub(" ", text)
    kept: list[str] = []
    everything: list[str] = []
    leads, after_comma, dotted_start = True, False, False
    for chunk in _CHUNK.findall(without_asides if words(without_asides) else text):
        if chunk in ",;":
            leads = after_comma = True
            continue
        tokens = words(chunk)
        everything += tokens
        bare = "".join(tokens)
        marked = "." in chunk or after_comma or (chunk.isupper() and not all_capitals)
        is_degree = marked and bare in DEGREES and bool(kept)
        if is_degree or (leads and bare in TITLES) or chunk.lower() in KINSHIP_MARKS:
            continue
        for token in tokens:
            if token in KINSHIP or (leads and token in TITLES):
                continue
            leads = False
            dotted_start = dotted_start or (not kept and "." in chunk)
            kept.append("muhammad" if token in MUHAMMAD else token)
    kept = kept or everything
    if _starts_with_short_muhammad(kept, dotted_start, nationality):
        kept[0] = "muhammad"
    return " ".join(kept)


def _starts_with_short_muhammad(tokens: list[str], dotted: bool, nationality: str | None) -> bool:
    """M. Yusuf is Muhammad Yusuf to an Indonesian; M. Thatcher is not, nor is M. J. Smith."""
    if len(tokens) < 2 or tokens[0] != _PERSON["muhammad_initial"] or len(tokens[1]) < 3:
        return False
    return dotted if nationality is None else nationality in MUHAMMAD_NATIONALITIES


def _east_asian(raw: str) -> str:
    """A name of two to four ideographs as family name and given name: 习近平 is xi jinping, as people write it."""

    def spaced(match: re.Match[str]) -> str:
        name = match[0]
        family = 2 if len(name) > 2 and name.startswith(HAN_DOUBLE) else 1
        return " ".join("".join(words(part)) for part in (name[:family], name[family:]))

    return raw if raw.isascii() else _HAN.sub(spaced, raw)


def _arabic(raw: str) -> str:
    """Arabic words with the initial vowel and the article that a letter-by-letter reading loses."""

    def voiced(match: re.Match[str]) -> str:
        word = match[0]
        if word in ARABIC_WORDS:
            return ARABIC_WORDS[word]
        for start, sound in ARABIC_START.items():
            if word.startswith(start) and len(word) > len(start) + 1:
                return sound + _arabic(word[len(start) :]) if sound == "al " else sound + word[len(start) :]
        return word

    return raw if raw.isascii() else _ARABIC.sub(voiced, raw)


@functools.lru_cache(maxsize=16384)
def organisation_name(raw: str) -> str:
    """The folded name without its legal forms; empty where no letter is left of it."""
    tokens = _joined_abbreviations(raw)
    start, end = 0, len(tokens)
    while end - start > 1 and tokens[end - 1] in TRAILING_FORMS:
        end -= 1
    while end - start > 1 and tokens[start] in LEADING_FORMS:
        start += 1
    return " ".join(tokens[start:end])


@functools.lru_cache(maxsize=16384)
def vessel_name(raw: str) -> str:
    """The folded name without what says which kind of ship it is (KM, MV, MT …)."""
    tokens = _joined_abbreviations(raw)
    start = 0
    while len(tokens) - start > 1 and tokens[start] in VESSEL_PREFIXES:
        start += 1
    return " ".join(tokens[start:])


def _joined_abbreviations(raw: str) -> list[str]:
    """Words of which P.T. and M/V are one each: parts of one letter that dots or slashes join."""
    tokens: list[str] = []
    for chunk in _CHUNK.findall(to_ascii(raw)):
        parts = words(chunk)
        tokens += ["".join(parts)] if len(parts) > 1 and all(len(part) == 1 for part in parts) else parts
    return tokens
