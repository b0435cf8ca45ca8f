"""A saved search: a question with a name, kept by its owner, shared or private, and with alerts or without.

Sharing gives away the question alone. Whoever it is shared with asks it of their own documents, and of no others.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pipeline.release.policy import Groups
from pipeline.search.question import Question
from pipeline.search.roles import Who

MOST_SAVED = 200
"""Saved searches a user."""
Webhook = Annotated[str, Field(max_length=2000)]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s,;<>\"]+@[A-Za-z0-9.-]+$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class Delivery(BaseModel):
    """Where alerts go beside the page, while there are any: to its owner alone. The secret signs what is posted to
    `webhook`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook: Webhook | None = None
    secret: str | None = None
    email: Email | None = None


class Saved(BaseModel):
    """One saved search. `shared_with`: ids of agencies and of groups; the owner's own agency means its other users.

    The question of an id never changes, so an alert's id says of which question it was raised.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: Annotated[str, Field(min_length=1, max_length=200)]
    question: Question
    agency: str
    user: str
    shared_with: tuple[Slug, ...] = ()
    alerts: bool = False
    delivery: Delivery = Delivery()
    created: AwareDatetime

    def owned_by(self, who: Who) -> bool:
        return (self.agency, self.user) == (who.agency, who.user)


def new_id() -> str:
    return str(uuid.uuid4())


def by_way_of(saved: Saved, reader: str, groups: Groups, time: datetime) -> tuple[str, ...]:
    """Those of `shared_with` through which another agency has it: its own id, and groups of which both the owner's
    agency and this one are members at `time`."""
    return tuple(
        id_
        for id_ in saved.shared_with
        if id_ == reader or (member(groups, id_, saved.agency, time) and member(groups, id_, reader, time))
    )


def stands_for(saved: Saved, reader: str, groups: Groups, time: datetime) -> bool:
    """Whether an agency has this search: its owner's, and those that it is shared with at `time`."""
    return saved.agency == reader or bool(by_way_of(saved, reader, groups, time))


def visible(saved: Saved, who: Who, groups: Groups, time: datetime) -> bool:
    """Whether a person has it: its owner; others of that agency where it is shared with them; other agencies'."""
    return saved.owned_by(who) or bool(by_way_of(saved, who.agency, groups, time))


def possible_readers(saved: Saved, groups: Groups) -> set[str]:
    """Every agency that may have it at some time."""
    found = {saved.agency}
    for id_ in saved.shared_with:
        found |= {one.agency for one in groups[id_].members} if id_ in groups else {id_}
    return found


def may_be_named(id_: str, owner: str, agencies: Iterable[str], groups: Groups, time: datetime) -> bool:
    """Whether an owner may share with this id: an agency, or a group of which it is a member. Of other groups, nobody
    outside is told that they exist."""
    return id_ in agencies or member(groups, id_, owner, time)


def told(saved: Saved, who: Who, groups: Groups, time: datetime) -> dict[str, Any]:
    """What a person is told of a saved search: of sharing and delivery, only the owner is told the whole. The secret
    is told once, when it is made."""
    own = saved.owned_by(who)
    delivery = saved.delivery if own else Delivery()
    return {
        "id": saved.id,
        "name": saved.name,
        "question": saved.question.model_dump(mode="json", exclude_defaults=True),
        "owner": {"agency": saved.agency, "user": saved.user if saved.agency == who.agency else None},
        "own": own,
        "shared_with": list(saved.shared_with if own else by_way_of(saved, who.agency, groups, time)),
        "alerts": saved.alerts,
        "delivery": delivery.model_dump(exclude={"secret"}, exclude_none=True),
    }


def member(groups: Groups, id_: str, agency: str, time: datetime) -> bool:
    """Whether an agency is in a group at a moment."""
    return id_ in groups and any(one.holds(time) for one in groups[id_].memberships(agency))
