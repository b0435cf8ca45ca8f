"""The policy folder, watched: a change is checked whole before it is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from watchfiles import awatch

from pipeline.errors import WrongUse
from pipeline.release.load import load_policy
from pipeline.release.policy import Groups, Policies

log = structlog.get_logger()


async def watch_policy(folder: Path) -> AsyncIterator[tuple[Policies, Groups]]:
    """Each policy that the folder comes to hold. One that does not hold is left alone, and the old one stays."""
    async for _ in awatch(folder, debounce=300):
        try:
            policy = load_policy(folder)
        except (WrongUse, OSError) as error:
            log.error("policy not taken; the one before stays in force", reason=str(error))
            continue
        yield policy
