// Sessions: open, freeze, close, reveal, schedule, late events, and past sessions.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { Scoreboard } from './support/scoreboard.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const GAME = {
  scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] },
  sessions: { required: true, grace_s: 1 },
  tick_ms: 20,
};
const score = (key, points, more = {}) => ({ key, fields: { points }, ...more });
const nobody = () => new Client(server, null);
const values = (body) => Object.fromEntries(body.rows.map((row) => [row.key, row.values[0]]));

async function create(board, body) {
  const answer = await admin.post(`/v1/boards/${board}/sessions`, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

async function act(board, id, action, more = {}) {
  const answer = await admin.post(`/v1/boards/${board}/sessions/${id}`, { action, ...more });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

const scores = async (client, board, query = '') => (await client.get(`/v1/boards/${board}/scores${query}`)).body;

test('events outside an open session are refused, kept as dead letters, and can be dropped', async () => {
  const board = await admin.board('closed', GAME);
  const early = await admin.events(board, [score('a', 1), score('b', 'x'.repeat(2_000))]);
  assert.deepEqual([early.body.accepted, early.body.refused], [0, 2]);
  assert.deepEqual(early.body.results.map((r) => r.code), ['session_closed', 'too_long']);
  await create(board, { id: 's1', title: 'One' });
  await act(board, 's1', 'open');
  await admin.publish(board, [score('a', 5)]);
  const letters = (await admin.get(`/v1/boards/${board}/dead-letters`)).body.dead_letters;
  const kept = letters.map((l) => `${l.code} ${l.record.key}`).sort();
  assert.deepEqual(kept, ['session_closed a', 'too_long b']);
  assert.equal((await admin.delete(`/v1/boards/${board}/dead-letters/${letters[0].id}`)).status, 204);
  assert.equal((await admin.delete(`/v1/boards/${board}/dead-letters/${letters[0].id}`)).status, 404);
  assert.equal((await admin.get(`/v1/boards/${board}/dead-letters`)).body.dead_letters.length, 1);
  assert.equal((await nobody().get(`/v1/boards/${board}/dead-letters`)).status, 401);
});

test('a late event counts within the grace by its event time, and is a dead letter after', async () => {
  const board = await admin.board('late', GAME);
  await create(board, { id: 's1', title: 'One' });
  await act(board, 's1', 'open');
  const during = Date.now() + 1;
  await sleep(20);
  await act(board, 's1', 'close');
  await admin.publish(board, [score('a', 5, { time: during })]);
  const afterEnd = await admin.events(board, [score('a', 5, { time: Date.now() + 500 })]);
  assert.equal(afterEnd.body.results[0].code, 'session_closed');
  await sleep(1_200);
  const tooLate = await admin.events(board, [score('a', 5, { time: during })]);
  assert.deepEqual([tooLate.body.results[0].code, tooLate.body.results[0].field], ['session_closed', 'time']);
  assert.deepEqual(values(await scores(admin, board)), { a: 5 });
  assert.equal((await admin.get(`/v1/boards/${board}/dead-letters`)).body.dead_letters.length, 2);
});

test('frozen: the public sees the board as of the freeze, managers see it live; revealed step by step from the last', async () => {
  const board = await admin.board('freeze', GAME);
  await create(board, { id: 's1', title: 'One' });
  await act(board, 's1', 'open');
  await admin.publish(board, [score('a', 30), score('b', 20), score('c', 10)]);
  const feed = await Feed.open(server, board);
  const audience = await Scoreboard.open(feed, 1);
  const managers = await Feed.open(server, board, { credential: server.adminKey });
  const console_ = await Scoreboard.open(managers, 1);
  await act(board, 's1', 'freeze');
  await admin.publish(board, [score('c', 100), score('b', 5)]);
  await console_.until((t) => t.top[0].key === 'c' && t.top[0].values[0] === 110, 'managers see c lead');
  await audience.until((t) => t.about.frozen === true, 'the public is told of the freeze');
  assert.deepEqual(values(await scores(nobody(), board)), { a: 30, b: 20, c: 10 });
  assert.deepEqual(values(await scores(admin, board)), { c: 110, a: 30, b: 25 });
  assert.deepEqual(audience.top.map((r) => r.values[0]), [30, 20, 10]);
  await server.kill9();
  await server.restart();
  assert.deepEqual(values(await scores(nobody(), board)), { a: 30, b: 20, c: 10 });
  const again = await Feed.open(server, board);
  const watching = await Scoreboard.open(again, 1);
  await act(board, 's1', 'close');
  const steps = [];
  for (const expected of [{ c: 110, a: 30, b: 20 }, { c: 110, a: 30, b: 25 }, { c: 110, a: 30, b: 25 }]) {
    await act(board, 's1', 'reveal_step');
    assert.deepEqual(values(await scores(nobody(), board)), expected);
    await watching.until((t) => JSON.stringify(t.top.map((r) => [r.key, r.values[0]])) === JSON.stringify(Object.entries(expected)), 'a step');
    steps.push(watching.read().snapshots);
  }
  const last = await act(board, 's1', 'reveal_step');
  assert.equal(last.phase, 'revealed');
  assert.equal((await scores(nobody(), board)).about.frozen, false);
  feed.drop();
  again.drop();
  managers.drop();
});

test('past sessions stay readable, a board over all of them too, and one runs at a time', async () => {
  const board = await admin.board('past', GAME);
  await create(board, { id: 's1', title: 'One' });
  await create(board, { id: 's2', title: 'Two' });
  await act(board, 's1', 'open');
  await admin.publish(board, [score('a', 1), score('b', 2)]);
  const both = await admin.post(`/v1/boards/${board}/sessions/s2`, { action: 'open' });
  assert.deepEqual([both.status, both.body.code], [409, 'session_phase']);
  await act(board, 's1', 'close');
  await sleep(5);
  await act(board, 's2', 'open');
  await sleep(5);
  await admin.publish(board, [score('a', 10)]);
  assert.deepEqual(values(await scores(admin, board)), { a: 10 });
  assert.deepEqual(values(await scores(admin, board, '?session=s1')), { b: 2, a: 1 });
  assert.deepEqual(values(await scores(admin, board, '?session=all')), { a: 11, b: 2 });
  const { sessions } = (await admin.get(`/v1/boards/${board}/sessions`)).body;
  assert.deepEqual(sessions.map((s) => [s.id, s.phase, s.players, s.events]), [['s1', 'closed', 2, 2], ['s2', 'open', 1, 1]]);
  await act(board, 's2', 'close');
  await act(board, 's2', 'reopen');
  await admin.publish(board, [score('a', 1)]);
  assert.deepEqual(values(await scores(admin, board)), { a: 11 });
});

test('a schedule is carried out by the board itself, and viewers are told', async () => {
  const board = await admin.board('clock', GAME);
  const now = Date.now();
  const made = await create(board, { id: 's1', title: 'One', opens_at: now + 600, freezes_at: now + 1_400, closes_at: now + 2_200 });
  assert.equal(made.phase, 'created');
  const feed = await Feed.open(server, board);
  const viewer = await Scoreboard.open(feed, 1);
  for (const phase of ['open', 'frozen', 'closed']) {
    await viewer.until((t) => t.about.sessions[0].phase === phase, `the session is ${phase}`);
  }
  const wrong = await admin.post(`/v1/boards/${board}/sessions`, { title: 'x', opens_at: 10, closes_at: 5 });
  assert.deepEqual([wrong.status, wrong.body.code], [422, 'invalid_schedule']);
  feed.drop();
});

test('what a session can not do is said; only managers may', async () => {
  const board = await admin.board('phases', GAME);
  await create(board, { id: 's1', title: 'One' });
  for (const action of ['freeze', 'close', 'reveal', 'reveal_step', 'reopen']) {
    const { status, body } = await admin.post(`/v1/boards/${board}/sessions/s1`, { action });
    assert.deepEqual([status, body.code], [409, 'session_phase'], action);
  }
  assert.equal((await admin.post(`/v1/boards/${board}/sessions/s9`, { action: 'open' })).body.code, 'session_not_found');
  assert.equal((await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'again' })).body.code, 'session_exists');
  assert.equal((await admin.post(`/v1/boards/${board}/sessions`, { id: 'S 1', title: 'x' })).body.code, 'invalid_session_id');
  assert.equal((await nobody().post(`/v1/boards/${board}/sessions/s1`, { action: 'open' })).status, 401);
  const list = (await nobody().get(`/v1/boards/${board}/sessions`)).body;
  assert.equal('code' in list.sessions[0], false);
});
