"""Where this installation keeps its things, and where its services answer.

An address comes from the environment (`GABUNG_KAFKA`, `GABUNG_REGISTRY`, `GABUNG_ELASTICSEARCH`, `GABUNG_WEB`), else
from `services.json` in the home folder, which `gabung up` writes. Nothing but the standard library, since the
smallest connector needs it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ServiceMissing, WrongUse

REGISTRY_API = "/apis/ccompat/v7"
"""Where Apicurio speaks the Confluent registry's API, which confluent-kafka's client knows."""

DEFAULT_PARTITIONS = 4
"""As many workers can share a stage. It cannot be changed while there is data: keys would move."""


def partitions() -> int:
    """How many partitions each topic has: `GABUNG_PARTITIONS`, the same for everyone. Raises WrongUse."""
    text = os.environ.get("GABUNG_PARTITIONS", str(DEFAULT_PARTITIONS))
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise WrongUse("GABUNG_PARTITIONS must be a number from 1 to 256")
    return int(text)


def home() -> Path:
    """What this installation remembers: running services, data, tokens, checkpoints.

    `GABUNG_HOME`, else a folder of the user's; root's lies outside /root, since Elasticsearch refuses to run as
    root and the user it drops to must reach its data.
    """
    if given := os.environ.get("GABUNG_HOME"):
        return Path(given).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/gabung")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "gabung"


def policy_in_force() -> Path:
    """The policy folder that `gabung up` was given, else `GABUNG_POLICY`, else `policy` in the home folder."""
    memory = home() / "system.json"
    remembered = json.loads(memory.read_text(encoding="utf-8")).get("policy") if memory.exists() else None
    return Path(remembered or os.environ.get("GABUNG_POLICY") or home() / "policy")


def cache() -> Path:
    """What can be fetched again: unpacked services. `GABUNG_CACHE`, else the user's cache folder."""
    if given := os.environ.get("GABUNG_CACHE"):
        return Path(given).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/gabung")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gabung"


@dataclass(frozen=True)
class Addresses:
    """`kafka` is host:port[,host:port]; the others are base URLs without a slash at the end."""

    kafka: str | None = None
    registry: str | None = None
    elasticsearch: str | None = None
    web: str | None = None

    def need(self, service: str) -> str:
        """The address of a service that must be there. Raises ServiceMissing saying what to do."""
        address: str | None = getattr(self, service)
        if address is None:
            variable = f"GABUNG_{service.upper()}"
            raise ServiceMissing(f"no {service} is known here; run `gabung up`, or set {variable} to its address")
        return address


def addresses() -> Addresses:
    """The addresses in force now."""
    remembered: dict[str, str] = {}
    path = home() / "services.json"
    if path.exists():
        remembered = json.loads(path.read_text(encoding="utf-8"))
    names = ("kafka", "registry", "elasticsearch", "web")
    return Addresses(**{name: os.environ.get(f"GABUNG_{name.upper()}") or remembered.get(name) for name in names})
