// `heliograph bridge nats` between a real nats-server and the real worker.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { allEvents, bridge, makeCertificates, startNats } from './support/brokers.mjs';
import { Client } from './support/client.mjs';
import { NatsClient } from './support/nats.mjs';
import { eventually } from './support/wait.mjs';

let server;
let broker;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  broker = await startNats();
});
after(async () => {
  await broker?.stop();
  await server?.stop();
});

const address = () => `nats://127.0.0.1:${broker.port}`;

test('each message of a stream is there once and in order, though bridge, server and broker are killed under way', async (t) => {
  await admin.board('fleet');
  const args = ['nats', address(), '--stream', 'FLEET', '--subject', 'fleet.{key}.position', '--board', 'fleet', '--batch', '100'];
  let nats = await NatsClient.open(broker);
  await nats.request('$JS.API.STREAM.CREATE.FLEET', { name: 'FLEET', subjects: ['fleet.>'], storage: 'file' });
  let running = bridge(server, args);
  t.after(() => running.end('SIGKILL'));
  const total = 3_000;
  for (let i = 0; i < total; i += 1) {
    await nats.request(`fleet.v${i % 5}.position`, { lat: 30.5, lon: -97.5, n: i });
    if (i === 700) {
      await running.end('SIGKILL');
      running = bridge(server, args);
    }
    if (i === 1_200) {
      await server.kill9();
      await server.restart();
    }
    if (i === 1_900) {
      nats.close();
      await broker.end('SIGKILL');
      await eventually(() => /NATS at .* is away/.test(running.errors), () => `a word about the broker; ${running.errors}`);
      await broker.restart();
      nats = await NatsClient.open(broker);
    }
  }
  await nats.request('fleet.v0.position', 'nonsense');
  const all = await eventually(
    async () => {
      const events = await allEvents(admin, 'fleet');
      return events.length >= total + 1 && events;
    },
    () => `all messages; ${running.errors}`,
    50_000,
  );
  // What is no object is a field.
  assert.equal(all.pop().fields.value, 'nonsense');
  assert.deepEqual(all.map((e) => e.fields.n), Array.from({ length: total }, (_, i) => i));
  const [, made] = /^FLEET\/(\d{10})\/1$/.exec(all[0].id);
  assert.deepEqual(all.map((e) => e.id), all.map((_, i) => `FLEET/${made}/${i + 1}`));
  assert.deepEqual([all[7].key, all[7].position.lat], ['v2', 30.5]);
  assert.ok(Math.abs(all[0].time - Date.now()) < 120_000, `${all[0].time}`);
  const idle = async () => {
    const info = await nats.request('$JS.API.CONSUMER.INFO.FLEET.heliograph');
    return info.num_ack_pending === 0 && info.num_pending === 0;
  };
  await eventually(idle, 'everything to be acknowledged');
  assert.equal(await running.end('SIGTERM'), 0);
  assert.match(running.output, /rows? in/);
  nats.close();
});

test('nothing is acknowledged while the server is away, and nothing is given out again meanwhile', async (t) => {
  await admin.board('away');
  const nats = await NatsClient.open(broker);
  t.after(() => nats.close());
  await nats.request('$JS.API.STREAM.CREATE.AWAY', { name: 'AWAY', subjects: ['away'] });
  const running = bridge(server, ['nats', address(), '--stream', 'AWAY', '--board', 'away', '--durable', 'd', '--key-field', 'bus']);
  t.after(() => running.end('SIGKILL'));
  const info = () => nats.request('$JS.API.CONSUMER.INFO.AWAY.d').catch(() => ({}));
  await eventually(async () => (await info()).num_waiting > 0, () => `a consumer; ${running.errors}`);
  await server.kill9();
  for (let i = 0; i < 10; i += 1) await nats.request('away', { bus: 7, n: i });
  await eventually(() => /http:\S+ is away/.test(running.errors), () => `a word about the server; ${running.errors}`);
  // Longer than the broker waits before it gives a message out again.
  await sleep(6_000);
  assert.equal((await info()).num_ack_pending, 10);
  await server.restart();
  await eventually(async () => (await info()).num_ack_pending === 0, () => `acknowledgements; ${running.errors}`);
  const events = await allEvents(admin, 'away');
  assert.deepEqual(events.map((e) => [e.key, e.fields.n]), Array.from({ length: 10 }, (_, i) => ['7', i]));
  assert.equal((await info()).num_redelivered, 0);
});

test('a stream that is not there and a token that is missing are said in words', async () => {
  const missing = bridge(server, ['nats', address(), '--stream', 'NOPE', '--board', 'fleet']);
  await eventually(() => missing.code !== undefined, () => `an end; ${missing.errors}`);
  assert.deepEqual([missing.code, /there is no stream NOPE/.test(missing.errors)], [1, true], missing.errors);
  const guarded = await startNats('--auth', 's3cret');
  try {
    const args = ['nats', `nats://127.0.0.1:${guarded.port}`, '--stream', 'NOPE', '--board', 'fleet'];
    const without = bridge(server, args);
    await eventually(() => without.code !== undefined, () => `an end; ${without.errors}`);
    assert.deepEqual([without.code, /NATS_TOKEN/.test(without.errors)], [1, true], without.errors);
    const right = bridge(server, args, { NATS_TOKEN: 's3cret' });
    await eventually(() => right.code !== undefined, () => `an end; ${right.errors}`);
    assert.match(right.errors, /there is no stream NOPE/);
  } finally {
    await guarded.stop();
  }
});

test('TLS is verified: with the certificates of a file, and not without', async (t) => {
  await admin.board('tls');
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  makeCertificates(folder);
  const config = join(folder, 'nats.conf');
  // The test itself speaks without.
  writeFileSync(config, `allow_non_tls: true\ntls { cert_file: "${join(folder, 'cert.pem')}", key_file: "${join(folder, 'key.pem')}" }\n`);
  const secure = await startNats('-c', config);
  t.after(() => secure.stop());
  const nats = await NatsClient.open(secure);
  t.after(() => nats.close());
  await nats.request('$JS.API.STREAM.CREATE.SAFE', { name: 'SAFE', subjects: ['safe.>'], storage: 'file' });
  await nats.request('safe.a', { n: 1 });
  const args = (host, ...more) => ['nats', `tls://${host}:${secure.port}`, '--stream', 'SAFE', '--subject', 'safe.{key}', '--board', 'tls', ...more];
  const unknown = bridge(server, args('localhost'));
  t.after(() => unknown.end('SIGKILL'));
  await eventually(() => /is away: invalid peer certificate: UnknownIssuer/.test(unknown.errors), () => `a word about the certificate; ${unknown.errors}`);
  await unknown.end('SIGTERM');
  assert.equal((await allEvents(admin, 'tls')).length, 0);
  const trusted = bridge(server, args('localhost', '--ca', join(folder, 'ca.pem')));
  t.after(() => trusted.end('SIGKILL'));
  await eventually(async () => (await allEvents(admin, 'tls')).length === 1, () => `the message; ${trusted.errors}`);
  assert.equal(await trusted.end('SIGTERM'), 0);
  const other = bridge(server, args('127.0.0.1', '--ca', join(folder, 'ca.pem')));
  t.after(() => other.end('SIGKILL'));
  await eventually(() => /is away: invalid peer certificate: certificate not valid for name "127\.0\.0\.1"/.test(other.errors), () => `a word about the name; ${other.errors}`);
  await other.end('SIGTERM');
});
