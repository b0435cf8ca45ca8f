"""What STIX patterns, observables and named objects speak of, as mentions."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from stix2patterns.v20.pattern import Pattern as Pattern20
from stix2patterns.v21.pattern import Pattern as Pattern21

from connectors.stix.read import Object
from connectors.stix.tables import HASHES, NAMED, NO_DESCRIPTION, OBSERVABLES
from pipeline.errors import Refused

Values = dict[str, Any]


def of_pattern(one: Object) -> tuple[list[Values], bool]:
    """The things that an indicator's pattern asks for by equality, and whether it says more than those.

    Raises Refused for a pattern that cannot be read.
    """
    if one.get("pattern_type", "stix") != "stix":
        return [], False
    reader = Pattern20 if one.get("spec_version", "2.0") == "2.0" and "pattern_type" not in one else Pattern21
    try:
        comparisons = reader(str(one.get("pattern"))).inspect().comparisons
    except Exception:  # the parser raises kinds of its own
        raise Refused("connector", "the pattern is no STIX pattern; mend it at its source") from None
    found: list[Values] = []
    more = False
    for kind, compared in sorted(comparisons.items()):
        for path, operator, value in compared:
            steps = ".".join(str(step) for step in path if isinstance(step, str))  # without positions and stars
            texts = list(_texts(operator, str(value)))
            more |= not texts
            found += [made for text in texts if (made := mention(kind, steps, text)) not in found]
    return found, more or not found


def _texts(operator: str, value: str) -> Iterator[str]:
    """The values that a comparison asks for; only equality names a thing."""
    if operator == "=":
        yield _unquoted(value)
    elif operator == "IN":
        for part in re.findall(r"'((?:[^'\\]|\\.)*)'", value):
            yield _unquoted(f"'{part}'")


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def mention(kind: str, path: str, value: str) -> Values:
    """One value of an object's property."""
    value = value.strip()[:1000] or "?"
    if "hashes" in path:
        name = re.sub(r"[^a-z0-9]", "", path.split("hashes", 1)[1].lower())
        if name not in HASHES:
            return {"kind": "hash", "attributes": {name or "hash": value}}
        return {"kind": "hash", "identifiers": [{"scheme": HASHES[name], "value": value}]}
    known = OBSERVABLES.get((kind, path)) or OBSERVABLES.get((kind.removeprefix("x-"), path))
    if known is None:  # a port, a size, a type: equal ones are no sign of the same thing
        return {"kind": "document", "attributes": {slug(f"{kind}-{path}", "value"): value}}
    mention_kind, scheme = known
    if mention_kind in ("ip", "domain"):  # some write an address for a name, or a name for an address
        mention_kind = scheme = "ip" if _is_address(value) else "domain"
    if not scheme:
        return {"kind": mention_kind, "names": [value]}
    return {"kind": mention_kind, "identifiers": [{"scheme": scheme, "value": value}]}


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def of_observable(one: Object) -> list[Values]:
    """A cyber observable, with all that identifies it in one mention; one without such is told by its properties."""
    kind = str(one.get("type"))
    hashes = one.get("hashes")
    if isinstance(hashes, dict):
        schemes = ((HASHES.get(re.sub(r"[^a-z0-9]", "", name.lower())), str(value)) for name, value in hashes.items())
        identifiers = [{"scheme": scheme, "value": value[:1000]} for scheme, value in schemes if scheme and value]
        if identifiers:
            names = [str(one["name"])[:1000]] if one.get("name") else []
            return [{"kind": "hash", "identifiers": identifiers, "names": names}]
    for known, path in OBSERVABLES:
        if known == kind.removeprefix("x-") and isinstance(one.get(path), str | int) and str(one[path]).strip():
            return [mention(kind, path, str(one[path]))]
    said = {
        slug(name, "value"): str(value)[:10_000]
        for name, value in one.items()
        if isinstance(value, str | int | float) and name not in NO_DESCRIPTION and not name.endswith("_ref")
    }
    return [{"kind": "document", "attributes": {"type": kind[:10_000], **said}}] if said else []


def of_named(one: Object) -> list[Values]:
    """An object that is itself an organisation or a person."""
    kind = str(one.get("type"))
    name = str(one.get("name") or "").strip()
    if kind not in NAMED or not name:
        return []
    mention_kind = "person" if one.get("identity_class") == "individual" else NAMED[kind]
    said = one.get("aliases")
    aliases = [str(alias).strip()[:1000] for alias in (said if isinstance(said, list) else [said])
               if alias is not None and str(alias).strip()]  # fmt: skip
    return [{"kind": mention_kind, "names": list(dict.fromkeys([name[:1000], *aliases]))}]


def slug(text: Any, otherwise: str) -> str:
    """A name that the report's form takes."""
    return re.sub(r"[^a-z0-9_-]+", "-", str(text or otherwise).lower()).strip("-_")[:50] or otherwise
