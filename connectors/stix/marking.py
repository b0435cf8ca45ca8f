"""Who may see a STIX object: its marking definitions, as a TLP, caveats and fields."""

from __future__ import annotations

import re
from typing import Any

from connectors import iep
from connectors.config import Config
from connectors.stix.read import Bundle, Object
from connectors.stix.tables import REPORTS, TLP_IDS
from pipeline.errors import Refused
from pipeline.report.model import TLP_ORDER

IEP_2_0 = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"
TLP_2_0 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
MARKING = re.compile(r"marking-definition--[\w-]{1,60}")
TLP_IN_WORDS = re.compile(r"\s*TLP[\s:=_-]+([A-Z]+(?:[ +_-]+STRICT)?)", re.IGNORECASE)
"""A statement that begins with a TLP, as some wrote it before there was an object for each."""


def marking_of(one: Object, bundle: Bundle, config: Config) -> dict[str, Any]:
    """The report's marking by the object's own marks. Raises Refused for one that nobody here knows."""
    tlps, caveats = _definitions(_refs(one), bundle)
    marking: dict[str, Any] = {"tlp": max(tlps, key=strictness) if tlps else default(config)}
    policies = _policies(_refs(one), bundle)
    if len(policies) > 1:
        raise Refused("connector", "two Information Exchange Policies mark it; keep the one that holds")
    if policies:
        marking["iep"] = policies[0]
    for granular in _granular(one):
        if _policies([str(granular["marking_ref"])], bundle) not in ([], policies):
            raise Refused("connector", "an IEP marks a part of it alone; mark the whole object with it")
        inner, said = _definitions([str(granular["marking_ref"])], bundle)
        caveats |= said
        if not any(strictness(tlp) > strictness(marking["tlp"]) for tlp in inner):
            continue
        selectors = granular.get("selectors")
        if isinstance(selectors, list) and selectors and all(str(one).startswith("description") for one in selectors):
            marking["fields"] = [{"path": "narrative", "release_to": []}]
        else:  # a part without a path of its own here: the whole takes the narrower marking
            marking["tlp"] = max([marking["tlp"], *inner], key=strictness)
    if caveats:
        marking["caveats"] = sorted(caveats)
    return marking


def is_narrower(part: Object, marking: dict[str, Any], bundle: Bundle, config: Config) -> tuple[bool, set[str]]:
    """Whether an object that becomes part of a report under `marking` may be seen by fewer, and its caveats.

    An unmarked observable or relationship goes wherever its report goes; what would be a report of its own goes, when
    unmarked, as far as the connector file says. A mark that nobody knows is the narrowest, and so is an IEP other than
    the report's own.
    """
    refs = [*_refs(part), *(str(granular["marking_ref"]) for granular in _granular(part))]
    try:
        tlps, caveats = _definitions(refs, bundle)
        policies = _policies(refs, bundle)
    except Refused:
        return True, set()
    if any(policy != marking.get("iep") for policy in policies):
        return True, caveats
    if not tlps and part["type"] in REPORTS | {"location"}:
        tlps = [default(config)]
    return any(strictness(one) > strictness(marking["tlp"]) for one in tlps), caveats


def default(config: Config) -> str:
    return str(config.marking.get("tlp", "AMBER"))


def strictness(tlp: str) -> int:
    """The higher, the narrower; what nobody knows is narrower than all."""
    word = tlp.strip().upper().removeprefix("TLP:")
    word = "CLEAR" if word == "WHITE" else word
    return TLP_ORDER.index(word) if word in TLP_ORDER else len(TLP_ORDER)


def _refs(one: Object) -> list[str]:
    found = one.get("object_marking_refs") or []
    return [str(ref) for ref in found] if isinstance(found, list) else [str(found)]


def _granular(one: Object) -> list[Object]:
    """Those that mark; the others say a language."""
    found = one.get("granular_markings")
    return (
        [mark for mark in found if isinstance(mark, dict) and "marking_ref" in mark] if isinstance(found, list) else []
    )


def _definitions(refs: list[str], bundle: Bundle) -> tuple[list[str], set[str]]:
    found = [_definition(ref, bundle) for ref in refs]
    return [tlp for tlp, _ in found if tlp], {caveat for _, caveat in found if caveat}


def _definition(ref: str, bundle: Bundle) -> tuple[str | None, str | None]:
    """(TLP, caveat) of a marking definition. Raises Refused where nobody here knows it."""
    if ref in TLP_IDS:
        return TLP_IDS[ref], None
    definition = bundle.objects.get(ref)
    if definition is None:
        ref = ref if MARKING.fullmatch(ref) else "what stands for a marking definition's id"
        raise Refused("connector", f"{ref} is a marking that nobody here knows; send its definition in the bundle")
    inside, extension = (
        _object(definition.get("definition")),
        _object(_object(definition.get("extensions")).get(TLP_2_0)),
    )
    if _policy(definition) is not None:
        return None, None
    if word := inside.get("tlp") or extension.get("tlp_2_0"):
        return _tlp(word, ref), None
    statement = inside.get("statement") if definition.get("definition_type", "statement") == "statement" else None
    if not statement:
        raise Refused("connector", f"{ref} is a marking that nobody here can read; use TLP or a statement")
    word = TLP_IN_WORDS.match(str(statement))
    return (_tlp(word[1], ref) if word else None), str(statement)[:1000]


def _policies(refs: list[str], bundle: Bundle) -> list[dict[str, Any]]:
    """The IEPs among marking definitions. Raises Refused where one cannot be read."""
    found = [(ref, _policy(bundle.objects.get(ref) or {})) for ref in dict.fromkeys(refs)]
    read = [(ref, iep.from_object(policy)) for ref, policy in found if policy is not None]
    if unread := [ref for ref, policy in read if policy is None]:
        reason = (
            f"{unread[0]} is no Information Exchange Policy that can be read here; send IEP 2.0's own fields with it"
        )
        raise Refused("connector", reason)
    return [policy for _, policy in read if policy is not None]


def _policy(definition: Object) -> Object | None:
    """The IEP that a marking definition holds: by its type, or by the extension that STIX's common objects have."""
    if definition.get("definition_type") == "iep":
        inside = _object(definition.get("definition"))
        return _object(inside["iep"]) if "iep" in inside else inside
    extension = _object(definition.get("extensions")).get(IEP_2_0)
    return None if extension is None else _object(extension)


def _tlp(word: Any, ref: str) -> str:
    tlp = re.sub(r"[ +_-]+STRICT$", "+STRICT", str(word).strip().upper().removeprefix("TLP:"))
    tlp = "CLEAR" if tlp == "WHITE" else tlp
    if tlp not in TLP_ORDER:
        raise Refused("connector", f"{ref} names a TLP that nobody here knows; use TLP 2.0")
    return tlp


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
