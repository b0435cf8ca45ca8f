"""Sessions of browsers: a random id in a cookie, and here only its hash. They end by themselves, and outlive a restart.

A session that a token opened ends with the token; one of OpenID Connect after SESSION at the latest. Of the latter the
id token is kept, and forgotten with it: the provider wants it to end its own session. So is the refresh token, with
which the provider is asked every RECHECK who this still is.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from pipeline.search.roles import Who

IDLE = timedelta(minutes=30)
SESSION = timedelta(hours=12)
TOUCHED_EVERY = timedelta(minutes=1)
"""How exactly it is remembered when a session was last used; each search need not write."""

RECHECK = timedelta(minutes=5)
"""How long a role or an account that was taken away at the provider may last."""
ASKED_EVERY = timedelta(minutes=1)
"""How often a provider that does not answer is asked for a session."""
UNCHECKED = timedelta(minutes=30)
"""How long a session lasts while the provider does not answer."""

FORM = 3
TABLE = """
create table if not exists session (
    hash text primary key, agency text not null, user text not null, roles text not null, token text, id_token text,
    begun real not null, used real not null, refresh text, checked real not null, asked real not null
)"""


@dataclass(frozen=True)
class Session:
    """token: the id of the local token that opened it. id_token, refresh: of OpenID Connect, where that did. checked:
    when its provider last said who this is, in seconds since 1970."""

    who: Who
    token: str | None
    id_token: str | None = None
    refresh: str | None = None
    checked: float = 0.0


class Sessions:
    """Sessions in a file that nobody else may read. `clock` judges when they end."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.clock = clock
        self.lock = threading.Lock()
        self.rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        if self.rows.execute("pragma user_version").fetchone() != (FORM,):
            self.rows.execute("drop table if exists session")  # of another form; people sign in again
            self.rows.execute(f"pragma user_version = {FORM}")
        self.rows.execute(TABLE)

    def begin(self, who: Who, token: str | None = None, id_token: str | None = None, refresh: str | None = None) -> str:
        """The id of a new session, for the cookie. Those that have ended are forgotten."""
        id_, now = secrets.token_urlsafe(32), self._now()
        with self.lock:
            self.rows.execute(
                "delete from session where begun < ? or used < ?",
                (now - SESSION.total_seconds(), now - IDLE.total_seconds()),
            )
            self.rows.execute(
                "insert into session values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_hash(id_), who.agency, who.user, _roles(who), token, id_token, now, now, refresh, now, now),
            )
        return id_

    def find(self, id_: str) -> Session | None:
        """The session of this id, if it has not ended; using it keeps it from idling out."""
        now, hashed = self._now(), _hash(id_)
        with self.lock:
            row = self.rows.execute(
                "select agency, user, roles, token, id_token, refresh, checked, begun, used"
                " from session where hash = ?",
                (hashed,),
            ).fetchone()
            if row is None:
                return None
            agency, user, roles, token, id_token, refresh, checked, begun, used = row
            if now - begun >= SESSION.total_seconds() or now - used >= IDLE.total_seconds():
                self.rows.execute("delete from session where hash = ?", (hashed,))
                return None
            if now - used >= TOUCHED_EVERY.total_seconds():
                self.rows.execute("update session set used = ? where hash = ?", (now, hashed))
        return Session(Who(agency, user, frozenset(orjson.loads(roles))), token, id_token, refresh, checked)

    def is_due(self, id_: str) -> bool:
        """Whether the provider is to be asked now; who is told so asks, and nobody else for a while."""
        now = self._now()
        with self.lock:
            return bool(
                self.rows.execute(
                    "update session set asked = ? where hash = ? and checked <= ? and asked <= ?",
                    (now, _hash(id_), now - RECHECK.total_seconds(), now - ASKED_EVERY.total_seconds()),
                ).rowcount
            )

    def renew(self, id_: str, who: Who, refresh: str | None) -> None:
        """The provider said who this is now. refresh: what to ask it with the next time, where it gave another."""
        with self.lock:
            self.rows.execute(
                "update session set roles = ?, refresh = coalesce(?, refresh), checked = ? where hash = ?",
                (_roles(who), refresh, self._now(), _hash(id_)),
            )

    def lasts(self, session: Session) -> bool:
        """Whether a session may go on while its provider does not answer."""
        return self._now() - session.checked < UNCHECKED.total_seconds()

    def end(self, id_: str) -> None:
        with self.lock:
            self.rows.execute("delete from session where hash = ?", (_hash(id_),))

    def _now(self) -> float:
        return self.clock().astimezone(UTC).timestamp()


def _roles(who: Who) -> str:
    return orjson.dumps(sorted(who.roles)).decode()


def csrf_token(id_: str) -> str:
    """What a page of this session sends with all that changes something. Only who has the session's id can make it."""
    return hmac.new(id_.encode(), b"csrf", hashlib.sha256).hexdigest()


def _hash(id_: str) -> str:
    return hashlib.sha256(id_.encode()).hexdigest()
