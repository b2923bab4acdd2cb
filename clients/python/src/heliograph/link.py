"""The client's connection to a feed, as a pure state machine: rules L, with R, S, A and G, of docs/protocol.md.

It has no clock, no socket and no random numbers. What happened comes in, and what is to be done comes out, as tuples
whose first word says what they are. Times are milliseconds of the caller's clock.

In: `start` · `subscribe`, number, wish (the fields of a `subscribe` without its number) · `unsubscribe`, number ·
`publish`, number, event (sent again on the next connection until it is answered: it should have an `id`) · `opened`,
the subprotocol that the server chose · `message`, bytes · `closed`, code, reason, the refusal of an upgrade or None ·
`token`, a token or None, why asking again is pointless or None · `timer` · `stop`.

Out: `open`, subprotocols · `close` (later events of that socket must not come back) · `send`, text · `fetch` (a
token) · `wake`, time (replaces the earlier one) · `changed`, number, changes · `answered`, number, error or None: what
is followed now is there, or was refused · `published`, number, answer or error · `error`, what else was refused ·
`status`, state (`connecting`, `catching_up`, `live`, `waiting`, `stopped`), error or None.
"""

import json
from collections import deque
from typing import Any

from . import dial
from .access import Token
from .copies import Change, ItemsCopy, Misfit, order
from .errors import RefusedError, StoppedError
from .ranking import ScoresCopy, is_whole

NEVER = float("inf")


class Followed:
    """One subscription. `wish` is what was asked last, `accepted` what the server follows; while the copy is
    `outdated`, it is of something else or has a hole (`damaged`): it stays readable and can't be resumed."""

    def __init__(self, what: str) -> None:
        self.wish: dict[str, Any] = {}
        self.accepted: dict[str, Any] | None = None
        self.copy: ItemsCopy | ScoresCopy = ScoresCopy() if what == "scores" else ItemsCopy()
        self.rights: int | None = None
        self.outdated = True
        self.damaged = False


class Link:
    """The connection. `renews` says whether fresh tokens can be fetched; otherwise `token` is all there is."""

    def __init__(self, token: Token | None = None, renews: bool = False) -> None:
        self.token, self.renews = token, renews
        # `since` is when the state began; that of `waiting` is when it ends.
        self.state, self.since, self.attempt = "idle", 0, 0
        self.followed: dict[int, Followed] = {}
        self.clock = dial.ServerClock()
        self.gaps = 0
        # What each subscribe of this connection asked that is not answered yet, oldest first: a number may be used
        # again before its earlier use was answered, and counting is what tells the answers apart (S6).
        self._owed: dict[int, deque[dict[str, Any]]] = {}
        # What the server follows on this connection.
        self._followed_here: set[int] = set()
        self._publishing: dict[int, dict[str, Any]] = {}
        self._fetching = self._doubted = False
        self._refresh_after: float = 0
        self._last_heard = self._failures = self._breaks = self._unacked = 0
        self._probe_sent: int | None = None
        self._unacked_since: int | None = None
        self._unacked_to: str | None = None
        self._wake: int | None = None
        self._said: tuple[Any, ...] = ()
        self._out: list[tuple[Any, ...]] = []

    def handle(self, now: int, jitter: float, event: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Takes an input; `jitter` is a random number in 0..1. After the end nothing happens any more (L6)."""
        if self.state == "stopped":
            return []
        match event:
            case ("start",) if self.state == "idle":
                self._dial(now, 0)
            case ("subscribe", sub, wish):
                self._subscribe(sub, wish)
            case ("unsubscribe", sub):
                if self.followed.pop(sub, None) and self.state == "open":
                    self._send(action="unsubscribe", id=sub)
            case ("publish", number, sent):
                self._publishing[number] = sent
                if self.state == "open":
                    self._send(action="publish", id=number, event=sent)
            case ("opened", protocol) if self.state == "opening":
                self._opened(now, protocol)
            case ("message", text) if self.state == "open":
                self._heard(now, jitter, text)
            case ("closed", code, reason, refusal):
                self._closed(now, jitter, code, reason, refusal)
            case ("token", token, denied):
                self._fetched(now, jitter, token, denied)
            case ("timer",):
                self._wake = None
                self._timer(now, jitter)
            case ("stop",):
                self._out.append(("close",))
                self._stop(None)
        self._tell()
        self._schedule(now)
        out, self._out = self._out, []
        return out

    # Dialling, tokens, pauses, the end.

    def _dial(self, now: int, attempt: int) -> None:
        self._probe_sent, self.since, self.attempt = None, now, attempt
        ends = self.token.expires_at if self.token else 0
        if self.renews and ends is not None and ends <= now + self.clock.offset + 5_000:
            self.state = "token"
            self._fetch()
        else:
            self._open(now)

    def _open(self, now: int) -> None:
        self.state, self.since = "opening", now
        self._out.append(("open", [dial.PROTOCOL, *([f"bearer.{self.token.jwt}"] if self.token else [])]))

    def _fetch(self) -> None:
        if not self._fetching:
            self._fetching = True
            self._out.append(("fetch",))

    def _fetched(self, now: int, jitter: float, token: Token | None, denied: str | None) -> None:
        self._fetching = False
        if token:
            self.token = token
            life = (token.expires_at or 0) - now - self.clock.offset
            self._refresh_after = now + min(max(life // 2, 1_000), dial.REFRESH_PAUSE_MS)
            if self.state == "token":
                # It is fresh, whatever this machine's clock says (L4).
                self._open(now)
            elif self.state == "open":
                self._send(action="token", token=token.jwt)
        elif self.state != "token":
            # The connection lives until its token ends; the next one asks again and hears why not.
            self._refresh_after = NEVER if denied is not None else now + dial.REFRESH_RETRY_MS
        elif denied is None:
            self._back_off(now, jitter, self.attempt)
        else:
            self._stop(StoppedError("token_denied", denied))

    def _refresh_at(self) -> float:
        if not self.renews or self._fetching or not self.token or self.token.expires_at is None:
            return NEVER
        return max(self.token.expires_at - dial.REFRESH_MS - self.clock.offset, self._refresh_after)

    def _back_off(self, now: int, jitter: float, attempt: int) -> None:
        self._failures = attempt + 1
        self.state, self.since, self.attempt = "waiting", now + dial.pause(attempt, jitter), self._failures

    def _closed(self, now: int, jitter: float, code: int, reason: str, refusal: RefusedError | None = None) -> None:
        if self.state not in ("opening", "open"):
            return
        attempt = self.attempt if self.state == "opening" else self._failures
        self._probe_sent = None
        self._owed.clear()
        if code in (4010, 4011) and self.renews:
            self.token = None
        if refusal and refusal.status in (401, 403) and self.renews and not self._doubted:
            # The token may have ended on the way; a fresh one that is refused as well was not the reason.
            self._doubted, self.token = True, None
        elif error := dial.final(code, reason, refusal):
            return self._stop(error)
        self._back_off(now, jitter, attempt)

    def _stop(self, error: StoppedError | None) -> None:
        self.state = "stopped"
        self._out.append(("status", "stopped", error))

    def _timer(self, now: int, jitter: float) -> None:
        if self.state == "waiting" and self.since <= now:
            self._dial(now, self.attempt)
        elif self.state in ("opening", "token") and now - self.since >= dial.OPEN_MS:
            if self.state == "opening":
                self._out.append(("close",))
            self._fetching = False
            self._back_off(now, jitter, self.attempt)
        elif self.state == "open":
            if self._probe_sent is not None and now - self._probe_sent >= dial.PROBE_MS:
                self._out.append(("close",))
                self._owed.clear()
                return self._dial(now, 0)
            if self._probe_sent is None and now - self._last_heard >= dial.QUIET_MS:
                self._probe_sent = now
                self._out.append(("send", "ping"))
            if self._unacked_since is not None and now - self._unacked_since >= dial.ACK_MS:
                self._ack()
            if self._refresh_at() <= now:
                self._fetch()

    # The open connection.

    def _opened(self, now: int, protocol: str | None) -> None:
        if protocol != dial.PROTOCOL:
            self._out.append(("close",))
            message = f"the server does not speak {dial.PROTOCOL}, but {protocol}: another version of this package may"
            return self._stop(StoppedError("unknown_protocol", message))
        self.state, self._last_heard, self._probe_sent, self._doubted = "open", now, None, False
        self._unacked, self._unacked_since, self._followed_here = 0, None, set()
        self._owed.clear()
        for sub in self.followed:
            self._ask(sub, resume=True)
        for number, event in self._publishing.items():
            self._send(action="publish", id=number, event=event)

    def _send(self, **message: Any) -> None:
        self._out.append(("send", json.dumps(message, ensure_ascii=False, separators=(",", ":"))))

    def _subscribe(self, sub: int, wish: dict[str, Any]) -> None:
        f = self.followed.setdefault(sub, Followed(wish["what"]))
        if f.wish == wish:
            if not f.outdated and sub not in self._owed:
                self._out.append(("answered", sub, None))
            return
        f.wish, f.outdated = wish, True
        if self.state == "open":
            self._ask(sub)

    def _ask(self, sub: int, resume: bool = False) -> None:
        f = self.followed[sub]
        # Scores have no resume: their answer is a snapshot (G4).
        resume = resume and not f.outdated and isinstance(f.copy, ItemsCopy)
        more = {"resume": f.copy.cursor, "rights": f.rights} if resume else {}
        # What was is told once: not to who resumes, nor when a copy starts over.
        wish = {name: value for name, value in f.wish.items() if name != "rewind" or not (resume or f.damaged)}
        self._send(action="subscribe", id=sub, **wish, **more)
        self._owed.setdefault(sub, deque()).append(f.wish)

    def _answer(self, sub: int, ok: bool) -> bool:
        """The server has answered a subscribe; true when it was the last that this number waited for."""
        wish = self._owed[sub].popleft() if sub in self._owed else None
        if wish is not None and ok and sub in self.followed:
            self.followed[sub].accepted = wish
            self._followed_here.add(sub)
        if not self._owed.get(sub):
            self._owed.pop(sub, None)
        return sub not in self._owed

    def _heard(self, now: int, jitter: float, text: bytes) -> None:
        self._last_heard, self._probe_sent = now, None
        if text == b"pong":
            return
        try:
            self._take(now, jitter, json.loads(text), len(text))
        except (ValueError, KeyError, TypeError, AttributeError):
            # Nothing after a damaged message can be trusted: begin anew (L7).
            for f in self.followed.values():
                f.outdated = f.damaged = True
            self._out.append(("close",))
            self._closed(now, jitter, 1002, "damaged")

    def _take(self, now: int, jitter: float, m: dict[str, Any], size: int) -> None:
        match m["type"]:
            case "snapshot" | "delta" | "scores":
                self._frame(now, jitter, m, size)
            case "resumed":
                current, f = self._answer(m["id"], True), self.followed.get(m["id"])
                ahead = order(f.copy.cursor, m["cursor"]) if f and f.copy.cursor else None
                if ahead is not None and ahead >= 0:
                    self._failures = 0
                    self._out += [("answered", m["id"], None)] if current else []
                elif f and current:
                    f.outdated = True
                    self._ask(m["id"])
            case "rewind" if m["id"] in self.followed:
                self._out.append(("changed", m["id"], [Change("rewind", None, m["events"])]))
            case "gap" if m["id"] in self.followed:
                self.gaps += 1
                self._out.append(("changed", m["id"], [Change("gap")]))
            case "status":
                self.clock.heard(now, m["time"])
            case "published":
                if self._publishing.pop(m["id"], None):
                    self._out.append(("published", m["id"], m["answer"]))
            case "error":
                self._refused(m)
            case "bye":
                # The close that follows has the same code; the platform may be slow to send it (K3).
                self._out.append(("close",))
                self._closed(now, jitter, m["code"], m["reason"])

    def _frame(self, now: int, jitter: float, m: dict[str, Any], size: int) -> None:
        sub, kind = m["id"], m["type"]
        whole = is_whole(m) if kind == "scores" else kind == "snapshot" and m.get("part", {"last": True})["last"]
        # A scores snapshot is not marked as unasked: it is an answer when one is owed.
        answers = whole and not m.get("unasked") and (kind == "snapshot" or sub in self._owed)
        current = self._answer(sub, True) if answers else sub not in self._owed
        f = self.followed.get(sub)
        if f is None:
            return
        try:
            changes = f.copy.take(m)
        except Misfit:
            # While an answer is owed it may be a frame of what was followed before; a snapshot is on its way.
            if sub not in self._owed:
                self._broken(now, jitter, sub, f)
            return
        if kind == "snapshot":
            f.rights = m["rights"]
        self._failures = self._breaks = 0
        self._acknowledge(now, jitter, m["cursor"], size)
        if changes:
            self._out.append(("changed", sub, changes))
        if whole and current:
            f.outdated = f.damaged = False
            self._out.append(("answered", sub, None))

    def _refused(self, m: dict[str, Any]) -> None:
        number, error = m.get("id"), RefusedError(m["code"], m["message"])
        if number is None and error.code in ("invalid_message", "message_too_large"):
            # The server can't say which message it was, so nobody would ever hear that theirs was refused.
            self._out.append(("close",))
            self._stop(StoppedError(error.code, error.message))
        elif m.get("action") == "publish" and number in self._publishing:
            del self._publishing[number]
            self._out.append(("published", number, error))
        elif m.get("action") == "subscribe" and number in self._owed:
            wish, f = self._owed[number][0], self.followed.get(number)
            if not self._answer(number, False) or f is None:
                return
            if f.accepted is None or f.accepted == wish:
                del self.followed[number]
            else:
                # What was followed before goes on, unless the connection is another one or the copy has a hole.
                f.wish, f.outdated = f.accepted, f.damaged
                if f.damaged or number not in self._followed_here:
                    self._ask(number, resume=True)
            self._out.append(("answered", number, error))
        else:
            self._out.append(("error", error))

    def _broken(self, now: int, jitter: float, sub: int, f: Followed) -> None:
        """A copy does not fit the frames: it starts over. When that does not help, the connection does (L7)."""
        self.gaps, self._breaks = self.gaps + 1, self._breaks + 1
        f.outdated = f.damaged = True
        if self._breaks > dial.BREAKS_MAX:
            self._out.append(("close",))
            self._closed(now, jitter, 1002, "damaged")
        else:
            self._ask(sub)

    def _acknowledge(self, now: int, jitter: float, cursor: str, size: int) -> None:
        self._unacked += size
        if self._unacked_since is None:
            # A frame reaches a crowd at the same moment; their acknowledgements come spread out.
            self._unacked_since = now - int(dial.ACK_SPREAD_MS * min(max(jitter, 0.0), 1.0))
        # Items and scores may be unequally far: the furthest counts.
        if self._unacked_to is None or (order(cursor, self._unacked_to) or 1) > 0:
            self._unacked_to = cursor
        if self._unacked >= dial.ACK_BYTES:
            self._ack()

    def _ack(self) -> None:
        self._unacked, self._unacked_since = 0, None
        self._send(action="ack", cursor=self._unacked_to)

    # What it says of itself, and when it wants to be woken.

    def _tell(self) -> None:
        live = "catching_up" if any(sub in self._owed for sub in self.followed) else "live"
        name = {"token": "connecting", "opening": "connecting", "open": live}.get(self.state, self.state)
        said = (name, self.attempt if name in ("connecting", "waiting") else 0)
        if said != self._said and name not in ("idle", "stopped"):
            self._said = said
            self._out.append(("status", name, None))

    def _schedule(self, now: int) -> None:
        at: float = NEVER
        if self.state == "waiting":
            at = self.since
        elif self.state in ("opening", "token"):
            at = self.since + dial.OPEN_MS
        elif self.state == "open":
            quiet = self._last_heard + dial.QUIET_MS if self._probe_sent is None else self._probe_sent + dial.PROBE_MS
            ack = NEVER if self._unacked_since is None else self._unacked_since + dial.ACK_MS
            at = min(quiet, ack, max(self._refresh_at(), now + 1_000))
        # A timer that comes early only looks and sets the next: moving it for every message would cost more.
        if at < NEVER and (self._wake is None or at < self._wake):
            self._wake = int(at)
            self._out.append(("wake", self._wake))
