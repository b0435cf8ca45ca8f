"""An application served as `gabung up` serves it, for tests that ask over a socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.shell.web import server


@contextmanager
def on_loopback(app: Any, port: int = 0) -> Iterator[str]:
    """The application at a port, or at a free one: its address."""
    one = server(app, port)
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not one.started:
        assert thread.is_alive()
        assert time.monotonic() < until, "the web service does not start"
        time.sleep(0.02)
    host, port = one.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        one.should_exit = True
        thread.join(30)
