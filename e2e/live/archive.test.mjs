// Delivery to object storage: every event in exactly one manifest, whatever the target and the worker's life do.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { DuckDBInstance } from '@duckdb/node-api';

import { SHARED, heliograph, startServer } from '../server.mjs';
import { Client, assertProblem, seq } from './support/client.mjs';
import { ObjectStore, bindingR2, declaring, reachingHere } from './support/object_store.mjs';
import { eventually } from './support/wait.mjs';
import { Warehouse } from './support/warehouse.mjs';

const BUSES = join(SHARED, 'data/positions/capmetro_buses_2017-03-21_0000-1025.csv');
const KILLS = 6;

/** A store and a worker that delivers to it. */
async function start(t) {
  const store = await ObjectStore.start();
  const server = await startServer({ env: store.env, config: reachingHere });
  t.after(async () => {
    await server.stop();
    await store.stop();
  });
  return { store, server, admin: new Client(server) };
}

const status = async (client, board) => {
  const { status, body } = await client.get(`/v1/boards/${board}/archive`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

/** Waits until everything is delivered; nobody but the test asks the board meanwhile. */
async function delivered(client, board, limitMs = 90_000) {
  let last;
  const done = async () => {
    last = await status(client, board);
    return last.backlog.records === 0 && last.state === 'idle' && last;
  };
  return eventually(done, () => `delivery: ${JSON.stringify({ ...last, columns: undefined })}`, limitMs);
}

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Sends a batch until it is taken, however often the worker dies. */
async function persist(client, board, events, key) {
  for (;;) {
    const answer = await client.events(board, events, { 'idempotency-key': key }).catch(() => null);
    if (answer?.status === 200) {
      assert.equal(answer.body.accepted, events.length, JSON.stringify(answer.body));
      return;
    }
    assert.ok(answer === null || answer.status >= 500, JSON.stringify(answer?.body));
    await sleep(20);
  }
}

test('events come as lines under a name of their range, and the manifest is written after them', async (t) => {
  const { store, server, admin } = await start(t);
  const board = await admin.board('fleet', { archive: store.archive() });
  const time = Date.parse('2026-03-01T12:00:00Z');
  await admin.publish(board, [
    { id: 'a', key: 'v1', time, position: { lat: 30.26, lon: -97.74, heading: 90, speed: 12.5 }, fields: { Route: '801', fuel: 0.7 } },
    { key: 'v2', time, fields: { fuel: null, Speed: 3, ok: true } },
  ]);
  await admin.publish(board, [{ key: 'v1', time, fields: { route: 'café "8"', ROUTE: 5 } }]);
  const state = await delivered(admin, board);
  const { cursor } = await admin.items(board);
  const epoch = Number(cursor.slice(1).split(':')[0]);
  assert.equal(state.delivered, cursor);
  store.assertWhole(3);
  const names = store.requests.map((r) => r.name);
  for (const { name, object } of store.manifests()) {
    assert.match(object, new RegExp(`^raw/fleet/\\d{4}/\\d\\d/\\d\\d/\\d\\d/fleet-e${epoch}-\\d{16}-\\d{16}\\.ndjson\\.gz$`));
    assert.equal(name, `manifests/${object.replace('.ndjson.gz', '.manifest')}`);
    assert.ok(names.indexOf(object) < names.indexOf(name));
  }
  assert.deepEqual([state.last.object, state.last.seq], [store.manifests().at(-1).object, 3]);
  assert.deepEqual(
    state.columns.map((c) => [c.field, c.column, c.kinds]),
    [
      ['Route', 'route', ['text']],
      ['fuel', 'fuel', ['number']],
      ['Speed', 'speed_2', ['number']],
      ['ok', 'ok', ['boolean']],
      ['route', 'route_2', ['text']],
      ['ROUTE', 'route_3', ['number']],
    ],
  );
  const warehouse = await Warehouse.open(store);
  t.after(() => warehouse.close());
  await warehouse.load();
  const rows = await warehouse.rows('SELECT * EXCLUDE (accepted_at) FROM events ORDER BY seq');
  const none = Object.fromEntries(Object.keys(rows[0]).map((n) => [n, null]));
  const clean = rows.map((r) => Object.fromEntries(Object.entries(r).map(([n, v]) => [n, typeof v === 'string' && /^\d+$/.test(v) && n !== 'route' ? Number(v) : v])));
  assert.deepEqual(clean, [
    { ...none, epoch, seq: 1, id: 'a', key: 'v1', time, lat: 30.26, lon: -97.74, heading: 90, speed: 12.5, route: '801', fuel: 0.7 },
    { ...none, epoch, seq: 2, key: 'v2', time, speed_2: 3, ok: true },
    { ...none, epoch, seq: 3, key: 'v1', time, route_2: 'café "8"', route_3: 5 },
  ]);
  // The statements that the command prints load the same, and nothing twice.
  const ddl = heliograph(server, ['warehouse', 'ddl', '--board', board, '--dialect', 'duckdb', '--table', 'loaded']);
  assert.equal(ddl.status, 0, ddl.stderr);
  await warehouse.run(ddl.stdout);
  await warehouse.run(ddl.stdout);
  const loaded = await warehouse.rows('SELECT seq::INT AS seq, epoch_ms("time")::BIGINT::DOUBLE AS time, lat, fuel, speed_2, ok, route_2, route_3 FROM loaded ORDER BY seq');
  assert.deepEqual(loaded, [
    { seq: 1, time, lat: 30.26, fuel: 0.7, speed_2: null, ok: null, route_2: null, route_3: null },
    { seq: 2, time, lat: null, fuel: null, speed_2: 3, ok: true, route_2: null, route_3: null },
    { seq: 3, time, lat: null, fuel: null, speed_2: null, ok: null, route_2: 'café "8"', route_3: 5 },
  ]);
  const shown = heliograph(server, ['warehouse', 'status', '--board', board]);
  assert.match(shown.stdout, /^fleet: idle, delivered (e\d+:3) of \1, 0 records wait, lag 0\.0 s\n$/);
});

test('f8_a_config_names_a_target_of_the_operator_and_nothing_else_of_where_events_go', async (t) => {
  const store = await ObjectStore.start();
  const server = await startServer({ env: store.env, config: reachingHere });
  t.after(async () => {
    await server.stop();
    await store.stop();
  });
  const admin = new Client(server);
  const wrong = async (archive, field) =>
    assertProblem(await admin.put('/v1/boards/wrong', { title: 'x', archive }), 422, 'invalid_config', field);
  await wrong({ target: 'DEFAULT', buffer_mib: 129 }, 'archive.buffer_mib');
  await wrong({ target: 'DEFAULT', interval_s: 0 }, 'archive.interval_s');
  await wrong({ target: 'DEFAULT', every: 1 }, 'archive.every');
  await wrong({}, 'archive.target');
  await wrong({ target: 'default' }, 'archive.target');
  // A name that is no target's: none is declared so, whatever other secrets the worker has.
  await wrong({ target: 'OTHER' }, 'archive.target');
  await wrong({ target: '../HELIOGRAPH_SIGNING_KEY' }, 'archive.target');
  // What a manager could once have the deployment's keys sign: any address, bucket and prefix.
  const described = { kind: 's3', endpoint: store.endpoint, region: store.region, bucket: store.bucket, path_style: true };
  await wrong({ target: { ...described, prefix: 'of/somebody/else/' } }, 'archive.target');
  const manager = admin.as(await admin.mint([{ board: 'mine', operations: ['manage', 'publish', 'read'], keys: ['*'] }]));
  for (const target of [described, { ...described, endpoint: 'https://s3.example.com' }, { kind: 'r2', bucket: 'events' }]) {
    const answer = await manager.put('/v1/boards/mine', { title: 'x', archive: { target } });
    assertProblem(answer, 422, 'invalid_config', 'archive.target');
  }
  assert.deepEqual(store.requests, []);
  const made = await manager.put('/v1/boards/mine', { title: 'x', archive: store.archive() });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await manager.events('mine', [{ key: 'a' }]);
  const { target } = await delivered(manager, 'mine');
  assert.deepEqual(target, {
    name: 'DEFAULT',
    kind: 's3',
    endpoint: store.endpoint,
    region: store.region,
    bucket: store.bucket,
    path_style: true,
    prefix: 'raw/mine/',
  });
  assert.ok([...store.objects.keys()].every((name) => /^(manifests\/)?raw\/mine\//.test(name)));
  // Where events go is the managers' affair.
  assert.equal((await manager.get('/v1/boards/mine')).body.archive.target, 'DEFAULT');
  assert.equal((await admin.as(null).get('/v1/boards/mine/archive')).status, 401);
  const reader = admin.as(await admin.token('mine', ['read', 'history', 'publish']));
  assert.equal((await reader.get('/v1/boards/mine/archive')).status, 403);
  assert.equal((await reader.get('/v1/boards/mine')).body.archive, undefined);
  const quiet = await admin.board('quiet');
  assert.equal((await status(admin, quiet)).state, 'off');
});

test('a target that the operator takes away is told as unknown, holds nothing up, and goes on when it is back', async (t) => {
  const store = await ObjectStore.start();
  t.after(() => store.stop());
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-archive-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const using = async (secret, act) => {
    const env = { ...store.env, ARCHIVE_DEFAULT: secret };
    const server = await startServer({ env, config: reachingHere, dataDir: folder });
    try {
      await act(new Client(server), server);
    } finally {
      await server.stop();
    }
  };
  await using(store.declaration(), async (admin) => {
    await admin.board('lost', { archive: store.archive() });
    await admin.publish('lost', [{ key: 'a' }]);
    await delivered(admin, 'lost');
  });
  // The secret as it was before targets were declared: keys alone.
  const { access_key_id, secret_access_key } = JSON.parse(store.declaration());
  await using(JSON.stringify({ access_key_id, secret_access_key }), async (admin, server) => {
    await admin.publish('lost', [{ key: 'b' }, { key: 'c' }]);
    await sleep(1_500);
    const state = await status(admin, 'lost');
    assert.deepEqual([state.state, state.target, state.next_try, state.backlog.records], ['target_unknown', null, null, 2]);
    assert.match(state.error.message, /ARCHIVE_DEFAULT, names no bucket/);
    assert.ok(!JSON.stringify(state).includes(secret_access_key));
    const ddl = heliograph(server, ['warehouse', 'ddl', '--board', 'lost', '--dialect', 'duckdb']);
    assert.notEqual(ddl.status, 0);
    assert.match(ddl.stderr, /names no bucket/);
  });
  await using(undefined, async (admin) => {
    const state = await status(admin, 'lost');
    assert.equal(state.state, 'target_unknown');
    assert.match(state.error.message, /no secret ARCHIVE_DEFAULT/);
  });
  await using(store.declaration(), async (admin) => {
    await delivered(admin, 'lost');
    store.assertWhole(3);
  });
  // A target of the inside is not called without leave, whoever declared it.
  const server = await startServer({ env: { ...store.env, HELIOGRAPH_PRIVATE_TARGETS: undefined }, config: reachingHere });
  t.after(() => server.stop());
  const admin = new Client(server);
  await admin.board('inside', { archive: store.archive() });
  await admin.publish('inside', [{ key: 'a' }]);
  const failing = await eventually(async () => {
    const body = await status(admin, 'inside');
    return body.state === 'failing' && body;
  }, 'the failure is told');
  assert.match(failing.error.message, /private network/);
});

test('real buses through a target of many moods and six kills: DuckDB counts by manifest what was sent', async (t) => {
  if (!existsSync(BUSES)) return t.skip(`${BUSES} is not there`);
  const { store, server, admin } = await start(t);
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  t.after(() => duck.closeSync());
  await duck.run(`CREATE TABLE sent AS SELECT vehicle_id::VARCHAR AS key, epoch_ms(timestamp) AS time, speed, route_id::VARCHAR AS route,
    trip_id::VARCHAR AS trip, latitude, longitude, trip_headsign AS headsign FROM read_csv('${BUSES}')`);
  const sent = (await duck.runAndReadAll('SELECT * FROM sent')).getRowObjectsJson();
  const events = sent.map((r) => ({
    key: r.key,
    time: Number(r.time),
    position: { lat: r.latitude, lon: r.longitude, speed: r.speed },
    fields: { Route: r.route, trip: r.trip, Headsign: r.headsign },
  }));
  const board = await admin.board('buses', { rules: { null_island: 'accept' }, archive: store.archive() });
  const next = random(4);
  const moods = ['ok', 'ok', 'ok', 'fail', 'reset', 'forget', 'slow', 'refuse'];
  store.mood = () => moods[Math.floor(next() * moods.length)];
  const batches = [];
  for (let i = 0; i < events.length; i += 200) batches.push(events.slice(i, i + 200));
  let kills = 0;
  for (const [i, batch] of batches.entries()) {
    await persist(admin, board, batch, `b${i}`);
    await sleep(20);
    if (i % Math.floor(batches.length / (KILLS + 1)) === 0 && i > 0 && kills < KILLS) {
      // In the middle of a delivery: a request has just come to the store.
      const before = store.requests.length;
      await eventually(() => store.requests.length > before, 'a delivery goes on', 70_000);
      await server.kill9();
      kills += 1;
      await server.restart();
    }
  }
  assert.equal(kills, KILLS);
  store.mood = () => 'ok';
  const state = await delivered(admin, board);
  assert.equal(seq(state.delivered), events.length);
  store.assertWhole(events.length);
  const warehouse = await Warehouse.open(store);
  t.after(() => warehouse.close());
  await warehouse.load({ seq: 'BIGINT', key: 'VARCHAR', time: 'BIGINT', lat: 'DOUBLE', lon: 'DOUBLE', speed: 'DOUBLE', route: 'VARCHAR', trip: 'VARCHAR', headsign: 'VARCHAR' });
  const sums = (table, lat, lon) => `SELECT key, count(*)::INT AS n, sum(time)::VARCHAR AS times, sum(round(speed * 100)::BIGINT)::VARCHAR AS speeds,
    sum(round(${lat} * 1e6)::BIGINT)::VARCHAR AS lats, sum(round(${lon} * 1e6)::BIGINT)::VARCHAR AS lons, count(DISTINCT route)::INT AS routes,
    count(trip)::INT AS trips, min(headsign) AS headsign FROM ${table} GROUP BY key ORDER BY key`;
  const expected = (await duck.runAndReadAll(sums('sent', 'latitude', 'longitude'))).getRowObjectsJson();
  assert.deepEqual(await warehouse.rows(sums('events', 'lat', 'lon')), expected);
  const [{ n, distinct_seqs }] = await warehouse.rows('SELECT count(*)::INT AS n, count(DISTINCT seq)::INT AS distinct_seqs FROM events');
  assert.deepEqual([n, distinct_seqs], [events.length, events.length]);
  const failed = store.requests.filter((r) => r.mood !== 'ok' && r.mood !== 'slow').length;
  t.diagnostic(`${events.length} events of ${expected.length} buses, ${store.manifests().length} objects, ${failed} of ${store.requests.length} requests failed, ${kills} kills`);
});

test('a quiz with sessions: controls are in the ranges and no events; the alarm serves sessions and a stalled target alike', async (t) => {
  const { store, admin } = await start(t);
  const scores = { columns: [{ name: 'points', op: 'sum', field: 'points' }] };
  const board = await admin.board('quiz', { scores, sessions: { required: false }, archive: store.archive() });
  // The first request of delivery is never answered.
  store.mood = (number) => (number === 0 ? 'stall' : 'ok');
  const answers = (from, n) => Array.from({ length: n }, (_, i) => ({ id: `a${from + i}`, key: `p${i % 30}`, fields: { points: i % 4, Correct: i % 4 > 0 } }));
  await admin.publish(board, answers(0, 100));
  await eventually(() => store.requests.length === 1, 'delivery has begun');
  // A session opens and closes by itself while delivery waits for its answer.
  const now = Date.now();
  const wish = { id: 's1', title: 'Round', opens_at: now + 1_000, closes_at: now + 4_000 };
  assert.equal((await admin.post(`/v1/boards/${board}/sessions`, wish)).status, 201);
  const begun = Date.now();
  await admin.publish(board, answers(100, 100));
  assert.ok(Date.now() - begun < 2_000, 'ingest does not wait for the target');
  const feed = await admin.get(`/v1/boards/${board}/archive`);
  assert.equal(feed.body.state, 'delivering');
  // Nothing is asked of the board until the session must be over, so that the alarm alone can have closed it.
  await sleep(Math.max(0, now + 6_000 - Date.now()));
  const { body } = await admin.get(`/v1/boards/${board}/scores/audit`);
  const closed = body.actions.find((a) => a.session === 's1' && JSON.stringify(a).includes('close'));
  assert.ok(closed, JSON.stringify(body.actions));
  const state = await delivered(admin, board);
  assert.ok(store.requests.length >= 3 && state.error.message.includes('30 s') && state.error.mended, JSON.stringify(state.error));
  const { cursor } = await admin.items(board);
  assert.ok(seq(cursor) > 202, 'controls have numbers too');
  store.assertWhole(seq(cursor));
  const warehouse = await Warehouse.open(store);
  t.after(() => warehouse.close());
  await warehouse.load();
  const [row] = await warehouse.rows(
    'SELECT count(*)::INT AS n, count(DISTINCT id)::INT AS ids, count(DISTINCT key)::INT AS keys, sum(points)::INT AS points, count_if(correct)::INT AS correct FROM events',
  );
  assert.deepEqual(row, { n: 200, ids: 200, keys: 30, points: 300, correct: 150 });
});

test('a dead target loses nothing: the backlog is told, and when it is back the alarm alone delivers, after a kill too', async (t) => {
  const { store, server, admin } = await start(t);
  const board = await admin.board('patient', { archive: store.archive() });
  await admin.publish(board, Array.from({ length: 50 }, (_, i) => ({ key: `k${i}` })));
  await delivered(admin, board);
  await store.stop();
  for (let i = 0; i < 20; i += 1) {
    await admin.publish(board, Array.from({ length: 50 }, (_, j) => ({ key: `k${j}`, fields: { i } })));
    await sleep(100);
  }
  const failing = await eventually(async () => {
    const body = await status(admin, board);
    return body.state === 'failing' && body.error.times >= 3 && body;
  }, 'the failure is told');
  assert.equal(failing.backlog.records, 1_000);
  assert.ok(failing.backlog.bytes > 0 && failing.lag_ms > 2_000, JSON.stringify(failing));
  assert.ok(failing.next_try > 0 && failing.in_flight.first === 51);
  await server.kill9();
  await server.restart();
  await store.restart();
  // Nobody asks the board anything.
  const head = () => store.manifests().at(-1)?.last;
  await eventually(() => head() === 1_050, () => `delivered up to ${head()}`, 90_000);
  store.assertWhole(1_050);
  const state = await status(admin, board);
  assert.deepEqual([state.state, state.backlog.records], ['idle', 0]);
});

test('R2 takes the same through its binding', async (t) => {
  const store = await ObjectStore.start();
  const declared = (binding) => JSON.stringify({ kind: 'r2', binding, bucket: 'events', prefix: 'r2/' });
  const server = await startServer({
    env: { ARCHIVE_LAKE: declared('LAKE_BUCKET'), ARCHIVE_NOBODY: declared('NO_BUCKET') },
    config: (text) => declaring('ARCHIVE_NOBODY')(declaring('ARCHIVE_LAKE')(bindingR2(store, 'LAKE_BUCKET')(text))),
  });
  t.after(async () => {
    await server.stop();
    await store.stop();
  });
  const admin = new Client(server);
  store.mood = (number) => (number < 2 ? 'reset' : 'ok');
  const board = await admin.board('bound', { archive: store.archive({ target: 'LAKE' }) });
  await admin.publish(board, Array.from({ length: 300 }, (_, i) => ({ key: `k${i}`, fields: { i } })));
  const { target } = await delivered(admin, board);
  assert.deepEqual(target, { name: 'LAKE', kind: 'r2', bucket: 'events', prefix: 'r2/bound/' });
  store.assertWhole(300);
  assert.ok(store.requests.length >= 4);
  const missing = await admin.board('unbound', { archive: store.archive({ target: 'NOBODY' }) });
  await admin.publish(missing, [{ key: 'a' }]);
  const state = await eventually(async () => {
    const body = await status(admin, missing);
    return body.state === 'failing' && body;
  }, 'the failure is told');
  assert.match(state.error.message, /no R2 binding NO_BUCKET/);
});

test('another target goes on where the last one ended, and a board without one holds nothing back', async (t) => {
  const store = await ObjectStore.start();
  const other = await ObjectStore.start();
  const env = { ...store.env, ARCHIVE_OTHER: other.declaration({ prefix: 'new/' }) };
  const server = await startServer({ env, config: (text) => declaring('ARCHIVE_OTHER')(reachingHere(text)) });
  t.after(async () => {
    await server.stop();
    await store.stop();
    await other.stop();
  });
  const admin = new Client(server);
  const config = { title: 'moved', visibility: 'public' };
  const board = await admin.board('moved', { archive: store.archive() });
  await admin.publish(board, [{ key: 'a' }, { key: 'b' }]);
  await delivered(admin, board);
  await store.stop();
  await admin.publish(board, [{ key: 'c' }]);
  await eventually(async () => (await status(admin, board)).state === 'failing', 'it fails');
  await admin.put(`/v1/boards/${board}`, { ...config, archive: other.archive({ target: 'OTHER' }) });
  await admin.publish(board, [{ key: 'd' }]);
  await delivered(admin, board);
  assert.deepEqual(other.manifests().map((m) => [m.first, m.last]).flat().sort(), [3, 3, 4, 4]);
  await admin.put(`/v1/boards/${board}`, config);
  assert.equal((await status(admin, board)).state, 'off');
  await admin.publish(board, [{ key: 'e' }]);
  await admin.put(`/v1/boards/${board}`, { ...config, archive: other.archive({ target: 'OTHER' }) });
  await delivered(admin, board);
  assert.equal(other.manifests().at(-1).last, 5);
  assert.deepEqual(other.forged, []);
});
