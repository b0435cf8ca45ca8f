"""How both kinds of document stand in Elasticsearch. All of it works on the smallest distribution (no extra analyzers).

Only what is searched or counted is indexed; `_source` is the document itself, so what is not mapped is still shown.
"""

from __future__ import annotations

from typing import Any

from pipeline.release.iep import STATEMENTS

# A hit scores by where it was found, not by how rare its words are: Elasticsearch counts words over deleted documents
# too until it merges them, so a rarity would tell of what was retracted, and of the order of arrival.
SCORED: dict[str, Any] = {"similarity": "boolean"}
KEYWORD: dict[str, Any] = {"type": "keyword", "ignore_above": 1024, **SCORED}
FOLDED: dict[str, Any] = {**KEYWORD, "normalizer": "lowercase"}
WORDS: dict[str, Any] = {"type": "text", "analyzer": "words", **SCORED}
TEXT: dict[str, Any] = {**WORDS, "copy_to": "all"}
DATE: dict[str, Any] = {"type": "date", "ignore_malformed": True}

SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "refresh_interval": "1s",
    # How long Elasticsearch remembers the version of what was deleted: longer than a worker takes to come back and
    # repeat its last writes, so that an old one never brings a document back.
    "gc_deletes": "1h",
    "mapping.total_fields.limit": 200,
    "analysis": {
        "analyzer": {"words": {"type": "custom", "tokenizer": "words", "filter": ["lowercase"]}},
        # A token longer than this is cut in pieces, so no value is too long to index.
        "tokenizer": {"words": {"type": "standard", "max_token_length": 255}},
        "normalizer": {"lowercase": {"type": "custom", "filter": ["lowercase"]}},
    },
}

LOCATIONS: dict[str, Any] = {
    "properties": {"name": TEXT, "country": KEYWORD, "point": {"type": "geo_point", "ignore_malformed": True}}
}
IEP: dict[str, Any] = {"properties": {"iep_version": KEYWORD} | dict.fromkeys(STATEMENTS, KEYWORD)}
MARKING: dict[str, Any] = {
    "properties": {"tlp": KEYWORD, "caveats": KEYWORD, "expires_at": DATE, "exercise": KEYWORD, "iep": IEP}
}
SEARCH: dict[str, Any] = {"properties": {"names": TEXT, "identifiers": FOLDED | {"copy_to": "all"}}}
IDENTIFIERS: dict[str, Any] = {"properties": {"scheme": KEYWORD, "value": FOLDED | {"copy_to": "all"}}}
COMMON: dict[str, Any] = {
    "doc": KEYWORD,
    "id": KEYWORD,
    "kind": KEYWORD,
    "all": WORDS,
    "locations": LOCATIONS,
    "marking": MARKING,
    "search": SEARCH,
    "valid_until": DATE,
}

REPORT: dict[str, Any] = {
    **COMMON,
    "agency": KEYWORD,
    "source_id": FOLDED | {"copy_to": "all"},
    "title": TEXT,
    "narrative": TEXT,
    "language": KEYWORD,
    "reported_at": DATE,
    "moment": {"type": "alias", "path": "reported_at"},
    "occurred": {"properties": {"from": DATE, "to": DATE}},
    "places": {"properties": {"name": TEXT, "country": KEYWORD}},
    "entities": {
        "properties": {
            "ref": KEYWORD,
            "kind": KEYWORD,
            "role": KEYWORD,
            "names": TEXT,
            "birth_date": KEYWORD,
            "nationality": KEYWORD,
            "identifiers": IDENTIFIERS,
            "addresses": {"properties": {"text": TEXT, "city": TEXT, "postcode": KEYWORD, "country": KEYWORD}},
            "attributes": {"type": "flattened", "ignore_above": 1024, **SCORED},
        }
    },
    "links": {"properties": {"kind": KEYWORD}},
    "assessment": {"properties": {"source": KEYWORD, "information": {"type": "byte"}}},
    "duplicates": KEYWORD,
    "sources": {"properties": {"independent": {"type": "integer"}}},
}

ENTITY: dict[str, Any] = {
    **COMMON,
    "names": TEXT,
    "birth_dates": KEYWORD,
    "nationalities": KEYWORD,
    "roles": KEYWORD,
    "identifiers": IDENTIFIERS,
    "values": {"properties": {"field": KEYWORD, "value": TEXT}},
    "agencies": KEYWORD,
    "reports": KEYWORD,
    "mentions": {"properties": {"report": KEYWORD, "ref": KEYWORD}},
    "links": {"properties": {"kind": KEYWORD, "from": KEYWORD, "to": KEYWORD, "report": KEYWORD}},
    "first_reported": DATE,
    "last_reported": DATE,
    "moment": {"type": "alias", "path": "last_reported"},
}


def mapping(doc: str) -> dict[str, Any]:
    """The mapping of an index of this kind of document (`report` or `entity`). Unknown fields are kept, not indexed."""
    return {"dynamic": False, "properties": {"report": REPORT, "entity": ENTITY}[doc]}
