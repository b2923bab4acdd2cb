"""A client's copy of the items that one subscription follows: rules S5, S8, S9, R5."""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

_CURSOR = re.compile(r"e(\d+):(\d+)", re.ASCII)


def order(a: str, b: str) -> int | None:
    """Below 0 when cursor `a` is before `b`, 0 when they are equal, above 0 when it is after; None when that can't be
    said: they are of two lives of the board, or of a form that is not known. To users cursors are opaque text; rules
    S9 and R5 of version 1 need to know which is later."""
    if a == b:
        return 0
    first, second = _CURSOR.fullmatch(a), _CURSOR.fullmatch(b)
    return int(first[2]) - int(second[2]) if first and second and first[1] == second[1] else None


class Misfit(Exception):
    """The frame does not fit the copy: frames were lost, and the subscription starts over."""


@dataclass(frozen=True, slots=True)
class Item:
    """The latest state of a key. `time` is the event's, in epoch milliseconds. `position` has `lat` and `lon` in
    degrees (WGS 84) and, where measured, `heading` (degrees), `speed` (m/s), `altitude` and `accuracy` (m)."""

    key: str
    time: int
    seq: int
    position: dict[str, float] | None
    fields: dict[str, Any]


class Change(NamedTuple):
    """What became different. `kind` is `changed` (`now` is the item or row of `key`, `before` what it was, None when
    it is new), `removed` (it ended, or left the box or the ranking's window), `reset` (a snapshot came: anything may
    be different), `gap` (what happened in between is lost, rule R2; a `reset` follows) or `rewind` (`now` is a list of
    events from before, where that was asked for)."""

    kind: str
    key: str | None = None
    now: Any = None
    before: Any = None


class ItemsCopy:
    """Takes snapshots and deltas as JSON has them. Items are replaced, never changed: whoever holds one keeps it."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.items: dict[str, Item] = {}
        self._parts: dict[str, Item] = {}
        self._parts_cursor: str | None = None

    def take(self, message: dict[str, Any]) -> list[Change]:
        """Takes a message; what it changed."""
        return self._snapshot(message) if message["type"] == "snapshot" else self._delta(message)

    def _snapshot(self, message: dict[str, Any]) -> list[Change]:
        part = message.get("part") or {"first": True, "last": True}
        if part["first"]:
            self._parts, self._parts_cursor = {}, message["cursor"]
        elif self._parts_cursor != message["cursor"]:
            raise Misfit
        for told in message["items"]:
            self._parts[told["key"]] = _merged(None, told)
        if not part["last"]:
            # The copy stays what it was until the last part is there.
            return []
        self.items, self.cursor = self._parts, message["cursor"]
        self._parts, self._parts_cursor = {}, None
        return [Change("reset")]

    def _delta(self, message: dict[str, Any]) -> list[Change]:
        if self.cursor is None:
            raise Misfit
        beyond, ahead = order(message["from"], self.cursor), order(message["cursor"], self.cursor)
        if beyond is None or beyond > 0 or ahead is None:
            raise Misfit
        if ahead < 0:
            return []
        changes = []
        for told in message["items"]:
            before = self.items.get(told["key"])
            now = self.items[told["key"]] = _merged(before, told)
            changes.append(Change("changed", now.key, now, before))
        for key in message.get("removed", ()):
            before = self.items.pop(key, None)
            changes += [Change("removed", key, None, before)] if before else []
        self.cursor = message["cursor"]
        return changes


def _merged(before: Item | None, told: dict[str, Any]) -> Item:
    """What JSON tells of an item, put over what is known of it (S8). One that is not known is told whole (S9)."""
    fields = {**(before.fields if before else {}), **told.get("fields", {})}
    fields = {name: value for name, value in fields.items() if value is not None}
    position = told.get("position", before.position if before else None)
    return Item(told["key"], told["time"], told["seq"], position, fields)
