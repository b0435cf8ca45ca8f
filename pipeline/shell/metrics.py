"""What a worker counts, for Prometheus. No label ever holds what a report says."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

MESSAGES = Counter("gabung_messages_total", "Messages that a stage has read and dealt with", ["stage"])
BATCHES = Counter(
    "gabung_batches_total", "Batches that they came in; messages per batch tell how busy it is", ["stage"]
)
REFUSALS = Counter("gabung_refused_total", "Messages that could not be taken", ["stage"])
DOCUMENTS = Counter("gabung_documents_total", "Documents written and deleted in Elasticsearch", ["action"])
WAITING = Gauge("gabung_elasticsearch_waiting", "1 while Elasticsearch does not answer and the pipeline waits")
DUE = Gauge("gabung_release_due", "Reports whose release changes at a known moment to come")
CROWDED = Gauge("gabung_match_crowded", "Blocking keys under which some reader sees too many to prove anything")
WEBHOOKS = Counter(
    "gabung_webhooks_total", "Alerts posted to webhooks: taken, or given up after some tries", ["outcome"]
)
