// Items end: by a manager's wish, and because nothing was heard of them. An end is a row of the log, and whatever follows
// the log follows it: viewers in every mode, views, rankings, a restart.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem, seq } from './support/client.mjs';
import { BINARY_FEED, Feed } from './support/feed.mjs';
import { startLimited } from './support/limits.mjs';
import { eventually } from './support/wait.mjs';

const SCORES = { columns: [{ name: 'n', op: 'sum', field: 'n' }] };
/** A time that is gone by: history that is replayed. */
const LONG_AGO = Date.UTC(2024, 0, 1);

async function keys(admin, board) {
  return [...(await admin.items(board)).items.keys()].sort();
}

async function ranked(admin, board) {
  const { status, body } = await admin.get(`/v1/boards/${board}/scores?top=10000`);
  assert.equal(status, 200, JSON.stringify(body));
  return Object.fromEntries(body.rows.map((r) => [r.key, r.values[0]]));
}

const seriesOf = (admin, board, key) => admin.get(`/v1/boards/${board}/items/${key}/series?field=n&step=1m`);

test('f28_an_item_that_is_ended_goes_from_views_rankings_and_feeds_and_begins_anew', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b', { scores: SCORES });
  await admin.publish(board, ['a', 'b', 'c'].map((key, i) => ({ key, fields: { n: i + 1, word: key } })));
  const json = await Feed.open(server, board);
  await json.subscribe(1);
  await json.subscribe(2, { keys: ['b'] });
  const binary = await Feed.open(server, board, { protocols: [BINARY_FEED] });
  binary.send({ action: 'subscribe', id: 1, what: 'items' });
  const plain = await Feed.open(server, board, { protocols: [], query: '?realTimeItemKey=b' });
  await eventually(() => binary.messages.length > 0, 'the snapshot');
  const before = (await admin.items(board)).cursor;
  const told = binary.messages.length;

  assertProblem(await admin.delete(`/v1/boards/${board}/items/nobody`), 404, 'item_not_found');
  assertProblem(await admin.as(null).delete(`/v1/boards/${board}/items/b`), 401, 'credential_missing');
  const publisher = await admin.token(board, ['publish', 'read']);
  assert.equal((await admin.as(publisher).delete(`/v1/boards/${board}/items/b`)).status, 403);
  const ended = await admin.delete(`/v1/boards/${board}/items/b`);
  assert.equal(ended.status, 200, JSON.stringify(ended.body));
  assert.deepEqual(ended.body, { cursor: ended.body.cursor, key: 'b', seq: seq(before) + 1 });
  assertProblem(await admin.delete(`/v1/boards/${board}/items/b`), 404, 'item_not_found');

  assert.deepEqual(await keys(admin, board), ['a', 'c']);
  assertProblem(await admin.get(`/v1/boards/${board}/items/b`), 404, 'item_not_found');
  const summary = (await admin.get(`/v1/boards/${board}/summary`)).body;
  assert.deepEqual([summary.items, summary.events], [2, 3], JSON.stringify(summary));
  assert.deepEqual(await ranked(admin, board), { a: 1, c: 3 });
  await json.reach(1, ended.body.cursor);
  assert.deepEqual([...json.replica(1).items.keys()].sort(), ['a', 'c']);
  await eventually(() => json.replica(2).items.size === 0, 'the subscription of its key');
  await eventually(() => binary.messages.length > told, 'binary viewers');
  const removed = await plain.message((m) => m.removed, 'plain viewers');
  assert.deepEqual(removed, { key: 'b', seq: ended.body.seq, removed: true });
  const since = await admin.get(`/v1/boards/${board}/items?since=${before}`);
  assert.deepEqual([since.body.items, since.body.ended], [[], ['b']]);
  // Its events stay.
  const events = (await admin.get(`/v1/boards/${board}/events`)).body.events.map((e) => e.key);
  assert.deepEqual(events, ['a', 'b', 'c']);

  const again = await admin.publish(board, [{ key: 'b', fields: { n: 10 } }]);
  await json.reach(2, again.cursor);
  assert.deepEqual(json.replica(2).items.get('b').fields, { n: 10 });
  assert.deepEqual(await ranked(admin, board), { a: 1, b: 10, c: 3 });
  await plain.message((m) => m.fields?.n === 10, 'plain viewers');
  await admin.delete(`/v1/boards/${board}/items/c`);
  json.drop();
  binary.drop();
  plain.drop();

  await server.kill9();
  await server.restart();
  assert.deepEqual(await keys(admin, board), ['a', 'b']);
  assert.deepEqual((await admin.get(`/v1/boards/${board}/items/b`)).body.fields, { n: 10 });
  assert.deepEqual(await ranked(admin, board), { a: 1, b: 10 });
  // Who resumes from before an end hears of it.
  const late = await Feed.open(server, board);
  late.replicas.set(1, { cursor: before, items: new Map(['a', 'b', 'c'].map((key) => [key, { key, fields: {} }])) });
  late.send({ action: 'subscribe', id: 1, what: 'items', resume: before });
  await late.message((m) => m.type === 'delta' || m.type === 'snapshot', 'an answer');
  await eventually(() => [...late.replica(1).items.keys()].sort().join() === 'a,b', 'the copy is right');
  late.drop();
});

test('f28_items_of_which_nothing_is_heard_end_by_themselves_counted_from_the_arrival_of_their_last_event', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b', { expire_after_s: 3, scores: SCORES });
  // All of it is old, and none ends at once.
  const old = ['a', 'b', 'c'].map((key) => ({ key, time: LONG_AGO, fields: { n: 1 } }));
  await admin.publish(board, old);
  const begun = Date.now();
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  assert.deepEqual(await keys(admin, board), ['a', 'b', 'c']);
  // One is heard of by what comes too late to change it.
  const beat = setInterval(() => {
    admin.events(board, [{ key: 'c', time: LONG_AGO - 1_000, fields: { n: 1 } }]).catch(() => {});
  }, 500);
  t.after(() => clearInterval(beat));
  await eventually(async () => (await keys(admin, board)).join() === 'c', 'a and b end', 10_000);
  const took = Date.now() - begun;
  assert.ok(took >= 2_900, `they end after ${took} ms`);
  await eventually(() => [...feed.replica(1).items.keys()].join() === 'c', 'the viewer knows');
  assert.deepEqual(Object.keys(await ranked(admin, board)), ['c']);
  clearInterval(beat);
  await eventually(async () => (await keys(admin, board)).length === 0, 'c ends', 10_000);
  // An end is not repeated: the log grows by nothing when nothing is left.
  const { cursor } = await admin.items(board);
  await sleep(2_500);
  assert.equal((await admin.items(board)).cursor, cursor);
  feed.drop();
});

test('f28_a_kill_while_items_expire_leaves_log_items_and_ranking_agreed_and_they_go_on_ending', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b', { expire_after_s: 4, scores: SCORES });
  const trip = (round) => (_, i) => ({ key: `t${round}-${i}`, fields: { n: 1 } });
  await admin.publish(board, Array.from({ length: 2_500 }, trip(0)));
  for (const n of [1, 2]) {
    // The kill comes with a write of an end.
    const killed = await server.killAtWrite(n, () => sleep(8_000), { of: 'Board' });
    assert.equal(killed, true, 'items expire');
    await server.restart();
    const left = (await keys(admin, board)).length;
    assert.ok(left > 0 && left % 500 === 0, `${left} items are left: batches are whole`);
    assert.equal(Object.keys(await ranked(admin, board)).length, left);
  }
  await admin.publish(board, [{ key: 'later', fields: { n: 1 } }]);
  await eventually(async () => (await keys(admin, board)).join() === 'later', 'all others end', 20_000);
  await eventually(async () => (await keys(admin, board)).length === 0, 'and that one', 20_000);
  assert.deepEqual(await ranked(admin, board), {});
  // The log still has them all, each once.
  const { body } = await admin.get(`/v1/boards/${board}/summary`);
  assert.equal(body.events, 2_501);
});
