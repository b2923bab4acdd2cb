"""Rules G: a ranking's moves, applied as docs/protocol.md says."""

import pytest
from phone import Phone

from heliograph.copies import Misfit
from heliograph.ranking import ScoresCopy

EDGE = {"first": 1, "rank": 1, "above": False, "below": False}


def row(position, key, points, rank=None, **more):
    told = {"position": position, "rank": rank or position, "key": key, "name": key, "values": [points], "tied": False}
    return told | {"reached": 1, "groups": []} | more


def frame(seq, top=None, around=None, **more):
    lists = {name: value for name, value in (("top", top), ("around", around)) if value}
    return {"type": "scores", "id": 1, "cursor": f"e1:{seq}", "total": 4, **lists, **more}


def whole(ties="first_to_reach", rows=()):
    return frame(1, {**EDGE, "rows": list(rows)}, about={"ties": ties, "columns": [{"name": "points"}]})


def copy(ties="first_to_reach"):
    c = ScoresCopy()
    c.take(whole(ties, [row(1, "a", 9), row(2, "b", 7), row(3, "c", 5)]))
    return c


def move(key, start, end, points):
    return {"key": key, "from": start, "to": end, "rank": end, "values": [points], "reached": 2}


def moved(*moves, removed=(), **edge):
    return {**EDGE, **edge, "moves": list(moves), "removed": list(removed)}


def table(rows):
    return [(r.rank, r.key, *r.values) for r in rows]


def test_g2_moves_are_applied_in_order_and_told():
    c = copy()
    changes = c.take(frame(2, moved(move("c", 3, 1, 10))))
    assert table(c.top) == [(1, "c", 10), (2, "a", 9), (3, "b", 7)]
    assert [(x.kind, x.key, x.before.position, x.now.position) for x in changes] == [
        ("changed", "c", 3, 1), ("changed", "a", 1, 2), ("changed", "b", 2, 3),
    ]  # fmt: skip


def test_g2_a_new_row_comes_whole_and_one_that_left_is_told():
    c = copy()
    new = row(2, "d", 8, name="Dee") | {"from": None, "to": 2}
    changes = c.take(frame(2, moved(new, removed=["c"])))
    assert [(r.position, r.key, r.name) for r in c.top] == [(1, "a", "a"), (2, "d", "Dee"), (3, "b", "b")]
    assert ("removed", "c") in [(x.kind, x.key) for x in changes]


@pytest.mark.parametrize(("ties", "ranks"), [("first_to_reach", [1, 2, 3]), ("shared", [1, 1, 3]), ("dense", [1, 1, 2])])
def test_g2_equal_values_follow_the_rule_for_ties(ties, ranks):
    c = copy(ties)
    c.take(frame(2, moved(move("b", 2, 2, 9))))
    assert [r.rank for r in c.top] == ranks
    assert [r.tied for r in c.top] == [True, True, False]


def test_g3_the_neighbours_outside_say_whether_the_ends_are_tied():
    c = copy()
    c.take(frame(2, moved(first=5, rank=4, above=True, below=True)))
    assert [(r.position, r.rank, r.tied) for r in c.top] == [(5, 4, True), (6, 6, False), (7, 7, True)]


def test_g4_a_snapshot_replaces_both_lists():
    c = copy()
    c.take(frame(2, around={**EDGE, "first": 9, "rows": [row(9, "z", 1)]}))
    assert (c.top, table(c.around)) == ([], [(9, "z", 1)])


@pytest.mark.parametrize("bad", [move("nobody", 4, 1, 3), move("a", 1, 9, 3)])
def test_g5_moves_that_dont_fit_are_no_copy(bad):
    with pytest.raises(Misfit):
        copy().take(frame(2, moved(bad)))
    with pytest.raises(Misfit):
        ScoresCopy().take(frame(2, moved()))


def test_g4_after_a_broken_connection_a_ranking_is_asked_for_whole():
    p = Phone()
    p.input("subscribe", 1, {"what": "scores", "top": 3}).input("start").opened().message(whole(rows=[row(1, "a", 9)]))
    assert p.said()[-2:] == ["answered 1", "live"]
    assert p.reconnect() == ["subscribe 1", "catching_up"]
    p.message(whole(rows=[row(1, "b", 10)]))
    assert p.said() == ["answered 1", "live"]
    assert table(p.copy(1).top) == [(1, "b", 10)]


def test_l7_moves_that_dont_fit_start_a_ranking_over():
    p = Phone()
    p.input("subscribe", 1, {"what": "scores"}).input("start").opened().message(whole(rows=[row(1, "a", 9)]))
    p.said()
    p.message(frame(3, moved(move("b", 2, 1, 10))))
    assert p.said() == ["subscribe 1", "catching_up"]
