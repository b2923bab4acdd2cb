// The feed by long polling: for those whose proxies let neither sockets nor streams through.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet');
  await admin.board('wide');
  await admin.board('closed', { visibility: 'private' });
  await admin.board('arena', { scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
});
after(() => server?.stop());

/** One question; `after` is the id of the answer before it. */
async function poll(board, { after, credential, wait_s = 10, ...parameters } = {}) {
  const query = new URLSearchParams({ ...parameters, wait_s, ...(after && { after }) });
  const headers = { accept: 'application/json', ...(credential && { authorization: `Bearer ${credential}` }) };
  const began = performance.now();
  const response = await fetch(`${server.url}/v1/boards/${board}/feed?${query}`, { headers });
  return { status: response.status, headers: response.headers, body: await response.json(), ms: performance.now() - began };
}
const kinds = ({ body }) => body.messages.map((message) => message.type);

test('a first question is answered with what there is, the next one with what came after it', async () => {
  await admin.publish('fleet', [{ key: 'a', fields: { n: 1 } }, { key: 'b', fields: { n: 1 } }]);
  const first = await poll('fleet', { keys: 'a' });
  assert.deepEqual(kinds(first), ['snapshot']);
  assert.deepEqual(first.body.messages[0].items.map((item) => item.key), ['a']);
  assert.equal(first.headers.get('cache-control'), 'public, max-age=1');

  const waiting = poll('fleet', { keys: 'a', after: first.body.id });
  await admin.publish('fleet', [{ key: 'b', fields: { n: 2 } }]);
  await admin.publish('fleet', [{ key: 'a', fields: { n: 3 } }]);
  const next = await waiting;
  assert.deepEqual(kinds(next), ['delta']);
  assert.match(JSON.stringify(next.body.messages), /"n":3/);

  const again = await poll('fleet', { keys: 'a', after: first.body.id });
  assert.match(JSON.stringify(again.body.messages), /"n":3/, 'what came after a place stays true');
});

test('a question without news is answered with none, at its time, and is nothing that a cache keeps', async () => {
  const first = await poll('fleet', { keys: 'quiet' });
  const none = await poll('fleet', { keys: 'quiet', after: first.body.id, wait_s: 1 });
  assert.deepEqual(none.body, { id: first.body.id, messages: [] });
  assert.ok(none.ms >= 900, `${none.ms} ms`);
  assert.match(none.headers.get('cache-control'), /no-store/);
});

test('a first question is answered with all of a snapshot of many parts, whatever it waits for news', async () => {
  const all = Array.from({ length: 21_000 }, (_, i) => ({ key: `big-${i}`, fields: { text: `${i}-`.padEnd(60, 'x') } }));
  for (let i = 0; i < all.length; i += 1_000) await admin.publish('wide', all.slice(i, i + 1_000));
  const first = await poll('wide', { wait_s: 0 });
  assert.equal(first.status, 200, JSON.stringify(first.body).slice(0, 300));
  assert.ok(first.body.messages.length > 1, 'a snapshot in one part');
  assert.ok(first.body.messages.every((message) => message.type === 'snapshot'));
  const keys = new Set(first.body.messages.flatMap((message) => message.items.map((item) => item.key)));
  assert.equal(keys.size, all.length);
  assert.deepEqual((await poll('wide', { after: first.body.id, wait_s: 0 })).body, { id: first.body.id, messages: [] });
});

test('a place of another life of the board is a gap and everything anew', async () => {
  await admin.publish('fleet', [{ key: 'a', fields: { n: 4 } }]);
  const answer = await poll('fleet', { keys: 'a', after: 'e999:1' });
  assert.deepEqual(kinds(answer), ['gap', 'snapshot']);
});

test('a ranking is answered when it is another', async () => {
  await admin.publish('arena', [{ id: '1', key: 'ann', fields: { n: 5 } }]);
  const first = await eventually(async () => {
    const answer = await poll('arena', { what: 'scores' });
    return answer.body.messages[0]?.top?.rows.length === 1 && answer;
  }, () => 'the ranking');
  const waiting = poll('arena', { what: 'scores', after: first.body.id });
  await admin.publish('arena', [{ id: '2', key: 'bob', fields: { n: 9 } }]);
  const next = await waiting;
  assert.match(JSON.stringify(next.body.messages), /"bob"/);
  const none = await poll('arena', { what: 'scores', after: next.body.id, wait_s: 1 });
  assert.deepEqual(none.body.messages, []);
});

test('a credential decides what is told, and nothing of it is for caches', async () => {
  assert.equal((await poll('closed')).status, 401);
  await admin.publish('closed', [{ key: 'a', fields: { n: 1 } }, { key: 'b', fields: { n: 1 } }]);
  const { body } = await admin.post('/v1/tokens', { grants: [{ board: 'closed', operations: ['read'], keys: ['a'] }] });
  const answer = await poll('closed', { credential: body.token });
  assert.deepEqual(answer.body.messages[0].items.map((item) => item.key), ['a']);
  assert.match(answer.headers.get('cache-control'), /no-store/);
});

test('what is wrong with the address is named', async () => {
  for (const [parameters, field] of [[{ wait_s: 'long' }, 'wait_s'], [{ moon: '1' }, 'moon'], [{ bbox: '1,2' }, '']]) {
    const { status, body } = await poll('fleet', parameters);
    assert.equal(status, 400);
    assert.equal(body.errors[0].field, field);
  }
});
