"""Why things were joined, in Indonesian. Match says its reasons in English (`pipeline.match.evidence`); what stands in
no row here is told as it is."""

from __future__ import annotations

import re

from pipeline.search.page.texts import texts

ROWS: tuple[tuple[str, str], ...] = (
    # a reason, or its beginning: how it is told
    (r"^same file (.*)$", r"nomor berkas sama: \1"),
    (r"^same date (.*)$", r"tanggal sama: \1"),
    (r"^same time (.*)$", r"jam sama: \1"),
    (r"^same moment$", "saat yang sama"),
    (r"^same nationality$", "kewarganegaraan sama"),
    (r"^(?:different|other) nationality$", "kewarganegaraan berbeda"),
    (r"^same name (.*)$", r"nama sama: \1"),
    (r"^names (.*) and (.*) alike$", r"nama mirip: \1 dan \2"),
    (r"^names (.*) and (.*) the same as far as both go$", r"nama sama sejauh keduanya ditulis: \1 dan \2"),
    (r"^names (.*) and (.*) alike as far as both go$", r"nama mirip sejauh keduanya ditulis: \1 dan \2"),
    (r"^names (.*) and (.*) in part the same$", r"nama sebagian sama: \1 dan \2"),
    (r"^names (.*) and (.*) have nothing in common$", r"nama berbeda: \1 dan \2"),
    (r"^names in common: (.*)$", r"nama yang sama: \1"),
    (r"^born (\S+) and (\S+)$", r"lahir \1 dan \2"),
    (r"^born (\S+)$", r"lahir \1"),
    (r"^same address postcode (.*)$", r"alamat sama: kode pos \1"),
    (r"^same address (.*)$", r"alamat sama: \1"),
    (r"^addresses alike$", "alamat mirip"),
    (r"^addresses differ$", "alamat berbeda"),
    (r"^same (\S+) (.*)$", r"\1 sama: \2"),
    (r"^(\S+) (\S+) and (\S+) differ by one sign$", r"\1 \2 dan \3 berbeda satu tanda"),
    (r"^another (\S+)$", r"\1 lain"),
    (r"^as in a family$", "seperti dalam satu keluarga"),
    (r"^texts (\S+) the same$", r"teks \1 sama"),
    (r"^one text holds (\S+) of the other$", r"teks yang satu memuat \1 teks yang lain"),
    (r"^(\S+) of the words in common$", r"\1 katanya sama"),
    (r"^(\S+) numbers in common$", r"\1 angka sama"),
    (r"^dates (\S+) days apart$", r"tanggal berselang \1 hari"),
    (r"^reported (\S+) days apart$", r"dilaporkan berselang \1 hari"),
    (r"^(\S+) hours apart$", r"berselang \1 jam"),
    (r"^times differ$", "jam berbeda"),
    (r"^other values in: (.*)$", r"nilai berbeda pada: \1"),
    (r"^judged the same by (\S+): (.*)$", r"dinilai sama oleh \1: \2"),
)


def in_indonesian(said: str) -> str:
    """Reasons with commas between them, each by itself."""
    return ", ".join(_one(part) for part in said.split(", ")) if said else ""


def _one(reason: str) -> str:
    for pattern, told in ROWS:
        if re.match(pattern, reason):
            told_ = re.sub(pattern, told, reason, count=1)
            first, _, rest = told_.partition(" ")
            return f"{_named(first)} {rest}".rstrip()
    return reason


def _named(what: str) -> str:
    """A scheme or an attribute as it is called within a sentence: passport, paspor; imo, nomor IMO; nik, NIK."""
    found = texts().get(f"scheme.{what}") or texts().get(f"attribute.{what}")
    if found is None:
        return what
    name = found["id"]
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
