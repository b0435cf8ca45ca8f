"""What is audited, as bodies of events. They name reports, readers, rules and fields; never what a report says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from pipeline.release.decide import Decision
from pipeline.report.model import Report, rfc3339
from pipeline.search.roles import Who

Body = dict[str, Any]


def released(report: Report, decisions: Sequence[tuple[str, Decision]], policy: str, at: datetime) -> Body:
    """A revision of a report was decided for every reader, under a policy of this version."""
    return {
        "kind": "release" if report.op == "upsert" else "retraction",
        "at": rfc3339(at),
        "report": report.id,
        "agency": report.agency,
        "scope": report.scope,
        "revision": report.revision,
        "policy": policy,
        "readers": {reader: _decided(decision) for reader, decision in decisions},
    }


def _decided(decision: Decision) -> Body:
    said: Body = {"released": decision.released, "rules": [reason.rule for reason in decision.reasons]}
    if decision.hidden:
        said["without"] = [path.text for path in decision.hidden]
    if decision.ends:
        said["until"] = rfc3339(decision.ends)
    return said


def outcome(body: Body) -> str:
    """A digest of all but the moment and the policy's version: what was decided as before is told once."""
    kept = {name: value for name, value in body.items() if name not in ("at", "policy")}
    return blake2b(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


def policy_taken(before: str, now: str, at: datetime) -> Body:
    return {"kind": "policy", "at": rfc3339(at), "before": before, "now": now}


def searched(reader: str, question: Mapping[str, Any], documents: Iterable[Mapping[str, Any]], at: datetime) -> Body:
    """A reader asked, and was shown these documents. An entity shows all of its reports, and the judgements."""
    shown = _shown(documents)
    return {"kind": "search", "at": rfc3339(at), "reader": reader, "question": dict(question), "shown": shown}


def alerted(reader: str, by: str, told: Iterable[tuple[str, Mapping[str, Any]]], at: datetime) -> Body:
    """A reader is told of alerts: of these saved searches, with these documents. by: how they go out."""
    pairs = list(told)
    question = {"by": by, "saved": sorted({saved for saved, _ in pairs})}
    shown = _shown(document for _, document in pairs)
    return {"kind": "alert", "at": rfc3339(at), "reader": reader, "question": question, "shown": shown}


def exported(
    reader: str, user: str, form: str, question: Mapping[str, Any], documents: Iterable[Mapping[str, Any]], at: datetime
) -> Body:
    """A person of a reader takes these documents away in a file; a long one is told of in several events."""
    return {"kind": "export", "at": rfc3339(at), "reader": reader, "user": user, "format": form,
            "question": dict(question), "shown": _shown(documents)}  # fmt: skip


def _shown(documents: Iterable[Mapping[str, Any]]) -> list[str]:
    shown: set[str] = set()
    for document in documents:
        shown.update(document["reports"] if document["doc"] == "entity" else [document["id"]])
        shown.update(one["report"] for one in document.get("judgements", ()))
    return sorted(shown)


TAKEN = {"search": "shown", "alert": "shown", "explanation": "shown", "export": "exported"}
"""Events by which documents reach a reader, and what is told of them."""


def access(what: str, who: Who | None, at: datetime, token: str | None = None) -> Body:
    """Somebody entered, left or was refused, or issued or revoked a token (its id). What was typed in is never told."""
    told: Body = {"kind": "access", "at": rfc3339(at), "what": what}
    if who is not None:
        told |= {"reader": who.agency, "user": who.user, "roles": sorted(who.roles)}
    return told | ({"token": token} if token else {})


def explained(reader: str, asked: str, told: Iterable[str], at: datetime) -> Body:
    """A reader asked who sees a report and why, and was told of these: of one, or where it may not see it of none."""
    return {"kind": "explanation", "at": rfc3339(at), "reader": reader, "question": asked, "shown": sorted(told)}


def shown_to(events: Iterable[Body], report: str, asker: str) -> list[Body] | None:
    """Who was released a report, and who was shown it, in the order of the events: for its originator. Nothing for
    anyone else, and just so where there is no such report.

    What a reader asked is the reader's own; that it was shown the report is the originator's to know.
    """
    told: list[Body] = []
    owner = None
    for event in events:
        if event.get("report") == report and event["kind"] in ("release", "retraction"):
            owner = event["agency"]
            told += [
                {"at": event["at"], "kind": event["kind"], "reader": reader, **said}
                for reader, said in sorted(event["readers"].items())
            ]
        elif event["kind"] in TAKEN and report in event["shown"]:
            told.append({"at": event["at"], "kind": TAKEN[event["kind"]], "reader": event["reader"]})
    return [one for one in told if one["reader"] != owner] if owner == asker else None
