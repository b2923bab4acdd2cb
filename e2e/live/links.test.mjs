// Links that share a part of a board: what they open, for whom, how often, and how they end.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Feed } from './support/feed.mjs';

/** Within this time what was revoked is over everywhere. */
const LIMIT_MS = 2_000;

let server;
let admin;
let nobody;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  nobody = admin.as(null);
  for (const board of ['fleet', 'other']) {
    await admin.board(board, { visibility: 'private' });
    await admin.publish(board, [{ key: 'bus-1', fields: { n: 1 } }, { key: 'bus-2', fields: { n: 2 } }, { key: 'van', fields: { n: 3 } }]);
  }
});
after(() => server?.stop());

const make = async (wish = {}, board = 'fleet') => {
  const { status, body } = await admin.post(`/v1/boards/${board}/shares`, wish);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
};
const list = async (board = 'fleet') => (await admin.get(`/v1/boards/${board}/shares`)).body.shares;
const open = (share, more = {}) => nobody.post('/v1/tokens', { share, ...more });
const opened = async (share, more) => {
  const { status, body } = await open(share, more);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const keysOf = async (token, board = 'fleet') => (await admin.as(token).get(`/v1/boards/${board}/items`)).body.items?.map((i) => i.key);

test('a_link_opens_what_it_says_and_nothing_else', async () => {
  const all = await make();
  assert.match(all.code, /^[0-9a-hjkmnp-tv-z]{20}$/);
  assert.equal(all.url, `${server.url}/b/fleet#share=${all.code}`);
  const everything = await opened(all.code);
  assert.equal(everything.board, 'fleet');
  assert.equal(claims(everything.token).cid, `share:fleet/${all.id}`);
  assert.deepEqual(await keysOf(everything.token), ['bus-1', 'bus-2', 'van']);
  const buses = await opened((await make({ keys: ['bus-*'], operations: ['read'] })).code);
  assert.deepEqual(await keysOf(buses.token), ['bus-1', 'bus-2']);
  const client = admin.as(buses.token);
  // As if it was not there.
  assertProblem(await client.get('/v1/boards/fleet/items/van'), 404, 'item_not_found');
  assertProblem(await client.get('/v1/boards/fleet/events'), 403, 'forbidden');
  assertProblem(await client.events('fleet', { key: 'bus-1' }), 403, 'forbidden');
  assertProblem(await client.get('/v1/boards/fleet/shares'), 403, 'forbidden');
  assertProblem(await client.get('/v1/boards/other/items'), 403, 'forbidden');
  // A token for more than the link says is not minted with it, not even by a renewal.
  for (const grants of [[{ board: 'fleet', operations: ['read'], keys: ['*'] }], [{ board: 'other', operations: ['read'], keys: ['bus-1'] }]]) {
    assertProblem(await client.post('/v1/tokens', { grants }), 403, 'forbidden');
  }
  const item = await make({ keys: ['bus 7/é'] });
  assert.equal(new URL(item.url).searchParams.get('item'), 'bus 7/é');
});

test('every_code_that_opens_nothing_is_answered_alike', async () => {
  const [revoked, expired, used] = [await make(), await make({ expires_at: Date.now() + 1_500 }), await make({ count: 1 })];
  assert.equal((await admin.delete(`/v1/boards/fleet/shares/${revoked.id}`)).status, 204);
  await opened(used.code);
  await sleep(1_600);
  const forged = `${used.code.slice(0, -1)}${used.code.endsWith('0') ? '1' : '0'}`;
  const codes = { revoked: revoked.code, expired: expired.code, used: used.code, forged, never: '0'.repeat(20), short: 'abc', empty: '', odd: 'ä'.repeat(20), long: 'a'.repeat(5_000) };
  const bodies = new Set();
  for (const [name, code] of Object.entries(codes)) {
    const answer = await open(code);
    assertProblem(answer, 404, 'share_unknown');
    // The example of a request differs by nothing but its code.
    bodies.add(JSON.stringify(answer.body));
    assert.equal(bodies.size, 1, `${name}: ${[...bodies].join(' ')}`);
  }
  const states = Object.fromEntries((await list()).map((s) => [s.id, s.state]));
  assert.deepEqual([states[revoked.id], states[expired.id], states[used.id]], [undefined, 'expired', 'used_up']);
});

test('a_code_is_read_as_people_write_it_and_is_shown_again_to_managers_only', async () => {
  const share = await make({ label: 'a-label-to-find' });
  const spoken = `${share.code.slice(0, 8).toUpperCase()}-${share.code.slice(8)}`;
  await opened(spoken);
  const [again] = (await list()).filter((s) => s.id === share.id);
  assert.deepEqual([again.code, again.url, again.uses, again.label], [share.code, share.url, 1, 'a-label-to-find']);
  assert.ok(Date.now() - again.used < 60_000);
  for (const credential of [null, (await opened(share.code)).token, await admin.token('fleet', ['read'])]) {
    assert.ok([401, 403].includes((await admin.as(credential).get('/v1/boards/fleet/shares')).status));
  }
  const files = readdirSync(server.dataDir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  const bytes = Buffer.concat(files.map((f) => readFileSync(join(f.parentPath ?? f.path, f.name))));
  assert.ok(bytes.includes('a-label-to-find') && !bytes.includes(share.code) && !bytes.includes(share.code.slice(8)));
});

test('no_more_come_in_than_may_however_many_come_at_once_and_who_did_comes_again', async () => {
  const share = await make({ count: 3 });
  const answers = await Promise.all(Array.from({ length: 12 }, () => open(share.code)));
  const good = answers.filter((a) => a.status === 200);
  assert.deepEqual([good.length, answers.filter((a) => a.status === 404).length], [3, 9]);
  const again = await opened(share.code, { token: good[0].body.token });
  assert.deepEqual(await keysOf(again.token), ['bus-1', 'bus-2', 'van']);
  assert.equal((await list()).find((s) => s.id === share.id).uses, 3);
  // A token of another link, or none of ours, brings nobody in.
  const other = await opened((await make()).code);
  for (const token of [other.token, server.adminKey, `${other.token}x`, await admin.token('fleet', ['read'])]) {
    assertProblem(await open(share.code, { token }), 404, 'share_unknown');
  }
});

test('a_token_of_a_link_does_not_outlive_it_and_one_that_is_over_is_renewed_by_who_had_it', async () => {
  const share = await make({ expires_at: Date.now() + 60_000, count: 1 });
  const first = await opened(share.code, { ttl_s: 1 });
  assert.ok((await opened(share.code, { token: first.token, ttl_s: 3_600 })).expires_at <= share.expires_at);
  await sleep(1_200);
  assertProblem(await admin.as(first.token).get('/v1/boards/fleet/items'), 401, 'token_invalid');
  const { token } = await opened(share.code, { token: first.token });
  assert.equal((await keysOf(token)).length, 3);
});

test('a_revoked_link_ends_its_tokens_and_open_feeds_within_two_seconds_and_nobody_else_s', async () => {
  const [share, other] = [await make(), await make()];
  const [{ token }, kept] = [await opened(share.code), await opened(other.code)];
  const minted = (await admin.as(token).post('/v1/tokens', { board: 'fleet', own: true })).body.token;
  const feeds = await Promise.all([token, minted, kept.token].map((t) => Feed.open(server, 'fleet', { token: t })));
  for (const feed of feeds) await feed.subscribe(1);
  const begun = Date.now();
  assert.equal((await admin.delete(`/v1/boards/fleet/shares/${share.id}`)).status, 204);
  const codes = await Promise.all([feeds[0].end(LIMIT_MS), feeds[1].end(LIMIT_MS)]);
  console.log(`feeds of a revoked link are closed after ${Date.now() - begun} ms`);
  assert.deepEqual(codes, [4011, 4011]);
  for (const ended of [token, minted]) assertProblem(await admin.as(ended).get('/v1/boards/fleet/items'), 401, 'token_invalid');
  assertProblem(await open(share.code, { token }), 404, 'share_unknown');
  assert.equal(feeds[2].closed, null);
  feeds[2].drop();
  assertProblem(await admin.delete(`/v1/boards/fleet/shares/${share.id}`), 404, 'not_found');
});

test('managers_share_what_they_may_read_and_only_links_of_their_own_board', async () => {
  const { id } = await make({}, 'other');
  const token = await admin.mint([
    { board: 'fleet', operations: ['manage'] },
    { board: 'fleet', operations: ['read'], keys: ['bus-*'] },
  ]);
  const manager = admin.as(token);
  assertProblem(await manager.post('/v1/boards/fleet/shares', { operations: ['read'] }), 403, 'forbidden');
  assertProblem(await manager.post('/v1/boards/fleet/shares', { keys: ['bus-1'] }), 403, 'forbidden');
  assert.equal((await manager.post('/v1/boards/fleet/shares', { keys: ['bus-1'], operations: ['read'] })).status, 201);
  assertProblem(await manager.delete(`/v1/boards/fleet/shares/${id}`), 404, 'not_found');
  assertProblem(await manager.post('/v1/boards/other/shares', {}), 403, 'forbidden');
  assert.equal((await list('other')).length, 1);
});

test('a_wish_that_is_wrong_is_refused_at_its_field_and_nothing_is_made', async () => {
  const before = (await list()).length;
  const cases = [
    [{ operations: ['read', 'publish'] }, 'not_allowed', 'operations'],
    [{ keys: [] }, 'missing', 'keys'],
    [{ count: 0 }, 'out_of_range', 'count'],
    [{ expires_at: 5 }, 'out_of_range', 'expires_at'],
    [{ expires_at: Date.now() + 400 * 86_400_000 }, 'out_of_range', 'expires_at'],
    [{ label: 'a\nb' }, 'invalid', 'label'],
  ];
  for (const [wish, code, field] of cases) {
    const answer = await admin.post('/v1/boards/fleet/shares', wish);
    assertProblem(answer, 422, code);
    assert.equal(answer.body.errors[0].field, field);
  }
  const share = await make();
  for (const more of [{ board: 'fleet' }, { grants: [{ board: 'fleet', operations: ['read'] }] }, { sub: 'x' }]) {
    assertProblem(await open(share.code, more), 422, 'invalid');
  }
  assert.equal((await list()).length, before + 1);
});

test('a_count_is_kept_when_the_server_is_killed_right_after_an_exchange', async () => {
  const share = await make({ count: 2 });
  const { token } = await opened(share.code);
  await server.kill9();
  await server.restart();
  assert.equal((await list()).find((s) => s.id === share.id).uses, 1);
  assert.equal((await keysOf(token)).length, 3);
  await opened(share.code);
  assertProblem(await open(share.code), 404, 'share_unknown');
});

test('a_board_that_is_deleted_takes_its_links_with_it', async () => {
  await admin.board('short', { visibility: 'private' });
  const share = await make({}, 'short');
  const { token } = await opened(share.code);
  assert.equal((await admin.delete('/v1/boards/short')).status, 204);
  assertProblem(await open(share.code), 404, 'share_unknown');
  await admin.board('short', { visibility: 'private' });
  assert.deepEqual(await list('short'), []);
  assertProblem(await admin.as(token).get('/v1/boards/short/items'), 403, 'forbidden');
});

// Last: this address may guess no more for a while.
test('who_guesses_codes_is_soon_told_to_wait', async () => {
  let refused = 0;
  let share;
  for (let n = 0; n < 2_000; n += 1) {
    share = await open(`04106105${String(n).padStart(12, '0')}`);
    if (share.status === 429) break;
    assertProblem(share, 404, 'share_unknown');
    refused += 1;
  }
  assertProblem(share, 429, 'too_many_requests');
  assert.ok(Number(share.headers.get('retry-after')) > 0 && refused < 600, `${refused} guesses`);
  console.log(`${refused} guesses at once, then 429`);
});
