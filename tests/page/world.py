"""What the page's tests read: all invented. Every field of one report holds markup that must only ever be text."""

from __future__ import annotations

from typing import Any

from pipeline.release.policy import Agency, Group, Membership, Policies
from pipeline.report.model import Report
from pipeline.search import judging

READERS = ("polri", "bnn", "tni")
POLICIES = Policies({id_: Agency(id_, id_) for id_ in READERS})
GROUPS = {"tf": Group("tf", "tf", "bnn", (Membership("polri"), Membership("bnn")))}
EVIL = '<script>document.title="ran"</script><img src=x onerror="document.title=\'ran\'">"\'{{7*7}}${7*7}'


def report(agency: str, source_id: str, day: str, **more: Any) -> Report:
    marking = {"tlp": "AMBER", "release_to": ["polri", "bnn"], **more.pop("marking", {})}
    return Report.model_validate(
        {
            "agency": agency, "source_id": source_id, "revision": 1, "op": "upsert", "kind": "seizure",
            "title": f"Laporan {source_id}", "reported_at": f"{day}T03:00:00Z", "marking": marking, **more,
        }
    )  # fmt: skip


BUDI: dict[str, Any] = {"ref": "p1", "kind": "person", "role": "suspect", "names": ["Budi Santoso", "Boedi S."], "birth_date": "1980-02-01", "nationality": "ID",
        "identifiers": [{"scheme": "passport", "value": "B1234567"}, {"scheme": "phone", "value": "0812-3456-7890"}],
        "addresses": [{"text": "Jl. Enim 3", "city": "Jakarta", "postcode": "14310", "country": "ID"}], "attributes": {"occupation": "pelaut"}}  # fmt: skip
SHIP: dict[str, Any] = {"ref": "v1", "kind": "vessel", "names": ["KM Contoh Jaya"], "identifiers": [{"scheme": "imo", "value": "9074729"}]}  # fmt: skip
USES = [{"from": "p1", "to": "v1", "kind": "uses"}]
PRIOK = [{"name": "Tanjung Priok", "country": "ID", "lat": -6.104, "lon": 106.883}]
REPORTS = [
    report("bnn", "satu", "2026-08-03", narrative="Dua peti tanpa dokumen di dermaga lama Tanjung Priok.", entities=[BUDI, SHIP], links=USES, places=PRIOK, assessment={"source": "B", "information": 2}, occurred={"from": "2026-08-02T20:00:00Z", "to": None}),
    report("polri", "dua", "2026-09-10", kind="arrest", title="Penangkapan di Belawan", narrative="Peti serupa ditemukan di Belawan.", entities=[BUDI | {"ref": "x", "names": ["Budi Santosa"]}, SHIP], links=[{"from": "x", "to": "v1", "kind": "owns"}], places=[{"name": "Belawan", "country": "ID"}, {"name": "Jurong", "country": "SG", "lat": 1.32, "lon": 103.72}], marking={"tlp": "GREEN"}, assessment={"source": "A", "information": 1}),
    report("bnn", "tiga", "2026-10-05", kind="intelligence", title="Kapal terlihat lagi", entities=[SHIP], places=PRIOK, marking={"tlp": "AMBER+STRICT", "caveats": ["ORCON"], "iep": {"iep_version": "2.0", "attribution": "must-not", "permitted_actions": "contact-for-instruction"}}),
    report("bnn", "rahasia", "2026-10-06", title="Peti yang tersembunyi", narrative="Hanya untuk bnn", marking={"tlp": "RED", "release_to": []}),
    report("polri", EVIL, "2026-10-07", title=f"Judul {EVIL}", narrative=f"Isi {EVIL}", places=[{"name": EVIL, "country": "ID", "lat": -6.2, "lon": 106.8}], marking={"caveats": [EVIL]},
           entities=[{"ref": "e1", "kind": "person", "names": [f"Nama {EVIL}"], "identifiers": [{"scheme": "account", "value": EVIL}], "addresses": [{"text": EVIL, "city": EVIL}], "attributes": {"note": EVIL}},
                     {"ref": "e2", "kind": "vessel", "names": [f"Kapal {EVIL}"]}], links=[{"from": "e1", "to": "e2", "kind": "owns"}]),
    *(report("polri", f"rutin-{number}", f"2026-07-{number % 28 + 1:02}", kind="patrol", title=f"Patroli rutin {number}", marking={"tlp": "CLEAR"}) for number in range(40)),
]  # fmt: skip


def judged(agency: str, verdict: str, kind: str, *things: dict[str, str], reason: str) -> Report:
    said = {"verdict": verdict, "kind": kind, "things": list(things), "author": "rekaan", "reason": reason}
    ids = sorted("/".join(thing.values()) for thing in things)
    return report(
        agency, judging.source_id(ids), "2026-09-22", kind="judgement", title=f"Judged {verdict}", judgement=said
    )


WAYAN: dict[str, Any] = {"ref": "w", "kind": "person", "names": ["Wayan Rekaan"]}
TWO = [
    report("bnn", "empat", "2026-09-20", kind="tip", title="Saksi di pelabuhan", entities=[WAYAN]),
    report("polri", "lima", "2026-09-21", kind="case", title="Saksi di terminal", entities=[WAYAN | {"names": ["Made Contoh"]}]),
]  # fmt: skip
THINGS = [{"report": one.id, "ref": "w"} for one in TWO]
JUDGED = [
    judged("polri", "not-same", "person", *THINGS, reason="Sidik jari berbeda"),
    judged("bnn", "not-same", "person", *THINGS, reason="Ditemui keduanya, pada waktu yang sama"),
    judged("polri", "same", "report", {"report": TWO[0].id}, {"report": TWO[1].id}, reason="Peristiwa yang sama, menurut kedua pelapor"),
    judged("polri", "same", "report", {"report": REPORTS[3].id}, {"report": TWO[1].id}, reason="Dinilai sebelum laporan itu ditarik dari polri"),
]  # fmt: skip
REPORTS += [*TWO, *JUDGED]
WITNESS = f"{TWO[0].id}/w"
PERSON, EVIL_PERSON = f"{REPORTS[0].id}/p1", f"{REPORTS[4].id}/e1"
