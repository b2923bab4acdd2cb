"""A board's feed for asyncio: the socket, the timers and the token callback that the link asks for."""

import asyncio
import json
import logging
import random
import time
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from .access import Access
from .errors import ConnectError, HeliographError, RefusedError, StoppedError, TokenDenied, problem
from .followed import Items, Scores, Subscription
from .link import Link

log = logging.getLogger("heliograph")


def connect(url: str, board: str, *, token: Any = None, api_key: str | None = None, timeout: float | None = 30) -> "Feed":
    """A board's feed, for `async with` or `await ….open()`. `url` is the server's, `token` a JWT or a callback that
    fetches one (asynchronous or not; it may raise `TokenDenied`), `api_key` an API key. `timeout` is how many seconds the
    first connection may take; one that breaks later is made anew until the feed is closed."""
    return Feed(Access(url, board, token, api_key), timeout)


class Feed:
    """A connection that is kept. `status` is `connecting`, `catching_up`, `live`, `waiting` or `stopped`; `error` is
    why it stopped; `gaps` counts how often changes were lost."""

    def __init__(self, access: Access, timeout: float | None) -> None:
        self._access, self._timeout = access, timeout
        self._link = Link(access.token, access.source is not None)
        self.status, self.error = "connecting", None
        self._failure, self._number = "nothing answered", 0
        self._subscriptions: dict[int, Subscription] = {}
        self._waiters: dict[tuple[str, int], asyncio.Future[Any]] = {}
        self._loop: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: Any = None
        self._sending: Any = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def gaps(self) -> int:
        """How often changes were lost (rule R2)."""
        return self._link.gaps

    async def open(self) -> "Feed":
        """Connects. Raises `StoppedError` when that is refused, `ConnectError` when it takes too long."""
        if self._loop:
            raise HeliographError("opened_before", "a feed is opened once: make another one by heliograph.connect")
        self._loop, self._up = asyncio.get_running_loop(), asyncio.Event()
        # Epoch milliseconds that go on evenly when somebody sets the clock.
        self._epoch = time.time() - self._loop.time()
        self._input("start")
        try:
            await asyncio.wait_for(self._up.wait(), self._timeout)
        except BaseException as failure:
            await self.close()
            if isinstance(failure, asyncio.TimeoutError):
                raise ConnectError("not_connected", f"no connection within {self._timeout} s: {self._failure}") from None
            raise
        if self.error:
            raise self.error
        return self

    async def close(self) -> None:
        """Ends it."""
        if self._loop:
            self._input("stop")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    __aenter__ = open

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def items(self, *, keys: Any = None, bbox: Any = None, every_ms: int | None = None, rewind: Any = None) -> Items:
        """Follows everything, up to 1,000 `keys`, or what is in `bbox` (west, south, east, north in degrees), with at
        most one frame each `every_ms`. With `rewind` of `{"events": 100}` or `{"seconds": 60}` the first change tells what
        was before. Returns when the items are there. Raises `RefusedError`."""
        return await self._follow(Items(self, self._next()), keys=keys, bbox=bbox, every_ms=every_ms, rewind=rewind)

    async def scores(
        self, top: int = 20, *, offset: int = 0, around: str | None = None, span: int | None = None,
        group: str | None = None, session: str | None = None, cells: bool | None = None, every_ms: int | None = None,
    ) -> Scores:  # fmt: skip
        """Follows `top` rows of the ranking after `offset`, and with `around` (a key) `span` rows on each side of it;
        of a `group` (`field:value`) or a `session`. Returns when they are there. Raises `RefusedError`."""
        wish = {"top": top, "offset": offset, "around": around, "span": span, "group": group, "session": session}
        return await self._follow(Scores(self, self._next()), **wish, cells=cells, every_ms=every_ms)

    async def publish(self, event: dict[str, Any]) -> dict[str, Any]:
        """Sends an event; the board's answer, once it is durable. An event without an `id` is given one, so that it
        counts once although it is sent again after a broken connection. Raises `RefusedError`."""
        number = self._next()
        answer = await self._answer("publish", number, {"id": uuid4().hex, **event})
        for result in answer["results"]:
            if result["status"] == "refused":
                raise RefusedError(result["code"], result["message"], None, result.get("field"))
        return answer

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def _follow(self, subscription: Any, **wish: Any) -> Any:
        self._subscriptions[subscription.number] = subscription
        try:
            await subscription.change(**wish)
        except BaseException:
            await subscription.close()
            raise
        return subscription

    async def _answer(self, action: str, number: int, what: dict[str, Any]) -> Any:
        """Tells the link, and waits for the server's answer."""
        if asyncio.get_running_loop() is not self._loop:
            message = "the feed is open in another event loop, or not open: use heliograph.run for all its calls or none"
            raise HeliographError("other_loop", message)
        if self.status == "stopped":
            raise self._end()
        try:
            json.dumps(what, allow_nan=False, ensure_ascii=False).encode()
        except (TypeError, ValueError) as failure:
            raise HeliographError("invalid_json", f"{action}: this can't be sent as JSON: {failure}") from None
        waiter = self._waiters[action, number] = self._loop.create_future()
        self._input(action, number, what)
        try:
            return await waiter
        finally:
            self._waiters.pop((action, number), None)

    def _end(self) -> HeliographError:
        return self.error or StoppedError("closed", "this program has closed the feed")

    def _settle(self, action: str, number: int, answer: Any) -> None:
        if (waiter := self._waiters.get((action, number))) and not waiter.done():
            waiter.set_exception(answer) if isinstance(answer, Exception) else waiter.set_result(answer)

    def _input(self, *event: Any) -> None:
        """Gives the link an input and does what it says."""
        now = int((self._epoch + self._loop.time()) * 1000)
        for output in self._link.handle(now, random.random(), event):
            match output:
                case ("open", protocols):
                    self._socket = self._task(self._talk(protocols))
                case ("close",):
                    if self._socket:
                        self._socket.cancel()
                case ("send", text):
                    self._sending.put_nowait(text)
                case ("fetch",):
                    self._task(self._fetch())
                case ("wake", at):
                    self._wake((at - now) / 1000)
                case ("changed", number, changes):
                    self._subscriptions[number].told(changes)
                case ("answered", number, error):
                    if error and number not in self._link.followed:
                        self._subscriptions[number].lost(error)
                    self._settle("subscribe", number, error)
                case ("published", number, answer):
                    self._settle("publish", number, answer)
                case ("error", error):
                    log.warning("the server refused something: %s", error)
                case ("status", status, error):
                    self.status, self.error = status, error
                    if status in ("live", "catching_up", "stopped"):
                        self._up.set()
                    if status == "stopped":
                        self._wake(None)
                        for action, number in list(self._waiters):
                            self._settle(action, number, self._end())
                        for subscription in self._subscriptions.values():
                            subscription.told([])

    def _task(self, work: Any) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _wake(self, seconds: float | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self._loop.call_later(max(seconds, 0), self._input, "timer")

    async def _fetch(self) -> None:
        token, denied = None, None
        try:
            token = await self._access.fetch()
        except TokenDenied as failure:
            denied = str(failure) or "the token was denied"
        except Exception as failure:
            self._failure = f"the token callback failed: {failure!r}"
            log.warning("the token callback failed; it is asked again: %r", failure)
        self._input("token", token, denied)

    async def _talk(self, protocols: Any) -> None:
        """One socket, from opening to its end."""
        sending: asyncio.Queue[str] = asyncio.Queue()
        self._sending = sending
        headers = {"Authorization": f"Bearer {self._access.api_key}"} if self._access.api_key else {}
        # The link has its own limits of time and its own probe (L2, L3); a snapshot may be larger than 1 MiB.
        limits: Any = {"open_timeout": None, "ping_interval": None, "close_timeout": 1, "max_size": None}
        code, reason, refusal = 1006, "", None
        try:
            async with open_socket(self._access.feed, subprotocols=protocols, additional_headers=headers, **limits) as socket:
                self._input("opened", socket.subprotocol)
                writer = self._task(_write(socket, sending))
                try:
                    while True:
                        self._input("message", await socket.recv(decode=False))
                finally:
                    writer.cancel()
        except InvalidStatus as failure:
            answer = failure.response
            refusal = problem(answer.status_code, bytes(answer.body or b""), answer.headers.get("Retry-After"))
            self._failure = str(refusal)
        except ConnectionClosed as closed:
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
        except (OSError, EOFError, WebSocketException) as failure:
            self._failure = str(failure) or repr(failure)
        self._input("closed", code, reason, refusal)


async def _write(socket: Any, sending: asyncio.Queue[str]) -> None:
    try:
        while True:
            await socket.send(await sending.get())
    except ConnectionClosed:
        pass  # The reader hears of it.
