// Players: joining by code, and what a malicious one tries.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const GAME = {
  scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }], everyone: true },
  sessions: { required: true, grace_s: 1 },
  players: { bounds: { points: [0, 10] }, per_second: 5, require_id: true },
};

async function game(name) {
  const board = await admin.board(name, GAME);
  const { body } = await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One', join: true });
  await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'open' });
  return { board, code: body.code };
}

const join = (code, name) => new Client(server, null).post('/v1/tokens', { code, name });
const event = (key, id, points, more = {}) => ({ key, id, fields: { points, ...more } });
const result = async (client, board, body) => {
  const answer = await client.events(board, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.results[0]?.code ?? `accepted ${answer.body.accepted}, duplicate ${answer.body.duplicate}`;
};

test('a player joins by the code, publishes under its own key, and renews its token', async () => {
  const { board, code } = await game('join');
  assert.match(code, /^[2-9A-HJKMNP-TV-Z]{6}$/);
  const { status, body } = await join(code.toLowerCase(), ' Ann ');
  assert.equal(status, 200, JSON.stringify(body));
  assert.match(body.key, /^p-[0-9a-f]{16}$/);
  assert.deepEqual([body.board, body.session, body.name], [board, 's1', 'Ann']);
  const ann = admin.as(body.token);
  assert.equal(await result(ann, board, event(body.key, '1', 7, { name: 'Ann' })), 'accepted 1, duplicate 0');
  const { rows } = (await ann.get(`/v1/boards/${board}/scores`)).body;
  assert.deepEqual(rows.map((r) => [r.key, r.name, r.values[0]]), [[body.key, 'Ann', 7]]);
  const renewed = await new Client(server, null).post('/v1/tokens', { code, token: body.token });
  assert.deepEqual([renewed.status, renewed.body.key], [200, body.key]);
  assert.notEqual(renewed.body.token, body.token);
});

test('a malicious player gets nothing through: each try is refused with its reason and kept', async () => {
  const { board, code } = await game('malice');
  const [eve, ann] = (await Promise.all([join(code, 'Eve'), join(code, 'Ann')])).map((a) => a.body);
  const client = admin.as(eve.token);
  assert.equal(await result(client, board, event(ann.key, 'x1', 5)), 'key_not_allowed');
  assert.equal(await result(client, board, event(eve.key, 'x2', 11)), 'out_of_bounds');
  assert.equal(await result(client, board, event(eve.key, 'x3', -1)), 'out_of_bounds');
  assert.equal(await result(client, board, event(eve.key, 'x4', '9')), 'out_of_bounds');
  assert.equal(await result(client, board, { key: eve.key, fields: { points: 1 } }), 'id_required');
  const flood = Array.from({ length: 40 }, (_, i) => event(eve.key, `f${i}`, 1));
  const flooded = (await client.events(board, flood)).body;
  assert.ok(flooded.accepted <= 15 && flooded.accepted >= 1, JSON.stringify(flooded.accepted));
  assert.ok(flooded.results.every((r) => r.code === 'too_fast'));
  // What is sent twice counts once.
  const { rows } = (await admin.get(`/v1/boards/${board}/scores`)).body;
  assert.equal(await result(client, board, event(eve.key, 'f0', 1)), 'accepted 0, duplicate 1');
  const after = (await admin.get(`/v1/boards/${board}/scores`)).body;
  assert.deepEqual(after.rows, rows);
  assert.deepEqual(rows.map((r) => [r.key, r.values[0]]), [[eve.key, flooded.accepted]]);
  for (const [method, path, body] of [
    ['POST', `/v1/boards/${board}/sessions/s1`, { action: 'close' }],
    ['POST', `/v1/boards/${board}/scores/actions`, { action: 'adjust', key: eve.key, column: 'points', by: 99, reason: 'x' }],
    ['GET', `/v1/boards/${board}/scores/${ann.key}/entries`],
    ['PUT', `/v1/boards/${board}`, { title: 'mine' }],
    ['POST', '/v1/tokens', { grants: [{ board, operations: ['manage'], keys: ['*'] }] }],
  ]) {
    assert.equal((await client.send(method, path, body)).status, 403, `${method} ${path}`);
  }
  await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'close' });
  const late = event(eve.key, 'after', 1);
  late.time = Date.now() + 200;
  assert.equal(await result(client, board, late), 'session_closed');
  const letters = (await admin.get(`/v1/boards/${board}/dead-letters?limit=1000`)).body.dead_letters;
  const codes = new Set(letters.map((l) => l.code));
  assert.deepEqual([...codes].sort(), ['id_required', 'key_not_allowed', 'out_of_bounds', 'session_closed', 'too_fast']);
  assert.ok(letters.every((l) => l.by === `player ${eve.key}`));
  // A guess is not told that there was such a code; a player who renews a token is.
  assertProblem(await join(code, 'Late'), 404, 'code_unknown');
  const renewal = await new Client(server, null).post('/v1/tokens', { code, token: eve.token });
  assertProblem(renewal, 409, 'session_closed');
});

test('a player can not use up the ids of another', async () => {
  const { board, code } = await game('ids');
  const [eve, ann] = (await Promise.all([join(code, 'Eve'), join(code, 'Ann')])).map((a) => a.body);
  const as = (player) => admin.as(player.token);
  assert.equal(await result(as(eve), board, event(eve.key, 'answer-1', 1)), 'accepted 1, duplicate 0');
  assert.equal(await result(as(ann), board, event(ann.key, 'answer-1', 2)), 'accepted 1, duplicate 0');
  assert.equal(await result(as(ann), board, event(ann.key, 'answer-1', 2)), 'accepted 0, duplicate 1');
  const { rows } = (await admin.get(`/v1/boards/${board}/scores`)).body;
  assert.deepEqual(rows.filter((r) => r.values[0] > 0).map((r) => [r.key, r.values[0]]), [[ann.key, 2], [eve.key, 1]]);
});

test('a wrong code, a bad name and a foreign token are refused', async () => {
  assertProblem(await new Client(server, null).post('/v1/tokens', { code: '', grants: [] }), 404, 'code_unknown');
  const { code } = await game('codes');
  const other = await game('codes-2');
  assert.deepEqual([(await join('AAAAAA', 'x')).body.code, (await join('../..', 'x')).body.code], ['code_unknown', 'code_unknown']);
  for (const name of ['', ' ', 'x'.repeat(61), 'a\u0000b', undefined]) {
    const { status, body } = await join(code, name);
    assert.deepEqual([status, body.errors[0].field], [422, 'name']);
  }
  const { token } = (await join(other.code, 'Ann')).body;
  const renewed = await new Client(server, null).post('/v1/tokens', { code, token });
  assert.equal(renewed.status, 403);
  const manager = (await admin.post('/v1/tokens', { grants: [{ board: 'codes', operations: ['publish'], keys: ['*'] }] })).body.token;
  assert.equal((await new Client(server, null).post('/v1/tokens', { code, token: manager })).status, 403);
});

test('thirty players at once end with every point counted', async () => {
  const { board, code } = await game('thirty');
  const players = (await Promise.all(Array.from({ length: 30 }, (_, i) => join(code, `Player ${i}`)))).map((a) => a.body);
  assert.equal(new Set(players.map((p) => p.key)).size, 30);
  await Promise.all(
    players.map(async (p, i) => {
      for (let n = 0; n < 5; n += 1) {
        assert.equal(await result(admin.as(p.token), board, event(p.key, `${i}-${n}`, (i + n) % 11, { name: p.name })), 'accepted 1, duplicate 0');
      }
    }),
  );
  const { rows, total } = (await admin.get(`/v1/boards/${board}/scores?top=100`)).body;
  assert.equal(total, 30);
  const expected = new Map(players.map((p, i) => [p.key, [0, 1, 2, 3, 4].reduce((sum, n) => sum + ((i + n) % 11), 0)]));
  for (const row of rows) assert.equal(row.values[0], expected.get(row.key), row.name);
});
