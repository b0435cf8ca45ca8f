"""Which Java runs which service."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.java import NEEDS, Java, choose, found_here, read_modules
from pipeline.errors import ServiceMissing

FULL = frozenset({"java.base", "jdk.jdi"})
JLINKED = frozenset({"java.base"})


def java(version: int, modules: frozenset[str] = FULL, home: str = "") -> Java:
    return Java(Path(home or f"/jvm/{version}"), version, modules)


@pytest.mark.parametrize(
    ("service", "found", "chosen"),
    [
        ("kafka", [java(11), java(17)], 17),
        ("kafka", [java(17), java(25), java(21)], 25),
        ("kafka", [java(25, JLINKED)], 25),
        ("kafka", [java(11)], None),
        ("registry", [java(17)], 17),
        ("elasticsearch", [java(17), java(21)], 21),
        ("elasticsearch", [java(21), java(25, JLINKED)], 21),
        ("elasticsearch", [java(17)], None),
        ("elasticsearch", [java(25, JLINKED)], None),
        ("elasticsearch", [], None),
    ],
)
def test_the_newest_that_fits_is_chosen(service: str, found: list[Java], chosen: int | None) -> None:
    if chosen is None:
        with pytest.raises(ServiceMissing, match=NEEDS[service].package.split()[0]):
            choose(service, found)
    else:
        assert choose(service, found).version == chosen


def test_of_equals_the_first_is_chosen() -> None:
    assert choose("kafka", [java(21, home="/mine"), java(21, home="/other")]).home == Path("/mine")


def test_version_and_modules_are_read_from_what_java_lists() -> None:
    assert read_modules(Path("/j"), "java.base@21.0.3\njdk.jdi@21.0.3\n") == java(21, home="/j")
    assert read_modules(Path("/j"), "Error: no such option") is None


def test_java_home_is_asked_as_well_as_the_path(tmp_path: Path) -> None:
    for version in (17, 21):
        program = tmp_path / str(version) / "bin" / "java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho java.base@{version}.0.1\n")
        program.chmod(0o755)
    environment = {"JAVA_HOME": str(tmp_path / "17"), "PATH": str(tmp_path / "21" / "bin")}
    found = {one.home: one.version for one in found_here(environment)}
    assert found[tmp_path / "17"] == 17
    assert found[tmp_path / "21"] == 21


def test_a_folder_whose_java_does_not_run_is_passed_over(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert tmp_path not in {one.home for one in found_here({"JAVA_HOME": str(tmp_path), "PATH": ""})}
