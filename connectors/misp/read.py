"""Events out of MISP files, in whichever envelope they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson

from connectors.base import Broken, Item, Record
from connectors.config import Config
from connectors.json_file import from_json_files


def read(config: Config) -> Iterator[Item]:
    """Each event of each file: `{"Event": …}`, a bare event, a list of either, `{"response": […]}`, or a map of key to
    event. Anything else in their place is refused, saying what it is."""
    return from_json_files(config, _items)


def _items(source: str, found: Any) -> Iterator[Item]:
    for number, one in enumerate(_events(found), 1):
        raw = orjson.dumps(one)
        if isinstance(one, dict) and _is_event(one):
            yield Record(source, number, raw, one)
        else:
            yield Broken(source, number, raw, _what_it_is(one))


def _events(found: Any) -> Iterator[Any]:
    if isinstance(found, dict) and isinstance(found.get("response"), list | dict):
        found = found["response"]
    if isinstance(found, dict) and isinstance(found.get("Event"), list):
        found = found["Event"]
    if isinstance(found, dict) and "Event" in found:
        yield found["Event"]
    elif (
        isinstance(found, dict) and not _is_event(found) and found and all(isinstance(v, dict) for v in found.values())
    ):
        for key, one in found.items():
            yield _keyed(key, one["Event"] if isinstance(one.get("Event"), dict) else one)
    elif isinstance(found, list):
        for one in found:
            yield one["Event"] if isinstance(one, dict) and "Event" in one else one
    else:
        yield found


def _keyed(key: str, one: dict[str, Any]) -> dict[str, Any]:
    """An event of a map, which may have its uuid for its key alone. A feed's manifest, with none of what its events
    hold, stays what it is: the events are in files of their own."""
    try:
        named = str(UUID(key)) if {"Attribute", "Object"} & one.keys() else None
    except ValueError:
        named = None
    return one if named is None or "uuid" in one else {"uuid": named, **one}


def _is_event(one: dict[str, Any]) -> bool:
    """An event has a uuid and says something: its info, or what is in it."""
    return bool(one.get("uuid")) and bool({"info", "Attribute", "Object"} & one.keys())


def _what_it_is(one: Any) -> str:
    if isinstance(one, dict) and "SharingGroup" in one:
        return (
            "a sharing group, no event; say in the connector file's `sharing_groups` which agencies or groups here it "
            "means"
        )
    if isinstance(one, dict):
        found = ", ".join(sorted(one)[:8]) or "nothing"
        return f"no MISP event: it has {found}, but no uuid with info or attributes"
    return f"no MISP event but a {type(one).__name__}; export events as JSON"
