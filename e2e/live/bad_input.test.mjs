// Bad requests and bad records: each has a limit, a stable code and an answer that names the field, and spoils nothing.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { Client, assertProblem, assertRefused, seq } from './support/client.mjs';

const BOARD = 'strict';
const MIB = 1024 * 1024;

let server;
let admin;
/** What the board must have: nothing that a test sent but this. */
let accepted = 0;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board(BOARD);
  await admin.publish(BOARD, { key: 'good', fields: { n: 1 } });
  accepted = 1;
});
after(() => server?.stop());

// After every test the board has exactly what was accepted, and the worker is the one that was started.
let pid;
afterEach(async () => {
  pid ??= server.pid;
  assert.equal(server.pid, pid);
  const { items, cursor } = await admin.items(BOARD);
  assert.equal(seq(cursor), accepted);
  assert.deepEqual(items.get('good').fields, { n: 1 });
  assert.deepEqual([...items.keys()].filter((k) => k.startsWith('bad')), []);
});

const events = (body, headers) => admin.events(BOARD, body, headers);
const EVENTS = `/v1/boards/${BOARD}/events`;
const GZIP = { 'content-encoding': 'gzip' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

async function refusedAs(event, code, field) {
  const { status, body } = await events(typeof event === 'string' ? event : [event]);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.accepted, body.refused], [0, 1], JSON.stringify(body));
  assertRefused(body, 0, code, field);
  return body.results[0];
}

test('a body of 20 MB is answered with 413, every time, with a length and without', async () => {
  const big = Buffer.alloc(20_000_000, ' ');
  const pieces = Array.from({ length: 20 }, () => big.subarray(0, 1_000_000));
  for (let i = 0; i < 5; i += 1) {
    // A client that sends before it reads must get the answer too, not a broken pipe.
    assertProblem(await events(big), 413, 'body_too_large');
    assertProblem(await admin.raw('POST', EVENTS, {}, pieces), 413, 'body_too_large');
  }
});

test('a body of just over 8 MiB is refused and one of just under it is taken', async () => {
  const event = '{"key":"good","fields":{"n":1}}';
  assertProblem(await events(event.padEnd(8 * MIB + 1)), 413, 'body_too_large');
  const { status, body } = await events(event.padEnd(8 * MIB));
  assert.equal(status, 200, JSON.stringify(body));
  accepted += 1;
});

test('a small archive of 200 MB of zeros is refused in seconds and the worker lives', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * MIB));
  assert.ok(bomb.length < MIB);
  const start = Date.now();
  assertProblem(await events(bomb, GZIP), 413, 'body_too_large');
  assertProblem(await events(gzipSync(bomb), GZIP), 400, 'invalid_utf8');
  assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`);
  assert.equal((await admin.get('/healthz')).status, 200);
});

test('truncated and damaged gzip is refused and nothing of it is taken', async () => {
  const zipped = gzipSync(JSON.stringify(Array.from({ length: 100 }, (_, i) => ({ key: `bad${i}` }))));
  assertProblem(await events(zipped.subarray(0, zipped.length - 9), GZIP), 400, 'invalid_gzip');
  const damaged = Buffer.from(zipped);
  damaged[damaged.length - 6] ^= 0xff;
  assertProblem(await events(damaged, GZIP), 400, 'invalid_gzip');
  assertProblem(await events('{"key":"bad"}', GZIP), 400, 'invalid_gzip');
});

test('truncated JSON is refused with the field that it ends at, and nothing of it is taken', async () => {
  assertProblem(await events('[{"key":"bad1"},{"key":"bad2","fields":{"fuel":'), 400, 'invalid_json', 'fuel');
  assertProblem(await events('[{"key":"bad1"}'), 400, 'invalid_json');
  assertProblem(await events('{"key":"bad1"} trailing'), 400, 'invalid_json');
});

test('an empty body is refused', async () => {
  assertProblem(await events(''), 400, 'invalid_json');
  assertProblem(await admin.raw('POST', EVENTS, {}, []), 400, 'invalid_json');
});

test('in NDJSON a damaged line is one refused record', async () => {
  const { body } = await events('{"key":"good2"}\n{"key":"bad",\n{"key":"bad"}}\n[]', NDJSON);
  accepted += 1;
  assert.deepEqual([body.accepted, body.refused], [1, 3], JSON.stringify(body));
  assert.equal(body.results[0].code, 'invalid_json');
  assert.equal(body.results[0].index, 1);
  assert.equal(body.results[0].field, 'key');
});

test('invalid UTF-8 is refused with the place of the byte', async () => {
  const bytes = Buffer.from([...Buffer.from('{"key":"bad'), 0xff, 0xfe, ...Buffer.from('"}')]);
  const { detail } = assertProblem(await events(bytes), 400, 'invalid_utf8');
  assert.match(detail, /byte 11/);
  assertProblem(await events(bytes, NDJSON), 400, 'invalid_utf8');
  assertProblem(await events('[{"key":"bad\\ud800"}]'), 400, 'invalid_json');
});

test('NaN, Infinity and 1e999 are no numbers, and their names as text are no numbers either', async () => {
  for (const literal of ['NaN', 'Infinity', '-Infinity', '1e999']) {
    const answer = await events(`[{"key":"bad","position":{"lat":${literal},"lon":1}}]`);
    assertProblem(answer, 400, 'invalid_json', 'lat');
  }
  await refusedAs({ key: 'bad', position: { lat: 'NaN', lon: 1 } }, 'wrong_type', 'position.lat');
  await refusedAs('[{"key":"bad","position":{"lat":1e308,"lon":1}}]', 'position_out_of_range', 'position.lat');
});

test('every part of an event with a wrong type is refused by its name', async () => {
  for (const wrong of [true, 1.5, [], {}]) await refusedAs({ key: wrong }, 'wrong_type', 'key');
  for (const wrong of [true, 1.5, [], {}]) await refusedAs({ key: 'bad', id: wrong }, 'wrong_type', 'id');
  for (const wrong of [true, [], {}]) await refusedAs({ key: 'bad', time: wrong }, 'wrong_type', 'time');
  for (const wrong of [true, 7, 'x', []]) await refusedAs({ key: 'bad', position: wrong }, 'wrong_type', 'position');
  for (const wrong of [true, 7, 'x', []]) await refusedAs({ key: 'bad', fields: wrong }, 'wrong_type', 'fields');
  for (const part of ['lat', 'lon']) {
    for (const wrong of [true, '1', [], {}]) {
      await refusedAs({ key: 'bad', position: { lat: 1, lon: 1, [part]: wrong } }, 'wrong_type', `position.${part}`);
    }
  }
  for (const wrong of [[], {}]) await refusedAs({ key: 'bad', fields: { n: wrong } }, 'wrong_type', 'fields.n');
  for (const wrong of [null, true, 7, 'x', []]) {
    const { body } = await events([wrong]);
    assertRefused(body, 0, 'not_an_object', undefined);
  }
});

test('unknown fields are refused by their name', async () => {
  await refusedAs({ key: 'bad', speed: 12 }, 'unknown_field', 'speed');
  await refusedAs({ key: 'bad', position: { lat: 1, lon: 1, lng: 1 } }, 'unknown_field', 'position.lng');
});

test('positions out of range or without a part are refused by their part', async () => {
  const cases = [
    ['lat', 90.1], ['lat', -90.1], ['lon', 180.1], ['lon', -180.1],
  ];
  for (const [part, value] of cases) {
    await refusedAs({ key: 'bad', position: { lat: 1, lon: 1, [part]: value } }, 'position_out_of_range', `position.${part}`);
  }
  await refusedAs({ key: 'bad', position: { lat: 1 } }, 'missing', 'position.lon');
  await refusedAs({ key: 'bad', position: { lon: 1 } }, 'missing', 'position.lat');
});

test('keys, ids, names and texts over their length or with control characters are refused by their place', async () => {
  await refusedAs({ key: '' }, 'empty', 'key');
  await refusedAs({ key: 'k'.repeat(129) }, 'too_long', 'key');
  await refusedAs({ key: 'é'.repeat(65) }, 'too_long', 'key');
  await refusedAs({ key: 'bad\nkey' }, 'control_character', 'key');
  await refusedAs({ key: 'bad\u0085' }, 'control_character', 'key');
  await refusedAs({ key: 'bad', id: 'i'.repeat(129) }, 'too_long', 'id');
  await refusedAs({ key: 'bad', id: 'a\u0000' }, 'control_character', 'id');
  const name = 'f'.repeat(65);
  await refusedAs({ key: 'bad', fields: { [name]: 1 } }, 'too_long', `fields.${'f'.repeat(64)}…`);
  await refusedAs({ key: 'bad', fields: { '': 1 } }, 'empty', 'fields.');
  await refusedAs({ key: 'bad', fields: { 'a\tb': 1 } }, 'control_character', 'fields.a\tb');
  await refusedAs({ key: 'bad', fields: { note: 'x'.repeat(1025) } }, 'too_long', 'fields.note');
  await refusedAs('[{"key":"bad","fields":{"n":1,"n":2}}]', 'duplicate_field', 'fields.n');
  await refusedAs('[{"key":"bad","fields":{"n":9007199254740993}}]', 'number_too_large', 'fields.n');
});

test('the longest key, name and text and the most fields are taken', async () => {
  const fields = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`f${i}`.padEnd(64, 'x'), 'y'.repeat(1024)]));
  await admin.publish(BOARD, { id: 'i'.repeat(128), key: 'k'.repeat(128), fields });
  accepted += 1;
  assert.deepEqual((await admin.items(BOARD)).items.get('k'.repeat(128)).fields, fields);
});

test('an event with 65 fields is refused', async () => {
  const fields = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`g${i}`, i]));
  await refusedAs({ key: 'bad', fields }, 'too_many_fields', 'fields');
});

test('a board takes no more than 256 different field names: events with more are refused one by one', async () => {
  const board = await admin.board('wide');
  const wide = (from) => Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`f${from + i}`, i]));
  await admin.publish(board, [0, 64, 128, 192].map((from) => ({ key: 'a', fields: wide(from) })));
  const { body } = await admin.events(board, [{ key: 'b', fields: { one_more: 1 } }, { key: 'c', fields: { f7: 8 } }]);
  assert.deepEqual([body.accepted, body.refused], [1, 1], JSON.stringify(body));
  assert.equal(body.results[0].index, 0);
  assert.ok(body.results[0].code && body.results[0].field, JSON.stringify(body.results));
  assert.deepEqual([...(await admin.items(board)).items.keys()], ['a', 'c']);
});

test('10,001 events are refused as a whole and 10,000 are taken', async () => {
  const many = Array.from({ length: 10_001 }, (_, i) => ({ key: `bad${i}` }));
  assertProblem(await events(many), 413, 'too_many_events');
  assertProblem(await events(many.map((e) => JSON.stringify(e)).join('\n'), NDJSON), 413, 'too_many_events');
  const board = await admin.board('many');
  assert.equal((await admin.events(board, many.slice(1))).body.accepted, 10_000);
});

test('other content types and encodings are refused by their name', async () => {
  assert.match(assertProblem(await events('a,b', { 'content-type': 'text/csv' }), 415, 'unsupported_media_type').detail, /text\/csv/);
  assert.match(assertProblem(await events('{}', { 'content-encoding': 'br' }), 415, 'unsupported_encoding').detail, /br/);
});

test('paths that are not UTF-8, unknown routes and wrong methods are problem JSON', async () => {
  assertProblem(await admin.get('/v1/boards/%ff/items'), 400, 'invalid_path');
  assertProblem(await admin.get('/v1/nothing'), 404, 'not_found');
  const other = await admin.send('PATCH', `/v1/boards/${BOARD}`);
  assertProblem(other, 405, 'method_not_allowed');
  assert.equal(other.headers.get('allow'), 'GET, HEAD, PUT, DELETE, OPTIONS');
  assertProblem(await admin.get('/v1/boards/NOT%20A%20BOARD/items'), 404, 'board_not_found');
});

test('JSON nested a hundred thousand deep is refused and the worker lives', async () => {
  const deep = '['.repeat(100_000);
  const { status } = await events(`[{"key":"bad","fields":{"a":${deep}${']'.repeat(100_000)}}}]`);
  assert.ok([200, 400].includes(status), String(status));
  assertProblem(await events(deep), 400, 'invalid_json');
});
