"""Kafka as one node that is broker and controller (KRaft), on loopback."""

from __future__ import annotations

import base64
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

from deploy.errors import ServiceFailed
from deploy.health import service_answers
from deploy.java import Java
from deploy.launch import Launch
from deploy.ports import LOOPBACK

PORTS = ("kafka", "kafka_controller")

MEMORY = ("-Xms128m", "-Xmx512m")

LARGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes; a report with a long narrative and its view must fit."""


def properties(data: Path, ports: Mapping[str, int]) -> dict[str, str | int]:
    """server.properties. One node can hold one copy of anything, hence every factor of 1."""
    broker, controller = (f"{LOOPBACK}:{ports[name]}" for name in PORTS)
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"BROKER://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"BROKER://{broker}",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        # Fewer partitions of Kafka's own topics: they are made when first used, and that is waited for.
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.num.partitions": 4,
        # A mistyped topic is an error, not a new topic.
        "auto.create.topics.enable": "false",
        "message.max.bytes": LARGEST_MESSAGE,
        "replica.fetch.max.bytes": LARGEST_MESSAGE,
        # A lone worker need not wait for others to join.
        "group.initial.rebalance.delay.ms": 0,
        # The default of 128 MB is a quarter of the heap.
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    }


def render(properties: Mapping[str, str | int]) -> str:
    """As Java's Properties reads it; a backslash would begin an escape there."""
    return "".join(f"{key}={str(value).replace(chr(92), chr(92) * 2)}\n" for key, value in properties.items())


def prepare(home: Path, programs: Path, java: Java, ports: Mapping[str, int]) -> Launch:
    """Write the configuration, format the data folder on the first start, and say how to start the broker."""
    folder = home / "kafka"
    data, config = folder / "data", folder / "server.properties"
    data.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    config.write_text(render(properties(data, ports)), encoding="utf-8")
    classpath = f"{programs / 'kafka'}/*"
    if not (data / "meta.properties").exists():
        _format(java, classpath, config)
    argv = [
        java.program,
        *MEMORY,
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "-cp",
        classpath,
        "kafka.Kafka",
        str(config),
    ]
    address = f"{LOOPBACK}:{ports['kafka']}"
    return Launch("kafka", argv, lambda: service_answers("kafka", address), cwd=folder)


def _format(java: Java, classpath: str, config: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
    quick = [java.program, "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classpath]
    argv = [*quick, "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster, "-c", str(config)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=config.parent)  # noqa: S603
    if done.returncode:
        lines = (done.stdout + done.stderr).splitlines()[-15:]
        raise ServiceFailed(f"kafka could not format {config.parent / 'data'}; see the end of its output below", lines)
