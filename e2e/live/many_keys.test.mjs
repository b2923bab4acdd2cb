// As many Idempotency-Keys as a board remembers, however few events they brought, and across a restart.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const KEPT = 10_000;
const AT_ONCE = 50;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

test('f22_the_last_ten_thousand_idempotency_keys_are_known_across_a_restart_and_no_more', async () => {
  const board = await admin.board('many-keys');
  const send = (n) => admin.events(board, { key: `k${n % 100}`, fields: { n } }, { 'idempotency-key': `r${n}` });
  const first = await send(0);
  const said = new Map();
  for (let n = 1; n <= KEPT; n += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => n + i);
    const answers = await Promise.all(numbers.map(send));
    for (const [i, { status, body }] of answers.entries()) {
      assert.deepEqual([status, body.accepted], [200, 1]);
      said.set(numbers[i], body.cursor);
    }
  }
  // Many events since, in one request: keys are counted, not events.
  await admin.publish(board, Array.from({ length: 10_000 }, (_, n) => ({ key: `k${n % 100}`, fields: { n } })));
  await server.kill9();
  await server.restart();
  for (const n of [1, 2, KEPT / 2, KEPT - 1, KEPT]) {
    const { body } = await send(n);
    assert.deepEqual([body.accepted, body.cursor], [1, said.get(n)], `request ${n} has the answer of then`);
  }
  // The one before them made room.
  assert.notEqual((await send(0)).body.cursor, first.body.cursor);
});
