"""Tokens of one's own agency, by its administrators: no role grants or takes away more than it holds."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import WrongUse
from pipeline.search.roles import Role, Who
from pipeline.search.tokens import Token, Tokens

MOST_TOKENS = 1000
"""Of one agency."""


class NotThere(WrongUse):
    """No token of this id, or one of another agency: the same to who asks."""


def tokens_of(tokens: Tokens, who: Who) -> list[Token]:
    """The tokens of this person's agency."""
    return [one for one in tokens.all() if one.agency == who.agency]


def issue(tokens: Tokens, who: Who, user: str, roles: Sequence[Role], days: int | None) -> tuple[Token, str]:
    """A token for somebody of one's own agency, with roles that one holds. Raises WrongUse."""
    _holds(who, roles)
    if len(tokens_of(tokens, who)) >= MOST_TOKENS:
        raise WrongUse(f"{who.agency} has {MOST_TOKENS} tokens; revoke some first")
    return tokens.issue(who.agency, user, roles, days)


def revoke(tokens: Tokens, who: Who, id_: str) -> Token:
    """Make a token of one's own agency void, if one holds all of its roles. Raises NotThere, WrongUse."""
    found = next((one for one in tokens_of(tokens, who) if one.id == id_), None)
    if found is None:
        raise NotThere("not found; ids are as the list of tokens gives them")
    _holds(who, found.roles)
    tokens.revoke(id_)
    return found


def _holds(who: Who, roles: Sequence[Role]) -> None:
    missing = sorted(set(roles) - who.roles)
    if missing:
        raise WrongUse(f"you do not hold {' and '.join(missing)}, so somebody who does must do this")
