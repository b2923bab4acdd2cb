// `/metrics` and `/readyz`: read by the parser of Prometheus' Python client, and by a real Prometheus with our alerts.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, startServer } from '../server.mjs';
import { Broker, program } from './support/brokers.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

const PYTHON = process.env.HELIOGRAPH_SOURCE_CLIENTS;
const SCRIPT = new URL('support/openmetrics.py', import.meta.url).pathname;
const SCRAPE = 'a-scrape-token-of-this-test';
const INFRA = join(ROOT, 'infra');

let server;
let admin;

before(async () => {
  // The first report to the health board comes after an hour; that none has failed is told at once.
  server = await startServer({ env: { HELIOGRAPH_SCRAPE_TOKEN: SCRAPE, HELIOGRAPH_HEALTH_BOARD: '3600' } });
  admin = new Client(server);
});
after(() => server?.stop());

const scrape = (credential = SCRAPE) => admin.as(credential).get('/metrics');

/** The value of a series in the text, or undefined. */
function value(text, name, labels = {}) {
  const wanted = Object.entries(labels).map(([label, what]) => `${label}="${what}"`);
  for (const line of text.split('\n')) {
    const found = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (found && found[1] === name && wanted.every((label) => (found[2] ?? '').split(',').includes(label))) return Number(found[3]);
  }
  return undefined;
}

/** A text in which a series has this value; boards say what they measure within ten seconds. */
const until = (name, labels, expected) =>
  eventually(async () => {
    const { body } = await scrape();
    return value(body, name, labels) === expected ? body : false;
  }, `${name} ${JSON.stringify(labels)} ${expected}`);

test('metrics are for the administrator and for the scrape token, which opens nothing else', async () => {
  const { body: key } = await admin.post('/v1/keys', { label: 'all', grants: [{ board: '*', operations: ['manage', 'read', 'publish'] }] });
  for (const [credential, status] of [[null, 401], ['a-scrape-token-of-this-tesT', 401], [key.key, 403], [SCRAPE, 200], [server.adminKey, 200]]) {
    assert.equal((await scrape(credential)).status, status, `${credential}`);
  }
  const scraper = admin.as(SCRAPE);
  for (const path of ['/v1/boards', '/v1/keys']) assert.equal((await scraper.get(path)).status, 401, path);
  const { headers } = await scrape();
  assert.equal(headers.get('content-type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8');
});

test('what came in, what was refused and why, and what viewers were sent is counted', async () => {
  const board = await admin.board('counted');
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  const event = (key, more = {}) => ({ key, id: key, time: Date.now(), fields: { n: 1 }, ...more });
  assert.equal((await admin.events(board, [event('a'), event('b'), event('c')])).body.accepted, 3);
  assert.equal((await admin.events(board, [event('a')])).body.duplicate, 1);
  assert.equal((await admin.events(board, [event('d', { position: { lat: 99, lon: 0 } }), event('e')])).body.refused, 1);
  const text = await until('heliograph_ingest_records_total', { board, result: 'refused' }, 1);
  assert.equal(value(text, 'heliograph_ingest_records_total', { board, result: 'accepted' }), 4);
  assert.equal(value(text, 'heliograph_ingest_records_total', { board, result: 'duplicate' }), 1);
  assert.equal(value(text, 'heliograph_ingest_refused_records_total', { board, code: 'position_out_of_range' }), 1);
  assert.equal(value(text, 'heliograph_ingest_requests_total', { board }), 3);
  assert.equal(value(text, 'heliograph_items', { board }), 4);
  assert.ok(value(text, 'heliograph_ingest_bytes_total', { board }) > 50);
  assert.ok(value(text, 'heliograph_storage_bytes', { board }) > 4_096);
  // A row of the log a request at least.
  assert.ok(value(text, 'heliograph_rows_written_total', { board }) >= 3);
  await until('heliograph_viewers', { board }, 1);
  await eventually(async () => {
    await admin.events(board, [event(`f-${Math.random()}`)]);
    return value((await scrape()).body, 'heliograph_frames_total', { board }) >= 2;
  }, 'messages to viewers');
  const sent = (await scrape()).body;
  assert.ok(value(sent, 'heliograph_frame_bytes_total', { board }) > 100);
  assert.ok(value(sent, 'heliograph_pushes_total', { board }) >= 1);
  assert.equal(value(sent, 'heliograph_push_failures_total', { board }), 0);
  feed.socket.terminate();
  await until('heliograph_viewers', { board }, 0);
});

test('views are counted by where they came from, tokens and what ends by whose they were', async () => {
  const board = await admin.board('viewed');
  await admin.publish(board, [{ key: 'a', fields: { n: 1 } }]);
  const of = async (name, labels) => value((await scrape()).body, name, labels) ?? 0;
  const before = {
    shown: (await of('heliograph_view_answers_total', { cache: 'hit' })) + (await of('heliograph_view_answers_total', { cache: 'miss' })),
    same: await of('heliograph_views_not_modified_total'),
    minted: await of('heliograph_tokens_minted_total', { source: 'key' }),
    ended: await of('heliograph_revocations_total', { source: 'key' }),
  };
  const items = await admin.as(null).get(`/v1/boards/${board}/items`);
  assert.equal(items.status, 200);
  for (let n = 0; n < 3; n += 1) {
    const again = await admin.as(null).get(`/v1/boards/${board}/items`, { 'if-none-match': items.headers.get('etag') });
    assert.equal(again.status, 304);
  }
  const { body: key } = await admin.post('/v1/keys', { label: 'mints', grants: [{ board, operations: ['read'] }] });
  assert.equal((await admin.as(key.key).post('/v1/tokens', { board, own: true })).status, 200);
  assert.equal((await admin.delete(`/v1/keys/${key.id}`)).status, 204);
  await eventually(async () => {
    const { body } = await scrape();
    const now = (name, labels) => value(body, name, labels) ?? 0;
    // What was done before may be told of late.
    return now('heliograph_views_not_modified_total') >= before.same + 3
      && now('heliograph_view_answers_total', { cache: 'hit' }) + now('heliograph_view_answers_total', { cache: 'miss' }) >= before.shown + 4
      && now('heliograph_tokens_minted_total', { source: 'key' }) >= before.minted + 1
      && now('heliograph_revocations_total', { source: 'key' }) >= before.ended + 1;
  }, 'what the edge counted');
});

test('how a board came into memory is told, and how far its projections are behind', async () => {
  const board = await admin.board('lagging');
  await admin.publish(board, [{ key: 'a', fields: { n: 1 } }, { key: 'b', fields: { n: 2 } }]);
  const text = await until('heliograph_projection_lag_records', { board, projection: 'items' }, 2);
  assert.equal(value(text, 'heliograph_loads_total', { board }), 1);
  assert.equal(value(text, 'heliograph_load_replayed_records', { board }), 0);
  assert.equal(value(text, 'heliograph_projection_lag_records', { board, projection: 'ranking' }), 0);
  await server.kill9();
  await server.restart();
  await admin.publish(board, [{ key: 'c', fields: { n: 3 } }]);
  const again = await until('heliograph_load_replayed_records', { board }, 2);
  assert.ok(value(again, 'heliograph_load_seconds', { board }) >= 0);
});

test('what came by a source is counted by its name', async () => {
  const board = await admin.board('sourced');
  const { body: source } = await admin.post(`/v1/boards/${board}/sources`, { name: 'buses' });
  const sender = admin.as(source.secret);
  assert.equal((await sender.post('/v1/ingest/buses', [{ key: 'a', fields: { n: 1 } }, { key: '', fields: {} }])).status, 200);
  const text = await until('heliograph_source_records_total', { board, source: 'buses', result: 'accepted' }, 1);
  assert.equal(value(text, 'heliograph_source_records_total', { board, source: 'buses', result: 'refused' }), 1);
  assert.equal(value(text, 'heliograph_source_requests_total', { board, source: 'buses' }), 1);
  const last = value(text, 'heliograph_source_last_timestamp_seconds', { board, source: 'buses' });
  assert.ok(Math.abs(last - Date.now() / 1_000) < 60, `${last}`);
});

test('a board that is deleted is measured no more', async () => {
  const board = await admin.board('gone');
  await admin.events(board, [{ key: 'a', fields: { n: 1 } }]);
  await until('heliograph_items', { board }, 1);
  assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204);
  await eventually(async () => !(await scrape()).body.includes('board="gone"'), 'the board to go');
});

test('the parser of Prometheus\' Python client takes it', { skip: PYTHON ? false : 'prometheus-client is not installed' }, async () => {
  const { body } = await scrape();
  const samples = JSON.parse(execFileSync(PYTHON, [SCRIPT], { input: body, encoding: 'utf8' }));
  const refused = samples.find((s) => s.name === 'heliograph_ingest_records_total' && s.labels.board === 'counted' && s.labels.result === 'refused');
  assert.deepEqual([refused.value, refused.type], [1, 'counter']);
  const storage = samples.find((s) => s.name === 'heliograph_storage_bytes');
  assert.deepEqual([storage.type, storage.unit], ['gauge', 'bytes']);
  assert.equal(samples.find((s) => s.name === 'heliograph_build_info').type, 'info');
});

test('a real Prometheus scrapes it, its alerts are sound, and each panel of the dashboard has an answer', async (t) => {
  const promtool = program('promtool', 'prometheus');
  execFileSync(promtool, ['check', 'rules', join(INFRA, 'prometheus/alerts.yml')], { encoding: 'utf8' });
  execFileSync(promtool, ['test', 'rules', 'alerts.test.yml'], { cwd: join(INFRA, 'prometheus'), encoding: 'utf8' });
  const shown = readFileSync(join(INFRA, 'prometheus/prometheus.yml'), 'utf8');
  const prometheus = await Broker.start((port, folder) => {
    // As it stands, but for the address, the pace and where things lie.
    const config = shown
      .replace('scheme: https', 'scheme: http')
      .replace('heliograph.example.org', `127.0.0.1:${server.port}`)
      .replace('credentials_file: scrape-token', `credentials_file: ${join(folder, 'scrape-token')}`)
      .replace('- alerts.yml', `- ${join(INFRA, 'prometheus/alerts.yml')}`)
      .replaceAll('interval: 15s', 'interval: 1s');
    assert.match(config, /scheme: http\n[^]*interval: 1s|interval: 1s[^]*scheme: http\n/);
    writeFileSync(join(folder, 'scrape-token'), SCRAPE);
    writeFileSync(join(folder, 'prometheus.yml'), config);
    return [program('prometheus'), `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`];
  });
  t.after(() => prometheus.stop());
  const ask = async (path, query = {}) => {
    const answer = await fetch(`http://127.0.0.1:${prometheus.port}/api/v1/${path}?${new URLSearchParams(query)}`);
    const said = await answer.json();
    assert.equal(said.status, 'success', JSON.stringify(said));
    return said.data;
  };
  const query = async (expression) => (await ask('query', { query: expression })).result;
  await eventually(async () => (await fetch(`http://127.0.0.1:${prometheus.port}/-/ready`)).ok, 'Prometheus to be ready');
  await eventually(async () => (await query('up{job="heliograph"} == 1')).length === 1, 'a good scrape');
  const [refused] = await query('heliograph_ingest_records_total{board="counted",result="refused"}');
  assert.equal(refused.value[1], '1');
  const rules = await eventually(async () => {
    const { groups } = await ask('rules');
    const all = groups.flatMap((group) => group.rules);
    return all.length === 17 && all.every((rule) => rule.health !== 'unknown') ? all : false;
  }, 'the rules to be evaluated');
  assert.deepEqual(rules.filter((rule) => rule.health !== 'ok'), []);
  const dashboard = JSON.parse(readFileSync(join(INFRA, 'grafana/heliograph.json'), 'utf8'));
  const names = new Set((await ask('label/__name__/values')).filter((name) => name.startsWith('heliograph_')));
  const metadata = await ask('metadata');
  for (const { title, targets } of dashboard.panels) {
    for (const { expr } of targets) {
      await query(expr.replaceAll('$__rate_interval', '1m').replaceAll('$board', '.*'));
      for (const [name] of expr.matchAll(/heliograph_\w+/g)) {
        assert.ok(names.has(name) || name.replace(/_total$/, '') in metadata, `${title}: there is no ${name}`);
      }
    }
  }
});

test('readiness tells of each thing that is needed', async () => {
  const { status, body } = await admin.as(null).get('/readyz');
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.status, 'ok');
  assert.deepEqual(body.checks, ['secrets', 'registry', 'revocations'].map((name) => ({ name, ok: true })));
});
