"""What can go wrong. Every error has `code`, the server's stable word for it (docs/api.md, docs/protocol.md)."""

import json


class HeliographError(Exception):
    """Any error of this package. `code` is a stable word, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code, self.message = code, message


class RefusedError(HeliographError):
    """The server refused a request, a subscription or an event; the connection goes on. `status` is HTTP's, `field`
    names what is wrong, `retry_after` is in seconds: each where the server says it."""

    def __init__(self, code: str, message: str, status: int | None = None, field: str | None = None) -> None:
        super().__init__(code, message)
        self.status, self.field = status, field
        self.retry_after: float | None = None


class StoppedError(HeliographError):
    """The feed is over, and connecting again is pointless. `code` is the reason of the close (rule K2) or of the
    refused upgrade; `close_code` (4500 or above) or `status` is its number."""

    def __init__(self, code: str, message: str, close_code: int | None = None, status: int | None = None) -> None:
        super().__init__(code, message)
        self.close_code, self.status = close_code, status


class ConnectError(HeliographError):
    """The server could not be reached, or not in the time given."""


class TokenDenied(Exception):
    """Raised by a token callback that is told "no": asking again is pointless, and the feed stops."""


def problem(status: int, body: bytes, retry_after: str | None = None) -> RefusedError:
    """The error of an HTTP answer: problem JSON (RFC 9457), or whatever a proxy says in its place."""
    try:
        said = json.loads(body)
        first = (said.get("errors") or [{}])[0]
        error = RefusedError(said["code"], first.get("message") or said["detail"], status, first.get("field"))
    except (ValueError, KeyError, TypeError, AttributeError):
        text = bytes(body[:200]).decode(errors="replace")
        error = RefusedError("http_error", f"the server answered HTTP {status}: {text}", status)
    error.retry_after = float(retry_after) if retry_after and retry_after.isdigit() else None
    return error
