// Arrow and Parquet: what the views answer, read by DuckDB, polars, pandas and pyarrow, is what JSON says, with its types.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { DuckDBInstance } from '@duckdb/node-api';

import { heliograph, startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const PYTHON = process.env.HELIOGRAPH_COLUMN_READERS;
const skip = PYTHON ? false : 'pandas, polars and pyarrow are not installed: Parquet is read by DuckDB for Node.js alone';
const SCRIPT = new URL('support/columns.py', import.meta.url).pathname;
const KINDS = { arrow: 'application/vnd.apache.arrow.stream', parquet: 'application/vnd.apache.parquet' };
const TIME = 1_772_366_400_123;

let server;
let admin;
let folder;
let duck;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  folder = mkdtempSync(join(tmpdir(), 'heliograph-columns-'));
  duck = await (await DuckDBInstance.create(':memory:')).connect();
});
after(async () => {
  duck?.closeSync();
  if (folder) rmSync(folder, { recursive: true, force: true });
  await server?.stop();
});

/** An answer with its bytes. */
async function fetched(path, headers = {}) {
  const response = await fetch(server.url + path, { headers: { ...admin.authorization, ...headers } });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** Saves a view in both forms; the files' paths. */
async function saved(name, address) {
  const paths = {};
  for (const [format, kind] of Object.entries(KINDS)) {
    const answer = await fetched(`${address}${address.includes('?') ? '&' : '?'}format=${format}`);
    assert.equal(answer.status, 200, answer.bytes.toString());
    assert.equal(answer.headers.get('content-type'), kind);
    paths[format] = join(folder, `${name}.${format}`);
    writeFileSync(paths[format], answer.bytes);
  }
  return paths;
}

/** What each reader says of files. */
async function read(...paths) {
  const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, ...paths], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}

const duckRows = async (sql) => (await duck.runAndReadAll(sql)).getRowObjectsJson();

/** An event or item of JSON as a row of `names`. */
function rowOf(names, { position = {}, fields = {}, ...own }) {
  const all = { ...own, ...Object.fromEntries(Object.entries(position).map(([part, n]) => [`position.${part}`, n])), ...fields };
  return Object.fromEntries(names.map((name) => [name, all[name] ?? null]));
}

/** Holds what every reader says to the rows that JSON has. */
function assertRead(files, rows, types, pieces = rows.length ? 1 : 0) {
  for (const [i, file] of files.entries()) {
    if (i === 1 || pieces > 0) assert.ok(file.pieces >= pieces, `${file.pieces} pieces`);
    for (const reader of ['pyarrow', 'pandas', 'polars', 'duckdb']) {
      const names = Object.keys(file[reader].types);
      assert.deepEqual(file[reader].rows, rows.map((row) => rowOf(names, row)), `${reader} of file ${i}`);
    }
    for (const [name, [arrow, duckdb]] of Object.entries(types)) {
      assert.equal(file.pyarrow.types[name], arrow, name);
      assert.equal(file.duckdb.types[name], duckdb, name);
    }
  }
}

const MOMENT = ['timestamp[ms, tz=UTC]', 'TIMESTAMP WITH TIME ZONE'];
const NUMBER = ['double', 'DOUBLE'];
const TEXT = ['string', 'VARCHAR'];
const FLAG = ['bool', 'BOOLEAN'];
const WHOLE = ['int64', 'BIGINT'];
const OWN = { key: TEXT, time: MOMENT, seq: WHOLE, 'position.lat': NUMBER, 'position.lon': NUMBER, 'position.heading': NUMBER };

test('a view comes as Arrow and as Parquet, by format= and by Accept, with a strong tag of its own each', async () => {
  const board = await admin.board('forms');
  await admin.publish(board, [{ key: 'a', time: TIME, fields: { n: 1 } }]);
  const tags = new Set();
  for (const path of ['items', 'items/a', 'events', 'series?field=n', 'items/a/series?field=n']) {
    for (const [format, kind] of Object.entries(KINDS)) {
      const address = `/v1/boards/${board}/${path}`;
      const named = await fetched(`${address}${path.includes('?') ? '&' : '?'}format=${format}`);
      const accepted = await fetched(address, { accept: kind });
      assert.deepEqual([named.status, accepted.status], [200, 200], path);
      assert.equal(accepted.headers.get('content-type'), kind);
      assert.deepEqual(named.bytes, accepted.bytes);
      const tag = accepted.headers.get('etag');
      assert.match(tag, /^"/);
      assert.ok(!tags.has(`${path} ${tag}`), 'forms of one address share no tag');
      tags.add(`${path} ${tag}`);
      const again = await fetched(address, { accept: kind, 'if-none-match': tag });
      assert.equal(again.status, 304);
    }
  }
  const none = await admin.get(`/v1/boards/${board}/summary?format=parquet`);
  assertProblem(none, 400, 'invalid_parameter', 'format');
  const parquet = await saved('forms', `/v1/boards/${board}/items`);
  assert.deepEqual(await duckRows(`SELECT key, epoch_ms(time)::DOUBLE AS time, n FROM '${parquet.parquet}'`), [{ key: 'a', time: TIME, n: 1 }]);
});

test('rows are those of JSON, with types, a late field, nulls, and several kinds as text', { skip }, async () => {
  const board = await admin.board('readers');
  const events = Array.from({ length: 5_000 }, (_, i) => ({
    key: `-${100_123 + (i % 4_200)}`,
    time: TIME + i,
    ...(i % 3 ? { position: { lat: -33.5 + i / 1e4, lon: 151 - i / 1e4, ...(i % 2 ? { heading: i % 360 } : {}) } } : {}),
    fields: {
      temp: i / 8,
      on: i % 2 === 0,
      code: `00${i}`,
      mixed: [i, `n/a ${i}`, i % 2 === 0][i % 3],
      big: 9_007_199_254_740_991,
      ...(i > 4_990 ? { late: `só ${i}` } : {}),
    },
  }));
  for (let i = 0; i < events.length; i += 2_500) await admin.publish(board, events.slice(i, i + 2_500));
  await admin.publish(board, [{ key: 'last', time: TIME, fields: { temp: null, id: 'of its own', time: 'a text' } }]);

  const fields = { temp: NUMBER, on: FLAG, code: TEXT, mixed: TEXT, big: NUMBER, late: TEXT, 'fields.time': TEXT };
  const flat = (row) => ({ ...row, fields: Object.fromEntries(Object.entries(row.fields ?? {}).map(([name, value]) => {
    const taken = name === 'time' || (name === 'id' && row.isEvent);
    return [taken ? `fields.${name}` : name, name === 'mixed' ? String(value) : value];
  })) });
  const items = (await admin.get(`/v1/boards/${board}/items?limit=10000`)).body.items;
  const itemFiles = await saved('items', `/v1/boards/${board}/items?limit=10000`);
  assertRead(await read(itemFiles.arrow, itemFiles.parquet), items.map(flat), { ...OWN, ...fields }, 2);

  const log = (await admin.get(`/v1/boards/${board}/events?limit=10000`)).body.events;
  assert.equal(log.length, 5_001);
  const rows = log.map((event) => {
    const removed = Object.entries(event.fields ?? {}).filter(([, value]) => value === null).map(([name]) => name);
    return { ...flat({ ...event, isEvent: true }), ...(removed.length ? { removed: JSON.stringify(removed) } : {}) };
  });
  const eventFiles = await saved('events', `/v1/boards/${board}/events?limit=10000`);
  assertRead(await read(eventFiles.arrow, eventFiles.parquet), rows, { ...OWN, ...fields, id: TEXT, removed: TEXT, 'fields.id': TEXT }, 2);

  // A page has the types of the board's values, not only of its own.
  const page = await saved('page', `/v1/boards/${board}/items?keys=last`);
  const [arrow, parquet] = await read(page.arrow, page.parquet);
  for (const file of [arrow, parquet]) {
    assert.equal(file.pyarrow.types.temp, 'double');
    assert.equal(file.pyarrow.types.mixed, 'string');
    assert.deepEqual(file.duckdb.rows, [rowOf(Object.keys(file.duckdb.types), flat(items.at(-1)))]);
  }

  const address = `/v1/boards/${board}/series?field=temp&step=1m&group_by=on&keys=-100123,-100124,-100125`;
  const told = await admin.get(address);
  assert.equal(told.status, 200, JSON.stringify(told.body));
  const { groups } = told.body;
  const points = groups.flatMap(({ group, points }) => points.map((point) => ({ group, ...point })));
  const seriesFiles = await saved('series', address);
  assertRead(await read(seriesFiles.arrow, seriesFiles.parquet), points, { group: TEXT, time: MOMENT, count: WHOLE, average: NUMBER, rate: NUMBER });
});

test('an empty answer is a schema with no rows', { skip }, async () => {
  const board = await admin.board('empty');
  for (const path of ['items', 'events']) {
    const files = await saved(`empty-${path}`, `/v1/boards/${board}/${path}`);
    assertRead(await read(files.arrow, files.parquet), [], OWN);
  }
  await admin.publish(board, [{ key: 'a', fields: { n: 1 } }]);
  const files = await saved('none', `/v1/boards/${board}/items?where=n:gt:5`);
  assertRead(await read(files.arrow, files.parquet), [], { ...OWN, n: NUMBER });
});

test('who sees some keys only gets their rows, columns and types', async () => {
  const board = await admin.board('parts', { visibility: 'private' });
  await admin.publish(board, [{ key: 'a1', fields: { n: 1 } }, { key: 'b1', fields: { n: 'secret', hidden: 2 } }]);
  const key = (await admin.post('/v1/keys', { label: 'a', grants: [{ board, operations: ['read', 'history'], keys: ['a*'] }] })).body.key;
  for (const path of ['items', 'events']) {
    const answer = await fetched(`/v1/boards/${board}/${path}?format=parquet`, { authorization: `Bearer ${key}` });
    const file = join(folder, `parts-${path}.parquet`);
    writeFileSync(file, answer.bytes);
    const columns = await duckRows(`DESCRIBE SELECT * FROM '${file}'`);
    assert.equal(columns.find((c) => c.column_name === 'n').column_type, 'DOUBLE');
    assert.ok(!columns.some((c) => c.column_name === 'hidden'));
    assert.deepEqual(await duckRows(`SELECT key, n FROM '${file}'`), [{ key: 'a1', n: 1 }]);
    assert.ok(!answer.bytes.includes('secret'));
  }
  const nobody = await fetched(`/v1/boards/${board}/items?format=parquet`, { authorization: '' });
  assert.equal(nobody.status, 401);
});

test('events go into another board as Parquet and as CSV, unchanged', async () => {
  const from = await admin.board('origin');
  const number = (n) => ({ temp: n / 3, count: n });
  const events = Array.from({ length: 300 }, (_, i) => ({
    key: `-${100_123 + (i % 7)}`,
    time: TIME + i * 60_000,
    ...(i % 4 ? { id: `e-${i}` } : {}),
    ...(i % 3 ? { position: { lat: -1 - i / 7, lon: i / 3, speed: 1.5 } } : {}),
    fields: { code: `00${i}`, note: i % 5 ? `=1+${i}, "quoted"\nline` : '', ok: i % 2 === 0, ...number(i), time: 'text', id: '7', removed: 'x', ...(i % 50 === 49 ? { code: null } : {}) },
  }));
  await admin.publish(from, events);
  const log = async (board) => (await admin.get(`/v1/boards/${board}/events?limit=10000`)).body.events.map(({ seq, ...event }) => event);
  const expected = await log(from);
  assert.equal(expected.length, events.length);
  for (const format of ['parquet', 'csv']) {
    const answer = await fetched(`/v1/boards/${from}/events?limit=10000&format=${format}`);
    const path = join(folder, `origin.${format}`);
    writeFileSync(path, answer.bytes);
    const replayed = await admin.board(`replayed-${format}`);
    const replay = heliograph(server, ['replay', path, '--board', replayed, '--keep-time', '--speed', 'max', '--connections', '1']);
    assert.equal(replay.status, 0, replay.stderr + replay.stdout);
    assert.deepEqual(await log(replayed), expected, `replay of ${format}`);
    const published = await admin.board(`published-${format}`);
    const publish = heliograph(server, ['publish', '--board', published], { input: answer.bytes });
    assert.equal(publish.status, 0, publish.stderr + publish.stdout);
    assert.deepEqual(await log(published), expected, `publish of ${format}`);
  }
});
