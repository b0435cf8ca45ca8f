"""A folder of policy files, checked whole: it holds altogether, or nothing of it is taken.

    agencies.yaml          who there is
    groups.yaml            who forms which group, from when until when
    release/<agency>.yaml  that agency's rules for its own reports

Every error names file and line and says what to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import WrongUse
from pipeline.release.paths import parse
from pipeline.release.policy import EVERYONE, Agency, Group, Groups, Membership, Policies, Rule
from pipeline.report.model import Country, Slug, Text, Tlp


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Agency(_File):
    id: Slug
    name: Text
    country: Country | None = None


class _Agencies(_File):
    agencies: list[_Agency]


class _Member(_File):
    agency: Slug
    from_: AwareDatetime | None = Field(default=None, alias="from")
    until: AwareDatetime | None = None


class _Group(_File):
    id: Slug
    name: Text
    owner: Slug
    members: list[_Member] = []
    retired: bool = False


class _Groups(_File):
    groups: list[_Group]


class _When(_File):
    kind: list[Slug] = []
    tlp: list[Tlp] = []
    caveats: list[Text] = []


class _Rule(_File):
    name: Text
    effect: Literal["permit", "forbid", "redact"]
    when: _When = _When()
    to: list[Slug | Literal["*"]] = Field(min_length=1)
    fields: list[Text] = []


class _Release(_File):
    agency: Slug
    rules: list[_Rule] = []


@dataclass
class _Read:
    """One file as it was read: its values, and the line of each place in it."""

    path: Path
    values: Any = None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def line(self, where: tuple[str | int, ...]) -> int:
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


def load_policy(folder: Path) -> tuple[Policies, Groups]:
    """The policy in a folder. Raises WrongUse with one line for each error, `file:line: what to write`."""
    errors: list[str] = []
    if not (folder / "agencies.yaml").is_file():
        raise WrongUse(f"{folder}/agencies.yaml is missing; a policy folder begins with it: see README, Policy")

    def wrong(read: _Read, where: tuple[str | int, ...], what: str) -> None:
        errors.append(f"{read.path.relative_to(folder)}:{read.line(where)}: {what}")

    def model(read: _Read, kind: type[_File], empty: dict[str, Any]) -> Any:
        try:
            return kind.model_validate(read.values or empty)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                path = ".".join(str(step) for step in detail["loc"])
                wrong(read, detail["loc"], f"{path}: {detail['msg']}")
            return None

    agencies_file = _read(folder / "agencies.yaml", folder, errors)
    agencies = model(agencies_file, _Agencies, {}) if agencies_file else None
    groups_file = _read(folder / "groups.yaml", folder, errors) if (folder / "groups.yaml").exists() else None
    groups = model(groups_file, _Groups, {"groups": []}) if groups_file else _Groups(groups=[])
    files = sorted((folder / "release").glob("*.y*ml"))
    releases = [(read, model(read, _Release, {})) for path in files if (read := _read(path, folder, errors))]
    if errors or agencies is None or groups is None:
        raise WrongUse("\n".join(errors))

    known: dict[str, str] = {}
    for read, path, one in _named(agencies_file, agencies, groups_file, groups):
        if one.id in known:
            wrong(read, path, f"the id {one.id} is {known[one.id]} already; an id means one thing and is never reused")
        known.setdefault(one.id, "an agency" if isinstance(one, _Agency) else "a group")
    agency_ids = {one.id for one in agencies.agencies}
    for at, group in enumerate(groups.groups):
        read = groups_file or _Read(folder / "groups.yaml")
        if group.owner not in agency_ids:
            wrong(read, ("groups", at, "owner"), f"{group.owner} is no agency; name one of agencies.yaml")
        for number, member in enumerate(group.members):
            where = ("groups", at, "members", number)
            if member.agency not in agency_ids:
                wrong(read, where, f"{member.agency} is no agency; name one of agencies.yaml")
            if member.from_ and member.until and member.until <= member.from_:
                wrong(read, where, "until is not after from; the membership would never hold")
    seen: set[str] = set()
    rules: dict[str, tuple[Rule, ...]] = {}
    for read, release in releases:
        if release.agency != read.path.stem:
            wrong(read, ("agency",), f"this file may only speak of {read.path.stem}; write agency: {read.path.stem}")
        elif release.agency not in agency_ids:
            wrong(read, ("agency",), f"{release.agency} is no agency; name one of agencies.yaml")
        elif release.agency in seen:
            wrong(read, ("agency",), f"{release.agency} has two files; keep one")
        seen.add(release.agency)
        rules[release.agency] = tuple(_rules(read, release, known, wrong))
    if errors:
        raise WrongUse("\n".join(errors))
    return (
        Policies({one.id: Agency(one.id, one.name, one.country) for one in agencies.agencies}, rules),
        {one.id: _group(one) for one in groups.groups},
    )


def _rules(read: _Read, release: _Release, known: dict[str, str], wrong: Any) -> Iterator[Rule]:
    names: set[str] = set()
    for at, rule in enumerate(release.rules):
        where = ("rules", at)
        if rule.name in names:
            wrong(read, (*where, "name"), f"two rules are named {rule.name!r}; a reason must name one")
        names.add(rule.name)
        for id_ in rule.to:
            if id_ != EVERYONE and id_ not in known:
                wrong(read, (*where, "to"), f"{id_} is neither an agency nor a group; add it, or take it out")
        if bool(rule.fields) != (rule.effect == "redact"):
            wrong(read, where, "fields belong to a redact rule, and it needs them; permit and forbid have none")
        paths = []
        for number, text in enumerate(rule.fields):
            try:
                paths.append(parse(text))
            except ValueError as error:
                wrong(read, (*where, "fields", number), str(error))
        when = rule.when
        yield Rule(
            rule.name, rule.effect, tuple(rule.to), tuple(when.kind), tuple(when.tlp), tuple(when.caveats), tuple(paths)
        )


def _named(
    agencies_file: _Read | None, agencies: _Agencies, groups_file: _Read | None, groups: _Groups
) -> Iterator[tuple[_Read, tuple[str | int, ...], _Agency | _Group]]:
    for at, agency in enumerate(agencies.agencies):
        yield agencies_file or _Read(Path()), ("agencies", at), agency
    for at, group in enumerate(groups.groups):
        yield groups_file or _Read(Path()), ("groups", at), group


def _group(one: _Group) -> Group:
    members = tuple(Membership(member.agency, _utc(member.from_), _utc(member.until)) for member in one.members)
    return Group(one.id, one.name, one.owner, members, one.retired)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _read(path: Path, folder: Path, errors: list[str]) -> _Read | None:
    """A YAML file with the line of everything in it, or nothing and an error."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or type(error).__name__
        errors.append(f"{path.relative_to(folder)}:{mark.line + 1 if mark else 1}: not YAML ({what}); mend it here")
        return None
    read = _Read(path, values)
    _lines(node, (), read.lines)
    return read


def _lines(node: Any, where: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> None:
    if node is None:
        return
    lines[where] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _lines(value, (*where, key.value), lines)
            lines[*where, key.value] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            _lines(value, (*where, at), lines)
