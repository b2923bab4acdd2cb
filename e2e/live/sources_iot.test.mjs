// The HTTP action of AWS IoT rules: messages alone and in batches, and the confirmation that a destination asks for first.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { AwsPlace } from './support/aws_place.mjs';
import { Client } from './support/client.mjs';
import { reachingHere } from './support/object_store.mjs';

const TIME = Date.UTC(2026, 2, 1, 12);
let place;
let server;
let admin;
let secret;

before(async () => {
  place = await AwsPlace.start();
  place.pages.set('/confirmdestination/AYADe', '{}');
  server = await startServer({ env: place.env, config: reachingHere });
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name: 'rules', envelope: 'iot', from: { accounts: ['111122223333'] } });
  assert.equal(status, 201, JSON.stringify(body));
  secret = body.secret;
});
after(async () => {
  await server?.stop();
  await place?.stop();
});

const push = (body, key = secret, headers = {}) =>
  admin.as(key).post('/v1/ingest/rules', typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': 'application/json', ...headers });

/** As IoT asks: with a slash behind the address, the token in the query, and no header of the rule's action. */
const confirm = (account, enableUrl, name = 'rules') =>
  admin.as(null).post(
    `/v1/ingest/${name}/?confirmationToken=AYADe`,
    { arn: `arn:aws:iot:eu-west-1:${account}:ruledestination/http/7c0e`, confirmationToken: 'AYADe', enableUrl, messageType: 'DestinationConfirmation' },
    { 'content-type': 'application/json', 'x-amz-rules-engine-message-type': 'DestinationConfirmation', 'x-amz-rules-engine-destination-arn': 'x' },
  );
const message = (n, more = {}) => ({ lat: 51.5, lon: -0.12, fuel: n, topic: `fleet/d${n}/pos`, client_id: `d${n}`, ts: TIME + n, event_id: `e-${n}`, ...more });

test('a rule\'s message is an event of its client under the rule\'s id, and sent again it is there once', async () => {
  for (let i = 0; i < 2; i += 1) assert.deepEqual((({ status, body }) => [status, body])(await push(message(1))), [200, {}]);
  const { position, fields, time } = (await admin.items('fleet')).items.get('d1');
  assert.deepEqual([position.lat, fields.fuel, fields.topic, new Date(time).getTime()], [51.5, 1, 'fleet/d1/pos', TIME + 1]);
  const { body } = await admin.get('/v1/boards/fleet/events?limit=100');
  assert.deepEqual(body.events.filter((e) => e.key === 'd1').map((e) => e.id), ['e-1']);
});

test('of a batch each message is taken by itself, and what is wrong is a dead letter and answered as taken', async () => {
  const answer = await push([message(2), message(3, { lat: 95 }), message(4), 'nope']);
  assert.equal(answer.status, 200);
  const { items } = await admin.items('fleet');
  assert.deepEqual(['d2', 'd3', 'd4'].map((key) => items.has(key)), [true, false, true]);
  const broken = await push('{"client_id":');
  assert.equal(broken.status, 200, 'it would be lost after a 400');
  const letters = (await admin.get('/v1/boards/fleet/dead-letters?limit=10')).body.dead_letters;
  assert.deepEqual(letters.map((l) => `${l.source} ${l.code}`).sort(), ['rules invalid_json', 'rules not_an_object', 'rules position_out_of_range']);
});

test('only the secret sends, and what comes with none or another leaves nothing', async () => {
  for (const key of [null, 'hgs_wrong']) assert.equal((await push(message(9), key)).status, 401);
  assert.equal((await admin.items('fleet')).items.has('d9'), false);
});

test('a destination of a listed account is confirmed at IoT and nowhere else', async () => {
  place.visits();
  const good = 'https://iot.eu-west-1.amazonaws.com/confirmdestination/AYADe';
  const asked = await confirm('111122223333', good);
  assert.deepEqual([asked.status, asked.body], [200, { confirmed: 'arn:aws:iot:eu-west-1:111122223333:ruledestination/http/7c0e' }]);
  assert.deepEqual(place.visits(), ['/confirmdestination/AYADe']);
  for (const [account, url] of [
    ['444455556666', good],
    ['111122223333', 'https://iot.eu-west-1.amazonaws.com.evil.example/confirmdestination/AYADe'],
    ['111122223333', `${place.env.HELIOGRAPH_AWS_ORIGIN}/confirmdestination/AYADe`],
    ['111122223333', 'https://169.254.169.254/confirmdestination/AYADe'],
    ['111122223333', 'https://iot.eu-west-1.amazonaws.com/rules/AYADe'],
  ]) {
    const shown = await confirm(account, url);
    assert.deepEqual([shown.status, Object.keys(shown.body)], [200, ['not_confirmed']], url);
  }
  assert.deepEqual(place.visits(), []);
  assert.match(server.log(), /444455556666.*is not confirmed, since its account is not in .* --confirmation-token AYADe/);
});

test('a confirmation of no source, or without what it needs, is refused', async () => {
  place.visits();
  assert.equal((await confirm('111122223333', 'https://iot.eu-west-1.amazonaws.com/confirmdestination/AYADe', 'nobody')).status, 401);
  assert.equal((await confirm('1', 'https://iot.eu-west-1.amazonaws.com/confirmdestination/AYADe')).status, 400);
  assert.deepEqual(place.visits(), []);
});

test('the command of docs/sources/iot.md makes the source that the page says', () => {
  const page = readFileSync(new URL('../../docs/sources/iot.md', import.meta.url), 'utf8');
  const [command, ...more] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(more.length, 0);
  const env = { ...process.env, SERVER: server.url, KEY: server.adminKey };
  const answer = execFileSync('bash', ['-c', command.replace('"rules"', '"rules-of-the-page"')], { encoding: 'utf8', env });
  const { name, ingest } = JSON.parse(answer);
  assert.deepEqual([name, ingest], ['rules-of-the-page', '/v1/ingest/rules-of-the-page']);
});
