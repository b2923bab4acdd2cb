"""Asyncio for programs that have no event loop of their own, and for notebooks, whose loop is running already."""

import asyncio
import threading
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run(work: Awaitable[T]) -> T:
    """Waits for `work` and answers what it answers. All of it runs in one loop in a thread behind, so that a feed that
    was opened so goes on between two calls. Whoever uses it for a feed uses it for all of that feed's calls."""
    loop = _background()
    if threading.current_thread().name == "heliograph":
        raise RuntimeError("run was called within run: use await there")
    waiting = asyncio.run_coroutine_threadsafe(_awaited(work), loop)
    try:
        return waiting.result()
    except BaseException:
        waiting.cancel()
        raise


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


def _background() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="heliograph", daemon=True).start()
        return _loop
