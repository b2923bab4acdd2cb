"""A board's views over HTTP (docs/views.md). An answer is kept with its entity tag, and asked for again only if it changed."""

from collections import OrderedDict
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin

import httpx

from . import frames
from .access import Access
from .errors import ConnectError, HeliographError, problem
from .loop import run

_KEPT = 64
_LISTS = {"keys", "fields", "bbox", "quantiles"}
_VIEWS = {"items", "scores", "series", "track", "events"}


class Client:
    """Reads a board's views, for `async with`. Parameters are those of docs/views.md; lists and times may be Python's,
    and None is left out. Raises `RefusedError` with the server's code, `ConnectError` when no answer came."""

    def __init__(self, url: str, board: str, *, token: Any = None, api_key: str | None = None) -> None:
        self._access = Access(url, board, token, api_key)
        self._http = httpx.AsyncClient(timeout=30)
        self._kept: OrderedDict[str, tuple[str, httpx.Response]] = OrderedDict()

    async def close(self) -> None:
        """Closes its connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def items(self, **parameters: Any) -> list[dict[str, Any]]:
        """The items, of all pages: `keys`, `prefix`, `bbox`, `group`, `where`, `fields`, `since`."""
        return [i for page in await self._pages("items", {"limit": 10_000, **parameters}) for i in page.json()["items"]]

    async def item(self, key: str) -> dict[str, Any]:
        """One item."""
        return (await self._get(self._address(f"items/{quote(key, safe='')}", {}))).json()

    async def scores(self, **parameters: Any) -> dict[str, Any]:
        """The ranking: `top`, `offset`, `around`, `span`, `group`, `session`, `cells`."""
        return (await self._get(self._address("scores", parameters))).json()

    async def series(self, field: str | None = None, *, item: str | None = None, **parameters: Any) -> dict[str, Any]:
        """A number over time, of one item or of the board: `step`, `group_by`, `keys`, `quantiles`, and `from` and `to`,
        which are passed as `**{"from": …}` or as `from_` and `to`."""
        return (await self._get(self._address(_of_item(item, "series"), {"field": field, **parameters}))).json()

    async def track(self, key: str, **parameters: Any) -> dict[str, Any]:
        """Where one item was (docs/tracks.md): `from_`, `to`, `max_points`, `gap_s`."""
        return (await self._get(self._address(_of_item(key, "track"), parameters))).json()

    async def trips(self, key: str, **parameters: Any) -> dict[str, Any]:
        """The trips of one item and where it stood in between: `from_`, `to`, `stop_m`, `stop_s`, `gap_s`."""
        return (await self._get(self._address(_of_item(key, "trips"), parameters))).json()

    async def alarms(self, *, events: bool = False, **parameters: Any) -> dict[str, Any]:
        """A page of the alarms that stand, or of what happened to alarms (docs/alarms.md), the newest first: `rule`, `key`,
        `limit`, `after`, and `severity` and `acknowledged` of those that stand, or `kind`, `from_` and `to` of `events`."""
        return (await self._get(self._address("alarms/events" if events else "alarms", parameters))).json()

    async def summary(self) -> dict[str, Any]:
        """Counts, rates and extremes."""
        return (await self._get(self._address("summary", {}))).json()

    async def view(self, name: str, **parameters: Any) -> Any:
        """A saved view: its JSON, or its text if its format is another one."""
        answer = await self._get(self._address(f"views/{quote(name, safe='')}", parameters))
        return answer.json() if "json" in answer.headers["content-type"].split(";")[0] else answer.text

    async def dataframe(self, view: str = "items", *, item: str | None = None, **parameters: Any) -> Any:
        """A view as a pandas DataFrame, of all pages: `items`, `scores`, `series` (of one `item`, if given), `track` (of an
        `item`), `events`, or the name of a saved view. Times are UTC timestamps, and a field that appears late is there from
        the first row."""
        if view == "track" and item is None:
            raise HeliographError("invalid_parameter", "item: a track is of one item, so name it")
        path = _of_item(item, view) if view in _VIEWS else f"views/{quote(view, safe='')}"
        wish = {"limit": 10_000 if view in ("items", "events") else None, **parameters, "format": "arrow"}
        return frames.of_answers([page.content for page in await self._pages(path, wish)])

    def _address(self, path: str, parameters: dict[str, Any]) -> str:
        query = "&".join(f"{n.rstrip('_')}={text}" for n, value in parameters.items() for text in _texts(n, value))
        return f"{self._access.rest}/{path}{'?' if query else ''}{query}"

    async def _pages(self, path: str, parameters: dict[str, Any]) -> list[httpx.Response]:
        answers = [await self._get(self._address(path, parameters))]
        while following := answers[-1].links.get("next"):
            answers.append(await self._get(urljoin(str(answers[-1].url), following["url"])))
        return answers

    async def _get(self, address: str) -> httpx.Response:
        """An answer, or the one that is kept while nothing has changed."""
        tag, kept = self._kept.get(address, ("", None))
        answer = await self._ask(address, {"If-None-Match": tag} if kept else {})
        if answer.status_code == 401 and self._access.source:
            answer = await self._ask(address, {"If-None-Match": tag} if kept else {}, fresh=True)
        if answer.status_code == 304 and kept:
            self._kept.move_to_end(address)
            return kept
        if not answer.is_success:
            raise problem(answer.status_code, answer.content, answer.headers.get("Retry-After"))
        if "ETag" in answer.headers:
            self._kept[address] = (answer.headers["ETag"], answer)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return answer

    async def _ask(self, address: str, headers: dict[str, str], fresh: bool = False) -> httpx.Response:
        if bearer := await self._access.bearer(fresh):
            headers = {**headers, "Authorization": f"Bearer {bearer}"}
        try:
            return await self._http.get(address, headers=headers)
        except httpx.TransportError as failure:
            raise ConnectError("not_connected", f"no answer from {address}: {failure!r}") from failure


def dataframe(
    url: str, board: str, *, view: str = "items", token: Any = None, api_key: str | None = None, **parameters: Any
) -> Any:
    """A view of a board as a pandas DataFrame, in one call, with or without a running event loop. `api_key` is an API
    key; what else there is, `Client.dataframe` says."""

    async def fetch() -> Any:
        async with Client(url, board, token=token, api_key=api_key) as client:
            return await client.dataframe(view, **parameters)

    return run(fetch())


def _of_item(item: str | None, view: str) -> str:
    return view if item is None else f"items/{quote(item, safe='')}/{view}"


def _texts(name: str, value: Any) -> list[str]:
    """What a parameter has in the address."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        if name in _LISTS and any("," in str(each) for each in value):
            raise HeliographError("invalid_parameter", f"{name}: a comma parts the list; `item` or a feed reads such a key")
        texts = [text for each in value for text in _texts(name, each)]
        return [",".join(texts)] if name in _LISTS else texts
    if isinstance(value, bool):
        return [str(value).lower()]
    return [quote(value.isoformat() if isinstance(value, datetime) else str(value), safe="")]
