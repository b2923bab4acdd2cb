"""A client's copy of the rows of a ranking that one subscription follows: "Applying moves" of docs/protocol.md."""

from dataclasses import dataclass, replace
from typing import Any

from .copies import Change, Misfit


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a ranking. `position` counts from 1; `rank` follows the rule for ties, and `tied` says whether a
    neighbour has the same values. `reached` is when it came to them, in epoch milliseconds; None before the first."""

    key: str
    name: str
    position: int
    rank: int
    tied: bool
    values: tuple[float, ...]
    reached: int | None
    groups: tuple[str | None, ...]
    cells: Any = None


class ScoresCopy:
    """Takes scores messages as JSON has them."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.total = 0
        self.about: dict[str, Any] = {}
        self.top: list[Row] = []
        self.around: list[Row] = []

    def take(self, message: dict[str, Any]) -> list[Change]:
        """Takes a message; what it changed. What moves in both lists is told once."""
        whole = is_whole(message)
        if self.cursor is None and not whole:
            raise Misfit
        before = {row.key: row for row in (*self.around, *self.top)}
        self.about = message.get("about", self.about)
        ties = self.about.get("ties", "first_to_reach")
        lists = [
            _applied([] if whole else rows, message[name], ties) if name in message else [] if whole else rows
            for name, rows in (("top", self.top), ("around", self.around))
        ]
        (self.top, self.around), self.total, self.cursor = lists, message["total"], message["cursor"]
        now = {row.key: row for row in (*self.around, *self.top)}
        changes = [Change("removed", key, None, row) for key, row in before.items() if key not in now]
        changes += [Change("changed", k, row, before.get(k)) for k, row in now.items() if row != before.get(k)]
        return [Change("reset")] if whole else changes


def is_whole(message: dict[str, Any]) -> bool:
    """Whether a message has everything: its lists have rows, not moves."""
    return any("rows" in message.get(name, ()) for name in ("top", "around"))


def _applied(rows: list[Row], told: dict[str, Any], ties: str) -> list[Row]:
    if "rows" in told:
        return [_row(row) for row in told["rows"]]
    known = {row.key: row for row in rows}
    gone = {*told["removed"], *(move["key"] for move in told["moves"])}
    kept = [row for row in rows if row.key not in gone]
    for move in told["moves"]:
        place = move["to"] - told["first"]
        if not 0 <= place <= len(kept) or (move["from"] is not None and move["key"] not in known):
            raise Misfit
        news = {"values": tuple(move["values"]), "reached": move["reached"], "cells": move.get("cells")}
        kept.insert(place, _row(move) if move["from"] is None else replace(known[move["key"]], **news))
    return _numbered(kept, told, ties)


def _row(told: dict[str, Any]) -> Row:
    own: Any = {name: told.get(name) for name in ("key", "name", "position", "rank", "tied", "reached", "cells")}
    return Row(**own, values=tuple(told["values"]), groups=tuple(told["groups"]))


def _numbered(rows: list[Row], told: dict[str, Any], ties: str) -> list[Row]:
    """Positions, ranks and ties of rows in order; `above` and `below` say it of the neighbours outside the list."""
    numbered, rank, last = [], told["rank"], len(rows) - 1
    for i, row in enumerate(rows):
        position = told["first"] + i
        like_before = rows[i - 1].values == row.values if i else told["above"]
        like_after = rows[i + 1].values == row.values if i < last else told["below"]
        if i and not (like_before and ties in ("shared", "dense")):
            rank = rank + 1 if ties == "dense" else position
        numbered.append(replace(row, position=position, rank=rank, tied=bool(like_before or like_after)))
    return numbered
