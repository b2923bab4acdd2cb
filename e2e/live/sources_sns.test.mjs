// SNS over HTTPS: what is signed by a topic that the source takes becomes events, once; what is not, in any way, is refused and
// leads to no request anywhere. The key pair is the test's own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { AwsPlace, keyPair, signed } from './support/aws_place.mjs';
import { Client } from './support/client.mjs';
import { reachingHere } from './support/object_store.mjs';

const ORDERS = 'arn:aws:sns:us-east-1:111122223333:orders';
const OTHER = 'arn:aws:sns:us-east-1:444455556666:other';
const PEM = '/SimpleNotificationService-ab12cd34.pem';
const CERTIFICATE = `https://sns.us-east-1.amazonaws.com${PEM}`;

let place;
let server;
let admin;
let secret;
let ours;

before(async () => {
  ours = keyPair();
  place = await AwsPlace.start();
  place.pages.set(PEM, ours.certificate);
  place.pages.set('/', '<ConfirmSubscriptionResponse/>');
  server = await startServer({ env: place.env, config: reachingHere });
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
  secret = await source('orders', { topics: [ORDERS] });
});
after(async () => {
  await server?.stop();
  await place?.stop();
});

async function source(name, from) {
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name, envelope: 'sns', from });
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual(body.from, from);
  return body.secret;
}

function notification(key, more = {}) {
  const Message = JSON.stringify({ vehicleId: key, lat: 30.25, lon: -97.75, fuel: 0.5 });
  return {
    Type: 'Notification', MessageId: randomUUID(), TopicArn: ORDERS, Subject: 'moved – ä', Message, Timestamp: new Date().toISOString(),
    SignatureVersion: '2', SigningCertURL: CERTIFICATE, UnsubscribeURL: 'https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe', ...more,
  };
}

function confirmation(more = {}) {
  const SubscribeURL = `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${more.TopicArn ?? ORDERS}&Token=2336f`;
  return { ...notification('c'), Type: 'SubscriptionConfirmation', Subject: undefined, UnsubscribeURL: undefined, Message: 'You have chosen…', Token: '2336f', SubscribeURL, ...more };
}

/** Sends as SNS does: JSON that is called text, with Basic in the address. */
const push = (message, { name = 'orders', key = secret, headers = {} } = {}) =>
  admin.as(null).post(`/v1/ingest/${name}`, typeof message === 'string' ? Buffer.from(message) : Buffer.from(JSON.stringify(message)), {
    'content-type': 'text/plain; charset=UTF-8',
    'x-amz-sns-message-type': message.Type ?? 'Notification',
    'x-amz-sns-topic-arn': message.TopicArn ?? ORDERS,
    ...(key && { authorization: `Basic ${Buffer.from(`sns:${key}`).toString('base64')}` }),
    ...headers,
  });

const letters = async () => (await admin.get('/v1/boards/fleet/dead-letters?limit=100')).body.dead_letters;
const isThere = async (key) => (await admin.items('fleet')).items.has(key);

test('messages that are signed in either version become events under the message\'s id, and sent again they are there once', async () => {
  for (const [key, SignatureVersion] of [['v1', '1'], ['v2', '2']]) {
    const message = signed(notification(key, { SignatureVersion }), ours.key);
    const first = await push(message);
    assert.deepEqual([first.status, first.body.accepted], [200, 1], JSON.stringify(first.body));
    assert.equal((await push(message)).body.duplicate, 1);
    const item = (await admin.items('fleet')).items.get(key);
    assert.deepEqual([item.position.lat, item.fields.fuel, new Date(item.time).toISOString()], [30.25, 0.5, message.Timestamp]);
  }
  assert.deepEqual(place.visits(), [PEM], 'a certificate is fetched once');
});

test('a message without a Subject, and several records in one message, are taken', async () => {
  const Message = JSON.stringify([{ vehicleId: 'm1', n: 1 }, { vehicleId: 'm2', n: 2 }, { kee: 3 }]);
  const { body } = await push(signed(notification('m', { Subject: undefined, Message }), ours.key));
  assert.deepEqual([body.accepted, body.refused], [2, 1]);
  const [letter] = await letters();
  assert.deepEqual([letter.source, letter.record], ['orders', { kee: 3 }]);
});

test('what is signed by another key, was changed, or claims another hash is refused, and nothing of it is taken', async () => {
  const before = (await letters()).length;
  const foreign = keyPair();
  const good = () => notification('forged');
  const cases = {
    'another key': signed(good(), foreign.key),
    'another hash': signed(good(), ours.key, 'RSA-SHA1'),
    'no signature': { ...good(), Signature: '' },
    'another message': { ...signed(good(), ours.key), Message: '{"vehicleId":"forged","n":2}' },
    'another id': { ...signed(good(), ours.key), MessageId: randomUUID() },
    'another subject': { ...signed(good(), ours.key), Subject: 'x' },
    'another time': { ...signed(good(), ours.key), Timestamp: new Date(Date.now() + 1).toISOString() },
    'a topic that is listed instead': { ...signed({ ...good(), TopicArn: OTHER }, ours.key), TopicArn: ORDERS },
  };
  for (const [what, message] of Object.entries(cases)) {
    const { status, body } = await push(message);
    assert.deepEqual([status, body.code], [403, 'signature_invalid'], what);
  }
  assert.equal(await isThere('forged'), false);
  assert.equal((await letters()).length, before);
});

test('a message of another topic is refused and is a dead letter, however well it is signed', async () => {
  const { status, body } = await push(signed(notification('unlisted', { TopicArn: OTHER }), ours.key));
  assert.deepEqual([status, body.code], [403, 'sender_not_listed']);
  assert.match(body.detail, /444455556666:other; add it to from.topics/);
  const [letter] = await letters();
  assert.deepEqual([letter.code, letter.record.TopicArn], ['sender_not_listed', OTHER]);
  assert.equal(await isThere('unlisted'), false);
});

test('a certificate at any other place is not fetched', async () => {
  place.visits();
  const host = new URL(place.env.HELIOGRAPH_AWS_ORIGIN).host;
  for (const SigningCertURL of [
    `https://sns.us-east-1.amazonaws.com.evil.example${PEM}`,
    `https://evil.example${PEM}`,
    `http://${host}${PEM}`,
    `https://${host}${PEM}`,
    `http://sns.us-east-1.amazonaws.com${PEM}`,
    `https://sns.us-east-1.amazonaws.com:8443${PEM}`,
    `https://sns.us-east-1.amazonaws.com/x/..${PEM}`,
    'https://sns.us-east-1.amazonaws.com/upload/mine.pem',
  ]) {
    const { status, body } = await push(signed(notification('elsewhere', { SigningCertURL }), ours.key));
    assert.deepEqual([status, body.code], [403, 'signature_invalid'], SigningCertURL);
  }
  assert.deepEqual(place.visits(), []);
});

test('a message of long ago, or of a clock that is far ahead, is refused though its signature is good', async () => {
  const at = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
  for (const minutes of [-121, 16]) {
    const { status, body } = await push(signed(notification('old', { Timestamp: at(minutes) }), ours.key));
    assert.deepEqual([status, body.code], [403, 'signature_invalid'], String(minutes));
    assert.match(body.detail, /may be a copy/);
  }
  for (const minutes of [-119, 14]) assert.equal((await push(signed(notification('late', { Timestamp: at(minutes) }), ours.key))).status, 200);
});

test('a subscription is confirmed once it is known to be the topic\'s, and the end of one is not taken for another', async () => {
  place.visits();
  const asked = await push(signed(confirmation(), ours.key));
  assert.deepEqual([asked.status, asked.body], [200, { confirmed: ORDERS }]);
  assert.deepEqual(place.visits(), [`/?Action=ConfirmSubscription&TopicArn=${ORDERS}&Token=2336f`]);
  assert.match(server.log(), /source orders: the subscription of .*:orders is confirmed/);
  const ended = await push(signed(confirmation({ Type: 'UnsubscribeConfirmation' }), ours.key));
  assert.deepEqual([ended.status, ended.body], [200, { ended: ORDERS }]);
  assert.deepEqual(place.visits(), []);
});

test('a confirmation of another topic, one that is forged, and one that leads elsewhere are not visited', async () => {
  place.visits();
  const unlisted = await push(signed(confirmation({ TopicArn: OTHER }), ours.key));
  assert.deepEqual([unlisted.status, unlisted.body.code], [403, 'sender_not_listed']);
  const [letter] = await letters();
  assert.deepEqual([letter.record.Type, letter.record.TopicArn], ['SubscriptionConfirmation', OTHER]);
  const forged = { ...signed(confirmation(), ours.key), Token: 'x' };
  const away = (SubscribeURL) => signed(confirmation({ SubscribeURL }), ours.key);
  for (const message of [
    forged,
    away('https://evil.example/?Action=ConfirmSubscription&Token=1'),
    away('https://169.254.169.254/?Action=ConfirmSubscription&Token=1'),
    away(`${place.env.HELIOGRAPH_AWS_ORIGIN}/?Action=ConfirmSubscription&Token=1`),
    away('https://sns.us-east-1.amazonaws.com/?Action=DeleteTopic&Token=1'),
  ]) {
    assert.deepEqual((({ status, body }) => [status, body.code])(await push(message)), [403, 'signature_invalid'], message.SubscribeURL);
  }
  assert.deepEqual(place.visits(), []);
});

test('a raw delivery is taken where the source says so, by the secret and the topic alone', async () => {
  const bare = { 'x-amz-sns-rawdelivery': 'true', 'x-amz-sns-message-id': randomUUID() };
  const body = '{"vehicleId":"raw","n":1}';
  assert.deepEqual((({ status, body: b }) => [status, b.code])(await push(body, { headers: bare })), [403, 'signature_invalid']);
  const key = await source('raw', { topics: [ORDERS], raw: true });
  const there = { name: 'raw', key, headers: bare };
  assert.equal((await push(body, there)).body.accepted, 1);
  assert.equal((await push(body, there)).body.duplicate, 1);
  const other = await push(body, { ...there, headers: { ...bare, 'x-amz-sns-topic-arn': OTHER } });
  assert.equal(other.body.code, 'sender_not_listed');
  const text = await push('hello', { ...there, headers: { ...bare, 'x-amz-sns-message-id': randomUUID() } });
  assert.deepEqual([text.status, text.body.refused], [200, 1]);
});

test('without the secret SNS is asked for it, and another secret is none', async () => {
  const message = signed(notification('nobody'), ours.key);
  const asked = await push(message, { key: null });
  assert.deepEqual([asked.status, asked.headers.get('www-authenticate').slice(0, 6)], [401, 'Basic ']);
  assert.equal((await push(message, { key: 'hgs_wrong' })).status, 401);
});

test('a certificate that can\'t be had at the moment is a 503, and one that is none, or is over, a 403', async () => {
  let n = 0;
  const from = async (page) => {
    const path = `/SimpleNotificationService-${(n += 1)}.pem`;
    if (page) place.pages.set(path, page);
    const message = signed(notification('away', { SigningCertURL: `https://sns.us-east-1.amazonaws.com${path}` }), ours.key);
    return { path, message, answer: await push(message) };
  };
  const away = await from(undefined);
  assert.deepEqual([away.answer.status, away.answer.body.code], [503, 'sender_unreachable']);
  assert.ok(Number(away.answer.headers.get('retry-after')) >= 1);
  place.pages.set(away.path, ours.certificate);
  assert.equal((await push(away.message)).body.accepted, 1, 'it is fetched again');
  place.visits();
  const redirected = await from({ status: 302, headers: { location: PEM } });
  assert.equal(redirected.answer.status, 503);
  assert.deepEqual(place.visits(), [redirected.path], 'it is not followed');
  assert.equal((await from('x'.repeat(20_000))).answer.status, 503);
  assert.equal((await from('nope')).answer.body.code, 'signature_invalid');
  const over = keyPair(-1);
  place.pages.set('/SimpleNotificationService-over.pem', over.certificate);
  const late = await push(signed(notification('over', { SigningCertURL: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-over.pem' }), over.key));
  assert.deepEqual([late.status, late.body.code], [403, 'signature_invalid']);
  assert.match(late.body.detail, /not valid at this time/);
});

test('what is misspelt, cut or too large is refused, and a topic that is none is told when the source is made', async () => {
  const message = signed(notification('bad'), ours.key);
  for (const body of [{ ...message, MessageId: undefined }, { ...message, Type: 'Notificaton' }, JSON.stringify(message).slice(0, 200)]) {
    const { status } = await push(body);
    assert.equal(status, 400, JSON.stringify(body).slice(0, 60));
  }
  assert.equal((await push(' '.repeat(9_000_000))).status, 413);
  const { body } = await admin.post('/v1/boards/fleet/sources', { name: 'wrong', from: { topics: ['orders'] } });
  assert.deepEqual([body.errors[0].field, body.errors[0].code], ['from.topics[0]', 'invalid']);
  assert.equal((await admin.post('/v1/boards/fleet/sources', { name: 'wrong', from: { topic: [] } })).body.errors[0].field, 'from.topic');
  assert.equal(await isThere('bad'), false);
});

test('a message that was taken before the worker was killed is a duplicate afterwards', async () => {
  const message = signed(notification('killed'), ours.key);
  assert.equal((await push(message)).body.accepted, 1);
  await server.kill9();
  await server.restart();
  assert.equal((await push(message)).body.duplicate, 1);
});

test('the command of docs/sources/sns.md makes the source that the page says', () => {
  const page = readFileSync(new URL('../../docs/sources/sns.md', import.meta.url), 'utf8');
  const [command, ...more] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(more.length, 0);
  const env = { ...process.env, SERVER: server.url, KEY: server.adminKey };
  const answer = execFileSync('bash', ['-c', command.replace('"orders"', '"orders-of-the-page"')], { encoding: 'utf8', env });
  const { name, ingest } = JSON.parse(answer);
  assert.deepEqual([name, ingest], ['orders-of-the-page', '/v1/ingest/orders-of-the-page']);
});
