// What is measured, pushed by OTLP: to a receiver of ours that reads it with OpenTelemetry's messages, and to a real Prometheus.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Broker, program } from './support/brokers.mjs';
import { Client } from './support/client.mjs';
import { reachingHere } from './support/object_store.mjs';
import { eventually } from './support/wait.mjs';

const PYTHON = process.env.HELIOGRAPH_SOURCE_CLIENTS;
const SCRIPT = new URL('support/otlp_metrics.py', import.meta.url).pathname;
const SECRET = 'Basic b3V0IG9mIGxvZ3M=';

/** A receiver that keeps what it is sent, and answers as it is told. */
class Receiver {
  requests = [];
  status = 200;

  async open() {
    this.http = createServer(async (request, response) => {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      this.requests.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces).toString() });
      response.writeHead(this.status, { 'content-type': 'application/json' });
      response.end(this.status === 200 ? '{}' : '{"message":"no room for more"}');
    });
    await new Promise((done) => this.http.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.http.address().port}`;
  }

  close() {
    this.http.closeAllConnections();
    this.http.close();
  }
}

const receiver = new Receiver();
let server;
let admin;

before(async () => {
  const endpoint = await receiver.open();
  const env = { HELIOGRAPH_OTLP_ENDPOINT: `${endpoint}/base`, HELIOGRAPH_OTLP_HEADERS: `authorization=${encodeURIComponent(SECRET)},x-scope=tenant` };
  server = await startServer({ env, config: reachingHere });
  admin = new Client(server);
  await admin.board('fleet');
  await admin.publish('fleet', [{ key: 'a', fields: { n: 1 } }, { key: 'b', fields: { n: 1 } }]);
});
after(async () => {
  await server?.stop();
  receiver.close();
});

/** Whether a request tells of both events: one may be made before the board has told of them. */
function tellsOfBoth({ body }) {
  const metrics = JSON.parse(body).resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics);
  const points = metrics.filter(({ name }) => name === 'heliograph_ingest_records').flatMap(({ sum }) => sum.dataPoints);
  return points.some(({ attributes, asInt, asDouble }) => {
    const { board, result } = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
    return board === 'fleet' && result === 'accepted' && Number(asInt ?? asDouble) === 2;
  });
}

const pushed = () => eventually(() => receiver.requests.find(tellsOfBoth), 'a push that tells of the board', 100_000);

test('what boards measure is pushed to the operator\'s address with the operator\'s headers', async () => {
  const { method, url, headers, body } = await pushed();
  assert.deepEqual([method, url], ['POST', '/base/v1/metrics']);
  assert.deepEqual([headers['content-type'], headers.authorization, headers['x-scope']], ['application/json', SECRET, 'tenant']);
  const [{ resource, scopeMetrics: [{ metrics }] }] = JSON.parse(body).resourceMetrics;
  assert.deepEqual(resource.attributes[0], { key: 'service.name', value: { stringValue: 'heliograph' } });
  const records = metrics.find(({ name }) => name === 'heliograph_ingest_records').sum;
  assert.deepEqual([records.isMonotonic, records.aggregationTemporality], [true, 2]);
  const { body: text } = await admin.get('/metrics');
  assert.match(text, /^heliograph_otlp_pushes_total [1-9]/m);
  assert.ok(!server.log().includes('b3V0IG9mIGxvZ3M'));
});

test('OpenTelemetry\'s own messages read it', { skip: PYTHON ? false : 'opentelemetry-proto is not installed' }, async () => {
  const points = JSON.parse(execFileSync(PYTHON, [SCRIPT], { input: (await pushed()).body, encoding: 'utf8' }));
  const of = (name, labels = {}) => points.find((p) => p.name === name && Object.entries(labels).every(([k, v]) => p.labels[k] === v));
  const accepted = of('heliograph_ingest_records', { board: 'fleet', result: 'accepted' });
  assert.deepEqual([accepted.value, accepted.kind, accepted.service], [2, 'sum', 'heliograph']);
  assert.ok(Math.abs(accepted.seconds - Date.now() / 1_000) < 120 && accepted.since <= accepted.seconds);
  const storage = of('heliograph_storage', { board: 'fleet' });
  assert.deepEqual([storage.kind, storage.unit], ['gauge', 'By']);
});

test('a push that fails is counted and told, without a credential, and the next one is made all the same', async () => {
  await pushed();
  receiver.status = 503;
  await eventually(async () => /^heliograph_otlp_push_failures_total [1-9]/m.test((await admin.get('/metrics')).body), 'a failure', 100_000);
  assert.match(server.log(), /not pushed to http:\/\/127\.0\.0\.1:\d+\/base\/v1\/metrics: answered 503/);
  assert.ok(!server.log().includes('b3V0IG9mIGxvZ3M'));
  receiver.status = 200;
  const before = receiver.requests.length;
  await eventually(() => receiver.requests.length > before, 'the next push', 100_000);
});

test('a real Prometheus takes it, and has the names of /metrics', async (t) => {
  const said = execFileSync(program('prometheus'), ['--version'], { encoding: 'utf8' });
  const [major, minor] = /version (\d+)\.(\d+)/.exec(said).slice(1).map(Number);
  // Debian 12 has 2.42.
  if (major === 2 && minor < 47) return t.skip(`Prometheus ${major}.${minor} takes no OTLP, as 2.47 does`);
  const prometheus = await Broker.start((port, folder) => {
    writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
    const receives = major === 2 ? '--enable-feature=otlp-write-receiver' : '--web.enable-otlp-receiver';
    return [program('prometheus'), `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`, receives];
  });
  t.after(() => prometheus.stop());
  const at = `http://127.0.0.1:${prometheus.port}`;
  await eventually(async () => (await fetch(`${at}/-/ready`)).ok, 'Prometheus to be ready');
  const pushing = await startServer({ env: { HELIOGRAPH_OTLP_ENDPOINT: `${at}/api/v1/otlp` }, config: reachingHere });
  t.after(() => pushing.stop());
  const client = new Client(pushing);
  await client.board('fleet');
  await client.publish('fleet', [{ key: 'a', fields: { n: 1 } }]);
  for (const [query, expected] of [
    ['heliograph_ingest_records_total{board="fleet",result="accepted"}', 1],
    ['heliograph_items{board="fleet"}', 1],
    ['heliograph_ingest_bytes_total{board="fleet"} > bool 0', 1],
    ['heliograph_storage_bytes{board="fleet"} > bool 0', 1],
  ]) {
    await eventually(async () => {
      const answer = await fetch(`${at}/api/v1/query?${new URLSearchParams({ query })}`);
      const [found] = (await answer.json()).data.result;
      return found && Number(found.value[1]) === expected;
    }, `${query} to be ${expected}: ${pushing.log()}`, 100_000);
  }
});
