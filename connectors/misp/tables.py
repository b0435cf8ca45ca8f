"""What MISP's attributes, objects, tags and distributions become. Names are MISP's own (its core format)."""

from __future__ import annotations

ATTRIBUTES: dict[str, tuple[str, str]] = {
    # MISP attribute type: (mention kind, identifier scheme; "" for a name)
    "ip-src": ("ip", "ip"),
    "ip-dst": ("ip", "ip"),
    "ip": ("ip", "ip"),
    "domain-name": ("domain", "domain"),
    "domain": ("domain", "domain"),
    "hostname": ("domain", "domain"),
    "url": ("url", "url"),
    "uri": ("url", "url"),
    "email": ("email", "email"),
    "email-src": ("email", "email"),
    "email-dst": ("email", "email"),
    "email-reply-to": ("email", "email"),
    "target-email": ("email", "email"),
    "whois-registrant-email": ("email", "email"),
    "md5": ("hash", "md5"),
    "sha1": ("hash", "sha1"),
    "sha224": ("hash", "sha224"),
    "sha256": ("hash", "sha256"),
    "sha384": ("hash", "sha384"),
    "sha512": ("hash", "sha512"),
    "ssdeep": ("hash", "ssdeep"),
    "tlsh": ("hash", "tlsh"),
    "imphash": ("hash", "imphash"),
    "x509-fingerprint-sha1": ("hash", "sha1"),
    "x509-fingerprint-sha256": ("hash", "sha256"),
    "filename": ("document", ""),
    "btc": ("wallet", "btc"),
    "xmr": ("wallet", "xmr"),
    "dash": ("wallet", "dash"),
    "eth": ("wallet", "eth"),
    "iban": ("account", "iban"),
    "bank-account-nr": ("account", "account"),
    "bic": ("account", "bic"),
    "cc-number": ("account", "card"),
    "phone-number": ("phone", "phone"),
    "whois-registrant-phone": ("phone", "phone"),
    "prtn": ("phone", "phone"),
    "mac-address": ("device", "mac"),
    "hex-imei": ("device", "imei"),
    "full-name": ("person", ""),
    "passport-number": ("person", "passport"),
    "identity-card-number": ("person", "identity-card"),
    "whois-registrant-name": ("person", ""),
    "target-user": ("account", "username"),
    "github-username": ("account", "github"),
    "twitter-id": ("account", "twitter"),
    "jabber-id": ("account", "jabber"),
    "target-org": ("organisation", ""),
    "whois-registrant-org": ("organisation", ""),
}

WEAK = frozenset({"ssdeep", "tlsh", "imphash"})
"""Hashes that resemble rather than identify: kept as attributes, since equal ones prove nothing."""

TWO_IN_ONE: dict[str, tuple[str, str | None]] = {
    # type with two values joined by "|", where its own name does not say what each half is; None for one that is told
    "domain|ip": ("domain", "ip-dst"),
    "hostname|port": ("hostname", None),
    "ip-src|port": ("ip-src", None),
    "ip-dst|port": ("ip-dst", None),
    "malware-sample": ("filename", "md5"),
}

OBJECTS: dict[str, str] = {
    # MISP object template: the one thing that its attributes speak of
    "file": "hash",
    "person": "person",
    "vehicle": "vehicle",
    "bank-account": "account",
    "phone": "phone",
    "mobile-phone": "phone",
    "device": "device",
    "organization": "organisation",
    "legal-entity": "organisation",
    "company": "organisation",
    "coin-address": "wallet",
    "user-account": "account",
    "geolocation": "address",
    "passport": "person",
    "identity-document": "document",
    "weapon": "weapon",
    "ship": "vessel",
    "vessel": "vessel",
    "aircraft": "aircraft",
}

RELATIONS: dict[str, str] = {
    # object relation: where it goes in the mention ("name", "birth_date", or "id:<scheme>")
    "full-name": "name",
    "name": "name",
    "alias": "name",
    "filename": "name",
    "commercial-name": "name",
    "vessel-name": "name",
    "date-of-birth": "birth_date",
    "passport-number": "id:passport",
    "identity-card-number": "id:identity-card",
    "social-security-number": "id:ssn",
    "license-plate-number": "id:plate",
    "vin": "id:vin",
    "imo-number": "id:imo",
    "imo": "id:imo",
    "mmsi": "id:mmsi",
    "imei": "id:imei",
    "imsi": "id:imsi",
    "msisdn": "id:phone",
    "phone-number": "id:phone",
    "e-mail": "id:email",
    "email": "id:email",
    "iban": "id:iban",
    "account": "id:account",
    "swift": "id:bic",
    "address-crypto": "id:wallet",
    "registration-number": "id:registration",
    "serial-number": "id:serial",
    "username": "id:username",
}

DISTRIBUTIONS: dict[int, list[str] | None] = {
    # MISP's distribution level: to whom; None leaves it to the originator's policy. "Community" means the users of a
    # MISP server, whom we do not know, so levels 1 and 2 go to nobody unless the connector file says whom they mean.
    0: [],
    1: [],
    2: [],
    3: None,
}
SHARING_GROUP, INHERIT = 4, 5

OPEN_CLUSTERS = frozenset({"-1", "3", "5"})
"""Distributions of a galaxy's cluster whose tag may be told; -1 is that of the galaxies that MISP ships."""

SIGHTINGS = {"0": "seen", "1": "false-positive", "2": "expired"}
"""A sighting's type: the attribute that counts it."""

CLASSIFICATIONS = ("cssa:sharing-class", "de-vs:", "dni-ism:", "euci:", "fr-classif:", "iep2-reference:",
                   "nato:classification")  # fmt: skip
"""Beginnings of tags of other schemes of marking. Nobody here knows whom they mean, so what bears one stays with its
originator, the tag being a caveat. An IEP by reference is one: the policy itself does not come with it."""

NO_WORDS = ("pap:", "admiralty-scale:", "workflow:")
"""Tags that are markings, assessments or chores: they are no words about the thing."""

ADMIRALTY: dict[str, dict[str, str | int]] = {
    "source-reliability": {letter: letter.upper() for letter in "abcdef"},
    "information-credibility": {str(level): level for level in range(1, 7)},
}
"""The taxonomy `admiralty-scale`: tags like admiralty-scale:source-reliability="b"."""
