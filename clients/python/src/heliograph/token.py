"""Tokens: a fixed one, or a callback that fetches a fresh one whenever it is needed."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .errors import HeliographError


class Token(NamedTuple):
    """A token and when it ends by the server's clock, in epoch milliseconds; None when that is not known."""

    jwt: str
    expires_at: int | None = None


def token_of(said: str | Mapping[str, Any]) -> Token:
    """A token from its text, or from the answer of `POST /v1/tokens` (`{"token", "expires_at"}`)."""
    jwt = said["token"] if isinstance(said, Mapping) else said
    if not isinstance(jwt, str) or jwt.count(".") != 2:
        raise HeliographError("not_a_token", "token: a JWT has three parts; an API key goes into `key=`")
    if isinstance(said, Mapping):
        return Token(jwt, said.get("expires_at"))
    try:
        # Nothing is verified: the claim only says when to ask for the next token.
        part = jwt.split(".")[1]
        return Token(jwt, int(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"] * 1000))
    except (ValueError, KeyError, TypeError):
        return Token(jwt)


async def fetched(source: Any) -> Token:
    """Asks a callback, which may be asynchronous or not."""
    answer = source()
    return token_of(await answer if inspect.isawaitable(answer) else answer)
