"""The report: one revision of one record of an agency. DESIGN section 5.

Three forms of it are kept equal by a test: these models, their JSON, and `schemas/report.avsc`.
Meanings of mention kinds and properties follow FollowTheMoney and STIX 2.1 where those have one.
"""

from __future__ import annotations

import functools
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

NAMESPACE = uuid.UUID("6f1f5f0e-6a0b-5c55-9c1e-6a6162756e67")
"""The UUIDv5 namespace of report ids. Never change it: ids are how agencies quote reports to each other."""

MENTION_KINDS = (
    "person", "organisation", "vehicle", "vessel", "aircraft", "phone", "email", "account", "document", "device",
    "address", "ip", "domain", "url", "hash", "wallet", "substance", "weapon",
)  # fmt: skip

TLP_ORDER = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
"""TLP 2.0 (FIRST), from the widest to the narrowest."""

MentionKind = Literal[
    "person", "organisation", "vehicle", "vessel", "aircraft", "phone", "email", "account", "document", "device",
    "address", "ip", "domain", "url", "hash", "wallet", "substance", "weapon",
]  # fmt: skip


def _tlp(value: Any) -> Any:
    """`tlp:white`, `TLP:AMBER+STRICT`, `amber` … as TLP 2.0 writes them; TLP 1.0's WHITE reads as CLEAR."""
    if not isinstance(value, str):
        return value
    word = value.strip().upper().removeprefix("TLP:")
    return "CLEAR" if word == "WHITE" else word


def _word(value: Any) -> Any:
    """`MUST NOT`, `must_not` … as IEP's JSON writes them."""
    return "-".join(value.lower().replace("_", " ").split()) if isinstance(value, str) else value


def _version(value: Any) -> Any:
    return str(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Tlp = Annotated[Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"], BeforeValidator(_tlp)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""Ids of agencies, groups and exercises, kinds and schemes. No dots: index and topic names are made with them."""
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Body = Annotated[str, Field(max_length=500_000)]
PartialDate = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$")]
"""A date of which the end may be unknown: `1980`, `1980-02` or `1980-02-01`."""
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Word = Annotated[str, BeforeValidator(_word), Field(min_length=1, max_length=100)]
"""A word of a vocabulary: `must-not`, however it is written."""
IepVersion = Annotated[str, BeforeValidator(_version), Field(min_length=1, max_length=20)]
"""IEP's JSON writes a number."""


class Model(BaseModel):
    """Immutable; unknown fields are an error, since a field nobody knows can hold what nobody may see."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Place(Model):
    """Where. `lat` and `lon` in degrees WGS 84, both or neither."""

    name: Text | None = None
    country: Country | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Place:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("give both lat and lon, or neither")
        return self


class Period(Model):
    """When it happened; either end may be unknown."""

    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None


class Identifier(Model):
    """`scheme` names who gives such values out: passport, nik, phone, plate, imo, mmsi, ip, sha256, …"""

    scheme: Slug
    value: Text


class Address(Model):
    text: Text | None = None
    city: Text | None = None
    postcode: Text | None = None
    country: Country | None = None


class Mention(Model):
    """One person, vehicle, phone … inside one report. `ref` is its name within the report."""

    ref: Ref
    kind: MentionKind
    role: Slug | None = None
    names: tuple[Text, ...] = ()
    birth_date: PartialDate | None = None
    nationality: Country | None = None
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[Address, ...] = ()
    attributes: dict[Slug, Annotated[str, Field(max_length=10_000)]] = {}


class Link(Model):
    """A relation between two mentions of the same report, named by their refs."""

    from_: Ref = Field(alias="from")
    to: Ref
    kind: Slug


class Assessment(Model):
    """The Admiralty scale: `source` A (reliable) to F (cannot be judged), `information` 1 (confirmed) to 6."""

    source: Literal["A", "B", "C", "D", "E", "F"] | None = None
    information: Annotated[int, Field(ge=1, le=6)] | None = None


class Thing(Model):
    """What a judgement speaks of: a mention of a report, or without `ref` the report itself."""

    report: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    ref: Ref | None = None

    @property
    def id(self) -> str:
        return self.report if self.ref is None else mention_id(self.report, self.ref)


class Judgement(Model):
    """What a person of the agency has judged of two mentions of one kind, or of two reports (`kind` report): that they
    are the same, or that they are not. It is taken back by retracting the report that it stands in."""

    verdict: Literal["same", "not-same"]
    kind: MentionKind | Literal["report"]
    things: Annotated[tuple[Thing, ...], Field(min_length=2, max_length=2)]
    author: Text | None = None
    reason: Text

    @model_validator(mode="after")
    def _two_of_one_sort(self) -> Judgement:
        if self.things[0].id == self.things[1].id:
            raise ValueError("things name one thing twice; name the two that were judged")
        if any((thing.ref is None) != (self.kind == "report") for thing in self.things):
            raise ValueError("give each mention's ref, or for kind report none")
        return self


class FieldMarking(Model):
    """The fields at `path` are released to `release_to` only, among those the report is released to."""

    path: Annotated[str, Field(min_length=1, max_length=300)]
    release_to: tuple[Slug | Literal["*"], ...]


class Iep(Model):
    """An Information Exchange Policy (FIRST IEP 2.0, JSON specification). What its words mean stands in
    `pipeline.release.iep`; a word that nobody knows there is kept here, and withholds the report."""

    id: Text | None = None
    name: Text | None = None
    description: Annotated[str, Field(max_length=10_000)] | None = None
    iep_version: IepVersion
    start_date: Moment | None = None
    end_date: Moment | None = None
    encrypt_in_transit: Word | None = None
    permitted_actions: Word | None = None
    affected_party_notifications: Word | None = None
    tlp: Annotated[str, BeforeValidator(_tlp), Field(min_length=1, max_length=100)] | None = None
    attribution: Word | None = None
    unmodified_resale: Word | None = None
    external_references: tuple[Text, ...] = ()


class Marking(Model):
    """What the report itself says about who may see it.

    `release_to` absent means that the originator's policy decides; an empty list means nobody.
    """

    tlp: Tlp
    release_to: tuple[Slug | Literal["*"], ...] | None = None
    not_release_to: tuple[Slug | Literal["*"], ...] = ()
    caveats: tuple[Text, ...] = ()
    not_before: Moment | None = None
    expires_at: Moment | None = None
    exercise: Slug | None = None
    fields: tuple[FieldMarking, ...] = ()
    iep: Iep | None = None


class Report(Model):
    """What an agency publishes: one revision of one record of theirs."""

    agency: Slug
    source_id: Annotated[str, Field(min_length=1, max_length=300)]
    revision: Annotated[int, Field(ge=1, lt=2**53)]
    op: Literal["upsert", "retract"]
    kind: Slug
    title: Text
    narrative: Body | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    reported_at: Moment
    occurred: Period | None = None
    places: tuple[Place, ...] = ()
    entities: tuple[Mention, ...] = ()
    links: tuple[Link, ...] = ()
    assessment: Assessment | None = None
    judgement: Judgement | None = None
    marking: Marking

    @model_validator(mode="after")
    def _refs_hold(self) -> Report:
        refs = {mention.ref for mention in self.entities}
        if len(refs) != len(self.entities):
            raise ValueError("two entities have the same ref; give each its own")
        for number, link in enumerate(self.links):
            for end in (link.from_, link.to):
                if end not in refs:
                    raise ValueError(f"links[{number}] names a ref that no entity has")
        return self

    @property
    def id(self) -> str:
        """The UUIDv5 of agency and source_id."""
        return report_id(self.agency, self.source_id)

    @property
    def scope(self) -> str:
        """`live`, or the exercise that this report belongs to. Scopes never meet."""
        return scope_of(self.marking.exercise)

    def to_json(self) -> dict[str, Any]:
        """The JSON form: absent fields left out, moments as RFC 3339 in UTC."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, as documents and messages hold it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@functools.lru_cache(maxsize=4096)
def report_id(agency: str, source_id: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{agency}\n{source_id}"))


def mention_id(report: str, ref: str) -> str:
    """A mention's id: that of its report, and its ref."""
    return f"{report}/{ref}"


def scope_of(exercise: str | None) -> str:
    return "live" if exercise is None else f"exercise-{exercise}"
