"""Where a board is, and with what it is asked: a token, a callback that fetches tokens, an API key, or nothing."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote, urlsplit

from .errors import HeliographError
from .token import Token, fetched, token_of


class Access:
    """A board's addresses and the caller's credential. `token` is a JWT, the answer of `POST /v1/tokens`, or a callback
    (asynchronous or not) that gives one; `key` is an API key."""

    def __init__(self, url: str, board: str, token: Any = None, key: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            message = f"url: {url.partition('?')[0]!r} should be like https://live.example.com, without a query"
            raise HeliographError("invalid_url", message)
        if token is not None and key is not None:
            raise HeliographError("two_credentials", "give `token` or `key`, not both")
        self.key, self.source = key, token if callable(token) else None
        self.token: Token | None = None if token is None or self.source else token_of(token)
        self.rest = f"{url.rstrip('/')}/v1/boards/{quote(board, safe='')}"
        self.feed = f"ws{self.rest[4:]}/feed"

    async def bearer(self, fresh: bool = False) -> str | None:
        """What goes into the header `Authorization`; `fresh` when the last one was refused."""
        if self.source:
            ends = self.token.expires_at if self.token else 0
            if fresh or (ends is not None and ends <= time.time() * 1000 + 5_000):
                self.token = await fetched(self.source)
        return self.key or (self.token.jwt if self.token else None)
