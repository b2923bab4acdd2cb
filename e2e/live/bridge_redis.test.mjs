// `heliograph bridge redis` between a real redis-server and the real worker.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort, startServer } from '../server.mjs';
import { allEvents, bridge, makeCertificates, program, startRedis } from './support/brokers.mjs';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

let server;
let broker;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  broker = await startRedis();
});
after(async () => {
  await broker?.stop();
  await server?.stop();
});

const address = () => `redis://127.0.0.1:${broker.port}`;

/** Runs commands of redis-cli, one a line; what it printed. */
function redis(...lines) {
  return execFileSync(program('redis-cli', 'redis-tools'), ['-p', `${broker.port}`], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
}

const pending = (stream, group = 'heliograph') => Number(redis(`XPENDING ${stream} ${group}`).split('\n')[0]);

test('each entry of a stream is there once and in order, though bridge, server and broker are killed under way', async (t) => {
  await admin.board('fleet');
  const args = ['redis', address(), '--stream', 'positions', '--board', 'fleet', '--key-field', 'vehicle', '--batch', '100'];
  let running = bridge(server, args);
  t.after(() => running.end('SIGKILL'));
  const [rounds, each] = [10, 300];
  for (let round = 0; round < rounds; round += 1) {
    const lines = Array.from({ length: each }, (_, i) => `XADD positions * vehicle 00${i % 7} lat 30.5 lon -97.5 n ${round * each + i}`);
    assert.equal(redis(...lines).match(/^\d+-\d+$/gm)?.length, each);
    if ([2, 6].includes(round)) {
      await running.end('SIGKILL');
      running = bridge(server, args);
      await sleep(50);
    }
    if (round === 4) {
      await server.kill9();
      await server.restart();
    }
    if (round === 8) {
      await broker.end('SIGKILL');
      await eventually(() => /Redis at .* is away/.test(running.errors), () => `a word about Redis; ${running.errors}`);
      await broker.restart();
      await eventually(() => redis('PING') === 'PONG\n', 'Redis to have read its file');
    }
  }
  const arrived = async () => (await allEvents(admin, 'fleet')).length >= rounds * each;
  await eventually(arrived, () => `all entries; ${running.errors}`, 50_000);
  const all = await allEvents(admin, 'fleet');
  assert.deepEqual(all.map((e) => e.fields.n), Array.from({ length: rounds * each }, (_, i) => i));
  assert.deepEqual([all[1].key, all[1].position.lat], ['001', 30.5]);
  assert.match(all[0].id, /^positions@[0-9a-f]{8}\/\d+-\d+$/);
  await eventually(() => pending('positions') === 0, 'everything to be acknowledged');
  assert.equal(await running.end('SIGTERM'), 0);
});

test('what others have left pending is taken over, what was deleted meanwhile is passed over, and JSON stays JSON', async (t) => {
  await admin.board('claims', { key_name: 'vehicleId' });
  const { body: source } = await admin.post('/v1/boards/claims/sources', { name: 'claims' });
  const entry = (key) => `XADD jobs * json '{"vehicleId":"${key}","lat":1.5,"lon":2.5}' from test`;
  redis('XGROUP CREATE jobs heliograph 0 MKSTREAM', entry('a'), entry('b'), entry('c'));
  // Both consumers died with their entries; one of these was trimmed.
  const ids = redis('XREADGROUP GROUP heliograph other COUNT 1 STREAMS jobs >', 'XREADGROUP GROUP heliograph bridge COUNT 2 STREAMS jobs >').match(/\d+-\d+/g);
  redis(`XDEL jobs ${ids[1]}`, entry('d'));
  await sleep(1_100);
  const args = ['redis', address(), '--stream', 'jobs', '--source', 'claims', '--payload', 'json', '--claim-after', '1'];
  const running = bridge(server, args, { HELIOGRAPH_SOURCE_SECRET: source.secret });
  t.after(() => running.end('SIGKILL'));
  await eventually(() => redis('XINFO GROUPS jobs').includes('lag\n0') && pending('jobs') === 0, () => `all; ${running.errors}`);
  const items = (await admin.items('claims')).items;
  assert.deepEqual([...items.keys()].sort(), ['a', 'c', 'd']);
  assert.equal(await running.end('SIGTERM'), 0);
  assert.match(running.output, /^3 rows/);
});

test('a wrong password ends it and says where the password is read from', async () => {
  const guarded = await startRedis('--requirepass', 's3cret');
  try {
    const args = ['redis', `redis://127.0.0.1:${guarded.port}`, '--stream', 's', '--board', 'fleet'];
    for (const env of [{}, { REDIS_PASSWORD: 'wrong' }]) {
      const refused = bridge(server, args, env);
      await eventually(() => refused.code !== undefined, () => `an end; ${refused.errors}`);
      assert.deepEqual([refused.code, /REDIS_PASSWORD/.test(refused.errors)], [1, true], refused.errors);
    }
    const right = bridge(server, args, { REDIS_PASSWORD: 's3cret' });
    await sleep(500);
    assert.equal(await right.end('SIGTERM'), 0, right.errors);
    assert.equal(right.errors, '');
  } finally {
    await guarded.stop();
  }
});

test('TLS is verified: with the certificates of a file, and not without', async (t) => {
  await admin.board('tls');
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  makeCertificates(folder);
  const port = await freePort();
  const files = ['ca-cert', 'cert', 'key'].flatMap((name, i) => [`--tls-${name}-file`, join(folder, ['ca.pem', 'cert.pem', 'key.pem'][i])]);
  const secure = await startRedis('--tls-port', `${port}`, '--tls-auth-clients', 'no', ...files);
  t.after(() => secure.stop());
  const add = (n) => execFileSync(program('redis-cli', 'redis-tools'), ['-p', `${secure.port}`, 'XADD', 'safe', '*', 'key', 'a', 'n', `${n}`]);
  add(1);
  const args = (to, ...more) => ['redis', to, '--stream', 'safe', '--board', 'tls', ...more];
  const unknown = bridge(server, args(`rediss://localhost:${port}`));
  t.after(() => unknown.end('SIGKILL'));
  await eventually(() => /is away: invalid peer certificate: UnknownIssuer/.test(unknown.errors), () => `a word about the certificate; ${unknown.errors}`);
  await unknown.end('SIGTERM');
  assert.equal((await allEvents(admin, 'tls')).length, 0);
  const trusted = bridge(server, args(`rediss://localhost:${port}`, '--ca', join(folder, 'ca.pem')));
  t.after(() => trusted.end('SIGKILL'));
  await eventually(async () => (await allEvents(admin, 'tls')).length === 1, () => `the entry; ${trusted.errors}`);
  assert.equal(await trusted.end('SIGTERM'), 0);
  // The certificate is localhost's, and not that of its number.
  const other = bridge(server, args(`rediss://127.0.0.1:${port}`, '--ca', join(folder, 'ca.pem')));
  t.after(() => other.end('SIGKILL'));
  await eventually(() => /is away: invalid peer certificate: certificate not valid for name "127\.0\.0\.1"/.test(other.errors), () => `a word about the name; ${other.errors}`);
  await other.end('SIGTERM');
  writeFileSync(join(folder, 'none.pem'), 'nothing');
  for (const [to, file, why] of [
    [`rediss://localhost:${port}`, 'none.pem', /holds no certificate/],
    [`redis://localhost:${secure.port}`, 'ca.pem', /--ca goes with TLS/],
  ]) {
    const refused = bridge(server, args(to, '--ca', join(folder, file)));
    await eventually(() => refused.code !== undefined, () => `an end; ${refused.errors}`);
    assert.ok(refused.code > 0 && why.test(refused.errors), refused.errors);
  }
});
