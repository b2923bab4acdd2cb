// What a viewer may say wrong: each answer has a stable code and names the field, and no viewer harms another.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { BINARY_FEED, Feed, assertSame } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

const BOARD = 'fleet';
const BYE = { code: 4500, reason: 'protocol', reconnect: false, type: 'bye' };

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board(BOARD);
  await admin.publish(BOARD, [{ key: 'a' }, { key: 'b' }]);
});
after(() => server?.stop());

/** Sends something wrong and checks the answer: its code, and that its sentence names the field. */
async function refused(feed, message, code, names, more = {}) {
  const start = feed.messages.length;
  feed.send(message);
  const answer = await feed.message((m) => m.type === 'error', `refusal of ${String(JSON.stringify(message)).slice(0, 200)}`, { start });
  assert.equal(answer.code, code, JSON.stringify(answer));
  assert.match(answer.message, names, JSON.stringify(answer));
  for (const [name, value] of Object.entries(more)) assert.equal(answer[name], value, JSON.stringify(answer));
}

const subscribe = (more) => ({ action: 'subscribe', id: 1, ...more });
const about = { id: 1, action: 'subscribe' };

test('a subscription that asks for something impossible is refused by the name of its field', async () => {
  const feed = await Feed.open(server, BOARD);
  await refused(feed, { action: 'subscribe', what: 'items' }, 'missing', /\bid\b/, { action: 'subscribe' });
  await refused(feed, subscribe({ what: 'everything' }), 'invalid_what', /\bwhat\b/, about);
  await refused(feed, subscribe({ keys: ['a'], bbox: [0, 0, 1, 1] }), 'invalid_filter', /keys and bbox/, about);
  await refused(feed, subscribe({ bbox: [0, 2, 1, 1] }), 'invalid_bbox', /\bbbox\b/, about);
  await refused(feed, subscribe({ every_ms: 60_001 }), 'out_of_range', /\bevery_ms\b/, about);
  await refused(feed, subscribe({ resume: '1042' }), 'invalid_cursor', /\bresume\b/, about);
  await refused(feed, subscribe({ keys: ['a', ''] }), 'invalid_key', /keys\[1\]/, about);
  await refused(feed, subscribe({ keys: ['a', 'k'.repeat(129)] }), 'invalid_key', /keys\[1\]/, about);
  await refused(feed, { action: 'ack' }, 'missing', /\bcursor\b/, { action: 'ack' });
  await refused(feed, { action: 'ack', cursor: 'x' }, 'invalid_cursor', /\bcursor\b/, { action: 'ack' });
  await refused(feed, { action: 'token' }, 'missing', /\btoken\b/, { action: 'token' });
  await refused(feed, { action: 'publish', id: 3 }, 'missing', /\bevent\b/, { action: 'publish', id: 3 });
  await refused(feed, { action: 'dance', id: 9 }, 'unknown_action', /dance/, { action: 'dance', id: 9 });
  assert.equal(feed.closed, null);
  assert.equal((await feed.subscribe(1)).items.length, 2);
  feed.drop();
});

test('10,000 keys in a subscription are refused with the limit, and 1,000 are followed', async () => {
  const feed = await Feed.open(server, BOARD);
  const keys = Array.from({ length: 10_000 }, (_, i) => `k${i}`);
  await refused(feed, subscribe({ keys }), 'too_many_keys', /keys has 10000 .*1000/, about);
  await feed.subscribe(1, { keys: [...keys.slice(0, 999), 'a'] });
  assert.deepEqual([...feed.replica(1).items.keys()], ['a']);
  feed.drop();
});

test('a message that is no JSON, has a wrong type or an unknown field is refused, and the sentence names the field', async () => {
  const feed = await Feed.open(server, BOARD);
  await refused(feed, 'hello', 'invalid_message', /not understood/);
  await refused(feed, '{"action":"subscribe"', 'invalid_message', /not understood/);
  await refused(feed, '[1]', 'invalid_message', /not understood/);
  await refused(feed, subscribe({ colour: 'red' }), 'invalid_message', /colour/);
  await refused(feed, { id: 1 }, 'invalid_message', /action/);
  const wrong = [['id', 'one'], ['id', -1], ['id', 2 ** 40], ['keys', 'a'], ['keys', [1]], ['bbox', [1, 2, 3]], ['every_ms', 'slow'], ['resume', 7]];
  for (const [field, value] of wrong) {
    await refused(feed, { action: 'subscribe', id: 1, [field]: value }, 'invalid_message', new RegExp(`\\b${field}\\b`));
  }
  feed.drop();
});

test('a message over the limit is refused, one of 20 MB ends its connection, and others are served meanwhile', async () => {
  const feed = await Feed.open(server, BOARD);
  const other = await Feed.open(server, BOARD);
  await other.subscribe(1);
  await refused(feed, `{"action":"${'x'.repeat(170_000)}"}`, 'message_too_large', /bytes/);
  await refused(feed, Buffer.alloc(170_000, 1), 'message_too_large', /bytes/);
  feed.send('x'.repeat(20_000_000));
  await feed.message((m) => m.type === 'bye' && m.code === BYE.code, 'bye');
  assert.equal(await feed.end(), BYE.code);
  const { cursor } = await admin.publish(BOARD, { key: 'a', fields: { after: 'the flood' } });
  await other.reach(1, cursor);
  assertSame(other.replica(1), (await admin.items(BOARD)).items);
  other.drop();
  feed.drop();
});

test('malformed binary messages are refused in the mode of the connection', async () => {
  const malformed = [[], [0], [9, 1], [1, 99], [1, 1], [1, 1, 1, 0, 1, 255, 255, 255, 255, 15], [1, 4, 200, 1, 65], [1, 2, 1, 0]];
  const json = await Feed.open(server, BOARD);
  for (const bytes of malformed) await refused(json, Buffer.from(bytes), 'invalid_message', /./);
  assert.equal((await json.subscribe(1)).items.length, 2);
  json.drop();
  const binary = await Feed.open(server, BOARD, { protocols: [BINARY_FEED] });
  for (const bytes of malformed) {
    const start = binary.messages.length;
    binary.send(Buffer.from(bytes));
    // Version 1, type 6: an error.
    const answer = await binary.message((m) => m.type === 'binary' && m.bytes[1] === 6, `refusal of ${bytes}`, { start });
    assert.equal(answer.bytes[0], 1);
    assert.ok(answer.bytes.includes('invalid_message'));
  }
  assert.equal(binary.closed, null);
  binary.drop();
});

test('a connection has 16 subscriptions; the 17th is refused and the others go on', async () => {
  const feed = await Feed.open(server, BOARD);
  for (let id = 1; id <= 16; id += 1) await feed.subscribe(id, { keys: ['a'] });
  await refused(feed, { action: 'subscribe', id: 17 }, 'too_many_subscriptions', /16 subscriptions/, { id: 17, action: 'subscribe' });
  // One that is there can still be changed.
  await feed.subscribe(16, { keys: ['b'] });
  feed.send({ action: 'unsubscribe', id: 16 });
  await feed.subscribe(17, { keys: ['a'] });
  const { cursor } = await admin.publish(BOARD, { key: 'a', fields: { n: 17 } });
  await feed.reach(1, cursor);
  await feed.reach(17, cursor);
  feed.drop();
});

test('after more than 20 messages that are not the protocol the connection is closed for good, and only that one', async () => {
  const other = await Feed.open(server, BOARD);
  await other.subscribe(1);
  const feed = await Feed.open(server, BOARD);
  for (let i = 0; i < 21; i += 1) feed.send(`nonsense ${i}`);
  assert.equal(await feed.end(), 4500);
  assert.equal(feed.messages.filter((m) => m.type === 'error').length, 21);
  assert.deepEqual(feed.messages.at(-1), BYE);
  const { cursor } = await admin.publish(BOARD, { key: 'b', fields: { n: 1 } });
  await other.reach(1, cursor);
  assert.equal(other.closed, null);
  other.drop();
});

test('one who keeps within 20 bad messages is served', async () => {
  const feed = await Feed.open(server, BOARD);
  for (let i = 0; i < 20; i += 1) feed.send('nonsense');
  await eventually(() => feed.messages.filter((m) => m.type === 'error').length === 20, '20 refusals');
  await feed.subscribe(1);
  assert.equal(feed.closed, null);
  feed.drop();
});

test('an event that is wrong is refused in the answer, by its field, and the feed goes on', async () => {
  const token = await admin.token(BOARD, ['read', 'publish']);
  const feed = await Feed.open(server, BOARD, { token });
  const publish = async (id, event) => {
    feed.send({ action: 'publish', id, event });
    return (await feed.message((m) => m.type === 'published' && m.id === id, `answer to publish ${id}`)).answer;
  };
  const wrong = await publish(1, { key: 'a', position: { lat: 'x', lon: 0 } });
  assert.deepEqual([wrong.refused, wrong.results[0].field], [1, 'position.lat']);
  const array = await publish(2, [{ key: 'a' }, { key: 7.5 }]);
  assert.deepEqual([array.accepted, array.refused], [1, 1]);
  const number = await publish(3, 7);
  assert.equal(number.accepted ?? 0, 0);
  assert.equal(number.code ?? number.results[0].code, 'invalid_json', JSON.stringify(number));
  await refused(feed, { action: 'publish', id: 4, event: null }, 'missing', /\bevent\b/, { id: 4, action: 'publish' });
  assert.equal(feed.closed, null);
  feed.drop();
});
