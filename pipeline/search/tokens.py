"""Local tokens, for a one-machine installation: each speaks for one person or program of an agency, with its roles.

The file holds hashes only. It is read anew when it changes, so that a token is void the moment it is revoked.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from pipeline.addresses import home
from pipeline.errors import WrongUse
from pipeline.report.model import Slug
from pipeline.search.roles import Role, Who

PREFIX = "gabung_"
DEFAULT_ROLES: tuple[Role, ...] = ("analyst", "release-officer")
HEADER = "# Tokens of this installation: SHA-256 hashes only. `gabung token issue|list|revoke` changes this file.\n"


class Token(BaseModel):
    """What is known of a token. `user` is whoever the agency gave it to, for the audit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Slug
    agency: Slug
    user: Annotated[str, Field(min_length=1, max_length=100)]
    roles: tuple[Role, ...]
    hash: str
    created: AwareDatetime
    expires: AwareDatetime | None = None

    @property
    def who(self) -> Who:
        return Who(self.agency, self.user, frozenset(self.roles))

    def holds(self, time: datetime) -> bool:
        return self.expires is None or time < self.expires


def _now() -> datetime:
    return datetime.now(UTC)


class Tokens:
    """The tokens in a file, by default tokens.yaml in the installation's home. `clock` judges their expiry."""

    def __init__(self, path: Path | None = None, clock: Callable[[], datetime] = _now) -> None:
        self.path = path or home() / "tokens.yaml"
        self.clock = clock
        self._read_at: tuple[int, int] | None = None
        self._known: tuple[Token, ...] = ()

    def issue(
        self, agency: str, user: str | None = None, roles: Sequence[Role] = DEFAULT_ROLES, days: int | None = None
    ) -> tuple[Token, str]:
        """A new token and what to type in, which is shown this once. Raises WrongUse."""
        secret = PREFIX + secrets.token_urlsafe(32)
        created = self.clock().astimezone(UTC)
        try:
            token = Token(
                id=secrets.token_hex(6), agency=agency, user=user or agency, roles=tuple(roles), hash=_hash(secret),
                created=created, expires=created + timedelta(days=days) if days else None,
            )  # fmt: skip
        except ValidationError as error:
            first = error.errors()[0]
            raise WrongUse(f"{first['loc'][0]}: {first['msg']}") from None
        with self._alone():
            self._write((*self.all(), token))
        return token, secret

    def revoke(self, id_: str) -> Token | None:
        """Make a token void, from this moment on. None where there is none of this id."""
        with self._alone():
            found = next((one for one in self.all() if one.id == id_), None)
            if found is not None:
                self._write(tuple(one for one in self.all() if one.id != id_))
        return found

    def find(self, secret: str) -> Token | None:
        """The token that this is, if it still holds. It takes as long for a wrong one."""
        given, found = _hash(secret), None
        for token in self.all():
            if hmac.compare_digest(given, token.hash):
                found = token
        return found if found is not None and found.holds(self.clock()) else None

    def standing(self, id_: str) -> Token | None:
        """The token of this id, if it is still there and holds."""
        return next((one for one in self.all() if one.id == id_ and one.holds(self.clock())), None)

    def all(self) -> tuple[Token, ...]:
        """Every token, expired ones too. Raises WrongUse where the file cannot be read as tokens."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return ()
        if self._read_at != (stat.st_mtime_ns, stat.st_ino):
            self._known = _parse(self.path)
            self._read_at = (stat.st_mtime_ns, stat.st_ino)
        return self._known

    def _write(self, tokens: Sequence[Token]) -> None:
        part = self.path.with_suffix(".part")
        part.touch(mode=0o600)
        rows = [token.model_dump(mode="json", exclude_none=True) for token in tokens]
        part.write_text(HEADER + yaml.safe_dump({"tokens": rows}, sort_keys=False), encoding="utf-8")
        part.replace(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time: the page and the command may both issue."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _parse(path: Path) -> tuple[Token, ...]:
    values: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    try:
        return tuple(Token.model_validate(one) for one in values["tokens"])
    except (KeyError, TypeError, ValidationError):
        raise WrongUse(f"{path} holds no tokens as they are now; move it away, then run `gabung token issue`") from None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
