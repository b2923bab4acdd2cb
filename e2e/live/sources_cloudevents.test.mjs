// CloudEvents as their SDKs write them, for JavaScript and for Python, in three modes: each becomes its event, once.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { CloudEvent, HTTP } from 'cloudevents';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PYTHON = process.env.HELIOGRAPH_SOURCE_CLIENTS;
const noLibrary = PYTHON ? false : 'the SDK for Python is not installed (`cargo xtask test` does it)';
const SCRIPT = fileURLToPath(new URL('support/cloudevents_sdk.py', import.meta.url));
const TIME = 1_772_366_400_000;

let server;
let admin;
let secret;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name: 'events', envelope: 'cloudevents' });
  assert.equal(status, 201, JSON.stringify(body));
  secret = body.secret;
});
after(() => server?.stop());

const push = ({ headers, body }, key = secret) => admin.as(key).post('/v1/ingest/events', body, headers);
const eventsOf = async (key) => (await admin.get('/v1/boards/fleet/events?limit=1000')).body.events.filter((e) => e.key === key);
const moved = (name, more = {}) =>
  new CloudEvent({ id: `id of ${name}`, source: '/fleet', type: 'example.moved', subject: name, time: new Date(TIME).toISOString(), data: { vehicleId: name, lat: 30.25, lon: -97.75, note: 'ä "x"' }, ...more });

/** One event, sent twice, is there once: under its key, at its time, with an id of its own. */
async function isOnce(key, messages, id) {
  for (const [nth, message] of messages.entries()) {
    const { status, body } = await push(message);
    assert.deepEqual([status, body.accepted, body.duplicate, body.refused], [200, nth === 0 ? 1 : 0, nth === 0 ? 0 : 1, 0], `${key}: ${JSON.stringify(body)}`);
  }
  const [event, ...others] = await eventsOf(key);
  assert.equal(others.length, 0);
  assert.deepEqual([event.time, event.position.lat, event.fields.note, event.id], [TIME, 30.25, 'ä "x"', id]);
}

test('the SDK for JavaScript writes an event in headers and in JSON, and sent again it is there once', async () => {
  for (const [name, write] of [['js-binary', HTTP.binary], ['js-structured', HTTP.structured]]) {
    const message = write(moved(name));
    await isOnce(name, [message, message], `/fleet id of ${name}`);
  }
  // The same event is the same in the other mode.
  const both = moved('js-both');
  await isOnce('js-both', [HTTP.binary(both), HTTP.structured(both)], '/fleet id of js-both');
});

test('a batch of the SDK for JavaScript is taken event by event, also packed, and what is wrong is a dead letter', async () => {
  const wrong = { ...moved('js-3').toJSON(), data: { vehicleId: 'js-3', lat: 95, lon: 0 } };
  const batch = JSON.stringify([moved('js-1'), moved('js-2'), wrong]);
  const headers = { 'content-type': 'application/cloudevents-batch+json', 'content-encoding': 'gzip' };
  const { status, body } = await push({ headers, body: gzipSync(batch) });
  assert.deepEqual([status, body.accepted, body.refused], [200, 2, 1], JSON.stringify(body));
  const letter = (await admin.get('/v1/boards/fleet/dead-letters?source=events&limit=1')).body.dead_letters[0];
  assert.deepEqual([letter.code, letter.envelope, letter.record.vehicleId], ['position_out_of_range', 'cloudevents', 'js-3']);
});

test('the SDK for Python writes events by its way of today and by the one of before', { skip: noLibrary }, async () => {
  const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, `${TIME}`]);
  const messages = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(messages.length, 4);
  const names = ['py-binary', 'py-structured', 'before-binary', 'before-structured'];
  for (const [nth, { headers, body }] of messages.entries()) {
    const message = { headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(body, 'base64') };
    const end = names[nth].startsWith('py-') ? ' é' : '';
    await isOnce(names[nth], [message, message], `/fleet id of ${names[nth]}${end}`);
  }
});

test('what is of nobody, of another version, without its attributes, too long or a bomb is refused, and told', async () => {
  const good = HTTP.structured(moved('nobody'));
  assert.equal((await push(good, 'hgs_wrong')).status, 401);
  const told = async (change) => {
    const event = { ...JSON.parse(good.body), ...change };
    return (await push({ ...good, body: JSON.stringify(event) })).body.results?.[0];
  };
  assert.deepEqual([(await told({ specversion: '0.3' })).field, (await told({ id: '' })).field, (await told({ source: null })).field], ['specversion', 'id', 'source']);
  const { 'ce-type': _, ...headers } = HTTP.binary(moved('nobody')).headers;
  assert.equal((await push({ headers, body: '{}' })).body.results[0].field, 'type');
  const cut = await push({ ...good, body: good.body.slice(0, -1) });
  assert.deepEqual([cut.status, cut.body.code], [400, 'invalid_json']);
  const bomb = await push({ headers: { ...good.headers, 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(20_000_000, 32)) });
  assert.deepEqual([bomb.status, bomb.body.code], [413, 'body_too_large']);
  assert.deepEqual(await eventsOf('nobody'), []);
});
