"""`gabung fuse`: the reference engine on a file, without services."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from pipeline.enrich.enrich import load_reference
from pipeline.errors import Refused, WrongUse
from pipeline.release.load import load_policy
from pipeline.report.avro import validate
from pipeline.report.model import Report
from pipeline.shell.memory import fuse as fuse_reports


def fuse(
    file: Annotated[Path, typer.Argument(help="Reports in their JSON form, one a line; - for standard input.")],
    policy: Annotated[Path, typer.Option(help="Folder of policy files.")],
    reader: Annotated[str, typer.Option("--as", help="The agency that reads.")],
    at: Annotated[str | None, typer.Option(help="The time of reading, like 2026-11-01T00:00:00Z; else now.")] = None,
    exercise: Annotated[str | None, typer.Option(help="Read this exercise's reports; else the live ones.")] = None,
) -> None:
    """The reference engine: documents for one reader, one JSON a line, sorted. Needs no services.

    A line that is no report is told on stderr with its number and left out; the exit code is then 1.
    """
    policies, groups = load_policy(policy)
    if reader not in policies.agencies:
        raise WrongUse(f"{reader} is no agency of {policy}; name one of {', '.join(sorted(policies.agencies))}")
    reports, refused = read_reports(file)
    documents = fuse_reports(reports, policies, groups, reader, time_of(at), load_reference(), exercise)
    for document in documents:
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS))
    sys.stdout.buffer.flush()
    if refused:
        raise typer.Exit(1)


def read_reports(file: Path) -> tuple[list[Report], int]:
    """The reports in a file (- for standard input), and how many lines are none: those are told on stderr."""
    reports: list[Report] = []
    refused = 0
    try:
        lines = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise WrongUse(f"{file} cannot be read ({error.strerror}); give a file of reports, one JSON a line") from None
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                reports.append(validate(orjson.loads(line)))
            except orjson.JSONDecodeError as error:
                refused += 1
                typer.echo(f"{file}:{number}: not JSON ({error.msg}, column {error.colno}); mend the line", err=True)
            except Refused as error:
                refused += 1
                typer.echo(f"{file}:{number}: {error.reason}", err=True)
    return reports, refused


def time_of(at: str | None) -> datetime:
    """A time as an option gives it, in UTC; now where it gives none. Raises WrongUse."""
    if at is None:
        return datetime.now(UTC)
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        raise WrongUse(f"--at {at} is no time; write it like 2026-11-01T00:00:00Z") from None
    if time.tzinfo is None:
        raise WrongUse(f"--at {at} has no time zone; write it like 2026-11-01T00:00:00Z")
    return time.astimezone(UTC)
