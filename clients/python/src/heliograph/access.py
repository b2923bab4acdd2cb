"""Where a board is, and with what it is asked: a token, a callback that fetches tokens, an API key, or nothing."""

import base64
import inspect
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from .errors import HeliographError


class Token(NamedTuple):
    """A token and when it ends by the server's clock, in epoch milliseconds; None when that is not known."""

    jwt: str
    expires_at: int | None = None


def token_of(said: str | Mapping[str, Any]) -> Token:
    """A token from its text, or from the answer of `POST /v1/tokens` (`{"token", "expires_at"}`)."""
    jwt = said["token"] if isinstance(said, Mapping) else said
    if not isinstance(jwt, str) or jwt.count(".") != 2:
        raise HeliographError("not_a_token", "token: a JWT has three parts; an API key goes into `api_key=`")
    if isinstance(said, Mapping):
        return Token(jwt, said.get("expires_at"))
    try:
        # Nothing is verified: the claim only says when to ask for the next token.
        part = jwt.split(".")[1]
        return Token(jwt, int(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"] * 1000))
    except (ValueError, KeyError, TypeError):
        return Token(jwt)


class Access:
    """A board's addresses and the caller's credential. `token` is a JWT, the answer of `POST /v1/tokens`, or a callback
    (asynchronous or not) that gives one; `api_key` is an API key."""

    def __init__(self, url: str, board: str, token: Any = None, api_key: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            message = f"url: {url.partition('?')[0]!r} should be like https://live.example.com, without a query"
            raise HeliographError("invalid_url", message)
        if token is not None and api_key is not None:
            raise HeliographError("two_credentials", "give `token` or `api_key`, not both")
        self.api_key, self.source = api_key, token if callable(token) else None
        self.token: Token | None = None if token is None or self.source else token_of(token)
        self.rest = f"{url.rstrip('/')}/v1/boards/{quote(board, safe='')}"
        self.feed = f"ws{self.rest[4:]}/feed"

    async def fetch(self) -> Token:
        """Asks the callback."""
        answer = self.source()  # type: ignore[misc]
        return token_of(await answer if inspect.isawaitable(answer) else answer)

    async def bearer(self, fresh: bool = False) -> str | None:
        """What goes into the header `Authorization`; `fresh` when the last one was refused."""
        if self.source:
            ends = self.token.expires_at if self.token else 0
            if fresh or (ends is not None and ends <= time.time() * 1000 + 5_000):
                self.token = await self.fetch()
        return self.api_key or (self.token.jwt if self.token else None)
