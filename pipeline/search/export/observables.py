"""Mentions and entities as STIX 2.1 objects, by a table. Pure.

Only types of STIX itself, so that every tool reads them: phones, wallets and bank accounts are accounts of such a
type; vehicles, ships and goods are infrastructure of such a type. What is told beyond that stands in Gabung's
extension, with the kind that the thing has here. An id comes from the mention's, not from its value as STIX suggests:
the same value in two reports may be marked differently.

Why infrastructure: STIX 2.1 has no vehicle. Section 4.8 takes in "any associated physical or virtual resources intended
to support some purpose", and its vocabulary is open. An identity is somebody (its class `system` is a computer's). A
type of our own, as `x-…` or by an extension that defines new objects, is left out by readers that do not know it, with
every relationship to it; an extension of a known type costs them only what it adds.

An identifier (a plate, an IMO number, a passport's) is a reference to a record in another system, which is what
`external_references` are for: so readers that know nothing of Gabung keep it, with its scheme.
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.report.model import NAMESPACE

Object = dict[str, Any]
Mention = Mapping[str, Any]

EXTENSION = f"extension-definition--{uuid.uuid5(NAMESPACE, 'stix extension 1')}"
"""Gabung's extension: a thing's kind, and its further values."""
LABELS = {"person": "individual", "organisation": "organization"}
HASHES = {"md5": ("MD5", 32), "sha1": ("SHA-1", 40), "sha256": ("SHA-256", 64), "sha512": ("SHA-512", 128)}

LEADING = 8
"""Digits of a report's id with which the ids of its parts begin."""
_REPORT = re.compile(r"([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:[/\n]|$)")


def thing(mention: Mention, id_: str, of_time: Object) -> Object:
    """One object for a mention, or an entity told like one. `of_time`: what objects with a time of their own bear."""
    values = {name: value for name, value in mention.items() if name not in ("ref", "kind")}
    kind = mention["kind"]
    if kind in LABELS:
        roles = values.get("roles") or ([values["role"]] if values.get("role") else [])
        more = {"roles": roles} if roles else {}
        named = {**_referring(of_time, values), "name": _name(mention), "identity_class": LABELS[kind], **more}
        return _made("identity", id_, named, values)
    marks = {"object_marking_refs": of_time["object_marking_refs"]}
    for scheme, value in ((one["scheme"], one["value"]) for one in values.get("identifiers", [])):
        if kind in OBSERVABLES and (found := OBSERVABLES[kind](scheme, value)):
            return _made(found[0], id_, {**marks, **found[1]}, {"kind": kind, **values})
    if kind == "document" and values.get("names"):
        return _made("file", id_, {**marks, "name": _name(mention)}, {"kind": kind, **values})
    named = {**_referring(of_time, values), "name": _name(mention), "infrastructure_types": [kind]}
    if others := [name for name in values.get("names", []) if name != named["name"]]:
        named["aliases"] = others
    return _made("infrastructure", id_, named, {"kind": kind, **values})


def extension_definition(maker: str, made: str, marking: str) -> Object:
    """What the extension is, for whoever reads it."""
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created": made,
        "modified": made,
        "created_by_ref": maker,
        "object_marking_refs": [marking],
        "name": "Gabung",
        "description": "The kind of a thing that a report mentions, and what more is told of it.",
        "schema": "values are named and written as in Gabung's report schema, version 1",
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }


Own = tuple[str, Object] | None


def _ip(scheme: str, value: str) -> Own:
    try:
        version = ipaddress.ip_network(value, strict=False).version
    except ValueError:
        return None
    return f"ipv{version}-addr", {"value": value}


def _valued(type_: str, *schemes: str) -> Callable[[str, str], Own]:
    def own(scheme: str, value: str) -> Own:
        return (type_, {"value": value}) if scheme in schemes else None

    return own


def _file(scheme: str, value: str) -> Own:
    name, length = HASHES.get(scheme.replace("-", ""), ("", 0))
    return ("file", {"hashes": {name: value}}) if re.fullmatch(f"[0-9A-Fa-f]{{{length}}}", value) and name else None


def _account(scheme: str, value: str) -> Own:
    if scheme == "iban":
        return "user-account", {"account_login": value, "account_type": "iban"}
    if scheme == "account":
        return "user-account", {"account_login": value, "account_type": "bank"}
    return "user-account", {"account_login": value}


OBSERVABLES: dict[str, Callable[[str, str], Own]] = {
    "ip": _ip,
    "domain": _valued("domain-name", "domain", "domain-name", "hostname"),
    "url": _valued("url", "url"),
    "email": _valued("email-addr", "email"),
    "hash": _file,
    "account": _account,
    "device": _valued("mac-addr", "mac"),
    "phone": lambda _, value: ("user-account", {"account_login": value, "account_type": "phone"}),
    "wallet": lambda _, value: ("user-account", {"account_login": value, "account_type": "wallet"}),
}
"""A kind of mention -> the STIX object that one of its identifiers gives, if it gives one."""


def _made(type_: str, id_: str, own: Object, values: Object) -> Object:
    more = _without(values, own)
    extended = {"extensions": {EXTENSION: {"extension_type": "property-extension", **more}}} if more else {}
    return {"type": type_, "spec_version": "2.1", "id": object_id(type_, id_), **own, **extended}


def _referring(of_time: Object, values: Object) -> Object:
    """The same, and each identifier as a reference."""
    references = list(of_time.get("external_references", []))
    references += [{"source_name": one["scheme"], "external_id": one["value"]} for one in values.get("identifiers", [])]
    return of_time | ({"external_references": references} if references else {})


def _without(values: Object, own: Object) -> Object:
    """The values but for names that the object tells itself. Identifiers stay: an object's value has no scheme."""
    told = {own.get("name"), *own.get("aliases", [])}
    left = values | {"names": [name for name in values.get("names", []) if name not in told]}
    return {name: value for name, value in left.items() if value}


def _name(mention: Mention) -> str:
    names, identifiers = mention.get("names", []), mention.get("identifiers", [])
    return str(names[0] if names else identifiers[0]["value"] if identifiers else mention.get("ref", mention["kind"]))


def object_id(type_: str, of: str) -> str:
    """A UUIDv5 of what an object is made of. That of a part of a report (`of` begins with the report's id) begins as
    the report's does, so that it leads to its report."""
    made, report = str(uuid.uuid5(NAMESPACE, f"stix {type_} {of}")), _REPORT.match(of)
    return f"{type_}--{report[1] + made[LEADING:] if report else made}"
