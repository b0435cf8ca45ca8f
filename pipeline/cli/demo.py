"""`gabung demo`: a fictional case told by seven agencies, from an empty machine to answers.

1 generate   the agencies' records and their policy, at HOME/demo; kept from the first run unless --fresh
2 up         the services, a worker and the web page, under that policy
3 connect    each agency's connectors, once; a second run finds everything unchanged
4 rest       until nothing is behind
5 tell       what each agency finds and what joined it, then where to look and how to stop
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.check import Ready, checked
from connectors.config import load
from connectors.run import Counts, run_once
from deploy import system
from deploy.demo.find import answer_to, found_by, told_to_operator
from deploy.demo.generate import connector_files, generate
from deploy.demo.scenario import Scenario, scenario
from deploy.demo.tell import tell_answers, tell_findings, tell_next, tell_operator
from deploy.demo.truth import READERS
from deploy.progress import READY, Progress, shown
from pipeline.addresses import Addresses, home
from pipeline.errors import ServiceMissing, WrongUse
from pipeline.release.load import load_policy
from pipeline.search.tokens import Tokens
from pipeline.shell.audit import Auditor
from pipeline.shell.lag import lags
from pipeline.shell.store import ElasticStore

AGAIN_S = 0.5
"""Between two looks at the lag; at rest means that both found none."""
PATIENCE_S = 600
"""Without any progress for so long, something is broken."""


DEMO_USER = "demo"


def demo(
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Tell the case anew, as of now; removes all data of the services.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another case: other people, numbers and dates.")] = 7,
) -> None:
    """A fictional case told by seven agencies: set up, publish, fuse, and tell what each of them finds."""
    started = time.monotonic()
    folder = home() / "demo"
    console = Console(highlight=False, width=max(Console().width, 110))  # a line of findings is to be read whole
    console.print("[bold]Gabung, the demo.[/] The case, the people and the rules are invented.\n")
    with shown() as progress:
        told, now = _generated(folder, seed, fresh, progress)
        addresses = system.up(home(), folder / "policy", progress=progress)
        published = _connected(folder, progress)
        _rest(addresses.need("kafka"), progress)
    _told(console, folder, told, now, addresses, published)
    console.print(f"[dim]All of it took {time.monotonic() - started:.0f} s.[/]")


def _generated(folder: Path, seed: int, fresh: bool, progress: Progress) -> tuple[Scenario, datetime]:
    """The case that is kept at `folder`, or a new one; with its moment."""
    memory = folder / "demo.json"
    kept = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else None
    if kept is not None and kept["seed"] != seed and not fresh:
        raise WrongUse(
            f"the case of seed {kept['seed']} stands here; --fresh replaces it, with all data of the services"
        )
    if kept is not None and fresh:  # another case must not meet what is left of this one
        system.down(home(), purge=True, progress=progress)
        kept = None
    if kept is None:
        generate(seed, datetime.now(UTC).replace(microsecond=0), folder)
        kept = json.loads(memory.read_text(encoding="utf-8"))
        told = scenario(seed, datetime.fromisoformat(kept["now"]))
        progress("case", f"{READY}: {len(told.records)} records of {len(READERS)} agencies, written to {folder}")
        return told, datetime.fromisoformat(kept["now"])
    progress("case", f"{READY}: kept from {kept['now'][:16]}; `gabung demo --fresh` tells it anew")
    now = datetime.fromisoformat(kept["now"])
    return scenario(seed, now), now


def _connected(folder: Path, progress: Progress) -> dict[str, Counts]:
    """Run every connector once, corrections after what they correct; gives the counts by agency."""
    published = {agency: Counts() for agency in READERS}
    for file in connector_files(folder):
        one = run_once(file, _counting(file.stem, progress))
        _add(published[file.parent.name], one)
        counts = f"{one.published} published, {one.unchanged} unchanged, {one.refused} refused"
        progress(file.stem, f"{READY}: {counts}")
    return published


def _counting(name: str, progress: Progress) -> Callable[[Counts], None]:
    return lambda counts: progress(name, f"{counts.read} read …")


def _add(total: Counts, one: Counts) -> None:
    for name, count in one.to_json().items():
        setattr(total, name, getattr(total, name) + count)


def _rest(kafka: str, progress: Progress) -> None:
    """Wait until every lag is zero, twice in a row. Raises ServiceMissing where it stands still."""
    calm, before, moved = 0, -1, time.monotonic()
    while calm < 2:
        behind = sum(lags(kafka).values())
        calm = calm + 1 if behind == 0 else 0
        if behind != before:
            before, moved = behind, time.monotonic()
        if time.monotonic() - moved > PATIENCE_S:
            raise ServiceMissing(f"the pipeline stands still with {behind} messages left; see `gabung status`, `logs`")
        progress("pipeline", f"{behind} messages to go …" if behind else f"{READY}: nothing is behind")
        if calm < 2:
            time.sleep(AGAIN_S)


def _told(
    console: Console, folder: Path, told: Scenario, now: datetime, addresses: Addresses, published: dict[str, Counts]
) -> None:
    store, audit = ElasticStore(addresses.need("elasticsearch")), Auditor(addresses.need("kafka"), "demo")
    policies, groups = load_policy(folder / "policy")
    for reader in READERS:
        store.refresh("live", reader)
    tell_findings(
        console,
        {agency.id: agency.name for agency in policies.agencies.values()},
        {reader: found_by(store, reader, told) for reader in READERS},
    )
    present = datetime.now(UTC)
    questions = {
        "the phone of the planned attack": f'phone:"{told.asked["attack"]["phone"]}"',
        "Hendrik Tanaka": "hendrik tanaka",
        "the phishing site": f'domain:"{told.asked["phishing"]["domain"]}"',
    }
    tell_answers(
        console,
        {
            question: {reader: answer_to(store, audit, reader, words, present) for reader in READERS}
            for question, words in questions.items()
        },
    )
    reports = [one.report for file in connector_files(folder) for one in checked(load(file)) if isinstance(one, Ready)]
    tell_operator(console, told_to_operator(reports, policies, groups, present), published, present)
    phone = told.asked["attack"]["phone"]
    tell_next(
        console,
        addresses.need("web"),
        {agency: demo_token(agency) for agency in READERS},
        {
            "gabung search 'hendrik tanaka' --as bnn": "one man, three spellings, one passport",
            f"gabung search 'phone:\"{phone}\"' --as tni": "a member of the task force",
            f"gabung search 'phone:\"{phone}\"' --as beacukai": "no longer a member: nothing",
            "gabung search 'Lestari Ocean' --as interpol --doc entity": "a ship with two names",
            "gabung search 'longsor' --as bssn": "one event, told twice",
            "gabung dlq list": "what was refused, and why",
            "gabung status": "what runs here",
        },
    )


def demo_token(agency: str) -> str:
    """A token to try things with; the one of an earlier demo is void."""
    tokens = Tokens()
    for one in tokens.all():
        if (one.agency, one.user) == (agency, DEMO_USER):
            tokens.revoke(one.id)
    return tokens.issue(agency, DEMO_USER)[1]
