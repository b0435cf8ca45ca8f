"""A reader's question to an Elasticsearch query. Pure: the language is Lucene's, parsed by luqum.

budi santoso        both words            "budi santoso"      the phrase
phone:+62812…       an identifier, in whatever form it is written
kind:seizure AND NOT agency:polri         title:peti*
reported:[2026-10-01 TO 2026-10-31]       narative:x   is a mistake, answered with its place and what to write
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.parser import parser

from pipeline.enrich.enrich import HOME_COUNTRY
from pipeline.enrich.fold import fold
from pipeline.enrich.identifiers import read as read_identifier
from pipeline.errors import WrongUse
from pipeline.search.fields import FIELDS, SCHEMES, WORDS, Field

LONGEST = 10_000
DEEPEST = 30
MOST_CLAUSES = 300

Query = dict[str, Any]


def parse(text: str) -> Query:
    """The Elasticsearch query of a question. Raises WrongUse with the place of the mistake and what to write."""
    if len(text) > LONGEST:
        raise WrongUse(f"the query has {len(text):,} characters; write at most {LONGEST:,}")
    if text.count("(") > DEEPEST:
        raise WrongUse(f"the query nests too deeply; use at most {DEEPEST} parentheses")
    if not text.strip() or text.strip() == "*":
        return {"match_all": {}}
    try:
        tree = parser.parse(text)
    except ParseError as error:
        raise WrongUse(
            f"the query cannot be read: {_place(text, str(error))}; close every quote and parenthesis, "
            "and put a value with brackets or colons in quotes"
        ) from None
    except RecursionError:
        raise WrongUse("the query nests too deeply; write it more simply") from None
    return _Reading().read(tree, None)


def _place(text: str, message: str) -> str:
    return message.replace("\n", " ")[:200] if message else f"near its end, character {len(text)}"


class _Reading:
    """One walk over the tree; counts clauses so that a query stays cheap."""

    def __init__(self) -> None:
        self.clauses = 0

    def read(self, node: Any, field: Field | None) -> Query:
        for kind, reading in READINGS:
            if isinstance(node, kind):
                self.clauses += 1
                if self.clauses > MOST_CLAUSES:
                    raise WrongUse(f"the query has more than {MOST_CLAUSES} parts; write it more simply")
                return reading(self, node, field)
        raise WrongUse(f"{str(node).strip()!r} is not understood here; write words, phrases, field:value, AND, OR, NOT")

    def together(self, node: Any, field: Field | None) -> Query:
        must, must_not = [], []
        for child in node.children:
            if isinstance(child, lucene.Not | lucene.Prohibit):
                must_not.append(self.read(child.children[0], field))
            else:
                must.append(self.read(child, field))
        return {"bool": {name: found for name, found in (("must", must), ("must_not", must_not)) if found}}

    def either(self, node: Any, field: Field | None) -> Query:
        return {"bool": {"should": [self.read(child, field) for child in node.children], "minimum_should_match": 1}}

    def inverted(self, node: Any, field: Field | None) -> Query:
        return {"bool": {"must_not": [self.read(node.children[0], field)]}}

    def inside(self, node: Any, field: Field | None) -> Query:
        return self.read(node.children[0], field)

    def named(self, node: Any, field: Field | None) -> Query:
        if node.name not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            raise WrongUse(f"no field is called {node.name} (character {(node.pos or 0) + 1}); use one of {known}")
        return self.read(node.children[0], FIELDS[node.name])

    def word(self, node: Any, field: Field | None) -> Query:
        value = node.value
        if value[:1] in "*?" and value not in ("*",):
            raise WrongUse(f"{value}: a word cannot begin with a wildcard; write its beginning")
        return _value(value.replace("\\", ""), field, phrase=False)

    def phrase(self, node: Any, field: Field | None) -> Query:
        return _value(node.value[1:-1].replace('\\"', '"'), field, phrase=True)

    def range(self, node: Any, field: Field | None) -> Query:
        if field is None or field.kind != "date":
            raise WrongUse("a range needs a date field; write reported:[2026-10-01 TO 2026-10-31]")
        low, high = str(node.low).strip(), str(node.high).strip()
        bounds = {}
        if low != "*":
            bounds["gte" if node.include_low else "gt"] = low
        if high != "*":
            bounds["lte" if node.include_high else "lt"] = high
        return _any([{"range": {path: bounds}} for path in field.paths])


READINGS: tuple[tuple[Any, Callable[[_Reading, Any, Field | None], Query]], ...] = (
    (lucene.OrOperation, _Reading.either),
    ((lucene.AndOperation, lucene.UnknownOperation), _Reading.together),
    ((lucene.Not, lucene.Prohibit), _Reading.inverted),
    ((lucene.Plus, lucene.Group, lucene.FieldGroup, lucene.Boost), _Reading.inside),
    (lucene.SearchField, _Reading.named),
    (lucene.Range, _Reading.range),
    (lucene.Phrase, _Reading.phrase),
    (lucene.Word, _Reading.word),
)
"""How each part of a query is read."""


def _value(value: str, field: Field | None, phrase: bool) -> Query:
    if field is None:
        return _words(value, phrase)
    if field.kind == "identifier":
        return _identifier(value, field)
    if field.kind == "text":
        return _any([_match(path, form, phrase) for path in field.paths for form in _forms(value)])
    if field.kind == "date":
        return _any([{"range": {path: {"gte": value, "lte": value}}} for path in field.paths])
    if "*" in value or "?" in value:
        return _any([{"wildcard": {path: {"value": value, "case_insensitive": True}}} for path in field.paths])
    forms = sorted({value, value.lower(), value.upper()})
    return _any([{"terms": {path: forms}} for path in field.paths])


def _words(value: str, phrase: bool) -> Query:
    if "*" in value or "?" in value:
        return _any([_match(path, value, phrase=False) for path in ("all", "search.names")])
    kind = {"type": "phrase"} if phrase else {"type": "cross_fields", "operator": "and"}
    found: list[Query] = [{"multi_match": {"query": form, "fields": list(WORDS), **kind}} for form in _forms(value)]
    return _any([*found, *_identifier_terms(value, None)])


def _match(path: str, value: str, phrase: bool) -> Query:
    if "*" in value or "?" in value:
        return {"wildcard": {path: {"value": value.lower(), "case_insensitive": True}}}
    return {"match_phrase": {path: value}} if phrase else {"match": {path: {"query": value, "operator": "and"}}}


def _identifier(value: str, field: Field) -> Query:
    if "*" in value or "?" in value:
        found = [{"wildcard": {path: {"value": value, "case_insensitive": True}}} for path in IDENTIFIER_VALUES]
        if field.scheme:
            found = [
                {"wildcard": {"search.identifiers": {"value": f"{field.scheme}:{value}", "case_insensitive": True}}}
            ]
        return _any(found)
    return _any(_identifier_terms(value, field.scheme))


IDENTIFIER_VALUES = ("entities.identifiers.value", "identifiers.value")


def _identifier_terms(value: str, scheme: str | None) -> list[Query]:
    """Exact identifiers: as written, and in every normal form that a scheme would give it."""
    normal = set()
    for one in (scheme,) if scheme else SCHEMES:
        reading = read_identifier(one, value, HOME_COUNTRY)
        if reading is not None and (scheme or reading.holds):
            normal.add(f"{reading.scheme}:{reading.value}")
    terms: list[Query] = [{"terms": {"search.identifiers": sorted(normal)}}] if normal else []
    if scheme is None:
        terms += [{"term": {path: value}} for path in (*IDENTIFIER_VALUES, "source_id")]
    else:
        terms.append({"term": {"search.identifiers": f"{scheme}:{value}"}})
    return terms


def _forms(value: str) -> list[str]:
    """As written, and folded to the ASCII in which names are kept."""
    return list(dict.fromkeys(form for form in (value, fold(value)) if form.strip()))


def _any(found: list[Query]) -> Query:
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}
