"""What enrich adds to a report. Everything here derives from the report alone and names the path it came from.

A view is never cut out of an enriched report: release takes fields out of the plain report, and what is left is
enriched anew. So nothing derived from a field can outlive it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.report.model import Identifier, MentionKind, Model, PartialDate, Report


class Added(Model):
    """A value that was added, where it came from (`entities[p1].names[0]`) and what added it (`phonenumbers`)."""

    path: str
    value: str
    by: str


class Location(Model):
    """A place with coordinates in degrees WGS 84. `path` is where in the report it stands; `by` who located it:
    `report` where the originator gave the coordinates, else the gazetteer's name."""

    path: str
    name: str | None = None
    country: str | None = None
    lat: float
    lon: float
    by: str


class FoldedAddress(Model):
    """An address in folded words: street and house, city, postcode, country; empty where it does not say."""

    text: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""

    @property
    def line(self) -> str:
        return " ".join(part for part in (self.text, self.city, self.postcode, self.country) if part)


class Features(Model):
    """What matching works on for one mention, in normal forms.

    names: folded to lower-case ASCII, titles and legal forms out, tokens in their order, no repeats;
    name_keys: phonetic blocking keys, the same for spellings and orders that people confuse;
    identifiers: scheme and value in normal form, with the scheme's aliases folded (one scheme for one thing);
    addresses: folded to lower-case ASCII; attributes: keys as the table of aliases writes them, values folded.
    """

    ref: str
    kind: MentionKind
    names: tuple[str, ...] = ()
    name_keys: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    birth_date: PartialDate | None = None
    nationality: str | None = None
    addresses: tuple[FoldedAddress, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)


class Fact(Model):
    """Something a text tells, in normal form: see `pipeline.enrich.facts`.

    kind: date (`2026-10-31`, without its year `--10-31`), time (`02:30`), number, code (plate, account, domain …), ref
    (a file's number, with its slashes) or name; before and after: the folded words beside it, empty where there are
    none.
    """

    kind: Literal["date", "time", "number", "code", "ref", "name"]
    value: str
    before: str = ""
    after: str = ""


class Enriched(Model):
    """A report with what was added to it. `words`: the narrative folded to lower-case ASCII words, without a
    letter's head and foot; `facts`: what narrative and fields tell, each fact once."""

    report: Report
    features: tuple[Features, ...] = ()
    locations: tuple[Location, ...] = ()
    words: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    added: tuple[Added, ...] = ()
