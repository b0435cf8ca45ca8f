"""What `gabung demo` prints at the end: what each agency finds, and why."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.run import Counts
from deploy.demo.find import Answer, Found
from deploy.demo.storylines import ATTACK, PHISHING, SMUGGLING
from deploy.demo.truth import THINGS

TITLES = {
    SMUGGLING: "a smuggling network",
    ATTACK: "a planned attack",
    PHISHING: "a phishing ring",
}
FICTION = "The case and everybody in it are invented. So are these rules: no agency shares like this because of them."
MOST_REASONS = 2
"""Sentences shown for one thing; the page shows them all."""


def tell_findings(console: Console, names: Mapping[str, str], found: Mapping[str, Found]) -> None:
    """For each agency what it has, and for each storyline what is joined for it, out of whose reports, by what."""
    console.rule("What each agency finds")
    console.print(f"[italic]{FICTION}[/]\n")
    for reader, one in found.items():
        console.print(
            f"[bold]{reader}[/] {escape(names[reader])}\n"
            f"  {one.own} reports of its own and {one.released} released to it, {one.twice} of them about an event "
            f"that another one tells too\n"
            f"  {one.entities} entities, [bold]{one.shared}[/] of them known to several agencies",
            soft_wrap=True,
        )
        for storyline, findings in one.storylines.items():
            whole = len(THINGS[storyline])
            if not findings:
                console.print(f"  {TITLES[storyline]}: [dim]nothing is joined[/]")
                continue
            style = "bold green" if len(findings) == whole else "yellow"
            console.print(f"  [{style}]{TITLES[storyline]}: {len(findings)} of {whole} pieces[/]")
            for finding in findings:
                reasons = "; ".join(finding.by[:MOST_REASONS])
                shown = f"[bold]{escape(finding.shown)}[/]: " if finding.shown else ""
                console.print(
                    f"    {finding.thing:9} {shown}{finding.reports} reports of {' + '.join(finding.agencies)}, "
                    f"[cyan]joined by {escape(reasons)}[/]",
                    soft_wrap=True,
                )
        console.print()


def tell_answers(console: Console, answers: Mapping[str, Mapping[str, Answer]]) -> None:
    """question -> reader -> answer, side by side."""
    console.rule("The same question, asked by each agency")
    questions = list(answers)
    table = Table(box=None, pad_edge=False)
    table.add_column("asked by")
    for question in questions:
        table.add_column(question, overflow="fold")
    for reader in next(iter(answers.values())):
        cells = []
        for question in questions:
            one = answers[question][reader]
            whose = f" of {', '.join(one.agencies)}" if one.agencies else ""
            cells.append(f"{one.reports} reports{whose}" if one.reports else "[dim]nothing[/]")
        table.add_row(f"[bold]{reader}[/]", *cells)
    console.print(table)


def tell_operator(
    console: Console, counts: Mapping[str, Counter[str]], published: Mapping[str, Counts], time: datetime
) -> None:
    """What became of each agency's records. Only the operator and the originator are told this."""
    console.rule("What became of the records (told to the operator alone)")
    columns = ("released", "redacted", "withheld", "retracted", "expired")
    table = Table("agency", box=None, pad_edge=False)
    for heading in ("read", "published", "unchanged", "refused", *columns):
        table.add_column(heading, justify="right")
    total: Counter[str] = Counter()
    for agency, one in published.items():
        row = Counter(one.to_json()) + counts[agency]
        total += row
        table.add_row(agency, *(str(row[name]) for name in ("read", "published", "unchanged", "refused", *columns)))
    table.add_row(
        "[bold]all[/]", *(str(total[name]) for name in ("read", "published", "unchanged", "refused", *columns))
    )
    console.print(table)
    console.print(
        "[dim]released: to somebody else; redacted: of those, with parts taken out for some; withheld: to nobody; "
        f"refused: with reasons, see `gabung dlq list`. As of {time:%Y-%m-%d %H:%M} UTC.[/]"
    )


def tell_next(console: Console, web: str, tokens: Mapping[str, str], examples: Mapping[str, str]) -> None:
    """Where to look, with which token, what to try, and how to stop."""
    console.rule("Look for yourself")
    console.print(f"[bold]{web}[/] asks for a token. One for each agency (issued now; former ones are void):")
    for agency, token in tokens.items():
        console.print(f"  {agency:9} {token}", soft_wrap=True, highlight=False)
    if shutil.which("gabung") is None:
        where = Path(sys.executable).parent
        console.print(f"Or on this machine, after [bold]export PATH={where}:$PATH[/]:", soft_wrap=True)
    else:
        console.print("Or on this machine:")
    for command, what in examples.items():
        console.print(f"  [bold]{escape(command)}[/]  [dim]{what}[/]", soft_wrap=True, highlight=False)
    console.print("Stop with [bold]gabung down[/] (with --purge the data goes too); `gabung demo` starts it again.")
