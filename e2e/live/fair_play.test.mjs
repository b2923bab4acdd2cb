// What a player may claim is bounded by the server: marks, time and name.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ROOT, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** A board with a session that is open. */
async function game(name, file) {
  const config = JSON.parse(readFileSync(join(ROOT, 'boards', file), 'utf8'));
  const board = await admin.board(name, config);
  const { body } = await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One', join: true });
  const opened = await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'open' });
  return { board, code: body.code, opened: opened.body.opened_at };
}

async function player(code, name) {
  const { status, body } = await new Client(server, null).post('/v1/tokens', { code, name });
  assert.equal(status, 200, JSON.stringify(body));
  return { key: body.key, token: body.token, client: admin.as(body.token) };
}

const rows = async (board) => (await admin.get(`/v1/boards/${board}/scores`)).body.rows;

for (const points of [10, -5]) {
  test(`case_08_a_second_answer_keeps_the_mark_of_${points}`, async () => {
    const { board, code } = await game(`mark-${Math.abs(points)}`, 'quiz.json');
    const { key, client } = await player(code, 'Ann');
    const say = (id, more = {}) => client.events(board, { id, key, fields: { question: 'q1', answer: 'A', ...more } });
    assert.equal((await say('a1')).body.accepted, 1);
    await admin.events(board, { id: 'g', key, fields: { question: 'q1', points, right: 1, graded: 1 } });
    assert.equal((await rows(board))[0].values[0], points);
    assert.equal((await say('a2')).body.accepted, 1);
    assert.equal((await rows(board))[0].values[0], points, 'the mark stays');
    for (const [i, wiped] of [{ points: null }, { graded: null }, { points: 0 }].entries()) {
      const { accepted, results } = (await say(`w${i}`, wiped)).body;
      assert.equal(accepted, 0, JSON.stringify(wiped));
      assert.match(results[0].code, /leader_field|out_of_bounds/);
    }
    assert.equal((await rows(board))[0].values[0], points);
  });
}

test('case_09_who_was_first_is_told_by_the_servers_clock', async () => {
  const { board, code, opened } = await game('backdate', 'arena.json');
  const [honest, cheat] = [await player(code, 'honest'), await player(code, 'cheat')];
  await sleep(300);
  const put = (p, more) => p.client.events(board, { id: '1', key: p.key, fields: { points: 10 }, ...more });
  assert.equal((await put(honest)).body.accepted, 1);
  await sleep(300);
  assert.equal((await put(cheat, { time: opened + 1 })).body.accepted, 1);
  assert.deepEqual((await rows(board)).map((r) => r.key), [honest.key, cheat.key]);
  const early = await put(cheat, { id: '2', time: Date.now() - 60_000 });
  assert.equal(early.body.accepted, 0);
  const late = await put(cheat, { id: '3', time: Date.now() + 60_000 });
  assert.equal(late.body.results[0].code, 'time_in_future');
});

test('case_10_a_name_is_the_one_from_the_door_wherever_it_appears', async () => {
  const { board, code } = await game('name', 'arena.json');
  const bob = await player(code, 'Bob');
  const names = ['Teacher', 'a\u0007b', '\u202eevil gnol', 'x'.repeat(150)];
  for (const [i, name] of names.entries()) {
    const { body } = await bob.client.events(board, { id: `${i}`, key: bob.key, fields: { name, points: 1 } });
    assert.equal(body.accepted, 1, JSON.stringify(body));
    assert.deepEqual((await rows(board)).map((r) => r.name), ['Bob']);
    const door = await new Client(server, null).post('/v1/tokens', { code, name });
    assert.equal(door.status, i === 0 ? 200 : 422);
  }
  // A token that a player mints with its own is the same player's.
  const grants = [{ board, operations: ['publish'], keys: [bob.key] }];
  const minted = await bob.client.post('/v1/tokens', { grants });
  if (minted.status === 200) {
    await admin.as(minted.body.token).events(board, { id: 'm', key: bob.key, fields: { name: 'Teacher', points: 1 } });
  }
  const feed = await Feed.open(server, board, { token: bob.token });
  feed.send({ action: 'publish', id: 1, event: { id: 'f', key: bob.key, fields: { name: 'Teacher', points: 1 } } });
  await feed.message((m) => m.type === 'published', 'published');
  feed.drop();
  assert.deepEqual((await rows(board)).map((r) => r.name), ['Bob']);
  const item = (await admin.get(`/v1/boards/${board}/items/${bob.key}`)).body;
  assert.equal(item.fields.name, 'Bob');
});
