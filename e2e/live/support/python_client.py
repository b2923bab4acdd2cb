# What a program does with the Python client, one scenario a call; client_python.test.mjs starts the server and plays the others.
#
#   python python_client.py SCENARIO    URL, BOARD and KEY come from the environment
#
# It prints a word when it has come to a stage, and goes on when it is sent a line.

import asyncio
import os
import sys
from datetime import datetime, timezone

import httpx

import heliograph

URL, BOARD, KEY = (os.environ[name] for name in ("URL", "BOARD", "KEY"))


async def stage(word):
    print(word, flush=True)
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


def connect(**more):
    return heliograph.connect(URL, BOARD, **more)


async def until(changes, fits):
    """Takes changes until one fits; all that were taken."""
    taken = []
    while not taken or not fits(taken[-1]):
        taken.append(await asyncio.wait_for(anext(changes), 20))
    return taken


async def refusal(work, kind=heliograph.RefusedError):
    try:
        await work
    except kind as error:
        return error
    raise AssertionError("not refused")


async def changes():
    async with connect() as feed:
        items = await feed.items()
        assert feed.status == "live"
        assert dict(items["a"].fields) == {"x": 1, "s": "0012"} and items["a"].position == {"lat": 1, "lon": 2}
        assert sorted(items) == ["a", "b"] and len(items) == 2 and items.cursor
        await stage("publish")
        taken = await until(items, lambda change: change.key == "end")
        told = {(change.kind, change.key): change for change in taken}
        assert told["changed", "a"].now.fields == {"s": "0012", "x": 2} and told["changed", "a"].before.fields["x"] == 1
        assert ("changed", "c") in told and "c" in items and items["a"].position == {"lat": 1, "lon": 2}
        await stage("end")
        [change] = await until(items, lambda change: change.kind == "removed")
        assert change.key == "b" and change.before.key == "b" and "b" not in items


async def anew():
    async with connect() as feed:
        items, boxed = await feed.items(), await feed.items(bbox=[0, 0, 5, 5])
        assert items["a"].position and "a" in boxed
        await stage("again")
        await until(items, lambda change: change.key == "a")
        assert (items["a"].position, items["a"].fields) == (None, {"y": 2}), items["a"]
        await until(boxed, lambda change: change.kind == "removed")
        assert list(boxed) == ["b"]


async def change_live():
    async with connect() as feed:
        items = await feed.items(keys=["a", "nobody"])
        assert list(items) == ["a"]
        await items.change(bbox=[0, 0, 5, 5])
        assert list(items) == ["a", "near"]
        error = await refusal(items.change(bbox=[0, 50, 5, 0]))
        assert error.code == "invalid_bbox", error
        await items.change(bbox=[0, 0, 5, 5])
        assert list(items) == ["a", "near"]
        other = await feed.items(keys=["far"])
        assert list(other) == ["far"]
        await other.close()
        assert [change async for change in other] == []
        assert list(other) == ["far"]


async def resume():
    async with connect(api_key=KEY) as feed:
        items = await feed.items()
        await feed.publish({"key": "before"})
        await until(items, lambda change: change.key == "before")
        publishing = None
        word = await stage("kill")
        assert word == "killed", word
        # It is sent once the server is back, and counts once.
        publishing = asyncio.create_task(feed.publish({"key": "while_away", "fields": {"n": 1}}))
        await stage("start")
        taken = await until(items, lambda change: change.key == "last")
        assert (await publishing)["accepted"] == 1
        # What was sent while the server was away may come after what was sent when it was back.
        if "while_away" not in items:
            taken += await until(items, lambda change: change.key == "while_away")
        # Told exactly what happened: no snapshot, no gap.
        assert {change.kind for change in taken} == {"changed"}, taken
        assert feed.gaps == 0 and {"before", "while_away", "last"} <= set(items)


async def renewal():
    asked = []

    async def token():
        asked.append(1)
        grants = [{"board": BOARD, "operations": ["read"]}]
        async with httpx.AsyncClient() as http:
            body = {"grants": grants, "ttl_s": 4}
            answer = await http.post(f"{URL}/v1/tokens", json=body, headers={"Authorization": f"Bearer {KEY}"})
        return answer.json() if len(asked) % 2 else answer.json()["token"]

    async with connect(token=token) as feed:
        items = await feed.items()
        socket = feed._socket
        while len(asked) < 4:
            await asyncio.sleep(0.2)
        await stage("publish")
        await until(items, lambda change: change.key == "after")
        assert feed._socket is socket, "one connection for all tokens"
    # One that was refused may have ended on the way: a fresh one is asked for, by the feed and by the client.
    bad = iter(["a.b.c"])

    async def second():
        return next(bad, None) or await token()

    async with connect(token=second) as feed:
        assert "after" in await feed.items()
    bad = iter(["a.b.c"])
    async with heliograph.Client(URL, BOARD, token=second) as client:
        assert [item["key"] for item in await client.items()] == ["after"]
    error = await refusal(connect(token=lambda: "a.b.c").open(), heliograph.StoppedError)
    assert error.status == 401, error
    # A token that can't be renewed ends the feed when it ends.
    async with connect(token=await token()) as feed:
        error = await refusal(anext(await feed.items()), heliograph.StoppedError)
        assert (error.code, error.status) == ("token_invalid", 401), error


async def gap():
    async with connect() as feed:
        items = await feed.items()
        scores = await feed.scores()
        await stage("forget")
        assert [change.kind for change in await until(items, lambda change: change.kind == "reset")] == ["gap", "reset"]
        assert feed.gaps == 1 and list(items) == ["a"]
        await until(scores, lambda change: change.kind == "reset")
        assert [row.key for row in scores.rows] == ["a"]
        await stage("publish")
        await until(items, lambda change: change.key == "later")
        await until(scores, lambda change: change.key == "later")


async def refused():
    error = await refusal(connect().open(), heliograph.StoppedError)
    assert (error.code, error.status) == ("credential_missing", 401), error
    error = await refusal(connect(api_key="hg_wrong").open(), heliograph.StoppedError)
    assert error.status == 401, error
    error = await refusal(heliograph.connect("http://127.0.0.1:1", BOARD, timeout=1).open(), heliograph.ConnectError)
    assert "127.0.0.1" in str(error) or "refused" in str(error).lower(), error

    async def denied():
        raise heliograph.TokenDenied("signed out")

    error = await refusal(connect(token=denied).open(), heliograph.StoppedError)
    assert (error.code, error.message) == ("token_denied", "signed out")
    for arguments in ({"token": "hg_key"}, {"token": "a.b.c", "api_key": "hg_key"}):
        try:
            connect(**arguments)
        except heliograph.HeliographError as error:
            assert error.code in ("not_a_token", "two_credentials")
        else:
            raise AssertionError(arguments)
    async with httpx.AsyncClient() as http:
        body = {"grants": [{"board": BOARD, "operations": ["read"]}]}
        token = (await http.post(f"{URL}/v1/tokens", json=body, headers={"Authorization": f"Bearer {KEY}"})).json()["token"]
    async with connect(token=token) as feed:
        assert (await refusal(feed.publish({"key": "a"}))).code == "forbidden"
    async with connect(api_key=KEY) as feed:
        error = await refusal(feed.publish({"key": ""}))
        assert (error.code, error.field) == ("empty", "key"), error
        assert "tip" in str(await refusal((await feed.items()).change(tip=1), TypeError))
        for event in ({"key": "a", "fields": {"x": float("nan")}}, {"key": "\ud800"}, {"key": "a", "time": asyncio}):
            assert (await refusal(feed.publish(event), heliograph.HeliographError)).code == "invalid_json"
        items = await feed.items()
        await stage("delete")
        error = await refusal(until(items, lambda change: change.kind == "never"), heliograph.StoppedError)
        assert (error.code, error.close_code, feed.status) == ("board_deleted", 4502, "stopped")
        assert (await refusal(feed.publish({"key": "a"}), heliograph.StoppedError)).code == "board_deleted"


async def misspoken():
    # What the server can't even read it can't attribute: the feed ends with its word, and nobody waits for ever.
    async with connect(api_key=KEY) as feed:
        error = await refusal(feed.items(keys=5), heliograph.StoppedError)
        assert error.code == "invalid_message" and "keys" in error.message, error
        assert feed.status == "stopped"
    async with connect(api_key=KEY) as feed:
        error = await refusal(feed.publish({"key": "a", "fields": {"text": "x" * 200_000}}), heliograph.StoppedError)
        assert error.code == "message_too_large", error


async def scores():
    def table(rows):
        return [(row.rank, row.position, row.key, row.name, list(row.values), row.tied) for row in rows]

    async with connect(api_key=KEY) as feed, heliograph.Client(URL, BOARD, api_key=KEY) as client:
        top = await feed.scores(top=5, around="p50", span=1)
        assert [row.key for row in top.rows] == ["p0", "p1", "p2", "p3", "p4"] and top.total == 60
        assert [row.key for row in top.around] == ["p49", "p50", "p51"]
        frames = 0
        for i in range(40):
            await feed.publish({"key": f"p{i * 7 % 60}", "fields": {"points": i % 5 * 10, "name": f"Name {i}"}})
        await feed.publish({"key": "p59", "fields": {"points": 5000}})
        async for change in top:
            frames += change.kind == "changed"
            if top.rows[0].key == "p59":
                break
        # A reader that was late gets where it all led to: then one more is a move.
        for i in range(20):
            if frames:
                break
            await feed.publish({"key": f"p{i}", "fields": {"points": 6000 + i * 1000}})
            async for change in top:
                frames += change.kind == "changed"
                break
        await asyncio.sleep(0.5)
        rest = await client.scores(top=5, around="p50", span=1)
        names = ("rank", "position", "key", "name", "values", "tied")
        for mine, theirs in ((top.rows, rest["rows"]), (top.around, rest["around"])):
            assert table(mine) == [tuple(row[name] for name in names) for row in theirs], (table(mine), theirs)
        assert frames, "moves, not only snapshots"
        live, view = top.dataframe(), await client.dataframe("scores", top=5)
        assert list(live.columns) == list(view.columns), (live.columns, view.columns)
        assert live.dtypes.equals(view.dtypes), (live.dtypes, view.dtypes)


async def dataframes():
    import pandas

    async with heliograph.Client(URL, BOARD) as client, connect(api_key=KEY) as feed:
        statuses = []

        async def note(answer):
            statuses.append(answer.status_code)

        client._http.event_hooks["response"].append(note)
        first = await client.dataframe(limit=2)
        assert list(first["key"]) == ["a", "b", "c,d/é"] and statuses == [200, 200]
        again = await client.dataframe(limit=2)
        assert again.equals(first) and statuses[2:] == [304, 304]
        assert str(first["time"].dtype) == "datetime64[ms, UTC]" and first["time"][0] == pandas.Timestamp("2026-03-01T12:00Z")
        assert first["code"][0] == "0012" and str(first["on"].dtype) == "boolean" and first["on"].isna().tolist() == [True, False, True]
        assert first["x"].tolist()[:2] == [1.0, 2.5]
        items = await feed.items()
        live = items.dataframe()
        pandas.testing.assert_frame_equal(live, await client.dataframe())
        # A field that appears late is a column from the first row; one that gets values of two kinds becomes text.
        await stage("late")
        await until(items, lambda change: change.key == "z")
        late = await client.dataframe(limit=2)
        assert late["late"].isna().tolist() == [True, True, True, False] and late["late"][3] == 7.5
        assert late["x"].tolist() == ["1", "2.5", late["x"][2], "many"], late["x"]
        pandas.testing.assert_frame_equal(items.dataframe(), late)
        assert (await client.dataframe(keys=["nobody"])).shape == (0, late.shape[1])
        assert [item["key"] for item in await client.items(keys=["z", "b"])] == ["b", "z"]
        error = await refusal(client.items(keys=["c,d/é"]), heliograph.HeliographError)
        assert error.code == "invalid_parameter" and "item" in error.message
        assert (await client.item("c,d/é"))["key"] == "c,d/é"
        some = await client.items(where=["x:exists", "key:starts:b"], fields=["x"])
        assert some[0]["key"] == "b" and len(some) == 1
        error = await refusal(client.item("nobody"))
        assert (error.code, error.status) == ("item_not_found", 404)
        error = await refusal(client.items(where="x:is:1"))
        assert error.code == "invalid_parameter" and error.field == "where", error
        # Saved views keep their entity tags.
        statuses.clear()
        one, two = await client.view("some", key="a"), await client.view("some", key="a")
        assert one == two and one["items"][0]["key"] == "a" and statuses == [200, 304], (one, statuses)
        assert list((await client.dataframe("some", key="a"))["key"]) == ["a"]
        assert list(heliograph.dataframe(URL, BOARD, view="some", key="b")["key"]) == ["b"]
        points = await client.series("x", item="b", step="1d", from_=datetime(2026, 3, 1, tzinfo=timezone.utc), to=None)
        assert points["points"][0]["count"] == 1, points
        frame = await client.dataframe("series", field="x", item="b", from_="2026-03-01T00:00:00Z", step="1d")
        assert str(frame["time"].dtype) == "datetime64[ms, UTC]" and frame["sum"][0] == 2.5
        assert len(await client.dataframe("events")) == 4
        assert (await client.summary())["items"]


async def in_a_loop():
    # As in Jupyter: a loop runs already, and these calls wait all the same.
    assert list(heliograph.dataframe(URL, BOARD)["key"]) == ["a"]
    sync()


def sync():
    run = heliograph.run
    feed = run(connect(api_key=KEY).open())
    items = run(feed.items())
    assert list(items) == ["a"]
    run(feed.publish({"key": "a", "fields": {"n": 5}}))
    change = run(anext(items))
    assert (change.kind, change.key, change.now) == ("changed", "a", items["a"]) and items["a"].fields == {"n": 5}
    try:
        asyncio.run(feed.publish({"key": "a"}))
    except (heliograph.HeliographError, RuntimeError) as error:
        assert "loop" in str(error)
    else:
        raise AssertionError("another loop")
    run(feed.close())


if __name__ == "__main__":
    scenario = globals()[sys.argv[1]]
    asyncio.run(scenario()) if asyncio.iscoroutinefunction(scenario) else scenario()
    print("done", flush=True)
