// What people really send: words among numbers, dates as digits, byte order marks, feeds in any order, exports.

import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { heliograph, startServer } from '../server.mjs';
import { Client, assertRefused } from './support/client.mjs';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const NOW = Date.now();

let server;
let admin;
const folder = mkdtempSync(join(tmpdir(), 'inputs-'));

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function replay(path, board, ...args) {
  const done = heliograph(server, ['replay', path, '--board', board, '--speed', 'max', '--keep-time', ...args]);
  return { status: done.status, notes: done.stderr };
}

/** Events of a board without their place, by time: several connections sent them. */
async function log(board) {
  const { body } = await admin.get(`/v1/boards/${board}/events?limit=10000`);
  return body.events.map(({ seq, ...event }) => event).sort((a, b) => a.time - b.time);
}

const standings = async (board) => (await admin.get(`/v1/boards/${board}/scores`)).body.rows;

test('a word in a column of numbers is its own row’s word, and replay says so', async () => {
  const rules = { scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] } };
  await admin.board('marks', rules);
  const table = 'student,at,points\nann,2026-11-20T10:00:00Z,10\nbob,2026-11-20T10:00:00Z,7\ncy,2026-11-20T10:00:00Z,absent\nann,2026-11-20T11:00:00Z,5\n';
  const { status, notes } = replay(file('marks.csv', table), 'marks', '--key', 'student', '--time', 'at');
  assert.equal(status, 0, notes);
  assert.match(notes, /points: number, 1 of 4 cells did not fit \(line 4: `absent` stays text\)/);
  assert.deepEqual((await standings('marks')).map((r) => [r.key, r.values[0]]).slice(0, 2), [['ann', 15], ['bob', 7]]);
});

test('names made of digits keep every digit at every entrance', async () => {
  await admin.board('names');
  replay(file('names.csv', 'flight,at,hex,version\nDLH1,2026-11-20T10:00:00Z,3e0012,1.10\n'), 'names', '--key', 'flight', '--time', 'at');
  heliograph(server, ['publish', '--board', 'names', '--key', 'p', '--field', 'serial=241408E4', '--field', 'n=9007199254740993']);
  const { items } = await admin.items('names');
  assert.deepEqual(items.get('DLH1').fields, { hex: '3e0012', version: '1.10' });
  assert.deepEqual(items.get('p').fields, { serial: '241408E4', n: '9007199254740993' });
  for (const n of ['9007199254740993', '123456789012345678901234567890', '-9007199254740993']) {
    const { body } = await admin.events('names', `{"key":"x","fields":{"n":${n}}}`);
    assertRefused(body, 0, 'number_too_large', 'fields.n');
  }
  await admin.publish('names', '{"key":"y","fields":{"n":1e20}}');
});

test('digits that are a date are that date, and epoch milliseconds are taken as text', async () => {
  await admin.board('dates');
  replay(file('dates.csv', 'key,time,v\na,20170321,1\na,20170322,2\nb,20170321070000,1\nb,20170321080000,2\n'), 'dates');
  const times = async (key) => (await log('dates')).filter((e) => e.key === key).map((e) => e.time);
  assert.deepEqual(await times('a'), [Date.UTC(2017, 2, 21), Date.UTC(2017, 2, 22)]);
  assert.deepEqual(await times('b'), [Date.UTC(2017, 2, 21, 7), Date.UTC(2017, 2, 21, 8)]);
  const spreadsheet = replay(file('sheet.csv', 'key,time,v\na,42815.2916,1\n'), 'dates');
  assert.equal(spreadsheet.status, 1);
  await admin.publish('dates', { key: 'c', time: String(NOW) });
  assert.deepEqual(await times('c'), [NOW]);
  const { body } = await admin.events('dates', { key: 'c', time: 20170321 });
  assert.match(assertRefused(body, 0, 'time_out_of_range', 'time') ?? body.results[0].message, /looks like a date/);
});

test('byte order marks, line ends and blank lines are read alike over HTTP and by the command line', async () => {
  const text = '\ufeff\r\n{"key":"a","fields":{"n":1}}\r\n\r\n  \n{"key":"b","fields":{"n":2}}\r\n';
  await admin.board('http');
  await admin.board('line');
  const { body } = await admin.events('http', text, NDJSON);
  assert.deepEqual([body.accepted, body.refused], [2, 0], JSON.stringify(body));
  const piped = heliograph(server, ['publish', '--board', 'line'], { input: text });
  assert.equal(piped.status, 0, piped.stderr);
  for (const board of ['http', 'line']) assert.deepEqual([...(await admin.items(board)).items.keys()], ['a', 'b']);
  assert.equal((await admin.events('http', '\ufeff[{"key":"c"}]')).body.accepted, 1);
});

test('what is exported goes into another board unchanged', async () => {
  await admin.board('from');
  await admin.publish('from', [
    { id: '-1', key: '-100123', time: NOW - 2, position: { lat: 1, lon: -2.5, heading: 90 }, fields: { t: 1, note: '+49' } },
    { key: '0012', time: NOW - 1, fields: { code: '1.10', digits: '12', 'a,"b"': 'x\ny', ok: true } },
  ]);
  const page = async (format) => (await fetch(`${server.url}/v1/boards/from/events?format=${format}`)).text();
  const expected = await log('from');
  for (const [format, send] of [
    ['ndjson', (text) => heliograph(server, ['publish', '--board', 'to-ndjson'], { input: text }).status],
    ['csv', (text) => replay(file('events.csv', text), 'to-csv').status],
  ]) {
    await admin.board(`to-${format}`);
    assert.equal(send(await page(format)), 0);
    assert.deepEqual(await log(`to-${format}`), expected, format);
  }
  await admin.board('to-replay');
  assert.equal(replay(file('events.ndjson', await page('ndjson')), 'to-replay').status, 0);
  assert.deepEqual(await log('to-replay'), expected);
});

test('an event of tomorrow does not count today', async () => {
  const zone = new Date(NOW).getUTCHours() < 12 ? 'Asia/Tokyo' : 'UTC';
  await admin.board('today', {
    rules: { future_s: 86400 },
    scores: { columns: [{ name: 'p', op: 'sum', field: 'p' }], window: { kind: 'calendar', period: 'day', zone } },
  });
  await admin.publish('today', [{ key: 'today', time: NOW, fields: { p: 1 } }, { key: 'tomorrow', time: NOW + 86_000_000, fields: { p: 9 } }]);
  assert.deepEqual((await standings('today')).map((r) => r.key), ['today']);
});

test('conversions are exact, and 180 is -180', async () => {
  await admin.board('exact');
  const fields = { f: { of: 'c', from: 'C', to: 'F' }, k: { of: 'c', from: 'C', to: 'K' } };
  const { body } = await admin.post('/v1/boards/exact/pipeline/try', {
    pipeline: [{ name: 'u', derive: { fields } }],
    events: [{ key: 'a', fields: { c: -40 } }],
  });
  assert.deepEqual(body.events[0].event.fields, { c: -40, f: -40, k: 233.15 });
  await admin.publish('exact', [{ key: 'e', position: { lat: 0, lon: 180 } }, { key: 'w', position: { lat: 0, lon: -180 } }]);
  for (const box of ['170,-1,180,1', '-180,-1,-170,1', '170,-1,-170,1']) {
    const { body } = await admin.get(`/v1/boards/exact/items?bbox=${box}`);
    assert.deepEqual(body.items.map((i) => i.key), ['e', 'w'], box);
  }
});

const contest = (more, ...lines) =>
  [
    { type: 'contest', data: { id: 'c1', name: 'Cup', start_time: '2026-11-20T10:00:00+01:00', duration: '5:00:00', penalty_time: 10, ...more } },
    ...['AC', 'WA', 'CE'].map((id) => ({ type: 'judgement-types', id, data: { id, solved: id === 'AC', penalty: id === 'WA' } })),
    ...['t1', 't2', 't3', 't4'].map((id) => ({ type: 'teams', id, data: { id, name: id } })),
    ...lines,
  ].map((line) => `${JSON.stringify(line)}\n`).join('');

function judged(id, team, verdict, minute) {
  const at = `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}:00`;
  return [
    { type: 'submissions', id, data: { id, team_id: team, problem_id: 'A', contest_time: at } },
    { type: 'judgements', id, data: { id, submission_id: id, judgement_type_id: verdict, end_contest_time: at } },
  ];
}

test('a board is made that fits, the ICPC ranks, and the public sees what it saw', async () => {
  const state = { started: '2026-11-20T10:00:00+01:00', frozen: '2026-11-20T13:30:00+01:00', ended: '2026-11-20T15:00:00+01:00' };
  const lines = [...judged('1', 't1', 'AC', 25), ...judged('2', 't2', 'AC', 25), ...judged('3', 't3', 'WA', 10), ...judged('4', 't3', 'AC', 15)];
  const feed = (state, ...more) => file('cup.ndjson', contest({}, { type: 'state', data: state }, ...lines, ...more));
  const missing = replay(feed(state), 'cup');
  assert.equal(missing.status, 1);
  assert.match(missing.notes, /--create makes the board, with a config for a contest/);

  assert.equal(replay(feed(state, ...judged('9', 't4', 'AC', 250)), 'cup', '--create', '--session', 's').status, 0);
  const shown = async (client) => (await client.get('/v1/boards/cup/scores')).body.rows.map((r) => [r.rank, r.key, ...r.values]);
  // Ten minutes for a wrong attempt, as the feed says: three are equal by solved and penalty.
  const early = [[1, 't3', 1, 25, 15], [2, 't1', 1, 25, 25], [2, 't2', 1, 25, 25]];
  assert.deepEqual((await shown(admin.as(null))).slice(0, 3), early);
  assert.deepEqual((await shown(admin.as(null)))[3], [4, 't4', 0, 0, 0]);
  assert.deepEqual((await shown(admin))[3], [4, 't4', 1, 250, 250]);
  const { body } = await admin.get('/v1/boards/cup/sessions');
  assert.equal(body.sessions[0].frozen_at, Date.parse(state.frozen));

  const thawed = feed({ ...state, thawed: '2026-11-20T16:00:00+01:00' }, ...judged('9', 't4', 'AC', 250));
  assert.equal(replay(thawed, 'thawed', '--create', '--session', 's').status, 0);
  const rows = (await admin.as(null).get('/v1/boards/thawed/scores')).body.rows;
  assert.deepEqual(rows.find((r) => r.key === 't4').values, [1, 250, 250]);
});

test('a later export ends as on a fresh board', async () => {
  const exports = {
    wrong: contest({}, ...judged('1', 't1', 'WA', 10), ...judged('2', 't2', 'AC', 20)),
    right: contest({}, ...judged('1', 't1', 'AC', 10), ...judged('2', 't2', 'AC', 20)),
    moved: contest({}, ...judged('1', 't3', 'AC', 10), ...judged('2', 't2', 'AC', 20)),
    gone: contest({}, ...judged('2', 't2', 'AC', 20)),
  };
  const table = async (board) => (await standings(board)).map((r) => [r.rank, r.key, ...r.values]);
  for (const name of ['wrong', 'right', 'wrong', 'moved', 'gone', 'right']) {
    const path = file('later.ndjson', exports[name]);
    assert.equal(replay(path, 'later', '--create').status, 0, name);
    await admin.delete('/v1/boards/fresh');
    assert.equal(replay(path, 'fresh', '--create').status, 0, name);
    assert.deepEqual(await table('later'), await table('fresh'), name);
  }
});

test('the exit status says whether something was refused', async () => {
  await admin.board('some');
  const { status } = replay(file('some.csv', 'key,time,lat,lon\na,2026-11-20T10:00:00Z,1,2\nb,2026-11-20T10:00:00Z,91,2\n'), 'some');
  assert.equal(status, 3);
});
