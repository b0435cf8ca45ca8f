"""`gabung audit verify|export|shown`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from pipeline.addresses import addresses, home
from pipeline.audit.chain import Verified, verify
from pipeline.audit.events import shown_to
from pipeline.errors import WrongUse
from pipeline.shell.audit import audited

audit = typer.Typer(help="Verify the chains of audit events; ask who was shown a report.", no_args_is_help=True)
FileOption = Annotated[Path | None, typer.Option(help="A file that `gabung audit export` wrote; else the topic.")]
HEADS = "audit-heads.json"
"""In the installation's home: where each chain ended when it was last verified."""


@audit.command("verify")
def verify_(
    file: FileOption = None,
    heads: Annotated[
        Path | None, typer.Option(help="Heads of an earlier verification; else this installation's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Find a removed, changed or reordered event. The exit code is 1 where there is one.

    The end of a chain that was cut off is found by the heads that the last verification kept: keep a copy of them
    (`--heads`) where whoever runs this machine cannot reach it.
    """
    kept = heads or home() / HEADS
    known = {id_: (one[0], one[1]) for id_, one in orjson.loads(kept.read_bytes()).items()} if kept.is_file() else {}
    if heads is not None and not heads.is_file():
        raise WrongUse(f"{heads} is no file; `gabung audit verify` writes {home() / HEADS}")
    found = verify(_events(file), known)
    if not found.faults:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(orjson.dumps(found.heads))
        part.replace(kept)
    _tell(found, as_json)
    if found.faults:
        raise typer.Exit(1)


def _tell(found: Verified, as_json: bool) -> None:
    if as_json:
        faults = [{"where": fault.where, "says": fault.says} for fault in found.faults]
        typer.echo(orjson.dumps({"events": found.events, "chains": len(found.heads), "faults": faults}))
        return
    for fault in found.faults:
        typer.echo(f"{fault.where}: {fault.says}")
    state = f"{len(found.faults)} faults" if found.faults else "whole"
    typer.echo(f"{found.events} events in {len(found.heads)} chains: {state}")


@audit.command()
def export(file: Annotated[Path, typer.Argument(help="Where to write to, one event a line.")]) -> None:
    """Write every event as it stands, to be kept or verified elsewhere."""
    count = 0
    with file.open("wb") as out:
        for _, raw in _events(None):
            out.write(raw + b"\n")
            count += 1
    typer.echo(f"{count} events written to {file}")


@audit.command()
def shown(
    report_id: Annotated[str, typer.Argument(help="A report's id.")],
    agency: Annotated[str, typer.Option("--as", help="The agency whose report it is.")],
    file: FileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
) -> None:
    """Who was released a report of one's own, by which rules, and who was shown it. Nobody else is told anything."""
    found = shown_to((orjson.loads(raw) for _, raw in _events(file)), report_id, agency)
    if found is None:
        typer.echo(f"no report {report_id} of {agency}", err=True)
        raise typer.Exit(1)
    if as_json:
        for one in found:
            typer.echo(orjson.dumps(one))
        return
    table = Table("when", "reader", "what", "by", "without", "until")
    for one in found:
        what = one["kind"] if one["kind"] != "release" else "released" if one["released"] else "withheld"
        table.add_row(one["at"], one["reader"], what, ", ".join(one.get("rules", ())),
                      ", ".join(one.get("without", ())), one.get("until", ""))  # fmt: skip
    Console(markup=False).print(table)


def _events(file: Path | None) -> Iterator[tuple[str, bytes]]:
    if file is None:
        yield from audited(addresses().need("kafka"))
        return
    if not file.is_file():
        raise WrongUse(f"{file} is no file; `gabung audit export` writes one")
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            yield f"line {number}", line.rstrip(b"\n")
