// What a viewer is told: snapshot, changes, boxes, keys, pace, and going on after a disconnect.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, epoch, seq } from './support/client.mjs';
import { BINARY_FEED, Feed, assertSame } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const at = (lat, lon) => ({ lat, lon });
const deltas = (feed, id) => feed.messages.filter((m) => m.type === 'delta' && m.id === id);

test('a viewer is greeted with the status, and every subscribe is answered, on an empty board too', async () => {
  const board = await admin.board('empty');
  const feed = await Feed.open(server, board);
  const status = await feed.message((m) => m.type === 'status', 'the greeting');
  assert.equal(status.viewers, 1);
  assert.ok(Math.abs(status.time - Date.now()) < 60_000);
  assert.equal(seq(status.cursor), 0);
  const snapshot = await feed.subscribe(1);
  assert.deepEqual([snapshot.items, snapshot.cursor], [[], status.cursor]);
  const second = await Feed.open(server, board);
  assert.equal((await second.message((m) => m.type === 'status', 'the greeting')).viewers, 2);
  feed.drop();
  second.drop();
});

test('ping is answered by pong', async () => {
  const feed = await Feed.open(server, await admin.board('ping'));
  feed.send('ping');
  await eventually(() => feed.texts.includes('pong'), 'a pong');
  feed.drop();
});

test('the binary feed speaks version 1: a status, then a snapshot, in binary messages only', async () => {
  const board = await admin.board('binary');
  await admin.publish(board, { key: 'a-key-in-clear', position: at(1, 2) });
  const feed = await Feed.open(server, board, { protocols: [BINARY_FEED] });
  feed.send({ action: 'subscribe', id: 1, what: 'items' });
  const snapshot = await feed.message((m) => m.type === 'binary' && m.bytes[1] === 1, 'a snapshot');
  assert.ok(snapshot.bytes.includes('a-key-in-clear'));
  assert.ok(feed.messages.every((m) => m.type === 'binary' && m.bytes[0] === 1));
  assert.equal(feed.messages[0].bytes[1], 5);
  feed.drop();
});

test('after the snapshot come deltas with only what changed, and the copy equals what REST says', async () => {
  const board = await admin.board('deltas');
  await admin.publish(board, [{ key: 'a', position: at(1, 2), fields: { n: 1, name: 'A' } }, { key: 'b', fields: { n: 1 } }]);
  const feed = await Feed.open(server, board);
  const snapshot = await feed.subscribe(1);
  assert.equal(snapshot.items.length, 2);
  await feed.reach(1, (await admin.publish(board, { key: 'a', fields: { n: 2, name: 'A' } })).cursor);
  const [first] = deltas(feed, 1);
  assert.equal(first.from, snapshot.cursor);
  assert.equal(first.items.length, 1);
  const { time, ...rest } = first.items[0];
  assert.ok(Number.isInteger(time));
  assert.deepEqual(rest, { key: 'a', seq: 3, fields: { n: 2 } });
  await feed.reach(1, (await admin.publish(board, { key: 'a', position: at(1, 3), fields: { name: null } })).cursor);
  const second = deltas(feed, 1)[1].items[0];
  assert.deepEqual([second.position, second.fields], [at(1, 3), { name: null }]);
  await feed.reach(1, (await admin.publish(board, [{ key: 'c', position: at(5, 5), fields: { n: 3 } }])).cursor);
  assertSame(feed.replica(1), (await admin.items(board)).items);
  assert.equal(feed.hole, undefined);
  feed.drop();
});

test('an item that leaves a box is removed, one that enters comes whole, others are never told', async () => {
  const board = await admin.board('box');
  await admin.publish(board, [
    { key: 'in', position: at(30.5, -97.5), fields: { n: 1 } },
    { key: 'out', position: at(40, -97.5), fields: { n: 1 } },
    { key: 'nowhere', fields: { n: 1 } },
  ]);
  const feed = await Feed.open(server, board);
  const snapshot = await feed.subscribe(1, { bbox: [-98, 30, -97, 31], zoom: 9 });
  assert.deepEqual(snapshot.items.map((i) => i.key), ['in']);
  await admin.publish(board, { key: 'nowhere', fields: { n: 2 } });
  await feed.reach(1, (await admin.publish(board, { key: 'in', position: at(31.5, -97.5) })).cursor);
  assert.deepEqual(deltas(feed, 1).at(-1).removed, ['in']);
  assert.equal(feed.replica(1).items.size, 0);
  await feed.reach(1, (await admin.publish(board, { key: 'out', position: at(30.2, -97.2) })).cursor);
  const { items } = await admin.items(board);
  assertSame(feed.replica(1), new Map([['out', items.get('out')]]));
  assert.ok(!JSON.stringify(feed.messages).includes('nowhere'));
  feed.drop();
});

test('a viewer of some keys hears nothing of others, and of a key that appears later from its first event on', async () => {
  const board = await admin.board('keys');
  await admin.publish(board, [{ key: 'a' }, { key: 'b' }]);
  const feed = await Feed.open(server, board);
  await feed.subscribe(1, { keys: ['a', 'later'] });
  for (let n = 0; n < 5; n += 1) await admin.publish(board, [{ key: 'b', fields: { n } }, { key: `other${n}` }]);
  await feed.reach(1, (await admin.publish(board, { key: 'later', fields: { n: 1 } })).cursor);
  await feed.reach(1, (await admin.publish(board, { key: 'a', fields: { n: 1 } })).cursor);
  const { items } = await admin.items(board);
  assertSame(feed.replica(1), new Map([['a', items.get('a')], ['later', items.get('later')]]));
  assert.equal(deltas(feed, 1).length, 2);
  assert.ok(!/"b"|other/.test(JSON.stringify(feed.messages)));
  feed.drop();
});

test('a subscription may ask for a pace: it gets fewer frames and ends with the same state', async () => {
  const board = await admin.board('pace', { tick_ms: 50 });
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  await feed.subscribe(2, { every_ms: 1_000 });
  const start = Date.now();
  let cursor;
  for (let n = 0; Date.now() - start < 2_600; n += 1) {
    ({ cursor } = await admin.publish(board, { key: 'a', fields: { n } }));
    await sleep(40);
  }
  await feed.reach(1, cursor);
  await feed.reach(2, cursor);
  const most = Math.floor((Date.now() - start) / 1_000) + 1;
  assert.ok(deltas(feed, 2).length <= most, `${deltas(feed, 2).length} frames, at most ${most}`);
  assert.ok(deltas(feed, 2).length >= 2);
  assert.ok(deltas(feed, 1).length > 2 * deltas(feed, 2).length, `${deltas(feed, 1).length} frames without a pace`);
  assertSame(feed.replica(2), (await admin.items(board)).items);
  feed.drop();
});

test('a subscription can be changed while it runs and ended, without touching the others', async () => {
  const board = await admin.board('change');
  await admin.publish(board, [{ key: 'a' }, { key: 'b' }]);
  const feed = await Feed.open(server, board);
  await feed.subscribe(1, { keys: ['a'] });
  await feed.subscribe(2);
  await feed.subscribe(1, { keys: ['b'] });
  await feed.reach(2, (await admin.publish(board, { key: 'a', fields: { n: 1 } })).cursor);
  await feed.reach(1, (await admin.publish(board, { key: 'b', fields: { n: 1 } })).cursor);
  assert.deepEqual([...feed.replica(1).items.keys()], ['b']);
  feed.send({ action: 'unsubscribe', id: 1 });
  feed.send('ping');
  await eventually(() => feed.texts.length === 1, 'a pong');
  const before = deltas(feed, 1).length;
  const { cursor } = await admin.publish(board, { key: 'b', fields: { n: 2 } });
  await feed.reach(2, cursor);
  await feed.reach(2, (await admin.publish(board, { key: 'a', fields: { n: 2 } })).cursor);
  assert.equal(deltas(feed, 1).length, before);
  assertSame(feed.replica(2), (await admin.items(board)).items);
  feed.drop();
});

test('a snapshot of more than 10,000 items comes in parts', async () => {
  const board = await admin.board('parts');
  for (const part of [0, 1]) {
    await admin.publish(board, Array.from({ length: 6_000 }, (_, i) => ({ key: `k${part}-${i}`, fields: { i } })));
  }
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  const parts = feed.messages.filter((m) => m.type === 'snapshot').map((m) => m.part);
  assert.deepEqual(parts, [{ first: true, last: false }, { first: false, last: true }]);
  assertSame(feed.replica(1), (await admin.items(board)).items);
  feed.drop();
});

/** Connects again with an old copy and its cursor. */
async function resume(board, old, id, wish = {}) {
  const feed = await Feed.open(server, board);
  feed.replicas.set(id, structuredClone(old));
  const answer = await feed.subscribe(id, { ...wish, resume: old.cursor });
  return { feed, answer };
}

test('after a disconnect a viewer goes on exactly where it was, whatever it follows', async () => {
  const board = await admin.board('resume');
  const event = (key, n, lat = 30.5) => ({ key, position: at(lat, -97.5), fields: { n, [`f${n}`]: n } });
  await admin.publish(board, ['a', 'b', 'c'].map((key) => event(key, 0)));
  const wishes = { 1: {}, 2: { keys: ['a', 'later'] }, 3: { bbox: [-98, 30, -97, 31] } };
  const first = await Feed.open(server, board);
  for (const [id, wish] of Object.entries(wishes)) await first.subscribe(Number(id), wish);
  const known = await admin.publish(board, ['a', 'b'].map((key) => event(key, 1)));
  for (const id of [1, 2, 3]) await first.reach(id, known.cursor);
  first.drop();
  await admin.publish(board, [event('a', 2), event('b', 2, 40), event('later', 1), { key: 'a', fields: { f0: null } }]);
  await admin.publish(board, Array.from({ length: 2_000 }, (_, n) => event(`x${n % 50}`, n % 20)));
  const { items, cursor } = await admin.items(board);
  const inside = (item) => item.position.lat <= 31;
  const expected = {
    1: items,
    2: new Map([...items].filter(([key]) => ['a', 'later'].includes(key))),
    3: new Map([...items].filter(([, item]) => inside(item))),
  };
  for (const id of [1, 2, 3]) {
    const { feed, answer } = await resume(board, first.replica(id), id, wishes[id]);
    assert.deepEqual([answer.type, answer.cursor], ['resumed', first.replica(id).cursor]);
    await feed.reach(id, cursor);
    assertSame(feed.replica(id), expected[id]);
    assert.equal(feed.hole, undefined);
    assert.ok(!feed.messages.some((m) => m.type === 'snapshot' || m.type === 'gap'));
    feed.drop();
  }
});

test('going on from further back than 100,000 events says gap and is right again by a snapshot', async () => {
  const board = await admin.board('far');
  await admin.publish(board, { key: 'gone', fields: { n: 0 } });
  const first = await Feed.open(server, board);
  await first.subscribe(1);
  first.drop();
  const many = Array.from({ length: 10_000 }, (_, i) => ({ key: `k${i % 100}`, fields: { n: i } }));
  for (let i = 0; i < 10; i += 1) await admin.publish(board, many);
  const near = await resume(board, { ...first.replica(1), items: new Map() }, 1, {});
  assert.equal(near.answer.type, 'resumed');
  near.feed.drop();
  await admin.publish(board, { key: 'k0', fields: { n: -1 } });
  const { feed, answer } = await resume(board, first.replica(1), 1);
  assert.equal(answer.type, 'snapshot');
  const types = feed.messages.map((m) => m.type).filter((t) => t !== 'status');
  assert.deepEqual(types, ['gap', 'snapshot']);
  assertSame(feed.replica(1), (await admin.items(board)).items);
  feed.drop();
});

test('going on from another life of the board, or from its future, says gap and sends a snapshot', async () => {
  const board = await admin.board('lives');
  const { cursor } = await admin.publish(board, { key: 'a' });
  const other = `e${Number(epoch(cursor).slice(1)) === 1 ? 2 : 1}:1`;
  for (const from of [other, `${epoch(cursor)}:5`]) {
    const { feed, answer } = await resume(board, { cursor: from, items: new Map([['ghost', { key: 'ghost' }]]) }, 1);
    assert.deepEqual([answer.type, answer.cursor], ['snapshot', cursor]);
    assert.ok(feed.messages.some((m) => m.type === 'gap' && m.id === 1));
    assertSame(feed.replica(1), (await admin.items(board)).items);
    feed.drop();
  }
});

test('an event can be published over the feed with the right to, and not without', async () => {
  const board = await admin.board('publish');
  const token = await admin.token(board, ['read', 'publish'], { keys: ['v*'] });
  const feed = await Feed.open(server, board, { token });
  await feed.subscribe(1);
  const publish = async (id, event) => {
    feed.send({ action: 'publish', id, event });
    return (await feed.message((m) => m.type === 'published' && m.id === id, `answer ${id}`)).answer;
  };
  const taken = await publish(1, { key: 'v1', fields: { n: 1 } });
  assert.deepEqual([taken.accepted, seq(taken.cursor)], [1, 1]);
  await feed.reach(1, taken.cursor);
  assert.equal((await publish(2, { key: 'w1' })).results[0].code, 'key_not_allowed');
  const reader = await Feed.open(server, board);
  reader.send({ action: 'publish', id: 3, event: { key: 'v1' } });
  const refused = await reader.message((m) => m.type === 'error', 'a refusal');
  assert.deepEqual([refused.code, refused.id, refused.action], ['forbidden', 3, 'publish']);
  assert.deepEqual([...(await admin.items(board)).items.keys()], ['v1']);
  feed.drop();
  reader.drop();
});
