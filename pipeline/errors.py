"""What can go wrong, and what is done about it.

    GabungError           every error of ours: one line for a person, saying what to do
    ├── Refused           this record or message cannot be taken: keep it with its reason, go on with the next
    ├── Retry             a service is not there for now: wait with growing pauses, hold the offset
    ├── Abort             going on would do harm: stop the worker
    │   └── ServiceMissing    a service that a command needs is not there (exit code 3)
    └── WrongUse          the caller asked for something that cannot be (exit code 2)

No message ever holds what a report says: ids, paths and reasons only.
"""

from __future__ import annotations


class GabungError(Exception):
    """An error whose text is one line for a person, saying what to do."""


class Refused(GabungError):
    """A record or message that cannot be taken. It is kept whole with its stage and reason, and can be replayed.

    `stage` is a name of `pipeline.flow` or "connector"; `reason` says what is wrong and what to do;
    `line` is where in the source it stood, counted from 1, where there is such a thing.
    """

    def __init__(self, stage: str, reason: str, *, schema_id: int | None = None, line: int | None = None) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason
        self.schema_id = schema_id
        self.line = line


class Retry(GabungError):
    """A service did not answer, and may later. Nothing is lost by waiting."""


class Abort(GabungError):
    """Going on would do harm, so the worker stops."""


class ServiceMissing(Abort):
    """A service that the command needs is not there."""


class WrongUse(GabungError):
    """The caller asked for something that cannot be."""
