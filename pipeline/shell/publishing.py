"""Reports that people make in the web service, to Kafka."""

from __future__ import annotations

import threading

from connectors.publish import Publisher
from pipeline.report.model import Report


class Publishing:
    """One publisher for all who ask, made at first need: the page is there though Kafka may not be yet."""

    def __init__(self) -> None:
        self._publisher: Publisher | None = None
        self._lock = threading.Lock()

    def __call__(self, report: Report) -> None:
        """Returns once the broker has it. Raises ServiceMissing."""
        with self._lock:
            publisher, self._publisher = self._publisher or Publisher(), None
            publisher.publish(report, lambda _: None)
            publisher.flush()
            self._publisher = publisher  # one that failed is not used again
