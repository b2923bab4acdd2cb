// Positions of one device through a line that loses answers: each is there once. `cargo xtask bench sources --only flaky` does the
// same with a whole day of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { sendEach, startFlaky } from './support/flaky.mjs';

const COUNT = 1_500;
const BEGIN = Math.floor(Date.now() / 1_000) - 86_400;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet');
});
after(() => server?.stop());

test('positions whose answers are lost are sent again, and each is there once and in its place', async (t) => {
  const { body } = await admin.post('/v1/boards/fleet/sources', { name: 'phone', envelope: 'osmand', from: { secret_in_address: true } });
  const line = await startFlaky(server.port, { share: 0.05, seed: 7 });
  t.after(() => line.stop());
  const positionOf = (n) => `&id=v1&timestamp=${BEGIN + n}&lat=${(30 + n / 1e5).toFixed(5)}&lon=-97.7&speed=${n % 20}`;
  const requests = await sendEach({ port: line.port, path: `${body.ingest}?secret=${body.secret}`, count: COUNT, positionOf });
  assert.ok(line.lost() > COUNT / 40, `${line.lost()} answers were lost`);
  assert.equal(requests, COUNT + line.lost());
  const times = [];
  for (let next = ''; next !== undefined; ) {
    const { body: page } = await admin.get(`/v1/boards/fleet/events?limit=1000${next}`);
    times.push(...page.events.map(({ time }) => time));
    next = page.next ? `&after=${page.next}` : undefined;
  }
  assert.deepEqual(times, Array.from({ length: COUNT }, (_, n) => (BEGIN + n) * 1_000));
  const { items } = await admin.items('fleet');
  assert.equal(items.get('v1').position.lat, Number((30 + (COUNT - 1) / 1e5).toFixed(5)));
});
