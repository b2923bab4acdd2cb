// What ends before its time ends everywhere within two seconds: with viewers on two relays, and two isolates that take
// requests, of which one did nothing but remember. What ends is asked of the first; the other is never told by hand.
// Runs alone: it measures two seconds.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

const LIMIT_MS = 2_000;
const PER_RELAY = 2;
/** How often somebody tries to publish. */
const PACE_MS = 50;

let server;
let admin;
/** Where the other isolate listens: the same objects, another memory. */
let other;

/** Adds a second service of the same program that has its objects in the first. */
function twoIsolates(port) {
  return (text) => {
    const [, worker] = /const worker :Workerd\.Worker = (\([\s\S]*?\n\));/.exec(text);
    const second = worker
      .replace(/durableObjectNamespace = "(\w+)"/g, 'durableObjectNamespace = (className = "$1", serviceName = "main")')
      .replace(/ {2}durableObjectNamespaces = \[[\s\S]*?\],\n/, '')
      .replace(/ {2}durableObjectStorage = .*\n/, '');
    const socket = `(name = "second", address = "127.0.0.1:${port}", http = (), service = "second")`;
    const changed = text
      .replace('(name = "main", worker = .worker),', '(name = "main", worker = .worker), (name = "second", worker = .second),')
      .replace('service = "main")]', `service = "main"), ${socket}]`);
    assert.ok(changed.includes(socket) && changed.includes('.second'), 'workerd.capnp is written in another way now');
    return `${changed}\nconst second :Workerd.Worker = ${second};\n`;
  };
}

before(async () => {
  const port = await freePort();
  const env = { HELIOGRAPH_VIEWERS_PER_RELAY: String(PER_RELAY) };
  server = await startServer({ env, config: twoIsolates(port) });
  other = { ...server, adminKey: server.adminKey, url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` };
  admin = new Client(server);
});
after(() => server?.stop());

const grant = (board) => ({ board, operations: ['read', 'publish'] });

/** Tries to publish again and again; when it was last taken. */
class Publisher {
  taken = 0;
  #stop = false;

  constructor(attempt) {
    this.done = (async () => {
      while (!this.#stop) {
        const asked = Date.now();
        if (await attempt()) this.taken = asked;
        await sleep(PACE_MS);
      }
    })();
  }

  stop() {
    this.#stop = true;
    return this.done;
  }
}

/** A viewer with a subscription that publishes through the feed all the time. */
async function publishing(at, board, key, options) {
  const feed = await Feed.open(at, board, options);
  await feed.subscribe(1);
  let n = 0;
  feed.taken = 0;
  const timer = setInterval(() => {
    if (feed.socket.readyState === 1) feed.send({ action: 'publish', id: (n += 1), event: { key, fields: { n } } });
  }, PACE_MS);
  feed.socket.on('message', (data) => {
    const { type, answer } = JSON.parse(data);
    if (type === 'published' && answer.accepted === 1) feed.taken = Date.now();
  });
  feed.socket.on('close', () => {
    feed.closedAt = Date.now();
    clearInterval(timer);
  });
  return feed;
}

/**
 * Ends something and measures. `options` are those of the viewers who lose their rights, by viewer: as many as fill a relay
 * and begin a second, half of them let in by the other isolate, the last of which never says a word.
 */
async function measure(name, board, { options, key, credential, reader, end, codes }) {
  const feeds = [];
  for (const [i, option] of options.slice(0, -1).entries()) feeds.push(await publishing(i % 2 ? other : server, board, key, option));
  const silent = await Feed.open(other, board, options.at(-1));
  assert.ok(feeds.length > PER_RELAY, 'one relay has room for all');
  const said = () => silent.messages.length;
  const publishes = (at) => async () => {
    const { status, body } = await new Client(at, credential).events(board, { key, fields: { over: 'HTTP' } });
    return status === 200 && body.accepted === 1;
  };
  const publishers = [];
  if (credential !== undefined) publishers.push(new Publisher(publishes(server)), new Publisher(publishes(other)));
  const reads = (at) => async () => (await new Client(at, reader).get(`/v1/boards/${board}/items?limit=1`)).status === 200;
  if (reader !== undefined) publishers.push(new Publisher(reads(server)), new Publisher(reads(other)));
  // Everybody has published by now: what ends was at work, in both isolates.
  await eventually(() => [...(key ? feeds : []), ...publishers].every((p) => p.taken > 0), 'everybody publishes');
  const begun = Date.now();
  await end();
  const answered = Date.now();
  for (const feed of feeds) {
    assert.ok(codes.includes(await feed.end(LIMIT_MS)), `${name}: closed with ${feed.closed}`);
  }
  const bye = await silent.message((m) => m.type === 'bye', `${name}: the silent viewer is told`, { limitMs: LIMIT_MS });
  assert.ok(codes.includes(bye.code), `${name}: ${bye.code}`);
  const after = said();
  await sleep(Math.max(0, begun + LIMIT_MS + 500 - Date.now()));
  await Promise.all(publishers.map((p) => p.stop()));
  const since = (times) => Math.max(...times) - begun;
  const closed = since(feeds.map((f) => f.closedAt));
  const taken = [feeds, publishers].map((all) => (all.length ? Math.max(0, since(all.map((p) => p.taken))) : 0));
  console.log(`${name}: answered after ${answered - begun} ms, feeds closed after ${closed} ms, last taken over a feed after ${taken[0]} ms, over HTTP after ${taken[1]} ms`);
  assert.ok(closed <= LIMIT_MS, `${name}: the last feed closed after ${closed} ms`);
  assert.ok(Math.max(...taken) <= LIMIT_MS, `${name}: something was taken after ${taken} ms`);
  assert.equal(said(), after, `${name}: a viewer that was sent away hears nothing more`);
  silent.drop();
}

/** Who stays hears of no more viewers than there are: those that were sent away are forgotten. */
async function remain(board, viewers) {
  const feed = await Feed.open(server, board, { credential: server.adminKey });
  const told = () => feed.messages.filter((m) => m.type === 'status').at(-1)?.viewers;
  await eventually(async () => {
    await admin.events(board, { key: 'tick', fields: { n: Date.now() } });
    return told() === viewers + 1;
  }, () => `${viewers + 1} viewers, not ${told()}`, 40_000);
  feed.drop();
}

test('f7_a_deleted_key_ends_on_two_relays_and_in_two_isolates_within_two_seconds', async () => {
  const board = await admin.board('every-key', { visibility: 'private' });
  const { id, key } = (await admin.post('/v1/keys', { label: 'x', grants: [grant(board)] })).body;
  const token = await admin.as(key).mint([grant(board)]);
  await measure('key', board, {
    options: [{ credential: key }, { token }, { token }, { credential: key }, { credential: key }],
    key: 'a',
    credential: token,
    end: async () => assert.equal((await admin.delete(`/v1/keys/${id}`)).status, 204),
    codes: [4011],
  });
  await remain(board, 0);
});

const GAME = {
  visibility: 'private',
  scores: { columns: [{ name: 'points', op: 'sum', field: 'n' }] },
  sessions: { required: true, grace_s: 0 },
};

async function game(name) {
  const board = await admin.board(name, GAME);
  const { body } = await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One', join: true });
  await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'open' });
  const player = (await admin.as(null).post('/v1/tokens', { code: body.code, name: 'Ann' })).body;
  return { board, player };
}

for (const [action, what] of [['close', 'a_session_that_ends'], ['revoke_code', 'a_revoked_code']]) {
  test(`f14_${what}_ends_its_players_on_two_relays_and_in_two_isolates_within_two_seconds`, async () => {
    const { board, player } = await game(`every-${action.replace('_', '-')}`);
    await measure(action, board, {
      options: Array.from({ length: 5 }, () => ({ token: player.token })),
      key: player.key,
      credential: player.token,
      end: async () => assert.equal((await admin.post(`/v1/boards/${board}/sessions/s1`, { action })).status, 200),
      codes: [4011],
    });
  });
}

test('f20_a_board_that_becomes_private_closes_its_visitors_on_two_relays_within_two_seconds', async () => {
  const board = await admin.board('every-private');
  const { token } = (await admin.as(null).post('/v1/tokens', { board })).body;
  await measure('private', board, {
    options: [{}, { token }, {}, { token }, {}],
    reader: token,
    end: async () => assert.equal((await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'private' })).status, 200),
    codes: [4000, 4011],
  });
  await remain(board, 0);
});

test('f14_a_deleted_board_ends_its_tokens_on_two_relays_and_in_two_isolates_within_two_seconds', async () => {
  const board = await admin.board('every-board', { visibility: 'private' });
  const token = await admin.mint([grant(board)]);
  await measure('board', board, {
    options: Array.from({ length: 5 }, () => ({ token })),
    key: 'a',
    credential: token,
    end: async () => assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204),
    codes: [4502],
  });
  assert.equal((await admin.get(`/v1/boards/${board}`)).status, 404);
});
