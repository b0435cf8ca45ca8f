"""The connector file. DESIGN section 9."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import WrongUse
from pipeline.report.avro import explain
from pipeline.report.model import Marking, Slug

OWN_FORM = frozenset({"misp", "stix"})
"""Kinds whose records bring their own map and marking; a connector file's `map` amends what they make."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name} is no time zone; write one like Asia/Jakarta or UTC") from None
    return name


def _encoding(name: str) -> str:
    try:
        split_by_line = "\n".encode(codecs.lookup(name).name) == b"\n"
    except (LookupError, UnicodeError):
        raise ValueError(f"{name} is no encoding; write one like utf-8 or windows-1252") from None
    if not split_by_line:
        raise ValueError(f"{name} cannot be read line by line; convert the file to utf-8")
    return name


def _marking(marking: dict[str, Any]) -> dict[str, Any]:
    try:
        Marking.model_validate({"tlp": "RED", **marking})
    except ValidationError as error:
        raise ValueError(explain(error)) from None
    return marking


Readers = list[Slug | Literal["*"]]


class Source(BaseModel):
    """Where records come from. What else a kind understands stands in its README."""

    model_config = ConfigDict(extra="forbid")

    type: str
    path: Annotated[str, Field(min_length=1)]
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
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
    marking: Annotated[dict[str, Any], AfterValidator(_marking)] = {}
    map: dict[str, Any] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    date_format: str | None = None
    values: dict[str, dict[str, str]] = {}
    sharing_groups: dict[str, Readers] = {}
    distribution: dict[Annotated[int, Field(ge=0, le=3)], Readers | None] = {}
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
    if wrong := _at_odds(config):
        steps, reason = wrong
        raise WrongUse(f"{path}:{_line(node, steps)}: {'.'.join(steps)}: {reason}")
    return config.model_copy(update={"path": path.absolute()})


def _at_odds(config: Config) -> tuple[tuple[str, ...], str] | None:
    """What is wrong though each field by itself is right: where, and what to write."""
    from connectors.kinds import KINDS  # which is made of modules that need this one

    kind = config.source.type
    if kind not in KINDS:
        return ("source", "type"), f"{kind} is no kind of source; write one of {', '.join(KINDS)}"
    if kind == "csv" and not config.map:
        return ("source",), "a csv source needs a `map` that says which column is what"
    if kind in OWN_FORM and config.map and (taken := {"marking", "entities", "links"} & config.map.keys()):
        return ("map", sorted(taken)[0]), f"{kind} records bring their own; say it in `marking` or leave it out"
    return None


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
