"""The words of a report's title and narrative."""

from __future__ import annotations

from pipeline.enrich.fold import words
from pipeline.report.model import Report


def report_words(report: Report) -> tuple[str, ...]:
    """Title and narrative as lower-case ASCII words, in their order, repeats kept."""
    return tuple(words(report.title) + words(report.narrative or ""))
