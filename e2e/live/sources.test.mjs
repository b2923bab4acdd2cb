// Sources: made and ended by managers, sent to by their secret alone, in the bytes that senders document; what a sender sends twice
// since it got no answer is there once.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { execFileSync, spawnSync } from 'node:child_process';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
});
after(() => server?.stop());

const TIME = Date.UTC(2026, 2, 1, 12);

/** Makes a source of the board; its secret. */
async function source(name, more = {}) {
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(body.ingest, `/v1/ingest/${name}`);
  return body.secret;
}

/** The keys of all events of some keys, in the order of the log. */
async function eventsOf(...keys) {
  const { body } = await admin.get('/v1/boards/fleet/events?limit=1000');
  return body.events.map((e) => e.key).filter((key) => keys.includes(key));
}

const send = (name, secret, body, headers = {}) => admin.as(secret).post(`/v1/ingest/${name}`, body, headers);

test('a source is made, read, changed, rotated and deleted, and its secret is shown once', async () => {
  const secret = await source('life');
  assert.match(secret, /^hgs_[0-9a-f]{48}$/);
  const path = '/v1/boards/fleet/sources/life';
  assert.equal((await admin.post('/v1/boards/fleet/sources', { name: 'life' })).body.code, 'source_exists');
  const read = await admin.get(path);
  assert.deepEqual([read.status, read.body.secret, read.body.envelope, read.body.generation], [200, undefined, 'auto', 1]);
  assert.ok(!JSON.stringify((await admin.get('/v1/boards/fleet/sources')).body).includes(secret.slice(4)));
  assert.equal((await send('life', secret, { key: 'l1' })).body.accepted, 1);
  const rotated = await admin.post(`${path}/rotate`, { overlap_s: 2 });
  assert.deepEqual([rotated.status, rotated.body.generation], [200, 2]);
  for (const one of [secret, rotated.body.secret]) assert.equal((await send('life', one, { key: 'l1' })).status, 200);
  await sleep(2_100);
  assert.equal((await send('life', secret, { key: 'l1' })).status, 401);
  const changed = await admin.send('PATCH', path, { limits: { body_bytes: 100 } });
  assert.deepEqual([changed.status, changed.body.limits.body_bytes], [200, 100]);
  assert.equal((await send('life', rotated.body.secret, { key: 'l1', fields: { t: 'x'.repeat(200) } })).status, 413);
  assert.equal((await admin.delete(path)).status, 204);
  assert.equal((await send('life', rotated.body.secret, { key: 'l1' })).status, 401);
  assert.equal((await admin.get(path)).body.code, 'source_not_found');
});

test('what is misspelt or impossible is refused by its name', async () => {
  const refused = async (wish) => (await admin.post('/v1/boards/fleet/sources', wish)).body;
  assert.equal((await refused({ name: 'x', envelop: 'json' })).errors[0].field, 'envelop');
  assert.equal((await refused({ name: 'a/b' })).errors[0].field, 'name');
  assert.equal((await refused({ name: 'x', limits: { requests_per_minute: 0 } })).errors[0].field, 'limits.requests_per_minute');
  assert.equal((await refused({ name: 'x', transform: { jq: '.[' } })).code, 'jq_invalid');
  assert.equal((await admin.get('/v1/boards/fleet/sources/x')).status, 404);
});

test('a source of one board is none of another, and ends with its board', async () => {
  await admin.board('brief');
  const { body } = await admin.post('/v1/boards/brief/sources', { name: 'of-brief' });
  assert.equal((await admin.delete('/v1/boards/fleet/sources/of-brief')).status, 404);
  assert.equal((await send('of-brief', body.secret, { key: 'a' })).status, 200);
  assert.equal((await admin.delete('/v1/boards/brief')).status, 204);
  assert.equal((await send('of-brief', body.secret, { key: 'a' })).status, 401);
  await admin.board('brief');
  assert.equal((await send('of-brief', body.secret, { key: 'a' })).status, 401);
});

test('only its own secret sends to a source, wherever senders put it', async () => {
  const [one, other] = [await source('one'), await source('other')];
  const asked = (headers) => admin.as(null).post('/v1/ingest/one', { key: 'o1' }, headers);
  const basic = (secret) => ({ authorization: `Basic ${Buffer.from(`any:${secret}`).toString('base64')}` });
  assert.equal((await asked({ authorization: `Bearer ${one}` })).status, 200);
  assert.equal((await asked(basic(one))).status, 200);
  for (const headers of [{}, { authorization: `Bearer ${other}` }, basic(other), { authorization: `Bearer ${server.adminKey}` }]) {
    const answer = await asked(headers);
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate'), /^Basic /);
  }
  const nobody = await send('nobody', one, {});
  const wrong = await send('one', other, {});
  assert.deepEqual([nobody.status, nobody.body], [wrong.status, wrong.body]);
});

test('refused records are dead letters of their source, and spoil no other', async () => {
  const secret = await source('letters');
  const { body } = await send('letters', secret, [{ key: 'd1' }, { kee: 'd2' }]);
  assert.deepEqual([body.accepted, body.refused, body.results[0].index, body.results[0].field], [1, 1, 1, 'kee']);
  const letter = (await admin.get('/v1/boards/fleet/dead-letters?limit=1')).body.dead_letters[0];
  assert.deepEqual([letter.source, letter.code, letter.record], ['letters', 'unknown_field', { kee: 'd2' }]);
});

test('gzip is taken, a bomb is not, and a pace is kept', async () => {
  const secret = await source('packed', { limits: { body_bytes: 1_000_000 } });
  const gzip = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
  assert.equal((await send('packed', secret, gzipSync('{"key":"g1"}'), gzip)).body.accepted, 1);
  assert.equal((await send('packed', secret, gzipSync(Buffer.alloc(20_000_000, 32)), gzip)).status, 413);
  assert.equal((await send('packed', secret, Buffer.from('nope'), gzip)).body.code, 'invalid_gzip');
  const slow = await source('slow', { limits: { requests_per_minute: 10 } });
  const statuses = [];
  for (let i = 0; i < 3; i += 1) statuses.push(await send('slow', slow, { key: 's1' }));
  assert.deepEqual(statuses.map((a) => a.status), [200, 429, 429]);
  assert.ok(Number(statuses[1].headers.get('retry-after')) >= 1);
});

test('a program makes events of records', async () => {
  // In jq any text is more than any number.
  const jq = '.n as $n | if $n == 0 then empty else {key: .id, fields: {n: $n}}, (select($n > 5) | {key: (.id + "+")}) end';
  const secret = await source('program', { transform: { jq } });
  const { body } = await send('program', secret, [{ id: 'p1', n: 1 }, { id: 'p2', n: 0 }, { id: 'p3', n: 9 }, { id: 'p4', n: 'x' }, 7]);
  assert.deepEqual([body.accepted, body.refused], [5, 1]);
  assert.deepEqual([...(await admin.items('fleet')).items.keys()].filter((key) => key.startsWith('p')).sort(), ['p1', 'p3', 'p3+', 'p4', 'p4+']);
  assert.equal(body.results[0].code, 'jq_failed');
});

test('a sample is tried on a source, record by record, and leaves nothing', async () => {
  const jq = '.n as $n | if $n == 0 then empty elif $n < 0 then error("n is below 0") else {key: .id, fields: {n: $n}} end';
  await source('sample', { transform: { jq } });
  const path = '/v1/boards/fleet/sources/sample/dry-run';
  const before = (await admin.get('/v1/boards/fleet/summary')).body.cursor;
  const tried = async (wish) => {
    const { status, body } = await admin.post(path, wish);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const { envelope, records, more } = await tried({ body: [{ id: 's1', n: 3 }, { id: 's2', n: 0 }, { id: 's3', n: -1 }, { id: 's4', n: [1] }] });
  assert.deepEqual([envelope, records.length, more], ['json', 4, 0]);
  assert.deepEqual([records[0].yielded, records[0].events[0].fields], [[{ key: 's1', fields: { n: 3 } }], { n: 3 }]);
  assert.deepEqual([records[1].yielded, records[1].events, records[1].code], [[], [], undefined]);
  assert.deepEqual([records[2].code, records[2].yielded], ['jq_failed', null]);
  assert.match(records[2].message, /n is below 0/);
  assert.deepEqual([records[3].events, records[3].field], [[], 'fields.n']);
  assert.equal(records[0].input, '{"id":"s1","n":3}');
  // Another program, and another envelope by what a sender would say.
  assert.equal((await tried({ body: { id: 's1' }, jq: '{key: .id}' })).records[0].events[0].key, 's1');
  const csv = await tried({ body: 'key,n\ns5,7\n', headers: { 'Content-Type': 'text/csv' }, jq: '' });
  assert.deepEqual([csv.envelope, csv.records[0].events[0].fields], ['csv', { n: 7 }]);
  const many = await tried({ body: Array.from({ length: 130 }, (_, i) => ({ id: 'm', n: i })) });
  assert.deepEqual([many.records.length, many.more], [100, 30]);
  const refused = async (wish) => (await admin.post(path, wish)).body;
  assert.deepEqual([(await refused({ body: {}, jq: '.[' })).code, (await refused({ body: {}, jqq: '.' })).code], ['jq_invalid', 'invalid_json']);
  // A program that does not end takes no longer than programs may.
  const endless = await admin.post(path, { body: { id: 's1' }, jq: 'def f: f; f' });
  assert.ok(endless.status === 503 || endless.body.records[0].code === 'jq_failed', JSON.stringify(endless.body));
  assert.equal((await admin.get('/v1/boards/fleet/summary')).body.cursor, before);
  const env = { ...process.env, HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey };
  const tool = (input, ...more) => spawnSync(process.env.HELIOGRAPH_BIN, ['sources', 'dry-run', 'fleet', 'sample', '-', ...more], { input, env, encoding: 'utf8' });
  const good = tool('{"id":"s1","n":3}');
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /^record 1: \{"id":"s1","n":3\}\n {2}yields {2}\{.*\}\n {2}event {3}\{.*"key":"s1".*\}\n$/);
  const bad = tool('{"id":"s1","n":-3}');
  assert.equal(bad.status, 1);
  assert.match(bad.stdout, /refused jq_failed: .*n is below 0/);
});

test('Firehose gets its own answer, and a delivery that is repeated is there once', async () => {
  const secret = await source('hose');
  const records = ['{"key":"f1"}\n{"key":"f2"}', '{"vehicleId":"f3","lat":1.5,"lon":2.5}', 'nope'].map((r) => ({ data: Buffer.from(r).toString('base64') }));
  const body = gzipSync(JSON.stringify({ requestId: 'r-1', timestamp: TIME, records }));
  const headers = { 'x-amz-firehose-request-id': 'r-1', 'x-amz-firehose-protocol-version': '1.0', 'x-amz-firehose-access-key': secret, 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const deliver = (more = {}) => admin.as(null).post('/v1/ingest/hose', body, { ...headers, ...more });
  for (let i = 0; i < 2; i += 1) {
    const answer = await deliver();
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.deepEqual(Object.keys(answer.body), ['requestId', 'timestamp']);
    assert.deepEqual([answer.body.requestId, typeof answer.body.timestamp], ['r-1', 'number']);
  }
  assert.deepEqual(await eventsOf('f1', 'f2', 'f3'), ['f1', 'f2', 'f3']);
  const wrong = await deliver({ 'x-amz-firehose-access-key': 'no' });
  assert.deepEqual([wrong.status, wrong.body.requestId, typeof wrong.body.errorMessage], [401, 'r-1', 'string']);
});

test('phones and trackers are answered as they wait for, and a poisoned message does not stop them', async () => {
  const secret = await source('phones');
  const curl = (...args) => execFileSync('curl', ['-sS', '-w', '\n%{http_code}', '--user', `any:${secret}`, ...args], { encoding: 'utf8' });
  const url = `${server.url}/v1/ingest/phones`;
  const location = '{"_type":"location","lat":51.5,"lon":-0.12,"tst":1772366400,"vel":36}';
  const owntracks = (body) => curl('-H', 'X-Limit-U: jane', '-H', 'X-Limit-D: phone', '-H', 'Content-Type: application/json', '-d', body, url);
  assert.equal(owntracks(location), '[]\n200');
  assert.equal(owntracks(location), '[]\n200');
  assert.equal(owntracks('{"_type":"location"'), '[]\n200');
  const query = 'id=80214455&lat=30.26&lon=-97.74&timestamp=1772366400&speed=10';
  assert.equal(curl(`${url}/?${query}`), '\n200');
  assert.equal(curl('-d', query, url), '\n200');
  assert.equal(curl('-d', 'id=80214455&lat=99&lon=0&timestamp=1772366401', url), '\n200');
  assert.deepEqual(await eventsOf('jane/phone', '80214455'), ['jane/phone', '80214455']);
  const letters = (await admin.get('/v1/boards/fleet/dead-letters?limit=2')).body.dead_letters;
  assert.deepEqual(letters.map((l) => l.source), ['phones', 'phones']);
});

test('a batch of a pipe is answered by what of it failed', async () => {
  const secret = await source('pipe');
  const sqs = (messageId, body) => ({ messageId, body, eventSource: 'aws:sqs', attributes: { SentTimestamp: String(TIME) } });
  const { status, body } = await send('pipe', secret, [sqs('m1', '{"key":"q1"}'), sqs('m2', 'nope')]);
  assert.deepEqual([status, body], [200, { batchItemFailures: [{ itemIdentifier: 'm2' }] }]);
});

test('the handshake of a CloudEvents webhook is answered', async () => {
  const answer = await admin.as(null).send('OPTIONS', '/v1/ingest/pipe', undefined, { 'webhook-request-origin': 'events.example' });
  assert.deepEqual([answer.status, answer.headers.get('webhook-allowed-origin')], [204, 'events.example']);
});

test('a worker that is killed between write and answer has what is sent again once', async () => {
  const own = await startServer();
  try {
    const client = new Client(own);
    await client.board('crash');
    const { body: made } = await client.post('/v1/boards/crash/sources', { name: 'crash' });
    const headers = { authorization: `Bearer ${made.secret}`, 'x-amz-firehose-request-id': 'r-9', 'content-type': 'application/json' };
    const records = Array.from({ length: 50 }, (_, i) => ({ data: Buffer.from(`{"key":"k${i}"}`).toString('base64') }));
    const body = JSON.stringify({ requestId: 'r-9', timestamp: TIME, records });
    const deliver = () => fetch(`${own.url}/v1/ingest/crash`, { method: 'POST', headers, body }).then((r) => r.status, () => 0);
    const sent = deliver();
    await sleep(15);
    await own.kill9();
    await sent;
    await own.restart();
    assert.equal(await deliver(), 200);
    assert.equal(await deliver(), 200);
    const { body: events } = await client.get('/v1/boards/crash/events?limit=1000');
    assert.equal(events.events.length, 50);
  } finally {
    await own.stop();
  }
});

test('the commands of docs/sources.md do what the page says', async () => {
  const page = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(commands.length, 4);
  const own = await startServer();
  try {
    const client = new Client(own);
    await client.board('fleet');
    const env = { ...process.env, SERVER: own.url, KEY: own.adminKey };
    for (const command of commands) {
      const answer = execFileSync('bash', ['-c', command], { encoding: 'utf8', env });
      if (env.SECRET === undefined) env.SECRET = JSON.parse(answer).secret;
    }
    const keys = (await client.items('fleet')).items;
    assert.deepEqual([...keys.keys()], ['v1']);
  } finally {
    await own.stop();
  }
});
