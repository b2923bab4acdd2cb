// Delivery as Parquet: exactly once like lines, whatever the target and the worker's life do, and the same columns for good.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { heliograph, startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { ObjectStore, reachingHere } from './support/object_store.mjs';
import { eventually } from './support/wait.mjs';
import { Warehouse } from './support/warehouse.mjs';

const TIME = Date.parse('2026-03-01T12:00:00.123Z');

async function start(t) {
  const store = await ObjectStore.start();
  const server = await startServer({ env: store.env, config: reachingHere });
  t.after(async () => {
    await server.stop();
    await store.stop();
  });
  return { store, server, admin: new Client(server) };
}

async function delivered(client, board) {
  let last;
  const done = async () => {
    const { status, body } = await client.get(`/v1/boards/${board}/archive`);
    last = body;
    return status === 200 && body.backlog.records === 0 && body.state === 'idle' && body;
  };
  return eventually(done, () => `delivery: ${JSON.stringify({ ...last, columns: undefined })}`, 90_000);
}

async function opened(t, store) {
  const warehouse = await Warehouse.open(store);
  t.after(() => warehouse.close());
  return warehouse;
}

test('events come as typed rows, a value of another kind in a column of its own, and the printed statements load them', async (t) => {
  const { store, server, admin } = await start(t);
  const board = await admin.board('typed', { archive: store.archive({ format: 'parquet' }) });
  await admin.publish(board, [
    { id: 'a', key: '-100123', time: TIME, position: { lat: 30.26, lon: -97.74, heading: 90 }, fields: { Route: '0801', fuel: 0.5, ok: true } },
    { key: 'v2', time: TIME, fields: { fuel: null } },
  ]);
  await delivered(admin, board);
  await admin.publish(board, [{ key: 'v1', time: TIME, fields: { fuel: 'n/a', late: 'só' } }]);
  const state = await delivered(admin, board);
  store.assertWhole(3);
  assert.equal(state.format, 'parquet');
  assert.ok(store.manifests().every(({ object }) => /^raw\/typed\/.*-\d{16}-\d{16}\.parquet$/.test(object)));
  assert.deepEqual(state.columns.map((c) => [c.field, c.column, c.kinds]), [
    ['Route', 'route', ['text']],
    ['fuel', 'fuel', ['number']],
    ['ok', 'ok', ['boolean']],
    ['fuel', 'fuel_text', ['text']],
    ['late', 'late', ['text']],
  ]);
  const warehouse = await opened(t, store);
  await warehouse.loadParquet();
  const types = Object.fromEntries((await warehouse.rows('DESCRIBE events')).map((c) => [c.column_name, c.column_type]));
  assert.deepEqual(
    [types.time, types.accepted_at, types.seq, types.key, types.lat, types.fuel, types.ok, types.fuel_text],
    ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMP WITH TIME ZONE', 'BIGINT', 'VARCHAR', 'DOUBLE', 'DOUBLE', 'BOOLEAN', 'VARCHAR'],
  );
  const rows = (table) => warehouse.rows(
    `SELECT seq::INT AS seq, id, key, epoch_ms("time")::DOUBLE AS time, lat, heading, removed, route, fuel, ok, fuel_text, late FROM ${table} ORDER BY seq`,
  );
  const none = { id: null, lat: null, heading: null, removed: null, route: null, fuel: null, ok: null, fuel_text: null, late: null };
  const expected = [
    { ...none, seq: 1, id: 'a', key: '-100123', time: TIME, lat: 30.26, heading: 90, route: '0801', fuel: 0.5, ok: true },
    { ...none, seq: 2, key: 'v2', time: TIME, removed: '["fuel"]' },
    { ...none, seq: 3, key: 'v1', time: TIME, fuel_text: 'n/a', late: 'só' },
  ];
  assert.deepEqual(await rows('events'), expected);
  const ddl = heliograph(server, ['warehouse', 'ddl', '--board', board, '--dialect', 'duckdb', '--table', 'loaded']);
  assert.equal(ddl.status, 0, ddl.stderr);
  await warehouse.run(ddl.stdout);
  await warehouse.run(ddl.stdout);
  assert.deepEqual(await rows('loaded'), expected);
});

test('every event is in exactly one file while the target fails and the worker is killed, with several groups of rows', async (t) => {
  const { store, server, admin } = await start(t);
  const board = await admin.board('torn', { archive: store.archive({ format: 'parquet', buffer_mib: 8 }) });
  const moods = ['ok', 'fail', 'forget', 'ok', 'reset', 'slow'];
  // At first nothing is taken, so that much waits.
  let isAway = true;
  store.mood = (number) => (isAway ? 'fail' : moods[number % moods.length]);
  const batch = (b) => Array.from({ length: 4_000 }, (_, i) => ({
    id: `e${b}-${i}`, key: `k${i % 50}`, time: TIME + b * 4_000 + i, position: { lat: (i % 180) - 90, lon: i % 180 },
    fields: { n: b * 4_000 + i, text: `row ${i} of ${b}`, ...(b > 6 ? { late: b } : {}), ...(i % 1_000 === 999 ? { n: 'none' } : {}) },
  }));
  let kills = 0;
  for (let b = 0; b < 12; b += 1) {
    for (;;) {
      const answer = await admin.events(board, batch(b), { 'idempotency-key': `b${b}` }).catch(() => null);
      if (answer?.status === 200) break;
      await sleep(20);
    }
    isAway = b < 8;
    if (b % 4 === 3) {
      const before = store.requests.length;
      await eventually(() => store.requests.length > before, 'a delivery goes on', 70_000);
      await server.kill9();
      kills += 1;
      await server.restart();
    }
  }
  store.mood = () => 'ok';
  await delivered(admin, board);
  store.assertWhole(48_000);
  const warehouse = await opened(t, store);
  await warehouse.loadParquet();
  const [sums] = await warehouse.rows(`SELECT count(*)::INT AS rows, count(DISTINCT seq)::INT AS seqs, count(DISTINCT id)::INT AS ids,
    sum(n)::BIGINT::VARCHAR AS numbers, count(n_text)::INT AS words, count(late)::INT AS late, sum(epoch_ms("time"))::VARCHAR AS times FROM events`);
  const all = Array.from({ length: 48_000 }, (_, i) => i);
  const numbers = all.filter((n) => n % 1_000 !== 999).reduce((sum, n) => sum + n, 0);
  const times = all.reduce((sum, n) => sum + BigInt(TIME + n), 0n);
  assert.deepEqual(sums, { rows: 48_000, seqs: 48_000, ids: 48_000, numbers: String(numbers), words: 48, late: 20_000, times: String(times) });
  const files = warehouse.files.map((f) => `'${f}'`).join(', ');
  const groups = await warehouse.rows(`SELECT file_name, count(DISTINCT row_group_id)::INT AS groups FROM parquet_metadata([${files}]) GROUP BY file_name`);
  assert.ok(groups.some((g) => g.groups > 1), JSON.stringify(groups));
  t.diagnostic(`${groups.length} files with ${groups.map((g) => g.groups)} groups, ${store.requests.length} requests, ${kills} kills`);
});

test('a board changes the form of its objects, and each form is loaded by its own statements', async (t) => {
  const { store, server, admin } = await start(t);
  const config = { title: 'both', visibility: 'public' };
  const board = await admin.board('both', { archive: store.archive() });
  await admin.publish(board, [{ key: 'a', fields: { Temp: 1, temp: 2 } }]);
  await delivered(admin, board);
  await admin.put(`/v1/boards/${board}`, { ...config, archive: store.archive({ format: 'parquet' }) });
  await admin.publish(board, [{ key: 'a', fields: { temp: 3, new: true } }]);
  await delivered(admin, board);
  store.assertWhole(2);
  assert.deepEqual(store.manifests().map(({ object }) => object.replace(/.*\d{16}/, '')), ['.ndjson.gz', '.parquet']);
  const warehouse = await opened(t, store);
  const load = async (table) => {
    const ddl = heliograph(server, ['warehouse', 'ddl', '--board', board, '--dialect', 'duckdb', '--table', table]);
    await warehouse.run(ddl.stdout);
  };
  await load('rows');
  assert.deepEqual(await warehouse.rows('SELECT seq::INT AS seq, temp_2, new FROM rows'), [{ seq: 2, temp_2: 3, new: true }]);
  await admin.put(`/v1/boards/${board}`, { ...config, archive: store.archive({ format: 'ndjson' }) });
  await load('lines');
  assert.deepEqual(await warehouse.rows('SELECT seq::INT AS seq, temp, temp_2 FROM lines'), [{ seq: 1, temp: 1, temp_2: 2 }]);
  const wrong = await admin.put(`/v1/boards/${board}`, { ...config, archive: store.archive({ format: 'orc' }) });
  assertProblem(wrong, 422, 'invalid_config', 'archive.format');
});
