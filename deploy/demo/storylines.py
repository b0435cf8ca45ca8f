"""The three storylines: each agency holds pieces, and only together are they a picture. All of it is invented."""

from __future__ import annotations

from typing import Any

from deploy.demo.desk import Desk, person, thing

SMUGGLING, ATTACK, PHISHING = "smuggling", "attack", "phishing"
STRICT: dict[str, Any] = {"tlp": "AMBER+STRICT", "release_to": ["tf-jakarta"]}
RUMAH = {"name": "Bekasi", "lat": -6.2383, "lon": 106.9756}


def smuggling(desk: Desk) -> dict[str, str]:
    """Methamphetamine in a container of floor tiles; a ship that changed her name. Gives what is asked about."""
    give = desk.values
    phone, wallet, account, passport = give.phone(), give.wallet(), give.account(), give.passport()
    imo, box, npwp, plate = give.imo(), give.container(), give.npwp(), give.plate("Medan")
    born, nik = "1979-08-14", give.nik("1979-08-14")
    spaced = f"{npwp[:2]}.{npwp[2:5]}.{npwp[5:8]}.{npwp[8]}-{npwp[9:12]}.{npwp[12:]}"
    shown = f"{imo[:3]} {imo[3:]}"
    firm, other_firm = "PT Cahaya Bahari Nusindo", "CV. Tjahaja Bahari Nusindo"
    ship, old_ship = "MV Lestari Ocean", "KM Bintang Samudra Dua"
    note: dict[str, Any] = {"assessment": {"source": "B", "information": 2}}

    desk.write(
        "beacukai",
        "vessel-call",
        f"Kedatangan {old_ship} di Belawan",
        f"{old_ship} sandar di dermaga 104 Belawan dari Port Klang dengan 212 peti kemas. Agen menyerahkan manifes "
        "terlambat sembilan jam; dua peti kemas pindah daftar sehari sebelum tiba.",
        41,
        [thing("vessel", "vessel", names=[old_ship], imo_number=imo)],
        place={"name": "Belawan"},
        label="s-call",
    )
    desk.write(
        "beacukai",
        "declaration",
        f"Pemberitahuan impor keramik lantai oleh {firm}",
        "1.150 karton keramik lantai, jalur hijau. Berat kotor pada manifes 420 kg di atas berat barang yang "
        "diberitahukan; importir baru berdiri empat bulan dan memakai alamat kantor bersama.",
        40,
        [
            thing("vessel", "vessel", names=[old_ship], imo_number=imo),
            thing("container", "document", role="container", container_number=box),
            thing(
                "importer",
                "organisation",
                role="importer",
                names=[firm],
                npwp=spaced,
                addresses=[{"text": "Jl. Yos Sudarso Lama No. 88 Lantai 3", "city": "Medan", "country": "ID"}],
                attributes={"declared-value": "IDR 611500000"},
            ),
            thing("contact", "phone", telp=phone.replace("+62", "0")),
        ],
        tlp="AMBER",
        place={"name": "Belawan"},
        label="s-declaration",
    )
    desk.write(
        "beacukai",
        "inspection",
        "Pemindaian peti kemas: dinding belakang lebih tebal",
        "Citra pemindai menunjukkan rongga 30 cm di belakang tumpukan karton. Segel tidak sama dengan yang tertulis di "
        "konosemen. Peti kemas ditahan untuk dibuka bersama instansi terkait.",
        38,
        [
            thing("container", "document", role="container", container_number=box),
            thing("vessel", "vessel", names=[old_ship], imo_number=imo),
        ],
        tlp="AMBER",
        place={"name": "Belawan"},
        label="s-inspection",
    )
    desk.write(
        "bnn",
        "seizure",
        "Penyitaan 412 kg sabu dari rongga peti kemas",
        "Tim membuka peti kemas keramik dan menemukan 412 bungkus teh berisi kristal metamfetamina. Dokumen penerima "
        "memuat nomor telepon yang sama dengan pemesan truk. Kapal pengangkut kini memakai nama lain.",
        37,
        [
            thing("zat", "substance", names=["metamfetamina"], attributes={"weight": "412 kg"}),
            thing("telepon", "phone", no_hp=phone.replace("+62", "+62 ")),
            thing("kapal", "vessel", names=[ship], imo=shown),
            thing("petikemas", "document", role="container", peti_kemas=f"{box[:4]} {box[4:10]}-{box[10]}"),
            thing("perusahaan", "organisation", names=[other_firm], npwp=npwp),
        ],
        tlp="AMBER",
        place={"name": "Belawan"},
        label="s-seizure",
    )
    desk.write(
        "bnn",
        "tip",
        "Informasi gudang penampungan di Medan Belawan",
        "Sumber menyebut pengendali dipanggil Koh Hen, membayar sopir lewat rekening orang lain dan sisanya dengan "
        "aset kripto setiap hari Jumat.",
        45,
        [
            person("informan", "Jelita Kinasih Sagala", "informant"),
            thing("telepon", "phone", no_hp=phone),
            thing("rekening", "account", norek=account),
        ],
        tlp="AMBER",
        place={"name": "Medan"},
        label="s-tip",
    )
    desk.write(
        "bnn",
        "arrest",
        "Penangkapan penerima barang di Bandara Kualanamu",
        "Seorang laki-laki ditangkap saat hendak terbang ke Penang. Ia membawa dua telepon dan catatan nomor peti "
        "kemas; mengaku hanya disuruh.",
        35,
        [
            person(
                "tersangka",
                ["Hendrik Wirya Tanaka", "Koh Hen"],
                birth_date=born,
                nationality="ID",
                paspor=f"{passport[0]} {passport[1:]}",
            ),
            thing("telepon", "phone", no_hp=phone),
        ],
        tlp="AMBER",
        place={"name": "Medan"},
        label="s-arrest",
    )
    desk.write(
        "bnn",
        "intercept",
        "Sadapan percakapan pengendali",
        "Percakapan tentang pengiriman berikut lewat Tanjung Priok; pembayaran muka ke dompet kripto.",
        33,
        [thing("telepon", "phone", no_hp=phone), thing("dompet", "wallet", wallet=wallet)],
        tlp="RED",
        label="s-intercept",
    )
    desk.write(
        "interpol",
        "notice",
        "Blue notice: TANAKA, Hendrik W.",
        "Information is sought on the movements and identity of a man believed to arrange shipments of tiles and "
        "stoneware from Port Klang. He travels on an Indonesian passport and writes his name in several ways.",
        52,
        [
            person(
                "p1",
                ["TANAKA, Hendrik W.", "Hendrick Wiria Tanaka"],
                birth_date=born,
                nationality="ID",
                passport=passport,
            ),
            thing("v1", "vessel", names=[ship], imo=imo, attributes={"flag-change": "twice in 18 months"}),
        ],
        tlp="AMBER",
        language="en",
        label="s-notice",
        links=[{"from": "p1", "to": "v1", "kind": "charters"}],
        **note,
    )
    desk.write(
        "interpol-siber",
        "observed-data",
        "Wallet named by a partner bureau",
        "",
        30,
        [thing("o1", "wallet", wallet=wallet), thing("o2", "email", email="orders@kopimalam.example")],
        tlp="AMBER",
        language="en",
        label="s-wallet",
    )
    desk.write(
        "polri",
        "case",
        f"Perkara pencucian uang atas nama {other_firm}",
        "Perusahaan tanpa karyawan menerima setoran tunai di bawah batas lapor dari sebelas cabang. Penanggung jawab "
        "memakai telepon yang juga dipakai memesan truk; uang keluar ke dompet kripto pada hari yang sama.",
        29,
        [
            person("terlapor", "Hendrik W. Tanaka", birth_date=born, nationality="ID", nik=nik, passport=passport),
            thing("telepon", "phone", phone=phone),
            thing("rekening", "account", rekening=account),
            thing("dompet", "wallet", dompet_kripto=wallet),
            thing("usaha", "organisation", names=[other_firm], npwp=npwp),
        ],
        tlp="AMBER",
        place={"name": "Medan"},
        label="s-case",
        **note,
    )
    desk.write(
        "polri",
        "arrest",
        "Penangkapan sopir truk peti kemas",
        "Sopir menerima upah tiga kali tarif biasa dari nomor yang tidak dikenalnya dan diminta tidak menimbang "
        "muatan di jembatan timbang Sicanang.",
        36,
        [
            person("terlapor", "Ucok Margono Pohan", birth_date="1991-03-02", nik=give.nik("1991-03-02")),
            thing("kendaraan", "vehicle", plate=plate),
            thing("telepon", "phone", phone=phone),
        ],
        tlp="AMBER",
        place={"name": "Medan"},
        label="s-driver",
    )
    desk.write(
        "tni",
        "sea-patrol",
        f"Kapal {ship} tanpa AIS di Selat Malaka",
        "Kapal patroli melihat kapal kargo dengan nama dicat ulang; AIS mati selama 31 jam. Nomor IMO pada buritan "
        "terbaca. Diteruskan ke pelabuhan tujuan.",
        43,
        [thing("k1", "vessel", names=[ship], imo=imo), thing("k2", "vessel", role="patrol", names=["KRI Contoh 871"])],
        tlp="AMBER",
        place={"name": "Selat Malaka", "lat": 4.12, "lon": 99.61},
        label="s-sighting",
    )
    desk.write(
        "bin",
        "report",
        "Aliran dana impor keramik ke aset digital",
        "Setoran tunai dari jaringan impor keramik ditukar aset digital dalam dua jam. Satu rekening penampung "
        "dan satu dompet berulang; nomor kontak terdaftar atas nama pinjaman.",
        27,
        [
            thing("o1", "account", account=account),
            thing("o2", "wallet", wallet=wallet),
            thing("o3", "phone", phone=phone),
        ],
        tlp="AMBER",
        caveats=["PENCUCIAN UANG"],
        label="s-money",
    )
    return {
        "phone": phone,
        "vessel": imo,
        "container": box,
        "importer": npwp,
        "person": passport,
        "wallet": wallet,
        "account": account,
    }


def attack(desk: Desk) -> dict[str, str]:
    """A plan against a depot: pieces of army, intelligence and police, released to the task force alone."""
    give = desk.values
    born = "1988-11-23"
    phone, nik, plate, street = give.phone(), give.nik(born), give.plate("Jakarta"), "Jl. Rawa Teratai No. 17"
    address = [{"text": street, "city": "Bekasi", "country": "ID"}]
    where: dict[str, Any] = {"place": RUMAH}

    desk.write(
        "tni",
        "base-security",
        "Kendaraan yang sama tiga kali di depan depo perbekalan",
        "Mobil boks putih berhenti di seberang gerbang pada tiga malam. Pengemudi memotret pergantian jaga. Kendaraan "
        "diikuti sampai sebuah rumah kontrakan di Bekasi.",
        12,
        [
            thing("v1", "vehicle", plate=plate, attributes={"model": "boks putih"}),
            thing("a1", "address", addresses=address),
        ],
        label="a-vehicle",
        links=[{"from": "v1", "to": "a1", "kind": "parked-at"}],
        assessment={"source": "B", "information": 2},
        **where,
        **STRICT,
    )
    desk.write(
        "tni",
        "base-security",
        "Pelamar kerja harian yang menanyakan tata letak depo",
        "Seorang pelamar memberi KTP, lalu bertanya letak gudang dan jam sepi. Ia datang dengan mobil boks dan tidak "
        "kembali sesudah diminta surat keterangan.",
        16,
        [
            person("p1", "Raka Yudhistira", birth_date=born, nik=nik, nationality="ID"),
            thing("v1", "vehicle", plate=plate),
        ],
        links=[{"from": "p1", "to": "v1", "kind": "uses"}],
        label="a-applicant",
        assessment={"source": "A", "information": 2},
        **where,
        **STRICT,
    )
    desk.write(
        "polri",
        "case",
        "Pencurian bahan kimia dari gudang pertanian",
        "Pelaku membeli sebagian barang dengan nota palsu dan mengambil sisanya malam hari. Nomor di nota aktif "
        "dua hari saja, lalu muncul lagi pada penyewaan mobil.",
        19,
        [
            person("terlapor", ["Raka Y. Pratama", "Yudhistira, Raka"], birth_date=born, nik=nik),
            thing("telepon", "phone", phone=phone),
        ],
        label="a-theft",
        **where,
        **STRICT,
    )
    desk.write(
        "polri",
        "case",
        "Mobil boks sewaan tidak dikembalikan",
        "Penyewa membayar tunai satu bulan dengan KTP yang ternyata milik orang meninggal. Pelacak mobil dicabut hari "
        "kedua; sinyal terakhir di Bekasi.",
        15,
        [
            person("terlapor", "Danu Margono"),
            thing("kendaraan", "vehicle", plate=plate.replace(" ", ""), attributes={"model": "boks putih"}),
        ],
        label="a-rental",
        **where,
        **STRICT,
    )
    desk.write(
        "bin-tim",
        "grouping",
        "Percakapan tentang tanggal dan sebuah depo",
        "Satu nomor yang baru aktif menghubungi dua akun yang lama diam. Mereka menyebut 'pintu timur' dan sebuah "
        "tanggal, tanpa menyebut kota.",
        10,
        [
            thing("o1", "phone", phone=phone),
            thing("o2", "email", email=f"pintu.timur{give.number(11, 99)}@surelkita.example"),
        ],
        tlp="AMBER+STRICT",
        release_to=["tf-jakarta"],
        label="a-chatter",
    )
    desk.write(
        "polri",
        "incident",
        "Warga mengeluhkan bau menyengat dari rumah kontrakan",
        "Ketua RT melapor bau bahan kimia pada malam hari dari rumah yang jendelanya ditutup. Penghuni baru tidak "
        "pernah menyapa tetangga.",
        9,
        [thing("alamat", "address", addresses=[{"text": "Jalan Rawa Teratai 17", "city": "Bekasi", "country": "ID"}])],
        tlp="GREEN",
        label="a-smell",
        **where,
    )
    return {"phone": phone, "person": nik, "vehicle": plate, "address": street}


def phishing(desk: Desk) -> dict[str, str]:
    """A lottery that never was: a site, its servers, and where the victims' money goes."""
    give = desk.values
    domain, ip, phone = f"undian-berkah{give.number(100, 999)}.example", give.ip(), give.phone()
    wallet, account, digest = give.ether(), give.account(), give.sha256()
    url = f"https://{domain}/klaim/hadiah.html"

    desk.write(
        "bssn",
        "incident",
        "Phishing kit posing as a prize draw of a state bank",
        "The kit asks for card number and one-time code, then forwards both to a chat bot. Pages are in Indonesian and "
        "were copied from an older campaign; the kit's panel was left open for six hours.",
        20,
        [
            thing("x", "domain", domain=domain),
            thing("x", "ip", ip=ip),
            thing("x", "url", url=url),
            thing("x", "hash", sha256=digest),
        ],
        tlp="GREEN",
        label="p-kit",
    )
    desk.write(
        "bssn",
        "incident",
        "Drop accounts and contact number behind the prize draw kit",
        "Taken from the kit's configuration file: a contact number for 'winners' and the operators' wallet. "
        "One reporter asked not to be named.",
        18,
        [
            thing("x", "phone", phone=phone),
            thing("x", "wallet", eth=wallet),
            thing("x", "domain", domain=domain),
            thing("x", "email", email="pelapor.kit@warganet.example"),
        ],
        tlp="AMBER",
        release_to=["tf-siber"],
        hidden=("email",),
        label="p-config",
    )
    desk.write(
        "interpol-siber",
        "indicator",
        "Prize-draw phishing: hosts seen in four countries",
        "Member bureaus report the same page in four languages. The Indonesian one resolves to this address and is "
        "moved every nine days.",
        17,
        [thing("o1", "domain", domain=domain), thing("o2", "ip", ip=ip)],
        tlp="AMBER",
        language="en",
        label="p-hosts",
    )
    desk.write(
        "interpol-siber",
        "observed-data",
        "",
        "",
        14,
        [thing("o1", "wallet", wallet=wallet), thing("o2", "domain", domain=domain)],
        tlp="AMBER",
        language="en",
        label="p-cashout",
    )
    for at, (victim, loss) in enumerate(
        (
            ("Hesti Bestari Wenas", "tujuh belas juta rupiah"),
            ("Okta Jaladri Tuasikal", "empat juta rupiah"),
            ("Winda Maharani Kaban", "enam puluh dua juta rupiah"),
        )
    ):
        told = (
            f"Korban menerima pesan bahwa ia menang undian, mengisi data kartu, lalu kehilangan {loss}.",
            f"Pelapor ditelepon orang yang mengaku petugas bank; kode sekali pakai disebutkan dan {loss} berpindah.",
            f"Tautan hadiah disebar di grup keluarga. Sesudah dibuka, saldo berkurang {loss} dalam delapan menit.",
        )[at]
        born = give.birth_date()
        desk.write(
            "polri",
            "fraud",
            ("Undian palsu lewat pesan singkat", "Penipuan petugas bank gadungan", "Tautan hadiah menguras rekening")[
                at
            ],
            told,
            16 - 3 * at,
            [
                person("korban", victim, "victim", birth_date=born, nik=give.nik(born, woman=True)),
                thing("telepon", "phone", phone=phone.replace("+62", "0") if at else phone),
                thing("rekening", "account", rekening=f"{account[:4]}-{account[4:8]}-{account[8:]}"),
                thing("situs", "domain", domain=domain.upper() if at == 1 else domain),
                *([thing("dompet", "wallet", dompet_kripto=wallet)] if at == 2 else []),
            ],
            tlp="AMBER",
            place={"name": ("Manado", "Ambon", "Padang")[at]},
            label=f"p-victim-{at + 1}",
        )
    desk.write(
        "bin",
        "observed-data",
        "",
        "",
        11,
        [
            thing("o1", "account", account=account),
            thing("o2", "wallet", wallet=wallet),
            thing("o3", "phone", phone=phone),
        ],
        tlp="AMBER",
        label="p-money",
    )
    return {"domain": domain, "ip": ip, "phone": phone, "wallet": wallet, "account": account}
