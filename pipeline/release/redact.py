"""Fields taken out of a report, with what hangs on them. What is left bears no trace: absent is as never there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.release.paths import FieldPath, Selector
from pipeline.report.model import Report

Values = dict[str, Any]


def redact(report: Report, hidden: Iterable[FieldPath]) -> Report:
    """The report without the fields at these paths.

    An entity that is taken out takes every link that touches it. All paths are read against the report as it came, so
    their order does not matter.
    """
    paths = list(hidden)
    if not paths:
        return report
    whole = report.model_dump(by_alias=True)
    left = report.model_dump(by_alias=True)
    gone: dict[str, set[int]] = {}
    for path in paths:
        if path.field not in whole or not whole[path.field]:
            continue
        if not isinstance(whole[path.field], list | tuple):
            left[path.field] = None
        elif path.below is None:
            gone.setdefault(path.field, set()).update(_chosen(path.selector, whole[path.field]))
        else:
            for at in _chosen(path.selector, whole[path.field]):
                _below(whole[path.field][at], left[path.field][at], path)
    _take_emptied(left)
    removed_refs = {whole["entities"][at]["ref"] for at in gone.get("entities", ())}
    for name, positions in gone.items():
        left[name] = [one for at, one in enumerate(left[name]) if at not in positions]
    left["links"] = [link for link in left["links"] if not {link["from"], link["to"]} & removed_refs]
    left["places"] = [place for place in left["places"] if any(value is not None for value in place.values())]
    return Report.model_validate(left)


def _below(whole: Values, left: Values, path: FieldPath) -> None:
    """Take a field, or some of its elements, out of one element of a list."""
    assert path.below is not None
    value = whole[path.below]
    if path.attribute is not None:
        left[path.below] = {name: said for name, said in left[path.below].items() if name != path.attribute}
    elif path.below_selector is not None:
        positions = path.below_selector.chosen(value)
        kept = [None if at in positions else one for at, one in enumerate(left[path.below])]
        left[path.below] = kept
    elif path.below in ("lat", "lon"):
        left["lat"] = left["lon"] = None
    else:
        left[path.below] = {} if isinstance(value, dict) else [None] * len(value) if _is_list(value) else None


def _take_emptied(left: Values) -> None:
    """Elements that were chosen were emptied in place, so that positions held; now they go."""
    for entity in left["entities"]:
        for name in ("names", "identifiers", "addresses"):
            entity[name] = [one for one in entity[name] if one is not None]


def _chosen(selector: Selector | None, elements: Any) -> set[int]:
    return set(range(len(elements))) if selector is None else selector.chosen(elements)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
