"""Words of a text exactly as the mapping's analyzer `words` makes them: Lucene's StandardTokenizer, then lower case.

That tokenizer follows the word boundaries of UAX #29 in Unicode 9, keeps runs of South-East Asian scripts whole, takes
Han and Hiragana one by one, and emoji sequences as words.
"""

from __future__ import annotations

import regex

from pipeline.search.unicode9 import EMOJI, EXTEND, OTHER, code_points

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
    rf"|{_LETTER}{_X}(?:{_MID_LETTER}{_X}{_LETTER}{_X})*+"
    rf"|{_NUMBER}{_X}(?:{_MID_NUMBER}{_X}(?={_NUMBER}))?)++"
    rf"|(?:\p{{WB=Katakana}}{_X})++)"
)
_WORD = rf"{_TAIL}*+{_RUN}(?:{_TAIL}++{_RUN})*+{_TAIL}*+"

_PLAIN_EMOJI = (
    r"[[\p{Extended_Pictographic}\p{Emoji}]--[\p{WB=Regional_Indicator}\p{Emoji_Modifier}0-9#*©®™\u3030\u303d]]"
)
_XE1 = (
    r"(?:[[\p{WB=Format}\p{WB=Extend}]--[\ufe0e\ufe0f\u200d]]"
    rf"|\u200d(?!\u200d*+{_PLAIN_EMOJI}))"
)
_XE = rf"{_XE1}*+"
_ONE = rf"(?:(?:\u200d*+\p{{Emoji_Modifier_Base}}{_XE})?\p{{Emoji_Modifier}}{_XE}|\u200d*+{_PLAIN_EMOJI}{_XE}\ufe0f?)"
_EMOJI = (
    rf"{_ONE}(?:[\U000e0020-\U000e007e]++\U000e007f|(?:\u200d{_ONE})*+)"
    rf"|[0-9#*]{_XE1}*?\ufe0f?\u20e3{_XE}|(?:\p{{WB=Regional_Indicator}}{_X}){{2}}"
)
_EASY = r"[A-Za-z0-9]++(?=[ \n()/!?-]|[.,:;'\"][ \n]|$)"
"""What most words are, ahead of the rest for speed: nothing that follows can belong to it."""
_TOKEN = regex.compile(
    rf"{_EASY}|{_WORD}|{_EMOJI}|(?:\p{{Line_Break=SA}}{_X})++|[\p{{Script=Han}}\p{{Script=Hiragana}}]{_X}", regex.V1
)

_TAKEN: dict[int, str] = {
    **dict.fromkeys(code_points(OTHER), " "),
    **dict.fromkeys(code_points(EXTEND), "\u0300"),
    **dict.fromkeys(code_points(EMOJI), "\U0001f600"),
    0x19DA: "\u0e01",  # a digit of New Tai Lue, taken as its letters are
}
"""Characters that the tokenizer takes as if they were these."""


def words(text: str) -> list[str]:
    """The words of a text, in their order, in lower case."""
    seen = text if text.isascii() else text.translate(_TAKEN)
    spans = [match.span() for match in _TOKEN.finditer(seen)]
    if all(end - start <= LONGEST // 2 for start, end in spans):
        low = lower(text)
        return [low[start:end] for start, end in spans]
    return _cut(text, seen)


def _cut(text: str, seen: str) -> list[str]:
    """The same where a word may be too long: the tokenizer then goes on from where it cut."""
    found: list[str] = []
    at = 0
    while match := _TOKEN.search(seen, at):
        start, at = match.span()
        if at - start > LONGEST // 2 and units(text[start:at]) > LONGEST:
            cut = _TOKEN.match(seen, start, _window(text, start))
            at = cut.end() if cut else start + 1
            if cut is None:
                continue
        found.append(lower(text[start:at]))
    return found


def lower(text: str) -> str:
    """Lower case letter by letter, as Lucene's filter has it: each letter stays one."""
    if text.isascii():
        return text.lower()
    return "".join(_LOWER.get(sign) or (low if len(low := sign.lower()) == 1 else sign) for sign in text)


_LOWER = {"\u0130": "i"}


def units(text: str) -> int:
    """The length of a text in UTF-16, as Java counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _window(text: str, start: int) -> int:
    """Where LONGEST units from `start` end."""
    units, at = 0, start
    while at < len(text):
        units += 2 if text[at] > "\uffff" else 1
        if units > LONGEST:
            break
        at += 1
    return at
