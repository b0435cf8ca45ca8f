"""A folder of policy files, checked whole: it holds altogether, or nothing of it is taken.

    agencies.yaml          who there is
    groups.yaml            who forms which group, from when until when
    release/<agency>.yaml  that agency's rules for its own reports

Every error names file and line and says what to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import WrongUse
from pipeline.release.paths import parse
from pipeline.release.policy import EVERYONE, Agency, Group, Groups, Membership, Policies, Rule
from pipeline.release.read import Read, mistakes, read
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


STRAY = "is not read; what it says belongs in agencies.yaml, groups.yaml or release/<agency>.yaml"
"""Said of a file that somebody may believe to be in force."""


def load_policy(folder: Path) -> tuple[Policies, Groups]:
    """The policy in a folder. Raises WrongUse with one line for each error, `file:line: what to write`."""
    errors: list[str] = []
    if not (folder / "agencies.yaml").is_file():
        raise WrongUse(f"{folder}/agencies.yaml is missing; a policy folder begins with it: see README, Policy")

    def wrong(file: Read, where: tuple[str | int, ...], what: str) -> None:
        errors.append(f"{file.path.relative_to(folder)}:{file.line(where)}: {what}")

    def model(file: Read, kind: type[_File], empty: dict[str, Any]) -> Any:
        try:
            return kind.model_validate(empty if file.values is None else file.values)
        except ValidationError as error:
            for where, what in mistakes(error, kind):
                wrong(file, where, what)
            return None

    agencies_file = _read(folder / "agencies.yaml", folder, errors)
    agencies = model(agencies_file, _Agencies, {}) if agencies_file else None
    groups_file = _read(folder / "groups.yaml", folder, errors) if (folder / "groups.yaml").exists() else None
    groups = model(groups_file, _Groups, {"groups": []}) if groups_file else _Groups(groups=[])
    files = sorted((folder / "release").glob("*.y*ml"))
    releases = [(file, model(file, _Release, {})) for path in files if (file := _read(path, folder, errors))]
    errors += _stray(folder)
    if errors or agencies is None or groups is None:
        raise WrongUse("\n".join(errors))

    known: dict[str, str] = {}
    for file, path, one in _named(agencies_file, agencies, groups_file, groups):
        if one.id in known:
            wrong(file, path, f"the id {one.id} is {known[one.id]} already; an id means one thing and is never reused")
        known.setdefault(one.id, "an agency" if isinstance(one, _Agency) else "a group")
    agency_ids = {one.id for one in agencies.agencies}
    for at, group in enumerate(groups.groups):
        file = groups_file or Read(folder / "groups.yaml")
        if group.owner not in agency_ids:
            wrong(file, ("groups", at, "owner"), f"{group.owner} is no agency; name one of agencies.yaml")
        for number, member in enumerate(group.members):
            where = ("groups", at, "members", number)
            if member.agency not in agency_ids:
                wrong(file, where, f"{member.agency} is no agency; name one of agencies.yaml")
            if member.from_ and member.until and member.until <= member.from_:
                wrong(file, where, "until is not after from; the membership would never hold")
    seen: set[str] = set()
    rules: dict[str, tuple[Rule, ...]] = {}
    for file, release in releases:
        if release.agency != file.path.stem:
            wrong(file, ("agency",), f"this file may only speak of {file.path.stem}; write agency: {file.path.stem}")
        elif release.agency not in agency_ids:
            wrong(file, ("agency",), f"{release.agency} is no agency; name one of agencies.yaml")
        elif release.agency in seen:
            wrong(file, ("agency",), f"{release.agency} has two files; keep one")
        seen.add(release.agency)
        rules[release.agency] = tuple(_rules(file, release, known, wrong))
    if errors:
        raise WrongUse("\n".join(errors))
    return (
        Policies({one.id: Agency(one.id, one.name, one.country) for one in agencies.agencies}, rules),
        {one.id: _group(one) for one in groups.groups},
    )


def _rules(file: Read, release: _Release, known: dict[str, str], wrong: Any) -> Iterator[Rule]:
    names: set[str] = set()
    for at, rule in enumerate(release.rules):
        where = ("rules", at)
        if rule.name in names:
            wrong(file, (*where, "name"), f"two rules are named {rule.name!r}; a reason must name one")
        names.add(rule.name)
        for id_ in rule.to:
            if id_ != EVERYONE and id_ not in known:
                wrong(file, (*where, "to"), f"{id_} is neither an agency nor a group; add it, or take it out")
        if rule.effect == "redact" and not rule.fields:
            wrong(file, where, "a redact rule needs fields; write which, like fields: [narrative]")
        if rule.effect != "redact" and rule.fields:
            wrong(file, (*where, "fields"), f"fields belong to a redact rule; a {rule.effect} speaks of whole reports")
        paths = []
        for number, text in enumerate(rule.fields):
            try:
                paths.append(parse(text))
            except ValueError as error:
                wrong(file, (*where, "fields", number), str(error))
        when = rule.when
        yield Rule(
            rule.name, rule.effect, tuple(rule.to), tuple(when.kind), tuple(when.tlp), tuple(when.caveats), tuple(paths)
        )


def _named(
    agencies_file: Read | None, agencies: _Agencies, groups_file: Read | None, groups: _Groups
) -> Iterator[tuple[Read, tuple[str | int, ...], _Agency | _Group]]:
    for at, agency in enumerate(agencies.agencies):
        yield agencies_file or Read(Path()), ("agencies", at), agency
    for at, group in enumerate(groups.groups):
        yield groups_file or Read(Path()), ("groups", at), group


def _group(one: _Group) -> Group:
    members = tuple(Membership(member.agency, _utc(member.from_), _utc(member.until)) for member in one.members)
    return Group(one.id, one.name, one.owner, members, one.retired)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _read(path: Path, folder: Path, errors: list[str]) -> Read | None:
    found = read(path)
    if isinstance(found, Read):
        return found
    line, what = found
    errors.append(f"{path.relative_to(folder)}:{line}: {what}")
    return None


def _stray(folder: Path) -> Iterator[str]:
    """YAML files of which nothing is read, in the order of their names."""
    expected = {folder / "agencies.yaml", folder / "groups.yaml", *(folder / "release").glob("*.y*ml")}
    found = {*folder.glob("*.y*ml"), *folder.glob("*/*.y*ml"), *(folder / "release").glob("*.txt")}
    for path in sorted(found - expected):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield f"{path.relative_to(folder)}:1: {STRAY}"
