// Named views, and views of other services: parameters, rights, jq, and a service that fails, stalls or sends too much.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { reachingHere } from './support/object_store.mjs';

const SECRET = 'a-secret-of-the-deployment';

let server;
let admin;
let nobody;
let origin;

/** A service whose behaviour a test sets. */
class Origin {
  calls = [];
  behave = (req, res) => res.end();

  static async start() {
    const it = new Origin();
    it.http = createServer((req, res) => {
      it.calls.push({ url: req.url, headers: req.headers });
      it.behave(req, res);
    });
    await new Promise((done) => it.http.listen(0, '127.0.0.1', done));
    it.url = `http://127.0.0.1:${it.http.address().port}`;
    return it;
  }

  answers(value, status = 200, headers = {}) {
    this.behave = (req, res) => {
      res.writeHead(status, { 'content-type': 'application/json', ...headers });
      res.end(typeof value === 'string' ? value : JSON.stringify(value));
    };
  }
}

const withSecret = (text) => {
  const binding = '(name = "UPSTREAM_TEST", fromEnvironment = "UPSTREAM_TEST"),';
  const edited = reachingHere(text).replace('bindings = [', `bindings = [\n    ${binding}`);
  assert.ok(edited.includes(binding));
  return edited;
};

before(async () => {
  origin = await Origin.start();
  server = await startServer({
    env: { UPSTREAM_TEST: SECRET, HELIOGRAPH_PRIVATE_TARGETS: 'allow' },
    config: withSecret,
  });
  admin = new Client(server);
  nobody = admin.as(null);
});
after(async () => {
  await server?.stop();
  origin?.http.closeAllConnections();
  origin?.http.close();
});

const cache = (answer) => answer.headers.get('x-cache');

async function board(name, views, config = {}) {
  await admin.board(name, { views, ...config });
  await admin.publish(name, Array.from({ length: 12 }, (_, i) => ({
    key: `v${i}`,
    fields: { route: `${800 + (i % 3)}`, fuel: i / 12 },
  })));
  return (view, query = '') => `/v1/boards/${name}/views/${view}${query}`;
}

test('a named view is its saved query, with the parameters that it allows and no others', async () => {
  const path = await board('named', {
    low: {
      title: 'Little fuel',
      path: 'items',
      query: { where: ['route:eq:{route}', 'fuel:lt:{fuel}'], fields: 'fuel' },
      parameters: { route: { default: '801' }, fuel: { type: 'number', default: '0.5' } },
    },
    count: { path: 'summary' },
    counts: { path: 'series', query: { step: '1h' } },
    raw: { path: 'events', query: { limit: 5 }, parameters: { key: {} } },
  });
  const found = async (query) => (await nobody.get(path('low', query))).body.items.map((i) => i.key);
  assert.deepEqual(await found(''), ['v1', 'v4']);
  assert.deepEqual(await found('?route=802&fuel=0.9'), ['v2', 'v5', 'v8']);
  assert.match((await nobody.get(path('low', '?format=csv'))).body, /^"key","time","seq","fuel"\r\n"v1",/);
  const tag = (await nobody.get(path('low'))).headers.get('etag');
  assert.equal((await nobody.get(path('low'), { 'if-none-match': tag })).status, 304);
  assertProblem(await nobody.get(path('low', '?fuel=much')), 400, 'invalid_parameter', 'fuel');
  assertProblem(await nobody.get(path('low', '?limit=9')), 400, 'unknown_parameter', 'limit');
  assertProblem(await nobody.get(path('nothing')), 404, 'view_not_found');
  assert.equal((await nobody.get(path('count'))).body.items, 12);
  assert.equal((await nobody.get(path('counts'))).body.groups[0].points[0].count, 12);
  const page = await nobody.get(path('raw'));
  assert.equal(page.body.events.length, 5);
  const link = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link'))[1];
  assert.equal((await nobody.get(path('raw', link))).body.events[0].key, 'v5');
  assert.deepEqual((await nobody.get(path('raw', '?key=v7'))).body.events.map((e) => e.key), ['v7']);
  const { body } = await nobody.get('/v1/boards/named/views');
  assert.deepEqual(body.views.map((v) => [v.name, v.path]), [['count', 'summary'], ['counts', 'series'], ['low', 'items'], ['raw', 'events']]);
});

test('a view that could never be answered is refused when it is saved', async () => {
  const put = (view) => admin.put('/v1/boards/never', { title: 'x', views: { v: view } });
  assertProblem(await put({ query: { colour: 'red' } }), 422, 'invalid_config', 'views.v.query.colour');
  assertProblem(await put({ jq: '.items | map(' }), 422, 'invalid_config', 'views.v.jq');
  assertProblem(await put({ upstream: { url: 'ftp://x.example/' } }), 422, 'invalid_config', 'views.v.upstream.url');
  const other = { url: 'https://x.example/', credential: 'HELIOGRAPH_ADMIN_KEY' };
  assertProblem(await put({ upstream: other }), 422, 'invalid_config', 'views.v.upstream.credential');
});

test('a named view gives nobody more than they may see', async () => {
  const path = await board('named-rights', { all: { query: { fields: 'fuel' } }, past: { path: 'events' } }, { visibility: 'private' });
  const some = admin.as(await admin.token('named-rights', ['read'], { keys: ['v1*'] }));
  assert.deepEqual((await some.get(path('all'))).body.items.map((i) => i.key), ['v1', 'v10', 'v11']);
  assert.equal((await admin.get(path('all'))).body.items.length, 12);
  assertProblem(await nobody.get(path('all')), 401, 'credential_missing');
  assertProblem(await nobody.get(path('nothing')), 401, 'credential_missing');
  assertProblem(await some.get(path('past')), 403, 'forbidden');
  assertProblem(await nobody.get('/v1/boards/named-rights/views'), 401, 'credential_missing');
});

test('a jq program gives a view its shape, and shapes of one cursor have tags of their own', async () => {
  const path = await board('shaped', {
    names: { jq: '[.items[].key]', query: { prefix: 'v1' } },
    sum: { jq: '{fuel: ([.items[].fields.fuel] | add), cursor}' },
  });
  const names = await nobody.get(path('names'));
  assert.deepEqual([names.body, names.headers.get('content-type')], [['v1', 'v10', 'v11'], 'application/json']);
  const sum = await nobody.get(path('sum'));
  assert.ok(Math.abs(sum.body.fuel - 5.5) < 1e-9);
  assert.equal(cache(await nobody.get(path('sum'))), 'hit');
  const views = { names: { jq: '[.items[].key] | length', query: { prefix: 'v1' } } };
  assert.equal((await admin.put('/v1/boards/shaped', { title: 'x', visibility: 'public', views })).status, 200);
  const again = await nobody.get(path('names'), { 'if-none-match': names.headers.get('etag') });
  assert.deepEqual([again.status, again.body], [200, 3]);
});

test('a view of another service is fetched once with its secret, and kept', async () => {
  const upstream = { url: `${origin.url}/fleet?x=1`, credential: 'UPSTREAM_TEST' };
  const keyed = { ...upstream, header: 'x-api-key' };
  const path = await board('upstream', { fleet: { upstream }, keyed: { upstream: keyed } }, { cache: { s_maxage_s: 60 } });
  origin.answers({ vehicles: 3 });
  origin.calls.length = 0;
  const crowd = await Promise.all(Array.from({ length: 200 }, () => nobody.get(path('fleet'))));
  assert.ok(crowd.every((a) => a.status === 200 && a.body.vehicles === 3));
  assert.equal(origin.calls.length, 1);
  assert.deepEqual([origin.calls[0].url, origin.calls[0].headers.authorization], ['/fleet?x=1', `Bearer ${SECRET}`]);
  const tag = crowd[0].headers.get('etag');
  assert.match(tag, /^"[0-9a-f]{32};c=[0-9a-f]{16}"$/);
  assert.equal((await nobody.get(path('fleet'), { 'if-none-match': tag })).status, 304);
  // What is written to the board changes nothing of it.
  await admin.publish('upstream', { key: 'v1' });
  assert.equal(cache(await nobody.get(path('fleet'))), 'hit');
  assert.equal(origin.calls.length, 1);
  await nobody.get(path('keyed'));
  assert.deepEqual([origin.calls[1].headers['x-api-key'], origin.calls[1].headers.authorization], [SECRET, undefined]);
  const config = await admin.get('/v1/boards/upstream');
  const texts = [JSON.stringify(config.body), JSON.stringify((await nobody.get('/v1/boards/upstream/views')).body), server.log()];
  for (const text of texts) assert.ok(!text.includes(SECRET));
});

test('a service that fails, stalls, leads elsewhere or sends too much is named so, and what is old is served', async () => {
  const upstream = { url: `${origin.url}/slow`, timeout_ms: 400, max_bytes: 1_000 };
  const cacheRules = { s_maxage_s: 1, stale_while_revalidate_s: 0, stale_if_error_s: 600 };
  const path = await board('failing', { slow: { upstream } }, { cache: cacheRules });
  const failures = {
    'answered 500': () => origin.answers('no', 500),
    'redirects are not followed': () => origin.answers('', 302, { location: `${origin.url}/other` }),
    'more than 1000 bytes': () => origin.answers(JSON.stringify('x'.repeat(5_000))),
    'type is none of': () => origin.answers('<script>', 200, { 'content-type': 'text/html' }),
    'no answer within': () => (origin.behave = () => {}),
    'is not reached': () => (origin.behave = (req) => req.socket.destroy()),
  };
  for (const [why, fail] of Object.entries(failures)) {
    fail();
    const answer = await nobody.get(path('slow'));
    const problem = assertProblem(answer, 502, 'upstream_failed');
    if (why !== 'is not reached') assert.ok(problem.detail.includes(why), problem.detail);
    assert.ok(!JSON.stringify(problem).includes(origin.url));
  }
  origin.answers({ n: 1 });
  const good = await nobody.get(path('slow'));
  assert.deepEqual([good.status, good.body], [200, { n: 1 }]);
  for (const fail of Object.values(failures)) {
    await sleep(1_200);
    fail();
    const old = await nobody.get(path('slow'));
    assert.deepEqual([old.status, old.body, cache(old)], [200, { n: 1 }, 'stale']);
    assert.ok(Number(old.headers.get('age')) >= 1);
    assert.match(old.headers.get('warning'), /^111 /);
    const calls = origin.calls.length;
    await Promise.all(Array.from({ length: 20 }, () => nobody.get(path('slow'))));
    assert.ok(origin.calls.length <= calls + 1, 'who just failed is left alone');
  }
  origin.answers({ n: 2 });
  await sleep(1_200);
  assert.deepEqual((await nobody.get(path('slow'))).body, { n: 2 });
});

test('only the administrator may send a secret somewhere, and readers of some keys get nothing of another service', async () => {
  const upstream = { url: `${origin.url}/x`, credential: 'UPSTREAM_TEST' };
  const path = await board('secrets', { x: { upstream } }, { visibility: 'private' });
  const manager = admin.as(await admin.token('secrets', ['manage', 'read']));
  const put = (views) => manager.put('/v1/boards/secrets', { title: 'x', views });
  const elsewhere = { ...upstream, url: `${origin.url}/mine` };
  assertProblem(await put({ x: { upstream: elsewhere } }), 422, 'invalid_config', 'views.x.upstream.credential');
  assert.equal((await put({ x: { upstream } })).status, 200);
  const some = admin.as(await admin.token('secrets', ['read'], { keys: ['v1'] }));
  assertProblem(await some.get(path('x')), 403, 'forbidden');
  assertProblem(await nobody.get(path('x')), 401, 'credential_missing');
});
