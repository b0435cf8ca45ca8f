"""Apicurio Registry with its schemas in an H2 file, on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.health import service_answers
from deploy.java import Java
from deploy.launch import Launch
from deploy.ports import LOOPBACK

PORTS = ("registry", "registry_management")

MEMORY = ("-Xms64m", "-Xmx256m")


def environment(data: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """Its settings. The management port would listen on every interface at 9000 unless told not to."""
    return {
        "QUARKUS_HTTP_HOST": LOOPBACK,
        "QUARKUS_HTTP_PORT": str(ports["registry"]),
        "QUARKUS_MANAGEMENT_HOST": LOOPBACK,
        "QUARKUS_MANAGEMENT_PORT": str(ports["registry_management"]),
        "QUARKUS_HTTP_ACCESS_LOG_ENABLED": "false",
        "QUARKUS_LOG_CONSOLE_COLOR": "false",
        "APICURIO_STORAGE_KIND": "sql",
        "APICURIO_STORAGE_SQL_KIND": "h2",
        "APICURIO_DATASOURCE_URL": f"jdbc:h2:file:{data / 'schemas'}",
    }


def prepare(home: Path, programs: Path, java: Java, ports: Mapping[str, int]) -> Launch:
    """Make its folder and say how to start it."""
    data = home / "registry"
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    jar = programs / "registry" / "quarkus-run.jar"
    argv = [java.program, *MEMORY, "-XX:+UseSerialGC", "-Djava.awt.headless=true", "-jar", str(jar)]
    address = f"http://{LOOPBACK}:{ports['registry']}"
    return Launch(
        "registry", argv, lambda: service_answers("registry", address), env=environment(data, ports), cwd=data
    )
