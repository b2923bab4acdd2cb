// Acknowledged means durable: kill -9 in the middle of ingest, ten times in a row, loses nothing and doubles nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, epoch, seq } from './support/client.mjs';
import { Feed, assertSame } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

const KILLS = 10;
const PRODUCERS = 4;
const BATCH = 20;

/**
 * Sends batches one after the other. Each event has an id and a key of its own, so that the board's items are the list of
 * what was taken. A batch without an answer is sent again with the same Idempotency-Key until it has one.
 */
class Producer {
  /** Numbers of batches that were acknowledged. */
  acknowledged = 0;
  /** Requests that had no answer. */
  unanswered = 0;
  running = true;

  constructor(client, board, name) {
    Object.assign(this, { client, board, name });
  }

  keys(batch) {
    return Array.from({ length: BATCH }, (_, i) => `${this.name}-${batch}-${i}`);
  }

  async run() {
    for (let batch = 0; this.running; batch += 1) {
      // Every other producer relies on its ids alone.
      const headers = this.name.endsWith('i') ? {} : { 'idempotency-key': `${this.name}-${batch}` };
      const events = this.keys(batch).map((key) => ({ id: key, key, fields: { batch } }));
      for (;;) {
        const answer = await this.client.events(this.board, events, headers).catch(() => null);
        if (answer?.status === 200) {
          assert.equal(answer.body.accepted + answer.body.duplicate, BATCH, JSON.stringify(answer.body));
          break;
        }
        this.unanswered += 1;
        assert.ok(answer === null || answer.status >= 500, JSON.stringify(answer?.body));
        await sleep(20);
      }
      this.acknowledged = batch + 1;
    }
  }
}

test('kill -9 in the middle of ingest, ten times in a row: every acknowledged event is there, and none twice', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('survivor');
  const life = epoch((await admin.items(board)).cursor);
  const producers = Array.from({ length: PRODUCERS }, (_, i) => new Producer(admin, board, `p${i}${i % 2 ? 'i' : 'k'}`));
  const runs = producers.map((p) => p.run());
  const done = () => producers.reduce((sum, p) => sum + p.acknowledged, 0);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = done();
    // Every producer is in the middle of its work; the moment is another one each time.
    await eventually(() => done() >= before + PRODUCERS * 2, 'batches are acknowledged', 60_000);
    await sleep(Math.random() * 20);
    await server.kill9();
    const acknowledged = producers.map((p) => p.acknowledged);
    await server.restart();
    const { items } = await admin.items(board);
    for (const [i, p] of producers.entries()) {
      for (let batch = 0; batch < acknowledged[i]; batch += 1) {
        assert.deepEqual(p.keys(batch).filter((key) => !items.has(key)), [], `lost after kill ${kill + 1}`);
      }
    }
  }
  producers.forEach((p) => (p.running = false));
  await Promise.all(runs);
  assert.ok(producers.some((p) => p.unanswered > 0), 'requests were cut off');
  const { items, cursor } = await admin.items(board);
  const expected = producers.flatMap((p) => Array.from({ length: p.acknowledged }, (_, b) => p.keys(b)).flat());
  assert.deepEqual(expected.filter((key) => !items.has(key)), []);
  assert.equal(items.size, expected.length);
  // One event a key: had any been taken twice, the cursor would be ahead of the number of keys.
  assert.equal(seq(cursor), expected.length);
  assert.equal(epoch(cursor), life);
  t.diagnostic(`${expected.length} events, ${producers.reduce((sum, p) => sum + p.unanswered, 0)} requests without an answer`);
});

test('a restart keeps boards, configs, items, cursor, API keys and what tokens allow; a viewer goes on exactly', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('kept', { visibility: 'private', key_name: 'vehicleId', rules: { max_speed: 30 } });
  const { body: key } = await admin.post('/v1/keys', { label: 'kept', grants: [{ board, operations: ['read', 'publish'] }] });
  const token = await admin.token(board, ['read']);
  for (let n = 0; n < 20; n += 1) {
    const position = { lat: 30 + n / 100, lon: -97, heading: 90, speed: n };
    const fields = { n, [`f${n % 3}`]: `t${n}`, gone: n % 2 ? null : n };
    await admin.publish(board, [{ key: `v${n % 7}`, position, fields }, { key: 'late', time: 1e12 - n }]);
  }
  const before = await admin.items(board);
  const config = (await admin.get(`/v1/boards/${board}`)).body;
  const viewer = await Feed.open(server, board, { token });
  await viewer.subscribe(1);
  const list = (await admin.get('/v1/boards')).body.boards;
  await server.kill9();
  await eventually(() => viewer.closed !== null, 'the viewer loses its connection');
  await server.restart();
  const { body: answer } = await admin.as(key.key).events(board, [{ key: 'v0', fields: { n: 100 } }]);
  assert.equal(answer.accepted, 1);
  assert.equal(seq(answer.cursor), seq(before.cursor) + 1);
  assert.equal(epoch(answer.cursor), epoch(before.cursor));
  const { items } = await admin.items(board);
  const untouched = (map) => Object.fromEntries([...map].filter(([k]) => k !== 'v0'));
  assert.deepEqual(untouched(items), untouched(before.items));
  assert.deepEqual(items.get('v0').position, before.items.get('v0').position);
  assert.deepEqual((await admin.get(`/v1/boards/${board}`)).body, config);
  const names = (boards) => boards.map((b) => [b.board, b.title]);
  assert.deepEqual(names((await admin.get('/v1/boards')).body.boards), names(list));
  const back = await Feed.open(server, board, { token });
  back.replicas.set(1, viewer.replica(1));
  assert.equal((await back.subscribe(1, { resume: before.cursor })).type, 'resumed');
  await back.reach(1, answer.cursor);
  assertSame(back.replica(1), items);
  back.drop();
});

test('a log that is longer than a checkpoint is rebuilt the same', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('long');
  let sent = 0;
  const send = async () => {
    while (sent < 1_100) {
      sent += 1;
      await admin.publish(board, [{ id: `e${sent}`, key: `k${sent % 90}`, fields: { sent, [`f${sent % 40}`]: sent % 5 ? sent : null } }]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  const before = await admin.items(board);
  await server.kill9();
  await server.restart();
  const after = await admin.items(board);
  assert.equal(after.cursor, before.cursor);
  assertSame(after, before.items);
  const { body } = await admin.events(board, [{ id: 'e1', key: 'k1' }, { id: 'e1100', key: 'k1' }]);
  assert.equal(body.duplicate, 2);
});
