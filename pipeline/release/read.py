"""One YAML file of a policy folder: its values, the line of each, and what is wrong with one in words that say what to
write instead. Stricter than YAML where YAML would quietly take something else than was meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

Where = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Takes no key twice, since the first would be lost without a word: two lists of rules, and one of them is gone."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"{key.value} stands here twice; keep one"
                    raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


# Moments are read by the model, which knows what is wrong with one; `NO` is Norway, `no` a word.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

SAYS: dict[str, str] = {
    # pydantic's kind of error: what to write; {expected} and the like are its context
    "missing": "is missing; add it",
    "literal_error": "is one of {expected}",
    "list_type": "is a list; write [one, two], or leave the line out",
    "too_short": "names nobody; name at least one, or take it out",
    "string_type": 'is a text; write it in quotes, like "110"',
    "string_too_short": "is empty; write something, or leave the line out",
    "bool_parsing": "is true or false",
    "bool_type": "is true or false",
    "timezone_aware": "needs a time of day and a zone; write it like 2026-01-01T00:00:00Z",
}
MOMENT = "is no moment; write it like 2026-01-01T00:00:00Z"
PATTERNS: tuple[tuple[str, str], ...] = (
    # part of a pattern in pipeline.report.model: what it means
    ("[A-Z]{2}", "is two capital letters, like ID"),
    ("[a-z0-9]", "is small letters, digits, - and _ only, and begins with a letter or digit"),
)


@dataclass
class Read:
    """One file as it was read."""

    path: Path
    values: Any = None
    lines: dict[Where, int] = field(default_factory=dict)

    def line(self, where: Where) -> int:
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


def read(path: Path) -> Read | tuple[int, str]:
    """A file; or where it is none, the line and what is wrong there."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)  # noqa: S506  made of SafeLoader
    except UnicodeDecodeError as error:
        return error.object.count(b"\n", 0, error.start) + 1, "not UTF-8; save the file as UTF-8"
    except OSError as error:
        return 1, f"cannot be read ({error.strerror}); give whoever runs Gabung the right to"
    except (yaml.YAMLError, RecursionError) as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or type(error).__name__
        if problem.endswith("keep one"):
            what = problem
        elif "alias" in problem or "alphabetic or numeric" in problem:
            what = 'not YAML; write "*" in quotes'
        else:
            what = f"not YAML ({problem}); mend it here"
        return (mark.line + 1 if mark else 1), what
    found = Read(path, values)
    _lines(node, (), found.lines)
    return found


def mistakes(error: ValidationError, kind: type[BaseModel]) -> Iterable[tuple[Where, str]]:
    """Where the values do not follow the model, and what to write there."""
    told: set[Where] = set()
    for detail in error.errors(include_url=False):
        # A list may hold ids or "*": where it holds neither, it is told once.
        loc = tuple(
            step for step in detail["loc"] if not str(step).startswith(("constrained-", "literal[", "function-"))
        )
        if loc not in told:
            told.add(loc)
            path = ".".join(str(step) for step in loc)
            yield (
                loc,
                f"{path} {_says(detail, kind, loc)}" if path else "write `name: …` lines, as README, Policy shows",
            )


def _says(detail: Any, kind: type[BaseModel], loc: Where) -> str:
    what = detail["type"]
    if what == "extra_forbidden":
        return f"is not known here; write one of {', '.join(_fields(kind, loc[:-1]))}"
    if what in ("model_type", "model_attributes_type", "dict_type"):
        return f"has {', '.join(_fields(kind, loc))} inside; write them as `name: …`"
    if what == "string_pattern_mismatch":
        return next((says for part, says in PATTERNS if part in detail["ctx"]["pattern"]), str(detail["msg"]))
    if what.startswith(("datetime", "date_")):
        return MOMENT
    return SAYS[what].format(**detail.get("ctx", {})) if what in SAYS else f"is wrong: {detail['msg']}"


def _fields(kind: type[BaseModel], loc: Where) -> list[str]:
    """The names that may stand at a place of the file."""
    for step in loc:
        if isinstance(step, str):
            names = {one.alias or name: one for name, one in kind.model_fields.items()}
            kind = next(iter(_models(names[step].annotation)), kind) if step in names else kind
    return [one.alias or name for name, one in kind.model_fields.items()]


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _lines(node: Any, where: Where, lines: dict[Where, int]) -> None:
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
