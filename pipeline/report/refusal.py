"""What could not be taken, kept whole with its reason: a message on the refused topic."""

from __future__ import annotations

from pipeline.report.model import Model, Moment


class Refusal(Model):
    """One refused record or message.

    A record that a connector refused names its `source` file and `line` (from 1); a message that a stage refused names
    the topic, partition and offset where it stood. `raw` and `key` are base64. A record over 1 MiB is kept by its
    beginning (`truncated`), its length in bytes and its SHA-256.
    """

    stage: str
    reason: str
    agency: str | None = None
    source: str | None = None
    line: int | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    key: str | None = None
    schema_id: int | None = None
    raw: str
    truncated: bool = False
    length: int | None = None
    sha256: str | None = None
    at: Moment
