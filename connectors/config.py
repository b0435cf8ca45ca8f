"""The connector file. DESIGN section 9."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import WrongUse
from pipeline.report.model import Slug


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name} is no time zone; write one like Asia/Jakarta or UTC") from None
    return name


class Source(BaseModel):
    """Where records come from. What else a kind understands stands in its README."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["csv", "ndjson", "misp", "stix"]
    path: str
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None


class Config(BaseModel):
    """A connector file.

    marking: what a report gets unless the map or the record says more. timezone: of times that name none.
    date_format: how dates are written where not as ISO 8601 (strptime). values: translations of cells, by column.
    sharing_groups and distribution: what MISP's mean here, as lists of agencies and groups.
    """

    model_config = ConfigDict(extra="forbid")

    agency: Slug
    source: Source
    marking: dict[str, Any] = {}
    map: dict[str, Any] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    date_format: str | None = None
    values: dict[str, dict[str, str]] = {}
    sharing_groups: dict[str, list[str]] = {}
    distribution: dict[int, list[str] | None] = {}
    path: Path = Field(default=Path(), exclude=True)

    @property
    def folder(self) -> Path:
        return self.path.parent


def load(path: Path) -> Config:
    """The connector file at `path`. Raises WrongUse naming file, line and what to write."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path} cannot be read ({type(error).__name__}); give a connector file in YAML") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise WrongUse(f"{path}:{mark.line + 1 if mark else 1}: not YAML; mend it there") from None
    if not isinstance(values, dict):
        raise WrongUse(f"{path}:1: a connector file begins with `agency:` and `source:`; see connectors/README.md")
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in detail["loc"])
        raise WrongUse(f"{path}:{_line(node, detail['loc'])}: {where}: {detail['msg']}") from None
    if config.source.type == "csv" and not config.map:
        raise WrongUse(f"{path}: a csv source needs a `map` that says which column is what")
    return config.model_copy(update={"path": path.absolute()})


def _line(node: Any, steps: tuple[int | str, ...]) -> int:
    line = int(node.start_mark.line) + 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            line, node = int(found[0][0].start_mark.line) + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = int(node.start_mark.line) + 1
    return line
