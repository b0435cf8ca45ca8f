"""Dates as people write them, each a span of time: `2026`, `2026-10`, `2026-10-31`, or a moment. UTC unless said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.errors import WrongUse

FORMS = "write it like 2026, 2026-10, 2026-10-31 or 2026-10-31T20:00:00Z"
PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def span(text: str) -> tuple[datetime, datetime]:
    """The first moment and the last of what is written: `2026-10` is all of October. Raises WrongUse."""
    try:
        if partial := PARTIAL.fullmatch(text):
            year, month, day = (int(part) if part else None for part in partial.groups())
            first = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
            if day:
                after = first + timedelta(days=1)
            elif month:
                after = (first + timedelta(days=31)).replace(day=1)
            else:
                after = first.replace(year=first.year + 1)
            return first, after - timedelta(milliseconds=1)
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongUse(f"{text[:40]!r} is no date; {FORMS}") from None
    return moment, moment
