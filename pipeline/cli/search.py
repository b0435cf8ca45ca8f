"""`gabung search`: on the operator's own machine, reading one agency's indexes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from pipeline.addresses import addresses
from pipeline.search.api.search import question
from pipeline.search.ask import ask
from pipeline.shell.audit import Auditor
from pipeline.shell.store import ElasticStore

TLP_STYLES = {"CLEAR": "white on black", "GREEN": "#33ff00 on black", "AMBER": "#ffc000 on black",
              "AMBER+STRICT": "#ffc000 on black", "RED": "#ff2b2b on black"}  # fmt: skip
STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MARK = re.compile(r"(<mark>.*?</mark>)", re.DOTALL)


def search(
    query: Annotated[str, typer.Argument(help='Words, "a phrase", field:value, AND, OR, NOT.')],
    reader: Annotated[str, typer.Option("--as", help="The agency that reads.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    doc: Annotated[str | None, typer.Option(help="report or entity.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Of reports, or of what they mention.")] = None,
    agency: Annotated[list[str] | None, typer.Option(help="Whose reports.")] = None,
    tlp: Annotated[list[str] | None, typer.Option(help="CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")] = None,
    mention: Annotated[list[str] | None, typer.Option(help="What is mentioned: person, vessel, phone …")] = None,
    country: Annotated[list[str] | None, typer.Option(help="Where it is located, like ID.")] = None,
    caveat: Annotated[list[str] | None, typer.Option(help="A caveat of the marking.")] = None,
    place: Annotated[str | None, typer.Option(help="A place by name.")] = None,
    near: Annotated[str | None, typer.Option(help="latitude,longitude,kilometres")] = None,
    box: Annotated[str | None, typer.Option(help="south,west,north,east")] = None,
    start: Annotated[str | None, typer.Option("--from", help="From 2026-10-01, 2026-10, 'last 7 days' …")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Until, written alike.")] = None,
    exercise: Annotated[str | None, typer.Option(help="In this exercise; else live.")] = None,
    sort: Annotated[str, typer.Option(help="relevance, newest or oldest.")] = "relevance",
    size: Annotated[int, typer.Option(help="Hits to show.")] = 10,
    skip: Annotated[int, typer.Option(help="Hits to leave out before them.")] = 0,
) -> None:
    """Search as an agency: what was released to it, and nothing else.

    Of an option that is given again, the values are alternatives; different options must all hold.
    """
    given: dict[str, Any] = {
        "q": query, "doc": doc, "kind": kind, "agency": agency, "tlp": tlp, "mention": mention, "country": country,
        "caveat": caveat, "place": place, "near": near, "box": box, "start": start, "end": end, "exercise": exercise,
        "sort": sort, "size": size, "skip": skip,
    }  # fmt: skip
    asked = question(**{name: value for name, value in given.items() if value is not None})  # as the API reads it
    store, audit = ElasticStore(addresses().need("elasticsearch")), Auditor(addresses().need("kafka"), "search")
    found = ask(store, audit, reader, asked, datetime.now(UTC))
    if as_json:
        typer.echo(orjson.dumps(found))
        return
    console = Console(highlight=False)
    console.print(Text.assemble((str(found["total"]), "bold"), " found, released to ", (reader, "bold")))
    for hit in found["hits"]:
        _show(console, hit["document"], hit["highlight"])
    if found["total"]:
        console.print()
    for name, values in found["facets"].items():
        if values:
            counts = ", ".join(f"{one['value']} {one['count']}" for one in values[:8])
            console.print(Text.assemble((f"{name}: ", "dim"), plain(counts)))


def plain(text: str) -> str:
    """What a report says, without signs that would steer a terminal or turn a line around."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def _show(console: Console, document: dict[str, Any], highlight: dict[str, list[str]]) -> None:
    tlp = document["marking"]["tlp"]
    line = Text.assemble((f" TLP:{tlp} ", TLP_STYLES[tlp]), " ")
    if document["doc"] == "report":
        line.append(plain(document["title"]), "bold")
        about = f"{document['agency']}, {document['kind']}, {document['reported_at'][:10]}"
        if document["duplicates"]:
            about += f", {len(document['duplicates'])} more of the same event"
    else:
        values = document["names"] or [one["value"] for one in document.get("identifiers", [])]
        line.append(f"{document['kind']} ", "italic").append(plain(", ".join(values[:4])), "bold")
        about = f"{len(document['reports'])} reports of {', '.join(document['agencies'])}"
    console.print(line)
    console.print(Text(f"     {about}  {document['id']}", "dim"))
    if asked := handling(document["marking"]):
        console.print(Text(f"     handling: {asked}", "yellow"))
    for by in list(dict.fromkeys(one["by"] for one in document.get("joined", [])))[:3]:
        console.print(Text(f"     joined: {plain(by)}", "cyan"))
    for fragment in highlight.get("narrative", [])[:1]:
        console.print(_marked(fragment))


def handling(marking: dict[str, Any]) -> str:
    """What whoever is shown a document must obey, in one line: of an IEP, and caveats."""
    said = {name: value for name, value in marking.get("iep", {}).items() if name != "iep_version"}
    parts = [f"{name.replace('_', ' ')}: {value}" for name, value in said.items()]
    return "; ".join([*parts, *(plain(caveat) for caveat in marking.get("caveats", ()))])


def _marked(fragment: str) -> Text:
    line = Text("     … ")
    for part in MARK.split(fragment):
        found = part.startswith("<mark>")
        words = plain(unescape(part.removeprefix("<mark>").removesuffix("</mark>"))) if found else _around(part)
        line.append(words, "bold yellow" if found else "dim")
    return line.append(" …")


def _around(part: str) -> str:
    """Plain text that keeps the space at its ends, where a marked word begins."""
    text = unescape(part)
    return (" " if text[:1].isspace() else "") + plain(text) + (" " if text[-1:].isspace() and text.strip() else "")
