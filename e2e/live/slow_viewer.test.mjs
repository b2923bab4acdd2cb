// A viewer that stops reading costs bounded memory, harms nobody, and is right again when it reads.
// Runs alone: it measures memory.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed, assertSame } from './support/feed.mjs';
import { residentMib } from './support/process.mjs';
import { eventually } from './support/wait.mjs';

const SLOW_VIEWERS = 4;
const ITEMS = 1_000;
const GROWTH_MIB = 150;
/** Twice what memory may grow by is held back from the slow viewers together. */
const UPDATES = 80;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** Changes every item: about a megabyte a frame. */
const large = (n) => Array.from({ length: ITEMS }, (_, i) => ({ key: `k${i}`, fields: { n, text: `${n}-${i}-`.padEnd(1_000, 'x') } }));

test('viewers that stop reading cost bounded memory, others are told within a second, and all are right in the end', async (t) => {
  const board = await admin.board('slow');
  await admin.publish(board, large(0));
  const good = await Feed.open(server, board);
  await good.subscribe(1);
  const slow = await Promise.all(Array.from({ length: SLOW_VIEWERS }, () => Feed.open(server, board)));
  await Promise.all(slow.map((feed) => feed.subscribe(1)));
  const plain = await Feed.open(server, board, { protocols: [], query: '?realTimeItemKey=k7' });
  // Warm: what the work itself needs is no growth.
  for (let n = 1; n <= 10; n += 1) await good.reach(1, (await admin.publish(board, large(n))).cursor);
  for (const feed of [...slow, plain]) feed.socket.pause();
  const before = residentMib(server.pid);
  let most = before;
  const delays = [];
  let cursor;
  for (let n = 11; n < 11 + UPDATES; n += 1) {
    ({ cursor } = await admin.publish(board, large(n)));
    const accepted = Date.now();
    await good.reach(1, cursor);
    delays.push(Date.now() - accepted);
    most = Math.max(most, residentMib(server.pid));
    good.messages.length = 0;
  }
  delays.sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)];
  const memory = `resident ${before.toFixed(0)} MiB, most ${most.toFixed(0)} MiB`;
  t.diagnostic(`${UPDATES} updates of 1 MB, delay median ${median} ms, worst ${delays.at(-1)} ms; ${memory}`);
  assert.ok(most - before < GROWTH_MIB, `resident memory grew from ${before.toFixed(0)} to ${most.toFixed(0)} MiB`);
  assert.ok(median < 1_000, `half of the updates took more than ${median} ms`);
  assert.ok([...slow, plain].every((feed) => feed.closed === null));
  const told = slow.map((feed) => feed.messages.length);
  for (const feed of [...slow, plain]) feed.socket.resume();
  const { items } = await admin.items(board);
  for (const [i, feed] of slow.entries()) {
    await feed.reach(1, cursor);
    assertSame(feed.replica(1), items);
    assert.equal(feed.hole, undefined);
    assert.ok(feed.messages.length - told[i] < UPDATES / 2, 'it skipped frames');
  }
  await eventually(() => plain.messages.at(-1)?.seq === items.get('k7').seq, 'the plain viewer has the latest state');
  assertSame(good.replica(1), items);
  for (const feed of [good, plain, ...slow]) feed.drop();
});

test('a viewer that stops reading and goes leaves nothing behind', async () => {
  const board = await admin.board('gone');
  await admin.publish(board, large(0));
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  feed.socket.pause();
  for (let n = 1; n <= 20; n += 1) await admin.publish(board, large(n));
  feed.drop();
  await eventually(async () => {
    const probe = await Feed.open(server, board);
    const { viewers } = await probe.message((m) => m.type === 'status', 'the greeting');
    await probe.close();
    return viewers === 1;
  }, 'the viewer that went is not counted');
});
