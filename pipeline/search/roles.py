"""Who may do what: one table. A role says what a person does in their own agency; whose reports it is about is the
agency's business alone, and no role widens that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["analyst", "release-officer", "operator", "exercise-director", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

Action = Literal["enter", "search", "export", "save", "judge", "explain", "operate", "exercise", "administer"]

MAY: dict[Action, frozenset[Role]] = {
    "enter": frozenset(ROLES),  # know who one is, leave, and whether the services answer
    "search": frozenset({"analyst", "release-officer", "exercise-director"}),  # and all that only reads what search may
    "export": frozenset({"analyst", "release-officer"}),
    "save": frozenset({"analyst", "release-officer"}),  # saved searches, and the alerts that they give
    "judge": frozenset({"analyst"}),
    "explain": frozenset({"release-officer"}),  # who sees a report of their own agency, and who was shown it
    "operate": frozenset({"operator"}),
    "exercise": frozenset({"exercise-director"}),
    "administer": frozenset({"administrator"}),  # tokens of their own agency
}


@dataclass(frozen=True)
class Who:
    """Who asks: a person (or program) of an agency. `agency` is the reader; nothing else can choose another."""

    agency: str
    user: str
    roles: frozenset[Role]

    def may(self, action: Action) -> bool:
        return bool(self.roles & MAY[action])
