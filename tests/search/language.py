"""Invented reports in several scripts, and queries about them. All fictional."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pipeline.enrich.enrich import load_reference
from pipeline.release.policy import Agency, Policies
from pipeline.report.model import Report, rfc3339
from pipeline.search.analysis import words
from pipeline.shell.memory import fuse

READER = "bnn"
NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
POLICIES = Policies({id_: Agency(id_, id_) for id_ in ("bnn", "polri", "tni")})

TEXT = [
    "dua",
    "peti",
    "tanpa",
    "dokumen",
    "di",
    "dermaga",
    "lama",
    "Dua",
    "PETI",
    "petikemas",
    "peti-kemas",
    "kapal",
    "KM_Harapan",
    "Ma'ruf",
    "O’Neill",
    "budi",
    "Budi",
    "budy",
    "bduy\nsantoso",
    "Santosa",
    "sabu",
    "3.14",
    "1,5",
    "a.b@contoh.example",
    "0811-1222-333",
    "+62-811",
    "B_1234_XY",
    "Орлов",
    "Владимир",
    "владимир",
    "Müller",
    "MULLER\nİstanbul",
    "istanbul",
    "ΣΊΣΥΦΟΣ",
    "straße",
    "محمد",
    "أحمد",
    "עו״ד",
    'צה"ל',
    "ג'ורג'",
    "東京",
    "タワー",
    "カタカナ",
    "ひらがな",
    "漢字かな",
    "ภาษาไทย",
    "กรุงเทพ",
    "한국어",
    "서울\n👨\u200d👩\u200d👧",
    "👍🏽",
    "🇮🇩",
    "1️⃣",
    "©",
    "–",
    "—",
    "&",
    "::",
    "...",
    "ﬁnd",
    "ⅷ",
    "①②",
    "𝒜𝓑",
    "𠀀𠀁",
    "café",
    "café",
    "naïve",
    "hai\xadlo",
    "zero\u200bwidth",
    "tab\tbing",
    "e.g.",
    "U.S.A.",
    "foo:bar",
    "x/y",
    "\\\\server\\share",
    "c++",
    "#tag",
    "@nama",
    "100%",
    "Rp5.000",
    "a",
    "a",
    "b",
]
PLACES = [
    ("Tanjung Priok", -6.104, 106.883), ("Belawan", 3.78, 98.69), ("Batam", None, None), ("Nowhere", 0.0, 180.0),
    ("Fiji", -17.7, -180.0), ("Kutub", 90.0, 0.0), ("dermaga lama", -6.104000001, 106.883000001), ("東京", 35.68, 139.69),
]  # fmt: skip
KINDS = ("seizure", "patrol", "intelligence")
NUMBERS = [
    ("phone", "0811-1222-333"), ("phone", "+62 811 1222 333"), ("phone", "(021) 555 1234"), ("passport", "b 7654321"), ("plate", "B 1234 XY"),
    ("email", "Budi@Contoh.Example"), ("url", "hxxp://evil.example/a"), ("ip", "2001:db8::1"), ("serial", "İ-99/ab"),
    ("lain", "Äß 12"),
]  # fmt: skip


def documents(seed: int, number: int) -> list[dict[str, Any]]:
    """Documents of one reader, as the pipeline makes them."""
    rnd = random.Random(seed)
    return fuse([_report(rnd, at) for at in range(number)], POLICIES, {}, READER, NOW, load_reference())


def _text(rnd: random.Random, most: int) -> str:
    return rnd.choice(" \n ").join(rnd.choice(TEXT) for _ in range(rnd.randint(1, most)))


def _moment(rnd: random.Random) -> str:
    return rfc3339(
        NOW - timedelta(days=rnd.choice([0, 1, 7, 30, 400]), microseconds=rnd.choice([0, 1, 999, 1500, 10**9]))
    )


def _report(rnd: random.Random, at: int) -> Report:
    place = rnd.choice(PLACES)
    more: dict[str, Any] = {}
    if rnd.random() < 0.6:
        more["narrative"] = (
            _text(rnd, 40) + rnd.choice(["", " ", "\n"]) + rnd.choice(["", "x" * 254 + ".y", "ん" * 300, "a" * 300])
        )
    if rnd.random() < 0.6:
        more["places"] = [
            {"name": name, "country": rnd.choice(["ID", "MY"])} | ({} if lat is None else {"lat": lat, "lon": lon})
            for name, lat, lon in rnd.sample(PLACES, rnd.randint(1, 2))
        ]  # fmt: skip
    if rnd.random() < 0.4:
        more["occurred"] = {"from": _moment(rnd)}
    if rnd.random() < 0.7:
        more["entities"] = [_mention(rnd, f"p{n}") for n in range(rnd.randint(1, 3))]
    del place
    return Report.model_validate(
        {
            "agency": rnd.choice(["bnn", "polri", "tni"]), "source_id": rnd.choice(["LP/", "lp-", "№ "]) + str(at),
            "revision": 1, "op": "upsert", "kind": rnd.choice(KINDS), "title": _text(rnd, 6), "reported_at": _moment(rnd),
            "language": rnd.choice(["id", "en"]),
            "marking": {"tlp": rnd.choice(["CLEAR", "GREEN", "AMBER"]), "release_to": ["bnn"],
                        "caveats": rnd.choice([[], ["NOFORN"], ["sumber"]])},
            **more,
        }
    )  # fmt: skip


def _mention(rnd: random.Random, ref: str) -> dict[str, Any]:
    scheme, number = rnd.choice(NUMBERS)
    found = {
        "ref": ref,
        "kind": rnd.choice(["person", "person", "vessel", "phone"]),
        "names": [_text(rnd, 3) for _ in range(rnd.randint(0, 2))],
        "identifiers": [{"scheme": scheme, "value": number}],
        "attributes": rnd.choice([{}, {"warna": rnd.choice(TEXT)}, {"warna": "merah", "panjang": "y" * 1025}]),
        "addresses": rnd.choice([[], [{"text": _text(rnd, 4), "city": rnd.choice(["Medan", "Batam"])}]]),
        "role": rnd.choice(["suspect", "witness"]),
        "nationality": rnd.choice(["ID", "MY"]),
        "birth_date": rnd.choice(["1980", "1980-02", "1980-02-01"]),
    }
    return {name: value for name, value in found.items() if value}


ESCAPED = frozenset('+-&|!(){}[]^"~*?:\\/<> \t\n')


def _bare(word: str) -> str:
    return "".join(f"\\{sign}" if sign in ESCAPED else sign for sign in word)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def queries(found: Sequence[dict[str, Any]]) -> st.SearchStrategy[str]:
    """Queries about these documents; most find something."""
    texts = sorted({text for document in found for text in _strings(document)})
    short = [text for text in texts if len(text) < 300] or ["x"]
    told = sorted({word for text in short for word in words(text) if len(word) < 40})
    moments = sorted({text for text in texts if text[:2] == "20" and text.endswith("Z")})
    points = sorted({tuple(one["point"]) for document in found for one in document.get("locations", [])})
    word = st.sampled_from(told)
    any_text = st.sampled_from(short)
    phrase = st.builds(_some, any_text, st.integers(0, 9), st.integers(1, 4))
    text_field = st.sampled_from(["", "", "", "title:", "narrative:", "nama:", "address:", "place:"])
    number = st.sampled_from([number for _, number in NUMBERS])
    begun = st.sampled_from(["0811", "0811-1", "00628", "62811", "811", "+62 8", "b7", "B-76", "B12", "B1234X", "budi@", "hxxp://ev", "evil", "İ-9", "99", "0"])  # fmt: skip
    moment = st.sampled_from([*moments, "2026", "2026-10", "2026-10-31", "kemarin", "today", "last 7 days", "1 bulan terakhir", "7 days ago"])  # fmt: skip
    point = st.sampled_from(points or [(0.0, 0.0)])
    leaf = st.one_of(
        st.builds(lambda field, one: field + _bare(one), text_field, word),
        st.builds(lambda field, one: field + _bare(one), text_field, word.map(_misspelt)),
        st.builds(lambda field, one: field + _quoted(one), text_field, phrase),
        st.builds(lambda field, one, slop: f"{field}{_quoted(one)}~{slop}", text_field, phrase.map(_stirred), st.integers(0, 9)),
        st.builds(lambda field, one, edits: f"{field}{_bare(one)}~{edits}", text_field, word.map(_misspelt), st.sampled_from(["", "1", "2"])),
        st.builds(lambda field, one: field + one, text_field, st.builds(_pattern, word, st.integers(1, 6), st.booleans())),
        st.builds(lambda field, one: f"{field}:{_quoted(one)}", st.sampled_from(["identifier", "phone", "passport", "serial", "plate", "attribute", "id", "born"]), number | any_text),
        st.builds(lambda field, one, rest: f"{field}:{_bare(one)}{rest}", st.sampled_from(["identifier", "phone", "passport", "plate", "url", "email", "serial"]), begun, st.sampled_from(["*", "?*", "*3", "?1*", "\\**"])),
        st.builds(lambda field, one: field + one, st.sampled_from(["", "", "phone:", "nomor:"]), st.sampled_from(["0811*", "+62811*", "+62?1*", "(0811)-12*", "(021)*", "(021)555?2*", "(+62)21*", "62215*", "00628*", "(021)5551234"])),
        st.builds(lambda field, one: f"{field}:{one}", st.sampled_from(["kind", "jenis", "agency", "tlp", "country", "role", "language", "doc"]), st.sampled_from([*KINDS, "person", "bnn", "TNI", "amber", "id", "My", "suspect", "se*", "I?", "report", "entity"])),
        st.builds(lambda field: f"{field}:*", st.sampled_from(["title", "narrative", "place", "near", "phone", "passport", "occurred", "attribute", "name", "caveat", "address", "kind"])),
        st.builds(lambda field, one: f"{field}:{_quoted(one)}", st.sampled_from(["reported", "occurred"]), moment),
        st.builds(lambda field, sign, one: f"{field}:{sign}{_quoted(one)}", st.sampled_from(["reported", "occurred"]), st.sampled_from([">", "<", ">=", "<="]), moment),
        st.builds(lambda open_, a, b, shut: f'reported:{open_}"{a}" TO "{b}"{shut}', st.sampled_from("[{"), moment, moment, st.sampled_from("]}")),
        st.builds(lambda at, by, far: f"near:{at[1] + by},{at[0]},{far}km", point, st.sampled_from([0, 0.01, -0.5]), st.sampled_from([0.001, 1, 1.112, 55, 20000])),
        st.just('near:"Tanjung Priok" 20km'),
        st.builds(lambda at, high, wide: f"box:{at[1]},{at[0]},{at[1] + high},{at[0] + wide}", point, st.sampled_from([0.001, 5.0]), st.sampled_from([-300.0, -3.0, 0.001, 7.0])),
        st.builds(lambda at, high, wide: f"box:{at[1] - high},{at[0] - wide},{at[1]},{at[0]}", point, st.sampled_from([0.001, 5.0]), st.sampled_from([0.001, 7.0])),
    )  # fmt: skip
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(lambda a, how, b: f"{a} {how} {b}", inner, st.sampled_from(["", "AND", "OR", "AND NOT", "OR NOT", "–"]), inner),
            st.builds(lambda a: f"({a})", inner),
            st.builds(lambda a: f"NOT ({a})", inner),
            st.builds(lambda sign, a: f"{sign}({a})", st.sampled_from("+-"), inner),
        ),
        max_leaves=5,
    )  # fmt: skip


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    return [value] if isinstance(value, str) else []


def _some(text: str, start: int, size: int) -> str:
    parts = text.split()
    start = start % max(len(parts), 1)
    return " ".join(parts[start : start + size])


def _stirred(text: str) -> str:
    parts = list(dict.fromkeys(text.split()))
    return " ".join([*parts[1:], *parts[:1]] if len(text) % 2 else parts)


def _misspelt(word: str) -> str:
    if len(word) < 3:
        return word
    how, at = len(word) % 4, 1 + len(word) // 2 % (len(word) - 2)
    return [word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]][how]  # fmt: skip


def _pattern(word: str, size: int, one: bool) -> str:
    return _bare(word[:size]) + (
        "?" + _bare(word[size + 1 :]) if one else "*" + _bare(word[-1:] if len(word) > 5 else "")
    )
