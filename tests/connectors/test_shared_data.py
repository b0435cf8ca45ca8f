"""Real input that no one here wrote; skipped where it is absent. Every record is published or refused with a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from connectors.base import Folded
from connectors.check import Ready, checked
from connectors.config import load

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not beside the project")

COUNTS = {
    # connector file: {source: (would be published, refused, folded into others)}
    "customs": {"df_syn_valid_eng.csv": (8134, 0, 0)},
    "misp": {
        "existing_event.json": (1, 0, 0),
        "git-vuln-finder-quagga.json": (0, 53, 0),
        "japanese_test_heavy.json": (1, 0, 0),
        "mainly_objects_1.json": (1, 0, 0),
        "shadow.json": (1, 0, 0),
        "sharing_groups.json": (0, 2, 0),
        "sighting_1.json": (1, 0, 0),
    },
    "stix": {
        "cytrox.stix2": (344, 0, 343),
        "novispy.stix2": (19, 0, 18),
        "pegasus.stix2": (1550, 0, 1549),
        "wintego.stix2": (176, 1, 175),
    },
}


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_every_record_is_published_or_refused_with_a_reason(name: str) -> None:
    found: dict[str, Counter[str]] = {}
    for item in checked(load(HERE / "shared_data" / f"{name}.yaml")):
        if isinstance(item, Ready):
            found.setdefault(item.record.source, Counter())["ready"] += 1
        else:
            found.setdefault(item.source, Counter())["folded" if isinstance(item, Folded) else "refused"] += 1
    assert {source: (of["ready"], of["refused"], of["folded"]) for source, of in found.items()} == COUNTS[name]
