"""Rules L and K: dialling, pauses, probes, tokens, the end."""

import json

import pytest
from phone import Phone, snapshot, status

from heliograph.access import Token
from heliograph.errors import RefusedError

UNREACHABLE = ("token", None, None)


def closed(code=1006, reason="", refusal=None):
    return ("closed", code, reason, refusal)


def refused(status, code="token_invalid"):
    return closed(refusal=RefusedError(code, "no", status))


def test_l1_it_dials_subscribes_and_is_live_when_answered():
    p = Phone()
    p.input("subscribe", 1, {"what": "items"})
    assert p.said() == []
    p.input("start")
    assert p.said() == ["open heliograph.v1.json", "connecting"]
    p.opened()
    assert p.said() == ["subscribe 1", "catching_up"]
    p.message(snapshot(1, 10, ["a"], part=(True, False)))
    assert p.said() == []
    p.message(status(p.now)).message(snapshot(1, 10, ["b"], part=(False, True)))
    assert p.said() == ["answered 1", "live"]
    assert list(p.copy(1).items) == ["a", "b"]


@pytest.mark.parametrize(("jitter", "factor"), [(0.0, 0.5), (1.0, 1.0), (7.0, 1.0)])
def test_l2_pauses_double_to_30_seconds_with_jitter_from_half_to_whole(jitter, factor):
    p = Phone(jitter=jitter)
    p.input("start")
    for attempt in range(12):
        p.said()
        p.input(*closed())
        assert p.said() == ["waiting"]
        p.run(int(min(500 << attempt, 30_000) * factor) - 1)
        assert p.said() == []
        p.run(1)
        assert p.said() == ["open heliograph.v1.json", "connecting"]


def test_l2_a_connection_that_works_resets_the_pause_and_one_that_only_opens_does_not():
    p = Phone(jitter=1.0)
    p.input("subscribe", 1, {"what": "items"}).input("start")
    for expected in (500, 1_000, 2_000):
        p.opened().input(*closed(1011))
        p.said()
        p.run(expected - 1)
        assert p.said() == []
        p.run(1)
    p.opened().message(snapshot(1, 10, ["a"])).input(*closed())
    p.said()
    p.run(500)
    assert p.said() == ["open heliograph.v1.json", "connecting"]


def test_l2_a_socket_that_does_not_open_in_10_seconds_is_given_up():
    p = Phone()
    p.input("start")
    p.said()
    p.run(9_999)
    assert p.said() == []
    p.run(1)
    assert p.said() == ["close", "waiting"]
    # Its late events do not matter.
    p.opened().message(snapshot(1, 1, []))
    assert p.said() == []


def test_l3_silence_is_probed_and_a_dead_connection_replaced():
    p = Phone.live()
    p.run(24_999)
    assert p.said() == ["ack e1:10"]
    p.run(1)
    assert p.said() == ["ping"]
    p.wait(100).input("message", b"pong").run(24_999)
    assert p.said() == []
    p.run(1)
    assert p.said() == ["ping"]
    p.run(5_000)
    assert p.said() == ["close", "open heliograph.v1.json", "connecting"]


def test_l4_a_token_is_fetched_before_and_refreshed_inside_the_open_feed():
    p = Phone(renews=True)
    p.input("start")
    assert p.said() == ["fetch", "connecting"]
    p.input("token", Token("j1", p.now + 600_000), None)
    assert p.said() == ["open heliograph.v1.json bearer.j1"]
    p.opened()
    assert p.said() == ["live"]
    for _ in range(53):
        p.run(10_000).input("message", b"pong")
    assert "fetch" not in p.said()
    p.run(10_000)
    assert "fetch" in p.said()
    p.input("token", Token("j2", p.now + 600_000), None)
    assert p.said() == ["token j2"]


def test_l4_a_fixed_token_is_shown_and_never_asked_for():
    p = Phone(token=Token("j1", 1))
    p.input("start")
    assert p.said() == ["open heliograph.v1.json bearer.j1", "connecting"]


@pytest.mark.parametrize("wrong", [-7_200_000, 7_200_000])
def test_l4_a_clock_that_is_wrong_by_hours_does_not_make_it_fetch_for_ever(wrong):
    p = Phone(renews=True)
    p.input("start").input("token", Token("j1", p.now + wrong + 600_000), None).opened()
    p.message(status(p.now + wrong))
    p.said()
    for _ in range(50):
        p.run(10_000).input("message", b"pong")
    assert "fetch" not in p.said()


def test_l4_a_token_shorter_than_the_margin_is_refreshed_at_half_its_life():
    p = Phone(renews=True)
    p.input("start").input("token", Token("j1", p.now + 30_000), None).opened()
    p.said()
    p.run(14_999)
    assert p.said() == []
    p.run(1)
    assert p.said() == ["fetch"]
    # The endpoint is away: again after five seconds, not before.
    p.input(*UNREACHABLE).input("message", b"pong").run(4_999)
    assert p.said() == []
    p.run(1)
    assert p.said() == ["fetch"]
    # It says no: the connection lives until the token ends, then it hears why.
    p.input("token", None, "gone").run(9_000)
    assert p.said() == []
    p.input(*closed(4010, "token_expired")).run(1_000)
    assert p.said() == ["waiting", "fetch", "connecting"]
    p.input("token", None, "gone")
    assert p.said() == ["stopped token_denied"]


def test_l4_an_upgrade_that_is_refused_may_be_the_tokens_fault_once():
    p = Phone(renews=True)
    p.input("start").input("token", Token("j1", p.now + 600_000), None).input(*refused(401))
    p.said()
    p.run(1_000)
    assert p.said() == ["fetch", "connecting"]
    p.input("token", Token("j2", p.now + 600_000), None).input(*refused(401))
    assert p.said() == ["open heliograph.v1.json bearer.j2", "stopped token_invalid"]


def test_l4_a_callback_that_does_not_answer_is_asked_again():
    p = Phone(renews=True)
    p.input("start").said()
    p.run(10_000)
    assert p.said() == ["waiting"]
    p.run(1_000)
    assert p.said() == ["fetch", "connecting"]


@pytest.mark.parametrize("code", [1000, 1006, 1011, 4000, 4001, 4499])
def test_k1_these_codes_connect_again(code):
    p = Phone.live()
    p.input(*closed(code))
    assert p.said() == ["waiting"]


@pytest.mark.parametrize("code", [4500, 4502, 4999])
def test_k1_these_codes_end_it_with_the_servers_word(code):
    p = Phone.live()
    p.input(*closed(code, "board_deleted"))
    assert p.said() == ["stopped board_deleted"]
    assert p.error.close_code == code


@pytest.mark.parametrize(("status", "ends"), [(400, True), (401, True), (403, True), (404, True), (429, False), (503, False)])
def test_k1_a_refused_upgrade_ends_it_when_trying_again_is_pointless(status, ends):
    p = Phone()
    p.input("start")
    p.said()
    p.input(*refused(status, "credential_missing"))
    assert p.said() == ["stopped credential_missing" if ends else "waiting"]
    assert not ends or p.error.status == status


def test_k3_what_the_server_says_before_the_close_counts_as_the_close():
    p = Phone.live()
    p.message({"type": "bye", "code": 4502, "reason": "board_deleted", "reconnect": False})
    assert p.said() == ["close", "stopped board_deleted"]
    p = Phone.live()
    p.message({"type": "bye", "code": 4000, "reason": "going_away", "reconnect": True})
    assert p.said() == ["close", "waiting"]


@pytest.mark.parametrize("end", [("stop",), closed(4502, "board_deleted")])
def test_l6_after_the_end_nothing_is_said(end):
    p = Phone.live()
    p.input(*end)
    assert p.said()[-1].startswith("stopped")
    inputs = [
        ("start",), ("opened", "heliograph.v1.json"), ("message", json.dumps(snapshot(1, 11, [])).encode()), closed(),
        ("token", Token("j"), None), ("timer",), ("subscribe", 2, {"what": "items"}), ("unsubscribe", 1), ("stop",),
        ("publish", 3, {"key": "a"}),
    ]  # fmt: skip
    for event in inputs:
        p.wait(60_000).input(*event)
    assert p.out == []
    # What was there stays readable.
    assert list(p.copy(1).items) == ["a", "b"]


@pytest.mark.parametrize("protocol", [None, "heliograph.v2.json"])
def test_l6_a_server_of_another_version_stops_it(protocol):
    p = Phone()
    p.input("start")
    p.said()
    p.input("opened", protocol)
    assert p.said() == ["close", "stopped unknown_protocol"]


def test_l8_the_servers_clock_is_the_message_that_travelled_least():
    p = Phone.live()
    for delay in (300, 40, 900):
        sent = p.now + 5_000
        p.wait(delay).message(status(sent))
    assert p.link.clock.offset == 5_000 - 40


def test_what_was_is_told_once_and_who_comes_back_resumes_without_it():
    p = Phone.live()
    p.input("subscribe", 2, {"what": "items", "rewind": {"events": 2}})
    asked = json.loads(p.out.pop(0)[1])
    assert asked["rewind"] == {"events": 2}
    events = [{"cursor": "e1:4", "seq": 4, "key": "a", "time": 1}]
    p.message({"type": "rewind", "id": 2, "from": "e1:3", "cursor": "e1:5", "events": events})
    assert ("changed", 2, [("rewind", None, events, None)]) in p.out
    p.message(snapshot(2, 5, ["a"]))
    p.out.clear()
    p.input("closed", 1006, "", None)
    while p.link.state != "opening":
        p.run(100)
    p.opened()
    sent = [json.loads(said[1]) for said in p.out if said[0] == "send"]
    (again,) = [message for message in sent if message["id"] == 2]
    assert again["resume"] == "e1:5" and "rewind" not in again


def test_what_comes_of_something_that_is_followed_no_more_is_nothing():
    p = Phone.live()
    p.input("unsubscribe", 1)
    p.out.clear()
    p.message({"type": "gap", "id": 1, "cursor": "e1:5"})
    p.message({"type": "rewind", "id": 1, "from": "e1:3", "cursor": "e1:5", "events": []})
    assert p.out == []
