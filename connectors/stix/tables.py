"""What STIX objects, patterns and markings become. Names are those of STIX 2.1."""

from __future__ import annotations

REPORTS = frozenset({
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator", "infrastructure",
    "intrusion-set", "malware", "malware-analysis", "note", "observed-data", "opinion", "report", "sighting",
    "threat-actor", "tool", "vulnerability",
})  # fmt: skip
"""Objects that become reports, under their type as the report's kind."""

OBSERVABLES: dict[tuple[str, str], tuple[str, str]] = {
    # (object type, property path): (mention kind, identifier scheme; "" for a name)
    ("ipv4-addr", "value"): ("ip", "ip"),
    ("ipv6-addr", "value"): ("ip", "ip"),
    ("domain-name", "value"): ("domain", "domain"),
    ("url", "value"): ("url", "url"),
    ("email-addr", "value"): ("email", "email"),
    ("email-message", "from_ref.value"): ("email", "email"),
    ("mac-addr", "value"): ("device", "mac"),
    ("file", "name"): ("document", ""),
    ("file", "path"): ("document", ""),
    ("directory", "path"): ("document", ""),
    ("process", "name"): ("document", ""),
    ("app", "id"): ("document", "app-id"),
    ("app", "cert.sha256"): ("hash", "sha256"),
    ("configuration-profile", "id"): ("document", "profile-id"),
    ("user-account", "user_id"): ("account", "username"),
    ("user-account", "account_login"): ("account", "username"),
    ("cryptocurrency-wallet", "address"): ("wallet", "wallet"),
    ("cryptocurrency-wallet", "value"): ("wallet", "wallet"),
    ("bank-account", "iban"): ("account", "iban"),
    ("bank-account", "account_number"): ("account", "account"),
    ("phone-number", "value"): ("phone", "phone"),
    ("mobile-phone", "value"): ("phone", "phone"),
    ("x509-certificate", "serial_number"): ("document", "x509-serial"),
    ("windows-registry-key", "key"): ("document", ""),
    ("mutex", "name"): ("document", ""),
    ("software", "name"): ("document", ""),
    ("autonomous-system", "number"): ("document", "asn"),
    ("network-traffic", "src_ref.value"): ("ip", "ip"),
    ("network-traffic", "dst_ref.value"): ("ip", "ip"),
    ("domain-name", "resolves_to_refs.value"): ("ip", "ip"),
    ("email-message", "sender_ref.value"): ("email", "email"),
    ("email-message", "to_refs.value"): ("email", "email"),
    ("artifact", "url"): ("url", "url"),
}
"""Custom types (`x-…`) are read under the name behind their `x-`. Hashes are read from any object's `hashes`."""

NAMED: dict[str, str] = {
    # objects that are themselves a thing: their mention kind
    "identity": "organisation",
    "threat-actor": "organisation",
    "intrusion-set": "organisation",
}

HASHES = {name: name for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")}
"""A hash's name in lower case without its hyphen: the identifier's scheme. Those of which equal ones prove much."""

NO_DESCRIPTION = frozenset({"type", "id", "spec_version", "created", "modified", "created_by_ref", "defanged"})
"""Properties that say nothing about the thing."""

TLP_IDS: dict[str, str] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "CLEAR",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "GREEN",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "AMBER",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "AMBER+STRICT",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "RED",
}
"""The well-known marking definitions of TLP 1.0 (STIX 2.1, section 7.2.1.4) and TLP 2.0 (OASIS extension)."""

CREDIBILITY = ((80, 1), (60, 2), (40, 3), (20, 4), (0, 5))
"""Confidence from 0 to 100 on the Admiralty scale of credibility: STIX 2.1, appendix A."""
