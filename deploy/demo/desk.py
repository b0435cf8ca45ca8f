"""An agency's desk: numbers reports, dates them from `now`, and keeps them by feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.demo.values import Values

Report = dict[str, Any]
Entity = dict[str, Any]
JAKARTA = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True)
class Feed:
    """One source of an agency: its connector file, the path of its data, the form, and how reports are numbered."""

    agency: str
    connector: str
    path: str
    form: str
    numbering: str = ""


FEEDS = {
    # feed: (agency, connector file, data path beside it, form, numbering)
    "polri": Feed("polri", "polri", "laporan.ndjson", "rows", "LP/{year}/{number:04}"),
    "bnn": Feed("bnn", "bnn", "data-kasus.csv", "rows", "BNN-{year}-{number:04}"),
    "beacukai": Feed("beacukai", "beacukai", "dokumen.csv", "rows", "PIB-{year}-{number:05}"),
    "tni": Feed("tni", "tni", "laporan.ndjson", "json", "LAPHAR-{year}-{number:04}"),
    "interpol": Feed("interpol", "interpol", "notices.ndjson", "json", "NCB-JKT/{year}/{number:04}"),
    "interpol-siber": Feed("interpol", "interpol-siber", "bundles/{month}.json", "stix"),
    "bin": Feed("bin", "bin", "bundles/{month}.json", "stix"),
    "bin-tim": Feed("bin", "bin-tim", "tim-gabungan/{month}.json", "stix"),
    "bssn": Feed("bssn", "bssn", "events/{id}.json", "misp"),
}
"""Beside each feed stands a second one, `koreksi`, with the same connector file and later revisions of its records."""


@dataclass(frozen=True)
class Record:
    """One revision of one record. `label` names it in the ground truth, for those of a storyline."""

    feed: str
    report: Report
    label: str = ""
    correction: bool = False

    @property
    def id(self) -> tuple[str, str]:
        return self.report["agency"], self.report["source_id"]


@dataclass
class Desk:
    """Collects what is written. Times are counted back from `now`, so the case is fresh whenever it is told."""

    now: datetime
    values: Values
    records: list[Record] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def before(self, days: float, feed: str = "") -> str:
        """RFC 3339. bnn writes days only, so there it is the day's first moment in Jakarta."""
        moment = self.now - timedelta(days=days)
        if feed == "bnn":
            moment = moment.astimezone(JAKARTA).replace(hour=0, minute=0)
        return moment.astimezone(JAKARTA).replace(second=0, microsecond=0).isoformat()

    def write(
        self,
        feed: str,
        kind: str,
        title: str,
        narrative: str,
        days: float,
        entities: list[Entity],
        *,
        tlp: str = "GREEN",
        place: Mapping[str, Any] | None = None,
        language: str = "id",
        label: str = "",
        assessment: Mapping[str, Any] | None = None,
        links: list[Entity] | None = None,
        **marking: Any,
    ) -> Record:
        """A first revision, reported `days` ago about something of a little earlier."""
        source = FEEDS[feed]
        self.numbers[feed] = number = self.numbers.get(feed, 0) + 1
        if source.form == "stix":
            source_id = f"{kind}--{self.values.uuid()}"
        elif source.form == "misp":
            source_id = self.values.uuid()
            entities = [{**one, "ref": self.values.uuid()} for one in entities]
            hidden = marking.pop("hidden", ())
            if hidden:
                paths = [one["ref"] for one in entities if one["kind"] in hidden]
                marking["fields"] = [{"path": f"entities[{ref}]", "release_to": []} for ref in paths]
        else:
            source_id = source.numbering.format(year=self.now.year, number=number)
        report: Report = {
            "agency": source.agency, "source_id": source_id, "revision": 1, "op": "upsert", "kind": kind,
            "title": title, "narrative": narrative, "language": language,
            "reported_at": self.before(days, feed), "occurred": {"from": self.before(days + 0.4, feed)},
            "entities": entities, "marking": {"tlp": tlp, **marking},
        }  # fmt: skip
        if place:
            report["places"] = [{"country": "ID", **place}]
        if assessment:
            report["assessment"] = dict(assessment)
        if links and source.form == "json":
            report["links"] = links
        if feed == "bssn":
            del report["language"], report["occurred"]
        record = Record(feed, report, label)
        self.records.append(record)
        return record

    def correct(self, record: Record, label: str = "", **changes: Any) -> Record:
        """A later revision, in the feed's corrections."""
        at = datetime.fromisoformat(record.report["reported_at"]) + timedelta(days=1)
        moment = min(at, self.now.astimezone(JAKARTA)).replace(second=0, microsecond=0).isoformat()
        report = {**record.report, "revision": 2, "reported_at": moment, **changes}
        if record.feed == "bnn":
            report["reported_at"] = datetime.fromisoformat(moment).replace(hour=0, minute=0).isoformat()
        correction = Record(record.feed, report, label or record.label, correction=True)
        self.records.append(correction)
        return correction


def person(ref: str, name: str | list[str], role: str = "suspect", **more: Any) -> Entity:
    """A person; `nik`, `passport` and `driving_licence` become identifiers, in the words of the feed's scheme."""
    names = [name] if isinstance(name, str) else name
    return _entity(ref, "person", more, role=role, names=names)


def thing(ref: str, kind: str, **more: Any) -> Entity:
    """Anything else: identifiers by scheme (`phone="+62…"`), `names`, `role`, `addresses`, `attributes`."""
    return _entity(ref, kind, more)


def _entity(ref: str, kind: str, more: dict[str, Any], **first: Any) -> Entity:
    fields = ("names", "role", "birth_date", "nationality", "addresses", "attributes")
    said = {name: more[name] for name in fields if name in more}
    schemes = {name.replace("_", "-"): value for name, value in more.items() if name not in fields and value}
    entity: Entity = {"ref": ref, "kind": kind, **first, **said}
    if schemes:
        entity["identifiers"] = [{"scheme": scheme, "value": value} for scheme, value in schemes.items()]
    return entity
