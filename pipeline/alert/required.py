"""All that a document must hold to match a tree, so that a standing query is tried on very few. Pure.

`pipeline.search.necessary` names one thing that must be there; here every one is named: each word of a phrase, each
part of a conjunction. A query is filed under the one that fewest others ask for, and the rest is looked at before the
query itself is tried.
"""

from __future__ import annotations

from pipeline.search import tree
from pipeline.search.analysis import words
from pipeline.search.indexed import PATHS
from pipeline.search.necessary import Alternative, necessary

Required = tuple[frozenset[Alternative], ...]
"""Of each of these sets a matching document has at least one; with no set, nothing can be said."""

SPECS = PATHS["entity"] | PATHS["report"]
MOST = 12
"""Sets a query: more would cost more to look at than they spare."""


def required(node: tree.Node) -> Required:
    """What every document that matches holds (`necessary.terms` of it)."""
    match node:
        case tree.All(parts):
            return _distinct([one for part in parts for one in required(part)])
        case tree.Any(parts):
            each = [required(part) for part in parts]
            if not each or not all(each):
                return ()
            # One of the parts holds, so one of any choice of their sets is there: the first of each, the second, …
            return _distinct(
                [
                    frozenset().union(*(sets[min(at, len(sets) - 1)] for sets in each))
                    for at in range(max(map(len, each)))
                ]
            )
        case tree.Words(paths, text) | tree.Phrase(paths, text):
            wanted = words(text)
            return _distinct([frozenset((path, word) for path in paths) for word in wanted] or [frozenset()])
        case tree.Fuzzy(paths, word) if all(SPECS[path]["type"] == "text" for path in paths):
            return (frozenset((f"{path}~", word[:1]) for path in paths),)
        case _:
            found = necessary(node)
            return () if found is None else (found,)


def _distinct(sets: list[frozenset[Alternative]]) -> Required:
    """The smallest first: a set of few alternatives is the harder to meet."""
    return tuple(sorted(dict.fromkeys(sets), key=len)[:MOST])
