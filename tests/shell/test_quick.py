"""What waits as Faust's consumer does, without its four tasks a message, waits for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pipeline.shell.quick import Quick

Put = Callable[[asyncio.Queue[str]], Awaitable[None]]


async def tasks_made(service: Quick, *waits: Any) -> tuple[Any, int]:
    """What was waited for, and how many tasks that took."""
    made = 0

    def count(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        nonlocal made
        made += 1
        return asyncio.Task(coro, loop=loop, **options)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(count)
    try:
        return await service.wait_first(*waits), made
    finally:
        loop.set_task_factory(None)


def test_what_ends_at_once_takes_no_task() -> None:
    async def go() -> None:
        queue: asyncio.Queue[str] = asyncio.Queue(1)
        found, made = await tasks_made(Quick(), queue.put("a"), asyncio.Event().wait())
        assert (found.stopped, queue.get_nowait(), made) == (False, "a", 0)

    asyncio.run(go())


def test_where_there_is_no_room_it_waits_for_it() -> None:
    async def go() -> None:
        queue: asyncio.Queue[str] = asyncio.Queue(1)
        queue.put_nowait("first")
        asyncio.get_running_loop().call_later(0.05, queue.get_nowait)
        found = await asyncio.wait_for(Quick().wait_first(queue.put("second"), asyncio.Event().wait()), 5)
        assert (found.stopped, queue.get_nowait()) == (False, "second")

    asyncio.run(go())


def test_the_other_ends_the_waiting_and_nothing_is_put() -> None:
    async def go() -> None:
        queue: asyncio.Queue[str] = asyncio.Queue(1)
        queue.put_nowait("first")
        ended = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, ended.set)
        other = ended.wait()
        found = await asyncio.wait_for(Quick().wait_first(queue.put("second"), other), 5)
        assert found.done == [other]
        assert queue.get_nowait() == "first"
        await asyncio.sleep(0)
        assert queue.empty()

    asyncio.run(go())


def test_what_goes_wrong_is_told() -> None:
    async def wrong(*, at_once: bool) -> None:
        if not at_once:
            await asyncio.sleep(0.01)
        raise ValueError("wrong")

    for at_once in (True, False):
        with pytest.raises(ValueError, match="wrong"):
            asyncio.run(Quick().wait_first(wrong(at_once=at_once), asyncio.sleep(5)))
