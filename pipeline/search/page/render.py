"""From what was found to HTML. Everything is escaped by the templates; what is not known to them is an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.report.model import MENTION_KINDS, TLP_ORDER
from pipeline.search.page.assets import address
from pipeline.search.page.reasons import in_indonesian
from pipeline.search.page.texts import called, number, says_in, words
from pipeline.search.summary import fullest

ALTHOUGH = "; although "
"""What `pipeline.match.evidence.says` puts between the reasons for and those against."""


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("pipeline.search.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(path=path, highlighted=highlighted, first_word=first_word)
    made.globals.update(asset=address, highest=highest, name_of=name_of, words=words, mention_kinds=MENTION_KINDS)
    return made


def render(template: str, language: str, values: Mapping[str, Any]) -> str:
    """A page in a language: `id` or `en`."""
    return (
        environment()
        .get_template(template)
        .render(
            language=language,
            says=says_in(language),
            called=partial(called, language),
            day=partial(day, language),
            number=partial(number, language),
            split_reason=partial(split_reason, language),
            **values,
        )
    )


def path(id_: str) -> str:
    """An id as a part of an address; an entity's holds a slash, and keeps it."""
    return quote(id_, safe="/")


def highlighted(fragment: str) -> Markup:
    """A fragment as `pipeline.search.answer` gives it: escaped there, with our own <mark> in it and nothing else."""
    return Markup(fragment)  # noqa: S704


def first_word(text: str) -> str:
    """Up to the first space: what is underlined where a mistake begins."""
    return text.split(None, 1)[0] if text[:1].strip() else ""


def day(language: str, moment: str | None) -> str:
    """A moment as people write its day, in UTC."""
    if not moment:
        return ""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{at.day} {called(language, 'month', at.month)} {at.year}"


def highest(documents: list[Mapping[str, Any]]) -> str | None:
    """The highest TLP of what is shown."""
    found = [document["marking"]["tlp"] for document in documents]
    return max(found, key=TLP_ORDER.index) if found else None


def name_of(thing: Mapping[str, Any]) -> str:
    """What an entity, a report or a mention is called: its title, an entity's fullest name or a
    mention's first, else its first identifier."""
    if thing.get("title"):
        return str(thing["title"])
    if thing.get("names"):
        return fullest(thing["names"]) if thing.get("doc") == "entity" else str(thing["names"][0])
    if thing.get("identifiers"):
        return str(thing["identifiers"][0]["value"])
    for address_ in thing.get("addresses", []):
        if address_.get("text"):
            return str(address_["text"])
    return str(thing.get("kind", ""))


def split_reason(language: str, by: str) -> tuple[str, str]:
    """What speaks for a match, and what against."""
    for_, _, against = by.partition(ALTHOUGH)
    return (in_indonesian(for_), in_indonesian(against)) if language == "id" else (for_, against)
