"""What a connector has published: it moves only after the broker has acknowledged the very record."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.addresses import home
from pipeline.report.model import Report


def digest(report: Report) -> str:
    """Of the content without its revision, which is what makes it another."""
    content = report.model_copy(update={"revision": 1}).model_dump_json(by_alias=True)
    return hashlib.sha256(content.encode()).hexdigest()


class Checkpoint:
    """source_id -> revision and digest, one file for each connector file. Use it as a context."""

    def __init__(self, connector: Path) -> None:
        name = hashlib.sha256(str(connector).encode()).hexdigest()[:16]
        path = home() / "checkpoints" / f"{connector.stem}-{name}.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.file.execute("pragma journal_mode = wal")
        self.file.execute("pragma synchronous = normal")
        self.file.execute(
            "create table if not exists published (source_id text primary key, revision integer, digest text)"
        )

    def __enter__(self) -> Checkpoint:
        self.file.execute("begin")
        return self

    def __exit__(self, *_: object) -> None:
        self.file.execute("commit")
        self.file.close()

    def next_revision(self, report: Report, numbered: bool) -> Report | None:
        """The report with the revision to publish it under; nothing where it has not changed since.

        A source's own revision stands where it rises; content that changed without one gets the next.
        """
        with closing(
            self.file.execute("select revision, digest from published where source_id = ?", (report.source_id,))
        ) as found:
            row = found.fetchone()
        if row is None:
            return report
        if row[1] == digest(report):
            return None
        revision = report.revision if numbered and report.revision > row[0] else row[0] + 1
        return report.model_copy(update={"revision": revision})

    def acknowledged(self, report: Report) -> None:
        """The broker has it."""
        self.file.execute(
            "insert or replace into published values (?, ?, ?)", (report.source_id, report.revision, digest(report))
        )

    def save(self) -> None:
        """Make what was acknowledged so far last."""
        self.file.execute("commit")
        self.file.execute("begin")
