"""What a connector has published and refused: it moves only after the broker has acknowledged the very record."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.base import Broken
from pipeline.addresses import home
from pipeline.report.model import Report

TABLES = """
create table if not exists revisions (
    source_id text, nth integer, revision integer, digest text, given integer, primary key (source_id, nth)
) without rowid;
create table if not exists refused (digest text primary key);
pragma temp_store = file;
create temp table met (
    source_id text primary key, nth integer, revision integer, given integer, changed integer
) without rowid;
"""
"""`revisions` outlives the run: the nth record that the source held under a source_id. `met` is this run's alone: the
last one met, and whether it was new. Both are on disk, so that a source of any size can be read."""


@dataclass(frozen=True)
class Numbered:
    """A report with the revision to publish it under, and what to remember of it once the broker has it."""

    report: Report
    nth: int
    given: int | None


def digest(report: Report) -> str:
    """Of the content without its revision, which is what makes it another."""
    content = report.model_copy(update={"revision": 1}).model_dump_json(by_alias=True)
    return hashlib.sha256(content.encode()).hexdigest()


def digest_of_refused(broken: Broken) -> str:
    said = f"{broken.source}\n{broken.sha256 or hashlib.sha256(broken.raw).hexdigest()}\n{broken.reason}"
    return hashlib.sha256(said.encode()).hexdigest()


class Checkpoint:
    """One file for each connector file. Use it as a context."""

    def __init__(self, connector: Path) -> None:
        name = hashlib.sha256(str(connector).encode()).hexdigest()[:16]
        path = home() / "checkpoints" / f"{connector.stem}-{name}.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
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

    def next_revision(self, report: Report, numbered: bool) -> Numbered | None:
        """The report with the revision to publish it under; nothing where there is nothing new to publish.

        numbered: its revision is the source's own. An older one of the source's is never published after a newer one,
        so a record that was retracted stays so. Content that changed under the same number, or without one, gets the
        number after the last. Where a source holds an id several times, its first is compared with what stood first
        at the last run, its second with the second: so reading it again publishes nothing, and once one of them is
        new, those behind it follow, so that the last still stands.
        """
        given = report.revision if numbered else None
        nth, sent, changed = self._one("select nth + 1, revision, changed from met where source_id = ?",
                                       report.source_id) or (0, 0, False)  # fmt: skip
        stood = self._one("select digest from revisions where source_id = ? and nth = ?", report.source_id, nth)
        last, newest = self._one("select max(revision), max(given) from "
                                 "(select * from met where source_id = ?1 union all "
                                 "select source_id, nth, revision, given, 0 from revisions where source_id = ?1)",
                                 report.source_id)  # fmt: skip
        if stood is not None and stood[0] == digest(report) and not changed:
            self._meet(report.source_id, nth, sent, newest, changed=False)
            return None
        if given is not None and newest is not None and given < newest:
            return None
        revision = max(last + 1, given or 0) if last else report.revision
        self._meet(report.source_id, nth, revision, newest if given is None else given, changed=True)
        return Numbered(report.model_copy(update={"revision": revision}), nth, given)

    def acknowledged(self, one: Numbered) -> None:
        """The broker has it."""
        self.file.execute(
            "insert or replace into revisions values (?, ?, ?, ?, ?)",
            (one.report.source_id, one.nth, one.report.revision, digest(one.report), one.given),
        )

    def is_news(self, broken: Broken) -> bool:
        """Whether this record was not yet refused for this reason."""
        found = self.file.execute("select 1 from refused where digest = ?", (digest_of_refused(broken),)).fetchone()
        return found is None

    def refused(self, broken: Broken) -> None:
        """The refused topic has it."""
        self.file.execute("insert or replace into refused values (?)", (digest_of_refused(broken),))

    def finish(self) -> None:
        """The source was read to its end. Where it holds fewer records under an id than before, and none of them was
        new, what stands may be one that it holds no more: the next run publishes its last again."""
        self.file.execute(
            "update revisions set digest = '', revision = "
            "(select max(revision) from revisions as one where one.source_id = revisions.source_id) "
            "where exists (select 1 from met where met.source_id = revisions.source_id and met.nth = revisions.nth "
            "and not met.changed and met.nth < "
            "(select max(nth) from revisions as one where one.source_id = revisions.source_id))"
        )
        self.file.execute(
            "delete from revisions where exists "
            "(select 1 from met where met.source_id = revisions.source_id and met.nth < revisions.nth)"
        )

    def save(self) -> None:
        """Make what was acknowledged so far last."""
        self.file.execute("commit")
        self.file.execute("begin")

    def _meet(self, source_id: str, nth: int, revision: int, given: int | None, *, changed: bool) -> None:
        self.file.execute("insert or replace into met values (?, ?, ?, ?, ?)",
                          (source_id, nth, revision, given, changed))  # fmt: skip

    def _one(self, query: str, *values: object) -> Any:
        return self.file.execute(query, values).fetchone()
