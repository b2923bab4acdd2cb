// Databases that older versions wrote open with today's worker, with everything that was in them, and go on.
// `e2e/golden/make.mjs` made them; they are never made again.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { ROOT, startServer } from '../server.mjs';
import { Client, seq } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { unpacked } from './support/golden.mjs';

const GOLDEN = join(ROOT, 'e2e/golden');

/** Unpacks what a version wrote, and starts today's worker on it. */
async function open(t, version) {
  const from = join(GOLDEN, version);
  const dataDir = unpacked(from);
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const expected = JSON.parse(gunzipSync(readFileSync(join(from, 'expected.json.gz'))));
  const server = await startServer({ dataDir });
  t.after(() => server.stop());
  return { server, expected, admin: new Client(server) };
}

/** A view, which must answer. */
async function get(client, path) {
  const { status, body } = await client.get(path);
  assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
  return body;
}

/** The same parts of each. */
const parts = (list, names) => list.map((one) => Object.fromEntries(names.map((name) => [name, one[name]])));
const ITEM = ['key', 'time', 'seq', 'position', 'fields'];
const POINT = ['time', 'count', 'sum', 'min', 'max', 'first', 'last'];

for (const version of readdirSync(GOLDEN).filter((name) => !name.includes('.'))) {
  test(`items, events, series and letters of ${version} are all there, and the log goes on`, async (t) => {
    const { server, admin, expected } = await open(t, version);
    const { said } = expected;
    for (const board of ['fleet', 'meters', 'secret', 'game']) {
      const { items, cursor } = await get(admin, `/v1/boards/${board}/items?limit=1000`);
      assert.deepEqual(parts(items, ITEM), parts(said[`${board} items`].items, ITEM), board);
      assert.equal(cursor, said[`${board} items`].cursor, board);
    }
    const { events } = await get(admin, '/v1/boards/fleet/events?limit=1000');
    assert.deepEqual(parts(events, [...ITEM, 'id']), parts(said['fleet events'].events, [...ITEM, 'id']));
    // Tracks there were none of then: they are made of what the log still has.
    const newest = Math.max(...events.map((e) => e.time));
    for (const key of new Set(events.filter((e) => e.position).map((e) => e.key))) {
      const own = new Map(events.filter((e) => e.key === key && e.position).map((e) => [e.time, e]));
      const expectedPoints = [...own.values()]
        .sort((a, b) => a.time - b.time)
        .map(({ time, position: p }) => [time, p.lat, p.lon, p.speed ?? null, p.heading ?? null]);
      const { points } = await get(admin, `/v1/boards/fleet/items/${key}/track?from=${newest - 86_400_000}&to=${newest + 1}`);
      assert.deepEqual(points, expectedPoints.filter(([time]) => time >= newest - 86_400_000), key);
    }
    const range = 'from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z';
    for (const [name, path] of [
      ['fleet series', `fleet/items/v1/series?field=fuel&step=1h&${range}`],
      ['meters series', `meters/items/m1/series?field=n&step=10m&${range}`],
    ]) {
      const { points } = await get(admin, `/v1/boards/${path}`);
      assert.deepEqual(parts(points, POINT), parts(said[name].points, POINT), name);
    }
    for (const [name, path] of [
      ['fleet board series', `fleet/series?field=fuel&step=1d&${range}`],
      ['meters board series', `meters/series?field=n&step=1h&${range}&quantiles=0.5`],
    ]) {
      const { groups } = await get(admin, `/v1/boards/${path}`);
      const names = [...POINT, 'quantiles'];
      assert.deepEqual(parts(groups[0].points, names), parts(said[name].groups[0].points, names), name);
    }
    for (const board of ['fleet', 'game']) {
      const letters = (await get(admin, `/v1/boards/${board}/dead-letters?limit=100`)).dead_letters;
      const shown = (list) => parts(list, ['code', 'field', 'record', 'time']).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
      assert.deepEqual(shown(letters), shown(said[`${board} letters`].dead_letters), board);
    }
    // The relay remembers a viewer who is gone, and serves new ones.
    const feed = await Feed.open(server, 'fleet');
    await feed.subscribe(1);
    assert.equal(feed.replica(1).items.size, said['fleet items'].items.length);
    const { cursor } = await admin.publish('fleet', [{ key: 'v1', fields: { fuel: 33 } }, { key: 'new', fields: { fuel: 1 } }]);
    assert.equal(seq(cursor), seq(said['fleet items'].cursor) + 2);
    await feed.reach(1, cursor);
    assert.equal(feed.replica(1).items.get('v1').fields.fuel, 33);
    assert.equal(feed.replica(1).items.get('v1').fields.route, said['fleet items'].items.find((i) => i.key === 'v1').fields.route);
    await feed.close();
    // What was sent once with its ids is known again, on a board whose ids are all of its own.
    const again = await admin.events('fleet', [{ key: 'v0', id: `e${expected.sent - 1}`, time: expected.T0, fields: { fuel: 1 } }]);
    assert.deepEqual([again.body.accepted, again.body.duplicate], [0, 1], JSON.stringify(again.body));
    // The second start reads what the first one made of it.
    await server.kill9();
    await server.restart();
    const { items } = await get(admin, '/v1/boards/fleet/items?limit=1000');
    assert.deepEqual([items.length, items.find((i) => i.key === 'v1').fields.fuel], [said['fleet items'].items.length + 1, 33]);
    const series = await get(admin, `/v1/boards/meters/items/m1/series?field=n&step=10m&${range}`);
    assert.deepEqual(parts(series.points, POINT), parts(said['meters series'].points, POINT));
  });

  // `e2e/golden/make.mjs` sent these last, with this key.
  test(`an Idempotency-Key of ${version} has its answer, and is not taken for another request`, async (t) => {
    const { server, admin, expected } = await open(t, version);
    const move = (i) => ({
      id: `e${i}`,
      key: `v${i % 20}`,
      time: expected.T0 + i * 60_000,
      position: { lat: 30 + (i % 100) / 1_000, lon: -97 - (i % 50) / 1_000, heading: i % 360, speed: i % 30 },
      fields: { fuel: (i % 40) / 2, route: String(i % 7), on: i % 2 === 0 },
    });
    const body = Array.from({ length: 30 }, (_, i) => move(1_010 + i));
    const { cursor } = expected.said['fleet items'];
    for (let start = 0; start < 2; start += 1) {
      const again = await admin.events('fleet', body, { 'idempotency-key': 'the-last-one' });
      assert.deepEqual([again.status, again.body.accepted, again.body.duplicate], [200, 30, 0], JSON.stringify(again.body));
      const other = await admin.events('fleet', [move(5)], { 'idempotency-key': 'the-last-one' });
      assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused']);
      assert.equal((await get(admin, '/v1/boards/fleet/items?limit=1')).cursor, cursor, 'nothing was written');
      await server.kill9();
      await server.restart();
    }
  });

  test(`sessions, scores, join codes and players of ${version} are all there, and the game goes on`, async (t) => {
    const { admin, expected } = await open(t, version);
    const { said, codes, people } = expected;
    for (const id of ['s1', 's2']) {
      const { rows } = await get(admin, `/v1/boards/game/scores?session=${id}`);
      const names = ['key', 'rank', 'values', 'name'];
      assert.deepEqual(parts(rows, names), parts(said[`game scores ${id}`].rows, names), id);
    }
    const names = ['id', 'title', 'phase', 'events', 'opened_at', 'closed_at', 'frozen_at'];
    const { sessions } = await get(admin, '/v1/boards/game/sessions');
    assert.deepEqual(parts(sessions, names), parts(said['game sessions'].sessions, names));
    const { actions } = await get(admin, '/v1/boards/game/scores/audit');
    assert.deepEqual(parts(actions, ['action', 'session', 'seq', 'time']), parts(said['game audit'].actions, ['action', 'session', 'seq', 'time']));
    // The public's board is still as of the freeze.
    const shown = await get(admin.as(null), '/v1/boards/game/scores?session=s2');
    assert.ok(!shown.rows.some((row) => row.key === people['s2/Late'] && row.values[0] > 0), JSON.stringify(shown.rows));
    // The code of the session that goes on lets people in.
    const joined = await admin.as(null).post('/v1/tokens', { code: codes.s2, name: 'New' });
    assert.equal(joined.status, 200, JSON.stringify(joined.body));
    const player = admin.as(joined.body.token);
    const sent = await player.events('game', [{ key: joined.body.key, id: 'n1', fields: { points: 9, name: 'New' } }]);
    assert.equal(sent.body.accepted, 1, JSON.stringify(sent.body));
    const revealed = await admin.post('/v1/boards/game/sessions/s2', { action: 'reveal' });
    assert.equal(revealed.status, 200, JSON.stringify(revealed.body));
    const { rows } = await get(admin.as(null), '/v1/boards/game/scores?session=s2');
    const points = Object.fromEntries(rows.map((row) => [row.key, row.values[0]]));
    assert.deepEqual([points[joined.body.key], points[people['s2/Late']], points[people['s2/Ann']]], [9, 10, 6]);
  });

  test(`configs and keys of ${version} are all there`, async (t) => {
    const { server, admin, expected } = await open(t, version);
    const { keys, said } = expected;
    const { boards } = await get(admin, '/v1/boards');
    assert.deepEqual(boards.map((b) => b.board).sort(), said.boards.boards.map((b) => b.board).sort());
    // None of them says what it opens: it follows from what it has.
    const expectedHome = (b) => (b.scores && !b.bbox ? 'scores' : 'map');
    assert.deepEqual(boards.map((b) => b.home), boards.map(expectedHome));
    assert.ok(boards.every((b) => b.home !== undefined) && boards.some((b) => b.home === 'map'), JSON.stringify(boards));
    const fleet = await get(admin, '/v1/boards/fleet');
    assert.deepEqual([fleet.title, fleet.description, fleet.keep_days], ['Fleet', 'As it was', 3_650]);
    assert.deepEqual(fleet.fields.fuel, { label: 'Fuel', unit: 'l' });
    assert.deepEqual([fleet.rules.max_speed, fleet.pipeline[0].name, fleet.views.low.title], [60, 'known', 'Low fuel']);
    const secret = await get(admin, '/v1/boards/secret');
    assert.equal(secret.views.other.upstream.credential, 'UPSTREAM_X');
    assert.equal((await admin.get('/v1/boards/gone')).status, 404);
    // A target that the config describes itself waits for the operator.
    const archive = await get(admin, '/v1/boards/fleet/archive');
    assert.deepEqual([archive.state, archive.backlog.records], ['target_unknown', seq(archive.cursor)]);
    const list = (await get(admin, '/v1/keys')).keys;
    assert.deepEqual(list.map((k) => k.label).sort(), Object.keys(keys).sort());
    const by = (label) => admin.as(keys[label].key);
    assert.equal((await get(by('reader'), '/v1/boards/secret/items')).items.length, 1);
    const own = await by('one vehicle').events('fleet', [{ key: 'v1', fields: { fuel: 3 } }, { key: 'v2', fields: { fuel: 3 } }]);
    assert.deepEqual([own.body.accepted, own.body.refused], [1, 1], JSON.stringify(own.body));
    const prefix = await by('by prefix').events('fleet', [{ key: 'v15', fields: { fuel: 3 } }, { key: 'bus-7', fields: { fuel: 3 } }]);
    assert.equal(prefix.body.accepted, 2, JSON.stringify(prefix.body));
    assert.equal((await by('manager').put('/v1/boards/game', { ...(await get(admin, '/v1/boards/game')), title: 'Still' })).status, 200);
    assert.equal((await get(admin, '/v1/boards/game')).title, 'Still');
    assert.equal((await admin.delete(`/v1/keys/${keys.reader.id}`)).status, 204);
    assert.notEqual((await by('reader').get('/v1/boards/secret/items')).status, 200);
    const feed = await Feed.open(server, 'secret', { credential: server.adminKey });
    await feed.subscribe(1);
    await feed.close();
  });

  // A pattern with a star elsewhere than at the end, or more of them than there may be.
  test(`keys of ${version} that none may have any more allow nothing, and the administrator sees which`, async (t) => {
    const { admin, expected } = await open(t, version);
    const list = (await get(admin, '/v1/keys')).keys;
    for (const { label, needs_renewal } of list) {
      assert.equal(needs_renewal ?? false, ['odd', 'odd and literal', 'many'].includes(label), label);
    }
    for (const [label, board] of [['odd', 'secret'], ['odd and literal', 'secret'], ['many', 'secret']]) {
      const { status } = await admin.as(expected.keys[label].key).get(`/v1/boards/${board}/items`);
      assert.ok(status === 401 || status === 403 || status === 404, `${label}: ${status}`);
    }
  });
}
