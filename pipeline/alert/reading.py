from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson

from pipeline.search.question import Question


def tree_of(question: Question) -> Any:
    return frozenset(re.findall(r"\w+", question.q.lower()))


def matches(tree: Any, document: dict[str, Any], time: datetime) -> bool:
    return tree <= terms(document)


def necessary(tree: Any) -> frozenset[str] | None:
    return frozenset([max(tree, key=len)]) if tree else None


def terms(document: dict[str, Any]) -> set[str]:
    return set(re.findall(r"\w+", orjson.dumps(document).decode().lower()))
