"""A reader's question to an Elasticsearch query. Pure: the language is Lucene's, parsed by luqum.

budi santoso        both words            "budi santoso"      the phrase
phone:+62812…       an identifier, in whatever form it is written
kind:seizure AND NOT agency:polri         title:peti*
reported:[2026-10-01 TO 2026-10-31]       narative:x   is a mistake, answered with its place and what to write
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.thread import parse as read_tree  # luqum.parser shares one lexer, and so mixes what two threads ask

from pipeline.errors import WrongUse
from pipeline.report.model import rfc3339
from pipeline.search.fields import FIELDS, Field, field_called
from pipeline.search.moments import span
from pipeline.search.values import NOTHING, Query, any_of, exists, value_query

LONGEST = 10_000
DEEPEST = 24
"""Elasticsearch refuses thirty."""
MOST_CLAUSES = 300


def parse(text: str) -> Query:
    """The Elasticsearch query of a question. Raises WrongUse with the place of the mistake and what to write."""
    if len(text) > LONGEST:
        raise WrongUse(f"the query has {len(text):,} characters; write at most {LONGEST:,}")
    if not text.strip() or text.strip() == "*":
        return {"match_all": {}}
    try:
        tree = read_tree(text)
    except ParseError as error:
        raise WrongUse(f"the query cannot be read {_place(text, str(error))}") from None
    except RecursionError:
        raise WrongUse(f"the query nests too deeply; use at most {DEEPEST} levels") from None
    return _Reading().read(tree, None)


ADVICE = (
    # what stands at the place of the mistake, and what to write instead
    ('"', "close the quote"),
    (")", "open a parenthesis before it, or put it in quotes"),
    ("]", "a range is written reported:[2026-10-01 TO 2026-10-31]; put other brackets in quotes"),
    ("}", "a range is written reported:[2026-10-01 TO 2026-10-31]; put other brackets in quotes"),
    ("\\", "write a backslash twice, or put it in quotes"),
    (":", "put a value that holds colons in quotes"),
    ("AND", "write something on both sides of AND"),
    ("OR", "write something on both sides of OR"),
    ("", "finish what is open: a quote, a parenthesis, a field's value, or what follows AND, OR, NOT"),
)


def _place(text: str, message: str) -> str:
    """Where luqum stopped, counted from 1, and what to write."""
    found = re.search(r"at position (\d+)", message)
    at = int(found[1]) if found else len(text)
    where = f"at character {at + 1}" if found else "at its end"
    return f"{where}: " + next(advice for sign, advice in ADVICE if text[at:].startswith(sign))


class _Reading:
    """One walk over the tree; counts clauses and levels so that a query stays cheap."""

    def __init__(self) -> None:
        self.clauses = 0
        self.level = 0

    def read(self, node: Any, field: Field | None) -> Query:
        for kind, reading in READINGS:
            if isinstance(node, kind):
                self.clauses += 1
                self.level += 1
                if self.clauses > MOST_CLAUSES:
                    raise WrongUse(f"the query has more than {MOST_CLAUSES} parts; write it more simply")
                if self.level > DEEPEST:
                    raise WrongUse(f"the query nests too deeply{_at(node)}; use at most {DEEPEST} levels")
                query = reading(self, node, field)
                self.level -= 1
                return query
        raise WrongUse(
            f"{_quote(node)} is not understood{_at(node)}; write words, phrases, field:value, AND, OR, NOT, or put it "
            "in quotes"
        )

    def together(self, node: Any, field: Field | None) -> Query:
        must, must_not = [], []
        for child in node.children:
            if isinstance(child, lucene.Not | lucene.Prohibit):
                must_not.append(self.read(child.children[0], field))
            elif not (isinstance(child, lucene.Word) and _mere_punctuation(child.value)):
                must.append(self.read(child, field))
        parts = {name: found for name, found in (("must", must), ("must_not", must_not)) if found}
        return {"bool": parts} if parts else NOTHING

    def either(self, node: Any, field: Field | None) -> Query:
        return any_of([self.read(child, field) for child in node.children])

    def inverted(self, node: Any, field: Field | None) -> Query:
        return {"bool": {"must_not": [self.read(node.children[0], field)]}}

    def inside(self, node: Any, field: Field | None) -> Query:
        return self.read(node.children[0], field)

    def named(self, node: Any, field: Field | None) -> Query:
        known = field_called(node.name)
        if known is None:
            raise WrongUse(f"no field is called {node.name[:60]}{_at(node)}; {_suggestion(node.name)}")
        return self.read(node.children[0], known)

    def word(self, node: Any, field: Field | None) -> Query:
        value = node.value
        if value in INSTEAD:
            raise WrongUse(f"{value} is not understood{_at(node)}; write {INSTEAD[value]}")
        if value == "*":
            return {"match_all": {}} if field is None else exists(field)
        if value[:1] in "*?":
            raise WrongUse(f"{_quote(node)}{_at(node)}: a word cannot begin with a wildcard; write its beginning")
        return self.value(value.replace("\\", ""), field, node)

    def phrase(self, node: Any, field: Field | None) -> Query:
        return self.value(node.value[1:-1].replace('\\"', '"').replace("\\\\", "\\"), field, node)

    def value(self, value: str, field: Field | None, node: Any) -> Query:
        if field is not None and field.kind == "date":
            return _within(field, {"gte": value, "lte": value}, node)
        return value_query(value, field, phrase=isinstance(node, lucene.Phrase))

    def range(self, node: Any, field: Field | None) -> Query:
        ends = (("gte" if node.include_low else "gt", node.low), ("lte" if node.include_high else "lt", node.high))
        return _within(field, {name: _said(end) for name, end in ends if _said(end) != "*"}, node)

    def from_on(self, node: Any, field: Field | None) -> Query:
        return _within(field, {"gte" if node.include else "gt": _said(node.children[0])}, node)

    def until(self, node: Any, field: Field | None) -> Query:
        return _within(field, {"lte" if node.include else "lt": _said(node.children[0])}, node)


READINGS: tuple[tuple[Any, Callable[[_Reading, Any, Field | None], Query]], ...] = (
    (lucene.OrOperation, _Reading.either),
    ((lucene.AndOperation, lucene.UnknownOperation), _Reading.together),
    ((lucene.Not, lucene.Prohibit), _Reading.inverted),
    ((lucene.Plus, lucene.Group, lucene.FieldGroup, lucene.Boost), _Reading.inside),
    (lucene.SearchField, _Reading.named),
    (lucene.Range, _Reading.range),
    (lucene.From, _Reading.from_on),
    (lucene.To, _Reading.until),
    (lucene.Phrase, _Reading.phrase),
    (lucene.Word, _Reading.word),
)
"""How each part of a query is read."""

INSTEAD = {"&&": "AND", "||": "OR", "!": "NOT"}

SPAN_END = {"gte": 0, "gt": 1, "lte": 1, "lt": 0}
"""Which end of a written date a bound means: after 2026-10 is after its last moment, until 2026-10 is until then."""


def _within(field: Field | None, bounds: dict[str, str], node: Any) -> Query:
    if field is None or field.kind != "date":
        raise WrongUse(f"a range needs a date field{_at(node)}; write reported:[2026-10-01 TO 2026-10-31]")
    if not bounds:
        return exists(field)
    try:
        found = {name: rfc3339(span(said)[SPAN_END[name]]) for name, said in bounds.items()}
    except WrongUse as error:
        raise WrongUse(f"{error}{_at(node)}") from None
    return any_of([{"range": {path: found}} for path in field.paths])


def _said(end: Any) -> str:
    return str(end).strip().strip('"').replace("\\", "")


def _mere_punctuation(value: str) -> bool:
    """A dash or an ampersand between words is no word: asking for it would find nothing."""
    return value not in INSTEAD and all(unicodedata.category(sign)[0] in "PSZC" for sign in value) and "*" not in value


def _suggestion(name: str) -> str:
    if name.lower() in ("http", "https", "hxxp", "hxxps", "ftp"):
        return "put a web address in quotes"
    near = get_close_matches(name.lower(), FIELDS, n=1)
    return (f"did you mean {near[0]}? " if near else "") + "Use one of " + ", ".join(sorted(FIELDS))


def _quote(node: Any) -> str:
    return repr(str(node).strip()[:60])


def _at(node: Any) -> str:
    return "" if node.pos is None else f" (character {node.pos + 1})"
