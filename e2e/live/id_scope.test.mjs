// Whose event ids and Idempotency-Keys are: a sender's own, through HTTP and the feed, over renewed keys and restarts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Feed } from './support/feed.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const grant = (board) => ({ board, operations: ['read', 'publish'] });
async function makeKey(board, more = {}) {
  const { status, body } = await admin.post('/v1/keys', { label: 'x', grants: [grant(board)], ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}
async function minted(client, board, sub) {
  const { status, body } = await client.post('/v1/tokens', { grants: [grant(board)], sub });
  assert.equal(status, 200, JSON.stringify(body));
  return body.token;
}
const event = (id, key = 'a') => ({ id, key, fields: { n: 1 } });
/** What became of one event: accepted and duplicate. */
async function sent(client, board, body, idempotencyKey) {
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  const answer = await client.events(board, body, headers);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return [answer.body.accepted, answer.body.duplicate];
}
const NEW = [1, 0];
const DUPLICATE = [0, 1];

test('f19_two_producers_with_one_id_or_idempotency_key_do_not_use_up_each_others_also_after_a_restart', async () => {
  const board = await admin.board('f19-two');
  assert.equal((await admin.get(`/v1/boards/${board}`)).body.identity_scope, 'sender');
  const [bus, tram] = (await Promise.all([makeKey(board), makeKey(board)])).map(({ key }) => admin.as(key));
  const mint = (client, sub) => minted(client, board, sub);
  const [one, two, bare] = (await Promise.all([mint(bus, 'one'), mint(bus, 'two'), mint(bus)])).map((t) => admin.as(t));
  // A key, another key, tokens for two subjects, the administrator: five senders.
  for (const sender of [bus, tram, one, two, admin]) assert.deepEqual(await sent(sender, board, event('7')), NEW);
  for (const sender of [bus, tram, one, two, admin, bare]) assert.deepEqual(await sent(sender, board, event('7')), DUPLICATE);
  // A token's holder does not become somebody else by the name of its next token.
  const nested = admin.as(await mint(one, 'two'));
  await sent(two, board, event('8'));
  assert.deepEqual(await sent(nested, board, event('8')), NEW);
  assert.deepEqual(await sent(one, board, event('8')), DUPLICATE);
  // Idempotency-Keys: another's key with another body is none of mine.
  const cursor = (await bus.events(board, event('9'), { 'idempotency-key': 'k' })).body.cursor;
  assert.deepEqual(await sent(tram, board, [event('9'), event('10')], 'k'), [2, 0]);
  assert.equal((await bus.events(board, event('9'), { 'idempotency-key': 'k' })).body.cursor, cursor);
  assertProblem(await bus.events(board, event('11'), { 'idempotency-key': 'k' }), 422, 'idempotency_key_reused');
  await server.kill9();
  await server.restart();
  for (const sender of [bus, tram, one, two, admin]) assert.deepEqual(await sent(sender, board, event('7')), DUPLICATE);
  const { id, key } = await makeKey(board);
  assert.deepEqual(await sent(admin.as(key), board, event('7')), NEW, id);
  assert.equal((await bus.events(board, event('9'), { 'idempotency-key': 'k' })).body.cursor, cursor);
  assert.deepEqual(await sent(admin.as(key), board, event('11'), 'k'), NEW);
});

test('f19_a_renewed_key_names_the_owner_of_the_one_before_and_has_its_ids', async () => {
  const board = await admin.board('f19-renewed');
  const first = await makeKey(board);
  assert.equal(first.owner, first.id);
  const token = await minted(admin.as(first.key), board, 'bus-1');
  assert.deepEqual(await sent(admin.as(first.key), board, event('1'), 'k'), NEW);
  assert.deepEqual(await sent(admin.as(token), board, event('1')), NEW);
  const second = await makeKey(board, { owner: first.owner });
  assert.equal(second.owner, first.owner);
  const listed = (await admin.get('/v1/keys')).body.keys.filter((k) => k.owner === first.owner).map((k) => k.id);
  assert.deepEqual(listed.sort(), [first.id, second.id].sort());
  assert.equal((await admin.delete(`/v1/keys/${first.id}`)).status, 204);
  assert.deepEqual(await sent(admin.as(second.key), board, event('1')), DUPLICATE);
  assert.deepEqual(await sent(admin.as(second.key), board, event('1'), 'k'), NEW, 'the first answer');
  const renewed = await minted(admin.as(second.key), board, 'bus-1');
  assert.deepEqual(await sent(admin.as(renewed), board, event('1')), DUPLICATE);
  for (const owner of ['', 'a/b', 'x'.repeat(65)]) {
    assertProblem(await admin.post('/v1/keys', { label: 'x', grants: [grant(board)], owner }), 422, 'invalid');
  }
});

test('f19_the_feed_has_the_ids_of_whoever_came_and_of_its_next_token', async () => {
  const board = await admin.board('f19-feed');
  const { key } = await makeKey(board);
  const tokenOf = (sub) => minted(admin.as(key), board, sub);
  const [one, two] = await Promise.all([tokenOf('one'), tokenOf('two')]);
  assert.deepEqual(await sent(admin.as(one), board, event('1')), NEW);
  const feed = await Feed.open(server, board, { token: two });
  let n = 0;
  const publish = async (body) => {
    const id = (n += 1);
    feed.send({ action: 'publish', id, event: body });
    const { answer } = await feed.message((m) => m.type === 'published' && m.id === id, 'an answer');
    return [answer.accepted, answer.duplicate];
  };
  assert.deepEqual(await publish(event('1')), NEW);
  assert.deepEqual(await publish(event('1')), DUPLICATE);
  assert.deepEqual(await sent(admin.as(two), board, event('1')), DUPLICATE, 'the same sender over HTTP');
  assert.deepEqual(await sent(admin.as(one), board, event('2')), NEW);
  feed.send({ action: 'token', token: one });
  assert.deepEqual(await publish(event('2')), DUPLICATE);
  feed.drop();
});

test('f19_a_boards_config_may_say_that_ids_are_the_boards_and_a_config_without_it_leaves_it', async () => {
  const board = await admin.board('f19-board', { identity_scope: 'board' });
  const senders = (await Promise.all([makeKey(board), makeKey(board)])).map(({ key }) => admin.as(key));
  assert.deepEqual(await sent(senders[0], board, event('1')), NEW);
  assert.deepEqual(await sent(senders[1], board, event('1')), DUPLICATE);
  assert.deepEqual(await sent(senders[0], board, event('2'), 'k'), NEW);
  assertProblem(await senders[1].events(board, event('3'), { 'idempotency-key': 'k' }), 422, 'idempotency_key_reused');
  const put = await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'public' });
  assert.deepEqual([put.status, put.body.identity_scope], [200, 'board']);
  assert.deepEqual(await sent(senders[1], board, event('1')), DUPLICATE);
  assert.deepEqual(await sent(admin, board, event('2')), DUPLICATE);
});

test('f19_what_has_no_id_is_the_same_from_whomever_it_comes', async () => {
  const board = await admin.board('f19-ships', { identity: 'key_time' });
  const time = Date.now() - 60_000;
  const senders = (await Promise.all([makeKey(board), makeKey(board)])).map(({ key }) => admin.as(key));
  assert.deepEqual(await sent(senders[0], board, { key: 'ship', time }), NEW);
  assert.deepEqual(await sent(senders[1], board, { key: 'ship', time }), DUPLICATE);
});
