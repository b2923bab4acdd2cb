// What ends before its time: keys, codes, sessions, boards that become private or are deleted. Within two seconds the
// tokens count no more, open feeds are closed, and nothing is published through them.
// Runs alone: it measures two seconds.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Feed, refusal } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

/** What the issue allows. */
const LIMIT_MS = 2_000;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const nobody = () => admin.as(null);
/** A viewer that follows everything. */
async function viewer(board, options) {
  const feed = await Feed.open(server, board, options);
  await feed.subscribe(1);
  return feed;
}
const grant = (board, operations) => ({ board, operations });
const makeKey = async (board, operations) => (await admin.post('/v1/keys', { label: 'x', grants: [grant(board, operations)] })).body;
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** Waits until a request is refused with this status. */
const refused = (ask, status, what) => eventually(async () => (await ask()).status === status, what, LIMIT_MS);

test('f7_a_deleted_key_ends_its_tokens_and_feeds_and_nothing_is_published_through_them', async () => {
  const board = await admin.board('f7', { visibility: 'private' });
  const { id, key } = await makeKey(board, ['read', 'publish']);
  const other = await makeKey(board, ['read', 'publish']);
  const first = await admin.as(key).mint([grant(board, ['read', 'publish'])]);
  const second = await admin.as(first).mint([grant(board, ['read', 'publish'])]);
  assert.deepEqual([claims(first).cid, claims(second).cid], [`key:${id}`, `key:${id}`]);
  assert.equal(claims(await admin.mint([grant(board, ['read'])])).cid, 'admin');
  const feeds = await Promise.all([
    viewer(board, { credential: key }),
    viewer(board, { token: first }),
    viewer(board, { token: second }),
  ]);
  const stays = await viewer(board, { credential: other.key });
  const begun = Date.now();
  assert.equal((await admin.delete(`/v1/keys/${id}`)).status, 204);
  const codes = await Promise.all(feeds.map((f) => f.end(LIMIT_MS)));
  assert.deepEqual(codes, [4011, 4011, 4011]);
  assert.equal(feeds[1].messages.at(-1).reason, 'credential_ended');
  await refused(() => admin.as(key).get(`/v1/boards/${board}/items`), 401, 'the key is refused');
  await refused(() => admin.as(first).get(`/v1/boards/${board}/items`), 401, 'its token is refused');
  await refused(() => admin.as(second).events(board, { key: 'a' }), 401, "its token's token publishes nothing");
  assert.equal((await refusal(server, board, { token: second })).status, 401);
  assertProblem(await admin.as(first).post('/v1/tokens', { grants: [grant(board, ['read'])] }), 401, 'token_invalid');
  console.log(`f7: all refused ${Date.now() - begun} ms after the deletion`);
  // Nobody else is concerned.
  stays.send({ action: 'publish', id: 1, event: { key: 'b' } });
  await stays.message((m) => m.type === 'published', 'the other key publishes');
  assert.equal(stays.closed, null);
  stays.drop();
});

test('f7_what_a_feed_publishes_after_the_deletion_of_its_key_is_not_taken', async () => {
  const board = await admin.board('f7-publish', { visibility: 'private' });
  const { id, key } = await makeKey(board, ['read', 'publish']);
  const feed = await viewer(board, { credential: key });
  let n = 0;
  const sending = setInterval(() => feed.closed === null && feed.send({ action: 'publish', id: (n += 1), event: { key: `k${n}` } }), 50);
  await feed.message((m) => m.type === 'published', 'it publishes before');
  await admin.delete(`/v1/keys/${id}`);
  const deleted = Date.now();
  await feed.end(LIMIT_MS);
  clearInterval(sending);
  const { items } = await admin.items(board);
  for (const item of items.values()) assert.ok(item.received_at === undefined || item.received_at < deleted + LIMIT_MS);
});

test('f20_a_board_that_becomes_private_ends_anonymous_tokens_and_feeds', async () => {
  const board = await admin.board('f20');
  const { body } = await nobody().post('/v1/tokens', { board });
  assert.equal(claims(body.token).cid, `public:${board}`);
  const reader = admin.as(body.token);
  assert.equal((await reader.get(`/v1/boards/${board}/items`)).status, 200);
  const [anonymous, token, member] = await Promise.all([
    viewer(board),
    viewer(board, { token: body.token }),
    viewer(board, { credential: server.adminKey }),
  ]);
  await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'private' });
  assert.deepEqual(await Promise.all([anonymous.end(LIMIT_MS), token.end(LIMIT_MS)]), [4000, 4011]);
  await refused(() => reader.get(`/v1/boards/${board}/items`), 401, 'the token is refused');
  assert.equal((await refusal(server, board, { token: body.token })).status, 401);
  assert.equal((await refusal(server, board)).status, 401);
  assert.equal(member.closed, null);
  member.drop();
  // Public again: whoever comes now is let in, the old token stays where it is.
  await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'public' });
  const fresh = (await nobody().post('/v1/tokens', { board })).body.token;
  const feed = await viewer(board, { token: fresh });
  assert.equal((await reader.get(`/v1/boards/${board}/items`)).status, 401);
  assert.equal(feed.closed, null);
  feed.drop();
});

const GAME = {
  visibility: 'private',
  scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] },
  sessions: { required: true, grace_s: 0 },
};

async function game(name, config = GAME) {
  const board = await admin.board(name, config);
  const { body } = await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One', join: true });
  await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'open' });
  return { board, code: body.code };
}
const join = (code, more = { name: 'Ann' }) => nobody().post('/v1/tokens', { code, ...more });
const act = async (board, action) => {
  const { status, body } = await admin.post(`/v1/boards/${board}/sessions/s1`, { action });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

test('f14_a_session_that_ends_ends_its_players_and_its_code_and_opened_again_it_has_them_back', async () => {
  const { board, code } = await game('f14-session');
  const ann = (await join(code)).body;
  assert.equal(claims(ann.token).cid, `join:${board}/s1`);
  const feed = await viewer(board, { token: ann.token });
  await act(board, 'close');
  assert.equal(await feed.end(LIMIT_MS), 4011);
  await refused(() => admin.as(ann.token).events(board, { key: ann.key, fields: { points: 1 } }), 401, 'it publishes no more');
  await eventually(async () => (await join(code)).body.code === 'code_unknown', 'the code is gone', LIMIT_MS);
  assert.equal((await act(board, 'reopen')).code, code);
  const again = await join(code, { token: ann.token });
  assert.deepEqual([again.status, again.body.key], [200, ann.key]);
  assert.equal((await admin.as(again.body.token).events(board, { key: ann.key, fields: { points: 1 } })).body.accepted, 1);
  assert.equal((await admin.as(ann.token).get(`/v1/boards/${board}/items`)).status, 401);
});

test('f14_a_revoked_code_lets_nobody_in_and_ends_who_came_by_it', async () => {
  const { board, code } = await game('f14-code');
  const ann = (await join(code)).body;
  const feed = await viewer(board, { token: ann.token });
  assert.equal((await act(board, 'revoke_code')).code, null);
  assert.equal(await feed.end(LIMIT_MS), 4011);
  assertProblem(await join(code), 404, 'code_unknown');
  await refused(() => admin.as(ann.token).get(`/v1/boards/${board}/items`), 401, 'the token is refused');
  assertProblem(await admin.post(`/v1/boards/${board}/sessions/s1`, { action: 'revoke_code' }), 409, 'no_join_code');
});

test('f14_a_board_that_is_deleted_and_made_again_knows_neither_the_old_code_nor_old_tokens', async () => {
  const { board, code } = await game('f14-board');
  const ann = (await join(code)).body;
  const reader = await admin.token(board, ['read', 'publish']);
  const feed = await viewer(board, { token: ann.token });
  assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204);
  assert.equal(await feed.end(LIMIT_MS), 4502);
  assertProblem(await join(code), 404, 'code_unknown');
  const next = await game('f14-board');
  assert.notEqual(next.code, code);
  assertProblem(await join(code), 404, 'code_unknown');
  assertProblem(await join(next.code, { token: ann.token }), 401, 'token_invalid');
  for (const token of [ann.token, reader]) {
    assert.ok([401, 403].includes((await admin.as(token).get(`/v1/boards/${board}/items`)).status));
    assert.ok([401, 403].includes((await admin.as(token).events(board, { key: ann.key, fields: { points: 1 } })).status));
    assert.equal((await refusal(server, board, { token })).status, 401);
  }
  assert.equal((await join(next.code)).status, 200);
});
