// What managers are told of a board: what comes in by the board's clock, what is stored, what was refused.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const status = async (board) => {
  const { status: code, body } = await admin.get(`/v1/boards/${board}/status`);
  assert.equal(code, 200, JSON.stringify(body));
  return body;
};

test('the rate is of what came in the last ten seconds, whenever it happened', async () => {
  const board = await admin.board('busy');
  const quiet = await status(board);
  assert.deepEqual([quiet.rate, quiet.items, quiet.accepted], [0, 0, null]);
  const longAgo = Date.now() - 86_400_000;
  for (let request = 0; request < 10; request += 1) {
    const events = Array.from({ length: 20 }, (_, i) => ({ key: `v${i}`, time: longAgo + request * 20 + i, fields: { n: i } }));
    assert.equal((await admin.events(board, events)).body.accepted, 20);
  }
  const busy = await status(board);
  assert.equal(busy.rate, 20, 'two hundred events in ten seconds');
  assert.equal(busy.items, 20);
  assert.ok(busy.at - busy.accepted < 5_000 && busy.at >= busy.accepted);
  await sleep(11_000);
  const later = await status(board);
  assert.deepEqual([later.rate, later.accepted], [0, busy.accepted], 'ten seconds later nothing comes in');
});

test('what is stored and what is kept of refused records is told', async () => {
  const board = await admin.board('store');
  const empty = await status(board);
  assert.equal(empty.storage.state, 'roomy');
  assert.ok(empty.storage.bytes > 0 && empty.storage.bytes < empty.storage.limit_bytes);
  assert.deepEqual(empty.dead_letters, { bytes: 0, dropped: 0 });
  assert.equal((await admin.events(board, [{ key: 'a', time: 'never', fields: { note: 'x'.repeat(5_000) } }])).body.refused, 1);
  const { dead_letters: kept, storage } = await status(board);
  assert.ok(kept.bytes > 5_000 && kept.bytes < 6_000, `${kept.bytes}`);
  assert.ok(storage.bytes >= empty.storage.bytes);
  const { body } = await admin.get(`/v1/boards/${board}/dead-letters`);
  assert.equal((await admin.delete(`/v1/boards/${board}/dead-letters/${body.dead_letters[0].id}`)).status, 204);
  assert.ok((await status(board)).dead_letters.bytes < 100);
});
