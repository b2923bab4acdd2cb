// OTLP over HTTP: what OpenTelemetry's own exporter sends becomes events, once, in protobuf, gzip and JSON, and each is answered
// in its own encoding.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PYTHON = process.env.HELIOGRAPH_SOURCE_CLIENTS;
const SCRIPT = new URL('support/otlp.py', import.meta.url).pathname;
const noLibrary = PYTHON ? false : 'OpenTelemetry for Python is not installed: metrics are written by our own tests alone';
const run = promisify(execFile);
const NANOS = `${Date.UTC(2026, 2, 1, 12)}000000`;

let server;
let admin;
let secret;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name: 'metrics', envelope: 'otlp' });
  assert.equal(status, 201, JSON.stringify(body));
  secret = body.secret;
});
after(() => server?.stop());

const push = (body, { key = secret, headers = {} } = {}) =>
  admin.as(key).post('/v1/ingest/metrics', ArrayBuffer.isView(body) ? body : JSON.stringify(body), { 'content-type': 'application/json', ...headers });
const gauge = (name, ...dataPoints) => ({ name, gauge: { dataPoints: dataPoints.map((p) => ({ timeUnixNano: NANOS, ...p })) } });
const metrics = (attributes, ...all) => ({
  resourceMetrics: [{
    resource: { attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })) },
    scopeMetrics: [{ scope: { name: 's' }, metrics: all }],
  }],
});
const eventsOf = async (key) => (await admin.get('/v1/boards/fleet/events?limit=1000')).body.events.filter((e) => e.key === key);

test('what OpenTelemetry\'s exporter sends becomes events, and an export that is sent again is there once', { skip: noLibrary }, async () => {
  const { stdout } = await run(PYTHON, [SCRIPT, `${server.url}/v1/ingest/metrics`, secret]);
  assert.deepEqual(stdout.trim().split('\n'), ['SUCCESS', 'SUCCESS'], server.log());
  const { items } = await admin.items('fleet');
  const { temperature, queue, 'requests{GET}': get, 'requests{PUT}': put, 'took.count': count, 'took.sum': sum } = items.get('web-1').fields;
  assert.deepEqual([temperature, get, put, queue, count, sum], [21.5, 40, 2, -3, 3, 1.5]);
  assert.deepEqual([items.get('0012').fields.fuel, items.get('v2').fields.fuel], [0.5, 0.25]);
  assert.equal((await eventsOf('0012')).length, 1);
});

test('the exporter packs, and is told of a wrong secret by a failure', { skip: noLibrary }, async () => {
  const packed = await run(PYTHON, [SCRIPT, `${server.url}/v1/ingest/metrics`, secret, 'gzip']);
  assert.deepEqual(packed.stdout.trim().split('\n'), ['SUCCESS', 'SUCCESS']);
  assert.equal((await eventsOf('v2')).length, 2, 'another run measured at another time');
  const wrong = await run(PYTHON, [SCRIPT, `${server.url}/v1/ingest/metrics`, 'hgs_wrong']);
  assert.deepEqual(wrong.stdout.trim().split('\n'), ['FAILURE', 'FAILURE']);
});

test('JSON is answered with JSON, and what is refused in part is counted and is a dead letter', async () => {
  const body = metrics({ 'host.name': 'h1' }, gauge('a', { asInt: '7' }), gauge('b', { asDouble: 0.5 }), gauge('none', { asDouble: null }));
  const first = await push(body);
  assert.deepEqual([first.status, first.body], [200, {}]);
  assert.deepEqual((await push(gzipSync(JSON.stringify(body)), { headers: { 'content-encoding': 'gzip' } })).body, {});
  const events = await eventsOf('h1');
  assert.deepEqual(events.map((e) => e.fields), [{ a: 7, b: 0.5 }]);
  const nameless = await push(metrics({ 'service.name': 'x' }, gauge('a', { asInt: 1 }), gauge('b', { asInt: 2 })));
  assert.equal(nameless.status, 200);
  assert.equal(nameless.body.partialSuccess.rejectedDataPoints, '2');
  assert.ok(nameless.body.partialSuccess.errorMessage.length > 0);
  const letter = (await admin.get('/v1/boards/fleet/dead-letters?limit=1')).body.dead_letters[0];
  assert.deepEqual([letter.source, letter.record.metrics], ['metrics', { a: 1, b: 2 }]);
});

test('what is cut, misspelt, packed a thousandfold or of nobody is refused in OTLP\'s own words', async () => {
  const cut = await push(Buffer.from('0a030a', 'hex'), { headers: { 'content-type': 'application/x-protobuf' } });
  assert.deepEqual([cut.status, cut.headers.get('content-type')], [400, 'application/x-protobuf']);
  const misspelt = await push({ resourceMetric: [] });
  assert.equal(misspelt.status, 400);
  assert.match(misspelt.body.message, /resourceMetrics/);
  const bomb = await push(gzipSync(Buffer.alloc(20_000_000)), { headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' } });
  assert.equal(bomb.status, 413);
  // Points of two bytes each: as many as no structures should be made of.
  const lengths = (bytes, tag) => {
    const varint = [];
    for (let n = bytes.length; ; n >>>= 7) {
      varint.push(n < 128 ? n : (n & 127) | 128);
      if (n < 128) break;
    }
    return Buffer.concat([Buffer.from([tag]), Buffer.from(varint), bytes]);
  };
  const tiny = [0x2a, 0x12, 0x12, 0x0a].reduce(lengths, Buffer.alloc(4_000_000, Buffer.from('0a00', 'hex')));
  const many = await push(tiny, { headers: { 'content-type': 'application/x-protobuf' } });
  assert.equal(many.status, 400);
  assert.match(Buffer.from(many.body).toString(), /more data points/);
  assert.equal((await push(metrics({}), { key: 'hgs_wrong' })).status, 401);
});

test('points that were taken before the worker was killed are there once afterwards', async () => {
  const body = metrics({ 'device.id': 'k1' }, gauge('a', { asInt: 1 }));
  assert.deepEqual((await push(body)).body, {});
  await server.kill9();
  await server.restart();
  assert.deepEqual((await push(body)).body, {});
  assert.equal((await eventsOf('k1')).length, 1);
});
