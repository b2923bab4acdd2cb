// NMEA: what pyais writes becomes ships, and each field is what pyais reads; a receiver's own sentences become its place.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PYTHON = process.env.HELIOGRAPH_SOURCE_CLIENTS;
const SCRIPT = new URL('support/ais.py', import.meta.url).pathname;
const noLibrary = PYTHON ? false : 'pyais is not installed: AIS is read by our own tests alone';
const KNOT = 1_852 / 3_600;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** A board with a source of the same name: sends a body, with what is behind the question mark. */
async function source(name, more = {}) {
  await admin.board(name);
  const { status, body } = await admin.post(`/v1/boards/${name}/sources`, { name, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return { secret: body.secret, send: (text, query = '') => admin.as(body.secret).post(`/v1/ingest/${name}${query}`, text, { 'content-type': 'text/plain' }) };
}

const python = (word, input) => JSON.parse(execFileSync(PYTHON, [SCRIPT, word], { input, encoding: 'utf8' }));

/** Sentences of public documents: those of gpsd's page on AIVDM, of libais and of the tests of others. */
const PUBLIC = [
  ['!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C'],
  ['!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C'],
  ['!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C', '!AIVDM,2,2,1,A,88888888880,2*25'],
  ['!AIVDM,1,1,,A,H42O55i18tMET00000000000000,2*6D'],
  ['!AIVDM,1,1,,A,H42O55lti4hhhilD3nink000?050,0*40'],
  ['!AIVDM,1,1,,B,H3pro:4q3?=1B0000000000P7220,0*59'],
  ['!AIVDM,1,1,,B,E>jHC:k9Wbb4;WV2@6400000000@3nCL>v8t030HHKnf00,4*1C'],
  ['!AIVDM,1,1,,B,E>kb9O9aS@7PUh10dh19@;0Tah2cWrfP:l?M`00003vP100,0*01'],
];

const STATUS = ['under_way_using_engine', 'at_anchor', 'not_under_command', 'restricted_manoeuvrability', 'constrained_by_draught', 'moored',
  'aground', 'fishing', 'under_way_sailing'];
const CLASS = { 1: 'A', 2: 'A', 3: 'A', 4: 'base_station', 5: 'A', 9: 'sar_aircraft', 18: 'B', 19: 'B', 21: 'aid_to_navigation', 24: 'B' };
const two = (n) => String(n).padStart(2, '0');

/** What an event should have, by what pyais reads. */
function expected(m) {
  const known = (value, none) => (value === undefined || value === none ? undefined : value);
  const some = (value) => (value ? value : undefined);
  const course = known(m.course, m.msg_type === 27 ? 511 : 360);
  const heading = known(m.heading, 511) ?? course;
  const mothership = Math.floor(m.mmsi / 1e7) === 98 && m.partno === 1;
  const speed = known(m.speed, m.msg_type === 9 ? 1_023 : m.msg_type === 27 ? 63 : 102.3);
  return {
    place: m.lat === undefined || m.lat === 91 || m.lon === 181 ? undefined : { lat: m.lat, lon: m.lon, heading, speed, altitude: known(m.alt, 4_095) },
    fields: {
      class: CLASS[m.msg_type],
      course,
      turn: m.turn === undefined || m.turn === -128 ? undefined : m.turn,
      status: STATUS[m.status],
      name: some(m.full_name ?? m.shipname),
      callsign: some(m.callsign),
      imo: some(m.imo),
      ship_type: some(m.ship_type),
      aid_type: some(m.aid_type),
      length: mothership ? undefined : some((m.to_bow ?? 0) + (m.to_stern ?? 0)),
      width: mothership ? undefined : some((m.to_port ?? 0) + (m.to_starboard ?? 0)),
      draught: some(m.draught),
      destination: some(m.destination),
      eta: m.msg_type === 5 && m.month && m.day ? `${two(m.month)}-${two(m.day)}${m.hour < 24 && m.minute < 60 ? ` ${two(m.hour)}:${two(m.minute)}` : ''}` : undefined,
      off_position: m.msg_type === 21 && m.second < 60 ? m.off_position : undefined,
      virtual: m.virtual_aid,
    },
  };
}

test('each field of each message is what pyais reads', { skip: noLibrary }, async () => {
  const messages = [...PUBLIC, ...python('write', '')];
  const read = python('read', JSON.stringify(messages));
  const { send } = await source('ships');
  for (const i of messages.keys()) {
    // Each at a time of its own, so that the log has all of them.
    const tag = `c:${1_772_366_400 + i}`;
    const sum = [...Buffer.from(tag)].reduce((all, byte) => all ^ byte, 0).toString(16).padStart(2, '0');
    const { status, body } = await send(messages[i].map((line) => `\\${tag}*${sum}\\${line}`).join('\r\n'));
    assert.deepEqual([status, body.accepted, body.refused], [200, 1, 0], `${messages[i]}: ${JSON.stringify(body)}`);
  }
  const { body } = await admin.get('/v1/boards/ships/events?limit=1000');
  const events = new Map(body.events.map((event) => [new Date(event.time).getTime(), event]));
  for (const [i, m] of read.entries()) {
    const event = events.get((1_772_366_400 + i) * 1_000);
    assert.equal(event.key, String(m.mmsi).padStart(9, '0'));
    const { place, fields } = expected(m);
    const what = `${JSON.stringify(m)}\n${JSON.stringify(event)}`;
    assert.equal(event.position === undefined || event.position === null, place === undefined, what);
    for (const [name, within] of Object.entries({ lat: 2e-6, lon: 2e-6, heading: 0.011, speed: 0.006, altitude: 0.06 })) {
      const [got, wanted] = [event.position?.[name] ?? undefined, name === 'speed' && place?.speed !== undefined ? place.speed * KNOT : place?.[name]];
      if (wanted === undefined) assert.equal(got, undefined, `${name} ${what}`);
      else assert.ok(Math.abs(got - wanted) <= within, `${name} ${what}`);
    }
    const { turn_rate: turned, ...others } = event.fields ?? {};
    const { turn, ...wanted } = JSON.parse(JSON.stringify(fields));
    assert.deepEqual(others, wanted, what);
    if (turn === undefined) assert.equal(turned, undefined, what);
    else assert.ok(Math.abs(turned - turn) <= 0.5, what);
  }
});

test('parts are joined in any order, what is broken is a dead letter with its lines, and sent twice it is there once', async () => {
  const { send } = await source('mixed');
  const [first, second] = PUBLIC[2];
  const tag = (line) => `\\c:1772366400*5D\\${line}`;
  const bad = PUBLIC[0][0].replace('*5C', '*5D');
  const lines = [tag(second), tag(PUBLIC[0][0]), bad, tag(first), first, '$GPGSV,1,1,00*79', '# a remark'].join('\n');
  const answer = (await send(lines)).body;
  assert.deepEqual([answer.accepted, answer.refused], [2, 2], JSON.stringify(answer));
  assert.equal((await send(lines)).body.duplicate, 2);
  const { items } = await admin.items('mixed');
  assert.equal(items.get('351759000').fields.name, 'EVER DIADEM');
  const letters = (await admin.get('/v1/boards/mixed/dead-letters?limit=10')).body.dead_letters;
  assert.deepEqual(letters.map((letter) => letter.record.text).sort(), [first, bad].sort());
});

test('a letter of a sentence whose checksum is mended is replayed as the ship that it is', async () => {
  const { send } = await source('mended');
  await send(PUBLIC[0][0].replace('*5C', '*5D'));
  const [letter] = (await admin.get('/v1/boards/mended/dead-letters')).body.dead_letters;
  const put = await admin.send('PATCH', `/v1/boards/mended/dead-letters/${letter.id}`, { record: PUBLIC[0][0] });
  assert.equal(put.status, 200, JSON.stringify(put.body));
  const replayed = await admin.post(`/v1/boards/mended/dead-letters/${letter.id}/replay`, {});
  assert.equal(replayed.status, 200, JSON.stringify(replayed.body));
  assert.equal((await admin.items('mended')).items.get('366053209').fields.status, 'restricted_manoeuvrability');
});

test('the commands of docs/sources/nmea.md do what the page says', async () => {
  const page = readFileSync(new URL('../../docs/sources/nmea.md', import.meta.url), 'utf8');
  const [commands, ...more] = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);
  assert.equal(more.length, 0);
  const { secret } = await source('of-the-page');
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-nmea-'));
  try {
    writeFileSync(join(folder, 'ais.nmea'), PUBLIC.flat().join('\r\n'));
    writeFileSync(join(folder, 'gps.nmea'), '$GPRMC,120000.00,A,5130.0000,N,00007.2000,W,010.0,090.0,010326,,,A*43\r\n');
    const env = { ...process.env, SERVER: server.url, SECRET: secret };
    const command = commands.replaceAll('/ingest/ships', '/ingest/of-the-page');
    execFileSync('bash', ['-ec', command], { encoding: 'utf8', env, cwd: folder });
    const { items } = await admin.items('of-the-page');
    assert.ok(items.has('366053209'));
    const { position } = items.get('boat');
    assert.deepEqual([position.lat, position.lon, position.heading, position.speed], [51.5, -0.12, 90, 5.14]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
