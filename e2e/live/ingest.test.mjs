// The way in: every form of a request, what becomes of each record, and who may send.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { Client, assertProblem, assertRefused, seq } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const bus = (key, more = {}) => ({ key, position: { lat: 30.26, lon: -97.74 }, ...more });
const keysOf = async (board) => [...(await admin.items(board)).items.keys()].sort();

test('one object, an array and NDJSON are taken, and all of it can be read back', async () => {
  const board = await admin.board('forms');
  const time = Date.now() - 60_000;
  const full = { lat: 30.26, lon: -97.74, heading: 90, speed: 12.5, altitude: 160, accuracy: 8 };
  const one = await admin.publish(board, { id: 'a1', key: 'a', time, position: full, fields: { route: '801', fuel: 0.7, late: false } });
  assert.equal(seq(one.cursor), 1);
  assert.deepEqual(one.results, []);
  await admin.publish(board, [bus('b'), bus('c')]);
  const lines = ['{"key":"d"}', '', '{"key":"e","fields":{"n":5}}\r', ''].join('\n');
  const nd = await admin.events(board, lines, { 'content-type': 'application/x-ndjson' });
  assert.equal(nd.body.accepted, 2, JSON.stringify(nd.body));
  assert.equal(seq(nd.body.cursor), 5);
  const { items, cursor } = await admin.items(board);
  assert.equal(cursor, nd.body.cursor);
  assert.deepEqual(items.get('a'), { key: 'a', time, seq: 1, position: full, fields: { route: '801', fuel: 0.7, late: false } });
  assert.equal(items.get('e').fields.n, 5);
  assert.deepEqual([...items.keys()].sort(), ['a', 'b', 'c', 'd', 'e']);
});

test('gzip is unpacked, several archives in a row too, with a length and in chunks', async () => {
  const board = await admin.board('gzip');
  const zipped = gzipSync(JSON.stringify([bus('a'), bus('b')]));
  const gzip = { 'content-encoding': 'gzip' };
  assert.equal((await admin.events(board, zipped, gzip)).body.accepted, 2);
  const members = Buffer.concat([gzipSync('{"key":"c"}\n'), gzipSync('{"key":"d"}\n')]);
  const nd = await admin.events(board, members, { ...gzip, 'content-type': 'application/x-ndjson' });
  assert.equal(nd.body.accepted, 2, JSON.stringify(nd.body));
  const chunked = await admin.raw('POST', `/v1/boards/${board}/events`, gzip, [zipped.subarray(0, 20), zipped.subarray(20)]);
  assert.equal(chunked.body.accepted, 2, JSON.stringify(chunked.body));
  assert.deepEqual(await keysOf(board), ['a', 'b', 'c', 'd']);
});

test('a chunked body of unknown length is taken', async () => {
  const board = await admin.board('chunked');
  const pieces = ['[{"key":', '"a"},', '{"key":"b","fields":{"name":"Z', 'ürich"}}]'];
  const answer = await admin.raw('POST', `/v1/boards/${board}/events`, {}, pieces);
  assert.equal(answer.body.accepted, 2, JSON.stringify(answer.body));
  assert.equal((await admin.items(board)).items.get('b').fields.name, 'Zürich');
});

test('each record has its own fate: accepted, duplicate and refused add up, with index, code and field', async () => {
  const board = await admin.board('fates');
  await admin.publish(board, { id: 'seen', key: 'a' });
  const { status, body } = await admin.events(board, [
    { id: 'new', key: 'a', fields: { n: 1 } },
    { id: 'seen', key: 'a', fields: { n: 2 } },
    bus('b', { position: { lat: 91, lon: 0 } }),
    { id: 'new', key: 'a', fields: { n: 3 } },
    { fields: { n: 4 } },
    { key: 'c', colour: 'red' },
    { key: 'd' },
    7,
  ]);
  assert.equal(status, 200);
  assert.deepEqual([body.accepted, body.duplicate, body.refused], [2, 2, 4], JSON.stringify(body));
  assert.deepEqual(body.results.map((r) => [r.index, r.status]), [
    [1, 'duplicate'], [2, 'refused'], [3, 'duplicate'], [4, 'refused'], [5, 'refused'], [7, 'refused'],
  ]);
  assertRefused(body, 2, 'position_out_of_range', 'position.lat');
  assertRefused(body, 4, 'missing', 'key');
  assertRefused(body, 5, 'unknown_field', 'colour');
  assertRefused(body, 7, 'not_an_object', undefined);
  assert.equal(seq(body.cursor), 3);
  const { items, cursor } = await admin.items(board);
  assert.equal(cursor, body.cursor);
  assert.deepEqual([...items.keys()].sort(), ['a', 'd']);
  assert.equal(items.get('a').fields.n, 1);
});

test('an Idempotency-Key gives the same answer again and writes nothing; with another body it is refused', async () => {
  const board = await admin.board('again');
  const key = { 'idempotency-key': 'batch-1' };
  const events = [{ key: 'a', fields: { n: 1 } }, { key: 'b', position: { lat: 99, lon: 0 } }];
  const first = await admin.events(board, events, key);
  assert.deepEqual([first.body.accepted, first.body.refused], [1, 1]);
  await admin.publish(board, { key: 'a', fields: { n: 2 } });
  const second = await admin.events(board, events, key);
  assert.deepEqual(second.body, first.body);
  assertProblem(await admin.events(board, [{ key: 'a', fields: { n: 9 } }], key), 422, 'idempotency_key_reused');
  const { items, cursor } = await admin.items(board);
  assert.equal(items.get('a').fields.n, 2);
  assert.equal(seq(cursor), 2);
  assertProblem(await admin.events(board, events, { 'idempotency-key': 'k'.repeat(129) }), 400, 'idempotency_key_invalid');
});

test('an Idempotency-Key gives the same answer after a restart', async () => {
  const board = await admin.board('again-later');
  const key = { 'idempotency-key': 'batch-2' };
  const first = await admin.events(board, [{ key: 'a' }, { key: 'b' }], key);
  assert.equal(first.status, 200);
  await server.restart();
  assert.deepEqual((await admin.events(board, [{ key: 'a' }, { key: 'b' }], key)).body, first.body);
  assert.equal((await admin.items(board)).cursor, first.body.cursor);
});

test('an id is taken once, also after a restart; events without an id are all different', async () => {
  const board = await admin.board('ids');
  await admin.publish(board, [{ id: 'x', key: 'a', fields: { n: 1 } }, { id: 7, key: 'a', fields: { n: 2 } }]);
  await server.restart();
  const again = await admin.events(board, [{ id: 'x', key: 'a', fields: { n: 8 } }, { id: '7', key: 'b' }, { key: 'a' }, { key: 'a' }]);
  assert.deepEqual([again.body.accepted, again.body.duplicate], [2, 2], JSON.stringify(again.body));
  const { items } = await admin.items(board);
  assert.equal(items.get('a').fields.n, 2);
  assert.ok(!items.has('b'));
});

test('on a board with identity key_time an event without an id is a duplicate when its key and time are known', async () => {
  const board = await admin.board('key-time', { identity: 'key_time' });
  const time = Date.now() - 5_000;
  await admin.publish(board, { key: 'a', time, fields: { n: 1 } });
  const events = [{ key: 'a', time, fields: { n: 2 } }, { key: 'a', time: time + 1, fields: { n: 3 } }, { key: 'b', time }];
  const { body } = await admin.events(board, [...events, events[2]]);
  assert.deepEqual([body.accepted, body.duplicate], [2, 2], JSON.stringify(body));
  assert.deepEqual(body.results.map((r) => r.index), [0, 3]);
  assert.equal((await admin.items(board)).items.get('a').fields.n, 3);
  await server.restart();
  assert.equal((await admin.events(board, events)).body.duplicate, 3);
});

test('a late event is counted and accepted but does not turn an item back', async () => {
  const board = await admin.board('late');
  const time = Date.now() - 10_000;
  await admin.publish(board, { key: 'a', time, fields: { n: 2 } });
  const late = await admin.publish(board, { key: 'a', time: time - 1_000, fields: { n: 1 } });
  assert.equal(late.late, 1);
  const { items, cursor } = await admin.items(board);
  assert.deepEqual([items.get('a').time, items.get('a').fields.n, seq(cursor)], [time, 2, 2]);
});

test('values that mean "not measured" are dropped and counted, not drawn and not refused', async () => {
  const board = await admin.board('no-data', { rules: { no_data: { speed: [113.9952], temp: [-999] }, max_speed: 60 } });
  const answer = await admin.publish(board, [
    bus('a', { position: { lat: 30, lon: -97, speed: 113.9952 }, fields: { temp: -999, n: 1 } }),
    bus('b', { position: { lat: 30, lon: -97, speed: 10 }, fields: { temp: 20 } }),
  ]);
  assert.equal(answer.cleaned, 2);
  assert.deepEqual(answer.cleaned_by, { speed_not_available: 1, field_no_data: 1 });
  const { items } = await admin.items(board);
  assert.deepEqual(items.get('a').position, { lat: 30, lon: -97 });
  assert.deepEqual(items.get('a').fields, { n: 1 });
  assert.deepEqual([items.get('b').position.speed, items.get('b').fields.temp], [10, 20]);
});

test('lenient: parts of a position that are no measurements are dropped and counted by code; a strict board refuses them', async () => {
  const ships = [
    bus('a', { position: { lat: 30, lon: -97, heading: 511, speed: 102.3 * 1852 / 3600 } }),
    bus('b', { position: { lat: 30, lon: -97, heading: 511, speed: 5 } }),
    bus('c', { position: { lat: 30, lon: -97, heading: -1, altitude: -99999, accuracy: 'n/a' } }),
    bus('d', { position: { lat: 95, lon: -97, heading: 511 } }),
  ];
  const board = await admin.board('lenient');
  const { body } = await admin.events(board, ships);
  assert.deepEqual([body.accepted, body.refused, body.cleaned], [3, 1, 6]);
  assert.deepEqual(body.cleaned_by, {
    accuracy_wrong_type: 1, altitude_not_available: 1, heading_not_available: 3, speed_not_available: 1,
  });
  assertRefused(body, 3, 'position_out_of_range', 'position.lat');
  const { items } = await admin.items(board);
  assert.deepEqual(items.get('a').position, { lat: 30, lon: -97 });
  assert.deepEqual(items.get('b').position, { lat: 30, lon: -97, speed: 5 });
  const strict = await admin.board('strict-parts', { rules: { strict: true } });
  const { body: refused } = await admin.events(strict, ships);
  assert.deepEqual([refused.accepted, refused.refused, refused.cleaned], [0, 4, undefined]);
  assertRefused(refused, 0, 'position_out_of_range', 'position.heading');
  const limited = await admin.board('limited', { rules: { max_speed: 60 } });
  const { body: slowed } = await admin.events(limited, [bus('fast', { position: { lat: 30, lon: -97, speed: 61 } })]);
  assert.deepEqual([slowed.accepted, slowed.cleaned_by], [1, { speed_out_of_range: 1 }]);
});

test("a board's rules refuse null island, places outside, speeds and times that can't be", async () => {
  const rules = { bounds: [-98, 30, -97, 31], max_speed: 60, strict: true, future_s: 60, past_s: 3600 };
  const board = await admin.board('rules', { rules });
  const { body } = await admin.events(board, [
    bus('zero', { position: { lat: 0, lon: 0 } }),
    bus('outside', { position: { lat: 30.5, lon: -96.9 } }),
    bus('fast', { position: { lat: 30.5, lon: -97.5, speed: 61 } }),
    bus('future', { time: Date.now() + 120_000 }),
    bus('past', { time: Date.now() - 7_200_000 }),
    bus('edge', { position: { lat: 31, lon: -98, speed: 60 }, time: Date.now() + 30_000 }),
  ]);
  assertRefused(body, 0, 'null_island', 'position');
  assertRefused(body, 1, 'position_out_of_bounds', 'position');
  assertRefused(body, 2, 'speed_out_of_range', 'position.speed');
  assertRefused(body, 3, 'time_in_future', 'time');
  assertRefused(body, 4, 'time_too_old', 'time');
  assert.deepEqual([body.accepted, body.refused], [1, 5]);
  assert.deepEqual(await keysOf(board), ['edge']);
  const anywhere = await admin.board('anywhere', { rules: { null_island: 'accept' } });
  await admin.publish(anywhere, bus('buoy', { position: { lat: 0, lon: 0 } }));
});

test('times are read as RFC 3339 with any offset, without a zone as UTC, and as milliseconds; seconds are recognised', async () => {
  const board = await admin.board('times');
  const { body } = await admin.events(board, [
    { key: 'z', time: '2026-03-01T12:00:00Z' },
    { key: 'offset', time: '2026-03-01T06:00:00.250-06:00' },
    { key: 'bare', time: '2026-03-01 12:00:00' },
    { key: 'ms', time: 1772366400000 },
    { key: 'seconds', time: 1772366400 },
    { key: 'word', time: 'yesterday' },
  ]);
  assertRefused(body, 4, 'time_out_of_range', 'time');
  assert.match(body.results[0].message, /seconds/);
  assertRefused(body, 5, 'time_unreadable', 'time');
  const { items } = await admin.items(board);
  assert.deepEqual(['z', 'offset', 'bare', 'ms'].map((k) => items.get(k).time - 1772366400000), [0, 250, 0, 0]);
});

test('null removes a field; fields that are not sent stay', async () => {
  const board = await admin.board('merge');
  await admin.publish(board, { key: 'a', fields: { x: 1, y: 'two', z: true } });
  await admin.publish(board, { key: 'a', fields: { x: null, y: 'three' } });
  assert.deepEqual((await admin.items(board)).items.get('a').fields, { y: 'three', z: true });
});

test('without a credential 401, with a damaged one 401, without the right 403, and nothing is written', async () => {
  const board = await admin.board('guarded');
  const other = await admin.board('other');
  const reader = await admin.token(board, ['read']);
  const elsewhere = await admin.token(other, ['publish']);
  const good = await admin.token(board, ['publish']);
  const damaged = good.replace(/.{5}$/, (end) => [...end].reverse().join('').replace(/^./, (c) => (c === 'A' ? 'B' : 'A')));
  const send = (credential) => admin.as(credential).events(board, { key: 'a' });
  const anonymous = await send(null);
  assertProblem(anonymous, 401, 'credential_missing');
  assert.equal(anonymous.headers.get('www-authenticate'), 'Bearer');
  assertProblem(await send('no-such-api-key-at-all'), 401, 'key_invalid');
  assertProblem(await send(damaged), 401, 'token_invalid');
  assertProblem(await send(reader), 403, 'forbidden');
  assertProblem(await send(elsewhere), 403, 'forbidden');
  const basic = await admin.as(null).events(board, { key: 'a' }, { authorization: 'Basic YTpi' });
  assertProblem(basic, 401, 'authorization_invalid');
  assert.equal(seq((await admin.items(board)).cursor), 0);
  assert.equal((await send(good)).body.accepted, 1);
  assertProblem(await admin.events('nowhere', { key: 'a' }), 404, 'board_not_found');
});

test("a token for some keys publishes those; others' records are refused one by one and spoil nothing", async () => {
  const board = await admin.board('patterns');
  await admin.publish(board, { key: 'x9', fields: { n: 1 } });
  const token = await admin.token(board, ['publish'], { keys: ['v*', 'w1'] });
  const { body } = await admin.as(token).events(board, [
    { key: 'v1' }, { key: 'x9', fields: { n: 2 } }, { key: 'w1' }, { key: 'w10' }, { key: 'v2', position: { lat: 100, lon: 0 } },
  ]);
  assert.deepEqual([body.accepted, body.refused], [2, 3], JSON.stringify(body));
  assertRefused(body, 1, 'key_not_allowed', 'key');
  assertRefused(body, 3, 'key_not_allowed', 'key');
  assertRefused(body, 4, 'position_out_of_range', 'position.lat');
  assert.deepEqual(body.results.map((r) => r.index), [1, 3, 4]);
  assert.deepEqual(await keysOf(board), ['v1', 'w1', 'x9']);
  assert.equal((await admin.items(board)).items.get('x9').fields.n, 1);
});
