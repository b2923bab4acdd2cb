// The feed for simple clients: wscat and a key in the query. Each change of that item arrives as its JSON, nothing else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Feed, refusal } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';
import { Wscat } from './support/wscat.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const feed = (board, query) => `/v1/boards/${board}/feed?${query}`;

/** Waits until a board's relay has so many viewers: wscat says nothing when it is connected. */
async function viewers(board, count, credential) {
  await eventually(async () => {
    const probe = await Feed.open(server, board, { credential });
    const status = await probe.message((m) => m.type === 'status', 'the greeting');
    await probe.close();
    return status.viewers === count + 1;
  }, `${count} viewers of ${board}`);
}

/** Publishes changes of two items and answers what became of one of them after each event. */
async function change(board, key, other) {
  const seen = [];
  for (const n of [1, 2]) {
    await admin.publish(board, [{ key: other, fields: { n } }, { key, position: { lat: 30 + n, lon: -97, heading: 90 }, fields: { n } }]);
    seen.push((await admin.items(board)).items.get(key));
  }
  return seen;
}

for (const [query, config] of [['realTimeItemKey', {}], ['vehicleId', { key_name: 'vehicleId' }]]) {
  test(`wscat with ?${query}= gets each change of that item as its JSON and nothing else`, async () => {
    const board = await admin.board(`plain-${query.toLowerCase()}`, config);
    const cat = new Wscat(server, feed(board, `${query}=3`));
    const silent = new Wscat(server, feed(board, `${query}=4`));
    await viewers(board, 2);
    const seen = await change(board, '3', '33');
    await cat.count(2);
    assert.deepEqual(cat.messages, seen);
    // Three quick events in one request are three changes, in their order.
    await admin.publish(board, [5, 6, 7].map((n) => ({ key: '3', fields: { n } })));
    await cat.count(5);
    assert.deepEqual(cat.messages.slice(2).map((item) => item.fields.n), [5, 6, 7]);
    assert.ok(cat.messages.every((item) => item.key === '3' && item.position && item.seq));
    // A viewer of another key has heard nothing; its first message is the first change of its own item.
    await admin.publish(board, { key: '4', fields: { mine: true } });
    await silent.count(1);
    assert.deepEqual(silent.messages.map((item) => item.key), ['4']);
    cat.stop();
    silent.stop();
  });
}

test('wscat on a private board works with an Authorization header, and without one is refused', async () => {
  const board = await admin.board('plain-private', { visibility: 'private', key_name: 'vehicleId' });
  const token = await admin.token(board, ['read'], { keys: ['7'] });
  const cat = new Wscat(server, feed(board, 'vehicleId=7'), ['-H', `Authorization: Bearer ${token}`]);
  await viewers(board, 1, server.adminKey);
  await admin.publish(board, [{ key: '8' }, { key: '7', fields: { n: 1 } }]);
  await cat.count(1);
  assert.deepEqual(cat.messages.map((item) => [item.key, item.fields]), [['7', { n: 1 }]]);
  cat.stop();
  const nobody = new Wscat(server, feed(board, 'vehicleId=7'));
  await eventually(() => nobody.ended !== null || nobody.errors !== '', 'wscat without a token ends');
  assert.match(nobody.errors, /401/);
  nobody.stop();
  const problem = await refusal(server, board, { protocols: [], query: '?vehicleId=8', headers: { authorization: `Bearer ${token}` } });
  assertProblem(problem, 401, 'forbidden');
});

test('a key in the query is percent-decoded, and one that can be no key is refused', async () => {
  const board = await admin.board('plain-odd');
  const key = 'Bus 7/é&=?';
  const cat = new Wscat(server, feed(board, `realTimeItemKey=${encodeURIComponent(key)}`));
  await viewers(board, 1);
  await admin.publish(board, { key, fields: { n: 1 } });
  await cat.count(1);
  assert.equal(cat.messages[0].key, key);
  cat.stop();
  assertProblem(await refusal(server, board, { protocols: [], query: '?realTimeItemKey=' }), 400, 'invalid_key');
  assertProblem(await refusal(server, board, { protocols: [], query: `?realTimeItemKey=${'k'.repeat(129)}` }), 400, 'invalid_key');
});

test('several keys in the query are followed, a comma of a key is %2C, and one that may not be read refuses all', async () => {
  const board = await admin.board('plain-several', { key_name: 'vehicleId' });
  const cat = new Wscat(server, feed(board, 'vehicleId=3,a%2Cb&vehicleId=5'));
  await viewers(board, 1);
  await admin.publish(board, ['a', '3', 'b', 'a,b', '4', '5'].map((key) => ({ key })));
  await cat.count(3);
  assert.deepEqual(cat.messages.map((item) => item.key), ['3', 'a,b', '5']);
  cat.stop();
  const keys = Array.from({ length: 51 }, (_, n) => n);
  assertProblem(await refusal(server, board, { protocols: [], query: `?vehicleId=${keys}` }), 400, 'too_many_keys');
  const own = await admin.board('plain-own', { visibility: 'private' });
  const token = await admin.token(own, ['read'], { keys: ['7', '8'] });
  const headers = { authorization: `Bearer ${token}` };
  assertProblem(await refusal(server, own, { protocols: [], query: '?key=7,9', headers }), 401, 'forbidden');
  const viewer = await Feed.open(server, own, { protocols: [], query: '?key=7,8', headers });
  await admin.publish(own, [{ key: '9' }, { key: '8' }, { key: '7' }]);
  await eventually(() => viewer.messages.length >= 2, 'both');
  assert.deepEqual(viewer.messages.map((m) => m.key), ['8', '7']);
  viewer.drop();
});

// The client refuses an echo that is not what it offered, as browsers do.
test('a bare token is taken as the only subprotocol and echoed, in plain and in JSON mode', async () => {
  const board = await admin.board('plain-token', { visibility: 'private' });
  const token = await admin.token(board, ['read'], { keys: ['7'] });
  const plain = await Feed.open(server, board, { protocols: [token], query: '?key=7' });
  assert.equal(plain.protocol, token);
  await admin.publish(board, { key: '7', fields: { n: 1 } });
  await eventually(() => plain.messages.length === 1, 'the change');
  const json = await Feed.open(server, board, { protocols: [token] });
  assert.equal(json.protocol, token);
  await json.message((m) => m.type === 'status', 'the greeting');
  for (const feed of [plain, json]) feed.drop();
  const wrong = `${token.slice(0, -4)}AAAA`;
  assertProblem(await refusal(server, board, { protocols: [wrong], query: '?key=7' }), 401, 'token_invalid');
  assertProblem(await refusal(server, board, { protocols: ['heliograph.v9.bin'], query: '', headers: { authorization: `Bearer ${token}` } }), 400, 'unknown_subprotocol');
});

test("another board's key name is no key: without a known one the feed speaks JSON", async () => {
  const board = await admin.board('plain-none', { key_name: 'player' });
  const viewer = await Feed.open(server, board, { protocols: [], query: '?vehicleId=3' });
  await viewer.message((m) => m.type === 'status', 'the greeting of the JSON feed');
  viewer.drop();
});

test('a plain viewer is not told of late events, which change nothing', async () => {
  const board = await admin.board('plain-late');
  const viewer = await Feed.open(server, board, { protocols: [], query: '?key=a' });
  const time = Date.now() - 60_000;
  await admin.publish(board, [[0, 1], [-1, 0], [0, 2]].map(([by, n]) => ({ key: 'a', time: time + by, fields: { n } })));
  await eventually(() => viewer.messages.length >= 2, 'two changes');
  assert.deepEqual(viewer.messages.map((m) => m.fields.n), [1, 2]);
  viewer.drop();
});

test('a plain feed with conditions tells of what meets them, and once of what ceases to', async () => {
  const board = await admin.board('plain-where', { key_name: 'vehicleId' });
  const cat = new Wscat(server, feed(board, 'vehicleId=3,4&where=fuel:lt:0.3'));
  await viewers(board, 1);
  for (const fuel of [0.2, 0.9, 0.8, 0.1]) await admin.publish(board, { key: '3', fields: { fuel } });
  await admin.publish(board, [{ key: '4', fields: { fuel: 1 } }, { key: '4', fields: { fuel: 0 } }]);
  await cat.count(4);
  assert.deepEqual(cat.messages.map(({ key, fields, removed }) => [key, removed ?? fields.fuel]), [['3', 0.2], ['3', true], ['3', 0.1], ['4', 0]]);
  cat.stop();
  assertProblem(await refusal(server, board, { protocols: [], query: '?vehicleId=3&where=fuel' }), 400, 'invalid_filter', 'where');
  const token = await admin.mint([{ board, operations: ['read'], conditions: { hidden_fields: ['fuel'] } }]);
  const hidden = await refusal(server, board, { protocols: [], query: '?vehicleId=3&where=fuel:lt:1', headers: { authorization: `Bearer ${token}` } });
  assertProblem(hidden, 403, 'hidden_field', 'where');
});
