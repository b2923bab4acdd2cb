"""A Heliograph board in Python: a feed that is kept, views over HTTP, and data frames. See docs/python.md."""

from .client import Client, dataframe
from .copies import Change, Item
from .errors import ConnectError, HeliographError, RefusedError, StoppedError, TokenDenied
from .feed import Feed, connect
from .followed import Items, Scores
from .loop import run
from .ranking import Row

__all__ = [
    "Change", "Client", "ConnectError", "Feed", "HeliographError", "Item", "Items", "RefusedError", "Row", "Scores",
    "StoppedError", "TokenDenied", "connect", "dataframe", "run",
]  # fmt: skip
