"""What the invented case is told with: names, streets, companies, ships. All combinations are invented."""

from __future__ import annotations

GIVEN = tuple(
    "Adhi Bagas Cakra Damar Danu Edwin Fadli Galang Haryo Ilyas Jati Kresna Laksana Mahendra Nanda Okta Panji Raka Satya "
    "Tegar Ucok Vino Wira Yoga Zaki Alya Bunga Citra Dinda Elok Febri Gita Hesti Intan Jelita Kirana Larasati Melati "
    "Nadya Paramita Ratih Sekar Tiara Utari Vania Winda Yasmin Zahra".split()
)
MIDDLE = tuple(
    "Adiputra Bramantyo Cendana Darmawangsa Eka Fajrin Gumilang Harimurti Irawan Jaladri Kertajaya Listyo Margono "
    "Narendra Oetomo Prabaswara Rajasa Samudro Tirtayasa Wicaksana Yudhistira Anjani Bestari Dahayu Estiningtyas "
    "Kinasih Lituhayu Maharani Pertiwi Saraswati".split()
)
FAMILY = tuple(
    "Aritonang Batubara Daulay Girsang Hasugian Kaban Limbong Manalu Naibaho Pohan Rangkuti Sagala Tampubolon Zebua "
    "Kawilarang Lontoh Mandagi Palar Rumengan Sumarauw Tumbelaka Wenas Hattu Latuconsina Pattinama Sahetapy Tuasikal "
    "Adiwinata Brotoseno Ciptaningrat Darmokusumo Hadiningrat Kertopati Mangunkarsa Poerbatjaraka Reksohadi Sastrawan "
    "Tjokronegoro Wirasakti Yosodipuro".split()
)
ABROAD: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "MY": (("Azhar", "Faridah", "Hafizuddin", "Nazri", "Rosmah"), ("Kamarudin", "Zulfakar", "Mat Isa", "Sidek")),
    "SG": (("Wei Xiang", "Jun Kai", "Shu Fen", "Boon Teck"), ("Ang", "Quek", "Teo", "Yeo")),
    "PH": (("Reynaldo", "Jovelyn", "Crisanto", "Marivic"), ("Dimaculangan", "Macaraeg", "Panganiban", "Salonga")),
    "NL": (("Joost", "Marloes", "Sander", "Femke"), ("van Wieringen", "Hoekstra", "de Vriesz", "Terpstra")),
    "AU": (("Callum", "Bronwyn", "Lachlan", "Tegan"), ("Ashgrove", "Merriweather", "Thornbury", "Wattlebird")),
    "NG": (("Chukwudi", "Ngozi", "Babatunde", "Folake"), ("Adeyinkola", "Okonjide", "Eziama", "Balewunmi")),
}

CITIES = ("Jakarta", "Bandung", "Surabaya", "Medan", "Semarang", "Makassar", "Palembang", "Denpasar", "Balikpapan",
          "Batam", "Pontianak", "Manado", "Pekanbaru", "Padang", "Yogyakarta", "Banjarmasin", "Kupang", "Ambon")  # fmt: skip
PLATES = {"Jakarta": "B", "Bandung": "D", "Surabaya": "L", "Medan": "BK", "Semarang": "H", "Makassar": "DD",
          "Palembang": "BG", "Denpasar": "DK", "Balikpapan": "KT", "Batam": "BP", "Pontianak": "KB", "Manado": "DB",
          "Pekanbaru": "BM", "Padang": "BA", "Yogyakarta": "AB", "Banjarmasin": "DA", "Kupang": "DH", "Ambon": "DE"}  # fmt: skip
PORTS = ("Tanjung Priok", "Tanjung Perak", "Belawan", "Batam", "Makassar", "Balikpapan", "Dumai", "Pontianak")
SEAS = ("Selat Malaka", "Laut Natuna Utara", "Selat Makassar", "Laut Sulawesi", "Selat Sunda", "Laut Arafura")
STREETS = ("Kenanga Raya", "Mangga Besar Timur", "Cempaka Wangi", "Rajawali Selatan", "Anggrek Bulan", "Pahlawan Lama",
           "Gatot Kaca", "Merpati Putih", "Kali Jernih", "Teratai Indah", "Bukit Lestari", "Nusa Harapan", "Melur",
           "Pelita Dua", "Gudang Garam Tua", "Bahari Barat", "Sawo Manila", "Tambak Asri", "Kemuning", "Lontar")  # fmt: skip
FIRM_FIRST = ("Arta", "Bumi", "Dharma", "Graha", "Karya", "Mitra", "Nusa", "Prima", "Sarana", "Tirta", "Wahana", "Citra")
FIRM_SECOND = ("Anugrah", "Buana", "Cemerlang", "Gemilang", "Harapan", "Kencana", "Makmur", "Perkasa", "Sentosa", "Utama")
FIRM_THIRD = ("Abadi", "Logistindo", "Niaga", "Pangan", "Plastindo", "Sejahtera", "Tekstilindo", "Transindo", "Elektra")
SHIPS = ("KM Arung Segara", "MV Borneo Pearl", "KM Cendrawasih Tujuh", "MT Delima Raya", "KM Elang Laut", "MV Flores Dawn",
         "KM Gelora Timur", "MT Hikmah Nusa", "MV Java Heritage", "KM Kapuas Permai", "KM Lintas Andalas", "MV Meranti Jaya")  # fmt: skip
SITE_FIRST = ("hadiah", "promo", "bantuan", "undian", "cek", "klaim", "bonus", "kurir", "pajak", "layanan", "verifikasi")
SITE_SECOND = ("paket", "rekening", "kuota", "subsidi", "pelanggan", "nasabah", "tagihan", "resmi", "cepat", "digital")

THINGS = ("sepeda motor bebek hitam", "laptop kantor dan dompet", "dua tabung gas", "perhiasan emas tujuh gram", "gerobak kopi",
          "telepon genggam", "mesin pompa air", "kabel tembaga sepanjang gardu", "tas ransel berisi ijazah", "burung murai",
          "uang arisan", "mesin jahit", "helm dan jaket", "ban serep truk", "kotak amal musala", "etalase pulsa")  # fmt: skip
GOODS = ("suku cadang mesin jahit", "kertas karton", "tepung tapioka", "keramik lantai", "bibit plastik", "ban bekas", "kain rayon",
         "mainan anak", "pompa irigasi", "pupuk NPK", "lampu LED", "kaca lembaran", "garam industri", "sepatu olahraga")  # fmt: skip
DRUGS = ("sabu", "ganja kering", "pil ekstasi", "tembakau sintetis", "kokain", "obat keras daftar G")
MALWARE = ("PasirHitam loader", "KelabuRAT", "Umbra stealer", "TintaPalsu dropper", "LorongBot", "JalaPukat kit")
SECTORS = ("a regional hospital", "a provincial bank", "a university", "a ministry's mail system", "a logistics firm",
           "a water utility", "an online shop", "a city government", "a pension fund", "an airline's agent")  # fmt: skip
WEATHER = ("hujan deras", "cuaca cerah", "kabut tipis", "ombak dua meter", "angin kencang", "langit berawan", "malam tanpa bulan")
HOURS = tuple(f"{hour:02}.{minute}" for hour in range(24) for minute in ("05", "20", "35", "50"))
