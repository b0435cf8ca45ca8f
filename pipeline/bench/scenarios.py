"""Random scenarios of agencies that share under rules, and the same with other things in what a reader is not shown.

All of it is invented. Values are few, so that what is hidden collides with what is shown: the same passports, names and
texts stand on both sides. What is hidden is told by `decide` and by the paths alone, never by what the stages made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal

from pipeline.release.decide import Decision, decide
from pipeline.release.iep import STATEMENTS
from pipeline.release.paths import FieldPath, parse
from pipeline.release.policy import Agency, Group, Groups, Membership, Policies, Rule
from pipeline.report.model import Report, report_id

AGENCIES = ("satu", "dua", "tiga", "empat")
GROUPS = ("tf-timur", "tf-barat")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("Darmo Rekawan", "Sri Contohwati", "Darmo Rekawanto", "Bejo Karangan", "PT Rekaan Jaya")
BIRTHS = ("1980-02-01", "1991-07-17", "1980-01-02", None)
IDENTIFIERS = (
    ("passport", "B1234567"),
    ("passport", "B1234576"),
    ("nik", "3174010102800001"),
    ("phone", "+628111222333"),
    ("phone", "+628111222334"),
)
TEXTS = (
    "Kapal cepat merapat di dermaga lama pada 5 Oktober 2026 membawa dua peti tanpa dokumen untuk Darmo Rekawan.",
    "Kapal cepat merapat di dermaga lama pada 5 Oktober 2026 membawa dua peti tanpa surat untuk Darmo Rekawan.",
    "Rekening penampung menerima uang dari belasan korban dalam satu pekan yang sama.",
    None,
)
Effect = Literal["permit", "forbid", "redact"]
EFFECTS: tuple[Effect, ...] = ("permit", "permit", "forbid", "redact")
AGREEMENTS = (None, "Perjanjian satu-dua", "Perjanjian tiga-empat")
PATHS = (
    "narrative", "places", "links", "judgement", "entities[p0]", "entities[p1]", "entities[role=informant]",
    "entities.names", "entities.identifiers", "entities[p0].birth_date", "entities[p0].identifiers[scheme=phone]",
)  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """All that the pipeline is given. crowd: how many a reader may see under one blocking key; time: when it is
    looked at."""

    policies: Policies
    groups: Groups
    reports: tuple[Report, ...]
    crowd: int
    time: datetime = NOW

    def standing(self) -> dict[str, Report]:
        """The live reports' newest revisions, by id."""
        newest: dict[str, Report] = {}
        for report in self.reports:
            if report.scope == "live" and report.revision > (newest[report.id].revision if report.id in newest else 0):
                newest[report.id] = report
        return newest

    def decision(self, report: Report, reader: str, time: datetime | None = None) -> Decision:
        return decide(report, reader, self.policies, self.groups, time or self.time)

    def released(self, reader: str, time: datetime | None = None) -> dict[str, tuple[set[str], datetime | None]]:
        """The reports that the reader is shown, by id: the paths taken out of each, and until when it is shown."""
        made = ((id_, self.decision(report, reader, time)) for id_, report in self.standing().items())
        return {
            id_: ({path.text for path in decision.hidden}, decision.ends) for id_, decision in made if decision.released
        }


def scenario(random: Random, time: datetime = NOW) -> Scenario:
    """Three to twelve reports of four agencies, with revisions, retractions, groups, rules and judgements. Expiry,
    embargo and membership begin and end a day before or after `time`."""
    reports: list[Report] = []
    for source in range(random.randint(3, 8)):
        agency = _whose(source)
        revisions = range(1, random.choice((2, 2, 2, 3)))
        reports += [_report(random, agency, str(source), revision, time) for revision in revisions]
    return Scenario(_policies(random), _groups(random, time), tuple(reports), random.choice((100, 2, 1)), time)


def varied(random: Random, given: Scenario, reader: str) -> Scenario:
    """The scenario with other things in all that this reader is not shown: reports withheld, superseded or of an
    exercise, fields taken out, names of IEPs, rules of others, groups that it is not in. What it is released stays as
    it is."""
    standing = given.standing()
    reports: list[Report] = []
    for report in given.reports:
        if standing.get(report.id) is not report:
            reports.append(_other_content(random, report))
            continue
        decision = given.decision(report, reader)
        if not decision.released:
            reports += _withheld(random, report, [one for one in given.reports if one.id == report.id])
        elif report.agency != reader:
            shown = _other_values(random, report, decision.hidden) if decision.hidden else report
            reports.append(_other_agreement(random, shown))
        else:
            reports.append(report)
    reports += _more(random, reader, given.time)
    random.shuffle(reports)
    other = replace(given, reports=tuple(reports))
    assert given.released(reader) == other.released(reader), "what varies was to be hidden"
    for _ in range(4):
        rules, groups = _policies(random).rules, _groups(random, given.time)
        whose = random.choice([one for one in AGENCIES if one != reader])
        new_rules = {**other.policies.rules, whose: rules[whose]}
        for changed in (
            replace(other, policies=Policies(other.policies.agencies, new_rules)),
            replace(other, groups={**other.groups, GROUPS[0]: groups[GROUPS[0]]}),
        ):
            if given.released(reader) == changed.released(reader):
                other = changed
    return other


def _withheld(random: Random, report: Report, revisions: list[Report]) -> Iterator[Report]:
    """A report that is not shown at all, as another, or as none where no older revision would take its place."""
    if len(revisions) == 1 and random.random() < 0.3:
        return
    yield _other_content(random, report)


def _other_content(random: Random, report: Report) -> Report:
    """Other things under the same marking, with the same refs and roles, so that the same is decided of it."""
    left = report.to_json()
    left["title"] = random.choice(("Laporan", "Temuan", "Berkas"))
    _other_narrative(random, left)
    for entity in left.get("entities", ()):
        _other_entity(random, entity)
    left["places"] = _places(random)
    if left.get("links"):
        left["links"][0]["kind"] = random.choice(("knows", "uses"))
    if left.get("judgement"):
        left["judgement"] = _judgement(random)
    return Report.model_validate(left)


def _other_values(random: Random, report: Report, hidden: tuple[FieldPath, ...]) -> Report:
    """Other values in the hidden fields of a report, as a further revision of it."""
    left = report.to_json()
    left["revision"] = report.revision + random.randint(0, 2)
    for path in hidden:
        if path.field == "narrative":
            _other_narrative(random, left)
        elif path.field == "places":
            left["places"] = _places(random)
        elif path.field == "links" and left.get("links"):
            left["links"] = random.choice(([], [{**left["links"][0], "kind": "uses"}]))
        elif path.field == "judgement":
            left["judgement"] = random.choice((_judgement(random), None))
        elif path.field == "entities" and left.get("entities"):
            whole = report.model_dump(by_alias=True)["entities"]
            chosen = path.selector.chosen(whole) if path.selector else set(range(len(whole)))
            for at in chosen:
                _other_part(random, left["entities"][at], path)
    return Report.model_validate(left)


def _other_agreement(random: Random, report: Report) -> Report:
    """The same under an IEP of another name."""
    if report.marking.iep is None:
        return report
    iep = report.marking.iep.model_copy(update={"name": random.choice(AGREEMENTS)})
    return report.model_copy(update={"marking": report.marking.model_copy(update={"iep": iep})})


def _other_part(random: Random, entity: dict[str, Any], path: FieldPath) -> None:
    if path.below is None:
        _other_entity(random, entity)
    elif path.below == "names":
        entity["names"] = random.sample(NAMES, random.randint(1, 2))
    elif path.below == "birth_date":
        entity["birth_date"] = random.choice(BIRTHS)
    elif path.below_selector is None:
        entity["identifiers"] = _identifiers(random)
    else:
        kept = [one for one in entity.get("identifiers", ()) if one["scheme"] != path.below_selector.value]
        new = [one for one in _identifiers(random) if one["scheme"] == path.below_selector.value]
        entity["identifiers"] = kept + new


def _other_entity(random: Random, entity: dict[str, Any]) -> None:
    entity |= {
        "names": [random.choice(NAMES)],
        "birth_date": random.choice(BIRTHS),
        "identifiers": _identifiers(random),
    }


def _other_narrative(random: Random, left: dict[str, Any]) -> None:
    left["narrative"] = random.choice(TEXTS)


def _more(random: Random, reader: str, time: datetime) -> Iterator[Report]:
    """Further reports that this reader is refused by name."""
    for number in range(random.randint(0, 4)):
        agency = random.choice([one for one in AGENCIES if one != reader])
        report = _report(random, agency, f"lagi-{number}", 1, time)
        yield report.model_copy(
            update={"marking": report.marking.model_copy(update={"not_release_to": (reader,), "fields": ()})}
        )


def _report(random: Random, agency: str, source: str, revision: int, time: datetime) -> Report:
    entities = [_entity(random, f"p{at}") for at in range(random.randint(0, 3))]
    linked = len(entities) > 1 and random.random() < 0.5
    return Report.model_validate(
        {
            "agency": agency,
            "source_id": source,
            "revision": revision,
            "op": "upsert" if random.random() < 0.93 else "retract",
            "kind": random.choice(("seizure", "intelligence")),
            "title": random.choice(("Laporan", "Temuan")),
            "narrative": random.choice(TEXTS),
            "reported_at": random.choice(("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z")),
            "places": _places(random),
            "entities": entities,
            "links": [{"from": "p0", "to": "p1", "kind": "knows"}] if linked else [],
            "judgement": _judgement(random) if random.random() < 0.25 else None,
            "marking": _marking(random, len(entities), time),
        }
    )


def _entity(random: Random, ref: str) -> dict[str, Any]:
    entity: dict[str, Any] = {"ref": ref, "kind": "person", "role": random.choice((None, "suspect", "informant"))}
    _other_entity(random, entity)
    return entity


def _identifiers(random: Random) -> list[dict[str, str]]:
    return [
        {"scheme": scheme, "value": value} for scheme, value in random.sample(IDENTIFIERS, random.choice((0, 0, 1, 2)))
    ]


def _places(random: Random) -> list[dict[str, str]]:
    return random.choice(([], [{"name": "Medan", "country": "ID"}], [{"name": "Belawan", "country": "ID"}]))


def _whose(source: int) -> str:
    return AGENCIES[source % len(AGENCIES)]


def _judgement(random: Random) -> dict[str, Any]:
    ids = random.sample([report_id(_whose(source), str(source)) for source in range(6)], 2)
    return {
        "verdict": random.choice(("same", "not-same")),
        "kind": "person",
        "things": [{"report": id_, "ref": random.choice(("p0", "p1"))} for id_ in ids],
        "reason": random.choice(("alasan rekaan", "alasan lain")),
    }


def _marking(random: Random, entities: int, time: datetime) -> dict[str, Any]:
    """Paths that name an entity that is not there are doubts, which withhold all: they are left out here."""
    there = [path for path in PATHS if not path.startswith("entities[p") or int(path[10]) < entities]
    hidden = random.sample(there, random.choice((0, 1, 2)))
    return {
        "tlp": random.choice(("CLEAR", "GREEN", "GREEN", "AMBER", "AMBER", "AMBER+STRICT", "RED")),
        "release_to": random.choice((None, ["*"], ["*"], _some(random, (*AGENCIES, *GROUPS)))),
        "not_release_to": random.choice(([], [], [], _some(random, (*AGENCIES, *GROUPS)))),
        "expires_at": random.choice((None, None, None, time + DAY, time - DAY)),
        "not_before": random.choice((None, None, None, None, time + DAY, time - DAY)),
        "exercise": random.choice((None, None, None, None, "badai")),
        "fields": [{"path": path, "release_to": _some(random, AGENCIES)} for path in hidden],
        "iep": _iep(random, time) if random.random() < 0.2 else None,
    }


def _iep(random: Random, time: datetime) -> dict[str, Any]:
    """Mostly what is known here."""
    said = {name: random.choice((None, *values)) for name, values in STATEMENTS.items()}
    return said | {
        "iep_version": random.choice(("2.0", "2.0", "2.0", "2.0", "3.0")),
        "name": random.choice(AGREEMENTS),
        "tlp": random.choice((None, None, "white", "green", "amber", "red", "mauve")),
        "start_date": random.choice((None, None, time + DAY, time - DAY)),
        "end_date": random.choice((None, None, time + DAY, time - DAY)),
    }


def _some(random: Random, of: tuple[str, ...]) -> list[str]:
    return random.sample(of, random.randint(1, 2))


def _policies(random: Random) -> Policies:
    return Policies({id_: Agency(id_, id_) for id_ in AGENCIES}, {id_: tuple(_rules(random)) for id_ in AGENCIES})


def _rules(random: Random) -> Iterator[Rule]:
    for number in range(random.randint(0, 3)):
        effect: Effect = random.choice(EFFECTS)
        yield Rule(
            name=f"aturan {number}",
            effect=effect,
            to=tuple(_some(random, (*AGENCIES, *GROUPS, "*"))),
            kinds=random.choice(((), ("seizure",))),
            tlps=random.choice(((), ("GREEN", "AMBER"))),
            fields=(parse(random.choice([path for path in PATHS if "[p" not in path])),) if effect == "redact" else (),
        )


def _groups(random: Random, time: datetime) -> Groups:
    spans = ((None, None), (time - DAY, time + DAY), (time + DAY, None), (None, time - DAY))
    return {
        id_: Group(
            id_,
            id_,
            AGENCIES[0],
            tuple(Membership(agency, *random.choice(spans)) for agency in _some(random, AGENCIES)),
            random.random() < 0.3,
        )
        for id_ in GROUPS
    }
