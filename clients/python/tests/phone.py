"""A link, its clock and what it said, for the tests."""

import json

from heliograph.link import Link

NOW = 1_772_366_400_000


class Phone:
    def __init__(self, token=None, renews=False, jitter=0.5):
        self.link, self.now, self.jitter, self.out, self.error = Link(token, renews), NOW, jitter, [], None
        self.wakes = None

    @classmethod
    def live(cls, **more):
        """Connected, with one subscription to everything that has been answered."""
        p = cls(**more)
        p.input("subscribe", 1, {"what": "items"}).input("start").opened().message(snapshot(1, 10, ["a", "b"]))
        p.out.clear()
        return p

    def input(self, *event):
        for output in self.link.handle(self.now, self.jitter, event):
            if output[0] == "wake":
                self.wakes = output[1]
            else:
                self.out.append(output)
        return self

    def opened(self):
        return self.input("opened", "heliograph.v1.json")

    def message(self, message):
        return self.input("message", json.dumps(message).encode())

    def wait(self, millis):
        self.now += millis
        return self

    def run(self, millis):
        """Lets the timers run for a while."""
        end = self.now + millis
        while self.wakes is not None and self.wakes <= end:
            self.now, self.wakes = max(self.now, self.wakes), None
            self.input("timer")
        self.now = end
        return self

    def reconnect(self):
        """Breaks the connection and opens the next; what it says then."""
        self.input("closed", 1006, "", None)
        while self.link.state != "opening":
            self.run(100)
        self.said()
        self.opened()
        return self.said()

    def copy(self, number):
        return self.link.followed[number].copy

    def changes(self):
        return [change for output in self.out if output[0] == "changed" for change in output[2]]

    def said(self):
        """What it said since the last time, in words; changes left out."""
        words = [self._word(*output) for output in self.out if output[0] != "changed"]
        self.out = []
        return words

    def _word(self, kind, *said):
        if kind == "open":
            return f"open {' '.join(said[0])}"
        if kind == "send":
            if said[0] == "ping":
                return "ping"
            message = json.loads(said[0])
            resume = message.get("resume")
            tail = f" from {resume}" if resume else ""
            what = message.get("token") or message.get("cursor") or message.get("id")
            return f"{message['action']} {what}{tail}"
        if kind == "status":
            self.error = said[1]
            return f"{said[0]} {said[1].code}" if said[1] else said[0]
        if kind in ("answered", "published"):
            error = said[1]
            return f"{kind} {said[0]}" + (f" {error.code}" if isinstance(error, Exception) else "")
        return kind


def item(key, seq=10, **more):
    return {"key": key, "time": NOW, "seq": seq, **({"fields": {"x": 1}} | more)}


def snapshot(number, seq, keys, part=None, life=1, **more):
    message = {"type": "snapshot", "id": number, "cursor": f"e{life}:{seq}", "rights": 77, "items": [item(k) for k in keys]}
    if part:
        message["part"] = {"first": part[0], "last": part[1]}
    return message | more


def delta(number, start, end, items=(), removed=(), life=1):
    told = [each if isinstance(each, dict) else item(each) for each in items]
    message = {"type": "delta", "id": number, "from": f"e{life}:{start}", "cursor": f"e{life}:{end}", "items": told}
    return message | ({"removed": list(removed)} if removed else {})


def status(time):
    return {"type": "status", "time": time, "cursor": "e1:0", "viewers": 3, "lag_ms": 0}


def error(number, action, code="forbidden"):
    return {"type": "error", "id": number, "action": action, "code": code, "message": "no"}
