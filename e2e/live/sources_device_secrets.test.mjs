// Devices that can be told an address and nothing else: each has one of its own, good for one key.

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
  await admin.board('phones');
});
after(() => server?.stop());

const nobody = () => admin.as(null);

/** A source whose devices have addresses of their own, or not. */
async function source(name, from = { device_secrets: true }) {
  const { status, body } = await admin.post('/v1/boards/phones/sources', { name, from });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

async function device(name, wish) {
  const { status, body } = await admin.post(`/v1/boards/phones/sources/${name}/devices`, wish);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

test('a device sends to its own address under its own key, and under no other', async () => {
  await source('own');
  const { ingest, generation, previous_until } = await device('own', { key: 'bike 1' });
  assert.match(ingest, /^\/v1\/ingest\/own\/hgd_[A-Za-z0-9_-]+$/);
  assert.deepEqual([generation, previous_until], [1, null]);
  assert.equal((await device('own', { key: 'bike 1' })).ingest, ingest, 'it is the same each time');
  // As OsmAnd sends, with whatever identifier the app has made up where it may not name one; as JSON; and in a form.
  const byQuery = await nobody().get(`${ingest}?lat=51.5&lon=-0.12&timestamp=1772366400&id=bike%201`);
  assert.equal(byQuery.status, 200, JSON.stringify(byQuery.body));
  const plain = await nobody().post(ingest, { time: '2026-03-01T12:01:00Z', fields: { n: 1 } });
  assert.deepEqual([plain.status, plain.body.accepted], [200, 1], JSON.stringify(plain.body));
  const { items } = await admin.items('phones');
  assert.deepEqual([items.get('bike 1').fields.n, items.get('bike 1').position.lat], [1, 51.5]);
  const other = await nobody().post(ingest, [{ key: 'bike 1' }, { key: 'bike 2' }]);
  assert.deepEqual([other.body.accepted, other.body.refused, other.body.results[0].code], [1, 1, 'key_not_allowed'], JSON.stringify(other.body));
  assert.ok(!(await admin.items('phones')).items.has('bike 2'));
  const [letter] = (await admin.get('/v1/boards/phones/dead-letters')).body.dead_letters;
  assert.deepEqual([letter.source, letter.record.key], ['own', 'bike 2']);
});

test('an address that is guessed, of another device or of another source is refused alike', async () => {
  await Promise.all([source('a'), source('b')]);
  const [one, two] = [await device('a', { key: 'k1' }), await device('a', { key: 'k2' })];
  const bytes = (secret) => Buffer.from(secret.slice(4), 'base64url');
  const swapped = Buffer.concat([bytes(one.secret).subarray(0, 32), bytes(two.secret).subarray(32)]);
  const later = bytes(one.secret);
  later[7] = 2;
  const bad = [
    ['b', one.secret],
    ['nobody', one.secret],
    ['a', `hgd_${swapped.toString('base64url')}`],
    ['a', `hgd_${later.toString('base64url')}`],
    ['a', 'hgd_'],
    ['a', 'x'],
    ['a', (await admin.post('/v1/boards/phones/sources/a/rotate', {})).body.secret],
  ];
  const told = new Set();
  for (const [name, secret] of bad) {
    const { status, body } = await nobody().post(`/v1/ingest/${name}/${secret}`, { key: 'k1' });
    assert.equal(status, 401, `${name}: ${JSON.stringify(body)}`);
    told.add(body.detail);
  }
  assert.equal(told.size, 1, [...told].join());
  assert.equal((await nobody().post(one.ingest, { key: 'k1' })).status, 200, "the source's own secret is another matter");
});

test('a device gets another address, and the one before ends when it was said to', async () => {
  await source('c');
  const [first, other] = [await device('c', { key: 'k1' }), await device('c', { key: 'k2' })];
  const send = async ({ ingest }) => (await nobody().post(ingest, { key: ingest === other.ingest ? 'k2' : 'k1' })).status;
  const second = await device('c', { key: 'k1', rotate: true, overlap_s: 2_678_400 });
  assert.equal(second.generation, 2);
  assert.ok(second.previous_until > Date.now());
  assert.deepEqual(await Promise.all([first, second, other].map(send)), [200, 200, 200]);
  const third = await device('c', { key: 'k1', rotate: true, overlap_s: 0 });
  await eventually(async () => (await send(second)) === 401, 'the one before ends within two seconds', 5_000);
  assert.deepEqual(await Promise.all([first, third, other].map(send)), [401, 200, 200]);
  // It survives a restart, and a new secret of the source.
  await server.kill9();
  await server.restart();
  assert.deepEqual(await Promise.all([second, third, other].map(send)), [401, 200, 200]);
  const made = (await admin.delete('/v1/boards/phones/sources/c')).status;
  assert.equal(made, 204);
  await source('c');
  await eventually(async () => (await send(third)) === 401, 'a source made anew has none of the old addresses', 5_000);
});

test('addresses of devices are off unless a source says so', async () => {
  await source('off', {});
  const { status, body } = await admin.post('/v1/boards/phones/sources/off/devices', { key: 'k1' });
  assert.deepEqual([status, body.errors[0].field], [422, 'from.device_secrets']);
  await source('on');
  const { ingest } = await device('on', { key: 'k1' });
  assert.equal((await nobody().post(ingest, { key: 'k1' })).status, 200);
  await admin.send('PATCH', '/v1/boards/phones/sources/on', { from: {} });
  await eventually(async () => (await nobody().post(ingest, { key: 'k1' })).status === 401, 'it is off', 5_000);
  for (const wish of [{}, { key: '' }, { key: 'k1', overlap: 1 }, { key: 'k1', rotate: true, overlap_s: 1e9 }]) {
    const refused = await admin.post('/v1/boards/phones/sources/a/devices', wish);
    assert.ok([400, 422].includes(refused.status), JSON.stringify(refused.body));
  }
});

test('the secret of a device stands in no log and in no answer to another', async () => {
  await source('quiet');
  const { ingest, secret } = await device('quiet', { key: 'k1' });
  await nobody().post(ingest, '{"key":');
  await nobody().post(`${ingest}x`, { key: 'k1' });
  await nobody().post(`${ingest}/more`, { key: 'k1' });
  assert.ok(!server.log().includes(secret));
  const shown = JSON.stringify([
    (await admin.get('/v1/boards/phones/sources')).body,
    (await admin.get('/v1/boards/phones/status')).body,
    (await admin.get('/v1/boards/phones/dead-letters')).body,
  ]);
  assert.ok(!shown.includes(secret));
});

test('metrics of an exporter that was told the address of a source alone are taken', async () => {
  const { secret } = await source('metrics');
  const point = { timeUnixNano: '1772366400000000000', asDouble: 21.5 };
  const body = { resourceMetrics: [{ resource: { attributes: [{ key: 'service.instance.id', value: { stringValue: 'room' } }] }, scopeMetrics: [{ metrics: [{ name: 'temperature', gauge: { dataPoints: [point] } }] }] }] };
  const { status, body: answer } = await admin.as(secret).post('/v1/ingest/metrics/v1/metrics', body, { 'content-type': 'application/json' });
  assert.equal(status, 200, JSON.stringify(answer));
  assert.equal((await admin.items('phones')).items.get('room').fields.temperature, 21.5);
  assert.equal((await nobody().post('/v1/ingest/metrics/v1/metrics', body)).status, 401);
});
