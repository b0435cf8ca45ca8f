"""The kinds of source there are. A new one is a folder with `read` and `map`, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import connectors.csv.map
import connectors.csv.read
import connectors.misp.map
import connectors.misp.read
import connectors.ndjson.map
import connectors.ndjson.read
import connectors.stix.map
import connectors.stix.read
from connectors.base import Item, Record
from connectors.config import Config


@dataclass(frozen=True)
class Kind:
    """read: every item of a source, lazily. to_report: the JSON form that a record becomes; it raises Refused."""

    read: Callable[[Config], Iterator[Item]]
    to_report: Callable[[Record, Config], dict[str, Any]]


KINDS = {
    "csv": Kind(connectors.csv.read.read, connectors.csv.map.to_report),
    "ndjson": Kind(connectors.ndjson.read.read, connectors.ndjson.map.to_report),
    "misp": Kind(connectors.misp.read.read, connectors.misp.map.to_report),
    "stix": Kind(connectors.stix.read.read, connectors.stix.map.to_report),
}
