"""The services as containers, where a Docker engine answers. Thin on purpose, and untried where this was written.

Containers bind to loopback on ports of our choice, outlive the command, and are removed by `gabung down` with what
they hold. `HOME/containers.json` remembers them.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from deploy import kafka, ports
from deploy.errors import ServiceFailed
from deploy.health import service_answers
from deploy.progress import READY, Progress
from pipeline.errors import GabungError, ServiceMissing

IMAGES = {
    # image, port inside, address
    "kafka": ("apache/kafka:4.3.1", 9092, "{host}:{port}"),
    "registry": ("apicurio/apicurio-registry:3.3.3", 8080, "http://{host}:{port}"),
    "elasticsearch": ("elasticsearch:9.5.3", 9200, "http://{host}:{port}"),
}

PATIENCE_S = 180.0

NO_ENGINE = "no Docker engine answers; start it and install 'gabung[containers]', or set GABUNG_SERVICES=embedded"


def engine_answers(seconds: int = 2) -> bool:
    """Whether a Docker engine answers: a client alone is not enough, and the packages may be missing."""
    client: Any = None
    try:
        import docker  # type: ignore[import-untyped, unused-ignore]
        import testcontainers.core.container  # noqa: F401

        client = docker.from_env(timeout=seconds)
        return bool(client.ping())
    except Exception:  # whatever docker raises, the answer is no
        return False
    finally:
        if client:
            client.close()


def environment(name: str, port: int) -> dict[str, str]:
    """What the image is told. Kafka gets the properties of the embedded one, listening inside its container."""
    if name == "elasticsearch":
        return {"discovery.type": "single-node", "xpack.security.enabled": "false", "ES_JAVA_OPTS": "-Xms512m -Xmx512m"}
    if name == "registry":
        return {"JAVA_OPTIONS": "-Xmx256m"}
    inside = {"kafka": IMAGES["kafka"][1], "kafka_controller": 9093}
    properties = kafka.properties(Path("/var/lib/kafka/data"), inside) | {
        "listeners": f"BROKER://:{inside['kafka']},CONTROLLER://:{inside['kafka_controller']}",
        "advertised.listeners": f"BROKER://{ports.LOOPBACK}:{port}",
    }
    settings = {"KAFKA_" + key.upper().replace(".", "_"): str(value) for key, value in properties.items()}
    return settings | {"KAFKA_HEAP_OPTS": " ".join(kafka.MEMORY)}


def start(home: Path, names: list[str], progress: Progress) -> dict[str, str]:
    """Start these, wait until they answer, and give their addresses. One that still answers is left as it is."""
    if not engine_answers():
        raise ServiceMissing(NO_ENGINE)
    try:
        return _start(home, names, progress)
    except Exception as error:
        stop(home)
        if isinstance(error, GabungError):
            raise
        # docker has a class of errors for every occasion, and each says what went wrong
        raise ServiceFailed("the containers did not start; see below", str(error).splitlines()[-15:]) from error


def _start(home: Path, names: list[str], progress: Progress) -> dict[str, str]:
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    testcontainers_config.ryuk_disabled = True  # it would remove them when this command ends
    started = remembered(home)
    known: dict[str, str] = {}
    for name in names:
        image, inside, address = IMAGES[name]
        if name in started and service_answers(name, started[name]["address"]):
            known[name] = started[name]["address"]
            continue
        port = ports.choose(name)
        progress(name, f"starting the container {image}")
        container = DockerContainer(image).with_envs(**environment(name, port))
        container.ports[f"{inside}/tcp"] = (ports.LOOPBACK, port)  # type: ignore[assignment] # docker takes a pair
        container.start()
        known[name] = address.format(host=ports.LOOPBACK, port=port)
        started[name] = {"id": container.get_container_id(), "address": known[name]}
        (home / "containers.json").write_text(json.dumps(started, indent=1), encoding="utf-8")
    deadline = time.monotonic() + PATIENCE_S
    for name in names:
        while not service_answers(name, known[name]):
            if time.monotonic() > deadline:
                raise ServiceFailed(
                    f"the container of {name} did not answer within {PATIENCE_S:.0f} s; see `docker logs`"
                )
            time.sleep(0.5)
        progress(name, f"{READY} in a container")
    return known


def stop(home: Path) -> list[str]:
    """Remove the containers that were started here; gives their names."""
    started = remembered(home)
    if not started:
        return []
    if not engine_answers():
        raise ServiceMissing(NO_ENGINE)
    import docker  # type: ignore[import-untyped, unused-ignore]

    client = docker.from_env()
    for entry in started.values():
        try:
            client.containers.get(entry["id"]).remove(force=True, v=True)
        except docker.errors.NotFound:
            continue  # somebody removed it already
    client.close()
    (home / "containers.json").unlink()
    return list(started)


def remembered(home: Path) -> dict[str, dict[str, str]]:
    """Id and address of each container that was started from this home."""
    path = home / "containers.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
