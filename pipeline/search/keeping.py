"""What stands on the topic of saved searches, and of what else people did: under which key, and in which form."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import orjson

from pipeline.report.model import rfc3339
from pipeline.search.saved import Saved

Mark = Literal["looked", "mailed"]


def saved_key(id_: str) -> str:
    return f"saved/{id_}"


def mark_key(mark: Mark, whose: str) -> str:
    """When a user last looked (whose: `scope/agency/user`), or a saved search's alerts were last mailed (its id)."""
    return f"{mark}/{whose}"


def mark_value(at: datetime) -> bytes:
    return orjson.dumps({"at": rfc3339(at)})


def saved_of(key: str, value: bytes | None) -> tuple[str, Saved | None] | None:
    """The id of a saved search and what it is now (None: deleted); nothing where the key is of something else."""
    kind, _, id_ = key.partition("/")
    if kind != "saved":
        return None
    return id_, Saved.model_validate_json(value) if value else None


def export_key(id_: str) -> str:
    return f"export/{id_}"


def export_id(key: str) -> str | None:
    kind, _, id_ = key.partition("/")
    return id_ if kind == "export" else None


def mark_of(key: str, value: bytes | None) -> tuple[Mark, str, datetime] | None:
    kind, _, whose = key.partition("/")
    if kind not in ("looked", "mailed") or not value:
        return None
    return ("looked" if kind == "looked" else "mailed"), whose, datetime.fromisoformat(orjson.loads(value)["at"])
