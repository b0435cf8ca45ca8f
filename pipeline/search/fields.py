"""What can be asked for by name in a query, and where it stands in the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Field:
    """`paths` in the documents, any of which may match. `scheme`: only identifiers of that scheme."""

    paths: tuple[str, ...]
    kind: Literal["text", "keyword", "date", "identifier"] = "keyword"
    scheme: str | None = None


IDENTIFIERS = ("search.identifiers", "entities.identifiers.value", "identifiers.value", "source_id")
SCHEMES = (
    "passport", "nik", "npwp", "phone", "plate", "vin", "imo", "mmsi", "ip", "domain", "url", "email", "wallet", "iban",
    "account", "imei", "imsi", "md5", "sha1", "sha256", "sha512",
)  # fmt: skip

FIELDS: dict[str, Field] = {
    "doc": Field(("doc",)),
    "id": Field(("id", "mentions.report", "reports")),
    "kind": Field(("kind", "entities.kind")),
    "agency": Field(("agency", "agencies")),
    "title": Field(("title",), "text"),
    "narrative": Field(("narrative",), "text"),
    "name": Field(("entities.names", "names", "search.names"), "text"),
    "place": Field(("places.name", "locations.name"), "text"),
    "country": Field(("places.country", "locations.country", "nationalities", "entities.nationality")),
    "role": Field(("entities.role", "roles")),
    "language": Field(("language",)),
    "tlp": Field(("marking.tlp",)),
    "caveat": Field(("marking.caveats",)),
    "exercise": Field(("marking.exercise",)),
    "born": Field(("entities.birth_date", "birth_dates")),
    "reported": Field(("reported_at", "last_reported"), "date"),
    "occurred": Field(("occurred.from",), "date"),
    "identifier": Field(IDENTIFIERS, "identifier"),
    **{scheme: Field(IDENTIFIERS, "identifier", scheme) for scheme in SCHEMES},
}
WORDS = ("all", "title^2", "search.names^2")
"""Where words without a field are looked for; a title or a name says more than a narrative."""
