// The board as it was: as of a time and as of a cursor, through late events, ends, erases, a restart and pruning.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const START = Date.UTC(2026, 2, 1, 12);
const at = (minute) => START + minute * 60_000;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(async () => {
  await server?.stop();
});

const bus = (key, minute, fields = {}, position = { lat: 30 + minute / 1_000, lon: -97 }) => ({ key, time: at(minute), position, fields });
/** Items by key: time, place and fields. */
const then = async (board, when, client = admin, more = '') => {
  const { status, body } = await client.get(`/v1/boards/${board}/items?at=${when}${more}`);
  assert.equal(status, 200, JSON.stringify(body));
  return Object.fromEntries(body.items.map((i) => [i.key, { minute: (i.time - START) / 60_000, ...i.fields, ...(i.position && { lat: i.position.lat }) }]));
};

test('the items are as they were at a time, with what came late, and as of a cursor without it', async () => {
  const board = await admin.board('past-times');
  const first = await admin.publish(board, [bus('a', 0, { load: 1, route: '801' }), bus('b', 0, { load: 2 })]);
  await admin.publish(board, [bus('a', 10, { load: 5 }), bus('c', 10, { load: 9 })]);
  await admin.publish(board, [bus('b', 5, { load: 3 })]);
  await admin.publish(board, [bus('a', 20, { load: 7, route: null })]);
  assert.deepEqual(await then(board, at(0)), { a: { minute: 0, load: 1, route: '801', lat: 30 }, b: { minute: 0, load: 2, lat: 30 } });
  assert.deepEqual(await then(board, at(12)), {
    a: { minute: 10, load: 5, route: '801', lat: 30.01 },
    b: { minute: 5, load: 3, lat: 30.005 },
    c: { minute: 10, load: 9, lat: 30.01 },
  });
  assert.deepEqual(Object.keys(await then(board, at(6))), ['a', 'b']);
  assert.deepEqual(await then(board, first.cursor), await then(board, at(0)));
  // As of the second request b had not moved yet.
  assert.equal((await then(board, first.cursor.replace(/\d+$/, '4'))).b.load, 2);
  // One item, filters, pages and forms are as ever.
  const one = await admin.get(`/v1/boards/${board}/items/a?at=${new Date(at(12)).toISOString()}&fields=load`);
  assert.deepEqual([one.body.fields, one.body.position], [{ load: 5 }, undefined]);
  assert.deepEqual(Object.keys(await then(board, at(12), admin, '&where=load:ge:5')), ['a', 'c']);
  const page = await admin.get(`/v1/boards/${board}/items?at=${at(12)}&limit=2`);
  assert.deepEqual(page.body.items.map((i) => i.key), ['a', 'b']);
  const rest = await admin.get(`/v1/boards/${board}/items?at=${at(12)}&limit=2&after=${page.body.next}`);
  assert.deepEqual(rest.body.items.map((i) => i.key), ['c']);
  const csv = await fetch(`${server.url}/v1/boards/${board}/items?at=${at(0)}&format=csv&fields=load`, { headers: { authorization: `Bearer ${server.adminKey}` } });
  assert.equal(await csv.text(), `"key","time","seq","load"\r\n"a",${at(0)},1,1\r\n"b",${at(0)},2,2\r\n`);
  const summary = await admin.get(`/v1/boards/${board}/summary?at=${at(12)}`);
  assert.deepEqual([summary.body.items, summary.body.newest, summary.body.fields.load.max], [3, at(10), 9]);
  assert.deepEqual((await admin.get(`/v1/boards/${board}/summary`)).body.past, { from: at(0), to: at(20) });
});

test('the same question has the same tag, and another state of the log another one', async () => {
  const board = await admin.board('past-tags');
  await admin.publish(board, [bus('a', 0)]);
  const ask = (etag) => admin.get(`/v1/boards/${board}/items?at=${at(1)}`, etag ? { 'if-none-match': etag } : {});
  const tag = (await ask()).headers.get('etag');
  assert.equal((await ask(tag)).status, 304);
  await admin.publish(board, [bus('b', 0)]);
  let changed;
  for (let i = 0; i < 50 && changed?.status !== 200; i++) changed = await ask(tag);
  assert.deepEqual(changed.body.items.map((i) => i.key), ['a', 'b']);
});

test('an item that had ended is not there, and one whose history was erased never was', async () => {
  const board = await admin.board('past-ends');
  const now = Date.now();
  const live = (key, ago) => ({ key, time: now - ago, fields: { n: ago } });
  await admin.publish(board, [live('gone', 60_000), live('stays', 60_000), live('secret', 60_000)]);
  assert.equal((await admin.delete(`/v1/boards/${board}/items/gone`)).status, 200);
  const keys = async (when) => Object.keys(await then(board, when)).sort();
  assert.deepEqual(await keys(now - 30_000), ['gone', 'secret', 'stays']);
  assert.deepEqual(await keys(Date.now() + 1_000), ['secret', 'stays']);
  assert.equal((await admin.delete(`/v1/boards/${board}/items/secret?erase=true`)).status, 200);
  assert.deepEqual(await keys(now - 30_000), ['gone', 'stays']);
  // The erase wrote the items down: what was before them is still known.
  await server.kill9();
  await server.restart();
  assert.deepEqual(await keys(now - 30_000), ['gone', 'stays']);
});

test('what is asked wrongly is said, by its name', async () => {
  const board = await admin.board('past-wrong');
  await admin.publish(board, [bus('a', 0)]);
  const items = `/v1/boards/${board}/items`;
  for (const [query, field] of [['at=noon', 'at'], ['at=1772366400', 'at'], [`at=${at(0)}&since=e1:1`, 'since']]) {
    const answer = await admin.get(`${items}?${query}`);
    assertProblem(answer, 400, 'invalid_parameter');
    assert.equal(answer.body.errors[0].field, field);
  }
  const { cursor } = (await admin.get(items)).body;
  assertProblem(await admin.get(`${items}?at=${cursor.replace(/\d+$/, '99')}`), 410, 'cursor_gone');
  // Nothing is gone of this log: before its first event there was nothing.
  assert.deepEqual((await admin.get(`${items}?at=${at(-60)}`)).body.items, []);
  const reader = admin.as(await admin.token(board, ['read']));
  assertProblem(await reader.get(`${items}?at=${at(0)}`), 403, 'forbidden');
  assert.equal((await reader.get(`/v1/boards/${board}/summary`)).body.past, undefined);
  assert.equal((await admin.as(await admin.token(board, ['read', 'history'])).get(`${items}?at=${at(0)}`)).status, 200);
});

test('a grant of a part of the history makes the board of that part alone', async () => {
  const board = await admin.board('past-part', { visibility: 'private' });
  await admin.publish(board, [bus('a', 0, { load: 1, secret: 's' }), bus('b', 0, { load: 1 }), bus('a', 10, { load: 2 }), bus('a', 30, { load: 3 })]);
  const conditions = { history_from: at(5), history_to: at(20), hidden_fields: ['secret'] };
  const grants = [{ board, operations: ['history'], conditions }];
  const partner = admin.as(await admin.mint(grants));
  assert.deepEqual(await then(board, at(15), partner), { a: { minute: 10, load: 2, lat: 30.01 } });
  assert.deepEqual(await then(board, at(40), partner), { a: { minute: 10, load: 2, lat: 30.01 } });
});

test('what one is shown of a time is not what the next one is shown', async () => {
  const board = await admin.board('past-narrow', { visibility: 'private' });
  await admin.publish(board, [bus('a', 0, { load: 1, secret: 's' }), bus('b', 0, { load: 2 })]);
  const grants = [{ board, operations: ['history'], keys: ['a'], conditions: { hidden_fields: ['secret'] } }];
  const partner = admin.as(await admin.mint(grants));
  const whole = { a: { minute: 0, load: 1, secret: 's', lat: 30 }, b: { minute: 0, load: 2, lat: 30 } };
  const narrow = { a: { minute: 0, load: 1, lat: 30 } };
  for (const [client, seen] of [[partner, narrow], [admin, whole], [partner, narrow]]) {
    assert.deepEqual(await then(board, at(1), client), seen);
    assert.deepEqual(await then(board, at(1), client, '&limit=100'), seen);
  }
});

test('standings are as they were, by the rules of now, for who may read the whole history', async () => {
  const column = { name: 'points', op: 'sum', field: 'points' };
  const board = await admin.board('past-standings', { scores: { columns: [column] } });
  const score = (key, minute, points) => ({ key, time: at(minute), fields: { points } });
  const { cursor } = await admin.publish(board, [score('a', 0, 5), score('b', 1, 3)]);
  await admin.publish(board, [score('b', 10, 9)]);
  await admin.publish(board, [score('c', 2, 4)]);
  const rows = async (when, client = admin) => (await client.get(`/v1/boards/${board}/scores?at=${when}`)).body.rows.map((r) => [r.rank, r.key, r.values[0]]);
  assert.deepEqual(await rows(at(5)), [[1, 'a', 5], [2, 'c', 4], [3, 'b', 3]]);
  assert.deepEqual(await rows(at(10)), [[1, 'b', 12], [2, 'a', 5], [3, 'c', 4]]);
  assert.deepEqual(await rows(cursor), [[1, 'a', 5], [2, 'b', 3]]);
  const reader = admin.as(await admin.token(board, ['read']));
  assertProblem(await reader.get(`/v1/boards/${board}/scores?at=${at(5)}`), 403, 'forbidden');
  assert.deepEqual(await rows(at(5), admin.as(await admin.token(board, ['read', 'history']))), await rows(at(5)));
});

test('what a freeze hides is in no past, until it is revealed', async () => {
  const now = Date.now();
  const board = await admin.board('past-frozen', { scores: { columns: [{ name: 'points', field: 'points', op: 'last' }] }, sessions: {} });
  const event = (key, ago, points) => ({ key, time: now - ago, fields: { points } });
  await admin.post(`/v1/boards/${board}/sessions`, { id: 's', title: 'S', opens_at: now - 300_000, closes_at: now + 600_000 });
  await admin.publish(board, [event('x', 200_000, 1)]);
  await admin.post(`/v1/boards/${board}/sessions/s`, { action: 'freeze', at: now - 100_000 });
  await admin.publish(board, [event('x', 50_000, 9), event('y', 40_000, 7)]);
  const reader = admin.as(await admin.token(board, ['read', 'history']));
  const points = async (client) => Object.fromEntries(Object.entries(await then(board, now, client)).map(([key, item]) => [key, item.points]));
  assert.deepEqual(await points(admin), { x: 9, y: 7 });
  assert.deepEqual(await points(reader), { x: 1 });
  await admin.post(`/v1/boards/${board}/sessions/s`, { action: 'reveal' });
  assert.deepEqual(await points(reader), { x: 9, y: 7 });
});

test('frames shorten the way back, outlive a restart, and an erase goes through them', { timeout: 240_000 }, async () => {
  const board = await admin.board('past-frames');
  const total = 120_000;
  let sent = 0;
  while (sent < total) {
    const events = Array.from({ length: 10_000 }, (_, i) => ({ key: `v${(sent + i) % 50}`, time: START + (sent + i) * 100, fields: { n: sent + i } }));
    await admin.publish(board, events);
    sent += events.length;
  }
  // Frames are made with checkpoints, which are due by bytes and rows of the log.
  const tick = (i) => admin.publish(board, [{ key: 'tick', time: START + total * 100 + i, fields: { n: i } }]);
  for (let i = 0; i < 1_010; i += 10) await Promise.all(Array.from({ length: 10 }, (_, n) => tick(i + n)));
  const ask = async (n) => then(board, START + n * 100);
  const check = async (n, without = []) => {
    const items = await ask(n);
    const wanted = Array.from({ length: 50 }, (_, k) => n - ((n - k) % 50)).map((last) => [`v${last % 50}`, last]);
    for (const [key, last] of wanted.filter(([key]) => !without.includes(key))) assert.equal(items[key]?.n, last, `${key} as of ${n}`);
    for (const key of without) assert.equal(items[key], undefined);
  };
  for (const n of [60, 59_999, 110_123]) await check(n);
  await server.kill9();
  await server.restart();
  for (const n of [60, 110_123]) await check(n);
  const erased = async () => (await admin.delete(`/v1/boards/${board}/items/v7?erase=true`)).body.state;
  for (let i = 0; i < 200 && (await erased()) !== 'done'; i++) await new Promise((done) => setTimeout(done, 50));
  for (const n of [60, 110_123]) await check(n, ['v7']);
  // Events of a minute are found without reading what is before them.
  const events = await admin.get(`/v1/boards/${board}/events?from=${START + 11_000_000}&to=${START + 11_000_500}`);
  assert.deepEqual(events.body.events.map((e) => e.fields.n), [110_000, 110_001, 110_002, 110_003, 110_004]);
});
