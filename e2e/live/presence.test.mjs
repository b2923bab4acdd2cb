// Who is there: counted over several relays of a real workerd by what connections say, told once a second, and by name only where
// the config and the right allow it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { BINARY_FEED, Feed, JSON_FEED } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

/** Relays have so few viewers that a handful needs several. */
const PER_RELAY = 2;
/** A connection that ends is counted for so long, and everything is told within a few seconds. */
const GRACE_MS = 5_000;

let server;
let admin;

before(async () => {
  server = await startServer({ env: { HELIOGRAPH_VIEWERS_PER_RELAY: String(PER_RELAY) } });
  admin = new Client(server);
});
after(() => server?.stop());

/** Follows presence; `last()` is the copy that the messages make. */
async function follow(board, options = {}) {
  const feed = await Feed.open(server, board, options);
  feed.send({ action: 'subscribe', id: 9, what: 'presence' });
  const copy = () => {
    let there = null;
    for (const m of feed.messages.filter(({ type, id }) => type === 'presence' && id === 9)) {
      if (m.snapshot) there = { count: m.count, members: m.members && new Map(m.members.map((one) => [one.id, one])) };
      else {
        assert.equal(there.count + m.joined - m.left, m.count, 'who joined and left makes the count');
        there.count = m.count;
        for (const id of m.gone ?? []) assert.ok(there.members.delete(id), `${id} was there`);
        for (const one of m.members ?? []) there.members.set(one.id, one);
      }
    }
    return there;
  };
  return { feed, copy, count: (n, what = `${n} are there`) => eventually(() => copy()?.count === n, () => `${what}: ${JSON.stringify(feed.messages.slice(-4))}`, 20_000) };
}

/** A viewer that acknowledges its greeting, as one that reads. */
async function viewer(board, options = {}) {
  const feed = await Feed.open(server, board, options);
  const { cursor } = await feed.message((m) => m.type === 'status', 'a greeting');
  feed.send({ action: 'ack', cursor });
  return feed;
}

const refused = (feed, start = 0) => feed.message((m) => m.type === 'error' && m.id === 9, 'a refusal', { start });

test('p1 a board that does not tell says so and names its config, and tells once the config lets it', async () => {
  const board = await admin.board('untold');
  const { feed } = await follow(board);
  const { code, message } = await refused(feed);
  assert.equal(code, 'presence_off');
  assert.match(message, /"presence"/);
  const config = { title: board, visibility: 'public', presence: { who: 'count' } };
  assert.equal((await admin.put(`/v1/boards/${board}`, config)).status, 200);
  assert.deepEqual((await admin.as(null).get(`/v1/boards/${board}`)).body.presence, { who: 'count' }, 'readers know');
  const { feed: other, count } = await follow(board);
  // The first one counts as well: it has said something.
  await count(2);
  const start = other.messages.length;
  const { presence, ...off } = config;
  assert.deepEqual(presence, { who: 'count' });
  assert.equal((await admin.put(`/v1/boards/${board}`, off)).status, 200);
  assert.equal((await refused(other, start)).code, 'presence_off');
  for (const wrong of [{ who: 'everybody' }, {}, 'count', { who: 'count', since: true }]) {
    assert.equal((await admin.put(`/v1/boards/${board}`, { ...config, presence: wrong })).status, 422, JSON.stringify(wrong));
  }
});

test('p2 connections of all relays count once they said something, and a reconnect is neither a coming nor a leaving', async () => {
  const board = await admin.board('crowd', { presence: { who: 'count' } });
  const { feed, copy, count } = await follow(board);
  await count(1);
  const silent = await Feed.open(server, board);
  const others = [];
  for (let i = 0; i < 5; i += 1) others.push(await viewer(board, i % 2 ? {} : { protocols: [JSON_FEED] }));
  await count(6);
  silent.send({ action: 'subscribe', id: 1 });
  await count(7);
  assert.ok(others.length + 2 > 2 * PER_RELAY, 'on more than two relays');
  assert.equal(copy().members, undefined);
  // All on the follower's own relay and elsewhere break off, and one comes back at once.
  const before = feed.messages.length;
  others[4].drop();
  others[4] = await viewer(board);
  await sleep(GRACE_MS + 4_000);
  const moved = feed.messages.slice(before).filter((m) => m.type === 'presence');
  assert.equal(copy().count, 7, JSON.stringify(moved));
  const presence = feed.messages.filter((m) => m.type === 'presence');
  assert.ok(presence.length <= 20, `told merged, not one by one: ${presence.length}`);
  // Another follower, on another relay or not, is told the same at once.
  const late = await follow(board);
  await late.count(8);
  await count(8);
});

test('p3 names are shown to those with the right, of their credentials, and nobody else', async () => {
  const board = await admin.board('named', { presence: { who: 'names' }, visibility: 'private' });
  const mint = async (sub, operations, keys = ['*']) => {
    const { status, body } = await admin.post('/v1/tokens', { grants: [{ board, operations, keys }], ...(sub && { sub }) });
    assert.equal(status, 200, JSON.stringify(body));
    return body.token;
  };
  const alice = await mint('alice', ['read']);
  const open = [await viewer(board, { token: alice }), await viewer(board, { token: alice }), await viewer(board, { token: await mint('bob', ['read']) })];
  const sees = await follow(board, { token: await mint('carol', ['read', 'presence'], ['v*']) });
  await sees.count(4);
  const names = () => [...sees.copy().members.values()].map(({ name, connections }) => `${name} ${connections}`).sort();
  assert.deepEqual(names(), ['alice 2', 'bob 1', 'carol 1']);
  const counts = await follow(board, { token: alice });
  await counts.count(5);
  assert.equal(counts.copy().members, undefined);
  assert.doesNotMatch(JSON.stringify(counts.feed.messages), /bob|carol/);
  const manager = await follow(board, { credential: server.adminKey });
  await manager.count(6);
  assert.equal(manager.copy().members.size, 3, 'the administrator has no name');
  const { feed: part } = await follow(board, { token: await mint('dan', ['read'], ['v*']) });
  assert.equal((await refused(part)).code, 'forbidden');
  open[2].drop();
  await eventually(() => !names().some((name) => name.startsWith('bob')), () => `bob has gone: ${names()}`, 20_000);
  // A name is of the credential, not of what somebody says.
  part.send({ action: 'subscribe', id: 2, what: 'presence', name: 'alice' });
  await part.message((m) => m.type === 'error' && m.code === 'invalid_message', 'a refusal');
});

test('p4 it comes in binary, as a stream of events and by long polling, too', async (t) => {
  // With relays of the usual size: a poll that ends keeps a seat at its own relay, and may come back at another.
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('ways', { presence: { who: 'count' } });
  const binary = await Feed.open(server, board, { protocols: [BINARY_FEED] });
  // Version, subscribe, number 9, at any pace, presence, nothing more.
  binary.send(Buffer.from([1, 1, 9, 0, 4, 0]));
  const { bytes } = await binary.message((m) => m.type === 'binary' && m.bytes[1] === 10, 'presence');
  assert.deepEqual([[...bytes.subarray(0, 3)], [...bytes.subarray(-2)]], [[1, 10, 9], [1, 1]], 'number 9, everything, one');
  const at = `${server.url}/v1/boards/${board}/feed?what=presence`;
  const ask = async (more = '') => (await fetch(at + more, { headers: { accept: 'application/json' } })).json();
  const first = await ask();
  const [told] = first.messages;
  assert.deepEqual([told.type, told.snapshot, told.state], ['presence', true, first.id]);
  const stream = await fetch(at, { headers: { accept: 'text/event-stream' } });
  let text = '';
  for await (const chunk of stream.body) {
    text += Buffer.from(chunk).toString();
    if (text.includes('event: presence')) break;
  }
  assert.match(text, /event: presence\ndata: \{[^\n]*"snapshot":true/);
  const wrong = await fetch(`${at}&keys=a`, { headers: { accept: 'application/json' } });
  assert.deepEqual([wrong.status, (await wrong.json()).errors?.[0]?.code], [400, 'invalid_filter']);
  binary.drop();
});

test('p5 after a restart of the server those who come back are counted, and nobody who did not', async () => {
  const board = await admin.board('again', { presence: { who: 'count' } });
  const gone = await viewer(board);
  const first = await follow(board);
  await first.count(2);
  await server.kill9();
  await server.restart();
  await eventually(() => gone.closed !== null && first.feed.closed !== null, 'their connections broke off', 20_000);
  const second = await follow(board);
  await second.count(1);
  await viewer(board);
  await second.count(2);
});
