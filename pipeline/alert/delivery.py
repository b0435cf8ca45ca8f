"""How alerts go out beside the page: to which hosts, signed how, and what a mail says. Pure.

What is posted is signed as Standard Webhooks says (github.com/standard-webhooks), so that a receiver can check it with
any of its libraries: HMAC-SHA256 over the message's id, its time in seconds and the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from pipeline.search.mistake import Mistake

SECRET = "whsec_"  # noqa: S105  the prefix that the standard gives secrets
PORTS = {"http": 80, "https": 443}


def new_secret() -> str:
    return SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def message_id(alert: str, at: str, withdrawn: bool) -> str:
    """What names one event, and no other, however often it is sent. alert: its id; at: when it was raised or withdrawn,
    so that an alert that is withdrawn twice is not taken for one that comes again."""
    return f"{alert}-withdrawn-{at}" if withdrawn else f"{alert}-{at}"


def signed(secret: str, id_: str, body: bytes, time: datetime) -> dict[str, str]:
    """The headers of one message. A receiver refuses an old time, and takes an id only once."""
    seconds = int(time.timestamp())
    key = base64.b64decode(secret.removeprefix(SECRET))
    mac = hmac.new(key, f"{id_}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(seconds),
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def check_webhook(url: str, allowed: Iterable[str]) -> None:
    """Raises Mistake unless the operator allows this host. allowed: `host`, for the scheme's own port, or
    `host:port`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Mistake("webhook.address") from None
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.fragment or not url.isascii():
        raise Mistake("webhook.address")
    names = {f"{host}:{port}"} | ({host} if port == PORTS[parts.scheme] else set())
    if not names & {one.strip().lower() for one in allowed}:
        raise Mistake("webhook.host", name=f"{host}:{port}")


def check_mail(address: str, allowed: Iterable[str]) -> None:
    """Raises Mistake unless the operator allows mail to this domain."""
    domain = address.rpartition("@")[2].lower()
    if domain not in {one.strip().lower() for one in allowed}:
        raise Mistake("mail.domain", name=domain)


def digest(
    name: str, told: Sequence[tuple[str, Mapping[str, Any]]], to: str, sender: str, page: str, time: datetime
) -> EmailMessage:
    """One mail for the alerts of one saved search: (when, document). Mail goes in the open, so it says how many, under
    which marking and where to look, and nothing that a report says."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = sender, to, format_datetime(time)
    mail["Subject"] = f"Gabung: {len(told)} alert{'s' if len(told) != 1 else ''}"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [f"Saved search: {name}", ""]
    for at, document in told:
        tlp = document.get("marking", {}).get("tlp", "?")
        lines.append(f"- {at}  {document['doc']}, TLP:{tlp}  {page}/{_path(document)}")
    mail.set_content("\n".join([*lines, "", f"All alerts: {page}/alerts", ""]))
    return mail


def _path(document: Mapping[str, Any]) -> str:
    return f"{'reports' if document['doc'] == 'report' else 'entities'}/{document['id']}"
