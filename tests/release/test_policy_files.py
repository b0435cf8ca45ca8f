"""What people get wrong in a policy folder: each mistake is told with file, line, and what to write; none is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.errors import WrongUse
from pipeline.release.load import load_policy

AGENCIES = "agencies:\n  - {id: bnn, name: BNN}\n  - {id: polri, name: Polri, country: NO}\n"
GROUPS = "groups:\n  - id: tf\n    name: Tim\n    owner: polri\n    members:\n      - {agency: polri}\n"
RULES = "agency: bnn\nrules:\n  - name: satu\n    effect: permit\n    to: [polri]\n"
REDACT = RULES.replace("permit", "redact")
BNN = "release/bnn.yaml"

MISTAKES: list[tuple[str, str, str]] = [
    # the file, what stands in it, what is told
    ("agencies.yaml", "", "agencies.yaml:1: agencies is missing; add it"),
    ("agencies.yaml", "- {id: bnn, name: B}\n", "agencies.yaml:1: write `name: …` lines"),
    ("agencies.yaml", AGENCIES + "  - {id: TNI, name: T}\n", "agencies.yaml:4: agencies.2.id is small letters"),
    ("agencies.yaml", AGENCIES + "  - {id: tni}\n", "agencies.yaml:4: agencies.2.name is missing"),
    ("agencies.yaml", AGENCIES + "  - {id: 110, name: T}\n", "agencies.yaml:4: agencies.2.id is a text; write it in quotes"),
    ("agencies.yaml", AGENCIES + "  - {id: tni, name: T, country: Indonesia}\n", "agencies.yaml:4: agencies.2.country is two capital"),
    ("agencies.yaml", AGENCIES + "  - {id: bnn, name: B}\n", "agencies.yaml:4: the id bnn is an agency already"),
    ("agencies.yaml", "agencies:\n\t- {id: bnn}\n", "agencies.yaml:2: not YAML"),
    ("agencies.yml", AGENCIES, "agencies.yml:1: is not read"),
    ("groups.yaml", GROUPS + "      - {agency: tni}\n", "groups.yaml:7: tni is no agency"),
    ("groups.yaml", GROUPS + "      - {agency: bnn, from: 2026-01-01}\n", "groups.yaml:7: groups.0.members.1.from needs a time of day"),
    ("groups.yaml", GROUPS + "      - {agency: bnn, from: 2026-13-01T00:00:00Z}\n", "groups.yaml:7: groups.0.members.1.from is no moment"),
    ("groups.yaml", GROUPS + "      - {agency: bnn, from: 2026-02-01T00:00:00Z, until: 2026-01-01T00:00:00Z}\n", "groups.yaml:7: until is not after"),
    ("groups.yaml", GROUPS.replace("{agency: polri}", "polri"), "groups.yaml:6: groups.0.members.0 has agency, from, until inside"),
    ("groups.yaml", GROUPS.replace("owner: polri", "owner: tni"), "groups.yaml:4: tni is no agency"),
    ("groups.yaml", GROUPS.replace("id: tf", "id: bnn"), "groups.yaml:2: the id bnn is an agency already"),
    (BNN, RULES.replace("permit", "allow"), f"{BNN}:4: rules.0.effect is one of 'permit', 'forbid' or 'redact'"),
    (BNN, RULES + "rules: []\n", f"{BNN}:6: rules stands here twice; keep one"),
    (BNN, RULES + "    effect: forbid\n", f"{BNN}:6: effect stands here twice"),
    (BNN, RULES.replace("[polri]", "polri"), f"{BNN}:5: rules.0.to is a list"),
    (BNN, RULES.replace("[polri]", "[*]"), f'{BNN}:5: not YAML; write "*" in quotes'),
    (BNN, RULES.replace("[polri]", "[]"), f"{BNN}:5: rules.0.to names nobody"),
    (BNN, RULES.replace("[polri]", "[polry]"), f"{BNN}:5: polry is neither an agency nor a group"),
    (BNN, RULES + "    wen: {}\n", f"{BNN}:6: rules.0.wen is not known here; write one of name, effect, when, to, fields"),
    (BNN, RULES + "    when: {tlp: [ORANGE]}\n", f"{BNN}:6: rules.0.when.tlp.0 is one of"),
    (BNN, RULES + "    fields: [narrative]\n", f"{BNN}:6: fields belong to a redact rule"),
    (BNN, REDACT, f"{BNN}:3: a redact rule needs fields"),
    (BNN, REDACT + "    fields:\n      - narrative\n      - narative\n", f"{BNN}:8: 'narative': a report has no field narative"),
    (BNN, RULES + RULES.partition("rules:\n")[2], f"{BNN}:6: two rules are named 'satu'"),
    (BNN, RULES.replace("bnn", "polri"), f"{BNN}:1: this file may only speak of bnn"),
    (BNN, RULES + "# caf\udce9\n", f"{BNN}:6: not UTF-8"),
    ("release/tni.yaml", RULES.replace("bnn", "tni"), "release/tni.yaml:1: tni is no agency"),
    ("release/bnn.txt", RULES, "release/bnn.txt:1: is not read"),
    ("rules/bnn.yaml", RULES, "rules/bnn.yaml:1: is not read"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "told"), MISTAKES, ids=[told for _, _, told in MISTAKES])
def test_a_mistake_is_told_with_its_file_and_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / "agencies.yaml").write_text(AGENCIES)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text, errors="surrogateescape")
    with pytest.raises(WrongUse) as wrong:
        load_policy(tmp_path)
    lines = str(wrong.value).splitlines()
    assert any(line.startswith(told) for line in lines), lines
    assert all(re.match(r"[\w./-]+:\d+: ", line) for line in lines)
    assert not any(word in str(wrong.value) for word in ("Input should", "instance of", "Extra inputs"))


def test_what_is_right_is_taken_and_norway_is_a_country(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    texts = {"agencies.yaml": AGENCIES, "groups.yaml": GROUPS + "    retired: true\n", BNN: RULES, "README.md": "", ".hidden.yaml": ""}  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    policies, groups = load_policy(tmp_path)
    assert (policies.agencies["polri"].country, groups["tf"].retired) == ("NO", True)
    assert [rule.name for rule in policies.rules["bnn"]] == ["satu"]
