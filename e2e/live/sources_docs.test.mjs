// The commands of the pages in docs/sources/, each as it stands there, and what the pages say can go wrong.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { ROOT, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PAGES = join(ROOT, 'docs/sources');
const page = (name) => readFileSync(join(PAGES, `${name}.md`), 'utf8');
const commands = (name) => [...page(name).matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
const run = promisify(execFile);

/** What each page's receiver or feed would have; times are of now, since the past is not always believed. */
const NOW = Math.floor(Date.now() / 1_000);
const SKY = { now: NOW, messages: 9, aircraft: [{ hex: '4ca7b3', flight: 'RYR1AB  ', lat: 51.5, lon: -0.5, alt_geom: 1000, gs: 100, track: 90, seen_pos: 1.5 }] };
const BIKES = { last_updated: new Date(NOW * 1_000).toISOString(), ttl: 60, version: '3.0', data: { vehicles: [{ vehicle_id: 'bike-1', lat: 30.26, lon: -97.74, is_reserved: false }] } };

let server;
let admin;
let folder;
let feed;
let secrets;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
  folder = mkdtempSync(join(tmpdir(), 'heliograph-docs-'));
  writeFileSync(join(folder, 'aircraft.json'), JSON.stringify(SKY));
  feed = createServer((request, response) => response.end(JSON.stringify(BIKES)));
  await new Promise((done) => feed.listen(0, '127.0.0.1', done));
  secrets = {};
});
after(async () => {
  await server?.stop();
  feed?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The secret of a source, which is made if there is none. */
async function secretOf(name, envelope) {
  if (secrets[name] === undefined) {
    const { status, body } = await admin.post('/v1/boards/fleet/sources', { name, envelope });
    assert.equal(status, 201, JSON.stringify(body));
    secrets[name] = body.secret;
  }
  return secrets[name];
}

/** Runs a page's commands one after the other; what each printed. A command that shows a secret gives it to those behind. */
async function answers(name, source, envelope) {
  const env = { ...process.env, SERVER: server.url, KEY: server.adminKey, FEED: `http://127.0.0.1:${feed.address().port}` };
  const printed = [];
  for (const command of commands(name)) {
    if (/\/v1\/ingest\//.test(command)) env.SECRET = await secretOf(source, envelope);
    const here = command.replace('/run/readsb', folder);
    const { stdout } = await run('bash', ['-ec', here], { env, timeout: 30_000 });
    if (!/\/v1\/ingest\//.test(command)) secrets[source] = JSON.parse(stdout).secret;
    printed.push(stdout);
  }
  return printed;
}

const item = async (key) => (await admin.items('fleet')).items.get(key);

/** Pages, with their source, its envelope, how many commands there are, and what is on the board then. */
const RUN = [
  ['json', 'mine', 'auto', 3, { v1: { route: '801' }, v2: { route: '7' }, v3: { fuel: 0.5 }, v4: { fuel: 0.7 }, '0012': { route: 801 } }],
  ['cloudevents', 'events', 'cloudevents', 2, { 'door-7': { open: true }, 'door-8': { open: true } }],
  ['owntracks', 'people', 'owntracks', 1, { 'jane/phone': { batt: 71 } }],
  ['osmand', 'phones', 'osmand', 2, { 80214455: { batt: 79 } }],
  ['traccar', 'trackers', 'traccar', 1, { 80214456: { ignition: true, name: 'Van' } }],
  ['geojson', 'places', 'geojson', 1, { b1: { free: 7 } }],
  ['aircraft', 'planes', 'aircraft', 1, { '4ca7b3': { flight: 'RYR1AB' } }],
  ['gbfs', 'bikes', 'gbfs', 1, { 'bike-1': { is_reserved: false } }],
  ['firehose', 'hose', 'firehose', 1, { f1: {} }],
  ['debezium', 'rows', 'debezium', 2, { v9: { route: '801' } }],
];

for (const [name, source, envelope, count, wanted] of RUN) {
  test(`the commands of docs/sources/${name}.md do what the page says`, async () => {
    assert.equal(commands(name).length, count);
    const printed = await answers(name, source, envelope);
    const { items } = await admin.items('fleet');
    for (const [key, fields] of Object.entries(wanted)) {
      assert.ok(items.has(key), `${key} in ${[...items.keys()]}; ${printed}`);
      for (const [field, value] of Object.entries(fields)) assert.equal(items.get(key).fields[field], value, `${key} ${field}`);
      if (!key.startsWith('door') && !['v2', 'v3', 'v4'].includes(key)) assert.ok(items.get(key).position, key);
    }
  });
}

test('the command of docs/sources/polling.md makes a source that asks', async () => {
  const [printed] = await answers('polling', 'city', 'auto');
  const { poll } = JSON.parse(printed);
  assert.deepEqual([poll.url, poll.interval_s], ['https://transit.example/vehicles.pb', 30]);
  assert.equal((await admin.delete('/v1/boards/fleet/sources/city')).status, 204);
});

test('every page with a command has its commands run by a test', () => {
  const elsewhere = ['aws-sdk', 'aws-template', 'contest', 'cot', 'eventbridge', 'gpsd', 'gpx', 'gtfs-realtime', 'iot', 'kafka', 'meshtastic', 'nmea', 'otlp', 'pipes', 'polling', 's3', 'sns'];
  const pages = readdirSync(PAGES).map((file) => file.replace(/\.md$/, ''));
  const read = (folder, end) => readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(end)).map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
  const tests = [...read('e2e/live', '.test.mjs'), ...read('cli/tests', '.rs')].join('\n');
  for (const name of pages.filter((one) => commands(one).length > 0)) {
    if (RUN.some(([own]) => own === name)) continue;
    assert.ok(elsewhere.includes(name), `docs/sources/${name}.md has commands that no test runs`);
    assert.match(tests, new RegExp(`docs/sources/${name}\\.md|'${name}',`), name);
  }
});

const send = async (source, envelope, body, headers = {}, query = '') => {
  const secret = await secretOf(source, envelope);
  return admin.as(secret).post(`/v1/ingest/${source}${query}`, body, headers);
};
const letter = async (source) => (await admin.get(`/v1/boards/fleet/dead-letters?source=${source}&limit=1`)).body.dead_letters[0];

test('what docs/sources/json.md says of mistakes', async () => {
  const lines = await send('plain', 'auto', '{"vehicleId":"x1"}\n{"vehicleId":"x2"}\n', { 'content-type': 'application/json' });
  assert.deepEqual([lines.status, lines.body.code], [400, 'invalid_json']);
  const table = await send('plain', 'auto', 'vehicleId,n\nx3,1\n', { 'content-type': 'application/json' });
  assert.deepEqual([table.status, table.body.code], [400, 'invalid_json']);
  const other = await send('plain', 'auto', { vehicleId: 'x4', lat: 30.26 });
  assert.deepEqual([other.body.results[0].code, other.body.results[0].field], ['unknown_field', 'vehicleId']);
  const comma = await send('plain', 'csv', 'vehicleId,n\nx5,1,2\n', { 'content-type': 'text/csv' });
  assert.match(comma.body.results[0].message, /^the row has 3 cells, the header 2/);
  const twice = async () => (await send('plain', 'csv', 'vehicleId,id,n\nx6,r1,\n', { 'content-type': 'text/csv' })).body;
  assert.deepEqual([(await twice()).accepted, (await twice()).duplicate], [1, 1]);
});

test('what docs/sources/owntracks.md and osmand.md say of a poisoned message and of a wrong password', async () => {
  const phone = await send('people', 'owntracks', { _type: 'location', lat: 99, lon: 0, tst: NOW, tid: 'JJ' });
  assert.deepEqual([phone.status, phone.body], [200, []]);
  assert.equal((await letter('people')).code, 'position_out_of_range');
  const steps = await send('people', 'owntracks', { _type: 'steps', steps: 10 });
  assert.deepEqual([steps.status, steps.body], [200, []]);
  const wrong = await admin.as('hgs_0').post('/v1/ingest/people', { _type: 'location' });
  assert.equal(wrong.status, 401);
  const heart = await send('phones', 'osmand', undefined, {}, `?id=heart&timestamp=${NOW}&charge=true`);
  assert.deepEqual([heart.status, heart.body], [200, '']);
  const found = await item('heart');
  assert.deepEqual([found.position, found.fields.charge], [undefined, true]);
});

test('what docs/sources/traccar.md, geojson.md, aircraft.md and gbfs.md say of what is missing', async () => {
  const nobody = await send('trackers', 'traccar', { position: { latitude: 1, longitude: 2 }, device: {} });
  assert.deepEqual([nobody.body.results[0].code, nobody.body.results[0].field], ['missing', 'device.uniqueId']);
  const swapped = await send('places', 'geojson', { type: 'Feature', id: 'g1', geometry: { type: 'Point', coordinates: [30.26, -97.74] } });
  assert.equal(swapped.body.results[0].field, 'position.lat');
  const line = await send('places', 'geojson', { type: 'Feature', id: 'g2', geometry: { type: 'LineString', coordinates: [[1, 2], [3, 4]] } });
  assert.equal(line.body.results[0].field, 'geometry.type');
  assert.equal((await send('planes', 'aircraft', SKY)).body.duplicate, 1);
  const list = await send('bikes', 'gbfs', { last_updated: NOW, ttl: 0, version: '2.3', data: { en: { feeds: [] } } });
  assert.match(list.body.detail, /^data has none of vehicles, bikes and stations/);
  const stations = await send('bikes', 'gbfs', { last_updated: NOW, ttl: 0, version: '2.3', data: { stations: [{ station_id: 'st1', name: 'Main', lat: 1.5, lon: 2.5 }] } });
  assert.equal(stations.body.accepted, 1);
});
