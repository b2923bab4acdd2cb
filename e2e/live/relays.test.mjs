// A board with three relays, of which one is slow or loses pushes: the others' viewers notice nothing, its own are right
// again within seconds, also on a quiet board and over a kill, and everybody is told the number of viewers of all.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed, assertSame } from './support/feed.mjs';
import { startLimited } from './support/limits.mjs';
import { eventually } from './support/wait.mjs';

const PER_RELAY = 2;

/**
 * In front of the main module: `POST /.relays` says what happens to pushes, by the relay's name. `delay`: they take so many
 * ms. `fail`: so many of them fail before the relay has heard them. `hang`: so many are never answered nor heard. `lie`: so
 * many are confirmed and not heard. `deaf`: it is never heard of when it shall close its viewers.
 */
const IN_FRONT = `import main, * as objects from './index.js';
export * from './index.js';
const trouble = new Map();
export default {
  async fetch(request, env, ctx) {
    if (!request.url.endsWith('/.relays')) return main.fetch(request, env, ctx);
    for (const [name, what] of Object.entries(await request.json())) trouble.set(name, what);
    return Response.json(Object.fromEntries(trouble));
  },
};
export class Relay extends objects.Relay {
  async fetch(request) {
    const what = trouble.get(this.ctx.id.name);
    if (what?.deaf && request.url.includes('/close')) await new Promise((done) => setTimeout(done, 600_000));
    if (what === undefined || !request.url.endsWith('/push')) return super.fetch(request);
    if (what.delay) await new Promise((done) => setTimeout(done, what.delay));
    if (what.fail-- > 0) throw new Error('this push fails');
    if (what.hang-- > 0) await new Promise((done) => setTimeout(done, 600_000));
    if (what.lie-- > 0) return new Response(confirmed(new Uint8Array(await request.arrayBuffer())));
    return super.fetch(request);
  }
}
function varint(bytes, at) {
  let [value, shift] = [0, 1];
  for (; bytes[at] >= 128; at += 1, shift *= 128) value += (bytes[at] - 128) * shift;
  return [value + bytes[at] * shift, at + 1];
}
function written(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}
/** As if everything had been taken. */
function confirmed(push) {
  const [, flags] = varint(push, 1);
  const [epoch] = varint(push, flags + 2);
  return new Uint8Array([1, ...written(epoch), ...written(2 ** 40), 0, 1, 0]);
}`;

function troubled(text) {
  const first = '(name = "entry/index.js"';
  const changed = text.replace(first, `(name = "entry/relays.js", esModule = ${JSON.stringify(IN_FRONT)}),\n${first}`);
  assert.notEqual(changed, text, 'workerd.capnp has another main module now');
  return changed;
}

const env = { HELIOGRAPH_VIEWERS_PER_RELAY: String(PER_RELAY) };
let server;
let admin;

before(async () => {
  server = await startServer({ config: troubled, env });
  admin = new Client(server);
});
after(() => server?.stop());

async function trouble(what) {
  const answer = await fetch(`${server.url}/.relays`, { method: 'POST', body: JSON.stringify(what) });
  assert.equal(answer.status, 200);
}

/** Viewers of everything, as many as fill `relays` relays; by relay. */
async function viewers(board, relays) {
  const all = [];
  for (let i = 0; i < relays * PER_RELAY; i += 1) {
    const feed = await Feed.open(server, board);
    await feed.subscribe(1);
    all.push(feed);
  }
  return Array.from({ length: relays }, (_, r) => all.slice(r * PER_RELAY, (r + 1) * PER_RELAY));
}

/** Waits until each has the cursor; how long that took. */
async function all(feeds, cursor, limitMs) {
  const start = Date.now();
  await Promise.all(feeds.map((f) => f.reach(1, cursor, limitMs)));
  return Date.now() - start;
}

async function right(board, feeds) {
  const { items } = await admin.items(board);
  for (const feed of feeds) {
    assertSame(feed.replica(1), items);
    assert.equal(feed.hole, undefined);
    assert.equal(feed.closed, null);
  }
}

test('f12_viewers_of_healthy_relays_hear_at_once_beside_a_relay_that_takes_four_seconds', async (t) => {
  const board = await admin.board('slow-relay');
  const [one, slow, three] = await viewers(board, 3);
  await all([...one, ...slow, ...three], (await admin.publish(board, [{ key: 'a', fields: { n: 0 } }])).cursor);
  await trouble({ [`${board}/1`]: { delay: 4_000 } });
  const delays = [];
  let cursor;
  for (let n = 1; n <= 30; n += 1) {
    ({ cursor } = await admin.publish(board, [{ key: 'a', fields: { n } }, { key: `k${n}` }]));
    delays.push(await all([...one, ...three], cursor));
    await sleep(80);
  }
  delays.sort((a, b) => a - b);
  const median = delays[15];
  t.diagnostic(`beside a relay that takes 4 s: median ${median} ms, worst ${delays.at(-1)} ms`);
  assert.ok(median <= 300, `half of the changes took more than ${median} ms`);
  assert.ok(delays.at(-1) < 2_000, `one took ${delays.at(-1)} ms`);
  await all(slow, cursor, 15_000);
  await right(board, [...one, ...slow, ...three]);
  await trouble({ [`${board}/1`]: {} });
  for (const feed of [...one, ...slow, ...three]) feed.drop();
});

test('f13_a_relay_that_loses_pushes_is_right_again_within_seconds_on_a_quiet_board', async (t) => {
  const board = await admin.board('lossy-relay');
  const [one, two, lossy] = await viewers(board, 3);
  const everybody = [...one, ...two, ...lossy];
  let n = 0;
  const change = async (seen = everybody) => {
    n += 1;
    const { cursor } = await admin.publish(board, [{ key: 'a', fields: { n } }]);
    await all(seen, cursor);
    return cursor;
  };
  await change();
  const healthy = [...one, ...two];
  const cases = { fail: [{ fail: 3 }, 5_000], hang: [{ hang: 1 }, 8_000] };
  for (const [name, [what, limit]] of Object.entries(cases)) {
    await trouble({ [`${board}/2`]: what });
    const cursor = await change(healthy);
    t.diagnostic(`${name}: right after ${await all(lossy, cursor, limit)} ms`);
    await right(board, everybody);
  }
  // The board believes that the relay has it, and nothing else happens: the relay finds out by comparing.
  await change();
  await trouble({ [`${board}/2`]: { lie: 1 } });
  const cursor = await change(healthy);
  t.diagnostic(`confirmed and lost: right after ${await all(lossy, cursor, 6_000)} ms`);
  await right(board, everybody);
  await trouble({ [`${board}/2`]: {} });
  for (const feed of everybody) feed.drop();
});

test('f13_after_a_kill_everybody_who_comes_back_goes_on_though_pushes_were_lost_before', async () => {
  const board = await admin.board('killed');
  const [one, two, lossy] = await viewers(board, 3);
  const everybody = [...one, ...two, ...lossy];
  await all(everybody, (await admin.publish(board, [{ key: 'a', fields: { n: 0 } }])).cursor);
  await trouble({ [`${board}/2`]: { fail: 1_000 }, [`${board}/1`]: { delay: 2_000 } });
  for (let n = 1; n <= 5; n += 1) await admin.publish(board, [{ key: 'a', fields: { n } }, { key: `k${n}` }]);
  await server.kill9();
  await server.restart();
  // They come back in another order, so they are with other relays than before.
  const back = await Promise.all(
    everybody.reverse().map(async (old) => {
      const feed = await Feed.open(server, board);
      feed.replicas.set(1, old.replica(1));
      await feed.subscribe(1, { resume: old.replica(1).cursor });
      return feed;
    }),
  );
  const { cursor } = await admin.items(board);
  await all(back, cursor, 5_000);
  await right(board, back);
  const last = await admin.publish(board, [{ key: 'last' }]);
  assert.ok((await all(back, last.cursor)) < 2_000);
  await right(board, back);
  for (const feed of back) feed.drop();
});

test('f13_confirmed_positions_are_stored_rarely', async (t) => {
  const limited = await startLimited({ env });
  t.after(() => limited.stop());
  const client = new Client(limited);
  const board = await client.board('sparing');
  const feed = await Feed.open(limited, board);
  await feed.subscribe(1);
  await limited.mend();
  let cursor;
  for (let n = 0; n < 60; n += 1) {
    ({ cursor } = await client.publish(board, [{ key: 'a', fields: { n } }]));
    await sleep(50);
  }
  await feed.reach(1, cursor);
  const confirmed = async () => (await limited.sqlWrites()).writes.filter((w) => /UPDATE relay/.test(w.statement)).length;
  await eventually(async () => (await confirmed()) > 0, 'the board stores how far its relay is', 20_000);
  await sleep(1_000);
  const n = await confirmed();
  t.diagnostic(`60 requests with a viewer: ${n} rows for its relay`);
  assert.ok(n <= 2, `${n} rows`);
  feed.drop();
});

test('a_relay_that_hangs_when_its_board_is_deleted_keeps_no_viewers_of_others_nor_the_answer', async () => {
  const board = await admin.board('deaf-relay');
  const [deaf, two, three] = await viewers(board, 3);
  await trouble({ [`${board}/0`]: { deaf: true } });
  const begun = Date.now();
  const deleted = admin.delete(`/v1/boards/${board}`);
  for (const feed of [...two, ...three]) assert.equal(await feed.end(1_000), 4502);
  assert.equal((await deleted).status, 204);
  assert.ok(Date.now() - begun < 3_000, `deleted after ${Date.now() - begun} ms`);
  // The registry has told the deaf one that the board is gone.
  for (const feed of deaf) assert.equal(await feed.end(2_000), 4502);
});

test('f26_status_says_how_many_viewers_all_relays_have', async () => {
  const board = await admin.board('counted');
  const feeds = (await viewers(board, 3)).flat();
  const greeted = async (expected) => {
    await eventually(
      async () => {
        const probe = await Feed.open(server, board);
        const { viewers: count } = await probe.message((m) => m.type === 'status', 'the greeting');
        await probe.close();
        if (count !== expected) await sleep(500);
        return count === expected;
      },
      `a new viewer is told of ${expected}`,
      8_000,
    );
  };
  await greeted(feeds.length + 1);
  // While the board is busy, those who are there hear of it as well.
  const start = Date.now();
  const told = () => feeds.map((f) => f.messages.findLast((m) => m.type === 'status').viewers);
  while (!told().every((n) => n === feeds.length) && Date.now() - start < 25_000) {
    await admin.publish(board, [{ key: 'a', fields: { n: Date.now() } }]);
    await sleep(200);
  }
  assert.deepEqual(told(), feeds.map(() => feeds.length));
  for (const feed of feeds.splice(0, 3)) await feed.close();
  await greeted(feeds.length + 1);
  for (const feed of feeds) feed.drop();
});

test('a lower number of viewers a relay counts only where workerd.capnp says that it is workerd', async (t) => {
  const elsewhere = (text) => text.replace('(name = "HELIOGRAPH_RUNTIME", text = "workerd"),', '');
  const other = await startServer({ config: (text) => elsewhere(troubled(text)), env });
  t.after(() => other.stop());
  const client = new Client(other);
  const board = await client.board('one-relay');
  const feeds = [];
  for (let i = 0; i <= PER_RELAY; i += 1) feeds.push(await Feed.open(other, board));
  // One relay has them all: it counts them itself, at once.
  const { viewers: count } = await feeds.at(-1).message((m) => m.type === 'status', 'the greeting');
  assert.equal(count, PER_RELAY + 1);
  await fetch(`${other.url}/.relays`, { method: 'POST', body: JSON.stringify({ [`${board}/1`]: { fail: 1_000 } }) });
  const last = feeds.at(-1);
  await last.subscribe(1);
  const { cursor } = await client.publish(board, [{ key: 'a' }]);
  await last.reach(1, cursor, 2_000);
  for (const feed of feeds) feed.drop();
});
