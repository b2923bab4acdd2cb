// gpsd and Meshtastic: what gpsd's own decoder prints of a receiver's log becomes its way, and packets of a mesh become its nodes.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const noDecoder = spawnSync('gpsdecode', ['-V']).error ? 'gpsdecode is not installed (Debian: gpsd-clients)' : false;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** A board with a source of the same name; its secret. */
async function source(name, more = {}) {
  await admin.board(name);
  const { status, body } = await admin.post(`/v1/boards/${name}/sources`, { name, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body.secret;
}

function sentence(body) {
  const sum = [...Buffer.from(body)].reduce((all, byte) => all ^ byte, 0);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`;
}

/** A minute of a receiver that drives north. */
const LOG = Array.from({ length: 60 }, (_, i) => {
  const [clock, minutes] = [`1200${String(i).padStart(2, '0')}.00`, `5130.${String(i * 100).padStart(4, '0')}`];
  return sentence(`GPGGA,${clock},${minutes},N,00007.2000,W,1,08,0.9,64.2,M,46.9,M,,`)
    + sentence('GPGSA,A,3,04,05,,09,12,,,24,,,,,2.5,1.3,2.1')
    + sentence(`GPRMC,${clock},A,${minutes},N,00007.2000,W,010.0,090.0,010326,,,A`);
}).join('');

/** What gpsd makes of it, a report a line. */
const decoded = () => execFileSync('gpsdecode', { input: LOG, encoding: 'utf8' });

test('what gpsd decodes is where it says, and the same as the sentences that it read', { skip: noDecoder }, async () => {
  const reports = decoded();
  const secret = await source('boats');
  const send = (body, query) => admin.as(secret).post(`/v1/ingest/boats?key=${query}`, body, { 'content-type': 'text/plain' });
  const tpv = reports.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter((r) => r.class === 'TPV' && r.time);
  assert.ok(tpv.length > 50, reports.slice(0, 500));
  const { status, body } = await send(reports, 'gpsd');
  assert.deepEqual([status, body.refused], [200, 0], JSON.stringify(body));
  assert.equal((await send(reports, 'gpsd')).body.accepted, 0);
  assert.equal((await send(LOG, 'nmea')).body.accepted, 60);
  const log = (await admin.get('/v1/boards/boats/events?limit=1000')).body.events;
  const of = (key) => new Map(log.filter((event) => event.key === key).map((event) => [new Date(event.time).getTime(), event.position]));
  const [ours, theirs] = [of('nmea'), of('gpsd')];
  for (const report of tpv) {
    const at = new Date(report.time).getTime();
    for (const position of [ours.get(at), theirs.get(at)]) {
      assert.ok(Math.abs(position.lat - report.lat) < 1e-6 && Math.abs(position.lon - report.lon) < 1e-6, JSON.stringify([position, report]));
      assert.deepEqual([position.heading, position.speed, position.altitude], [90, 5.14, 64.2], JSON.stringify(position));
    }
  }
});

test('the command of docs/sources/gpsd.md does what the page says', { skip: noDecoder }, async () => {
  const secret = await source('of-gpsd');
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-gpsd-'));
  try {
    // There is no receiver here: the decoder stands in for the daemon that gpspipe would ask.
    writeFileSync(join(folder, 'log.nmea'), LOG);
    writeFileSync(join(folder, 'gpspipe'), '#!/bin/sh\nexec gpsdecode < log.nmea\n');
    chmodSync(join(folder, 'gpspipe'), 0o755);
    await command('gpsd', secret, 'boats', 'of-gpsd', folder);
    const { position } = (await admin.items('of-gpsd')).items.get('boat');
    assert.ok(Math.abs(position.lat - 51.5) < 0.01 && position.speed === 5.14, JSON.stringify(position));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the command of docs/sources/meshtastic.md does what the page says', async () => {
  await command('meshtastic', await source('of-mesh'), 'mesh', 'of-mesh', tmpdir());
  const { position, time } = (await admin.items('of-mesh')).items.get('!7efeee00');
  assert.deepEqual([position.lat, position.lon, new Date(time).getTime()], [30.25, -97.75, 1_772_366_400_000]);
});

/** Runs the one command of a page, with a source of our own for the page's. */
async function command(page, secret, name, own, folder) {
  const text = readFileSync(new URL(`../../docs/sources/${page}.md`, import.meta.url), 'utf8');
  const [found, ...more] = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(more.length, 0);
  const env = { ...process.env, SERVER: server.url, SECRET: secret, PATH: `${folder}:${process.env.PATH}` };
  const answer = execFileSync('bash', ['-c', found.replace(`/ingest/${name}`, `/ingest/${own}`)], { encoding: 'utf8', env, cwd: folder });
  assert.ok(JSON.parse(answer).accepted > 0, answer);
}

test('a mesh is its nodes, a packet that two gateways heard is one event, and what is wrong is a dead letter', async () => {
  const secret = await source('mesh');
  const packet = (type, payload, id, sender = '!7efeee00') => ({ channel: 0, from: 2_130_636_288, hops_away: 1, id, payload, rssi: -92, sender,
    snr: 6.25, timestamp: 1_772_366_405, to: 4_294_967_295, type });
  const place = packet('position', { altitude: 160, ground_speed: 36, ground_track: 9_050_000, latitude_i: 302_500_000, longitude_i: -977_500_000, time: 1_772_366_400 }, 1);
  const send = (body) => admin.as(secret).post('/v1/ingest/mesh', body);
  assert.equal((await send(place)).body.accepted, 1);
  assert.equal((await send({ ...place, sender: '!00000001', rssi: -40 })).body.duplicate, 1);
  const rest = [packet('telemetry', { battery_level: 87 }, 2), packet('nodeinfo', { longname: 'Base', id: '!7efeee00' }, 3), packet('traceroute', {}, 4),
    packet('position', { latitude_i: 950_000_000, longitude_i: 1 }, 5)];
  const { body } = await send(rest);
  assert.deepEqual([body.accepted, body.refused], [2, 1], JSON.stringify(body));
  const item = (await admin.items('mesh')).items.get('!7efeee00');
  assert.deepEqual([item.position.lat, item.position.heading, item.position.speed], [30.25, 90.5, 10]);
  assert.deepEqual([item.fields.battery_level, item.fields.longname], [87, 'Base']);
  const [letter] = (await admin.get('/v1/boards/mesh/dead-letters')).body.dead_letters;
  assert.equal(letter.record.payload.latitude_i, 950_000_000);
});
