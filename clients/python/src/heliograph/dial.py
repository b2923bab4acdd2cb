"""The numbers of rules L2 to L4, L7 and A1; how long a pause is, which ends are final, and the server's clock (L8)."""

from collections import deque

from .errors import RefusedError, StoppedError

PROTOCOL = "heliograph.v1.json"
# First and longest pause before connecting again (L2).
PAUSE_MS, PAUSE_MAX_MS = 500, 30_000
# A socket or a token that is not there by then is given up (L2).
OPEN_MS = 10_000
# Silence after which the connection is probed, and how long the answer may take (L3).
QUIET_MS, PROBE_MS = 25_000, 5_000
# A token is refreshed when so much of its life is left, with pauses of at most this, and after a failure of this (L4).
REFRESH_MS, REFRESH_PAUSE_MS, REFRESH_RETRY_MS = 60_000, 30_000, 5_000
# Frames are acknowledged after so many bytes or so long, and up to so much sooner, at random (A1).
ACK_BYTES, ACK_MS, ACK_SPREAD_MS = 256 * 1024, 8_000, 3_000
# Copies that may break in a row before the connection is made anew (L7).
BREAKS_MAX = 3

_MESSAGES = {
    4500: "the server could not take what this program sent",
    4501: "the credential does not allow this board",
    4502: "the board was deleted",
    4503: "a manager, or a program that feeds this board, ended the connection",
}


def pause(attempt: int, jitter: float) -> int:
    """How long to wait after so many failures in a row, in milliseconds; `jitter` is a random number in 0..1."""
    return int(min(PAUSE_MS << min(attempt, 10), PAUSE_MAX_MS) * (0.5 + 0.5 * min(max(jitter, 0.0), 1.0)))


def final(code: int, reason: str, refusal: RefusedError | None) -> StoppedError | None:
    """The error of an end after which connecting again would end the same way: close codes from 4500 (K1), and
    upgrades that are refused for what was asked, not for how the server is."""
    if refusal and refusal.status and 400 <= refusal.status < 500 and refusal.status not in (408, 425, 429):
        return StoppedError(refusal.code, refusal.message, None, refusal.status)
    if refusal or not 4500 <= code <= 4999:
        return None
    return StoppedError(reason or "closed", _MESSAGES.get(code, "the server ended the connection for good"), code)


class ServerClock:
    """The distance between the server's clock and ours. A message that travelled long makes the server look early,
    so the largest of the last eight distances is the best (L8)."""

    def __init__(self) -> None:
        self._distances: deque[int] = deque(maxlen=8)

    def heard(self, now: int, server: int) -> None:
        """The server said its time."""
        self._distances.append(server - now)

    @property
    def offset(self) -> int:
        """What to add to our clock to get the server's, in milliseconds."""
        return max(self._distances, default=0)
