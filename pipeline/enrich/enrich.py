"""The enrich stage: a report, and what can be said of it in normal forms. Nothing is guessed, nothing is refused.

What is shown to people (identifiers, names, addresses, places) is told in `added`, with the path in the report that
it came from; name keys and words derive wholly from the names and texts beside them, so they are not told again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.enrich.addresses import folded_address
from pipeline.enrich.attributes import folded_attributes
from pipeline.enrich.facts import told
from pipeline.enrich.fold import fold
from pipeline.enrich.gazetteer import Gazetteer, load_gazetteer
from pipeline.enrich.identifiers import ALIASES, NAMED_BY_VALUE, READS_COUNTRY, Reading, read
from pipeline.enrich.model import Added, Enriched, Features, FoldedAddress, Location
from pipeline.enrich.names import organisation_name, person_names, vessel_name
from pipeline.enrich.phonetic import name_keys
from pipeline.enrich.places import locate
from pipeline.report.model import Address, Identifier, Mention, Place, Report

HOME_COUNTRY = "ID"
"""How a national phone number is read when nothing in the report says of which country it is."""
KEYED = frozenset({"person", "organisation", "vessel"})
"""Kinds of mention whose names get phonetic keys."""


@dataclass(frozen=True)
class Reference:
    """The reference data that enriching needs and that is too big to be part of the program."""

    gazetteer: Gazetteer


def load_reference() -> Reference:
    """The reference data, read from the cache folder or made (3 s, once on a machine). Callers keep it."""
    return Reference(load_gazetteer())


def enrich(report: Report, reference: Reference) -> Enriched:
    """The report with what was added to it: the same report gives the same, and never an error."""
    added: list[Added] = []
    country = next((place.country for place in report.places if place.country), None)
    features = tuple(_features(mention, country, added) for mention in report.entities)
    locations = tuple(_locations(report, reference.gazetteer, added))
    words, facts = told(report, features)
    return Enriched(
        report=report,
        features=features,
        locations=locations,
        words=words,
        facts=facts,
        added=tuple(added),
    )


def features_of(mention: Mention) -> Features:
    """The features of one mention alone, as enrich gives them for one that stands in a report without places."""
    return _features(mention, None, [])


def _features(mention: Mention, place_country: str | None, added: list[Added]) -> Features:
    path = f"entities[{mention.ref}]"
    identifiers = dict(_identifiers(mention, path, place_country, added))
    names = dict.fromkeys(_names(mention, path, added, identifiers))
    keys = {key for name in names for key in name_keys(name)} if mention.kind in KEYED else set()
    return Features(
        ref=mention.ref,
        kind=mention.kind,
        names=tuple(names),
        name_keys=tuple(sorted(keys)),
        identifiers=tuple(dict.fromkeys(identifiers.values())),
        birth_date=mention.birth_date,
        nationality=mention.nationality,
        addresses=tuple(_addresses(mention, path, added)),
        attributes=folded_attributes(mention.attributes),
    )


def _identifiers(
    mention: Mention, path: str, place_country: str | None, added: list[Added]
) -> Iterator[tuple[str, Identifier]]:
    """Path and normal form of each identifier, and of each name that is one (a phone's, a domain's …)."""
    given = [(f"{path}.identifiers[{at}]", one.scheme, one.value) for at, one in enumerate(mention.identifiers)]
    own_scheme = NAMED_BY_VALUE.get(mention.kind)
    named = [(f"{path}.names[{at}]", own_scheme, name) for at, name in enumerate(mention.names) if own_scheme]
    own_country = mention.nationality or next((one.country for one in mention.addresses if one.country), None)
    for where, scheme, value in given + named:
        reading, assumed = _read(scheme, value, own_country, place_country)
        is_name = where.startswith(f"{path}.names")
        if reading is None or (is_name and not reading.holds):
            continue
        if not reading.holds:
            added.append(Added(path=where, value=reading.value, by=f"{reading.by}: not of its form, left as it was"))
        elif is_name or (reading.scheme, reading.value) != (scheme, value):
            by = f"{reading.by}, read as a number of {assumed}" if assumed else reading.by
            added.append(Added(path=where, value=f"{reading.scheme}:{reading.value}", by=by))
        yield where, Identifier(scheme=reading.scheme, value=reading.value)


def _read(
    scheme: str, value: str, own_country: str | None, place_country: str | None
) -> tuple[Reading | None, str | None]:
    """The identifier read, and the country that had to be assumed for that, if any.

    A phone number without its country's code is read as one of the mention's country, else of the report's first
    place, else of HOME_COUNTRY; the last two are assumptions and are told. A plate is read in the light of the
    mention's own country alone.
    """
    name = ALIASES.get(scheme, scheme)
    if name not in READS_COUNTRY:
        return read(scheme, value), None
    if name != "phone" or own_country:
        return read(scheme, value, own_country), None
    assumed = place_country or HOME_COUNTRY
    return read(scheme, value, assumed), None if value.strip().startswith(("+", "00")) else assumed


def _names(mention: Mention, path: str, added: list[Added], identifiers: dict[str, Identifier]) -> Iterator[str]:
    """The folded names; a name that was read as an identifier is none."""
    for at, raw in enumerate(mention.names):
        where = f"{path}.names[{at}]"
        if where in identifiers:
            continue
        for name in _folded(mention, raw):
            if name != raw:
                added.append(Added(path=where, value=name, by="names"))
            yield name


def _folded(mention: Mention, raw: str) -> tuple[str, ...]:
    if mention.kind == "person":
        return person_names(raw, mention.nationality)
    if mention.kind == "organisation":
        name = organisation_name(raw)
    elif mention.kind == "vessel":
        name = vessel_name(raw)
    else:
        name = fold(raw)
    return (name,) if name else ()


def _addresses(mention: Mention, path: str, added: list[Added]) -> Iterator[FoldedAddress]:
    """The folded addresses, each once; the name of a mention that is an address is one too."""
    given = [(f"{path}.addresses[{at}]", address) for at, address in enumerate(mention.addresses)]
    if mention.kind == "address":
        given += [(f"{path}.names[{at}]", Address(text=name)) for at, name in enumerate(mention.names)]
    seen: set[str] = set()
    for where, address in given:
        folded = folded_address(address)
        if folded is None:
            continue
        added.append(Added(path=where, value=folded.line, by="addresses"))
        if folded.line not in seen:
            seen.add(folded.line)
            yield folded


def _locations(report: Report, gazetteer: Gazetteer, added: list[Added]) -> Iterator[Location]:
    """Every place that has coordinates or gets them: the report's own, then the cities of its mentions' addresses."""
    named = [(f"places[{at}]", place) for at, place in enumerate(report.places)]
    for mention in report.entities:
        for at, address in enumerate(mention.addresses):
            named.append(
                (f"entities[{mention.ref}].addresses[{at}]", Place(name=address.city, country=address.country))
            )
    for path, place in named:
        if place.lat is not None and place.lon is not None:
            yield Location(path=path, name=place.name, country=place.country, lat=place.lat, lon=place.lon, by="report")
        elif place.name and (spot := locate(gazetteer, place.name, place.country)):
            added.append(Added(path=path, value=f"{spot.lat},{spot.lon}", by=spot.by))
            country = place.country or spot.country
            yield Location(path=path, name=place.name, country=country, lat=spot.lat, lon=spot.lon, by=spot.by)
