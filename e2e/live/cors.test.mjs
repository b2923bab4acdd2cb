// What a page of another origin may send and read: the site may have another address than the API.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { heliograph, startServer } from '../server.mjs';

/** Headers that our pages, clients and the browser's EventSource send. */
const SENT = ['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'last-event-id', 'traceparent', 'tracestate'];
/** Headers of answers that they read. */
const READ = ['allow', 'etag', 'link', 'retry-after', 'location', 'heliograph-trace'];

let server;
before(async () => {
  server = await startServer();
  assert.equal(heliograph(server, ['board', 'apply', 'boards/fleet.json']).status, 0);
});
after(() => server.stop());

const words = (answer, name) => (answer.headers.get(name) ?? '').toLowerCase().split(/,\s*/);

test('a page of another origin may ask with every header that pages send', async () => {
  for (const [path, method] of [['/v1/boards/fleet/events', 'POST'], ['/v1/boards/fleet', 'PUT'], ['/v1/boards/fleet/items/x', 'DELETE'], ['/v1/boards/fleet/feed', 'GET'], ['/v1/tokens', 'POST']]) {
    const headers = { origin: 'https://board.example.com', 'access-control-request-method': method, 'access-control-request-headers': SENT.join(',') };
    const answer = await fetch(server.url + path, { method: 'OPTIONS', headers });
    assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [204, '*'], path);
    assert.ok(words(answer, 'access-control-allow-methods').includes(method.toLowerCase()), path);
    assert.deepEqual(SENT.filter((name) => !words(answer, 'access-control-allow-headers').includes(name)), [], path);
  }
});

test('a page of another origin may read the headers that pages read, of good answers and of refusals', async () => {
  const key = { authorization: `Bearer ${server.adminKey}` };
  for (const [path, options = {}] of [
    ['/v1/boards/fleet', { headers: key }],
    ['/v1/boards'],
    ['/v1/boards/fleet/items'],
    ['/v1/boards/nobody'],
    ['/v1/boards/fleet/events', { method: 'POST', body: '[]' }],
    ['/v1/boards/fleet/dead-letters/export', { headers: key }],
    ['/v1/boards/fleet', { method: 'PATCH' }],
  ]) {
    const answer = await fetch(server.url + path, { ...options, headers: { origin: 'https://board.example.com', ...options.headers } });
    await answer.arrayBuffer();
    assert.equal(answer.headers.get('access-control-allow-origin'), '*', `${path} ${answer.status}`);
    const exposed = words(answer, 'access-control-expose-headers');
    assert.deepEqual(READ.filter((name) => !exposed.includes(name)), [], `${path} ${answer.status}`);
    // Nothing is given away by cookies: credentials are sent by hand alone.
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
  }
});
