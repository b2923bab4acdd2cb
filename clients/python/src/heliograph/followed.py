"""What a program holds of a subscription: the copy, and what changed since it looked last."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from . import frames
from .copies import Change, Item
from .ranking import Row


class Subscription:
    """A subscription's copy. `async for change in …` tells what changed since the last turn, for each key its latest
    state only; it ends when this is closed, and raises `StoppedError` when the feed ends."""

    _what, _takes = "items", {"keys", "bbox", "every_ms", "rewind"}

    def __init__(self, feed: Any, number: int) -> None:
        self.number, self._feed = number, feed
        self._copy: Any = None
        self._closed = False
        self._error: Exception | None = None
        self._news: dict[Any, Change] = {}
        self._told, self._changing = asyncio.Event(), asyncio.Lock()

    @property
    def cursor(self) -> str | None:
        """The place in the board's log up to which the copy has everything: opaque text."""
        return self._copy.cursor

    async def change(self, **wish: Any) -> None:
        """Follows something else, with the parameters of `Feed.items` or `Feed.scores`. When it returns, the copy is of
        that, and what changes from then on is told; when it raises `RefusedError`, everything goes on as it was."""
        if unknown := wish.keys() - self._takes:
            raise TypeError(f"there is no {' and no '.join(sorted(unknown))}, but {', '.join(sorted(self._takes))}")
        wish = {name: value for name, value in wish.items() if value is not None}
        async with self._changing:
            await self._feed._answer("subscribe", self.number, {"what": self._what, **wish})
            self._news = {name: change for name, change in self._news.items() if change.kind == "rewind"}

    async def close(self) -> None:
        """Stops following; the copy stays readable."""
        self._closed = True
        if self._feed._subscriptions.pop(self.number, None) is not None:
            self._feed._input("unsubscribe", self.number)
        self._told.set()

    def lost(self, error: Exception) -> None:
        """The server follows it no more, as when rights have changed: `async for` raises the error."""
        self._error = error
        self._told.set()

    def told(self, changes: list[Change]) -> None:
        """Takes what the link says; a program that is slow finds the latest of each key."""
        if changes and self._copy is None:
            self._copy = self._feed._link.followed[self.number].copy
        for change in changes:
            if change.kind == "reset":
                self._news = {key: kept for key, kept in self._news.items() if kept.kind in ("gap", "rewind")}
            name = change.key if change.key is not None else (change.kind,)
            first = self._news.pop(name, change)
            self._news[name] = change._replace(before=first.before)
        self._told.set()

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Change:
        while not self._news:
            if self._closed or (self._feed.status == "stopped" and not self._feed.error):
                raise StopAsyncIteration
            if error := self._error or self._feed.error:
                raise error
            self._told.clear()
            await self._told.wait()
        return self._news.pop(next(iter(self._news)))


class Items(Subscription, Mapping[str, Item]):
    """The items that are followed, by key."""

    def __getitem__(self, key: str) -> Item:
        return self._copy.items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._copy.items))

    def __len__(self) -> int:
        return len(self._copy.items)

    def dataframe(self) -> Any:
        """The items as a pandas DataFrame, with the columns and types of the board's views (docs/views.md)."""
        return frames.of_items(list(self._copy.items.values()))


class Scores(Subscription):
    """The rows of a ranking that are followed."""

    _what = "scores"
    _takes = {"top", "offset", "around", "span", "group", "session", "cells", "every_ms"}

    @property
    def rows(self) -> list[Row]:
        """The rows from the top, in order."""
        return self._copy.top

    @property
    def around(self) -> list[Row]:
        """The rows around one key, in order."""
        return self._copy.around

    @property
    def total(self) -> int:
        """How many keys have a rank."""
        return self._copy.total

    @property
    def about(self) -> dict[str, Any]:
        """Columns, groups, sessions: what the API calls `about`."""
        return self._copy.about

    def dataframe(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of the view `scores`."""
        return frames.of_rows(self.rows, self.about)
