// GPX and Cursor on Target: what gpxpy and pytak write becomes tracks and people, point by point what gpxpy reads.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PYTHON = process.env.HELIOGRAPH_SOURCE_CLIENTS;
const SCRIPT = new URL('support/tracks.py', import.meta.url).pathname;
const noLibrary = PYTHON ? false : 'gpxpy and pytak are not installed: files are written by our own tests alone';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** A board with a source of the same name: its secret, and what sends to it. */
async function source(name) {
  await admin.board(name);
  const { status, body } = await admin.post(`/v1/boards/${name}/sources`, { name });
  assert.equal(status, 201, JSON.stringify(body));
  const send = (sent, query = '', headers = {}) => admin.as(body.secret).post(`/v1/ingest/${name}${query}`, sent, { 'content-type': 'application/xml', ...headers });
  return { secret: body.secret, send };
}

const python = (words, input) => execFileSync(PYTHON, [SCRIPT, ...words], { input, encoding: 'utf8' });
const eventsOf = async (board) => (await admin.get(`/v1/boards/${board}/events?limit=10000`)).body.events;

for (const version of ['1.0', '1.1']) {
  test(`every point of a file that gpxpy writes in GPX ${version} is the one that gpxpy reads, also a second time and packed`, { skip: noLibrary }, async () => {
    const board = `ride-${version.replace('.', '')}`;
    const { send } = await source(board);
    const file = python(['write', version]);
    const points = JSON.parse(python(['read'], file));
    const first = await send(file);
    assert.deepEqual([first.status, first.body.accepted, first.body.refused ?? 0], [200, points.length + 1, 0], JSON.stringify(first.body));
    const events = (await eventsOf(board)).filter((e) => e.fields.kind === 'trkpt');
    const told = events.map((e) => [e.key, new Date(e.time).getTime(), e.position.lat, e.position.lon, e.position.altitude]);
    const order = (a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1);
    assert.deepEqual(told.sort(order), points.sort(order));
    if (version === '1.0') assert.deepEqual([events[0].position.speed, events[0].position.heading], [3.5, 90]);
    const { items } = await admin.items(board);
    assert.deepEqual([...items.keys()].sort(), ['0012', 'Café <2>', 'north & south']);
    assert.equal(items.get('Café <2>').fields.sym, 'Flag');
    const again = await send(gzipSync(file), '', { 'content-encoding': 'gzip' });
    assert.equal(again.body.duplicate, points.length);
  });
}

test('events that pytak writes are people with their places, and who is lost is nowhere', { skip: noLibrary }, async () => {
  const { send } = await source('teams');
  const stream = python(['cot']);
  const { status, body } = await send(stream);
  assert.deepEqual([status, body.accepted, body.refused ?? 0], [200, 21, 0], JSON.stringify(body));
  const { items } = await admin.items('teams');
  assert.deepEqual([...items.keys()].sort(), ['lost', 'team-0', 'team-1', 'team-2', 'team-3']);
  const { position, fields } = items.get('team-3');
  assert.deepEqual([position.lat, position.lon, position.altitude, position.accuracy], [30.0019, -97.5, 169, 9.5]);
  assert.deepEqual([fields.callsign, fields.type, fields.how], ['Ghost 3', 'a-f-G-U-C', 'm-g']);
  assert.ok(!Object.keys(fields).some((name) => name.includes('flow-tags')), JSON.stringify(fields));
  assert.equal(items.get('lost').position ?? null, null);
});

test('what is cut or wrong is a letter, and a document type is not read', async () => {
  const { send } = await source('wrong');
  const here = '<point lat="1" lon="2" hae="0" ce="1" le="1"/>';
  const { body } = await send(`<event uid="a" type="a-f" time="2026-03-01T12:00:00Z">${here}</event><event uid="b"><point`);
  assert.deepEqual([body.accepted, body.refused], [1, 1], JSON.stringify(body));
  const typed = await send('<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "b">]><gpx version="1.1"><wpt lat="1" lon="2"><name>&a;</name></wpt></gpx>', '', { 'x-envelope': 'gpx' });
  assert.ok(typed.status >= 400 || typed.body.refused === 1, JSON.stringify(typed.body));
  const { dead_letters } = (await admin.get('/v1/boards/wrong/dead-letters?limit=10')).body;
  assert.ok(dead_letters.some((letter) => letter.code === 'invalid'), JSON.stringify(dead_letters));
  assert.deepEqual([...(await admin.items('wrong')).items.keys()], ['a']);
});

for (const [page, name, file, text, key] of [
  ['gpx', 'rides', 'ride.gpx', '<gpx version="1.1"><trk><trkseg><trkpt lat="30.2" lon="-97.7"><time>2026-03-01T12:00:00Z</time></trkpt></trkseg></trk></gpx>', 'bike'],
  ['cot', 'teams', 'events.xml', '<event version="2.0" uid="u1" type="a-f-G" time="2026-03-01T12:00:00Z" start="2026-03-01T12:00:00Z" stale="2026-03-01T12:05:00Z" how="m-g"><point lat="30.2" lon="-97.7" hae="1" ce="1" le="1"/><detail/></event>', 'u1'],
]) {
  test(`the command of docs/sources/${page}.md does what the page says`, async () => {
    const own = `of-${page}`;
    const { secret } = await source(own);
    const folder = mkdtempSync(join(tmpdir(), 'heliograph-xml-'));
    try {
      writeFileSync(join(folder, file), text);
      const doc = readFileSync(new URL(`../../docs/sources/${page}.md`, import.meta.url), 'utf8');
      const [command, ...more] = [...doc.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
      assert.equal(more.length, 0);
      const env = { ...process.env, SERVER: server.url, SECRET: secret };
      const answer = execFileSync('bash', ['-c', command.replace(`/ingest/${name}`, `/ingest/${own}`)], { encoding: 'utf8', env, cwd: folder });
      assert.equal(JSON.parse(answer).accepted, 1, answer);
      assert.deepEqual((await admin.items(own)).items.get(key).position, { lat: 30.2, lon: -97.7, ...(page === 'cot' ? { altitude: 1, accuracy: 1 } : {}) });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
