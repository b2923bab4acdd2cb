// The commands of docs/bridge.md, each as it stands there, with brokers of the test's own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { HELIOGRAPH, startServer } from '../server.mjs';
import { Running, program, publish, sql, startMosquitto, startNats, startPostgres, startRedis } from './support/brokers.mjs';
import { Client } from './support/client.mjs';
import { NatsClient } from './support/nats.mjs';
import { eventually } from './support/wait.mjs';

test('each command of docs/bridge.md brings a message to the board', async (t) => {
  const page = readFileSync(new URL('../../docs/bridge.md', import.meta.url), 'utf8');
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1].trim());
  assert.equal(commands.length, 5);
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-docs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(HELIOGRAPH, join(folder, 'heliograph'));
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  await admin.board('fleet');
  const [mqtt, nats, redis, postgres] = [await startMosquitto(), await startNats(), await startRedis(), await startPostgres()];
  t.after(() => Promise.all([mqtt, nats, redis, postgres].map((broker) => broker.stop())));
  const stream = await NatsClient.open(nats);
  t.after(() => stream.close());
  await stream.request('$JS.API.STREAM.CREATE.POSITIONS', { name: 'POSITIONS', subjects: ['fleet.>'] });

  const tables = `CREATE TABLE vehicles (id text PRIMARY KEY, lat float8, lon float8, route text, plan text);
    CREATE PUBLICATION vehicles FOR TABLE vehicles (id, lat, lon, route); INSERT INTO vehicles VALUES ('by-postgres', 30.26, -97.74, '801')`;
  assert.equal(sql(postgres, tables).status, 0);

  // Brokers of tests are not on their usual ports.
  const ports = { 'mqtt://127.0.0.1': mqtt.port, 'nats://127.0.0.1': nats.port, 'redis://127.0.0.1': redis.port, 'postgres@127.0.0.1': postgres.port };
  const env = { PATH: `${folder}:${process.env.PATH}`, HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey, PGPASSWORD: 's3cret' };
  const running = commands.map((command) => {
    const here = Object.entries(ports).reduce((text, [at, port]) => text.replace(at, `${at}:${port}`), command);
    return new Running('bash', ['-c', here.includes('|') ? here : `exec ${here}`], env);
  });
  t.after(() => Promise.all(running.map((one) => one.end('SIGKILL'))));
  await eventually(() => /as heliograph-/.test(mqtt.process.errors), () => `a session; ${running.map((r) => r.errors)}`);
  // Kept, so that it comes even before the subscription.
  await publish(mqtt, 'fleet/by-mqtt/position', ['{"lat":30.26,"lon":-97.74}'], ['-r']);
  await stream.request('fleet.by-nats.position', { lat: 30.26, lon: -97.74 });
  execFileSync(program('redis-cli', 'redis-tools'), ['-p', `${redis.port}`, ...'XADD positions * vehicle by-redis lat 30.26 lon -97.74'.split(' ')]);
  const wanted = ['by-mqtt', 'by-nats', 'by-redis', 'by-postgres', 'v1'];
  let items = new Map();
  const there = async () => {
    items = (await admin.items('fleet')).items;
    return wanted.every((key) => items.has(key));
  };
  await eventually(there, () => `${wanted} in ${[...items.keys()]}; ${running.map((r) => r.errors)}`);
  for (const key of wanted) assert.equal(items.get(key).position.lat, 30.26, key);
});
