"""A connector, run once: read, map, check, publish, checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.base import Broken, Folded
from connectors.check import checked
from connectors.checkpoint import Checkpoint, Numbered
from connectors.config import load
from connectors.publish import Publisher
from pipeline.report.model import Report

SAVE_EVERY = 1000


@dataclass
class Counts:
    """read = published + unchanged + refused. `folded` counts what became part of another record, beside."""

    read: int = 0
    published: int = 0
    unchanged: int = 0
    refused: int = 0
    folded: int = 0

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def run_once(path: Path, progress: Callable[[Counts], None] | None = None) -> Counts:
    """Publish what is new in the source of the connector file at `path`.

    A record counts as published once the broker has acknowledged it. What is refused goes to the refused topic once,
    and is counted each time it is met. Raises WrongUse for the file, ServiceMissing for Kafka or the registry.
    """
    config = load(path)
    counts = Counts()
    publisher = Publisher()
    with Checkpoint(config.path) as checkpoint:
        for item in checked(config):
            if isinstance(item, Folded):
                counts.folded += 1
                continue
            counts.read += 1
            if isinstance(item, Broken):
                counts.refused += 1
                if checkpoint.is_news(item):
                    publisher.refuse(item, config.agency, checkpoint.refused)
            elif (one := checkpoint.next_revision(item.report, item.numbered)) is None:
                counts.unchanged += 1
            else:
                publisher.publish(one.report, _acknowledge(checkpoint, one, counts))
            if counts.read % SAVE_EVERY == 0:
                checkpoint.save()
                if progress:
                    progress(counts)
        publisher.flush()
        checkpoint.finish()
    if counts.read != counts.published + counts.unchanged + counts.refused:
        raise AssertionError(f"records are not all accounted for: {counts}")
    return counts


def _acknowledge(checkpoint: Checkpoint, one: Numbered, counts: Counts) -> Callable[[Report], None]:
    def acknowledged(_: Report) -> None:
        checkpoint.acknowledged(one)
        counts.published += 1

    return acknowledged
