"""Faust's cost for each message that it hands to an agent, taken out.

Faust's consumer makes four tasks a message to wait for whichever comes first: room in the agent's queue, or an end to
the flow. Nearly always there is room, and nothing need be waited for. Then it asks its serializers twice how to read
what is to be left as it is.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import faust
from mode.services import Service, WaitResults


class Raw(faust.Schema[Any, Any]):
    """Keys and values as they are."""

    def compile(self, app: Any, **_: Any) -> Callable[..., Any]:
        """As Faust's; no message can be unreadable."""

        async def decode(message: Any, *, propagate: bool = False) -> faust.Event:
            return faust.Event(app, message.key, message.value, message.headers, message)

        return decode


class Quick(Service):
    """A service that waits only for what is not done at once."""

    async def wait_first(self, *waits: Any, timeout: Any = None) -> WaitResults:
        """As mode's. Where the first of several coroutines ends at once, the others are not begun."""
        first, *others = waits
        if not (others and timeout is None and all(map(inspect.iscoroutine, waits))):
            return await super().wait_first(*waits, timeout=timeout)
        try:
            waited = first.send(None)
        except StopIteration as done:
            for other in others:
                other.close()
            return WaitResults([first], [done.value], False)
        return await super().wait_first(_rest(first, waited), *others)


async def _rest(begun: Coroutine[Any, Any, Any], waited: Any) -> Any:
    """The rest of a coroutine that was begun, and now waits for this."""
    return await _go_on(begun, waited)


@types.coroutine
def _go_on(begun: Coroutine[Any, Any, Any], waited: Any) -> Generator[Any, Any, Any]:
    while True:
        try:
            answer = yield waited
        except BaseException as error:  # a cancellation is its own to take
            step: Callable[[], Any] = functools.partial(begun.throw, error)
        else:
            step = functools.partial(begun.send, answer)
        try:
            waited = step()
        except StopIteration as done:
            return done.value
