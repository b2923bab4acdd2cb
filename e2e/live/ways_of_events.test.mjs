// Requests with events come in by two ways: a direct one, for requests of which all is known, and a general one. A body
// of unknown length always goes the general way; the same body with its length goes the direct way once the isolate
// knows the board and the sender. Both must say and do the same.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const TIME = Date.now() - 60_000;
const json = (value) => Buffer.from(JSON.stringify(value));
const event = (key, more = {}) => ({ id: `i-${key}`, key, time: TIME, position: { lat: 30.26, lon: -97.74 }, ...more });
const many = (n) => json(Array.from({ length: n }, (_, i) => ({ key: `k${i % 10}`, time: TIME })));
const idempotent = { 'idempotency-key': 'once' };

/** Name, body, headers and sender of each request, in the order in which a board gets them. */
const REQUESTS = [
  ['one event', json(event('a')), {}],
  ['some events', json([event('b'), event('c', { fields: { n: 1, note: 'Zürich', gone: null } })]), {}],
  ['lines', Buffer.from(`${JSON.stringify(event('d'))}\n\n${JSON.stringify(event('e'))}\r\n`), { 'content-type': 'application/x-ndjson' }],
  ['lines of which one is none', Buffer.from('{"key":"f"\n{"key":"g","time":1}\n'), { 'content-type': 'application/jsonl' }],
  ['the same once more', json([event('a'), event('h')]), {}],
  ['some that are wrong', json([event('i'), event('j', { position: { lat: 91, lon: 0 } }), { time: TIME }, event('k', { colour: 1 })]), {}],
  ['parts that are no measurements', json([event('l', { position: { lat: 1, lon: 2, heading: 511, speed: -3 } })]), {}],
  ['none', json([]), {}],
  ['a text that begins with a mark', Buffer.from(`\ufeff${JSON.stringify(event('m'))}`), {}],
  ['no JSON', Buffer.from('[{"key":"n"},'), {}],
  ['another shape', json({ events: [] }), {}],
  ['no text', Buffer.from([0x5b, 0xff, 0x5d]), {}],
  ['nothing', Buffer.alloc(0), {}],
  ['as many as may come', many(10_000), {}],
  ['too many', many(10_001), {}],
  ['too large', Buffer.alloc(8 * 1024 * 1024 + 1, ' '), {}],
  ['a form', json(event('o')), { 'content-type': 'multipart/form-data' }],
  ['text', json(event('p')), { 'content-type': 'text/plain; charset=utf-8' }],
  ['packed', gzipSync(json(event('q'))), { 'content-encoding': 'gzip' }],
  ['said to be packed', json(event('r')), { 'content-encoding': 'gzip' }],
  ['packed as nobody can', json(event('s')), { 'content-encoding': 'br' }],
  ['with a key', json(event('t')), idempotent],
  ['with a key, once more', json(event('t')), idempotent],
  ['with a key, for something else', json(event('u')), idempotent],
  ['with a key that is none', json(event('v')), { 'idempotency-key': 'x'.repeat(300) }],
  ['from nobody', json(event('w')), {}, 'nobody'],
  ['with a key that nobody has', json(event('w')), {}, 'stranger'],
  ['with what is no credential', json(event('w')), { authorization: 'Basic YTpi' }, 'nobody'],
  ['from a reader', json(event('w')), {}, 'reader'],
  ['from somebody with one key', json([event('own'), event('other'), event('own-2')]), {}, 'one'],
];

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** Without what differs by nature: a board's name, and the number of its life in cursors. */
const nameless = (value) => JSON.parse(JSON.stringify(value).replaceAll(/\be\d+:/g, 'e:').replaceAll(/\b(direct|general)\b/g, 'board'));

/** What was said, without what differs by nature. */
function said({ status, headers, body }) {
  const left = Object.fromEntries(headers);
  for (const name of ['date', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'heliograph-trace']) delete left[name];
  return { status, headers: left, body };
}

/** Sends all requests to a board; what was said to each. */
async function sendAll(board, withLength) {
  const clients = {
    admin,
    nobody: admin.as(null),
    stranger: admin.as('hk_0123456789abcdef0123456789abcdef'),
    reader: admin.as(await admin.token(board, ['read'])),
    one: admin.as(await admin.token(board, ['publish'], { keys: ['own'] })),
  };
  const answers = [];
  for (const [name, body, headers, who = 'admin'] of REQUESTS) {
    const all = { 'content-type': 'application/json', ...headers, ...(withLength ? { 'content-length': body.length } : {}) };
    // Two pieces, so that the length is not known from the first.
    const pieces = withLength ? [body] : [body.subarray(0, 1), body.subarray(1)].filter((piece) => piece.length > 0);
    const path = `/v1/boards/${board}/events`;
    answers.push([name, said(await clients[who].raw('POST', path, all, pieces))]);
  }
  return answers;
}

/** Everything that a board has of what it was sent. */
async function kept(board) {
  const events = await admin.get(`/v1/boards/${board}/events?limit=10000`);
  assert.equal(events.status, 200, JSON.stringify(events.body));
  const letters = await admin.get(`/v1/boards/${board}/dead-letters?limit=1000`);
  assert.equal(letters.status, 200, JSON.stringify(letters.body));
  const own = ({ id, time, ...letter }) => letter;
  return { items: await admin.items(board), events: events.body, letters: letters.body.dead_letters.map(own) };
}

test('both ways of events answer the same and keep the same', async () => {
  for (const board of ['direct', 'general']) await admin.board(board);
  // The isolate gets to know both boards and the sender.
  for (const board of ['direct', 'general']) await admin.publish(board, event('first'));
  const direct = await sendAll('direct', true);
  const general = await sendAll('general', false);
  for (const [i, [name, answer]] of direct.entries()) {
    assert.deepEqual(nameless(general[i][1]), nameless(answer), name);
  }
  const statuses = direct.map(([, { status }]) => status);
  for (const status of [200, 400, 401, 403, 413, 415, 422]) assert.ok(statuses.includes(status), `${status} in ${statuses}`);
  const [a, b] = [await kept('direct'), await kept('general')];
  assert.ok(a.items.items.size > 20 && a.letters.length > 3, `${a.items.items.size} items, ${a.letters.length} letters`);
  assert.deepEqual(nameless([[...b.items.items], b.items.cursor, b.events, b.letters]), nameless([[...a.items.items], a.items.cursor, a.events, a.letters]));
});

test('both ways refuse what is sent to a board that there is not', async () => {
  const body = json(event('a'));
  const [path, headers] = ['/v1/boards/nowhere/events', { 'content-type': 'application/json' }];
  const direct = await admin.raw('POST', path, { ...headers, 'content-length': body.length }, [body]);
  const general = await admin.raw('POST', path, headers, [body.subarray(0, 1), body.subarray(1)]);
  assert.deepEqual(said(general), said(direct));
  assert.equal(direct.body.code, 'board_not_found');
});
