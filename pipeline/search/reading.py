"""What luqum read of a query as a tree: one reading for each part of the language, and what a query may cost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from luqum import tree as lucene

from pipeline.enrich.fold import fold
from pipeline.enrich.gazetteer import Gazetteer
from pipeline.search import places, tree, values
from pipeline.search.analysis import words
from pipeline.search.fields import FIELDS, OTHER_NAMES, Field, field_called
from pipeline.search.indexed import floor_milliseconds
from pipeline.search.mistake import Mistake
from pipeline.search.moments import span
from pipeline.search.tree import Node, all_of, any_of

BREAK, MINUS, PLUS, OPEN, SHUT = "\ue001", "\ue002", "\ue003", "\ue004", "\ue005"
"""Stand in what luqum read for a quote's end, and for a minus, a plus and parentheses that belong to a value."""
STANDING_IN = {BREAK: " ", MINUS: "-", PLUS: "+", OPEN: "(", SHUT: ")"}
DEEPEST = 24
"""Elasticsearch refuses thirty."""
MOST = {
    # what is counted: how many a query may have
    "part": 300,
    "word": 1000,
    "wildcard": 20,
    "fuzzy": 8,
    "place": 20,
}
MOST_STARS, MOST_GAPS = 4, 8
"""Of `*` and `?` in one word: Elasticsearch's automaton of a pattern grows with them."""
LONGEST_FUZZY = 30
"""Letters; an automaton of misspellings grows with them."""
MOST_SLOP, MOST_MOVED = 50, 40
"""Places and words of a phrase whose words are moved: below the hundred places that lie between two values."""


class Reading:
    """One walk over what luqum read; counts what a query costs, so that none is expensive."""

    def __init__(self, now: datetime, gazetteer: Gazetteer | None) -> None:
        self.now = now
        self.gazetteer = gazetteer
        self.counts: Counter[str] = Counter()
        self.level = 0

    def read(self, node: Any, field: Field | None) -> Node:
        for kind, reading in READINGS:
            if isinstance(node, kind):
                self.count("part", node)
                self.level += 1
                if self.level > DEEPEST:
                    raise Mistake("deep", node.pos, most=DEEPEST)
                found = reading(self, node, field)
                self.level -= 1
                return found
        raise Mistake("part", node.pos, written=_quote(node))

    def count(self, what: str, node: Any, number: int = 1) -> None:
        self.counts[what] += number
        if self.counts[what] > MOST[what]:
            raise Mistake(f"many.{what}", node.pos, most=MOST[what])

    def together(self, node: Any, field: Field | None) -> Node:
        for before, child in pairwise(node.children):
            if isinstance(child, lucene.Word) and set(child.value) == {"*"} and child.pos == before.pos + before.size:
                raise Mistake("wildcard.behind", child.pos, written=_quote(f"{before}*"))
        asked = [child for child in node.children if not (isinstance(child, lucene.Word) and _mere_sign(child.value))]
        return all_of([self.read(child, field) for child in asked]) if asked else tree.Nothing()

    def either(self, node: Any, field: Field | None) -> Node:
        return any_of([self.read(child, field) for child in node.children])

    def inverted(self, node: Any, field: Field | None) -> Node:
        return tree.Not(self.read(node.children[0], field))

    def inside(self, node: Any, field: Field | None) -> Node:
        return self.read(node.children[0], field)

    def named(self, node: Any, field: Field | None) -> Node:
        known = field_called(node.name)
        if known is None:
            raise _no_field(node)
        return self.read(node.children[0], known)

    def word(self, node: Any, field: Field | None) -> Node:
        written = _said_signs(node.value)
        if written in INSTEAD:
            raise Mistake("sign", node.pos, written=written, instead=INSTEAD[written])
        if written == "*":
            return tree.Everything() if field is None else values.exists(field)
        pattern = re.sub(r"\\([^*?\\])", r"\1", written)
        if not _WILD.search(pattern) or (field and field.kind in ("date", "near", "box")):
            return self.value(re.sub(r"\\(.)", r"\1", written), field, node, phrase=False)
        if pattern[0] in "*?":
            raise Mistake("wildcard.first", node.pos, written=_quote(node))
        self.count("wildcard", node)
        pattern = re.sub(r"\*+", "*", pattern)
        if pattern.count("*") > MOST_STARS or pattern.count("?") > MOST_GAPS:
            raise Mistake("wildcard.many", node.pos, written=_quote(node), stars=MOST_STARS, gaps=MOST_GAPS)
        found = values.wildcard(pattern, field)
        for part in _leaves(found):
            if isinstance(part, tree.Wildcard) and part.pattern[0] in "*?":
                raise Mistake("wildcard.first", node.pos, written=_quote(node))
        return found

    def phrase(self, node: Any, field: Field | None) -> Node:
        return self.value(_unquoted(node), field, node, phrase=True)

    def value(self, value: str, field: Field | None, node: Any, *, phrase: bool) -> Node:
        if field is not None and field.kind == "date":
            return self.within(field, {"gte": value, "lte": value}, node)
        if field is not None and field.kind in ("near", "box"):
            self.count("place", node)
            with _at(node):
                return places.near(value, self.gazetteer) if field.kind == "near" else places.box(value)
        self.count("word", node, max(1, len(words(value))))
        return values.value(value, field, phrase)

    def fuzzy(self, node: Any, field: Field | None) -> Node:
        word = re.sub(r"\\(.)", r"\1", _said_signs(node.term.value))
        edits = None if node._implicit_degree else int(node.degree) if node.degree in (0, 1, 2) else -1
        if edits == -1:
            raise Mistake("fuzzy.letters", node.pos, written=_quote(node), word=word[:40])
        if field is not None and field.kind != "text":
            raise Mistake("fuzzy.field", node.pos, written=_quote(node))
        if _WILD.search(word):
            raise Mistake("fuzzy.wildcard", node.pos, written=_quote(node))
        parts = words(word)
        if any(len(part) > LONGEST_FUZZY for part in parts):
            raise Mistake("fuzzy.long", node.pos, most=LONGEST_FUZZY)
        self.count("fuzzy", node, max(1, len(parts)))
        return values.fuzzy(word, field, edits)

    def proximity(self, node: Any, field: Field | None) -> Node:
        text, slop = _unquoted(node.term), int(node.degree)
        if slop == 0 or node._implicit_degree:
            return self.value(text, field, node.term, phrase=True)
        if field is not None and field.kind != "text":
            raise Mistake("moved.field", node.pos, written=_quote(node))
        parts = words(text)
        if slop > MOST_SLOP or len(parts) > MOST_MOVED:
            raise Mistake("moved.many", node.pos, most=MOST_MOVED, places=MOST_SLOP)
        for form in (text, fold(text)):
            if len(set(words(form))) < len(words(form)):
                raise Mistake("moved.twice", node.pos)
        self.count("word", node, max(1, len(parts)))
        return values.moved(text, field, slop)

    def pattern(self, node: Any, field: Field | None) -> Node:
        raise Mistake("regex", node.pos, written=_quote(node))

    def range(self, node: Any, field: Field | None) -> Node:
        ends = (("gte" if node.include_low else "gt", node.low), ("lte" if node.include_high else "lt", node.high))
        return self.within(field, {name: _said(end) for name, end in ends if _said(end) != "*"}, node)

    def from_on(self, node: Any, field: Field | None) -> Node:
        return self.within(field, {"gte" if node.include else "gt": _said(node.children[0])}, node)

    def until(self, node: Any, field: Field | None) -> Node:
        return self.within(field, {"lte" if node.include else "lt": _said(node.children[0])}, node)

    def within(self, field: Field | None, bounds: dict[str, str], node: Any) -> Node:
        if field is None or field.kind != "date":
            raise Mistake("range", node.pos)
        if not bounds:
            return values.exists(field)
        first = last = None
        for name, said in bounds.items():
            with _at(node):
                start, end = map(floor_milliseconds, span(said, self.now))
            if name in ("gte", "gt"):  # after 2026-10 is after its last moment
                first = start if name == "gte" else end + 1
            else:  # before 2026-10 is before its first
                last = end if name == "lte" else start - 1
        if (first or 0) > LAST or (last or 0) < FIRST:
            return tree.Nothing()
        return tree.Within(field.paths, first, last)


READINGS: tuple[tuple[Any, Callable[[Reading, Any, Field | None], Node]], ...] = (
    (lucene.OrOperation, Reading.either),
    ((lucene.AndOperation, lucene.UnknownOperation), Reading.together),
    ((lucene.Not, lucene.Prohibit), Reading.inverted),
    ((lucene.Plus, lucene.Group, lucene.FieldGroup, lucene.Boost), Reading.inside),
    (lucene.SearchField, Reading.named),
    (lucene.Range, Reading.range),
    (lucene.From, Reading.from_on),
    (lucene.To, Reading.until),
    (lucene.Fuzzy, Reading.fuzzy),
    (lucene.Proximity, Reading.proximity),
    (lucene.Regex, Reading.pattern),
    (lucene.Phrase, Reading.phrase),
    (lucene.Word, Reading.word),
)
"""How each part of a query is read. A boost changes nothing: what is found does not hang on it."""

FIRST, LAST = (floor_milliseconds(one.replace(tzinfo=UTC)) for one in (datetime.min, datetime.max))
INSTEAD = {"&&": "AND", "||": "OR", "!": "NOT"}
_SAID = str.maketrans({sign: said for sign, said in STANDING_IN.items() if sign != BREAK})
_WILD = re.compile(r"(?<!\\)(?:\\\\)*[*?]")


class _at:  # noqa: N801  reads as a sentence: with _at(node)
    """What goes wrong inside is a mistake at this node."""

    def __init__(self, node: Any) -> None:
        self.node = node

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: object, __: object) -> None:
        if isinstance(error, Mistake) and error.at is None:
            raise error.placed(self.node.pos) from None


def _leaves(node: Node) -> list[Node]:
    return [leaf for part in node.parts for leaf in _leaves(part)] if isinstance(node, tree.All | tree.Any) else [node]


def _unquoted(node: Any) -> str:
    return re.sub(r"\\(.)", r"\1", node.value[1:-1], flags=re.DOTALL)


def _said_signs(text: str) -> str:
    return text.translate(_SAID)


def _said(end: Any) -> str:
    return _said_signs(str(end)).strip().strip('"').replace("\\", "")


def _mere_sign(value: str) -> bool:
    """A dash or an ampersand between words is no word: asking for it would find nothing."""
    return value not in INSTEAD and "*" not in value and not words(value)


def _no_field(node: Any) -> Mistake:
    name, at, fields = node.name[:60], node.pos, ", ".join(sorted(FIELDS))
    if name.lower() in ("http", "https", "hxxp", "hxxps", "ftp"):
        return Mistake("field.web", at, name=name)
    if near := get_close_matches(node.name.lower(), (*FIELDS, *OTHER_NAMES), n=1):
        return Mistake("field.meant", at, name=name, meant=near[0], fields=fields)
    return Mistake("field", at, name=name, fields=fields)


def _quote(node: Any) -> str:
    return repr(_said_signs(str(node).strip()[:60]))
