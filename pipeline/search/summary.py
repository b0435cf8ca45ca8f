"""What is told of a document at a glance. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]

SUMMARY = [
    "doc", "id", "kind", "title", "names", "identifiers", "agency", "agencies", "reports", "reported_at",
    "first_reported", "last_reported", "marking", "valid_until",
]  # fmt: skip
"""The fields that this module reads, and those that tell whether the document stands."""


def label(document: Document) -> str:
    """A report's title; an entity's fullest name, else its first identifier; else its id."""
    if document["doc"] == "report":
        return str(document.get("title") or document["id"])
    names, identifiers = document.get("names", []), document.get("identifiers", [])
    return str(fullest(names) if names else identifiers[0]["value"] if identifiers else document["id"])


def fullest(names: Iterable[str]) -> str:
    """The name that says most of those that somebody goes by: of the most words, initials aside, then the longest;
    of equals the first. There must be one."""
    return min(names, key=lambda name: (-sum(len(word.strip(".")) > 1 for word in name.split()), -len(name), name))


def agencies(document: Document) -> list[str]:
    return [document["agency"]] if document["doc"] == "report" else list(document.get("agencies", []))


def reports(document: Document) -> list[str]:
    """The reports that a document rests on."""
    return [document["id"]] if document["doc"] == "report" else list(document.get("reports", []))


def reported(document: Document) -> tuple[str, str]:
    """When it was first and last reported."""
    if document["doc"] == "report":
        return document["reported_at"], document["reported_at"]
    return document["first_reported"], document["last_reported"]
