"""What the services are told, and what is asked of the machine before they start."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy import containers, elastic, fetch, kafka, ports, registry, services
from pipeline.errors import ServiceMissing, WrongUse

PORTS = {
    "kafka": 1001,
    "kafka_controller": 1002,
    "registry": 1003,
    "registry_management": 1004,
    "elasticsearch": 1005,
    "elasticsearch_transport": 1006,
}


def test_every_listener_is_on_loopback() -> None:
    told = {
        **kafka.properties(Path("/data"), PORTS),
        **registry.environment(Path("/data"), PORTS),
        **elastic.settings(Path("/data"), Path("/logs"), PORTS),
    }
    hosts = {key: value for key, value in told.items() if re.search(r"host$|HOST$|listeners$|voters$", key)}
    assert len(hosts) == 7
    for value in hosts.values():
        assert set(re.findall(r"[\d.]{7,}", str(value))) == {"127.0.0.1"}
        assert "0.0.0.0" not in str(value)


def test_kafka_wants_one_copy_of_everything() -> None:
    told = kafka.properties(Path("/data"), PORTS)
    copies = {key: value for key, value in told.items() if re.search(r"replication\.factor|isr|insync", key)}
    assert set(copies.values()) == {1}
    assert len(copies) == 7


def test_a_backslash_in_a_folder_survives_the_properties_file() -> None:
    assert kafka.render({"log.dirs": r"/a\b", "node.id": 1}) == "log.dirs=/a\\\\b\nnode.id=1\n"


def test_in_a_container_kafka_is_told_its_address_outside() -> None:
    told = containers.environment("kafka", 1001)
    assert told["KAFKA_ADVERTISED_LISTENERS"] == "BROKER://127.0.0.1:1001"
    assert told["KAFKA_LISTENERS"] == "BROKER://:9092,CONTROLLER://:9093"


@pytest.mark.parametrize("programs", [fetch.SERVICES, fetch.KEYCLOAK])
def test_a_pom_names_no_host_but_mavens_own_namespace(programs: fetch.Programs) -> None:
    text = programs.pom.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([^/\s\"]+)", text)) == {"maven.apache.org", "www.w3.org"}
    assert "<repositor" not in text
    assert "<pluginRepositor" not in text


def test_a_jar_whose_end_is_missing_is_found(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jar", tmp_path / "sub" / "cut.jar"
    cut.parent.mkdir()
    archive = Path(shutil.make_archive(str(tmp_path / "archive"), "zip", Path(fetch.__file__).parent, "pom.xml"))
    whole.write_bytes(archive.read_bytes())
    cut.write_bytes(archive.read_bytes()[:-30])
    assert list(fetch.broken_jars(tmp_path)) == [cut]


def test_a_taken_port_that_was_asked_for_is_refused_by_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WrongUse, match=f"port {port} is taken.*GABUNG_KAFKA_PORT"):
            ports.choose("kafka", environment={"GABUNG_KAFKA_PORT": str(port)})
        assert ports.choose("kafka", last=port, environment={}) != port
    assert ports.choose("kafka", last=port, environment={}) == port


@pytest.mark.parametrize("text", ["nine", "0", "65536", "-1"])
def test_a_port_must_be_one(text: str) -> None:
    with pytest.raises(WrongUse, match="GABUNG_WEB_PORT must be a port"):
        ports.choose("web", environment={"GABUNG_WEB_PORT": text})


def test_every_service_gets_a_port_of_its_own_even_when_it_remembers_another_ones() -> None:
    port = ports.free_port()
    chosen = ports.choose_all(["kafka", "registry"], {"kafka": port, "registry": port}, {})
    assert len(set(chosen.values())) == 2
    pinned = {"GABUNG_KAFKA_PORT": str(port), "GABUNG_REGISTRY_PORT": str(port)}
    with pytest.raises(WrongUse, match="wanted twice"):
        ports.choose_all(["kafka", "registry"], {}, pinned)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100 << 30, 99 << 30, 700 << 20))
    with pytest.raises(ServiceMissing, match="700 MiB are free and 1024 MiB are needed"):
        services.start_services(tmp_path / "home")


@pytest.mark.parametrize(
    ("wanted", "missing", "chosen"),
    [
        ("embedded", ["kafka"], "embedded"),
        ("containers", ["kafka"], "containers"),
        ("environment", ["kafka"], "environment"),
        ("containers", [], ""),
        (None, [], ""),
    ],
)
def test_where_services_come_from_can_be_forced(wanted: str | None, missing: list[str], chosen: str) -> None:
    assert services.choice(missing, {"GABUNG_SERVICES": wanted} if wanted else {}) == chosen


def test_an_unknown_place_for_services_is_refused() -> None:
    with pytest.raises(WrongUse, match="environment, containers or embedded"):
        services.choice(["kafka"], {"GABUNG_SERVICES": "cloud"})


def test_containers_without_an_engine_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{ports.free_port()}")
    monkeypatch.setenv("GABUNG_SERVICES", "containers")
    for name in services.SERVICES:
        monkeypatch.delenv(f"GABUNG_{name.upper()}", raising=False)
    with pytest.raises(ServiceMissing, match="no Docker engine answers"):
        services.start_services(tmp_path / "home")


def test_an_address_that_does_not_answer_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GABUNG_ELASTICSEARCH", f"http://user:secret@127.0.0.1:{ports.free_port()}")
    with pytest.raises(ServiceMissing, match="nothing answers at GABUNG_ELASTICSEARCH=127") as failure:
        services.start_services(tmp_path / "home")
    assert "secret" not in str(failure.value)


def test_addresses_are_added_and_taken_out_one_by_one(tmp_path: Path) -> None:
    services.remember(tmp_path, kafka="127.0.0.1:1", web="http://127.0.0.1:2")
    services.forget(tmp_path, "web")
    assert services.read(tmp_path / "services.json") == {"kafka": "127.0.0.1:1"}
    services.forget(tmp_path, "kafka")
    assert not (tmp_path / "services.json").exists()
