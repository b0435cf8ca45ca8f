"""The ways in. A token of the agency, in the header of a program or in the cookie of a browser."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from pipeline.search.roles import Who
from pipeline.search.tokens import Tokens

COOKIE = "gabung"


@dataclass(frozen=True)
class TokenDoors:
    """Who asks, by a local token alone: for a one-machine installation."""

    tokens: Tokens

    def who(self, request: Request) -> Who | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
        agency = self.tokens.agency(given)
        return Who(agency, "token", frozenset({"analyst"})) if agency else None
