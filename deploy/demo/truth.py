"""What the generator knows: who can find which thing of a storyline joined, and out of whose reports.

`tests/demo` holds the reference engine to it for several seeds; `tell.py` asks the running system the same questions.
"""

from __future__ import annotations

from deploy.demo.storylines import ATTACK, PHISHING, SMUGGLING

READERS = ("polri", "bnn", "beacukai", "interpol", "tni", "bin", "bssn")
TASK_FORCE = ("polri", "tni", "bin")
"""Who is in tf-jakarta when the case is told. beacukai was, until its secondment ended."""

THINGS: dict[str, dict[str, tuple[str, str]]] = {
    # storyline -> thing: (mention kind, identifier scheme in normal form)
    SMUGGLING: {
        "phone": ("phone", "phone"),
        "vessel": ("vessel", "imo"),
        "container": ("document", "container"),
        "importer": ("organisation", "npwp"),
        "person": ("person", "passport"),
        "wallet": ("wallet", "wallet"),
        "account": ("account", "account"),
    },
    ATTACK: {
        "phone": ("phone", "phone"),
        "person": ("person", "nik"),
        "vehicle": ("vehicle", "plate"),
        "address": ("address", ""),
    },
    PHISHING: {
        "domain": ("domain", "domain"),
        "ip": ("ip", "ip"),
        "phone": ("phone", "phone"),
        "wallet": ("wallet", "wallet"),
        "account": ("account", "account"),
    },
}

JOINED: dict[tuple[str, str], dict[str, str]] = {
    # (storyline, thing) -> reader: the agencies whose reports are joined for it. Who is not listed finds the thing
    # from at most one agency, or not at all.
    (SMUGGLING, "phone"): {
        "polri": "beacukai bin bnn polri",
        "bnn": "beacukai bin bnn polri",
        "beacukai": "beacukai bnn polri",
        "interpol": "bnn polri",
        "tni": "bin bnn",
        "bin": "bin bnn polri",
    },
    (SMUGGLING, "vessel"): {
        "polri": "beacukai bnn interpol tni",
        "bnn": "beacukai bnn interpol tni",
        "beacukai": "beacukai bnn interpol tni",
        "interpol": "beacukai bnn interpol",
        "tni": "beacukai bnn tni",
        "bin": "beacukai bnn interpol",
    },
    (SMUGGLING, "container"): dict.fromkeys(("polri", "bnn", "beacukai", "interpol", "bin"), "beacukai bnn"),
    (SMUGGLING, "importer"): {
        **dict.fromkeys(("polri", "bnn", "beacukai"), "beacukai bnn polri"),
        **dict.fromkeys(("interpol", "bin"), "bnn polri"),
    },
    (SMUGGLING, "person"): {
        **dict.fromkeys(("polri", "bnn", "interpol"), "bnn interpol polri"),
        **dict.fromkeys(("beacukai", "bin"), "interpol polri"),
    },
    (SMUGGLING, "wallet"): {
        "polri": "bin interpol polri",
        "bnn": "bin bnn interpol polri",
        "interpol": "interpol polri",
        "bin": "bin interpol polri",
    },
    (SMUGGLING, "account"): {
        "polri": "bin bnn polri",
        "bnn": "bin bnn polri",
        "beacukai": "bnn polri",
        "bin": "bin polri",
    },
    (ATTACK, "phone"): dict.fromkeys(TASK_FORCE, "bin polri"),
    (ATTACK, "person"): dict.fromkeys(TASK_FORCE, "polri tni"),
    (ATTACK, "vehicle"): dict.fromkeys(TASK_FORCE, "polri tni"),
    (ATTACK, "address"): dict.fromkeys(TASK_FORCE, "polri tni"),
    (PHISHING, "domain"): {
        **dict.fromkeys(("polri", "bnn", "interpol", "bin", "bssn"), "bssn interpol polri"),
        "beacukai": "bssn polri",
    },
    (PHISHING, "ip"): dict.fromkeys(("polri", "interpol", "bin", "bssn"), "bssn interpol"),
    (PHISHING, "phone"): {
        **dict.fromkeys(("polri", "bin", "bssn"), "bin bssn polri"),
        "interpol": "bssn polri",
    },
    (PHISHING, "wallet"): {
        **dict.fromkeys(("polri", "bin", "bssn"), "bin bssn interpol polri"),
        "interpol": "bssn interpol polri",
        "bnn": "interpol polri",
    },
    (PHISHING, "account"): dict.fromkeys(("polri", "bin", "bssn"), "bin polri"),
}

DUPLICATES: dict[frozenset[str], tuple[str, ...]] = {
    # labels of two reports of one event -> who sees them joined
    frozenset({"x-landslide-polri", "x-landslide-tni"}): ("polri", "bnn", "beacukai", "interpol", "tni", "bin", "bssn"),
    frozenset({"x-hall-bnn", "x-hall-beacukai"}): ("polri", "bnn", "beacukai", "interpol", "bin"),
}


def joined(storyline: str, thing: str, reader: str) -> frozenset[str]:
    """The agencies whose reports this reader must find joined; empty where none are."""
    return frozenset(JOINED[storyline, thing].get(reader, "").split())
