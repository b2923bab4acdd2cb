// What the endpoint for AWS SDKs refuses, by the names on which clients do the right thing, and that a call that is tried again is
// there once.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';

import { startServer } from '../server.mjs';
import { boto3, options, shell, signedCall } from './support/aws.mjs';
import { Client } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
});
after(() => server?.stop());

async function source(name, more = {}) {
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body.aws;
}

const record = (key) => JSON.stringify({ vehicleId: key, n: 1 });
const PUT = 'Firehose_20150804.PutRecord';
const data = (name, text) => ({ DeliveryStreamName: name, Record: { Data: Buffer.from(text).toString('base64') } });
const put = (name, key) => ['firehose', 'put_record', { DeliveryStreamName: name, Record: { Data: { $bytes: record(key) } } }];

async function countOf(key) {
  const { body } = await admin.get('/v1/boards/fleet/events?limit=10000');
  return body.events.filter((e) => e.key === key).length;
}

test('keys are shown when a source is made and when it is rotated, and the ones before are good for the overlap', async () => {
  const path = '/v1/boards/fleet/sources/life';
  const first = await source('life');
  assert.deepEqual([first.endpoint, first.region], ['/aws', 'us-east-1']);
  assert.match(first.access_key_id, /^HGAK[\w-]{12,}$/);
  assert.equal(first.secret_access_key.length, 40);
  assert.equal((await admin.get(path)).body.aws, undefined);
  const { body } = await admin.post(`${path}/rotate`, { overlap_s: 2 });
  assert.notEqual(body.aws.access_key_id, first.access_key_id);
  for (const keys of [first, body.aws]) assert.equal((await signedCall(server, keys, PUT, data('life', record('l')))).status, 200);
  await sleep(2_100);
  assert.equal((await signedCall(server, first, PUT, data('life', record('l')))).body.__type, 'UnrecognizedClientException');
  // One that is made anew under the old name has none of the old keys.
  assert.equal((await admin.delete(path)).status, 204);
  assert.equal((await signedCall(server, body.aws, PUT, data('life', record('l')))).body.__type, 'UnrecognizedClientException');
  await source('life');
  assert.notEqual((await signedCall(server, first, PUT, data('life', record('l')))).status, 200);
});

test('boto3 raises what AWS would let it raise, and tries again only where that helps', async () => {
  const keys = await source('raised');
  const wrong = { ...keys, secret_access_key: 'x'.repeat(40) };
  const nobody = { ...keys, access_key_id: 'AKIAIOSFODNN7EXAMPLE' };
  const queue = ['sqs', 'send_message', { QueueUrl: 'raised', MessageBody: '{}' }];
  const topic = ['sns', 'publish', { TopicArn: 'arn:aws:sns:us-east-1:000000000000:raised', Message: '{}' }];
  const codes = (used) => boto3(server, used, [put('raised', 'r'), queue, topic]).map((a) => [a.error, a.status, a.$attempts]);
  assert.deepEqual(codes(wrong), [['InvalidSignatureException', 400, 1], ['SignatureDoesNotMatch', 403, 1], ['SignatureDoesNotMatch', 403, 1]]);
  assert.deepEqual(codes(nobody), [['UnrecognizedClientException', 400, 1], ['InvalidClientTokenId', 403, 1], ['InvalidClientTokenId', 403, 1]]);
  await source('others');
  const [hose, lost, unknown, refused] = boto3(server, keys, [
    put('others', 'r'),
    ['sqs', 'send_message', { QueueUrl: 'others', MessageBody: '{}' }],
    ['firehose', 'list_delivery_streams', {}],
    ['firehose', 'put_record', { DeliveryStreamName: 'raised', Record: { Data: { $bytes: 'nope' } } }],
  ]);
  assert.deepEqual([hose.error, unknown.error, refused.error], ['ResourceNotFoundException', 'UnknownOperationException', 'InvalidArgumentException']);
  assert.match(lost.error, /NonExistentQueue|QueueDoesNotExist/);
  assert.match(refused.message, /dead letter/);
  assert.equal(await countOf('r'), 0);
});

test('a source that is sent to too often says so by the name on which clients wait', async () => {
  const keys = await source('slow', { limits: { requests_per_minute: 10 } });
  const call = ['kinesis', 'put_record', { StreamName: 'slow', PartitionKey: 'p', Data: { $bytes: record('s') } }];
  const [first, second] = boto3(server, keys, [call, call], { AWS_MAX_ATTEMPTS: '1' });
  assert.deepEqual([first.error, second.error, second.status], [undefined, 'ProvisionedThroughputExceededException', 400]);
  const answer = await signedCall(server, keys, PUT, data('slow', record('s')));
  assert.equal(answer.body.__type, 'ThrottlingException');
  assert.equal(Number(answer.headers.get('x-amz-retry-after')), 1_000 * Number(answer.headers.get('retry-after')));
});

test('a call that is tampered with, or signed by a wrong clock, is refused, and told apart', async () => {
  const keys = await source('strict');
  const call = (more) => signedCall(server, keys, PUT, data('strict', record('t')), more);
  const tampered = [
    (r) => ({ ...r, body: r.body.replace('strict', 'Strict') }),
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-target': 'Firehose_20150804.PutRecordBatch' } }),
    (r) => ({ ...r, headers: { ...r.headers, authorization: r.headers.authorization.replace(/.$/, (c) => (c === '0' ? '1' : '0')) } }),
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
  ];
  for (const meddle of tampered) {
    const { status, body } = await call({ meddle });
    assert.deepEqual([status, body.__type], [400, 'InvalidSignatureException'], String(meddle));
  }
  for (const minutes of [-16, 16]) {
    const { status, body, headers } = await call({ date: new Date(Date.now() + minutes * 60_000) });
    assert.deepEqual([status, body.__type, headers.get('x-amzn-errortype')], [400, 'RequestTimeTooSkewed', 'RequestTimeTooSkewed']);
    assert.ok(Math.abs(Date.parse(headers.get('date')) - Date.now()) < 60_000);
  }
  assert.equal((await call({ date: new Date(Date.now() - 14 * 60_000) })).status, 200);
  const unsigned = await call({ meddle: (r) => ({ ...r, headers: { 'x-amz-target': PUT } }) });
  assert.deepEqual([unsigned.status, unsigned.body.__type], [400, 'MissingAuthenticationTokenException']);
  const bearer = await admin.post('/aws', {});
  assert.deepEqual([bearer.status, bearer.body.code], [401, 'credential_missing']);
  assert.equal(await countOf('t'), 1);
});

test('the client for JavaScript sets its clock by the answer, and then is let in', async () => {
  const keys = await source('clock');
  const client = new FirehoseClient(options(server, keys));
  // It heeds the answer only where its machine's own clock is wrong: an offset that it was told itself is put right for the call
  // after, and this one fails.
  const now = Date.now;
  Date.now = () => now() - 3_600_000;
  try {
    const answer = await client.send(new PutRecordCommand({ DeliveryStreamName: 'clock', Record: { Data: Buffer.from(record('c')) } }));
    assert.equal(answer.$metadata.attempts, 2);
  } finally {
    Date.now = now;
  }
  assert.ok(Math.abs(client.config.systemClockOffset - 3_600_000) < 60_000);
  assert.equal(await countOf('c'), 1);
});

test('a call that is tried again, or replayed, is there once', async () => {
  const keys = await source('once');
  const call = { call: '6a7e8feb-b491-4cf7-a9f1-bf3703467718' };
  for (const date of [new Date(), new Date(Date.now() - 1_000)]) {
    assert.equal((await signedCall(server, keys, PUT, data('once', record('o')), { ...call, date })).status, 200);
  }
  assert.equal(await countOf('o'), 1);
  // Without an id of the call, the same bytes are the same call.
  const date = new Date();
  const meddle = ({ headers: { 'amz-sdk-invocation-id': _, ...headers }, body }) => ({ headers, body });
  for (let i = 0; i < 2; i += 1) await signedCall(server, keys, PUT, data('once', record('p')), { date, meddle });
  assert.equal(await countOf('p'), 1);
});

test('what is too long, and what is no JSON, is refused as a whole', async () => {
  const keys = await source('long', { limits: { body_bytes: 1_000 } });
  const long = await signedCall(server, keys, PUT, data('long', 'x'.repeat(2_000)));
  assert.deepEqual([long.status, long.body.__type], [413, 'RequestEntityTooLarge']);
  const longest = await signedCall(server, keys, PUT, 'x'.repeat(9_000_000));
  assert.deepEqual([longest.status, longest.body.__type], [413, 'RequestEntityTooLarge']);
  const broken = await signedCall(server, keys, PUT, '{');
  assert.deepEqual([broken.status, broken.body.__type], [400, 'SerializationException']);
});

test('a source’s program is run on records of SDKs too', async () => {
  const keys = await source('program', { transform: { jq: '{key: .bus, fields: {n: .n}}' } });
  assert.equal((await signedCall(server, keys, PUT, data('program', '{"bus":"jq-1","n":3}'))).status, 200);
  assert.equal(await countOf('jq-1'), 1);
});

test('the commands of docs/sources/aws-sdk.md do what the page says', async () => {
  const page = readFileSync(new URL('../../docs/sources/aws-sdk.md', import.meta.url), 'utf8');
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(commands.length, 2);
  const keys = await source('buses');
  const [, records] = commands;
  const { status, stdout, stderr } = shell(server, keys, records);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /"FailedPutCount": 0/);
  for (const key of ['cli-1', 'cli-2', 'cli-3', 'cli-4', 'cli-5', 'cli-6']) assert.equal(await countOf(key), 1, key);
});

test('a worker that is killed between write and answer has a call that is tried again once', async () => {
  const own = await startServer();
  try {
    const client = new Client(own);
    await client.board('crash');
    const { body: made } = await client.post('/v1/boards/crash/sources', { name: 'crash' });
    const Records = Array.from({ length: 50 }, (_, i) => ({ Data: Buffer.from(`{"key":"k${i}"}`).toString('base64') }));
    const call = () => signedCall(own, made.aws, 'Kinesis_20131202.PutRecords', { StreamName: 'crash', Records }, { call: 'crashed-call-1' }).then((a) => a.status, () => 0);
    const sent = call();
    await sleep(15);
    await own.kill9();
    await sent;
    await own.restart();
    assert.equal(await call(), 200);
    assert.equal(await call(), 200);
    const { body: events } = await client.get('/v1/boards/crash/events?limit=1000');
    assert.equal(events.events.length, 50);
  } finally {
    await own.stop();
  }
});
