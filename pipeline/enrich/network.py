"""Addresses of the network in normal form: ip, domain, url, email. What analysts defanged is mended first.

Each function takes the text and the country of its context (unused here) and gives the normal form, or nothing
where the text is no such thing.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

import idna

DEFANGED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\s*[\[({<]\s*(?:\.|dot)\s*[\])}>]\s*", re.IGNORECASE), "."),
    (re.compile(r"\s*[\[({<]\s*(?:@|at)\s*[\])}>]\s*", re.IGNORECASE), "@"),
    (re.compile(r"[\[({<](:(?://)?)[\])}>]"), r"\1"),
    (re.compile(r"\\\."), "."),
    (re.compile(r"^\s*h(?:xx|\*\*|__)p(s?)(?=:|\[)", re.IGNORECASE), r"http\1"),
    (re.compile(r"^\s*(?:fxp|f\*p)(s?)(?=:|\[)", re.IGNORECASE), r"ftp\1"),
)
"""How addresses are made harmless in reports, and what is meant (8.8.8[.]8, hxxps://, user[at]example.org)."""

DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443}

_PORT = re.compile(r"^(?:\[([0-9a-f:.%]+)\]|([0-9.]+)):[0-9]{1,5}$", re.IGNORECASE)
_HOST = re.compile(r"^[!-.0-;=?-~]+$")
"""Visible ASCII without `/`, `<` and `>`."""
_LOCAL = re.compile(r"^[^\s@,;<>]+$")
_FORBIDDEN = re.compile(r"[\s<>]")


def refang(text: str) -> str:
    """The address that a defanged one stands for."""
    before = None
    while before != text:
        before = text
        for pattern, meant in DEFANGED:
            text = pattern.sub(meant, text)
    return text.strip()


def ip(text: str, country: str | None = None) -> str | None:
    """An address or network, IPv6 shortest, IPv4 where it is mapped into IPv6; a port is left out."""
    bare = refang(text)
    if match := _PORT.match(bare):
        bare = match[1] or match[2]
    bare = bare.strip("[]").split("%", 1)[0]
    try:
        network = ipaddress.ip_network(bare, strict=False)
    except ValueError:
        return None
    if network.prefixlen < network.max_prefixlen:
        return str(network)
    address = network.network_address
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def domain(text: str, country: str | None = None) -> str | None:
    """Lower-case, in IDNA's ASCII form, no dot at the end. `www.` stays: it is another name."""
    bare = refang(text).rstrip(".")
    if "://" in bare:
        bare = bare.split("://", 1)[1]
    return _host(bare.rstrip("./"))


def _host(host: str) -> str | None:
    host = host.rstrip(".")
    try:
        return idna.encode(host, uts46=True).decode("ascii").rstrip(".") or None
    except (idna.IDNAError, UnicodeError):
        # names with an underscore, a star or a label too long are not IDNA, but are in use
        return host.lower() if _HOST.match(host) else None


def url(text: str, country: str | None = None) -> str | None:
    """Scheme and host lower-case, default port and fragment out, path and query as they are."""
    bare = refang(text)
    if not bare or _FORBIDDEN.search(bare):
        return None
    try:
        parts = urlsplit(bare if "://" in bare else f"//{bare}")
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        return None
    name = f"[{host}]" if ":" in host else _host(host)
    if not name or "/" in name:
        return None
    who, at, _ = parts.netloc.rpartition("@")
    shown_port = "" if port is None or DEFAULT_PORTS.get(parts.scheme) == port else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    start = f"{parts.scheme}://" if parts.scheme else ""
    return f"{start}{who}{at}{name}{shown_port}{parts.path or '/'}{query}"


def email(text: str, country: str | None = None) -> str | None:
    """Lower-case, the domain as `domain` writes it."""
    bare = refang(text)
    if bare.lower().startswith("mailto:"):
        bare = bare[len("mailto:") :].split("?", 1)[0]
    local, at, host = bare.strip("<>").rpartition("@")
    name = _host(host) if at else None
    if not name or not _LOCAL.match(local) or "." not in name:
        return None
    return f"{local.lower()}@{name}"
