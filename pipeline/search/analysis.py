"""Words of a text exactly as the mapping's analyzer `words` makes them: Lucene's StandardTokenizer, then lower case.

That tokenizer follows the word boundaries of UAX #29 in Unicode 9, keeps runs of South-East Asian scripts whole, takes
Han and Hiragana one by one, and emoji sequences as words.
"""

from __future__ import annotations

import functools

import regex

LONGEST = 255
"""UTF-16 units of a word, as the mapping has it; the tokenizer sees no further from a word's start."""

_X = r"[\p{WB=Format}\p{WB=Extend}\p{WB=ZWJ}]*+"
_HEBREW = r"\p{WB=Hebrew_Letter}"
_LETTER = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}]"
_NUMBER = r"[\p{WB=Numeric}\uff10-\uff19]"
_QUOTE = r"\u0027"
_MID_BOTH = r"\u002e\u2018\u2019\u2024\ufe52\uff07\uff0e" + _QUOTE
_MID_LETTER = rf"[\u003a\u00b7\u0387\u05f4\u2027\ufe13\ufe55\uff1a{_MID_BOTH}]"
_MID_NUMBER = (
    rf"[\u002c\u003b\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b{_MID_BOTH}]"
)

_TAIL = rf"(?:\p{{WB=ExtendNumLet}}{_X})"
_RUN = (
    rf"(?:(?:{_HEBREW}{_X}(?:{_QUOTE}{_X}|\"{_X}{_HEBREW}{_X})"
    rf"|{_LETTER}{_X}(?:{_MID_LETTER}{_X}(?={_LETTER}))?"
    rf"|{_NUMBER}{_X}(?:{_MID_NUMBER}{_X}(?={_NUMBER}))?)++"
    rf"|(?:\p{{WB=Katakana}}{_X})++)"
)
_WORD = rf"{_TAIL}*+{_RUN}(?:{_TAIL}++{_RUN})*+{_TAIL}*+"

_PLAIN_EMOJI = (
    r"[[\p{Extended_Pictographic}\p{Emoji}]--[\p{WB=Regional_Indicator}\p{Emoji_Modifier}0-9#*©®™\u3030\u303d]]"
)
_XE = rf"(?:[[\p{{WB=Format}}\p{{WB=Extend}}]--[\ufe0e\ufe0f\u200d\p{{Emoji_Modifier}}]]|\u200d(?!\u200d*+{_PLAIN_EMOJI}))*+"
_ONE = rf"(?:(?:\u200d*+\p{{Emoji_Modifier_Base}}{_XE})?\p{{Emoji_Modifier}}{_XE}|\u200d*+{_PLAIN_EMOJI}{_XE}\ufe0f?)"
_EMOJI = (
    rf"{_ONE}(?:[\U000e0020-\U000e007e]++\U000e007f|(?:\u200d{_ONE})*+)"
    rf"|[0-9#*]{_XE}\ufe0f?\u20e3{_XE}|(?:\p{{WB=Regional_Indicator}}{_X}){{2}}"
)
_TOKEN = regex.compile(
    rf"{_WORD}|{_EMOJI}|(?:\p{{Line_Break=SA}}{_X})++|[\p{{Script=Han}}\p{{Script=Hiragana}}]{_X}", regex.V1
)


def words(text: str) -> list[str]:
    """The words of a text, in their order, in lower case."""
    if len(text) <= LONGEST // 2:
        return list(_few(text))
    return _words(text)


@functools.lru_cache(maxsize=8192)
def _few(text: str) -> tuple[str, ...]:
    return tuple(_words(text))


def _words(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while match := _TOKEN.search(text, at):
        word = match.group()
        if len(word) > LONGEST // 2 and _units(word) > LONGEST:
            cut = _TOKEN.match(text, match.start(), _window(text, match.start()))
            if cut is None:
                at = match.start() + 1
                continue
            word = cut.group()
        found.append(lower(word))
        at = match.start() + len(word)
    return found


def lower(text: str) -> str:
    """Lower case letter by letter, as Lucene's filter has it: each letter stays one."""
    if text.isascii():
        return text.lower()
    return "".join(_LOWER.get(sign) or (low if len(low := sign.lower()) == 1 else sign) for sign in text)


_LOWER = {"\u0130": "i"}


def _units(word: str) -> int:
    return len(word) if word.isascii() else len(word.encode("utf-16-le")) // 2


def _window(text: str, start: int) -> int:
    """Where LONGEST units from `start` end."""
    units, at = 0, start
    while at < len(text):
        units += 2 if text[at] > "\uffff" else 1
        if units > LONGEST:
            break
        at += 1
    return at
