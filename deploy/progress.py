"""Telling a person what is going on: one line per service, live on a terminal, plain elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import Progress as Display
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

Progress = Callable[[str, str], None]
"""`progress(name, text)`: what is being done about a service now. May be called from several threads."""

READY, STOPPED = "ready", "stopped"
"""A text that begins with one of these ends the line of that service."""


def silent(name: str, text: str) -> None:
    """For tests and for callers that show something else."""


@contextmanager
def shown(console: Console | None = None) -> Iterator[Progress]:
    """Progress on stderr, so that stdout stays for results."""
    console = console or Console(stderr=True, highlight=False)
    if console.is_terminal:
        with _live(console) as progress:
            yield progress
    else:
        yield _plain(console)


@contextmanager
def _live(console: Console) -> Iterator[Progress]:
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description:15}"), TextColumn("{task.fields[text]}"))
    lock, tasks = Lock(), {}
    with Display(*columns, TimeElapsedColumn(), console=console) as display:

        def progress(name: str, text: str) -> None:
            with lock:
                if name not in tasks:
                    tasks[name] = display.add_task(name, total=1, text=text)
                display.update(tasks[name], text=text, completed=float(text.startswith((READY, STOPPED))))

        yield progress


def _plain(console: Console, every_s: float = 5.0) -> Progress:
    """A line when a service's state changes; what only counts on (it ends with `…`) shows every few seconds."""
    lock = Lock()
    last: dict[str, tuple[str, float]] = {}

    def progress(name: str, text: str) -> None:
        with lock:
            before, when = last.get(name, ("", 0.0))
            counting = text.endswith("…") and before.endswith("…")
            if text == before or (counting and time.monotonic() - when < every_s):
                return
            last[name] = (text, time.monotonic())
            console.print(f"{name}: {text}", soft_wrap=True, markup=False)

    return progress
