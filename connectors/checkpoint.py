"""What a connector has published and refused: it moves only after the broker has acknowledged the very record."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from connectors.base import Broken
from pipeline.addresses import home
from pipeline.report.model import Report

TABLES = """
create table if not exists published (source_id text primary key, revision integer, digest text, given integer);
create table if not exists refused (digest text primary key);
"""


@dataclass(frozen=True)
class Done:
    """What was last published of a record: our revision, its content's digest, and the source's own revision."""

    revision: int
    digest: str
    given: int | None


def digest(report: Report) -> str:
    """Of the content without its revision, which is what makes it another."""
    content = report.model_copy(update={"revision": 1}).model_dump_json(by_alias=True)
    return hashlib.sha256(content.encode()).hexdigest()


def digest_of_refused(broken: Broken) -> str:
    said = f"{broken.source}\n{broken.sha256 or hashlib.sha256(broken.raw).hexdigest()}\n{broken.reason}"
    return hashlib.sha256(said.encode()).hexdigest()


class Checkpoint:
    """One file for each connector file. Use it as a context.

    `sent` holds what this run has sent and the broker has not acknowledged yet: it numbers a record that a source holds
    twice, and is forgotten when the run ends.
    """

    def __init__(self, connector: Path) -> None:
        name = hashlib.sha256(str(connector).encode()).hexdigest()[:16]
        path = home() / "checkpoints" / f"{connector.stem}-{name}.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.sent: dict[str, Done] = {}
        self.file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.file.execute("pragma journal_mode = wal")
        self.file.execute("pragma synchronous = normal")
        self.file.executescript(TABLES)

    def __enter__(self) -> Checkpoint:
        self.file.execute("begin")
        return self

    def __exit__(self, *_: object) -> None:
        self.file.execute("commit")
        self.file.close()

    def next_revision(self, report: Report, numbered: bool) -> Report | None:
        """The report with the revision to publish it under; nothing where there is nothing new to publish.

        numbered: its revision is the source's own. An older one of the source's is never published after a newer one,
        so a record that was retracted stays so. Content that changed under the same number, or without one, gets the
        number after the last.
        """
        given = report.revision if numbered else None
        done = self.sent.get(report.source_id) or self._done(report.source_id)
        if done is not None and given is not None and done.given is not None and given < done.given:
            return None
        if done is not None and done.digest == digest(report):
            return None
        revision = report.revision if done is None else max(done.revision + 1, given or 0)
        self.sent[report.source_id] = Done(revision, digest(report), given)
        return report.model_copy(update={"revision": revision})

    def acknowledged(self, report: Report, numbered: bool, given: int) -> None:
        """The broker has it. given: the revision that the source gave it, where it is numbered."""
        self.file.execute(
            "insert or replace into published values (?, ?, ?, ?)",
            (report.source_id, report.revision, digest(report), given if numbered else None),
        )

    def is_news(self, broken: Broken) -> bool:
        """Whether this record was not yet refused for this reason."""
        found = self.file.execute("select 1 from refused where digest = ?", (digest_of_refused(broken),)).fetchone()
        return found is None

    def refused(self, broken: Broken) -> None:
        """The refused topic has it."""
        self.file.execute("insert or replace into refused values (?)", (digest_of_refused(broken),))

    def save(self) -> None:
        """Make what was acknowledged so far last."""
        self.file.execute("commit")
        self.file.execute("begin")

    def _done(self, source_id: str) -> Done | None:
        found = self.file.execute("select revision, digest, given from published where source_id = ?", (source_id,))
        row = found.fetchone()
        return Done(*row) if row else None
