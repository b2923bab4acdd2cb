// Who is connected to a board, as managers see it, and ending that: over several relays of a real workerd.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { BINARY_FEED, Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  // Three viewers fill a relay.
  server = await startServer({ env: { HELIOGRAPH_VIEWERS_PER_RELAY: '3' } });
  admin = new Client(server);
});
after(() => server?.stop());

const connections = async (board, query = '') => {
  const { status, body } = await admin.get(`/v1/boards/${board}/connections${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

const key = async (label, grants) => (await admin.post('/v1/keys', { label, grants })).body;

test('open feeds of all relays are listed page by page, with their credential and what they follow', async () => {
  const board = await admin.board('seen');
  const { id, key: secret } = await key('a viewer', [{ board: 'seen', operations: ['read'] }]);
  const open = [];
  for (let i = 0; i < 4; i += 1) open.push(await Feed.open(server, board));
  open.push(await Feed.open(server, board, { credential: secret, protocols: [BINARY_FEED] }));
  open.push(await Feed.open(server, board, { credential: secret }));
  await open[5].subscribe(7, { keys: ['a', 'b'] });
  const { connections: all, next } = await eventually(async () => {
    const list = await connections(board);
    return list.connections.length === 6 && list.connections.some((c) => c.follows.length === 1) ? list : false;
  }, 'six connections');
  assert.equal(next, null);
  assert.deepEqual([...new Set(all.map((c) => c.id.split('.')[0]))], ['0', '1'], 'two relays');
  const theirs = all.filter((c) => c.credential === `key:${id}`);
  assert.equal(theirs.length, 2);
  assert.ok(all.every((c) => c.credential === null || theirs.includes(c)), 'the others came without a credential');
  const [follower] = all.filter((c) => c.follows.length > 0);
  assert.deepEqual(follower.follows, [{ id: 7, what: 'items', keys: 2, bbox: null }]);
  assert.equal(follower.mode, 'json');
  assert.ok(Math.abs(follower.since - Date.now()) < 60_000 && follower.sent_bytes > 0);
  assert.equal(all.filter((c) => c.mode === 'binary').length, 1);
  const pages = [];
  for (let after; ; ) {
    const page = await connections(board, `?limit=2${after ? `&after=${after}` : ''}`);
    pages.push(...page.connections.map((c) => c.id));
    assert.ok(page.connections.length <= 2);
    if (page.next === null) break;
    after = page.next;
  }
  assert.deepEqual(pages, all.map((c) => c.id));
  for (const feed of open) feed.socket.terminate();
  await eventually(async () => (await connections(board)).connections.length === 0, 'nobody');
});

test('one connection is ended, or all of a credential, and nobody else; it is noted who did it', async () => {
  const board = await admin.board('ended');
  const { id, key: secret } = await key('to end', [{ board: 'ended', operations: ['read'] }]);
  const public_ = [await Feed.open(server, board), await Feed.open(server, board)];
  const theirs = [];
  for (let i = 0; i < 3; i += 1) theirs.push(await Feed.open(server, board, { credential: secret }));
  const list = await eventually(async () => {
    const { connections: all } = await connections(board);
    return all.length === 5 ? all : false;
  }, 'five connections');
  const one = list.find((c) => c.credential === null);
  assert.equal((await admin.delete(`/v1/boards/${board}/connections/${one.id}`)).status, 204);
  assert.equal((await admin.delete(`/v1/boards/${board}/connections/${one.id}`)).status, 404);
  await eventually(() => public_.filter((feed) => feed.closed === 4503).length === 1, 'one is closed');
  assert.equal((await admin.delete(`/v1/boards/${board}/connections`)).status, 400);
  const ended = await admin.delete(`/v1/boards/${board}/connections?credential=key:${id}`);
  assert.deepEqual([ended.status, ended.body], [200, { ended: 3 }]);
  await eventually(() => theirs.every((feed) => feed.closed === 4503), 'all of the key are closed');
  assert.equal(public_.filter((feed) => feed.closed === null).length, 1);
  // The key is still good.
  (await Feed.open(server, board, { credential: secret })).socket.terminate();
  const { body: noted } = await admin.get(`/v1/boards/${board}/audit?kind=connections`);
  assert.deepEqual(noted.entries.map((e) => [e.target, e.after, e.by.credential]), [[`key:${id}`, '3', 'admin'], [one.id, null, 'admin']]);
});
