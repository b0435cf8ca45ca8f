"""Whether a service answers. Each check is quick, and false for every kind of no."""

from __future__ import annotations

import socket
import struct
import urllib.error
import urllib.request
from urllib.parse import urlsplit

API_VERSIONS = struct.pack(">hhih", 18, 0, 1, -1)
"""Kafka's ApiVersions request, version 0, no client id: the smallest question that only a ready broker answers."""


def kafka_answers(addresses: str, seconds: float = 2.0) -> bool:
    """Whether one of the brokers in `host:port[,host:port]` takes requests."""
    return any(_broker_answers(address, seconds) for address in addresses.split(","))


def _broker_answers(address: str, seconds: float) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as connection:
            connection.sendall(struct.pack(">i", len(API_VERSIONS)) + API_VERSIONS)
            return len(connection.recv(4)) == 4
    except (OSError, ValueError):
        return False


def port_answers(address: str, seconds: float = 2.0) -> bool:
    """Whether anything listens at `host:port[,host:port]` or at a URL's host: all that can be asked of a cluster
    whose credentials are not ours to know."""
    for one in address.split(","):
        url = urlsplit(one.strip() if "://" in one else f"kafka://{one.strip()}")
        try:
            port = url.port or {"https": 443, "http": 80}.get(url.scheme, 9092)
            with socket.create_connection((url.hostname or "", port), timeout=seconds):
                return True
        except (OSError, ValueError):
            continue
    return False


def url_answers(url: str, seconds: float = 2.0) -> bool:
    """Whether a GET of an http(s) URL gives a status below 400."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 (our own loopback addresses)
            return bool(answer.status < 400)
    except (OSError, ValueError, urllib.error.URLError):
        return False


QUESTIONS = {
    "registry": "/apis/ccompat/v7/subjects",
    # `GET /` is missing in the small distribution of Elasticsearch
    "elasticsearch": "/_cluster/health?wait_for_status=yellow&timeout=1s",
    "web": "/api/health/live",
}


def service_answers(name: str, address: str) -> bool:
    """Whether the service of that name is ready for work at its address (as `pipeline.addresses` writes addresses)."""
    return kafka_answers(address) if name == "kafka" else url_answers(address + QUESTIONS[name], seconds=3.0)
