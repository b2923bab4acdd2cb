// What a stranger can't make the worker spend: memory for bodies, questions to the registry, guesses, and other viewers' time.
// Runs alone: it measures memory.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { residentMib, slowness } from './support/process.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('open');
});
after(() => server?.stop());

/** A caller with an address of its own, as the platform's edge would say it. */
const from = (address, credential = null) => {
  const client = new Client(server, credential);
  return (method, path, body, headers = {}) => client.send(method, path, body, { 'cf-connecting-ip': address, ...headers });
};
const code = () => Array.from(randomBytes(6), (b) => '23456789ABCDEFGHJKMNPQRSTVWXYZ'[b % 30]).join('');

/** Sends until it is told to slow down; how many were answered before. */
async function untilSlowed(most, send) {
  let answered = 0;
  while (answered < most) {
    const answers = await Promise.all(Array.from({ length: 50 }, send));
    const slowed = answers.filter((a) => a.status === 429);
    answered += answers.length - slowed.length;
    if (slowed.length > 0) {
      const problem = assertProblem(slowed[0], 429, 'too_many_requests');
      assert.equal(slowed[0].headers.get('retry-after'), String(problem.retry_after_s));
      assert.ok(problem.retry_after_s >= 1);
      return answered;
    }
  }
  return answered;
}

/** A body of 90 MB, in pieces that are made while they are sent. */
function large(path, headers = {}) {
  const piece = Buffer.alloc(1 << 20, 32);
  return fetch(server.url + path, {
    method: 'POST',
    headers,
    duplex: 'half',
    body: new ReadableStream({
      start: (c) => (c.left = 90),
      pull(c) {
        c.enqueue(piece);
        c.left -= 1;
        if (c.left === 0) c.close();
      },
    }),
  });
}

test('f15_three_anonymous_bodies_of_90_mb_do_not_grow_the_process_and_are_refused', async () => {
  const piece = Buffer.alloc(1 << 20, 32);
  const round = async () => {
    const declared = Array.from({ length: 3 }, () =>
      new Client(server, null).raw('POST', '/v1/tokens', { 'content-length': String(90 << 20) }, Array(90).fill(piece)));
    for (const answer of await Promise.all(declared)) assertProblem(answer, 413, 'body_too_large');
    for (const answer of await Promise.all(Array.from({ length: 3 }, () => large('/v1/tokens')))) {
      assert.equal(answer.status, 413);
      assert.equal((await answer.json()).code, 'body_too_large');
    }
    return residentMib(server.pid);
  };
  const before = residentMib(server.pid);
  const first = await round();
  const second = await round();
  console.log(`f15: six bodies of 90 MB: resident memory ${(first - before).toFixed(1)} MiB more, six again: ${(second - first).toFixed(1)}`);
  // The engine's own young heap grows once, by some 30 MiB; of the bodies (540 MB a round) nothing stays.
  assert.ok(first - before < 64, `${first - before} MiB`);
  assert.ok(second - first < 16, `${second - first} MiB`);
});

test('f15_every_route_that_reads_a_body_refuses_one_that_is_too_large', async () => {
  const routes = [
    ['POST', '/v1/keys'], ['PUT', '/v1/boards/open'], ['POST', '/v1/boards/open/events'], ['POST', '/v1/boards/open/sessions'],
    ['POST', '/v1/boards/open/sessions/s1'], ['POST', '/v1/boards/open/scores/actions'], ['POST', '/v1/boards/open/pipeline/try'],
  ];
  for (const [method, path] of routes) {
    for (const headers of [{}, { 'content-length': String(9 << 20) }]) {
      const answer = await admin.raw(method, path, headers, Array(9).fill(Buffer.alloc(1 << 20, 32)));
      assertProblem(answer, 413, 'body_too_large');
    }
  }
});

test('f14_codes_are_guessed_a_few_hundred_times_and_then_no_more_while_others_join', async () => {
  const board = await admin.board('quiz', { sessions: { required: true } });
  const { body: session } = await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One', join: true });
  await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'open' });
  const thief = from('192.0.2.66');
  const unknown = await thief('POST', '/v1/tokens', { code: 'AAAAAA', name: 'x' });
  const guesses = await untilSlowed(1_000, () => thief('POST', '/v1/tokens', { code: code(), name: 'x' }));
  assert.ok(guesses >= 250 && guesses <= 310, String(guesses));
  assertProblem(await thief('POST', '/v1/tokens', { code: session.code, name: 'x' }), 429, 'too_many_requests');
  // A class behind one address: 500 join at once, each fifth mistypes first.
  const school = from('198.51.100.1');
  for (let group = 0; group < 10; group += 1) {
    const joined = await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      if (i % 5 === 0) assert.equal((await school('POST', '/v1/tokens', { code: code(), name: 'p' })).status, 404);
      return school('POST', '/v1/tokens', { code: session.code, name: `p${group}-${i}` });
    }));
    assert.ok(joined.every((a) => a.status === 200), JSON.stringify(joined.find((a) => a.status !== 200)));
  }
  // A code of a session that is over answers like one that never was.
  await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'close' });
  const over = await school('POST', '/v1/tokens', { code: session.code, name: 'late' });
  assert.deepEqual([over.status, over.body], [unknown.status, unknown.body]);
});

test('f11_names_and_keys_that_nobody_has_are_looked_up_a_thousand_times_and_then_no_more', async () => {
  const stranger = from('192.0.2.67');
  const mixed = (i) => (i % 2 === 0
    ? stranger('GET', `/v1/boards/none-${randomBytes(6).toString('hex')}/items`)
    : stranger('GET', '/v1/boards/open/items', undefined, { authorization: `Bearer hg_${randomBytes(24).toString('hex')}` }));
  let i = 0;
  const asked = await untilSlowed(3_000, () => mixed((i += 1)));
  assert.ok(asked >= 950 && asked <= 1_050, String(asked));
  // What is known here goes on, also for that address, and so does what is known to be nobody's.
  assert.equal((await stranger('GET', '/v1/boards/open/items')).status, 200);
  const again = from('192.0.2.68');
  for (let n = 0; n < 1_500; n += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => again('GET', '/v1/boards/none-at-all/items')));
    assert.ok(answers.every((a) => a.status === 401));
  }
});

test('f11_one_address_mints_a_few_thousand_tokens_and_others_are_not_held_up', async () => {
  const greedy = from('192.0.2.69');
  const minted = await untilSlowed(6_000, () => greedy('POST', '/v1/tokens', { board: 'open' }));
  assert.ok(minted >= 1_950 && minted <= 4_500, String(minted));
  assert.equal((await from('192.0.2.70')('POST', '/v1/tokens', { board: 'open' })).status, 200);
  // The same network of IPv6 is one caller; an administrator is not counted.
  assert.equal((await admin.post('/v1/tokens', { board: 'open' }, { 'cf-connecting-ip': '192.0.2.69' })).status, 200);
});

test('f21_a_viewer_that_floods_is_told_to_slow_down_and_another_publishes_meanwhile', async () => {
  const token = await admin.token('open', ['read', 'publish']);
  const flood = await Feed.open(server, 'open', { token });
  const other = await Feed.open(server, 'open', { token });
  await other.subscribe(1);
  for (let id = 0; id < 3_000; id += 1) flood.send({ action: 'publish', id, event: { key: 'flood', fields: { id } } });
  const began = performance.now();
  other.send({ action: 'publish', id: 1, event: { key: 'calm', fields: { n: 1 } } });
  await other.message((m) => m.type === 'published' && m.id === 1, 'the answer to the other viewer');
  const waited = performance.now() - began;
  await flood.message((m) => m.code === 'slow_down', 'slow_down');
  const answered = () => flood.messages.filter((m) => m.type === 'published' || m.code === 'slow_down').length;
  for (let i = 0; i < 200 && answered() < 3_000; i += 1) await new Promise((done) => setTimeout(done, 50));
  assert.equal(answered(), 3_000, 'each of its messages is answered');
  console.log(`f21: another viewer's event beside 3,000 of one: ${waited.toFixed(0)} ms`);
  assert.ok(waited < 1_500 * slowness(), `${waited} ms`);
  assert.equal(flood.closed, null);
  flood.drop();
  other.drop();
});
