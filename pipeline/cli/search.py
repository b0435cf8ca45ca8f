"""`gabung search`: on the operator's own machine, reading one agency's indexes."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from typing import Annotated, Any

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from pipeline.addresses import addresses
from pipeline.errors import WrongUse
from pipeline.search.api import nearby
from pipeline.search.ask import ask
from pipeline.search.question import Question
from pipeline.shell.store import ElasticStore

TLP_STYLES = {"CLEAR": "white on black", "GREEN": "#33ff00 on black", "AMBER": "#ffc000 on black",
              "AMBER+STRICT": "#ffc000 on black", "RED": "#ff2b2b on black"}  # fmt: skip


def search(
    query: Annotated[str, typer.Argument(help='Words, "a phrase", field:value, AND, OR, NOT.')],
    reader: Annotated[str, typer.Option("--as", help="The agency that reads.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    doc: Annotated[str | None, typer.Option(help="report or entity.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Of reports, or of what they mention.")] = None,
    agency: Annotated[list[str] | None, typer.Option(help="Whose reports.")] = None,
    place: Annotated[str | None, typer.Option(help="A place by name.")] = None,
    near: Annotated[str | None, typer.Option(help="latitude,longitude,kilometres")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Reported from, like 2026-10-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Reported until.")] = None,
    exercise: Annotated[str | None, typer.Option(help="In this exercise; else live.")] = None,
    size: Annotated[int, typer.Option(help="Hits to show.")] = 10,
) -> None:
    """Search as an agency: what was released to it, and nothing else."""
    try:
        question = Question(
            q=query, doc=doc, kind=kind or [], agency=agency or [], place=place, near=nearby(near),
            start=_moment(start), end=_moment(end), exercise=exercise, size=size,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongUse(f"--{first['loc'][0]}: {first['msg']}") from None
    found = ask(ElasticStore(addresses().need("elasticsearch")), reader, question, datetime.now(UTC))
    if as_json:
        typer.echo(orjson.dumps(found))
        return
    console = Console()
    console.print(f"[bold]{found['total']}[/] found, released to [bold]{escape(reader)}[/]")
    for hit in found["hits"]:
        _show(console, hit["document"], hit["highlight"])
    for name, values in found["facets"].items():
        if values:
            console.print(
                f"[dim]{name}:[/] " + ", ".join(f"{escape(str(one['value']))} {one['count']}" for one in values[:8])
            )


def _show(console: Console, document: dict[str, Any], highlight: dict[str, list[str]]) -> None:
    tlp = document["marking"]["tlp"]
    line = Text.assemble((f" TLP:{tlp} ", TLP_STYLES[tlp]), " ")
    if document["doc"] == "report":
        line.append(document["title"], "bold")
        line.append(
            f"  {document['agency']}, {document['kind']}, {document['reported_at'][:10]}  {document['id']}", "dim"
        )
        if document["duplicates"]:
            line.append(f"  (+{len(document['duplicates'])} of the same event)")
    else:
        values = document["names"] or [one["value"] for one in document.get("identifiers", [])]
        line.append(f"{document['kind']} ", "italic")
        line.append(", ".join(values[:4]), "bold")
        line.append(f"  {len(document['reports'])} reports of {', '.join(document['agencies'])}", "dim")
    console.print(line)
    for by in list(dict.fromkeys(one["by"] for one in document.get("joined", [])))[:3]:
        console.print(Text(f"     joined: {by}", "cyan"))
    for fragment in highlight.get("narrative", [])[:1]:
        console.print(Text("     … " + unescape(fragment.replace("<mark>", "").replace("</mark>", "")) + " …", "dim"))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{text} is no date; write it like 2026-10-01") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
