"""Around every route: the headers of all answers, and what no route is asked for, an address that is too long, a body
that is too large or anything under a host name that is not ours.

A page elsewhere can point a name of its own at this machine and then read what browsers here are answered (DNS
rebinding). It cannot make the browser send one of our names.
"""

from collections.abc import Callable, Iterable, Mapping

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1 << 20
"""Bytes: 200 values to look up are a tenth of it."""
THROWN_AWAY = 8 * LARGEST_BODY
"""Bytes of a body that is too large which are still read. A connection that is closed with bytes unread is reset, and
the sender may then lose the answer with it."""
LONGEST_ADDRESS = 1 << 17
"""Bytes: a query of 10,000 characters has at most 120,000, percent-encoded."""
LONGEST_HEAD = 1 << 20
"""Bytes of an address with its headers that the server reads, so as to answer: what is longer is cut off."""
TOO_LARGE = {"error": f"the body is larger than {LARGEST_BODY >> 20} MiB; send less at once"}
TOO_LONG = {"error": f"the address is longer than {LONGEST_ADDRESS >> 10} KiB; ask for less at once"}
WRONG_HOST = {"error": "this installation has no such host name; see GABUNG_HOSTS"}


class Guard:
    """headers: of every answer that has none of its own. problem: what is answered instead, of (request, content,
    status, headers). hosts: names that this is asked under, or none for any."""

    def __init__(
        self, app: ASGIApp, headers: Mapping[str, str], problem: Callable[..., Response], hosts: Iterable[str] = ()
    ) -> None:
        self.app = app
        self.problem = problem
        self.headers = headers
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    answered.setdefault(name, value)
                if scope["scheme"] == "https":
                    answered["strict-transport-security"] = "max-age=31536000"
            await send(message)

        await self._bounded(scope, receive, with_headers)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if self.hosts and host_name(headers.get("host", "")) not in self.hosts:
            await JSONResponse(WRONG_HOST, 421)(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
            await self.problem(Request(scope), TOO_LONG, 414)(scope, receive, send)
            return
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and int(length[:20]) <= LARGEST_BODY):
            await _throw_away(receive)
            await self.problem(Request(scope), TOO_LARGE, 413, {"connection": "close"})(scope, receive, send)
            return
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:  # it told no length
                if message.get("more_body"):
                    await _throw_away(receive)
                raise HTTPException(413)
            return message

        await self.app(scope, bounded, send)


async def _throw_away(receive: Receive) -> None:
    read = 0
    while read < THROWN_AWAY:
        message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body"):
            return


def host_name(header: str) -> str:
    """`[::1]:8080` or `localhost:8080` without the port, in small letters."""
    name, _, port = header.rpartition(":")
    bare = name if name and port.isdigit() and not (header.startswith("[") and header.endswith("]")) else header
    return bare.lower().removesuffix(".")
