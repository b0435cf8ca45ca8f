"""An error of a program that we started, with the end of what it wrote."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import ServiceMissing


class ServiceFailed(ServiceMissing):
    """A service did not start. `log_end` holds the last lines of its log, which the command prints below the error."""

    def __init__(self, message: str, log_end: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.log_end = list(log_end)


class GivenUp(ServiceFailed):
    """A service was not waited for, because another one failed."""
