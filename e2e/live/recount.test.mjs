// The ranks of a board against a count of its input that shares nothing with it: a seeded stream from several
// connections, some of it late and some of it twice, for every tie rule.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { Scoreboard } from './support/scoreboard.mjs';
import { assertRanks, rank, standings } from './support/standings.mjs';
import { eventually } from './support/wait.mjs';

const CONNECTIONS = 5;
const KEYS = 400;
const EVENTS = 6_000;
const START = Date.parse('2026-03-01T08:00:00Z');
/** Columns count in tenths, exactly. */
const TENTHS = 10;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The stream of each connection. No two events have the same time; one in ten comes late, one in twelve twice. */
function streams(seed) {
  const next = random(seed);
  const below = (n) => Math.floor(next() * n);
  const connections = Array.from({ length: CONNECTIONS }, () => []);
  for (let i = 0; i < EVENTS; i++) {
    const late = below(10) === 0 ? below(2_000) : 0;
    const event = {
      id: `e${i}`,
      key: `p${below(KEYS)}`,
      // The number itself is the remainder: lateness never makes two times equal.
      time: START + (i - late) * EVENTS + i,
      fields: { points: below(60) / TENTHS, graded: below(20) > 0, team: `t${below(7)}` },
    };
    const own = connections[below(CONNECTIONS)];
    own.push(event);
    if (below(12) === 0) connections[below(CONNECTIONS)].push(event);
  }
  return connections;
}

/** Sends every connection's stream in order, in batches of all sizes, all connections at the same time. */
async function send(board, connections) {
  const next = random(99);
  let duplicate = 0;
  const one = async (events) => {
    for (let from = 0; from < events.length; ) {
      const size = 1 + Math.floor(next() ** 3 * 200);
      const { status, body } = await admin.events(board, events.slice(from, from + size));
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.refused, 0, JSON.stringify(body.results?.slice(0, 3)));
      duplicate += body.duplicate;
      from += size;
    }
  };
  await Promise.all(connections.map(one));
  return duplicate;
}

const OPERATORS = {
  /** The sum, and when the last point of it came. */
  sum: (events) => ({
    value: events.reduce((sum, e) => sum + tenths(e), 0),
    time: Math.max(0, ...events.filter((e) => tenths(e) !== 0).map((e) => e.time)),
  }),
  /** The best, and when it was first reached. */
  best: (events) => {
    const value = Math.max(...events.map(tenths));
    return { value, time: Math.min(...events.filter((e) => tenths(e) === value).map((e) => e.time)) };
  },
};

const tenths = (event) => Math.round(event.fields.points * TENTHS);

/** Ranks what was sent by its definition: by key, each id once, graded only. */
function recount(connections, operator, ties, fits = () => true) {
  const events = new Map(connections.flat().map((e) => [e.id, e]));
  const keys = new Map();
  for (const event of events.values()) {
    if (!event.fields.graded || !fits(event)) continue;
    keys.set(event.key, [...(keys.get(event.key) ?? []), event]);
  }
  const entries = [...keys].map(([key, own]) => {
    const { value, time } = OPERATORS[operator](own);
    return { key, values: [value], reached: time };
  });
  return rank(entries, ['desc'], ties);
}

const rules = (operator, ties) => ({
  columns: [{ name: 'points', op: operator, field: 'points' }],
  filter: [{ field: 'graded', equals: true }],
  groups: ['team'],
  ties,
});

const CASES = Object.keys(OPERATORS).flatMap((op) => ['first_to_reach', 'shared', 'dense'].map((ties) => [op, ties]));

for (const [i, [operator, ties]] of CASES.entries()) {
  test(`every rank by ${operator}, ties ${ties}, is what a recount says`, async () => {
    const board = await admin.board(`recount-${i}`, { scores: rules(operator, ties), tick_ms: 20 });
    const connections = streams(i + 1);
    const feed = await Feed.open(server, board);
    const viewer = await Scoreboard.open(feed, 1, { top: 50 });
    const duplicate = await send(board, connections);
    assert.equal(duplicate, connections.flat().length - EVENTS);
    const expected = recount(connections, operator, ties);
    assertRanks(await standings(admin, board, { top: 97 }), expected, { scale: TENTHS });
    const group = recount(connections, operator, ties, (e) => e.fields.team === 't3');
    assertRanks(await standings(admin, board, { query: '&group=team:t3' }), group, { scale: TENTHS });
    // A viewer who was there from the beginning has the same, by moves alone.
    const rows = () => viewer.top.map((r) => `${r.key} ${Math.round(r.values[0] * TENTHS)}`).join();
    const top = expected.slice(0, 50).map((r) => `${r.key} ${r.values[0]}`).join();
    await viewer.until(() => rows() === top, 'the viewer has the top 50');
    assert.equal(viewer.snapshots, 1);
    feed.drop();
  });
}

test('changing the rules afterwards, and a restart, recount the log', async () => {
  const config = { title: 'recount', visibility: 'public' };
  const board = await admin.board('recount-again', { scores: rules('sum', 'first_to_reach') });
  const connections = streams(77);
  await send(board, connections);
  for (const [operator, ties] of CASES) {
    const { status } = await admin.put(`/v1/boards/${board}`, { ...config, scores: rules(operator, ties) });
    assert.equal(status, 200);
    await rebuilt(board);
    assertRanks(await standings(admin, board), recount(connections, operator, ties), { scale: TENTHS });
  }
  await server.kill9();
  await server.restart();
  await rebuilt(board);
  const [operator, ties] = CASES.at(-1);
  assertRanks(await standings(admin, board), recount(connections, operator, ties), { scale: TENTHS });
});

async function rebuilt(board) {
  const about = async () => (await admin.get(`/v1/boards/${board}/scores?top=1`)).body.about;
  await eventually(async () => (await about()).rebuilding === null, 'the board has recounted its log');
}
