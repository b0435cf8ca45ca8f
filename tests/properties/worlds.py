"""Random worlds: agencies, groups, policies and reports, small enough to collide often. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pipeline.release.iep import STATEMENTS
from pipeline.release.paths import parse
from pipeline.release.policy import Agency, Group, Groups, Membership, Policies, Rule
from pipeline.report.model import Report, report_id

AGENCIES = ("bnn", "polri", "bin", "tni")
GROUPS = ("tf-satu", "tf-dua")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MOMENTS = [NOW + timedelta(days=days) for days in (-30, -1, 0, 1, 30)]
TLPS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
KINDS = ("seizure", "intelligence")
NAMES = ("Budi Santoso", "Siti Rahma", "Agus Wijaya", "Budi Santosa")
BIRTHS = ("1980-02-01", "1991-07-17")
IDENTIFIERS = (
    ("passport", "B1234567"),
    ("passport", "C7654321"),
    ("nik", "3174010102800001"),
    ("phone", "+628111222333"),
)
TEXTS = (
    "kapal cepat merapat di dermaga lama membawa dua peti tanpa dokumen pada malam hari",
    "kapal cepat merapat di dermaga lama membawa dua peti tanpa dokumen pada dini hari",
    "rekening penampung menerima uang dari belasan korban dalam satu pekan yang sama",
)
PATHS = (
    "narrative", "places", "entities[role=informant]", "entities[0]", "entities[p1].identifiers", "links",
    "entities.names", "entities[kind=phone]", "entities[p0].birth_date", "judgement",
)  # fmt: skip
TO = (*AGENCIES, *GROUPS, "*")


@dataclass(frozen=True)
class World:
    """Everything that the pipeline is given. Reports stand in order of arrival. crowd: `pipeline.match.block.CROWD`,
    small enough in some worlds to be reached."""

    policies: Policies
    groups: Groups
    reports: tuple[Report, ...]
    time: datetime = NOW
    crowd: int = 100

    def __repr__(self) -> str:
        rules = {agency: [(r.effect, r.to, r.kinds, [p.text for p in r.fields]) for r in rules] for agency, rules in self.policies.rules.items() if rules}  # fmt: skip
        groups = {id_: [(m.agency, m.start, m.end) for m in group.members] for id_, group in self.groups.items()}
        return f"World(crowd={self.crowd}, rules={rules}, groups={groups}, reports={[report.to_json() for report in self.reports]})"


def subset(values: tuple[str, ...], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=least, max_size=3)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    effect = draw(st.sampled_from(("permit", "permit", "forbid", "redact")))
    return Rule(
        name=draw(st.sampled_from(("a", "b", "c", "d"))),
        effect=effect,
        to=tuple(draw(subset(TO, 1))),
        kinds=tuple(draw(subset(KINDS))),
        tlps=tuple(draw(st.sampled_from(((), ("GREEN", "AMBER"))))),
        fields=tuple(parse(path) for path in draw(subset(PATHS, 1))) if effect == "redact" else (),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policies:
    return Policies(
        {id_: Agency(id_, id_.upper()) for id_ in AGENCIES},
        {id_: tuple(draw(st.lists(rules(), max_size=3))) for id_ in AGENCIES},
    )


@st.composite
def groups(draw: st.DrawFn) -> Groups:
    def members() -> tuple[Membership, ...]:
        return tuple(
            Membership(agency, *draw(st.sampled_from(((None, None), (MOMENTS[0], MOMENTS[3]), (MOMENTS[3], None), (None, MOMENTS[1])))))
            for agency in draw(subset(AGENCIES))
        )  # fmt: skip

    return {id_: Group(id_, id_, "polri", members(), draw(st.sampled_from((False, False, True)))) for id_ in GROUPS}


@st.composite
def ieps(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly what is known here."""
    said = {name: draw(st.sampled_from((None, *values))) for name, values in STATEMENTS.items()}
    return {
        **said,
        "iep_version": draw(st.sampled_from(("2.0", "2.0", "2.0", "2.0", "3.0"))),
        "id": draw(st.sampled_from((None, "rekaan-1", "rekaan-2"))),
        "tlp": draw(st.sampled_from((None, None, *TLPS, "MAUVE"))),
        "start_date": draw(st.sampled_from((None, None, None, *MOMENTS))),
        "end_date": draw(st.sampled_from((None, None, None, *MOMENTS))),
        "external_references": draw(st.sampled_from(([], ["https://contoh.example/perjanjian"]))),
    }


@st.composite
def markings(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "tlp": draw(st.sampled_from(TLPS)),
        "release_to": draw(st.one_of(st.none(), subset(TO))),
        "not_release_to": draw(st.one_of(st.just([]), st.just([]), subset(TO))),
        "caveats": draw(st.sampled_from(([], [], ["ORCON"]))),
        "expires_at": draw(st.sampled_from((None, None, None, *MOMENTS))),
        "not_before": draw(st.sampled_from((None, None, None, None, *MOMENTS))),
        "exercise": draw(st.sampled_from((None, None, None, "badai"))),
        "iep": draw(st.one_of(st.none(), st.none(), st.none(), ieps())),
        "fields": draw(st.lists(st.builds(lambda path, to: {"path": path, "release_to": to}, st.sampled_from(PATHS), subset(TO)), max_size=1)),
    }  # fmt: skip


@st.composite
def mentions(draw: st.DrawFn, ref: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(("person", "person", "person", "phone")))
    if kind == "phone":
        return {"ref": ref, "kind": kind, "identifiers": [{"scheme": "phone", "value": IDENTIFIERS[3][1]}]}
    chosen = draw(st.lists(st.sampled_from(IDENTIFIERS), unique=True, max_size=2))
    return {
        "ref": ref,
        "kind": kind,
        "role": draw(st.sampled_from((None, "suspect", "informant"))),
        "names": draw(subset(NAMES, 1))[:1],
        "birth_date": draw(st.sampled_from((None, *BIRTHS))),
        "identifiers": [{"scheme": scheme, "value": value} for scheme, value in chosen],
    }


@st.composite
def judgements(draw: st.DrawFn) -> dict[str, Any]:
    """Of two mentions, or two reports, that there may be."""
    kind = draw(st.sampled_from(("person", "person", "person", "phone", "report")))
    ids = [report_id(agency, source) for agency in AGENCIES for source in ("1", "2")]
    refs = (None,) if kind == "report" else ("p0", "p1", "p2")
    ends = st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(refs)), min_size=2, max_size=2, unique=True)
    return {
        "verdict": draw(st.sampled_from(("same", "not-same"))),
        "kind": kind,
        "things": [{"report": report, "ref": ref} for report, ref in draw(ends)],
        "reason": "alasan rekaan",
    }


@st.composite
def reports(draw: st.DrawFn) -> Report:
    refs = [f"p{at}" for at in range(draw(st.integers(0, 3)))]
    linked = len(refs) > 1 and draw(st.booleans())
    return Report.model_validate(
        {
            "agency": draw(st.sampled_from(AGENCIES)),
            "source_id": draw(st.sampled_from(("1", "2"))),
            "revision": draw(st.integers(1, 3)),
            "op": draw(st.sampled_from(("upsert", "upsert", "upsert", "upsert", "retract"))),
            "kind": draw(st.sampled_from(KINDS)),
            "title": draw(st.sampled_from(("Laporan", "Temuan"))),
            "narrative": draw(st.one_of(st.none(), st.sampled_from(TEXTS))),
            "reported_at": draw(st.sampled_from(("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"))),
            "places": draw(st.sampled_from(([], [{"name": "Medan", "country": "ID"}]))),
            "entities": [draw(mentions(ref)) for ref in refs],
            "links": [{"from": refs[0], "to": refs[1], "kind": "knows"}] if linked else [],
            "judgement": draw(st.one_of(st.none(), st.none(), judgements())),
            "marking": draw(markings()),
        }
    )


@st.composite
def crowded_reports(draw: st.DrawFn) -> Report:
    """Reports that meet: the same few people, most of it released to most. What keeps things apart, or joins them, then
    hangs on who sees what, on judgements, and on how many stand under one key."""
    judges = draw(st.booleans())
    ids = st.lists(
        st.sampled_from([report_id(agency, "1") for agency in AGENCIES]), min_size=2, max_size=2, unique=True
    )
    return Report.model_validate(
        {
            "agency": draw(st.sampled_from(AGENCIES)),
            "source_id": "2" if judges else "1",
            "revision": draw(st.integers(1, 3)),
            "op": draw(st.sampled_from(("upsert", "upsert", "upsert", "upsert", "retract"))),
            "kind": "judgement" if judges else "seizure",
            "title": "Laporan",
            "reported_at": draw(st.sampled_from(("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"))),
            "entities": []
            if judges
            else [
                {"ref": "p0", "kind": "person", "names": [draw(st.sampled_from(NAMES[:2]))], "birth_date": BIRTHS[0]}
            ],
            "judgement": {
                "verdict": draw(st.sampled_from(("same", "not-same"))),
                "kind": "person",
                "things": [{"report": id_, "ref": "p0"} for id_ in draw(ids)],
                "reason": "alasan rekaan",
            }
            if judges
            else None,
            "marking": {
                "tlp": "GREEN",
                "release_to": draw(st.sampled_from((["*"], ["*"], ["polri"], ["bin", "tni"], ["tf-satu"]))),
            },
        }
    )


@st.composite
def worlds(draw: st.DrawFn, most: int = 8) -> World:
    if draw(st.booleans()):
        met = tuple(draw(st.lists(crowded_reports(), min_size=2, max_size=most)))
        return World(draw(policies()), draw(groups()), met, crowd=draw(st.sampled_from((100, 3, 2))))
    came = tuple(draw(st.lists(reports(), min_size=1, max_size=most)))
    return World(draw(policies()), draw(groups()), came, crowd=draw(st.sampled_from((100, 100, 2, 1))))
