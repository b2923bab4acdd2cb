// Series against a count by DuckDB that shares nothing with them: a real recording and a stream of unkind numbers, parts of
// both late, the worker killed in between.

import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { createGunzip } from 'node:zlib';

import { DuckDBInstance } from '@duckdb/node-api';

import { SHARED, startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const SENSORS = join(SHARED, 'data/iot/env_sensors_24h.jsonl.gz');
const STEPS = { '10s': 10, '1m': 60, '10m': 600, '1h': 3_600, '1d': 86_400 };
const BATCH = 500;

let server;
let admin;
let duck;
let folder;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  duck = await (await DuckDBInstance.create(':memory:')).connect();
  folder = await mkdtemp(join(tmpdir(), 'heliograph-rollups-'));
});
after(async () => {
  await server?.stop();
  duck?.closeSync();
  if (folder) await rm(folder, { recursive: true });
});

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

/** Sends events in batches, every fourth batch after the three that follow it, and kills the worker twice on the way. */
async function send(board, events) {
  const batches = [];
  for (let i = 0; i < events.length; i += BATCH) batches.push(events.slice(i, i + BATCH));
  for (let i = 0; i + 3 < batches.length; i += 4) batches.splice(i + 3, 0, ...batches.splice(i, 1));
  const kills = [Math.floor(batches.length / 3), Math.floor((batches.length * 2) / 3)];
  for (const [i, batch] of batches.entries()) {
    await admin.publish(board, batch);
    if (kills.includes(i)) {
      await server.kill9();
      await server.restart();
    }
  }
  return batches.flat();
}

/** Every number of every bucket by DuckDB, as `key|field|step|time` -> cell. */
async function recount(events, fields) {
  const file = join(folder, `${random(events.length)()}.ndjson`);
  await writeFile(file, events.map((e, n) => JSON.stringify({ n, key: e.key, time: e.time, ...e.fields })).join('\n'));
  const columns = `{n: 'BIGINT', key: 'VARCHAR', time: 'BIGINT', ${fields.map((f) => `"${f}": 'DOUBLE'`).join(', ')}}`;
  await duck.run(`CREATE OR REPLACE TABLE event AS SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = ${columns})`);
  const cells = new Map();
  for (const [step, seconds] of Object.entries(STEPS)) {
    for (const field of fields) {
      for (const by of ['key', `''`]) {
        const rows = await duck.runAndReadAll(`
          SELECT ${by} AS key, (time // ${seconds * 1000}) * ${seconds * 1000} AS bucket, count("${field}") AS count,
                 fsum("${field}") AS sum, min("${field}") AS min, max("${field}") AS max,
                 arg_min("${field}", (time, n)) AS first, arg_max("${field}", (time, n)) AS last
          FROM event WHERE "${field}" IS NOT NULL GROUP BY ALL`);
        for (const row of rows.getRowObjectsJS()) {
          cells.set(`${row.key}|${field}|${step}|${row.bucket}`, { ...row, count: Number(row.count) });
        }
      }
    }
  }
  return cells;
}

/** Asks for every series in every step and compares each number; how many cells there were. */
async function compare(board, events, fields) {
  const expected = await recount(events, fields);
  const keys = [...new Set(events.map((e) => e.key))];
  const times = events.map((e) => e.time);
  const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b)) + 1];
  let seen = 0;
  const check = (key, field, step, points) => {
    for (const p of points) {
      const cell = expected.get(`${key}|${field}|${step}|${p.time}`);
      const at = `${key} ${field} ${step} ${new Date(p.time).toISOString()}`;
      assert.ok(cell, `a bucket too many: ${at}`);
      for (const name of ['count', 'min', 'max', 'first', 'last']) assert.equal(p[name], cell[name], `${name} of ${at}`);
      const scale = Math.max(Math.abs(cell.sum), Math.abs(cell.max), Math.abs(cell.min), Number.MIN_VALUE);
      assert.ok(Math.abs(p.sum - cell.sum) <= scale * 1e-14, `sum of ${at}: ${p.sum}, not ${cell.sum}`);
      assert.ok(Math.abs(p.average - cell.sum / cell.count) <= scale * 1e-14, `average of ${at}`);
      assert.equal(p.rate, p.count / STEPS[step], `rate of ${at}`);
      seen += 1;
    }
  };
  for (const step of Object.keys(STEPS)) {
    // In pieces of at most 10,000 points.
    const piece = STEPS[step] * 1000 * 9_000;
    for (let begin = from - (from % (STEPS[step] * 1000)); begin < to; begin += piece) {
      const range = `step=${step}&from=${begin}&to=${begin + piece}`;
      for (const field of fields) {
        for (const key of keys) {
          const { status, body } = await admin.get(`/v1/boards/${board}/items/${key}/series?field=${field}&${range}`);
          assert.equal(status, 200, JSON.stringify(body));
          check(key, field, step, body.points);
        }
        const { status, body } = await admin.get(`/v1/boards/${board}/series?field=${field}&${range}`);
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.groups.length, 1);
        check('', field, step, body.groups[0].points);
      }
    }
  }
  assert.equal(seen, expected.size, 'buckets are missing');
  return seen;
}

test('every rollup of a day of real sensors equals a count by DuckDB, with late parts and the worker killed', async (t) => {
  if (!existsSync(SENSORS)) return t.skip('the recording ../shared/data/iot/env_sensors_24h.jsonl.gz is not here');
  const board = await admin.board('sensors');
  const events = [];
  for await (const line of createInterface({ input: createReadStream(SENSORS).pipe(createGunzip()) })) {
    const { data, device_id, ts } = JSON.parse(line);
    events.push({ key: device_id, time: Math.round(ts * 1000), fields: data });
  }
  assert.equal(events.length, 50_270);
  const sent = await send(board, events);
  const cells = await compare(board, sent, ['co', 'humidity', 'lpg', 'smoke', 'temp']);
  t.diagnostic(`${cells} cells compared`);
  assert.ok(cells > 100_000);
});

test('24 series of unkind numbers equal a count by DuckDB', async (t) => {
  const board = await admin.board('unkind');
  const next = random(7);
  const start = Date.parse('2026-03-01T23:58:00Z');
  const numbers = [
    () => Math.round(next() * 100),
    () => (next() - 0.5) * 1e-9,
    () => (next() < 0.01 ? 1e15 : next()),
    () => (next() < 0.3 ? undefined : 0.1),
  ];
  const events = Array.from({ length: 12_000 }, (_, i) => ({
    key: `s${i % 6}`,
    // Some at the same moment, some a day off.
    time: start + Math.floor(i / 7) * 1_300 + (next() < 0.02 ? -86_400_000 : 0),
    fields: Object.fromEntries(numbers.map((n, f) => [`f${f}`, n()])),
  }));
  const cells = await compare(board, await send(board, events), ['f0', 'f1', 'f2', 'f3']);
  t.diagnostic(`${cells} cells compared`);
});

test('quantiles are those of all numbers, of one item and of many, with the worker killed in between', async () => {
  const board = await admin.board('spread', { rollups: { quantiles: ['n'] } });
  const next = random(11);
  const start = Date.parse('2026-03-01T00:00:00Z');
  const numbers = Array.from({ length: 6_000 }, () => Math.exp(next() * 8) - 500);
  for (let i = 0; i < numbers.length; i += BATCH) {
    const part = numbers.slice(i, i + BATCH);
    await admin.publish(board, part.map((n, j) => ({ key: `k${j % 5}`, time: start + (i + j) * 1_000, fields: { n, m: n } })));
    if (i === 3_000) {
      await server.kill9();
      await server.restart();
    }
  }
  const query = `field=n&step=1d&from=${start}&to=${start + 86_400_000}&quantiles=0,0.5,0.95,1`;
  const check = (points, own) => {
    const sorted = own.toSorted((a, b) => a - b);
    [0, 0.5, 0.95, 1].forEach((q, i) => {
      const exact = sorted[Math.round(q * (sorted.length - 1))];
      const got = points[0].quantiles[i];
      // One neighbour further, as the exact place may lie between two.
      assert.ok(Math.abs(got - exact) <= Math.abs(exact) * 0.011 + 3, `${q}: ${got}, not ${exact}`);
    });
  };
  check((await admin.get(`/v1/boards/${board}/series?${query}`)).body.groups[0].points, numbers);
  check((await admin.get(`/v1/boards/${board}/series?${query}&keys=k0,k1,k2,k3,k4`)).body.groups[0].points, numbers);
  const own = numbers.filter((_, i) => (i % BATCH) % 5 === 3);
  check((await admin.get(`/v1/boards/${board}/items/k3/series?${query}`)).body.points, own);
  assertProblem(await admin.get(`/v1/boards/${board}/series?field=m&step=1h&quantiles=0.5`), 400, 'invalid_parameter', 'quantiles');
  assertProblem(await admin.get(`/v1/boards/${board}/series?field=n&step=1m&quantiles=0.5`), 400, 'invalid_parameter', 'step');
  assertProblem(await admin.get(`/v1/boards/${board}/series?field=n&step=1h&quantiles=1.5`), 400, 'invalid_parameter', 'quantiles');
});

test('a viewer of some items gets series of these alone', async () => {
  const board = await admin.board('hidden', { visibility: 'private' });
  const time = Date.parse('2026-03-01T12:00:00Z');
  await admin.publish(board, [
    { key: 'a1', time, fields: { n: 1, line: 'x' } },
    { key: 'a2', time, fields: { n: 2, line: 'y' } },
    { key: 'b1', time, fields: { n: 1_000, line: 'x' } },
  ]);
  const some = admin.as(await admin.token(board, ['read', 'history'], { keys: ['a*'] }));
  const sum = async (client, query) => {
    const { status, body } = await client.get(`/v1/boards/${board}/series?field=n&step=1h${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return Object.fromEntries(body.groups.map((g) => [g.group, g.points[0]?.sum]));
  };
  assert.deepEqual(await sum(admin, ''), { null: 1_003 });
  assert.deepEqual(await sum(some, ''), { null: 3 });
  assert.deepEqual(await sum(some, '&group_by=key'), { a1: 1, a2: 2 });
  assert.deepEqual(await sum(some, '&group_by=line'), { x: 1, y: 2 });
  assert.deepEqual(await sum(some, '&keys=b1,a1'), { null: 1 });
  assertProblem(await some.get(`/v1/boards/${board}/items/b1/series?field=n`), 404, 'item_not_found');
  const summary = (await some.get(`/v1/boards/${board}/summary`)).body;
  assert.equal(summary.items, 2);
  assert.deepEqual(summary.fields.n, { items: 2, min: 1, max: 2, average: 1.5, min_key: 'a1', max_key: 'a2' });
  assert.equal(summary.rates, undefined, 'the rate of all items is not for them');
  const events = (await some.get(`/v1/boards/${board}/events`)).body.events;
  assert.deepEqual(events.map((e) => e.key), ['a1', 'a2']);
  // Live state alone does not open the past.
  const live = admin.as(await admin.token(board, ['read']));
  for (const path of ['items/a1/series?field=n', 'series', 'events']) {
    assertProblem(await live.get(`/v1/boards/${board}/${path}`), 403, 'forbidden');
  }
  assert.equal((await live.get(`/v1/boards/${board}/summary`)).status, 200);
  for (const path of ['items/a1/series', 'series', 'events', 'summary']) {
    assertProblem(await admin.as(null).get(`/v1/boards/${board}/${path}`), 401, 'credential_missing');
  }
});

test('a wrong question is answered with the name of its parameter', async () => {
  const board = await admin.board('asked');
  await admin.publish(board, [{ key: 'a', time: '2026-03-01T12:00:00Z', fields: { n: 1, line: 'x' } }]);
  const wrong = async (path, field, code = 'invalid_parameter') =>
    assertProblem(await admin.get(`/v1/boards/${board}/${path}`), 400, code, field);
  await wrong('series?step=2h', 'step');
  await wrong('series?field=m', 'field', 'unknown_field');
  await wrong('items/a/series?field=line', 'field', 'unknown_field');
  await wrong('series?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'to');
  await wrong('series?from=1772366400', 'from');
  await wrong('series?step=10s&from=2001-01-01T00:00:00Z&to=2026-03-01T00:00:00Z', 'step');
  await wrong('series?group_by=nothing', 'group_by', 'unknown_field');
  await wrong('series?colour=red', 'colour', 'unknown_parameter');
  await wrong('series?format=xml', 'format');
  await wrong('items/a/series?keys=a', 'keys', 'unknown_parameter');
  await wrong(`series?keys=${Array.from({ length: 1_001 }, (_, i) => i).join(',')}`, 'keys');
  await wrong('events?limit=10001', 'limit');
  await wrong('events?after=soon', 'after');
  await wrong('events?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'to');
  assertProblem(await admin.get(`/v1/boards/${board}/items/b/series?field=n`), 404, 'item_not_found');
});

test('events come back page by page as they were sent, and a version is answered with 304', async () => {
  const board = await admin.board('diary');
  const time = Date.parse('2026-03-01T12:00:00Z');
  const sent = Array.from({ length: 250 }, (_, i) => ({ id: `e${i}`, key: `k${i % 3}`, time: time + i * 1000, fields: { n: i } }));
  for (let i = 0; i < sent.length; i += 7) await admin.publish(board, sent.slice(i, i + 7));
  const read = async (query) => {
    const all = [];
    for (let after = ''; ; ) {
      const { status, body } = await admin.get(`/v1/boards/${board}/events?limit=40${query}${after}`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.ok(body.events.length <= 40);
      all.push(...body.events);
      if (body.next === null) return all;
      after = `&after=${body.next}`;
    }
  };
  const all = await read('');
  assert.deepEqual(all.map(({ seq, ...event }) => event), sent);
  assert.deepEqual(all.map((e) => e.seq), sent.map((_, i) => i + 1));
  const some = await read(`&key=k1&from=${time + 50_000}&to=${time + 100_000}`);
  assert.deepEqual(some.map((e) => e.id), sent.slice(50, 100).filter((e) => e.key === 'k1').map((e) => e.id));
  for (const path of ['events', 'series?field=n', 'items/k1/series?field=n']) {
    const first = await admin.get(`/v1/boards/${board}/${path}`);
    const again = await admin.get(`/v1/boards/${board}/${path}`, { 'if-none-match': first.headers.get('etag') });
    assert.ok(first.headers.get('etag').startsWith(`"${first.body.cursor};`), first.headers.get('etag'));
    assert.equal(again.status, 304);
  }
});

test('series and events come as tables, in which nothing is executed', async () => {
  const board = await admin.board('tables', { rollups: { quantiles: ['n'] } });
  const time = Date.parse('2026-03-01T12:00:00Z');
  await admin.publish(board, [{ id: '=1+1', key: '=cmd', time, fields: { n: 4, line: '@x' } }, { key: 'b', time: time + 1, fields: { n: 2 } }]);
  const text = async (path, headers) => {
    const { status, headers: got, body } = await admin.get(`/v1/boards/${board}/${path}`, headers);
    assert.equal(status, 200, body);
    assert.match(got.get('content-type'), /^text\/csv/);
    return body;
  };
  const hour = time;
  assert.equal(
    await text('series?field=n&step=1h&group_by=key&quantiles=1&format=csv'),
    `"group","time","count","sum","min","max","first","last","average","rate","p100"\r\n"'=cmd",${hour},1,4,4,4,4,4,4,${1 / 3600},4\r\n"b",${hour},1,2,2,2,2,2,2,${1 / 3600},2\r\n`,
  );
  assert.equal(await text('series?step=1h', { accept: 'text/csv' }), `"group","time","count","rate"\r\n,${hour},2,${2 / 3600}\r\n`);
  assert.equal(
    await text('events?format=csv'),
    '"seq","key","time","id","position.lat","position.lon","position.heading","position.speed","position.altitude","position.accuracy","removed","n","line"\r\n' +
      `1,"'=cmd",${time},"'=1+1",,,,,,,,4,"'@x"\r\n2,"b",${time + 1},,,,,,,,,2,\r\n`,
  );
  const lines = (await admin.get(`/v1/boards/${board}/events?format=ndjson`)).body.trim().split('\n');
  assert.deepEqual(lines.map((l) => JSON.parse(l).seq), [1, 2]);
});

test('steps are kept as long as the config says, and a board may keep none', async () => {
  const board = await admin.board('forgetful', { rollups: { keep_days: { '10s': 1, '1m': 3 } } });
  const start = Date.parse('2026-03-01T00:00:00Z');
  const day = 86_400_000;
  await admin.publish(board, Array.from({ length: 240 }, (_, h) => ({ key: 'a', time: start + h * 3_600_000, fields: { n: h } })));
  await server.kill9();
  await server.restart();
  // Enough rows that all are written, then a request after a restart, which looks for what is too old.
  for (let i = 0; i < 8; i += 1) {
    const late = Array.from({ length: 8_000 }, (_, n) => ({ key: 'a', time: start + 10 * day + (i * 8_000 + n) * 10_000, fields: { n: 1 } }));
    await admin.publish(board, late);
  }
  await server.kill9();
  await server.restart();
  await admin.publish(board, [{ key: 'a', time: start + 20 * day, fields: { n: 1 } }]);
  const count = async (step, from, to) => {
    const { status, body } = await admin.get(`/v1/boards/${board}/series?step=${step}&from=${from}&to=${to}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.groups[0].points.reduce((n, p) => n + p.count, 0);
  };
  assert.equal(await count('10s', start, start + day), 0);
  assert.equal(await count('1m', start, start + day), 0);
  assert.equal(await count('1h', start, start + day), 24);
  const off = await admin.board('light', { rollups: { enabled: false } });
  await admin.publish(off, [{ key: 'a', fields: { n: 1 } }]);
  assertProblem(await admin.get(`/v1/boards/${off}/series`), 404, 'no_rollups');
  assertProblem(await admin.put('/v1/boards/x', { title: 'x', rollups: { keep_days: { '1h': 0 } } }), 422, 'invalid_config', 'rollups.keep_days.1h');
});
