// GTFS-Realtime, pushed: what Google's own library writes becomes events, and what it reads in a feed of a whole city is what
// the board has.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { SHARED, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PYTHON = process.env.HELIOGRAPH_SOURCE_CLIENTS;
const SCRIPT = new URL('support/gtfs_realtime.py', import.meta.url).pathname;
const CITY = join(SHARED, 'data/positions/nyc_bus_gtfsrt_vehicle_positions.pb');
const noLibrary = PYTHON ? false : 'gtfs-realtime-bindings for Python is not installed: feeds are written by our own tests alone';

let server;
let admin;
let secret;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet');
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name: 'city' });
  assert.equal(status, 201, JSON.stringify(body));
  secret = body.secret;
});
after(() => server?.stop());

const python = (...words) => execFileSync(PYTHON, [SCRIPT, ...words], { maxBuffer: 1 << 26 });
const push = (body, headers = {}) => admin.as(secret).post('/v1/ingest/city', body, { 'content-type': 'application/x-protobuf', ...headers });

test('a feed that Google\'s library writes becomes events, and sent twice it is there once', { skip: noLibrary }, async () => {
  const feed = python('write');
  const first = await push(feed);
  assert.deepEqual([first.status, first.body.accepted, first.body.refused], [200, 2, 1], JSON.stringify(first.body));
  assert.deepEqual([first.body.results[0].code, first.body.results[0].field], ['position_out_of_range', 'position.lat']);
  assert.equal((await push(gzipSync(feed), { 'content-encoding': 'gzip' })).body.duplicate, 2);
  const { items } = await admin.items('fleet');
  const { time, position, fields } = items.get('0012');
  assert.deepEqual([new Date(time).getTime(), position.lat, position.lon, position.speed], [1_772_366_390_000, 30.25, -97.75, 10]);
  assert.deepEqual([fields.trip_id, fields.route_id], ['t1', '801']);
  assert.equal(new Date(items.get('e2').time).getTime(), 1_772_366_400_000);
  const letter = (await admin.get('/v1/boards/fleet/dead-letters?limit=1')).body.dead_letters[0];
  assert.deepEqual([letter.source, letter.record.id, letter.record.vehicle.position.latitude], ['city', 'e3', 95]);
});

test('a feed that is cut, misspelt, packed a thousandfold or too long is refused, and nothing of it is taken', async () => {
  const feed = Buffer.from('0a0b0a03322e3018c0d490cd0612120a026431220c120a0d0000f241150080c3c2', 'hex');
  const cut = await push(feed.subarray(0, 20));
  assert.deepEqual([cut.status, cut.body.code], [422, 'invalid']);
  assert.match(cut.body.detail, /FeedMessage.*nothing was taken/);
  const bomb = await push(gzipSync(Buffer.alloc(40_000_000)), { 'content-encoding': 'gzip' });
  assert.equal(bomb.status, 413);
  // Entities of four bytes: as many as no structures should be made of.
  const header = Buffer.from('0a0b0a03322e3018c0d490cd06', 'hex');
  const many = await push(Buffer.concat([header, ...Array.from({ length: 1_000_000 }, () => Buffer.from('12022200', 'hex'))]));
  assert.equal(many.body.code, 'too_many_events');
});

const skip = noLibrary || (existsSync(CITY) ? false : `${CITY} is not there`);
test('all 3,018 buses of a city are where Google\'s library reads that they are', { skip }, async () => {
  await admin.board('buses');
  const { body: made } = await admin.post('/v1/boards/buses/sources', { name: 'buses', envelope: 'gtfs_realtime' });
  const rows = JSON.parse(python('read', CITY));
  assert.equal(rows.length, 3_018);
  const send = () => admin.as(made.secret).post('/v1/ingest/buses', readFileSync(CITY), { 'content-type': 'application/octet-stream' });
  const { status, body } = await send();
  assert.deepEqual([status, body.accepted, body.refused], [200, 3_018, 0], JSON.stringify(body).slice(0, 500));
  assert.equal((await send()).body.duplicate, 3_018);
  const { items } = await admin.items('buses');
  assert.equal(items.size, 3_018);
  for (const [key, time, lat, lon, bearing, trip, route, stop, occupancy] of rows) {
    const item = items.get(key);
    assert.equal(new Date(item.time).getTime(), time, key);
    // The format has single precision.
    assert.deepEqual([Math.fround(item.position.lat), Math.fround(item.position.lon)], [lat, lon], key);
    const turned = Math.abs(item.position.heading - bearing) % 360;
    assert.ok(Math.min(turned, 360 - turned) < 0.011, `${key}: ${item.position.heading} is not ${bearing}`);
    const { trip_id = null, route_id = null, stop_id = null, occupancy_status = null } = item.fields;
    assert.deepEqual([trip_id, route_id, stop_id, occupancy_status], [trip, route, stop, occupancy], key);
  }
});

test('the command of docs/sources/gtfs-realtime.md does what the page says', async () => {
  const page = readFileSync(new URL('../../docs/sources/gtfs-realtime.md', import.meta.url), 'utf8');
  const [command, ...more] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(more.length, 0);
  const made = await admin.post('/v1/boards/fleet/sources', { name: 'buses-of-the-page', envelope: 'gtfs_realtime' });
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-gtfs-'));
  try {
    // One vehicle, by hand: entity "d1" at 30.25, -97.75.
    writeFileSync(join(folder, 'vehicles.pb'), Buffer.from('0a0b0a03322e3018c0d490cd0612120a026431220c120a0d0000f241150080c3c2', 'hex'));
    const env = { ...process.env, SERVER: server.url, SECRET: made.body.secret };
    const answer = execFileSync('bash', ['-c', command.replace('/ingest/buses', '/ingest/buses-of-the-page')], { encoding: 'utf8', env, cwd: folder });
    assert.equal(JSON.parse(answer).accepted, 1, answer);
    const { position } = (await admin.items('fleet')).items.get('d1');
    assert.deepEqual([position.lat, position.lon], [30.25, -97.75]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
