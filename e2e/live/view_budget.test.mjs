// What one caller's views may cost: counted in what is looked at, refused with 429 until it is paid off.
// Runs alone: it measures processor time.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const ITEMS = 20_000;
const CONDITIONS = 8;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

test('f3_a_caller_whose_views_cost_too_much_is_told_when_to_come_back_and_others_are_served', async (t) => {
  const board = await admin.board('budget', { visibility: 'private', cache: { s_maxage_s: 0 } });
  for (let at = 0; at < ITEMS; at += 5_000) {
    await admin.publish(board, Array.from({ length: 5_000 }, (_, i) => ({ key: `x${at + i}`, fields: { n: i } })));
  }
  const keys = Array.from({ length: 32 }, (_, i) => `x${i}*`);
  const grants = [{ board, operations: ['read'], keys }];
  const made = await Promise.all([0, 1].map(() => admin.post('/v1/keys', { label: 'x', grants })));
  const [greedy, other] = made.map(({ body }) => admin.as(body.key));
  const where = Array.from({ length: CONDITIONS }, (_, i) => `where=n:gt:-${i + 1}`).join('&');
  const ask = (client, n) => client.get(`/v1/boards/${board}/items?limit=1&${where}&where=n:gt:${5_000 + n}`);
  // Made before: what may be asked grows while one waits.
  const token = await greedy.mint(grants);
  let refused;
  let asked = 0;
  const begun = Date.now();
  for (; asked < 400 && refused === undefined; asked += 1) {
    const answer = await ask(greedy, asked);
    if (answer.status === 429) refused = answer;
    else assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  assert.ok(refused, `${asked} views were not too many`);
  t.diagnostic(`refused after ${asked - 1} views in ${Date.now() - begun} ms`);
  assert.ok(asked > 40, `refused after ${asked}: that is no attack`);
  assertProblem(refused, 429, 'too_many_requests');
  const seconds = Number(refused.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 20, String(seconds));
  // Whoever has another token of the same key is the same caller.
  assert.equal((await ask(admin.as(token), 1)).status, 429);
  // Others are served, and the board takes events.
  assert.equal((await ask(other, 1)).status, 200);
  assert.equal((await ask(admin, 2)).status, 200);
  await admin.publish(board, { key: 'x1', fields: { n: 1 } });
  await sleep(seconds * 1_000);
  assert.equal((await ask(greedy, 3)).status, 200);
});

test('f3_a_reader_of_a_small_board_is_never_told_to_wait', async () => {
  const board = await admin.board('modest', { cache: { s_maxage_s: 0 } });
  await admin.publish(board, Array.from({ length: 100 }, (_, i) => ({ key: `x${i}`, fields: { n: i } })));
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => admin.as(null).get(`/v1/boards/${board}/items`)));
    assert.ok(answers.every((a) => a.status === 200));
  }
});
