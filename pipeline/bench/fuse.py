"""`gabung fuse` of many one-person reports, in one process: seconds and memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.bench.people import Record, lives

AGENCIES = ("satu", "dua", "tiga")
"""Invented agencies that see each other's reports."""
GABUNG = "from pipeline.cli.main import main; main()"


def run(
    reports: Annotated[int, typer.Option(help="One-person reports.")] = 50_000,
    seed: Annotated[int, typer.Option()] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Time `gabung fuse` on invented persons (`lives` of pipeline.bench.people), as a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file, policy = write(Path(folder), islice(lives(seed, reports), reports))
        command = [sys.executable, "-c", GABUNG, "fuse", str(file), "--policy", str(policy), "--as", AGENCIES[0]]
        started = time.monotonic()
        with (Path(folder) / "out.ndjson").open("wb") as out:
            subprocess.run(command, stdout=out, check=True, env=os.environ)  # noqa: S603, our own command
        seconds = time.monotonic() - started
        lines = sum(1 for _ in (Path(folder) / "out.ndjson").open("rb"))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    figures = {"reports": reports, "documents": lines, "seconds": round(seconds, 1), "mib": memory, "seed": seed}
    typer.echo(json.dumps(figures) if as_json else "\n".join(f"{name:10} {value}" for name, value in figures.items()))


def write(folder: Path, records: Iterable[Record]) -> tuple[Path, Path]:
    """Records as reports of the agencies by turns, one a line, and a policy under which all see all."""
    policy = folder / "policy"
    (policy / "release").mkdir(parents=True)
    agencies = "".join(f"  - {{id: {id_}, name: Lembaga {id_}}}\n" for id_ in AGENCIES)
    (policy / "agencies.yaml").write_text(f"agencies:\n{agencies}", encoding="utf-8")
    with (folder / "reports.ndjson").open("w", encoding="utf-8") as file:
        for number, (_, mention) in enumerate(records):
            file.write(json.dumps(report(number, mention)) + "\n")
    return folder / "reports.ndjson", policy


def report(number: int, mention: dict[str, Any]) -> dict[str, Any]:
    """A report of one person, in its JSON form."""
    return {
        "agency": AGENCIES[number % len(AGENCIES)],
        "source_id": f"{number:08d}",
        "revision": 1,
        "op": "upsert",
        "kind": "person",
        "title": f"Person {number}",
        "reported_at": "2026-11-01T00:00:00Z",
        "entities": [mention],
        "marking": {"tlp": "GREEN", "release_to": ["*"]},
    }
