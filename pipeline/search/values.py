"""One value of a query, looked for in one field or everywhere: as written, and in the forms that documents hold."""

from __future__ import annotations

from typing import Any

from pipeline.enrich.enrich import HOME_COUNTRY
from pipeline.enrich.fold import fold
from pipeline.enrich.identifiers import read as read_identifier
from pipeline.search.fields import SCHEMES, WORDS, Field

Query = dict[str, Any]
NOTHING: Query = {"match_none": {}}
RAW_IDENTIFIERS = ("entities.identifiers", "identifiers")


def value_query(value: str, field: Field | None, phrase: bool) -> Query:
    """The query for a word or a phrase. A blank one finds nothing."""
    if not value.strip():
        return NOTHING
    wild = "*" in value or "?" in value
    if field is None:
        return _wild(("all", "search.names"), value) if wild and not phrase else _everywhere(value, phrase)
    if field.kind == "identifier":
        return _identifier(value, field.scheme, wild and not phrase)
    if field.kind == "text":
        if wild and not phrase:
            return _wild(field.paths, value)
        return any_of([_match(path, form, phrase) for path in field.paths for form in _forms(value)])
    if wild and not phrase:
        return _wild(field.paths, value)
    forms = {"lower": [value.lower()], "upper": [value.upper()]}.get(field.case, sorted({value, value.lower()}))
    return any_of([{"terms": {path: forms}} for path in field.paths])


def exists(field: Field) -> Query:
    """Documents that have anything in this field; of a scheme, any identifier of it."""
    if field.scheme:
        return {"prefix": {"search.identifiers": f"{field.scheme}:"}}
    return any_of([{"exists": {"field": path}} for path in field.paths])


def any_of(found: list[Query]) -> Query:
    """One of these."""
    if not found:
        return NOTHING
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}


def _everywhere(value: str, phrase: bool) -> Query:
    kind = {"type": "phrase"} if phrase else {"type": "cross_fields", "operator": "and"}
    found: list[Query] = [{"multi_match": {"query": form, "fields": list(WORDS), **kind}} for form in _forms(value)]
    return any_of([*found, {"term": {"entities.attributes": value}}, *_identifier_terms(value, None)])


def _match(path: str, value: str, phrase: bool) -> Query:
    return {"match_phrase": {path: value}} if phrase else {"match": {path: {"query": value, "operator": "and"}}}


def _wild(paths: tuple[str, ...], value: str) -> Query:
    return any_of([{"wildcard": {path: {"value": value, "case_insensitive": True}}} for path in paths])


def _identifier(value: str, scheme: str | None, wild: bool) -> Query:
    if not wild:
        return any_of(_identifier_terms(value, scheme))
    if scheme:
        return _wild(("search.identifiers",), f"{scheme}:{value}")
    return _wild(tuple(f"{path}.value" for path in RAW_IDENTIFIERS), value)


def _identifier_terms(value: str, scheme: str | None) -> list[Query]:
    """Exact identifiers: as written, and in every normal form that a scheme would give it."""
    readings = [read_identifier(one, value, HOME_COUNTRY) for one in ((scheme,) if scheme else SCHEMES)]
    normal = {f"{one.scheme}:{one.value}" for one in readings if one is not None and (scheme or one.holds)}
    terms: list[Query] = [{"terms": {"search.identifiers": sorted(normal)}}] if normal else []
    if scheme is None:
        return [
            *terms,
            *({"term": {f"{path}.value": value}} for path in RAW_IDENTIFIERS),
            {"term": {"source_id": value}},
        ]
    return [*terms, {"term": {"search.identifiers": f"{scheme}:{value}"}}]


def _forms(value: str) -> list[str]:
    """As written, and folded to the ASCII in which names are kept."""
    return list(dict.fromkeys(form for form in (value, fold(value)) if form.strip()))
