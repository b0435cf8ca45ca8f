"""One value of a query, looked for in one field or everywhere: as written, and in the forms that documents hold."""

from __future__ import annotations

from pipeline.enrich.beginnings import is_number, is_phone, readings
from pipeline.enrich.enrich import HOME_COUNTRY
from pipeline.enrich.fold import fold
from pipeline.enrich.identifiers import read as read_identifier
from pipeline.search import tree
from pipeline.search.analysis import lower, words
from pipeline.search.fields import EVERYWHERE, SCHEMES, Field
from pipeline.search.tree import Node, any_of

RAW_IDENTIFIERS = ("entities.identifiers.value", "identifiers.value")
_STAR, _ONE = "\ua641", "\ua643"
"""Letters that stand for wildcards while words are told apart."""


def value(text: str, field: Field | None, phrase: bool) -> Node:
    """The part for a word or a phrase. A blank one finds nothing."""
    if not text.strip():
        return tree.Nothing()
    if field is None:
        found = [_text((path,), form, phrase) for path in EVERYWHERE for form in _forms(text)]
        return any_of([*found, tree.Term(("entities.attributes",), (text,)), *_identifiers(text, None)])
    if field.kind == "identifier":
        return any_of(_identifiers(text, field.scheme))
    if field.kind == "text":
        return any_of([_text((path,), form, phrase) for path in field.paths for form in _forms(text)])
    forms = {"lower": [text.lower()], "upper": [text.upper()]}.get(field.case, sorted({text, text.lower()}))
    return tree.Term(field.paths, tuple(forms))


def moved(text: str, field: Field | None, slop: int) -> Node:
    """The words of a text, near each other."""
    paths = EVERYWHERE if field is None else field.paths
    return any_of([tree.Phrase((path,), form, slop) for path in paths for form in _forms(text)])


def fuzzy(text: str, field: Field | None, edits: int | None) -> Node:
    """A word as it may have been misspelt; of several words each. Short words stay as they are."""
    paths = EVERYWHERE if field is None else field.paths
    found = []
    for form in _forms(text):
        parts: list[Node] = []
        for word in words(form):
            allowed = min(edits or 0, 2) if edits is not None and len(word) > 2 else most_edits(word)
            parts.append(tree.Fuzzy(paths, word, allowed) if allowed else tree.Words(paths, word))
        found.append(tree.all_of(parts) if parts else tree.Nothing())
    return any_of(found)


def most_edits(word: str) -> int:
    """As Lucene's AUTO: none up to two letters, one up to five, else two."""
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def wildcard(pattern: str, field: Field | None) -> Node:
    """A pattern; what stands beside it within the word must be there too ("al-am*"). Where it is written
    as phones begin it finds those too, if no field is named."""
    written: Node
    if field is not None and field.kind == "identifier":
        if field.scheme:
            return _begun(field.scheme, pattern)
        written = tree.Wildcard(RAW_IDENTIFIERS, pattern)
        return any_of([written, _begun("phone", pattern)]) if is_number(pattern) else written
    if field is not None and field.kind != "text":
        return tree.Wildcard(field.paths, pattern)
    paths = EVERYWHERE if field is None else field.paths
    parts: list[Node] = [
        tree.Wildcard(paths, word) if "*" in word or "?" in word else tree.Words(paths, word)
        for word in _patterns(pattern)
        if word.strip("*")
    ]
    written = tree.all_of(parts) if parts else tree.Nothing()
    if field is None and is_phone(pattern, HOME_COUNTRY):
        return any_of([written, _begun("phone", pattern)])
    return written


def _begun(scheme: str, pattern: str) -> Node:
    """Identifiers of a scheme that are of this pattern, in any way of writing."""
    forms = readings(scheme, pattern, HOME_COUNTRY)
    return any_of([tree.Wildcard(("search.identifiers",), f"{scheme}:{form}") for form in forms])


def _patterns(pattern: str) -> list[str]:
    """The words of a pattern, with their wildcards. A sign that was escaped is no part of a word."""
    plain, signs = "", iter(pattern)
    for sign in signs:
        plain += {"*": _STAR, "?": _ONE, "\\": " "}.get(sign, sign)
        if sign == "\\":
            next(signs, None)
    return [word.replace(_STAR, "*").replace(_ONE, "?") for word in words(plain)]


def exists(field: Field) -> Node:
    """Documents that have anything in this field; of a scheme, any identifier of it."""
    return tree.Prefix("search.identifiers", f"{field.scheme}:") if field.scheme else tree.Exists(field.paths)


def _text(paths: tuple[str, ...], text: str, phrase: bool) -> Node:
    return tree.Phrase(paths, text) if phrase else tree.Words(paths, text)


def _identifiers(text: str, scheme: str | None) -> list[Node]:
    """Exact identifiers: as written, and in every normal form that a scheme would give it."""
    readings = [read_identifier(one, text, HOME_COUNTRY) for one in ((scheme,) if scheme else SCHEMES)]
    normal = {f"{one.scheme}:{one.value}" for one in readings if one is not None and (scheme or one.holds)}
    if scheme:
        normal.add(f"{scheme}:{text}")
    known = tuple(sorted({lower(one) for one in normal}))
    found: list[Node] = [tree.Term(("search.identifiers",), known)] if known else []
    return found if scheme else [*found, tree.Term((*RAW_IDENTIFIERS, "source_id"), (text,))]


def _forms(text: str) -> list[str]:
    """As written, and folded to the ASCII in which names are kept."""
    return list(dict.fromkeys(form for form in (text, fold(text)) if form.strip()))
