"""Rules S, R, A and L5, L7: subscriptions and their copies."""

import json

import pytest
from phone import NOW, Phone, delta, error, item, snapshot

BOX = {"what": "items", "bbox": [0, 0, 5, 5]}


def resumed(number, life, seq):
    return {"type": "resumed", "id": number, "cursor": f"e{life}:{seq}"}


def test_s1_a_refused_subscribe_is_answered_too():
    p = Phone.live()
    p.input("subscribe", 2, BOX)
    assert p.said() == ["subscribe 2", "catching_up"]
    p.message(error(2, "subscribe"))
    assert p.said() == ["answered 2 forbidden", "live"]
    assert p.reconnect() == ["subscribe 1 from e1:10", "catching_up"]


def test_s2_a_change_that_is_refused_leaves_what_was_followed():
    p = Phone.live()
    p.input("subscribe", 1, {"what": "items", "bbox": [0, 0, 500, 5]})
    p.message(delta(1, 10, 12, ["c"])).message(error(1, "subscribe", "invalid_bbox"))
    assert p.said() == ["subscribe 1", "catching_up", "answered 1 invalid_bbox", "live"]
    assert p.reconnect() == ["subscribe 1 from e1:12", "catching_up"]
    assert p.link.followed[1].wish == {"what": "items"}


def test_s2_a_change_that_is_refused_after_a_broken_connection_resumes_what_was_followed():
    p = Phone.live()
    p.input("subscribe", 1, BOX)
    assert p.reconnect() == ["subscribe 1", "catching_up"]
    p.message(error(1, "subscribe", "invalid_bbox"))
    assert p.said() == ["subscribe 1 from e1:10", "answered 1 invalid_bbox"]
    p.message(resumed(1, 1, 10))
    assert p.said() == ["answered 1", "live"]


def test_s1_what_is_refused_on_a_new_connection_is_lost_and_not_asked_for_again():
    p = Phone.live()
    p.reconnect()
    p.message(error(1, "subscribe"))
    assert p.said() == ["answered 1 forbidden", "live"]
    assert 1 not in p.link.followed


def test_s5_a_copy_stays_whole_until_the_last_part_is_there():
    p = Phone.live()
    p.message(snapshot(1, 20, ["x"], part=(True, False), unasked=True))
    assert list(p.copy(1).items) == ["a", "b"]
    p.message(snapshot(1, 20, ["y"], part=(False, True), unasked=True))
    assert list(p.copy(1).items) == ["x", "y"]
    assert [change.kind for change in p.changes()] == ["reset"]


def test_s5_parts_of_two_snapshots_are_not_mixed():
    p = Phone.live()
    p.message(snapshot(1, 20, ["x"], part=(True, False))).message(snapshot(1, 21, ["y"], part=(False, True)))
    assert list(p.copy(1).items) == ["a", "b"]
    assert "subscribe 1" in p.said()


def test_s6_the_answer_to_an_earlier_subscribe_does_not_count_for_the_later_one():
    p = Phone.live()
    p.input("subscribe", 1, BOX).input("subscribe", 1, {"what": "items", "keys": ["b"]})
    p.said()
    p.message(snapshot(1, 12, ["a"]))
    assert p.said() == []
    assert p.reconnect() == ["subscribe 1", "catching_up"]


def test_s6_a_number_that_is_used_again_at_once_waits_for_its_own_answer():
    p = Phone()
    p.input("start").opened().input("subscribe", 1, {"what": "items"}).input("unsubscribe", 1).input("subscribe", 1, BOX)
    p.said()
    p.message(snapshot(1, 5, ["a", "b"])).message(delta(1, 5, 6, ["a"]))
    assert p.said() == []
    p.message(snapshot(1, 7, ["a"]))
    assert p.said() == ["answered 1", "live"]


def test_s7_an_unasked_snapshot_is_no_answer_and_else_the_truth():
    p = Phone.live()
    p.input("subscribe", 1, BOX)
    p.said()
    p.message(snapshot(1, 12, ["a", "b", "c"], unasked=True))
    assert p.said() == []
    p.message(snapshot(1, 12, ["a"])).message(snapshot(1, 13, ["b"], unasked=True))
    p.said()
    assert p.reconnect() == ["subscribe 1 from e1:13", "catching_up"]


def test_s8_a_delta_is_merged_field_by_field():
    p = Phone.live()
    p.message(delta(1, 10, 11, [item("a", 11, position={"lat": 1.0, "lon": 2.0}, fields={"y": 2})]))
    p.message(delta(1, 11, 12, [item("a", 12, fields={"x": None, "z": False})]))
    a = p.copy(1).items["a"]
    assert (a.position, a.fields, a.seq) == ({"lat": 1.0, "lon": 2.0}, {"y": 2, "z": False}, 12)
    p.message(delta(1, 12, 13, [{"key": "a", "time": NOW + 1, "seq": 13}]))
    assert (p.copy(1).items["a"].fields, p.copy(1).items["a"].time) == ({"y": 2, "z": False}, NOW + 1)
    before, now = p.changes()[1].before, p.changes()[1].now
    assert (before.fields, now.fields) == ({"x": 1, "y": 2}, {"y": 2, "z": False})


def test_s8_a_position_that_is_null_is_taken_away():
    p = Phone.live()
    p.message(delta(1, 10, 11, [item("a", 11, position={"lat": 1.0, "lon": 2.0})]))
    p.message(delta(1, 11, 12, [item("a", 12, position=None)]))
    assert p.copy(1).items["a"].position is None


def test_s9_an_unknown_item_is_taken_as_whole_and_a_removed_one_goes():
    p = Phone.live()
    p.message(delta(1, 10, 11, ["c"], removed=["a", "nobody"]))
    assert list(p.copy(1).items) == ["b", "c"]
    assert [(change.kind, change.key) for change in p.changes()] == [("changed", "c"), ("removed", "a")]


def test_s9_a_delta_beyond_the_copy_starts_it_over_without_resume():
    p = Phone.live()
    p.message(delta(1, 12, 13, ["a"]))
    assert (p.said(), p.link.gaps) == (["subscribe 1", "catching_up"], 1)
    # The copy stays readable until the snapshot comes.
    assert list(p.copy(1).items) == ["a", "b"]
    p.message(delta(1, 13, 14, ["a"]))
    assert (p.said(), p.link.gaps) == ([], 1)
    p.message(snapshot(1, 14, ["a"]))
    assert p.said() == ["answered 1", "live"]


@pytest.mark.parametrize("life", [2, "x"])
def test_s9_a_cursor_that_cant_be_compared_counts_as_a_hole(life):
    p = Phone.live()
    p.message(delta(1, 10, 11, ["a"], life=life))
    assert p.said() == ["subscribe 1", "catching_up"]


def test_s9_a_hole_stays_a_hole_when_a_change_is_refused_meanwhile():
    p = Phone.live()
    p.input("subscribe", 1, BOX).message(error(1, "subscribe")).message(delta(1, 12, 13, ["a"]))
    p.said()
    p.input("subscribe", 1, BOX).message(snapshot(1, 13, ["a"], part=(True, False)))
    assert p.reconnect() == ["subscribe 1", "catching_up"]
    p.message(error(1, "subscribe"))
    # What was followed before is asked for whole, for the copy has a hole.
    assert "subscribe 1" in p.said()
    assert p.link.followed[1].wish == {"what": "items"}


def test_r1_a_connection_that_broke_resumes_from_the_last_frame_with_its_rights():
    p = Phone.live()
    p.message(delta(1, 10, 14, ["a", "b", "c"]))
    p.input("closed", 1006, "", None).run(1_000)
    p.out.clear()
    p.opened()
    sent = json.loads(p.out[0][1])
    wanted = {"action": "subscribe", "id": 1, "what": "items", "resume": "e1:14", "rights": 77}
    assert sent == wanted
    p.said()
    p.message(resumed(1, 1, 14)).message(delta(1, 14, 15, ["d"]))
    assert p.said() == ["answered 1", "live"]
    assert list(p.copy(1).items) == ["a", "b", "c", "d"]


def test_r1_a_resume_that_is_answered_for_another_life_starts_over():
    p = Phone.live()
    p.reconnect()
    p.message(resumed(1, 2, 10))
    assert p.said() == ["subscribe 1"]
    p.message(snapshot(1, 3, ["z"], life=2))
    assert p.said() == ["answered 1", "live"]
    assert list(p.copy(1).items) == ["z"]


def test_r2_a_gap_is_told_before_the_snapshot():
    p = Phone.live()
    p.reconnect()
    p.message({"type": "gap", "id": 1, "cursor": "e2:4"}).message(snapshot(1, 4, ["a"], life=2))
    assert [change.kind for change in p.changes()] == ["gap", "reset"]
    assert p.link.gaps == 1


def test_r5_what_was_heard_is_ignored_and_what_overlaps_is_taken():
    p = Phone.live()
    p.message(delta(1, 10, 14, ["c"]))
    p.message(delta(1, 8, 12, removed=["c"]))
    assert (p.copy(1).cursor, "c" in p.copy(1).items) == ("e1:14", True)
    p.message(delta(1, 8, 16, ["d"]))
    assert (p.copy(1).cursor, "d" in p.copy(1).items) == ("e1:16", True)


def test_l5_what_was_changed_is_not_resumed_until_it_has_been_answered():
    p = Phone.live()
    p.input("subscribe", 1, BOX)
    assert p.said() == ["subscribe 1", "catching_up"]
    # The old set goes on meanwhile.
    p.message(delta(1, 10, 11, ["a"]))
    assert p.reconnect() == ["subscribe 1", "catching_up"]
    p.message(snapshot(1, 12, ["a"]))
    assert p.said() == ["answered 1", "live"]
    assert p.reconnect() == ["subscribe 1 from e1:12", "catching_up"]


def test_l5_following_the_same_again_is_answered_without_a_word_to_the_server():
    p = Phone.live()
    p.input("subscribe", 1, {"what": "items"})
    assert p.said() == ["answered 1"]


def test_l5_frames_of_what_is_not_followed_any_more_are_ignored():
    p = Phone.live()
    p.input("unsubscribe", 1)
    assert p.said() == ["unsubscribe 1"]
    p.message(delta(1, 10, 11, ["a"])).message(snapshot(1, 11, ["a"], unasked=True))
    assert (p.said(), p.changes()) == ([], [])


def test_l7_a_server_that_never_makes_sense_is_given_pauses():
    p = Phone.live()
    for _ in range(10):
        p.message(delta(1, 90, 91, ["a"])).message(snapshot(1, 99, ["a"], part=(False, True)))
    assert p.said() == ["subscribe 1", "catching_up", "subscribe 1", "subscribe 1", "close", "waiting"]
    assert p.reconnect() == ["subscribe 1", "catching_up"]


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"type":"delta","id":1}', b"\xff"])
def test_l7_a_damaged_message_makes_the_connection_anew(text):
    p = Phone.live()
    p.input("message", text)
    assert p.said() == ["close", "waiting"]
    assert list(p.copy(1).items) == ["a", "b"]
    assert p.reconnect() == ["subscribe 1", "catching_up"]


def test_l7_a_message_of_an_unknown_kind_is_left_alone():
    p = Phone.live()
    p.message({"type": "something_new"}).message({"type": "message", "data": "hello"})
    assert p.said() == []


def test_f8_a_refusal_without_a_number_ends_it_and_of_a_token_it_is_told():
    p = Phone.live()
    p.message({"type": "error", "action": "token", "code": "token_refused", "message": "no"})
    assert p.said() == ["error"]
    p.message({"type": "error", "code": "invalid_message", "message": "top: no number"})
    assert p.said() == ["close", "stopped invalid_message"]


def test_a1_frames_are_acknowledged_after_8_seconds_or_256_kilobytes():
    p = Phone.live()
    # Spread over the last 3 seconds: in the middle of them here.
    p.run(6_499)
    assert p.said() == []
    p.run(1)
    assert p.said() == ["ack e1:10"]
    p.run(10_000)
    assert p.said() == []
    p.message(delta(1, 10, 20, [f"a key of some length {i}" for i in range(4_000)]))
    assert p.said() == ["ack e1:20"]


def test_an_event_that_was_not_answered_is_sent_again_and_answered_once():
    p = Phone.live()
    p.input("publish", 7, {"key": "a", "id": "one"})
    assert p.said() == ["publish 7"]
    assert p.reconnect() == ["subscribe 1 from e1:10", "publish 7", "catching_up"]
    answer = {"type": "published", "id": 7, "answer": {"accepted": 1}}
    p.message(answer).message(answer)
    assert p.said() == ["published 7"]
    p.input("publish", 8, {"key": "a"}).message(error(8, "publish", "slow_down"))
    assert p.said() == ["publish 8", "published 8 slow_down"]
    assert p.reconnect() == ["subscribe 1 from e1:10", "catching_up"]
