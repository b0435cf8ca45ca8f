"""Ports on loopback: the one a person asked for, else the one used last time, else any that is free."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterable, Mapping

from pipeline.errors import ServiceMissing, WrongUse

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen there now. A port that only lingers after a close is free, as it is for Java."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """A free port below those that outgoing connections draw from, so that none of them takes it before it is used."""
    for port in random.sample(range(20_000, 32_000), 200):
        if is_free(port):
            return port
    raise ServiceMissing(
        "no free port between 20000 and 32000 on 127.0.0.1; end some of the programs that listen there"
    )


def choose(name: str, last: int | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """The port for `name`. Raises WrongUse where `GABUNG_<NAME>_PORT` names one that cannot be had."""
    variable = f"GABUNG_{name.upper()}_PORT"
    given = environment.get(variable)
    if not given:
        return last if last and is_free(last) else free_port()
    if not (given.isdecimal() and 0 < int(given) < 65536):
        raise WrongUse(f"{variable} must be a port between 1 and 65535, not {given!r}")
    if not is_free(int(given)):
        raise WrongUse(f"port {given} is taken; end what listens there, or set {variable} to another port")
    return int(given)


def choose_all(
    names: Iterable[str], last: Mapping[str, int], environment: Mapping[str, str] = os.environ
) -> dict[str, int]:
    """A port of its own for each name. `last` holds those of the run before."""
    chosen: dict[str, int] = {}
    for name in names:
        port = choose(name, last.get(name), environment)
        if port in chosen.values():
            if environment.get(f"GABUNG_{name.upper()}_PORT"):
                raise WrongUse(f"port {port} is wanted twice; set GABUNG_{name.upper()}_PORT to another port")
            port = free_port()
        chosen[name] = port
    return chosen
