// The board's items over REST: filters, pages, what changed since, and conditional requests.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem, epoch, seq } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const at = (lat, lon) => ({ lat, lon });
const list = (board, query = '') => admin.get(`/v1/boards/${board}/items${query}`);
const keys = (answer) => {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.items.map((i) => i.key);
};

test('items are found by keys and by box, also across the antimeridian', async () => {
  const board = await admin.board('filters');
  await admin.publish(board, [
    { key: 'austin', position: at(30.26, -97.74) },
    { key: 'fiji', position: at(-17.7, 178) },
    { key: 'samoa', position: at(-13.8, -172) },
    { key: 'a b,é', position: at(30.3, -97.7) },
    { key: 'nowhere' },
  ]);
  assert.deepEqual(keys(await list(board, '?keys=fiji,nowhere,nobody,fiji')), ['fiji', 'nowhere']);
  assert.deepEqual(keys(await list(board, '?bbox=-98,30,-97,31')), ['austin', 'a b,é']);
  assert.deepEqual(keys(await list(board, '?bbox=170,-20,-170,0')), ['fiji', 'samoa']);
  assert.deepEqual(keys(await list(board, '?bbox=-98,30,-97,31&keys=austin,fiji')), ['austin']);
  assert.deepEqual(keys(await list(board, '?keys=')), []);
});

test('an item is found under its percent-encoded key', async () => {
  const board = await admin.board('encoded');
  for (const key of ['Bus 7', 'a/b', 'é?&=#', '100%', '%41', 'naïve+plus', '日本']) {
    await admin.publish(board, { key, fields: { key } });
    const { status, body } = await admin.get(`/v1/boards/${board}/items/${encodeURIComponent(key)}`);
    assert.equal(status, 200, key);
    assert.deepEqual([body.key, body.fields.key], [key, key]);
  }
  assertProblem(await admin.get(`/v1/boards/${board}/items/nobody`), 404, 'item_not_found');
});

test('pages are stable and complete while the board changes', async () => {
  const board = await admin.board('pages');
  const all = Array.from({ length: 250 }, (_, i) => `k${i}`);
  await admin.publish(board, all.map((key) => ({ key })));
  const found = [];
  let after = '';
  for (let page = 0; ; page += 1) {
    const answer = await list(board, `?limit=40${after}`);
    found.push(...keys(answer));
    if (answer.body.next === null) break;
    assert.equal(answer.body.items.length, 40);
    after = `&after=${answer.body.next}`;
    // Items change order of change, and new ones appear, between the pages.
    await admin.publish(board, [{ key: 'k200', fields: { page } }, { key: 'k3', fields: { page } }, { key: `new${page}` }]);
  }
  assert.equal(new Set(found).size, found.length, 'no item twice');
  assert.deepEqual(all.filter((key) => !found.includes(key)), []);
  assert.equal((await list(board)).body.items.length, Math.min(1000, 250 + 6));
});

test('a page that ends with the last item says that there is no next one', async () => {
  const board = await admin.board('exact');
  await admin.publish(board, ['a', 'b', 'c', 'd'].map((key) => ({ key })));
  const first = await list(board, '?limit=2');
  const second = await list(board, `?limit=2&after=${first.body.next}`);
  assert.deepEqual([...keys(first), ...keys(second)], ['a', 'b', 'c', 'd']);
  assert.equal(second.body.next, null);
});

test('since gives only what changed after a cursor, and 410 for a cursor of another life or of the future', async () => {
  const board = await admin.board('since');
  const { cursor } = await admin.publish(board, ['a', 'b', 'c'].map((key) => ({ key })));
  assert.deepEqual(keys(await list(board, `?since=${cursor}`)), []);
  await admin.publish(board, [{ key: 'b', fields: { n: 1 } }, { key: 'd' }]);
  assert.deepEqual(keys(await list(board, `?since=${cursor}`)).sort(), ['b', 'd']);
  assert.deepEqual(keys(await list(board, `?since=${cursor}&keys=a,b`)), ['b']);
  const foreign = Number(epoch(cursor).slice(1)) === 1 ? 'e2' : 'e1';
  assertProblem(await list(board, `?since=${foreign}:1`), 410, 'cursor_gone');
  assertProblem(await list(board, `?since=${epoch(cursor)}:${seq(cursor) + 100}`), 410, 'cursor_gone');
});

test('a parameter that is wrong or unknown is refused by its name, all of them at once', async () => {
  const board = await admin.board('parameters');
  const wrong = {
    bbox: ['1,2,3', '1,2,3,x', '0,2,1,1'],
    since: ['17'],
    limit: ['0', '10001', 'x'],
    after: ['x'],
    keys: ['k,'.repeat(1_001)],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) assertProblem(await list(board, `?${name}=${value}`), 400, 'invalid_parameter', name);
  }
  assertProblem(await list(board, '?colour=red'), 400, 'unknown_parameter', 'colour');
  const both = assertProblem(await list(board, '?limit=0&colour=red'), 400, 'invalid_parameter', 'limit');
  assert.deepEqual(both.errors.map((e) => e.field), ['limit', 'colour']);
});

test('the ETag is the cursor, and a conditional request for it answers 304 until something changes', async () => {
  const board = await admin.board('etag');
  await admin.publish(board, { key: 'a' });
  for (const path of [`/v1/boards/${board}/items`, `/v1/boards/${board}/items/a`]) {
    const first = await admin.get(path);
    const etag = first.headers.get('etag');
    // Beside the cursor it says as whom it was read.
    assert.ok(etag.startsWith(`"${(await admin.items(board)).cursor}`), etag);
    for (const condition of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const same = await admin.get(path, { 'if-none-match': condition });
      assert.deepEqual([same.status, same.body, same.headers.get('etag')], [304, '', etag]);
    }
    await admin.publish(board, { key: 'a', fields: { n: Math.random() } });
    assert.equal((await admin.get(path, { 'if-none-match': etag })).status, 200);
  }
});

test('a token for some keys sees those, page by page, and is not told that others exist', async () => {
  const board = await admin.board('private-items', { visibility: 'private' });
  await admin.publish(board, ['v1', 'w1', 'v2', 'w2', 'v3'].map((key) => ({ key })));
  const reader = admin.as(await admin.token(board, ['read'], { keys: ['v*'] }));
  const path = `/v1/boards/${board}/items`;
  assert.deepEqual(keys(await reader.get(path)), ['v1', 'v2', 'v3']);
  assert.deepEqual(keys(await reader.get(`${path}?keys=v1,w1`)), ['v1']);
  const first = await reader.get(`${path}?limit=2`);
  assert.deepEqual(keys(await reader.get(`${path}?limit=2&after=${first.body.next}`)), ['v3']);
  assertProblem(await reader.get(`${path}/w1`), 404, 'item_not_found');
  assert.equal((await reader.get(`${path}/v1`)).status, 200);
  assertProblem(await admin.as(null).get(path), 401, 'credential_missing');
  assertProblem(await admin.as(await admin.token(board, ['publish'])).get(path), 403, 'forbidden');
});
