"""A worker: `python -m pipeline.shell.worker`. As many as there are partitions can share the work."""

from __future__ import annotations

import os
import sys

import structlog
from prometheus_client import start_http_server

from pipeline.errors import GabungError
from pipeline.shell.app import build
from pipeline.shell.settings import Settings


def main() -> int:
    """Run until told to stop. Returns an exit code: 3 where something it needs is not there."""
    structlog.configure(processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ])  # fmt: skip
    try:
        settings = Settings()
        app = build(settings)
    except GabungError as error:
        print(error, file=sys.stderr)
        return 3
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1")
    try:
        app.Worker(loglevel="WARNING", redirect_stdouts=False).execute_from_commandline()
    finally:
        if app.begin_anew:
            os.execv(sys.executable, [sys.executable, "-m", "pipeline.shell.worker"])  # noqa: S606  this very program
    return 0


if __name__ == "__main__":
    sys.exit(main())
