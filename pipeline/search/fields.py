"""What can be asked for by name in a query, and where it stands in the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.enrich.identifiers import ALIASES
from pipeline.enrich.identifiers import SCHEMES as KNOWN_SCHEMES


@dataclass(frozen=True)
class Field:
    """`paths` in the documents, any of which may match. `scheme`: only identifiers of that scheme.

    `case` says how a keyword's values are written, so that a reader need not know.
    """

    paths: tuple[str, ...]
    kind: Literal["text", "keyword", "date", "identifier", "near", "box"] = "keyword"
    scheme: str | None = None
    case: Literal["lower", "upper", "any"] = "any"


IDENTIFIERS = ("search.identifiers", "entities.identifiers.value", "identifiers.value", "source_id")
SCHEMES = tuple(KNOWN_SCHEMES)
"""Every scheme that enrich knows can be asked for by its name, and by each of its aliases."""

FIELDS: dict[str, Field] = {
    "doc": Field(("doc",), case="lower"),
    "id": Field(("id", "mentions.report", "reports"), case="any"),
    "kind": Field(("kind", "entities.kind"), case="lower"),
    "agency": Field(("agency", "agencies"), case="lower"),
    "title": Field(("title",), "text"),
    "narrative": Field(("narrative",), "text"),
    "name": Field(("entities.names", "names", "search.names"), "text"),
    "address": Field(("entities.addresses.text", "entities.addresses.city"), "text"),
    "place": Field(("places.name", "locations.name"), "text"),
    "country": Field(("places.country", "locations.country", "nationalities", "entities.nationality"), case="upper"),
    "role": Field(("entities.role", "roles"), case="lower"),
    "link": Field(("links.kind",), case="lower"),
    "language": Field(("language",), case="lower"),
    "tlp": Field(("marking.tlp",), case="upper"),
    "caveat": Field(("marking.caveats",)),
    "exercise": Field(("marking.exercise",), case="lower"),
    "born": Field(("entities.birth_date", "birth_dates")),
    "attribute": Field(("entities.attributes",)),
    "date": Field(("moment",), "date"),
    "reported": Field(("moment",), "date"),
    "occurred": Field(("occurred.from",), "date"),
    "near": Field(("locations.point",), "near"),
    "box": Field(("locations.point",), "box"),
    "identifier": Field(IDENTIFIERS, "identifier"),
    **{scheme: Field(IDENTIFIERS, "identifier", scheme) for scheme in SCHEMES},
}
INDONESIAN = {
    "jenis": "kind", "lembaga": "agency", "judul": "title", "isi": "narrative", "nama": "name", "alamat": "address",
    "tempat": "place", "negara": "country", "peran": "role", "bahasa": "language", "lahir": "born",
    "tanggal": "date", "dilaporkan": "reported", "terjadi": "occurred", "latihan": "exercise", "nomor": "identifier",
    "dekat": "near", "kotak": "box",
}  # fmt: skip
OTHER_NAMES = {
    **{alias: scheme for alias, scheme in ALIASES.items() if alias not in FIELDS}, **INDONESIAN,
}  # fmt: skip

EVERYWHERE = ("all",)
"""Where words without a field are looked for: every text and identifier of a document is copied there."""


def field_called(name: str) -> Field | None:
    """The field of this name, in whatever case, or of another name for it."""
    low = name.lower()
    return FIELDS.get(OTHER_NAMES.get(low, low))
