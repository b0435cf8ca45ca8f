"""The case as it was read back through the agencies' own connectors, for three seeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest

from connectors.base import Broken
from connectors.check import Ready, checked
from connectors.config import load
from deploy.demo.generate import generate
from deploy.demo.scenario import Scenario, scenario
from pipeline.enrich.enrich import load_reference
from pipeline.index.document import Document
from pipeline.release.load import load_policy
from pipeline.report.model import Report, report_id
from pipeline.shell.memory import fuse

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SEEDS = (7, 8, 2026)


@dataclass
class Case:
    """told: what the generator knows. files: the connector files, in their order."""

    folder: Path
    told: Scenario
    files: list[Path]

    @cached_property
    def items(self) -> list[Ready | Broken]:
        read = [one for file in self.files for one in checked(load(file))]
        return [one for one in read if isinstance(one, Ready | Broken)]

    @cached_property
    def reports(self) -> list[Report]:
        return [one.report for one in self.items if isinstance(one, Ready)]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Report id -> label, of those that have one."""
        return {report_id(*one.id): one.label for one in self.told.records if one.label}

    def documents(self, reader: str, *, only: str | None = None) -> list[Document]:
        """What the reference engine gives a reader; `only` from one agency's reports."""
        key = (reader, only)
        if key not in self._documents:
            policies, groups = load_policy(self.folder / "policy")
            reports = [one for one in self.reports if only in (None, one.agency)]
            self._documents[key] = fuse(reports, policies, groups, reader, NOW, load_reference())
        return self._documents[key]

    @cached_property
    def _documents(self) -> dict[tuple[str, str | None], list[Document]]:
        return {}


@pytest.fixture(scope="session", params=SEEDS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp(f"demo-{request.param}")
    return Case(folder, scenario(request.param, NOW), generate(request.param, NOW, folder))
