"""Saved searches: a person's own, and those shared with the person."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.alert.delivery import new_secret
from pipeline.errors import WrongUse
from pipeline.search.alerts import Alerts
from pipeline.search.api.alerts import Live, Saver
from pipeline.search.api.context import API, Exercise, Forbidden, Here, NotFound
from pipeline.search.mistake import Mistake
from pipeline.search.question import Question, tree_of
from pipeline.search.roles import Who
from pipeline.search.saved import MOST_SAVED, Delivery, Email, Saved, Slug, Webhook, may_be_named, new_id, told
from pipeline.search.tree import Everything

router = APIRouter(prefix=API)

NOT_FOUND = "not found; ids are as /saved gives them"


class Wanted(BaseModel):
    """A saved search as it is asked for. With the `id` of one of your own, that one is changed; its question stays.

    shared_with: ids of agencies (your own: its other users) and of task forces that you are in. webhook and email are
    kept while `alerts` is false, and used again once it is true."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=40)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    question: Question
    shared_with: Annotated[list[Slug], Field(max_length=50)] = []
    alerts: bool = False
    webhook: Webhook | None = None
    email: Email | None = None


@router.get("/saved")
def saved(who: Saver, here: Here, live: Live, exercise: Exercise = None) -> dict[str, Any]:
    """A person's own saved searches and those that others share with the person, by name."""
    mine = [one for one in live.inbox.searches(who) if one.question.exercise == exercise]
    return {"saved": [told(one, who, live.inbox.groups, here.clock()) for one in mine]}


@router.post("/saved")
def save(who: Saver, here: Here, live: Live, wanted: Wanted) -> Response:
    """Keep a saved search; answers it, and once the secret that signs what its new webhook gets."""
    now = here.clock()
    before = _own(live, who, wanted.id) if wanted.id else None
    if wanted.id and before is None:
        raise NotFound(NOT_FOUND)
    made = _made(live, who, wanted, before, now)
    if made.alerts or before is None or made.delivery != before.delivery:
        live.allows(made)  # else it stays as it was, and nothing goes out
    live.save(made)
    answer = told(made, who, live.inbox.groups, now)
    if made.delivery.secret and made.delivery.secret != (before.delivery.secret if before else None):
        answer["delivery"]["secret"] = made.delivery.secret
    return JSONResponse(answer)


@router.delete("/saved/{id_}")
def forget(who: Saver, here: Here, live: Live, id_: str) -> Response:
    """Delete one's own saved search, and withdraw its alerts."""
    if _own(live, who, id_) is None:
        if any(one.id == id_ for one in live.inbox.searches(who)):
            raise Forbidden("only its owner may delete it; it is shared with you")
        raise NotFound(NOT_FOUND)
    live.forget(id_)
    return Response(status_code=204)


def _own(live: Alerts, who: Who, id_: str | None) -> Saved | None:
    return next((one for one in live.inbox.searches(who) if one.id == id_ and one.owned_by(who)), None)


def _made(live: Alerts, who: Who, wanted: Wanted, before: Saved | None, now: datetime) -> Saved:
    """Raises WrongUse for what cannot be saved."""
    question = wanted.question.model_copy(update={"size": 20, "skip": 0})
    asked = tree_of(question, now)  # so that a mistake is told before it is kept
    if wanted.alerts and isinstance(asked, Everything):
        raise Mistake("saved.everything")
    if before and question != before.question:
        raise Mistake("saved.question")
    if before is None and sum(one.owned_by(who) for one in live.inbox.searches(who)) >= MOST_SAVED:
        raise Mistake("saved.many", most=MOST_SAVED)
    groups, agencies = live.inbox.groups, live.inbox.policy()[0].agencies
    for id_ in wanted.shared_with:
        if not may_be_named(id_, who.agency, agencies, groups, now):
            raise Mistake("saved.shared", name=id_)
    old = before.delivery if before else Delivery()
    secret = (old.secret if wanted.webhook == old.webhook else new_secret()) if wanted.webhook else None
    try:
        return Saved(
            id=before.id if before else new_id(),
            name=wanted.name.strip(),
            question=question,
            agency=who.agency,
            user=who.user,
            shared_with=tuple(sorted(set(wanted.shared_with))),
            alerts=wanted.alerts,
            delivery=Delivery(webhook=wanted.webhook, secret=secret, email=wanted.email),
            created=before.created if before else now,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongUse(f"{first['loc'][-1]}: {first['msg']}") from None
