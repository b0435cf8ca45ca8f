"""Elasticsearch as one node, on loopback. It refuses to run as root, so root's runs as another user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from deploy import java as javas
from deploy.health import service_answers
from deploy.java import Java
from deploy.launch import Launch
from deploy.ports import LOOPBACK
from pipeline.errors import WrongUse

PORTS = ("elasticsearch", "elasticsearch_transport")

JVM_OPTIONS = """\
-Xms512m
-Xmx512m
# No gc.log files and no heap dumps: this is a small machine's disk.
-Xlog:disable
-Xlog:all=warning:stderr
-XX:-HeapDumpOnOutOfMemoryError
"""

LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %node_name%marker %m%consoleException%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.node.name = org.elasticsearch.node
logger.node.level = info
"""


def settings(data: Path, logs: Path, ports: Mapping[str, int]) -> dict[str, object]:
    """elasticsearch.yml."""
    return {
        "cluster.name": "gabung",
        "node.name": "gabung",
        "path.data": str(data),
        "path.logs": str(logs),
        "discovery.type": "single-node",
        "http.host": LOOPBACK,
        "http.port": ports["elasticsearch"],
        "transport.host": LOOPBACK,
        "transport.port": ports["elasticsearch_transport"],
        "xpack.security.enabled": False,
        # Nobody waits for what is written, while who waits for an alert shares the processors with it.
        "thread_pool.write.size": max(1, (os.cpu_count() or 1) // 2),
        # On a developer's disk that is nine tenths full, the watermarks would stop all writing.
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }


def user() -> str | None:
    """Who it runs as: ourselves, or, where we are root, `GABUNG_ELASTICSEARCH_USER`, else nobody."""
    return (os.environ.get("GABUNG_ELASTICSEARCH_USER") or "nobody") if os.geteuid() == 0 else None


def choose_java(found: Iterable[Java]) -> Java:
    """The newest Java that fits and that its user can reach: one under /root is of no use to it."""
    return javas.choose("elasticsearch", [java for java in found if _reaches(user(), Path(java.program))])


def prepare(home: Path, programs: Path, java: Java, ports: Mapping[str, int]) -> Launch:
    """Write the configuration, give the folder to the user it runs as, and say how to start it."""
    runs_as = user()
    if runs_as and not _reaches(runs_as, home):
        raise WrongUse(
            f"Elasticsearch refuses to run as root, and the user {runs_as} cannot reach {home}; "
            "set GABUNG_HOME to a folder that every user may enter"
        )
    folder = home / "elasticsearch"
    data, config, scratch = folder / "data", folder / "config", folder / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    for path in (data, config / "jvm.options.d", scratch):
        path.mkdir(parents=True, exist_ok=True)
    program = _program(programs, folder, runs_as)
    shutil.copy(program / "config" / "jvm.options", config)
    (config / "jvm.options.d" / "gabung.options").write_text(JVM_OPTIONS, encoding="utf-8")
    (config / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
    (config / "elasticsearch.yml").write_text(yaml.safe_dump(settings(data, scratch, ports)), encoding="utf-8")
    folder.chmod(0o700)
    if runs_as:
        _give(folder, runs_as)
    environment = {
        "ES_JAVA_HOME": str(java.home),
        "ES_PATH_CONF": str(config),
        "ES_TMPDIR": str(scratch),
        "ES_JAVA_OPTS": None,
        "HOME": str(folder),
    }
    address = f"http://{LOOPBACK}:{ports['elasticsearch']}"
    return Launch(
        "elasticsearch",
        [str(program / "bin" / "elasticsearch")],
        lambda: service_answers("elasticsearch", address),
        env=environment,
        cwd=folder,
        user=runs_as,
    )


def _program(programs: Path, folder: Path, runs_as: str | None) -> Path:
    """Where it is unpacked; copied next to its data where its user cannot reach the cache."""
    unpacked = next((programs / "elasticsearch").glob("elasticsearch-*"))
    if _reaches(runs_as, unpacked / "bin" / "elasticsearch"):
        return unpacked
    copy = folder / programs.name / unpacked.name
    if not copy.exists():
        part = copy.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(unpacked, part)
        part.rename(copy)
    return copy


def _reaches(runs_as: str | None, path: Path) -> bool:
    """Whether that user may enter or run what stands there: asked as that user, since no list of rules is complete."""
    if runs_as is None:
        return os.access(path, os.X_OK)
    entry = pwd.getpwnam(runs_as)
    asked = subprocess.run(  # noqa: S603
        ["/usr/bin/test", "-x", path], user=entry.pw_uid, group=entry.pw_gid, extra_groups=[]
    )
    return asked.returncode == 0


def _give(folder: Path, runs_as: str) -> None:
    entry = pwd.getpwnam(runs_as)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
