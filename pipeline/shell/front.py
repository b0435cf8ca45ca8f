"""What stands before the web service: the proxy that ends TLS, and the names it is asked under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from pipeline.errors import WrongUse
from pipeline.search.api.guard import host_name

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Front:
    """proxy: addresses whose X-Forwarded-Proto and X-Forwarded-For are believed. hosts: names, beside loopback's."""

    proxy: tuple[str, ...] = ()
    hosts: tuple[str, ...] = LOOPBACK_NAMES


def front(environment: Mapping[str, str]) -> Front:
    """`GABUNG_PROXY` and `GABUNG_HOSTS`, each a list with commas. Raises WrongUse."""
    proxy = _listed(environment, "GABUNG_PROXY")
    for one in proxy:
        try:
            network = ip_network(one)
        except ValueError:
            raise WrongUse("GABUNG_PROXY must be the proxy's own address, like 127.0.0.1 or 10.0.0.0/30") from None
        if network.prefixlen == 0:
            raise WrongUse("GABUNG_PROXY must not be every address; name the proxy's own")
    hosts = _listed(environment, "GABUNG_HOSTS")
    if any("*" in host or "/" in host for host in hosts):
        raise WrongUse("GABUNG_HOSTS must be names as browsers show them, like gabung.example, without * or /")
    return Front(proxy, (*LOOPBACK_NAMES, *(host_name(host) for host in hosts)))


def _listed(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environment.get(name, "").split(",") if part.strip())
