"""What match works on: one mention, or one report's text, as one set of readers sees it."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any

import orjson

from pipeline.enrich.model import Enriched, Features, FoldedAddress
from pipeline.match.blocking import blocks
from pipeline.match.event import Event, event
from pipeline.match.identity import Identity, identities
from pipeline.match.names import tokens
from pipeline.match.text import REPORT_KIND
from pipeline.report.model import mention_id


@dataclass(frozen=True)
class Candidate:
    """One side of a comparison. A match is a function of two of these and of nothing else.

    id: mention id, or report id for kind `report`; identifiers: `scheme:value` in normal form; event: what a report
    tells (see `pipeline.match.event`).
    """

    id: str
    report: str
    kind: str
    names: tuple[str, ...] = ()
    name_keys: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    birth_date: str | None = None
    nationality: str | None = None
    addresses: tuple[FoldedAddress, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    event: Event | None = None

    def __hash__(self) -> int:
        return hash(self.print)

    @functools.cached_property
    def print(self) -> str:
        """A fingerprint of all that a comparison could depend on. Matches name the prints that they were made of."""
        return blake2b(orjson.dumps(self.to_json()), digest_size=12).hexdigest()

    @functools.cached_property
    def looks(self) -> str:
        """A fingerprint of all that tells it from others, but for whose mention it is: a thousand declarations that
        name one importer alike look the same."""
        values = self.to_json()
        del values["id"], values["report"]
        return blake2b(orjson.dumps(values), digest_size=12).hexdigest()

    @functools.cached_property
    def name_tokens(self) -> tuple[tuple[str, ...], ...]:
        """The words of each name that tell people apart."""
        return tuple(tokens(name) for name in self.names)

    @functools.cached_property
    def blocks(self) -> tuple[str, ...]:
        """Its blocking keys within scope and kind, sorted."""
        return tuple(map(sys.intern, blocks(self)))

    @functools.cached_property
    def blocks_set(self) -> frozenset[str]:
        return frozenset(self.blocks)

    @functools.cached_property
    def identities(self) -> dict[str, Identity]:
        """What makes it the same as whoever else bears it, by key."""
        return {identity.key: identity for identity in identities(self)}

    def to_json(self) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(self, name) for name in FIELDS}
        values["addresses"] = [one.model_dump(exclude_defaults=True) for one in self.addresses]
        values["attributes"] = dict(self.attributes)
        values["event"] = self.event and self.event.to_json()
        return {name: value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Candidate:
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        if "addresses" in read:
            read["addresses"] = tuple(FoldedAddress(**one) for one in values["addresses"])
        if "attributes" in read:
            read["attributes"] = tuple(values["attributes"].items())
        if "event" in read:
            read["event"] = Event.from_json(values["event"])
        return cls(**read)


FIELDS = tuple(one.name for one in fields(Candidate))


def of_mention(report: str, features: Features) -> Candidate:
    """The candidate of one mention of the report with this id."""
    return Candidate(
        id=mention_id(report, features.ref),
        report=report,
        kind=features.kind,
        names=features.names,
        name_keys=features.name_keys,
        identifiers=tuple(sorted({f"{one.scheme}:{one.value}" for one in features.identifiers})),
        birth_date=features.birth_date,
        nationality=features.nationality,
        addresses=features.addresses,
        attributes=tuple(features.attributes.items()),
    )


def of_report(enriched: Enriched) -> Candidate:
    """The candidate of the report's own text."""
    id_ = enriched.report.id
    return Candidate(id=id_, report=id_, kind=REPORT_KIND, event=event(enriched))
