// A quiz is led with a grant for `quiz-*`: boards of its own, a private one for what is right, and nothing that tells a
// right answer before its question is closed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { parquetRows } from './support/parquet.mjs';
import { readings } from './support/readings.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;
let leader;
const nobody = () => new Client(server, null);
const config = (file) => JSON.parse(readFileSync(join(ROOT, 'boards', file), 'utf8'));
const STORE = 'quiz-desk';

before(async () => {
  server = await startServer();
  admin = new Client(server);
  const grants = [{ board: 'quiz-*', operations: ['read', 'history', 'publish', 'manage'], keys: ['*'] }];
  const { status, body } = await admin.post('/v1/keys', { label: 'teacher', grants });
  assert.equal(status, 201, JSON.stringify(body));
  leader = admin.as(body.key);
});
after(() => server?.stop());

const paths = (board, key) => {
  const more = ['series?field=right&step=10s&format=parquet', `scores/${key}/entries`, 'sessions', 'dead-letters'];
  return [...readings(board, key), ...more.map((path) => `/v1/boards/${board}/${path}`), `/v1/boards/${board}`];
};

async function read(client, path) {
  const response = await fetch(server.url + path, { headers: client.authorization });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = path.endsWith('format=parquet') && response.ok ? JSON.stringify(await parquetRows(bytes)) : bytes.toString('latin1');
  return [response.status, text];
}

test('a leader with a grant for quiz-* makes boards there, one for each quiz, and none elsewhere', async () => {
  for (const board of ['quiz-light', 'quiz-sums']) {
    const made = await leader.put(`/v1/boards/${board}`, { ...config('quiz.json'), title: board });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  }
  assert.equal((await leader.put('/v1/boards/arena-2', config('quiz.json'))).status, 403);
  // Two sittings run at once; each code leads to its own board.
  const codes = [];
  for (const board of ['quiz-light', 'quiz-sums']) {
    const { body } = await leader.post(`/v1/boards/${board}/sessions`, { id: 's1', title: board, join: true });
    assert.equal((await leader.post(`/v1/boards/${board}/sessions/s1`, { action: 'open' })).status, 200);
    codes.push(body.code);
  }
  const joined = await Promise.all(codes.map((code) => nobody().post('/v1/tokens', { code, name: 'Ann' })));
  assert.deepEqual(joined.map(({ body }) => body.board), ['quiz-light', 'quiz-sums']);
  const [light] = joined.map(({ body }) => body);
  const foreign = await admin.as(light.token).events('quiz-sums', { id: 'x', key: light.key, fields: { answer: 'A' } });
  assert.equal(foreign.status, 403);
  for (const board of ['quiz-light', 'quiz-sums']) await leader.post(`/v1/boards/${board}/sessions/s1`, { action: 'close' });
});

test('what is right, kept on the private board, is read by no player and by nobody', async () => {
  const made = await leader.put(`/v1/boards/${STORE}`, config('quiz-desk.json'));
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const saved = { key: 'quiz-1', fields: { title: 'Light', q1: JSON.stringify({ text: 'What?', options: ['a', 'b'], points: 10, right: 1 }) } };
  await leader.publish(STORE, saved);
  const { body } = await leader.post('/v1/boards/quiz-light/sessions', { id: 's2', title: 'Two', join: true });
  await leader.post('/v1/boards/quiz-light/sessions/s2', { action: 'open' });
  const player = (await nobody().post('/v1/tokens', { code: body.code, name: 'Eve' })).body;
  for (const client of [nobody(), admin.as(player.token)]) {
    for (const path of paths(STORE, 'quiz-1')) {
      const [status, text] = await read(client, path);
      assert.ok([401, 403, 404].includes(status), `${path}: ${status}`);
      assert.doesNotMatch(text, /right|What\?/, path);
    }
  }
  assert.equal((await nobody().post('/v1/tokens', { board: STORE })).status === 200, false);
  // The leader finds it from anywhere, and can take it away with its history.
  assert.match(JSON.stringify((await leader.get(`/v1/boards/${STORE}/items/quiz-1`)).body), /right/);
  const gone = await leader.delete(`/v1/boards/${STORE}/items/quiz-1?erase=true`);
  assert.ok(gone.status < 300, JSON.stringify(gone.body));
  assert.doesNotMatch(JSON.stringify((await leader.get(`/v1/boards/${STORE}/events`)).body), /What\?/);
  await leader.post('/v1/boards/quiz-light/sessions/s2', { action: 'close' });
});

test('before the reveal no representation of a hidden sitting tells what is right', async () => {
  const board = 'quiz-hidden';
  assert.equal((await leader.put(`/v1/boards/${board}`, { ...config('quiz.json'), cache: { s_maxage_s: 0 } })).status, 201);
  const { body } = await leader.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One', join: true });
  const act = (action) => leader.post(`/v1/boards/${board}/sessions/s1`, { action });
  await act('open');
  await act('freeze');
  const join = async (name) => (await nobody().post('/v1/tokens', { code: body.code, name })).body;
  const [ann, bob] = [await join('Ann'), await join('Bob')];
  const clients = [nobody(), admin.as(ann.token), admin.as(bob.token)];
  const feeds = [];
  for (const token of [null, ann.token, bob.token]) {
    const feed = await Feed.open(server, board, token === null ? {} : { token });
    await feed.subscribe(1);
    feeds.push(feed);
  }
  const asked = JSON.stringify({ text: 'What?', options: ['a', 'b'], points: 10 });
  await leader.publish(board, { key: '_quiz', fields: { sitting: 's1', count: 1, q1: asked } });
  const answer = (p, choice) => admin.as(p.token).events(board, { id: `a:${p.key}`, key: p.key, fields: { sitting: 's1', question: 'q1', answer: choice, q1: choice } });
  assert.deepEqual([(await answer(ann, 'B')).body.accepted, (await answer(bob, 'A')).body.accepted], [1, 1]);
  // Marks that would tell: 7 points are in nothing else.
  const grade = (p, points) => ({ id: `g:${p.key}`, key: p.key, fields: { question: 'q1', graded: 1, points, right: points ? 1 : 0 } });
  await leader.publish(board, [grade(ann, 7_777), grade(bob, 0)]);
  const TELLS = /7777|graded"?[:=]|"right":/;
  for (const client of clients) {
    for (const path of paths(board, ann.key)) {
      const [status, text] = await read(client, path);
      if (status === 200 && path !== `/v1/boards/${board}`) assert.doesNotMatch(text, TELLS, `${path}: ${text}`);
    }
  }
  await leader.publish(board, { key: '_quiz', fields: { note: 'the end' } });
  for (const feed of feeds) await eventually(() => JSON.stringify(feed.messages).includes('the end'), 'the feed goes on');
  for (const feed of feeds) assert.doesNotMatch(JSON.stringify(feed.messages), TELLS);
  assert.deepEqual((await leader.get(`/v1/boards/${board}/scores`)).body.rows.map((r) => r.values[0]), [7_777, 0]);
  await act('close');
  await act('reveal');
  assert.deepEqual((await nobody().get(`/v1/boards/${board}/scores`)).body.rows.map((r) => r.values[0]), [7_777, 0]);
  for (const feed of feeds) feed.drop();
});
