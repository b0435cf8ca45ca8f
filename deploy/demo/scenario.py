"""The whole case: everyday reports, three storylines, and what makes sharing hard. A pure function of seed and now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from deploy.demo import storylines
from deploy.demo.background import background
from deploy.demo.desk import FEEDS, Desk, Record, person, thing
from deploy.demo.values import Values

COMMON_NAME = "Muhammad Rizki Saputra"
"""Three strangers bear it: nothing but the name is the same, so nothing may join them."""


@dataclass(frozen=True)
class Scenario:
    """records: every revision of every record. broken: lines, rows or files by feed that no connector can take.

    asked: storyline -> what is asked about -> its value, as people would type it.
    """

    records: tuple[Record, ...]
    broken: Mapping[str, tuple[str | dict[str, str], ...]]
    asked: Mapping[str, Mapping[str, str]]

    def labelled(self, label: str) -> Record:
        """The latest revision of the record with this label."""
        return [one for one in self.records if one.label == label][-1]


def scenario(seed: int, now: datetime) -> Scenario:
    """The case as told at `now`."""
    desk = Desk(now, Values(seed, "background"))
    background(desk)
    asked = {}
    for name, tell in STORYLINES.items():
        desk.values = Values(seed, name)
        asked[name] = tell(desk)
    desk.values = Values(seed, "hardships")
    for hardship in (strangers, same_event, withheld, passing, corrected):
        hardship(desk)
    return Scenario(tuple(desk.records), BROKEN, asked)


STORYLINES = {
    storylines.SMUGGLING: storylines.smuggling,
    storylines.ATTACK: storylines.attack,
    storylines.PHISHING: storylines.phishing,
}


def strangers(desk: Desk) -> None:
    """Three people of one name, told to everybody."""
    give = desk.values
    desk.write(
        "polri",
        "wanted",
        "DPO pencurian kabel stasiun",
        "Buron sejak melarikan diri dari ruang tunggu penyidik; tinggi sedang, tato jangkar di lengan kiri.",
        25,
        [person("terlapor", COMMON_NAME, birth_date="1994-02-17", nik=give.nik("1994-02-17"))],
        place={"name": "Bandung"},
        label="x-stranger-1",
    )
    desk.write(
        "polri",
        "missing-person",
        "Nelayan belum kembali dari Laut Arafura",
        "Perahu berwarna hijau tanpa mesin cadangan; cuaca berubah pada malam kedua dan radio tidak menjawab.",
        22,
        [person("korban", COMMON_NAME, "victim", birth_date="1971-09-30", nik=give.nik("1971-09-30"))],
        place={"name": "Ambon"},
        label="x-stranger-2",
    )
    desk.write(
        "interpol",
        "notice",
        "Green notice: repeated cargo fraud",
        "Warned in three ports for selling the same cargo of timber twice; usually travels with a nephew.",
        24,
        [
            person(
                "p1",
                COMMON_NAME.replace("Muhammad", "Moh."),
                "wanted",
                birth_date="1985-06-05",
                nationality="ID",
                passport=give.passport(),
            )
        ],
        language="en",
        label="x-stranger-3",
    )


def same_event(desk: Desk) -> None:
    """Two agencies tell of one event in nearly the same words."""
    told = (
        "Longsor menutup jalan menuju pos lintas batas Entikong sepanjang empat puluh meter dini hari; dua truk sayur "
        "tertahan, tidak ada korban jiwa, dan warga bersama petugas membuka satu lajur memakai dua alat berat {end}"
    )
    for feed, kind, end in (("polri", "incident", "milik dinas."), ("tni", "border", "milik kabupaten.")):
        desk.write(
            feed,
            kind,
            "Longsor di jalan menuju Entikong",
            told.format(end=end),
            6,
            [],
            place={"name": "Entikong", "lat": 0.97, "lon": 110.31},
            label=f"x-landslide-{feed}",
        )
    hall = (
        "Gudang kosong bekas pabrik kayu di Tanjung Emas digeledah bersama pada Kamis pagi; alat timbang, plastik "
        "kemasan, dan delapan jeriken pelarut tanpa label. Penjaga gudang kabur lewat rel kereta sebelum petugas {end}"
    )
    desk.write(
        "bnn",
        "seizure",
        "Penggeledahan gudang bekas pabrik kayu",
        hall.format(end="masuk."),
        8,
        [],
        tlp="AMBER",
        place={"name": "Semarang"},
        label="x-hall-bnn",
    )
    desk.write(
        "beacukai",
        "inspection",
        "Penggeledahan gudang bekas pabrik kayu",
        hall.format(end="tiba."),
        8,
        [],
        tlp="AMBER",
        place={"name": "Semarang"},
        label="x-hall-beacukai",
    )


def withheld(desk: Desk) -> None:
    """RED: nobody, or one agency by name. And parts that stay at home while the rest goes out."""
    give = desk.values
    desk.write(
        "polri",
        "case",
        "Dugaan kebocoran operasi oleh anggota sendiri",
        "Penyidikan internal; tidak untuk disebarkan ke luar unit.",
        13,
        [person("terlapor", give.person()), thing("telepon", "phone", phone=give.phone())],
        tlp="RED",
        label="x-red-polri",
    )
    desk.write(
        "tni",
        "base-security",
        "Hilangnya buku sandi latihan",
        "Buku sandi tidak kembali ke lemari besi sesudah latihan malam; hanya untuk badan intelijen.",
        7,
        [person("p1", give.person(), "witness")],
        tlp="RED",
        release_to=["bin"],
        label="x-red-tni",
    )
    desk.write(
        "bin",
        "report",
        "Sumber di lingkungan pelabuhan",
        "Identitas dan cara menghubungi seorang sumber; tidak keluar dari badan ini.",
        21,
        [thing("o1", "phone", phone=give.phone())],
        tlp="RED",
        label="x-red-bin",
    )
    desk.write(
        "bssn",
        "incident",
        "Compromise of a ministry's directory server",
        "Victim and path of entry are known to the response team alone.",
        5,
        [thing("x", "ip", ip=give.ip()), thing("x", "organisation", names=["Kementerian Contoh Urusan Pulau"])],
        tlp="RED",
        release_to=[],
        label="x-red-bssn",
    )
    desk.write(
        "tni",
        "border",
        "Pelintas dengan dua paspor",
        "Pelintas menunjukkan paspor kedua sesudah paspor pertama ditanyakan; keterangan diambil di pos.",
        17,
        [person("p1", give.foreigner()[0], passport=give.passport()), thing("t1", "phone", phone=give.phone())],
        place={"name": "Entikong"},
        label="x-partly-tni",
        fields=[{"path": "entities[p1].identifiers", "release_to": ["polri", "bin"]}],
    )
    desk.write(
        "interpol",
        "diffusion",
        "Diffusion: sale of stolen icons",
        "A dealer offers icons from a burgled chapel; the informant's number is for the police alone.",
        31,
        [person("p1", give.foreigner()[0]), thing("t1", "phone", role="informant", phone=give.phone())],
        tlp="AMBER",
        language="en",
        label="x-partly-interpol",
        fields=[
            {"path": "entities[t1]", "release_to": ["polri"]},
            {"path": "narrative", "release_to": ["polri", "bin"]},
        ],
    )


def passing(desk: Desk) -> None:
    """What has expired, what will, and what is under embargo until a day from now."""
    give = desk.values
    soon, past = desk.before(-45), desk.before(2)
    for at in range(4):
        desk.write(
            "polri",
            "wanted",
            f"DPO sementara nomor {at + 1}: tahanan kota {('Padang', 'Jambi', 'Solo', 'Palu')[at]}",
            (
                "Pengawasan berakhir; nama dicabut dari daftar.",
                "Wajib lapor selesai, cekal tidak diperpanjang.",
                "Yang bersangkutan telah menyerahkan diri di kantor desa.",
                "Masa pencekalan habis tanpa temuan.",
            )[at],
            60 + at,
            [person("terlapor", give.person(), birth_date=give.birth_date())],
            expires_at=past,
            label=f"x-expired-{at + 1}",
        )
    desk.write(
        "tni",
        "border",
        "Pembatasan lintas selama latihan gabungan",
        "Pos ditutup bagi kendaraan bermotor hingga latihan selesai; pejalan kaki dilayani bergiliran.",
        4,
        [],
        place={"name": "Atambua"},
        expires_at=soon,
        label="x-expires",
    )
    desk.write(
        "interpol",
        "notice",
        "Announcement of a regional operation",
        "Names of ports and dates become known to all bureaus once the operation has begun.",
        3,
        [],
        language="en",
        not_before=desk.before(-1),
        label="x-embargo",
    )


def corrected(desk: Desk) -> None:
    """Later revisions: some withdraw the record, some put it right. They come through feeds of their own."""
    give = desk.values
    wrong = desk.write(
        "polri",
        "wanted",
        "DPO perampokan toko emas",
        "Identitas pelaku berdasarkan keterangan satu saksi saja.",
        28,
        [person("terlapor", give.person(), birth_date="1990-01-09", nik=give.nik("1990-01-09"))],
        label="x-retracted-polri",
    )
    desk.correct(wrong, op="retract", title="Dicabut: salah orang")
    raid = desk.write(
        "bnn",
        "seizure",
        "Penyitaan serbuk putih di Kupang",
        "Uji cepat positif; menunggu laboratorium.",
        26,
        [thing("zat", "substance", names=["kokain"], attributes={"weight": "2 kg"})],
        tlp="AMBER",
        label="x-retracted-bnn",
    )
    desk.correct(raid, op="retract")
    alarm = desk.write(
        "bssn",
        "incident",
        "Alleged leak of a pharmacy chain's customers",
        "Posted on a forum; sample looked genuine.",
        15,
        [thing("x", "domain", domain=give.domain())],
        label="x-retracted-bssn",
    )
    desk.correct(alarm, op="retract")
    rumour = desk.write(
        "bin",
        "report",
        "Kabar rapat tertutup di Batam",
        "Satu sumber, belum dikuatkan.",
        23,
        [thing("o1", "phone", phone=give.phone())],
        tlp="AMBER",
        label="x-retracted-bin",
    )
    desk.correct(rumour, op="retract")
    theft = desk.write(
        "polri",
        "theft",
        "Pencurian mesin perahu di Muara Angke",
        "Dua mesin tempel hilang; pelaku diduga memakai mobil bak.",
        20,
        [thing("kendaraan", "vehicle", plate="B 1111 QXX")],
        label="x-corrected-polri",
    )
    desk.correct(
        theft,
        title="Pencurian tiga mesin perahu di Muara Angke",
        narrative="Tiga, bukan dua, mesin tempel hilang; mobil bak telah ditemukan dan nomornya diperbaiki.",
        entities=[thing("kendaraan", "vehicle", plate=give.plate("Jakarta"))],
    )
    goods = desk.write(
        "beacukai",
        "declaration",
        "Import declaration: children's bicycles",
        "Quantity as lodged by the agent, 300 pieces in one lot.",
        19,
        [thing("container", "document", role="container", container_number=give.container())],
        tlp="AMBER",
        label="x-corrected-beacukai",
    )
    desk.correct(goods, narrative="Quantity put right by the agent after a count: 280 pieces and twenty spare frames.")


BROKEN: dict[str, tuple[str | dict[str, str], ...]] = {
    "polri": (
        '{"no_laporan": "LP/RUSAK/0001", "revisi": 1, "status": "BERLAKU", "jenis": "PENCURIAN", "perihal": "Terpo',
        '{"no_laporan": "LP/RUSAK/0002", "revisi": 1, "status": "BERLAKU", "jenis": "KEJADIAN", "perihal": "Tanggal",'
        ' "tgl_lapor": "0000-00-00", "tlp": "GREEN"}',
    ),
    "tni": (
        '{"agency": "tni", "source_id": "LAPHAR-RUSAK-1", "revision": 1, "op": "upsert", "kind": "border", '
        '"title": "Penanda lama", "reported_at": "2024-05-01T00:00:00Z", "marking": {"tlp": "SANGAT RAHASIA"}}',
        '{"agency": "tni", "source_id": "LAPHAR-RUSAK-2", "revision": 1, "op": "upsert", "kind": "border", '
        '"title": "Koordinat salah", "reported_at": "2024-05-01T00:00:00Z", "places": [{"lat": 197.0, "lon": 12.0}], '
        '"marking": {"tlp": "GREEN"}}',
    ),
    "bnn": (
        {
            "Nomor": "BNN-RUSAK-0001",
            "Status": "AKTIF",
            "Jenis": "SITAAN",
            "Judul": "Bulan tiga belas",
            "Tanggal Lapor": "12/31/2026",
            "TLP": "AMBER",
        },
        "BNN-RUSAK-0002;1;AKTIF",
    ),
    "beacukai": (
        {
            "Document No": "PIB-RUSAK-00001",
            "Status": "VALID",
            "Type": "declaration",
            "Subject": "Marked as of old",
            "Lodged At": "2024-05-01",
            "TLP": "RAHASIA NEGARA",
        },
    ),
    "bssn": ('{"Event": {"uuid": "5b1f7c2e-0000-4000-8000-00000000dead", "info": "cut sho',),
}
"""feed -> what stands among its records and must end refused, with a reason: a line, a file, or a row's cells."""

REFUSED = sum(len(lines) for lines in BROKEN.values())

__all__ = ["BROKEN", "COMMON_NAME", "FEEDS", "REFUSED", "STORYLINES", "Scenario", "scenario"]
