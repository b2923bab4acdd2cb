// Bodies that are under way have a budget together: whoever comes when it is used up is told so before more is held.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const MIB = 1024 * 1024;
/** An event in a body of so many bytes. */
const body = (key, bytes) => Buffer.from(JSON.stringify({ key }).padEnd(bytes));

/** A sender that stops before the end, and `finish`, which sends the rest and answers the status. */
function stalled(server, admin, key) {
  const bytes = body(key, 8 * MIB);
  const headers = { ...admin.authorization, 'content-type': 'application/json', 'content-length': bytes.length };
  const call = request(`${server.url}/v1/boards/b/events`, { method: 'POST', headers, agent: false });
  const status = new Promise((done, failed) => {
    call.on('error', failed);
    call.on('response', (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode));
    });
  });
  const begun = new Promise((done) => call.write(bytes.subarray(0, bytes.length - 100), done));
  return {
    begun,
    finish: () => {
      call.end(bytes.subarray(bytes.length - 100));
      return status;
    },
  };
}

test('f5_large_bodies_that_are_under_way_have_a_budget_and_small_ones_are_always_taken', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  await admin.board('b');
  const slow = ['x', 'y', 'z'].map((key) => stalled(server, admin, key));
  await Promise.all(slow.map((one) => one.begun));
  const large = () => admin.events('b', body('large', MIB));
  // What is written is read soon. Nothing else may come meanwhile, or one of the three would be refused.
  await sleep(4_000);
  const refused = await large();
  assertProblem(refused, 503, 'overloaded');
  assert.equal(refused.headers.get('retry-after'), '1');
  // Also of a body that does not say how long it is.
  const chunked = await admin.raw('POST', '/v1/boards/b/events', { 'content-type': 'application/json' }, [body('chunked', MIB)]);
  assertProblem(chunked, 503, 'overloaded');
  assert.equal((await admin.publish('b', [{ key: 'small' }])).accepted, 1);
  assert.equal(await slow[0].finish(), 200);
  assert.equal((await large()).status, 200, 'there is room again');
  assert.deepEqual(await Promise.all([slow[1].finish(), slow[2].finish()]), [200, 200]);
  assert.deepEqual([...(await admin.items('b')).items.keys()].filter((k) => k !== 'large').sort(), ['small', 'x', 'y', 'z']);
});
