"""Programs in Java: fetched once by Maven from the coordinates in a pom, kept in the cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import ServiceFailed
from deploy.progress import Progress, shown
from pipeline.addresses import cache as home_cache
from pipeline.errors import ServiceMissing


@dataclass(frozen=True)
class Programs:
    """What one pom brings. witnesses: one file of each program; a folder that lacks one was damaged."""

    name: str
    pom: Path
    witnesses: tuple[str, ...]

    def are_whole(self, folder: Path) -> bool:
        return all(any(folder.glob(pattern)) for pattern in self.witnesses)


SERVICES = Programs(
    "services",
    Path(__file__).with_name("pom.xml"),
    ("kafka/kafka_2.13-*.jar", "registry/quarkus-run.jar", "elasticsearch/*/bin/elasticsearch"),
)
KEYCLOAK = Programs("keycloak", Path(__file__).with_name("keycloak.xml"), ("keycloak/*/bin/kc.sh",))
"""An OpenID provider, for the test of sign-in alone."""

DOWNLOADED = re.compile(r"Downloaded from \S+ (?:\S+/)?(\S+) \((.+?) at")
MISSING_MAVEN = "Maven is missing; install it (apt-get install maven), or set GABUNG_KAFKA, GABUNG_REGISTRY and \
GABUNG_ELASTICSEARCH to services that run already"


def fetched(cache: Path, progress: Progress, programs: Programs = SERVICES) -> Path:
    """The folder with, of the services, `kafka/*.jar`, `registry/quarkus-run.jar`, `elasticsearch/elasticsearch-*/`.

    It is named after the pom's hash and appears whole or not at all, so its being there is the stamp. A second
    process that wants it meanwhile waits for the first.
    """
    folder = cache / f"{programs.name}-{hashlib.sha256(programs.pom.read_bytes()).hexdigest()[:12]}"
    if programs.are_whole(folder):
        return folder
    with _alone(cache):
        if not programs.are_whole(folder):
            _fetch(cache, folder, progress, programs)
    return folder


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(cache: Path, folder: Path, progress: Progress, programs: Programs) -> None:
    if shutil.which("mvn") is None:
        raise ServiceMissing(MISSING_MAVEN)
    part, log = cache / f"{programs.name}.part", cache / "fetch.log"
    # Maven trusts what lies in its own store. So where the outcome is broken, the second try gets an empty store.
    for store in (_store(cache), cache / "maven.part"):
        shutil.rmtree(part, ignore_errors=True)
        code = _run_maven(programs.pom, part, log, store, progress)
        broken = sorted(broken_jars(part))
        second = store == cache / "maven.part"
        if second:
            shutil.rmtree(cache / "maven.part", ignore_errors=True)
        if code == 0 and not broken and programs.are_whole(part):
            break
        if code != 0 and not second and not _is_about_a_broken_file(log):
            break  # no network, say: a second try would fail the same way
        progress("programs", "a download is broken; fetching again")
    else:
        code = code or 1
    if code != 0 or broken or not programs.are_whole(part):
        shutil.rmtree(part, ignore_errors=True)
        raise ServiceFailed(
            f"Maven could not fetch the programs; check the network and Maven's settings.xml, see {log}, "
            "then try again",
            _errors(log),
        )
    for path in part.rglob("*"):  # Elasticsearch's user must be able to read what root unpacked
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444))
    part.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    progress("programs", "ready")


def _store(cache: Path) -> Path | None:
    """Maven's own store, or one in the cache where it cannot be: Java takes the home from the password file, and an
    account of a service may have none."""
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    return None if os.access(home, os.W_OK) else cache / "maven"


def _run_maven(pom: Path, into: Path, log: Path, store: Path | None, progress: Progress) -> int:
    argv = ["mvn", "-B", "-f", str(pom), f"-Dinto={into}", "process-resources"]
    if store:
        argv.insert(1, f"-Dmaven.repo.local={store}")
    progress("programs", "asking Maven …")
    count = 0
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(  # noqa: S603
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as maven,
    ):
        assert maven.stdout is not None
        for line in maven.stdout:
            output.write(line)
            if done := DOWNLOADED.search(line):
                count += 1
                progress("programs", f"{count} files, last {done[1]} ({done[2]}) …")
    return maven.returncode


def broken_jars(folder: Path) -> Iterator[Path]:
    """Jars whose end is missing or which are no archives at all."""
    return (jar for jar in folder.rglob("*.jar") if not zipfile.is_zipfile(jar))


BROKEN = (
    "Error unpacking",
    "Unknown archiver",
    "zip END header",
    "Unexpected end",
    "Truncated",
    "Not in GZIP",
    "corrupt",
)


def _is_about_a_broken_file(log: Path) -> bool:
    text = log.read_text(encoding="utf-8", errors="replace")
    return any(sign in text for sign in BROKEN)


def _errors(log: Path) -> list[str]:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line[:500] for line in lines if line.strip()][-15:]


def main() -> int:
    """`python -m deploy.fetch`: fetch the services now, so that the first start need not. Returns an exit code."""
    try:
        with shown() as progress:
            fetched(home_cache(), progress)
    except ServiceMissing as error:
        print(error, *getattr(error, "log_end", ()), sep="\n  ", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
