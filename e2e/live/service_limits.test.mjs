// The worker within the limits of the service: SQL values, memory, processor time. workerd itself has laxer ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client, assertProblem } from './support/client.mjs';
import { startLimited } from './support/limits.mjs';
import { VALUE_BYTES, refusal } from './support/limits/check.mjs';

const TOO_BIG = 'string or blob too big: SQLITE_TOOBIG';

test('the harness refuses what the service refuses: values, rows, statements and parameters above its limits', () => {
  const insert = 'INSERT INTO log (last, batch) VALUES (?, ?)';
  const text = (bytes) => 'x'.repeat(bytes);
  assert.equal(refusal(insert, [1, text(VALUE_BYTES - 8)]), null);
  assert.equal(refusal(insert, [1, text(VALUE_BYTES + 1)]), TOO_BIG);
  assert.equal(refusal(insert, [1, new Uint8Array(VALUE_BYTES + 1)]), TOO_BIG);
  assert.equal(refusal(insert, [1, 'ä'.repeat(VALUE_BYTES / 2 + 1)]), TOO_BIG, 'bytes count, not letters');
  assert.equal(refusal(insert, [text(1_200_000), new Uint8Array(1_200_000)]), TOO_BIG, 'a row is one value');
  const rows = 'INSERT INTO log (last, batch) VALUES (?, ?), (?, ?)';
  assert.equal(refusal(rows, [1, text(1_200_000), 2, text(1_200_000)]), null, 'two rows are two');
  assert.equal(refusal('SELECT a FROM b WHERE c IN (?, ?)', [text(1_200_000), text(1_200_000)]), null);
  assert.notEqual(refusal(`SELECT ${text(100_000)}`, []), null);
  assert.notEqual(refusal('SELECT 1', Array.from({ length: 101 }, () => 1)), null);
});

test('a write that a test wants to fail fails, and a kill comes in the middle of a request', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('watched');
  await admin.publish(board, [{ key: 'a' }]);
  await server.mend();
  await admin.publish(board, [{ key: 'b' }]);
  const { writes, refused } = await server.sqlWrites();
  assert.ok(writes.some((w) => w.of === 'Board' && w.statement.startsWith('INSERT INTO log')), JSON.stringify(writes));
  assert.deepEqual(refused, []);
  await server.failWrite(1, { of: 'Board' });
  assertProblem(await admin.events(board, [{ key: 'c' }]), 500, 'internal');
  assert.equal((await server.sqlWrites()).waits, false);
  assert.equal(await server.killAtWrite(1, () => admin.events(board, [{ key: 'd' }]), { of: 'Board' }), true);
  await server.restart();
  assert.equal(await server.killAtWrite(100, () => admin.publish(board, [{ key: 'e' }]), { of: 'Board' }), false);
  assert.deepEqual([...(await admin.items(board)).items.keys()].sort(), ['a', 'b', 'e']);
});
