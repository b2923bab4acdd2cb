// Who gets a feed: subprotocols, tokens before the upgrade, what a token shows, and what ends a connection.

import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem, epoch } from './support/client.mjs';
import { BINARY_FEED, Feed, JSON_FEED, assertSame, refusal } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('open');
  await admin.board('closed', { visibility: 'private' });
  await admin.publish('closed', [{ key: 'v1' }, { key: 'v2' }, { key: 'w1' }]);
});
after(() => server?.stop());

test('only the protocol is echoed, never the token beside it', async () => {
  const token = await admin.token('closed', ['read']);
  const cases = [
    [[JSON_FEED], undefined, JSON_FEED],
    [[BINARY_FEED], undefined, BINARY_FEED],
    [[JSON_FEED, BINARY_FEED], undefined, BINARY_FEED],
    [[JSON_FEED], token, JSON_FEED],
    [[BINARY_FEED], token, BINARY_FEED],
    [['something.else', JSON_FEED], undefined, JSON_FEED],
  ];
  for (const [protocols, bearer, expected] of cases) {
    const feed = await Feed.open(server, 'open', { protocols, token: bearer });
    assert.equal(feed.protocol, expected);
    feed.drop();
  }
  const first = await Feed.open(server, 'closed', { protocols: [`bearer.${token}`, JSON_FEED] });
  assert.equal(first.protocol, JSON_FEED);
  first.drop();
});

test('a token that is offered alone is echoed, and nothing is echoed when nothing is offered', async () => {
  const token = await admin.token('closed', ['read']);
  const alone = await Feed.open(server, 'closed', { protocols: [], token });
  assert.equal(alone.protocol, `bearer.${token}`);
  assert.equal((await alone.subscribe(1)).items.length, 3);
  alone.drop();
  const nothing = await Feed.open(server, 'open', { protocols: [] });
  assert.equal(nothing.protocol, '');
  await nothing.subscribe(1);
  nothing.drop();
});

test('subprotocols of which none is known are refused before the upgrade', async () => {
  assertProblem(await refusal(server, 'open', { protocols: ['mqtt'] }), 400, 'unknown_subprotocol');
});

/** A token with the claims of another one, signed by somebody else. */
function forged(token, header = { alg: 'ES256', typ: 'JWT' }) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}`;
  const signature = header.alg === 'none' ? '' : sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  return `${text}.${signature}`;
}

test('a private board refuses with 401 before the upgrade: no token, a damaged, forged, foreign or insufficient one', async () => {
  const good = await admin.token('closed', ['read']);
  const [header, claims, signature] = good.split('.');
  const more = JSON.parse(Buffer.from(claims, 'base64url'));
  more.grants[0].operations.push('publish');
  const edited = [header, Buffer.from(JSON.stringify(more)).toString('base64url'), signature].join('.');
  const kid = JSON.parse(Buffer.from(header, 'base64url')).kid;
  const refused = async (token, code) => {
    const problem = await refusal(server, 'closed', { token });
    assertProblem(problem, 401, code);
    assert.equal(problem.headers.get('www-authenticate'), 'Bearer');
  };
  await refused(undefined, 'credential_missing');
  await refused(good.slice(0, -10), 'token_invalid');
  await refused('garbage', 'token_invalid');
  await refused(edited, 'token_invalid');
  await refused(forged(good), 'token_invalid');
  await refused(forged(good, { alg: 'ES256', typ: 'JWT', kid }), 'token_invalid');
  await refused(forged(good, { alg: 'none' }), 'token_invalid');
  await refused(await admin.token('open', ['read']), 'forbidden');
  await refused(await admin.token('closed', ['publish', 'history', 'manage']), 'forbidden');
  assertProblem(await refusal(server, 'closed', { headers: { authorization: 'Bearer nonsense' } }), 401, 'key_invalid');
  const feed = await Feed.open(server, 'closed', { token: good });
  feed.drop();
  const byHeader = await Feed.open(server, 'closed', { credential: good });
  assert.equal((await byHeader.subscribe(1)).items.length, 3);
  byHeader.drop();
});

test('a token that has expired is refused with 401, also one that was good a moment ago', async () => {
  const token = await admin.token('closed', ['read'], { ttl_s: 2 });
  const feed = await Feed.open(server, 'closed', { token });
  feed.drop();
  const problem = await eventually(async () => {
    try {
      return await refusal(server, 'closed', { token });
    } catch {
      return null;
    }
  }, 'the token expires');
  assertProblem(problem, 401, 'token_invalid');
  assert.match(problem.body.detail, /expired/);
});

test('a token in the URL is refused: logs would keep it', async () => {
  for (const name of ['token', 'access_token', 'jwt']) {
    assertProblem(await refusal(server, 'open', { query: `?${name}=x` }), 400, 'token_in_url');
  }
});

test('the feed asks for a WebSocket, and for a board that exists', async () => {
  assertProblem(await admin.get('/v1/boards/open/feed'), 426, 'upgrade_required');
  assertProblem(await refusal(server, 'nowhere', { headers: admin.authorization }), 404, 'board_not_found');
});

test('a token for some keys shows those and nothing else, in every kind of subscription', async () => {
  const board = await admin.board('shared-board', { visibility: 'private' });
  const at = { lat: 30, lon: -97 };
  await admin.publish(board, ['v1', 'v2', 'w1'].map((key) => ({ key, position: at })));
  const feed = await Feed.open(server, board, { token: await admin.token(board, ['read'], { keys: ['v*'] }) });
  await feed.subscribe(1);
  await feed.subscribe(2, { keys: ['v1', 'w1'] });
  await feed.subscribe(3, { bbox: [-98, 29, -96, 31] });
  const all = await Feed.open(server, board, { credential: server.adminKey });
  await all.subscribe(1);
  await admin.publish(board, ['w1', 'w2'].map((key) => ({ key, position: at, fields: { secret: 1 } })));
  const { cursor } = await admin.publish(board, ['v1', 'v3', 'w3'].map((key) => ({ key, position: at, fields: { n: 1 } })));
  await all.reach(1, cursor);
  for (const id of [1, 2, 3]) await feed.reach(id, cursor);
  const keys = (id) => [...feed.replica(id).items.keys()].sort();
  assert.deepEqual(keys(1), ['v1', 'v2', 'v3']);
  assert.deepEqual(keys(2), ['v1']);
  assert.deepEqual(keys(3), ['v1', 'v2', 'v3']);
  assert.ok(!/"w\d"|secret/.test(JSON.stringify(feed.messages)), JSON.stringify(feed.messages));
  assert.equal(all.replica(1).items.size, 6);
  feed.drop();
  all.drop();
});

test('a connection closes with 4010 when its token ends, and says so; one that got a new token goes on', async () => {
  const short = await admin.token('closed', ['read'], { ttl_s: 3 });
  const [ends, goesOn] = await Promise.all([1, 2].map(() => Feed.open(server, 'closed', { token: short })));
  await ends.subscribe(1);
  await goesOn.subscribe(1);
  goesOn.send({ action: 'token', token: await admin.token('closed', ['read'], { ttl_s: 600 }) });
  assert.equal(await ends.end(), 4010);
  assert.deepEqual(ends.messages.at(-1), { type: 'bye', code: 4010, reason: 'token_expired', reconnect: true });
  const { cursor } = await admin.publish('closed', { key: 'v1', fields: { n: Date.now() } });
  await goesOn.reach(1, cursor);
  assert.equal(goesOn.closed, null);
  goesOn.drop();
});

test('a new token that is no good is refused and the old one goes on; one for other keys shows those', async () => {
  const feed = await Feed.open(server, 'closed', { token: await admin.token('closed', ['read'], { keys: ['v1'] }) });
  await feed.subscribe(1);
  for (const token of ['garbage', await admin.token('closed', ['publish']), await admin.token('open', ['read'])]) {
    const start = feed.messages.length;
    feed.send({ action: 'token', token });
    const answer = await feed.message((m) => m.type === 'error', 'refusal of the token', { start });
    assert.deepEqual([answer.code, answer.action], ['token_refused', 'token']);
    assert.ok(!answer.message.includes(token));
  }
  assert.deepEqual([...feed.replica(1).items.keys()], ['v1']);
  feed.send({ action: 'token', token: await admin.token('closed', ['read'], { keys: ['w*'] }) });
  await eventually(() => feed.replica(1).items.has('w1'), 'the keys of the new token');
  assert.deepEqual([...feed.replica(1).items.keys()], ['w1']);
  feed.drop();
});

test('a board that becomes private has its viewers come back with a token', async () => {
  const board = await admin.board('was-open');
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'private' });
  assert.equal(await feed.end(), 4000);
  assert.equal(feed.messages.at(-1).reconnect, true);
  assertProblem(await refusal(server, board), 401, 'credential_missing');
  const back = await Feed.open(server, board, { token: await admin.token(board, ['read']) });
  back.drop();
});

test('a board that is deleted closes its viewers for good', async () => {
  const board = await admin.board('doomed');
  await admin.publish(board, { key: 'a' });
  const feed = await Feed.open(server, board);
  const { cursor } = await feed.subscribe(1);
  assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204);
  assert.equal(await feed.end(), 4502);
  assert.equal(feed.messages.at(-1).reconnect, false);
  await admin.board(board);
  const again = await Feed.open(server, board);
  await again.subscribe(1, { resume: cursor });
  assert.ok(again.messages.some((m) => m.type === 'gap'));
  assert.notEqual(epoch(again.replica(1).cursor), epoch(cursor));
  assertSame(again.replica(1), new Map());
  again.drop();
});
