"""Which Java runs which service: JAVA_HOME, PATH and the usual folders are asked, and the newest that fits is taken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ServiceMissing

USUAL_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/lib64/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/jdk*",
    "~/.jdks/*",
    "~/.sdkman/candidates/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
)


@dataclass(frozen=True)
class Java:
    """A Java found here: its folder (JAVA_HOME), its feature version (17, 21, 25 …) and its modules."""

    home: Path
    version: int
    modules: frozenset[str]

    @property
    def program(self) -> str:
        return str(self.home / "bin" / "java")


@dataclass(frozen=True)
class Need:
    """What a service asks of Java, and the Debian package that brings it."""

    version: int
    package: str
    modules: frozenset[str] = frozenset()


NEEDS = {
    "kafka": Need(17, "openjdk-17-jre-headless"),
    "registry": Need(17, "openjdk-17-jre-headless"),
    "keycloak": Need(21, "openjdk-21-jdk-headless (on Debian 12 temurin-21-jdk)"),
    # Runtimes that were jlinked down to fewer modules lack jdk.jdi, and Elasticsearch stops at once on them.
    "elasticsearch": Need(21, "openjdk-21-jdk-headless (on Debian 12 temurin-21-jdk)", frozenset({"jdk.jdi"})),
}


def fits(java: Java, need: Need) -> bool:
    """Whether a service with this need runs on this Java."""
    return java.version >= need.version and need.modules <= java.modules


def choose(service: str, javas: Iterable[Java]) -> Java:
    """The newest Java that fits; of equals, the first. Raises ServiceMissing naming the package to install."""
    need = NEEDS[service]
    javas = list(javas)
    fitting = [java for java in javas if fits(java, need)]
    if fitting:
        return max(fitting, key=lambda java: java.version)
    found = ", ".join(sorted({str(java.version) for java in javas})) or "none"
    lacking = f" with the module {', '.join(sorted(need.modules))}" if need.modules else ""
    raise ServiceMissing(
        f"{service} needs Java {need.version} or later{lacking}, found: {found}; "
        f"install {need.package}, or set JAVA_HOME to one"
    )


def found_here(environment: Mapping[str, str] = os.environ) -> list[Java]:
    """Every Java on this machine that runs, each once."""
    homes = dict.fromkeys(home.resolve() for home in _homes(environment))
    return [java for home in homes if (java := probe(home))]


def _homes(environment: Mapping[str, str]) -> Iterator[Path]:
    if given := environment.get("JAVA_HOME"):
        yield Path(given)
    if program := shutil.which("java", path=environment.get("PATH")):
        yield Path(program).resolve().parent.parent
    for pattern in USUAL_FOLDERS:
        # `~` follows the environment's HOME; a pattern is split because pathlib wants it relative
        folder = Path(pattern).expanduser() if environment.get("HOME") or "~" not in pattern else Path(pattern)
        root = Path(folder.anchor or ".")
        yield from sorted(root.glob(str(folder.relative_to(root))))


def probe(home: Path) -> Java | None:
    """Ask a Java for its version and modules; None where there is none, or it does not run."""
    program = home / "bin" / "java"
    if not os.access(program, os.X_OK):
        return None
    try:
        listing = [str(program), "--list-modules"]
        answer = subprocess.run(listing, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None  # Java 8 knows no modules, and fits nothing here
    return read_modules(home, answer.stdout)


def read_modules(home: Path, listing: str) -> Java | None:
    """Read `java --list-modules`: lines such as `java.base@21.0.3`."""
    modules = frozenset(line.partition("@")[0] for line in listing.splitlines() if line)
    version = re.search(r"^java\.base@(\d+)", listing, re.MULTILINE)
    return Java(home, int(version[1]), modules) if version else None
