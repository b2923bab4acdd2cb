// A viewer's message is not looked at before its length is known.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { residentMib } from './support/process.mjs';

const BOARD = 'long';
const MESSAGE_BYTES = 30_000_000;
const GROWTH_MIB = 200;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board(BOARD);
});
after(() => server?.stop());

test('f15_a_viewer_that_sends_30_megabytes_is_closed_and_costs_no_memory_that_stays', async (t) => {
  const witness = await Feed.open(server, BOARD);
  await witness.subscribe(1);
  const before = residentMib(server.pid);
  for (let n = 0; n < 8; n += 1) {
    const feed = await Feed.open(server, BOARD);
    feed.send(n % 2 === 0 ? Buffer.alloc(MESSAGE_BYTES, 1) : `{"action":"ack","cursor":"${'x'.repeat(MESSAGE_BYTES)}"}`);
    assert.equal(await feed.end(), 4500);
  }
  const grown = residentMib(server.pid) - before;
  t.diagnostic(`eight messages of 30 MB: ${grown.toFixed(0)} MiB more`);
  assert.ok(grown < GROWTH_MIB, `resident memory grew by ${grown.toFixed(0)} MiB`);
  await witness.reach(1, (await admin.publish(BOARD, [{ key: 'a' }])).cursor);
  assert.equal(witness.closed, null);
  witness.drop();
});

test('f15_a_message_somewhat_too_long_is_refused_and_the_connection_goes_on', async () => {
  const feed = await Feed.open(server, BOARD);
  for (const message of [Buffer.alloc(200_000, 1), `{"action":"ack","cursor":"${'x'.repeat(200_000)}"}`]) {
    const start = feed.messages.length;
    feed.send(message);
    const answer = await feed.message((m) => m.type === 'error', 'the refusal', { start });
    assert.equal(answer.code, 'message_too_large');
  }
  await feed.subscribe(1);
  feed.drop();
});
