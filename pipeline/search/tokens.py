"""One token an agency, for a one-machine installation. The file holds their hashes only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

import yaml

from pipeline.addresses import home

PREFIX = "gabung_"


class Tokens:
    """Who a token speaks for. `path` defaults to tokens.yaml in the installation's home."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or home() / "tokens.yaml"

    def issue(self, agency: str) -> str:
        """A new token for an agency, shown this once; its former one is void."""
        token = PREFIX + secrets.token_urlsafe(32)
        known = self._read()
        known[agency] = _hash(token)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text("# SHA-256 of each agency's token\n" + yaml.safe_dump(known), encoding="utf-8")
        part.replace(self.path)
        return token

    def agency(self, token: str) -> str | None:
        """The agency that holds this token. It takes as long for a wrong one."""
        given, found = _hash(token), None
        for agency, known in sorted(self._read().items()):
            if hmac.compare_digest(given, known):
                found = agency
        return found

    def _read(self) -> dict[str, str]:
        if not self.path.exists():
            return {}
        return dict(yaml.safe_load(self.path.read_text(encoding="utf-8")) or {})


def issue(agency: str) -> str:
    """A new token for an agency in this installation's own file."""
    return Tokens().issue(agency)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
