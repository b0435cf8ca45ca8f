"""Values that prove nothing: common ones, and those that only fill a field. The shipped table is tables/warning.yaml.

Whether a value is common never depends on live data: what is frequent through hidden reports would be a leak.
"""

from __future__ import annotations

import functools
import ipaddress
import re

from pipeline.enrich.tables import table

ANY = "*"
"""A scheme in the table that stands for every scheme, those not known here too."""

_VALUES: dict[tuple[str, str], str] = {}
_PATTERNS: dict[str, list[tuple[re.Pattern[str], str]]] = {}
_NETWORKS: list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str]] = []
_HOSTS: dict[tuple[str, str], str] = {}
_BELOW: dict[tuple[str, str], str] = {}

for _entry in table("warning"):
    _why = _entry["why"]
    for _scheme in _entry["schemes"]:
        _VALUES.update({(_scheme, str(value)): _why for value in _entry.get("values", ())})
        _HOSTS.update({(_scheme, host): _why for host in _entry.get("hosts", ())})
        _BELOW.update({(_scheme, host): _why for host in _entry.get("below", ())})
        _PATTERNS.setdefault(_scheme, []).extend((re.compile(one), _why) for one in _entry.get("patterns", ()))
    _NETWORKS.extend((ipaddress.ip_network(one), _why) for one in _entry.get("networks", ()))


@functools.lru_cache(maxsize=65536)
def is_common(scheme: str, value: str) -> str | None:
    """Why the value proves nothing ("is a public resolver"), or nothing where it may. Value in normal form.

    Beside the schemes of identifiers there are `birth-date` and `name` (a folded name).
    """
    if why := _VALUES.get((scheme, value)):
        return why
    for pattern, why in _PATTERNS.get(scheme, []) + _PATTERNS[ANY]:
        if pattern.fullmatch(value):
            return why
    if scheme == "ip":
        return _common_address(value)
    return _common_host(scheme, value)


def _common_address(value: str) -> str | None:
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        return None
    # of two versions `subnet_of` cannot be asked
    return next((why for listed, why in _NETWORKS
                 if listed.version == network.version and network.subnet_of(listed)), None)  # type: ignore[arg-type]  # fmt: skip


def _common_host(scheme: str, value: str) -> str | None:
    host, is_front = value, True
    if scheme == "email":
        host = value.rpartition("@")[2]
    elif scheme == "url":
        host, _, path = value.partition("://")[2].partition("/")
        host, is_front = host.rpartition("@")[2].partition(":")[0], not path
    if is_front and (why := _HOSTS.get((scheme, host))):
        return why
    labels = host.split(".")
    return next((why for at in range(len(labels)) if (why := _BELOW.get((scheme, ".".join(labels[at:]))))), None)
