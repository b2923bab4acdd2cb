// Where items were: a ride that comes in disorder, in every form, through a restart, and for those who may see it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { heliograph, startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

const START = Date.UTC(2026, 2, 1, 12);
const track = (board, key, query = '') => `/v1/boards/${board}/items/${key}/track${query}`;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(async () => {
  await server?.stop();
});

/** A ride along a circle, one fix a second; every seventh knows no heading. */
function ride(key, count, from = START) {
  return Array.from({ length: count }, (_, i) => ({
    key,
    time: from + i * 1_000,
    position: {
      lat: Number((30.26 + 0.01 * Math.sin(i / 200)).toFixed(6)),
      lon: Number((-97.74 + 0.01 * Math.cos(i / 200)).toFixed(6)),
      speed: 10 + (i % 5) / 4,
      ...(i % 7 === 0 ? {} : { heading: (i * 2) % 360 }),
    },
  }));
}

const pointOf = ({ time, position: p }) => [time, p.lat, p.lon, p.speed ?? null, p.heading ?? null];

/** The same in an order that has nothing to do with their times, in several requests. */
async function publishMixed(board, events) {
  const mixed = events.map((e, i) => [(i * 7_919) % events.length, e]).sort((a, b) => a[0] - b[0]).map(([, e]) => e);
  for (let i = 0; i < mixed.length; i += 97) await admin.publish(board, mixed.slice(i, i + 97));
}

/** The text of every element of a name, or its attributes. */
const texts = (xml, name) => [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((m) => m[1]);

test('a ride that comes in disorder is read back in order, in every form, and after a restart', async () => {
  const board = await admin.board('rides');
  const events = ride('v1', 900);
  await publishMixed(board, [...events, ...ride('v2', 50)]);
  const expected = events.map(pointOf);
  const read = async () => (await admin.get(track(board, 'v1'))).body;
  const first = await read();
  assert.deepEqual(first.points, expected);
  assert.deepEqual([first.key, first.gaps, first.fixes], ['v1', [], 900]);
  assert.match(first.cursor, /^e\d+:950$/);
  await server.kill9();
  await server.restart();
  assert.deepEqual((await read()).points, expected);
  const { body: v2 } = await admin.get(track(board, 'v2'));
  assert.equal(v2.points.length, 50);

  const { body: some } = await admin.get(track(board, 'v1', `?from=${START + 60_000}&to=2026-03-01T12:02:00Z`));
  assert.deepEqual(some.points, expected.slice(60, 120));

  const geo = await admin.get(track(board, 'v1', '?format=geojson'));
  assert.match(geo.headers.get('content-type'), /^application\/geo\+json/);
  const feature = typeof geo.body === 'string' || Buffer.isBuffer(geo.body) ? JSON.parse(geo.body) : geo.body;
  assert.equal(feature.geometry.type, 'LineString');
  assert.deepEqual(feature.geometry.coordinates, events.map((e) => [e.position.lon, e.position.lat]));
  assert.deepEqual(feature.properties.times, events.map((e) => e.time));

  const csv = await admin.get(track(board, 'v1', '?format=csv'));
  const rows = csv.body.trim().split('\r\n');
  assert.equal(rows[0], '"time","lat","lon","speed","heading"');
  assert.deepEqual(rows.slice(1).map((r) => r.split(',').map((c) => (c === '' ? null : Number(c)))), expected);

  const gpx = (await admin.get(track(board, 'v1'), { accept: 'application/gpx+xml' })).body.toString();
  assert.deepEqual(texts(gpx, 'time').map((t) => Date.parse(t)), events.map((e) => e.time));
  assert.deepEqual(
    [...gpx.matchAll(/<trkpt lat="([^"]*)" lon="([^"]*)">/g)].map((m) => [Number(m[1]), Number(m[2])]),
    events.map((e) => [e.position.lat, e.position.lon]),
  );
  assert.equal(gpx.match(/<trkseg>/g).length, 1);

  const kml = (await admin.get(track(board, 'v1', '?format=kml'))).body.toString();
  assert.deepEqual(texts(kml, 'when').map((t) => Date.parse(t)), events.map((e) => e.time));
  assert.equal(texts(kml, 'gx:coord')[0], `${events[0].position.lon} ${events[0].position.lat} 0`);

  const { body: thin } = await admin.get(track(board, 'v1', '?max_points=50'));
  assert.deepEqual([thin.points.length, thin.fixes], [50, 900]);
  assert.deepEqual([thin.points[0], thin.points.at(-1)], [expected[0], expected.at(-1)]);
  const known = new Set(expected.map(String));
  assert.ok(thin.points.every((p) => known.has(String(p))));

  const again = await admin.get(track(board, 'v1'));
  const same = await admin.get(track(board, 'v1'), { 'if-none-match': again.headers.get('etag') });
  assert.equal(same.status, 304);
});

test('a silence is a gap, and a line across 180 degrees is cut', async () => {
  const board = await admin.board('pacific');
  const at = (s, lon) => ({ key: 'ship', time: START + s * 1_000, position: { lat: 0, lon } });
  await admin.publish(board, [at(0, 179.9), at(10, 179.95), at(20, -179.95), at(1_000, -179), at(1_010, -178.9)]);
  const { body } = await admin.get(track(board, 'ship'));
  assert.deepEqual(body.gaps, [3]);
  const wide = await admin.get(track(board, 'ship', '?gap_s=3600'));
  assert.deepEqual(wide.body.gaps, []);
  const geo = await admin.get(track(board, 'ship', '?format=geojson'));
  const { geometry, properties } = typeof geo.body === 'object' && !Buffer.isBuffer(geo.body) ? geo.body : JSON.parse(geo.body);
  assert.equal(geometry.type, 'MultiLineString');
  assert.deepEqual(geometry.coordinates, [
    [[179.9, 0], [179.95, 0], [180, 0]],
    [[-180, 0], [-179.95, 0]],
    [[-179, 0], [-178.9, 0]],
  ]);
  assert.deepEqual(properties.times.map((line) => line.length), [3, 2, 2]);
  assert.equal(properties.times[0][2], START + 15_000);
  const gpx = (await admin.get(track(board, 'ship', '?format=gpx'))).body.toString();
  assert.equal(gpx.match(/<trkseg>/g).length, 2);
});

test('an item that ended keeps its track, and erasing takes it away for good', async () => {
  const board = await admin.board('ended');
  await admin.publish(board, [...ride('gone', 300), ...ride('other', 30)]);
  assert.equal((await admin.delete(`/v1/boards/${board}/items/gone`)).status, 200);
  assert.equal((await admin.get(track(board, 'gone'))).body.points.length, 300);
  await eventually(
    async () => {
      const answer = await admin.delete(`/v1/boards/${board}/items/gone?erase=true`);
      return answer.status === 200 && answer.body.state === 'done';
    },
    'the erase',
    30_000,
  );
  assertProblem(await admin.get(track(board, 'gone')), 404, 'item_not_found');
  await server.kill9();
  await server.restart();
  assertProblem(await admin.get(track(board, 'gone')), 404, 'item_not_found');
  assert.equal((await admin.get(track(board, 'other'))).body.points.length, 30);
  await admin.publish(board, ride('gone', 5, START + 3_600_000));
  assert.equal((await admin.get(track(board, 'gone'))).body.points.length, 5);
});

test('who sees less of an item sees less of its track', async () => {
  const board = await admin.board('narrow', {
    visibility: 'private',
    privacy_zones: [{ name: 'home', center: [-97.74, 30.27], radius_m: 300 }],
  });
  await admin.publish(board, [...ride('a-1', 900), ...ride('b-1', 20)]);
  const all = (await admin.get(track(board, 'a-1'))).body.points;
  assert.equal(all.length, 900, 'a manager sees all of it');
  const as = async (grant) => admin.as((await admin.post('/v1/keys', {
    label: 't', grants: [{ board, operations: ['read', 'history'], ...grant }],
  })).body.key);

  const some = await as({ keys: ['a-*'] });
  assertProblem(await some.get(track(board, 'b-1')), 404, 'item_not_found');
  assertProblem(await some.get(track(board, 'nobody')), 404, 'item_not_found');
  const { body: seen } = await some.get(track(board, 'a-1'));
  assert.ok(seen.points.length < 900 && seen.points.length > 0);
  const home = ([, lat, lon]) => Math.hypot((lat - 30.27) * 111_195, (lon + 97.74) * 111_195 * Math.cos(0.528)) < 295;
  assert.ok(all.some(home) && !seen.points.some(home));
  assert.equal(seen.gaps.length, 1, 'where it was in the zone there is a gap');
  assertProblem(await admin.as(null).get(track(board, 'a-1')), 401, 'credential_missing');

  const bounded = await as({ conditions: { history_from: START + 600_000, history_to: START + 660_000 } });
  const { body: hour } = await bounded.get(track(board, 'a-1'));
  assert.deepEqual([hour.points[0][0], hour.points.at(-1)[0]], [START + 600_000, START + 659_000]);

  const coarse = await as({ conditions: { precision: 2 } });
  const { body: rough } = await coarse.get(track(board, 'a-1'));
  assert.ok(rough.points.every(([, lat, lon, speed, heading]) =>
    Number(lat.toFixed(2)) === lat && Number(lon.toFixed(2)) === lon && speed === null && heading === null));
});

test('tracks are switched off by the config, and wrong questions are named', async () => {
  const board = await admin.board('off');
  await admin.publish(board, ride('v1', 10));
  const config = { title: 'off', visibility: 'public' };
  const set = async (tracks) => assert.equal((await admin.put(`/v1/boards/${board}`, { ...config, tracks })).status, 200);
  await set({ enabled: false });
  assertProblem(await admin.get(track(board, 'v1')), 404, 'no_tracks');
  await set({ enabled: true, keep_days: 2 });
  assert.deepEqual((await admin.get(track(board, 'v1'))).body.points, []);
  await admin.publish(board, ride('v1', 3, START + 60_000));
  assert.equal((await admin.get(track(board, 'v1'))).body.points.length, 3);
  const wrong = await admin.put(`/v1/boards/${board}`, { ...config, tracks: { keep_days: 0 } });
  assertProblem(wrong, 422, 'invalid_config');
  for (const query of ['max_points=1', 'max_points=100001', 'gap_s=0', 'from=yesterday', 'from=1772366400&to=5', 'format=shp', 'x=1']) {
    assert.equal((await admin.get(track(board, 'v1', `?${query}`))).status, 400, query);
  }
});

test('the command line prints a track in its forms, and says what is wrong', async () => {
  const board = await admin.board('printed');
  await admin.publish(board, ride('v1', 60));
  const gpx = heliograph(server, ['item', 'track', board, 'v1', '--format', 'gpx', '--max-points', '10']);
  assert.equal(gpx.status, 0, gpx.stderr);
  assert.equal(gpx.stdout.match(/<trkpt /g).length, 10);
  const { body } = await admin.get(track(board, 'v1', `?from=${START + 5_000}&to=${START + 8_000}`));
  const part = heliograph(server, ['item', 'track', board, 'v1', '--from', `${START + 5_000}`, '--to', `${START + 8_000}`]);
  assert.deepEqual(JSON.parse(part.stdout).points, body.points);
  assert.equal(body.points.length, 3);
  const wrong = heliograph(server, ['item', 'track', board, 'v1', '--format', 'shp']);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /format/);
});

test('trips and stops are told of what somebody sees', async () => {
  const board = await admin.board('trips');
  const at = (minute, metres, more = {}) => ({ key: 'van', time: START + minute * 60_000, position: { lat: 30 + metres / 111_195, lon: -97.7, ...more } });
  const parked = Array.from({ length: 8 }, (_, n) => at(n, n % 3));
  const ride = Array.from({ length: 5 }, (_, n) => at(8 + n, 800 * (n + 1), { speed: 13.5 + n }));
  // It is silent for hours, and seen where it was.
  const night = [at(13, 4_000), at(13 + 600, 4_010), at(13 + 601, 4_900), at(13 + 602, 5_800)];
  await admin.publish(board, [...night, ...ride, ...parked]);
  const { status, body, headers } = await admin.get(`/v1/boards/${board}/items/van/trips`);
  assert.equal(status, 200, JSON.stringify(body));
  const minutes = ({ from, to }) => [(from - START) / 60_000, (to - START) / 60_000];
  assert.deepEqual(body.stops.map(minutes), [[0, 7], [12, 613]]);
  assert.deepEqual(body.trips.map(minutes), [[7, 12], [613, 615]]);
  const [trip] = body.trips;
  assert.ok(Math.abs(trip.metres - 4_000) < 5 && trip.top_speed === 17.5 && trip.fixes === 6, JSON.stringify(trip));
  assert.ok(Math.abs(trip.end.lat - (30 + 4_000 / 111_195)) < 1e-5);
  assert.equal((await admin.get(`/v1/boards/${board}/items/van/trips`, { 'if-none-match': headers.get('etag') })).status, 304);
  const short = await admin.get(`/v1/boards/${board}/items/van/trips?stop_s=86400`);
  assert.deepEqual(short.body.stops, []);
  for (const query of ['stop_m=4', 'stop_s=9', 'gap_s=0', 'max_points=5', 'format=gpx', 'from=5&to=1772366400']) {
    assert.equal((await admin.get(`/v1/boards/${board}/items/van/trips?${query}`)).status, 400, query);
  }
  assertProblem(await admin.get(`/v1/boards/${board}/items/nobody/trips`), 404, 'item_not_found');
});
