"""A reader's query to a tree. Pure: the language is Lucene's, parsed by luqum.

budi santoso        both words            "budi santoso"      the phrase, "…"~3 with its words moved by three places
peti*  p?ti         wildcards             budi~  budi~1       as it may be misspelt
phone:+62812…       an identifier, in whatever form it is written            0811*  (021)*      words and phones
kind:seizure AND NOT agency:polri         title:(peti OR crate)
reported:[2026-10-01 TO 2026-10-31]       reported:"last 7 days"     tanggal:kemarin
near:"Tanjung Priok" 20km                 near:-6.1,106.88,20km      box:-6.2,106.7,-6.0,107.0
narative:x          is a mistake, answered with its place and what to write
"""

from __future__ import annotations

import re
from datetime import datetime

from luqum.exceptions import ParseError
from luqum.thread import parse as read_tree  # luqum.parser shares one lexer, and so mixes what two threads ask

from pipeline.enrich.gazetteer import Gazetteer
from pipeline.search import tree
from pipeline.search.fields import FIELDS, OTHER_NAMES, field_called
from pipeline.search.mistake import Mistake
from pipeline.search.reading import BREAK, DEEPEST, MINUS, OPEN, PLUS, SHUT, STANDING_IN, Reading
from pipeline.search.tree import Node

LONGEST = 10_000


def parse(text: str, now: datetime, gazetteer: Gazetteer | None = None) -> Node:
    """The tree of a query. Raises Mistake with its place and what to write.

    now: what `today` or `last 7 days` are counted from, in the time zone whose days are meant. gazetteer: what places
    are looked up in; the shipped one by default.
    """
    if len(text) > LONGEST:
        raise Mistake("long", count=len(text), most=LONGEST)
    if not text.strip() or text.strip() == "*":
        return tree.Everything()
    try:
        parsed = read_tree(_quoted(text))
    except ParseError as error:
        raise _unread(text, str(error)) from None
    except RecursionError:
        raise Mistake("deep", most=DEEPEST) from None
    return Reading(now, gazetteer).read(parsed, None)


_NEAR_FORMS = "|".join(
    name for name in (*FIELDS, *OTHER_NAMES) if field_called(name) in (FIELDS["near"], FIELDS["box"])
)
_PLACED = re.compile(
    rf"""(?P<named>\b(?:{_NEAR_FORMS}):"(?:[^\\"]|\\.)*)"(?P<gap>\s+)(?P<far>\d[\d.]*k?m)\b
    |(?P<field>\b(?:{_NEAR_FORMS}):)-(?=\d) | (?P<plus>(?<=\w):\+(?=\d))
    |(?P<begun>(?<![\w\\:])\+(?=\d[\d./-]*[*?])) | (?<![\w\\])\((?P<area>\+?\d{{2,5}})\)(?=[\d./-]*[*?]|\d)
    |"(?:[^\\"]|\\.)*" """,
    re.VERBOSE | re.IGNORECASE,
)


def _quoted(text: str) -> str:
    """What luqum would take apart (`near:"X" 20km`, `near:-6.1,…`, `phone:+62…`, `(021)55*`) in one piece of the same
    length."""
    text = text.translate(dict.fromkeys(map(ord, STANDING_IN), " "))

    def one(found: re.Match[str]) -> str:
        if found["named"]:
            return f'{found["named"]}{BREAK}{found["gap"][1:]}{found["far"]}"'
        if found["plus"]:
            return f":{PLUS}"
        if found["begun"]:
            return PLUS
        if found["area"]:
            return OPEN + found["area"].replace("+", PLUS) + SHUT
        return f"{found['field']}{MINUS}" if found["field"] else found[0]

    return _PLACED.sub(one, text)


UNREAD = {
    # what stands at the place of the mistake: the key of what is said of it
    '"': "unread.quote",
    ")": "unread.parenthesis",
    "]": "unread.bracket",
    "}": "unread.bracket",
    "\\": "unread.backslash",
    "/": "unread.slash",
    ":": "unread.colon",
    "AND": "unread.and",
    "OR": "unread.or",
}


def _unread(text: str, message: str) -> Mistake:
    """Where luqum stopped, and what to write."""
    found = re.search(r"at position (\d+)", message)
    if found is None:
        return Mistake("unread.end", len(text))
    at = int(found[1])
    return Mistake(next((key for sign, key in UNREAD.items() if text[at:].startswith(sign)), "unread.other"), at)
