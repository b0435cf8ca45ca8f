"""Whatever stands where a value should, reading goes on: every file is published or refused, and none stops the run."""

from __future__ import annotations

import copy
import functools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectors
from connectors.check import checked
from connectors.config import load

SAMPLES = {"misp": "events.json", "stix": "bundle.json"}
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e300,
    "",
    "x",
    "\x00",
    "0000-00-00",
    "1" * 2000,
    [],
    [1],
    ["a"],
    [[]],
    {},
    {"a": 1},
    [{}],
)


def steps(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inside:
        yield (*before, name)
        yield from steps(one, (*before, name))


@functools.cache
def sample(kind: str) -> tuple[Any, list[tuple[Any, ...]]]:
    path = Path(connectors.__file__).parent / kind / "sample" / SAMPLES[kind]
    found = json.loads(path.read_text())
    return found, list(steps(found))


@pytest.mark.parametrize("kind", sorted(SAMPLES))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_an_odd_value_anywhere_stops_nothing(kind: str, data: st.DataObject) -> None:
    whole, ways = sample(kind)
    changed = copy.deepcopy(whole)
    *before, last = data.draw(st.sampled_from(ways))
    functools.reduce(lambda at, step: at[step], before, changed)[last] = data.draw(st.sampled_from(ODD))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "records.json").write_text(json.dumps(changed))
        path = Path(folder) / "connector.yaml"
        path.write_text(f"agency: bin\nsource: {{type: {kind}, path: records.json}}\nmarking: {{tlp: GREEN}}\n")
        for item in checked(load(path)):
            assert "cannot be mapped" not in getattr(item, "reason", ""), "a reason that a person understands"
