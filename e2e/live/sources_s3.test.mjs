// S3's event notifications, in both shapes and in messages of SNS: the objects that they name are fetched from the operator's
// target alone, and each row of them is there once.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { AwsPlace, keyPair, signed } from './support/aws_place.mjs';
import { Client } from './support/client.mjs';
import { ObjectStore, declaring, etag, reachingHere } from './support/object_store.mjs';

const ORDERS = 'arn:aws:sns:us-east-1:111122223333:inbox';
const PEM = '/SimpleNotificationService-ab12cd34.pem';
let place;
let store;
let server;
let admin;
let secret;
let ours;

before(async () => {
  ours = keyPair();
  place = await AwsPlace.start();
  place.pages.set(PEM, ours.certificate);
  store = await ObjectStore.start();
  const env = { ...store.env, ...place.env, ARCHIVE_INBOX: store.declaration({ prefix: 'in/' }) };
  server = await startServer({ env, config: (text) => declaring('ARCHIVE_INBOX')(reachingHere(text)) });
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId', archive: { target: 'DEFAULT' } });
  secret = await source('inbox', { objects: { target: 'INBOX' }, topics: [ORDERS] });
});
after(async () => {
  await server?.stop();
  await Promise.all([store?.stop(), place?.stop()]);
});

async function source(name, from) {
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name, from });
  assert.equal(status, 201, JSON.stringify(body));
  return body.secret;
}

/** Puts an object, and its eTag. */
function put(name, text) {
  const content = Buffer.from(text);
  store.objects.set(name, content);
  return { name, tag: etag(content), size: content.length };
}

const formEncoded = (key) => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
const record = ({ name, tag, size }, more = {}) => ({
  eventVersion: '2.4', eventSource: 'aws:s3', awsRegion: 'us-east-1', eventTime: '2026-03-01T12:00:00.000Z', eventName: 'ObjectCreated:Put', ...more,
  s3: { s3SchemaVersion: '1.0', configurationId: 'c', bucket: { name: more.bucket ?? store.bucket, arn: 'arn:aws:s3:::x' }, object: { key: formEncoded(name), size, eTag: tag, sequencer: '0055' } },
});
const bridged = ({ name, tag, size }, kind = 'Object Created') => ({
  version: '0', id: randomUUID(), 'detail-type': kind, source: 'aws.s3', account: '1', time: '2026-03-01T12:00:00Z', region: 'us-east-1', resources: [],
  detail: { version: '0', bucket: { name: store.bucket }, object: { key: name, size, etag: tag, sequencer: '617f' }, reason: 'PutObject' },
});

const push = (body, { name = 'inbox', key = secret } = {}) => admin.as(key).post(`/v1/ingest/${name}`, body, { 'content-type': 'application/json' });
const counts = ({ status, body }) => [status, body.accepted, body.duplicate, body.refused];
const letter = async () => (await admin.get('/v1/boards/fleet/dead-letters?limit=1')).body.dead_letters[0];
const has = async (key) => (await admin.items('fleet')).items.has(key);

const TABLE = 'vehicleId,time,lat,lon,route\r\n0012,2026-03-01T12:00:00Z,30.25,-97.75,801\r\nt2,2026-03-01T12:00:00Z,30.5,-97.5,7\r\n';
const LINES = '{"vehicleId":"l1","n":1}\n{"vehicleId":"l2","n":2}\n';

test('a table, lines, an array and gzip of them are fetched in the classic shape, and told of again their rows are there once', async () => {
  const objects = [
    [put('in/fleet/a b+ü.csv', TABLE), ['0012', 't2']],
    [put('in/fleet/lines.ndjson', LINES), ['l1', 'l2']],
    [put('in/fleet/array.json', '[{"vehicleId":"a1","n":1}, {"vehicleId":"a2","n":2}]'), ['a1', 'a2']],
    [put('in/fleet/packed.ndjson.gz', gzipSync('{"vehicleId":"g1","n":1}\n{"vehicleId":"g2","n":2}')), ['g1', 'g2']],
  ];
  for (const [object, keys] of objects) {
    assert.deepEqual(counts(await push({ Records: [record(object)] })), [200, 2, 0, 0], object.name);
    assert.deepEqual(counts(await push({ Records: [record(object)] })), [200, 0, 2, 0], object.name);
    for (const key of keys) assert.ok(await has(key), key);
  }
  assert.deepEqual(store.forged, []);
  const { body } = await admin.get('/v1/boards/fleet/events?limit=1000');
  const [event] = body.events.filter((e) => e.key === 'l2');
  assert.equal(event.id, `${store.bucket}/in/fleet/lines.ndjson/${objects[1][0].tag}#1`);
});

test('EventBridge tells of the same object, and what is deleted or set up is answered and no record', async () => {
  const object = put('in/fleet/a+b.ndjson', '{"vehicleId":"e1","n":1}\n{"vehicleId":"e2"');
  assert.deepEqual(counts(await push(bridged(object))), [200, 1, 0, 1]);
  assert.deepEqual([(await letter()).code, (await letter()).source], ['invalid_json', 'inbox']);
  const before = store.given.length;
  for (const body of [
    bridged(object, 'Object Deleted'),
    { Records: [record(object, { eventName: 'ObjectRemoved:Delete' })] },
    { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-03-01T12:00:00Z', Bucket: store.bucket },
  ]) {
    assert.deepEqual(counts(await push(body)), [200, 0, 0, 0]);
  }
  assert.equal(store.given.length, before);
});

test('a notification in a signed message of SNS is followed', async () => {
  const object = put('in/fleet/by-sns.ndjson', '{"vehicleId":"s1","n":1}');
  const message = (Message) => signed({
    Type: 'Notification', MessageId: randomUUID(), TopicArn: ORDERS, Subject: 'Amazon S3 Notification', Message, Timestamp: new Date().toISOString(),
    SignatureVersion: '1', SigningCertURL: `https://sns.us-east-1.amazonaws.com${PEM}`,
  }, ours.key);
  assert.deepEqual(counts(await push(message(JSON.stringify({ Records: [record(object)] })))), [200, 1, 0, 0]);
  const before = store.given.length;
  const forged = { ...message('{}'), Message: JSON.stringify({ Records: [record(object)] }) };
  assert.equal((await push(forged)).body.code, 'signature_invalid');
  assert.equal(store.given.length, before, 'a forged one leads nowhere');
});

test('no object of another bucket, board or prefix is fetched', async () => {
  const key = await source('narrow', { objects: { target: 'INBOX', prefixes: ['2026/'] } });
  const fine = put('in/fleet/2026/x.ndjson', '{"vehicleId":"n1"}');
  assert.deepEqual(counts(await push({ Records: [record(fine)] }, { name: 'narrow', key })), [200, 1, 0, 0]);
  const before = store.given.length;
  for (const [body, code] of [
    [record(put('in/fleet/2025/x.ndjson', LINES)), 'sender_not_listed'],
    [record(put('in/other/2026/x.ndjson', LINES)), 'sender_not_listed'],
    [record(put('raw/fleet/x.ndjson', LINES)), 'sender_not_listed'],
    [record(fine, { bucket: 'foreign' }), 'sender_not_listed'],
    [record({ ...fine, name: 'in/fleet/2026/../../other/x.ndjson' }), 'invalid'],
    [record({ ...fine, size: 9_000_000 }), 'body_too_large'],
    [record(fine, { eventVersion: '3.0' }), 'invalid'],
  ]) {
    assert.deepEqual(counts(await push({ Records: [body] }, { name: 'narrow', key })), [200, 0, 0, 1]);
    const { code: told, record: kept } = await letter();
    assert.deepEqual([told, kept.s3.object.key], [code, body.s3.object.key]);
  }
  assert.equal(store.given.length, before);
});

test('a store that is away is a 503 and the same again is taken; an object that is gone or another by now is a dead letter', async () => {
  const object = put('in/fleet/away.ndjson', '{"vehicleId":"w1"}');
  store.mood = () => 'fail';
  const away = await push({ Records: [record(object)] });
  assert.deepEqual([away.status, away.body.code], [503, 'sender_unreachable']);
  assert.ok(Number(away.headers.get('retry-after')) >= 1);
  store.mood = () => 'ok';
  assert.deepEqual(counts(await push({ Records: [record(object)] })), [200, 1, 0, 0]);
  store.objects.set('in/fleet/away.ndjson', Buffer.from('{"vehicleId":"w2"}'));
  assert.deepEqual(counts(await push({ Records: [record(object)] })), [200, 0, 0, 1]);
  assert.match((await letter()).message, /overwritten since/);
  assert.deepEqual(counts(await push({ Records: [record({ ...object, name: 'in/fleet/gone' })] })), [200, 0, 0, 1]);
  assert.equal((await letter()).code, 'not_found');
});

test('a message of SQS that a pipe sends, and one of R2 that a queue of Cloudflare sends, are followed', async () => {
  const queued = put('in/fleet/queued.ndjson', '{"vehicleId":"q1"}\n');
  const message = { messageId: 'm-1', eventSource: 'aws:sqs', attributes: {}, body: JSON.stringify({ Records: [record(queued)] }) };
  for (let tries = 0; tries < 2; tries += 1) {
    const { status, body } = await push([message]);
    assert.deepEqual([status, body], [200, { batchItemFailures: [] }]);
  }
  const kept = put('in/fleet/r2.ndjson', '{"vehicleId":"q2"}\n');
  const told = { account: '3f4b7e3dcab231cbfdaa90a6a28bd548', action: 'PutObject', bucket: store.bucket, object: { key: kept.name, size: kept.size, eTag: kept.tag }, eventTime: '2026-03-01T12:00:00.000Z' };
  const event = { specversion: '1.0', id: 'm-2', source: 'queue/objects', type: 'message', data: told };
  const send = () => admin.as(secret).post('/v1/ingest/inbox', JSON.stringify([event]), { 'content-type': 'application/cloudevents-batch+json' });
  assert.deepEqual(counts(await send()), [200, 1, 0, 0]);
  assert.deepEqual(counts(await send()), [200, 0, 1, 0]);
  const { body } = await admin.get('/v1/boards/fleet/events?limit=1000');
  for (const key of ['q1', 'q2']) assert.equal(body.events.filter((e) => e.key === key).length, 1, key);
});

test('Parquet is a letter that says what can be done, and a bomb and what is no gzip are refused, and a table that is wrong tells its row', async () => {
  const parquet = put('in/fleet/day.parquet', 'PAR1\u0015\u0004PAR1');
  assert.deepEqual(counts(await push({ Records: [record(parquet)] })), [200, 0, 0, 1]);
  assert.deepEqual([(await letter()).code, /heliograph replay/.test((await letter()).message)], ['unsupported_media_type', true]);
  const bomb = put('in/fleet/bomb.gz', gzipSync(Buffer.alloc(20_000_000, 32)));
  assert.deepEqual(counts(await push({ Records: [record(bomb)] })), [200, 0, 0, 1]);
  assert.equal((await letter()).code, 'body_too_large');
  const table = put('in/fleet/wrong.csv', 'vehicleId,time,lat,lon\nr1,2026-03-01T12:00:00Z,95,0\nr2,2026-03-01T12:00:00Z,30,0\n');
  assert.deepEqual(counts(await push({ Records: [record(table)] })), [200, 1, 0, 1]);
  assert.equal((await letter()).code, 'position_out_of_range');
});

test('a source without a target fetches nothing, and one that nobody declared, or that the board delivers to, is none', async () => {
  const key = await source('bare', {});
  const before = store.given.length;
  const { status, body } = await push({ Records: [record(put('in/fleet/x', LINES))] }, { name: 'bare', key });
  assert.deepEqual([status, body.code], [403, 'sender_not_listed']);
  const made = await admin.post('/v1/boards/fleet/sources', { name: 'nowhere', from: { objects: { target: 'NOWHERE' } } });
  assert.deepEqual([made.status, made.body.errors[0].field], [422, 'from.objects.target']);
  const own = await source('own', { objects: { target: 'DEFAULT' } });
  const circle = await push({ Records: [record(put('raw/fleet/x', LINES))] }, { name: 'own', key: own });
  assert.deepEqual([circle.status, circle.body.code], [403, 'sender_not_listed']);
  assert.match(circle.body.detail, /read what it wrote/);
  assert.equal(store.given.length, before);
});

test('rows that were taken before the worker was killed are duplicates afterwards', async () => {
  const object = put('in/fleet/killed.ndjson', '{"vehicleId":"k1"}\n{"vehicleId":"k2"}\n');
  assert.equal((await push({ Records: [record(object)] })).body.accepted, 2);
  await server.kill9();
  await server.restart();
  assert.deepEqual(counts(await push({ Records: [record(object)] })), [200, 0, 2, 0]);
});

test('the command of docs/sources/s3.md makes the source that the page says', () => {
  const page = readFileSync(new URL('../../docs/sources/s3.md', import.meta.url), 'utf8');
  const [command, ...more] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(more.length, 0);
  const env = { ...process.env, SERVER: server.url, KEY: server.adminKey };
  const answer = execFileSync('bash', ['-c', command.replace('"inbox"', '"inbox-of-the-page"')], { encoding: 'utf8', env });
  const { name, ingest } = JSON.parse(answer);
  assert.deepEqual([name, ingest], ['inbox-of-the-page', '/v1/ingest/inbox-of-the-page']);
});
