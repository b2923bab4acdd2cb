// A board as a file: exported, checked, imported on another server and under another name, with its cursor; cut off in the middle and
// gone on with; damaged and refused; and a board as it was then.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { heliograph, startServer } from '../server.mjs';
import { MAGIC, START, frame, framesOf } from './support/backup.mjs';
import { Client, assertProblem, epoch, seq } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

const GAME = {
  scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] },
  sessions: { required: true, grace_s: 1 },
};
const DEPOT = { shape: { type: 'Point', coordinates: [-97.74, 30.26] }, radius_m: 150 };
const RULE = { where: ['points:gt:1000'] };
const LAYER = { type: 'Point', coordinates: [-97.7467, 30.2672] };
const [KEPT, ERASED] = ['what-stays-in-the-file', 'what-was-erased'];
const BYTES = { 'content-type': 'application/octet-stream' };

let from;
let to;
let old;
let fresh;
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-backup-'));
  [from, to] = [await startServer(), await startServer()];
  [old, fresh] = [new Client(from), new Client(to)];
});
after(async () => {
  await Promise.all([from?.stop(), to?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const at = (name) => join(folder, name);

/** Runs the program, which must end with this status; what it said. */
function run(server, args, status = 0) {
  const done = heliograph(server, ['board', ...args]);
  assert.equal(done.status, status, `${args.join(' ')}: ${done.stdout}\n${done.stderr}`);
  return done.stdout + done.stderr;
}

async function ok(promise, status = 200) {
  const answer = await promise;
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
}

/** Events of a game: a key's points, where it is, an id. */
function events(round, count = 30) {
  return Array.from({ length: count }, (_, i) => ({
    id: `${round}-${i}`,
    key: ['a', 'b', 'gone', 'over'][i % 4],
    position: { lat: 30.26 + round / 1_000, lon: -97.74 + i / 10_000 },
    fields: { points: i, word: i % 4 === 2 ? ERASED : KEPT },
  }));
}

/** Rows of some megabytes: requests of about 1.2 MB each. */
async function publishLong(client, board, requests) {
  for (let n = 0; n < requests; n += 1) {
    const round = randomBytes(6).toString('hex');
    const long = (i) => ({ id: `${round}-${i}`, key: `k${i % 50}`, fields: { note: randomBytes(300).toString('hex'), n: i } });
    await client.publish(board, Array.from({ length: 2_000 }, (_, i) => long(i)));
  }
}

/** All of a board that its log makes. */
async function shown(client, board, { since, until }) {
  const get = async (path) => ok(client.get(`/v1/boards/${board}/${path}`));
  const { items, cursor } = await get('items?limit=10000');
  return {
    cursor,
    items,
    events: (await get('events?limit=10000')).events,
    scores: (await get('scores?session=all')).rows,
    actions: (await get('scores/audit')).actions,
    // What a session counted of an item before it was erased is not in the log.
    sessions: (await get('sessions')).sessions.map(({ events: _, players: __, ...session }) => session),
    series: (await get(`items/a/series?field=points&step=1m&from=${since}&to=${until}`)).points,
    track: (await get(`items/a/track?from=${since}&to=${until}`)).points,
  };
}

/** A board with all kinds of rows: sessions, corrections, an item that ended and one that was erased. */
async function played(board) {
  await old.board(board, GAME);
  const { code } = await ok(old.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One', join: true }), 201);
  await ok(old.post(`/v1/boards/${board}/sessions/s1`, { action: 'open' }));
  for (let round = 0; round < 5; round += 1) await old.publish(board, events(round));
  await ok(old.post(`/v1/boards/${board}/scores/actions`, { action: 'adjust', key: 'a', column: 'points', by: 5, reason: 'x' }));
  await ok(old.post(`/v1/boards/${board}/scores/actions`, { action: 'disqualify', key: 'b', reason: 'y' }));
  await ok(old.delete(`/v1/boards/${board}/items/over`));
  await eventually(async () => {
    const { status, body } = await old.delete(`/v1/boards/${board}/items/gone?erase=true`);
    return status === 200 && body.state === 'done';
  }, 'the erase', 60_000);
  await ok(old.put(`/v1/boards/${board}/fences/depot`, DEPOT), 201);
  await ok(old.put(`/v1/boards/${board}/alarms/rules/many`, RULE), 201);
  await ok(old.put(`/v1/boards/${board}/layers/stops`, LAYER), 201);
  const grants = [{ board, operations: ['publish'] }];
  const { key } = await ok(old.post('/v1/keys', { label: 'the producer of the backup test', grants }), 201);
  return { code, key };
}

test('a board is moved to another server and another name with its cursor', async () => {
  const since = Date.now() - 60_000;
  const { code, key } = await played('game');
  const when = { since, until: Date.now() };
  const before = await shown(old, 'game', when);
  assert.ok(before.track.length > 0 && before.series.length > 0 && before.scores.length > 0, JSON.stringify(before));
  const said = run(from, ['export', 'game', '-o', at('game.hgb')]);
  assert.ok(said.includes(before.cursor), said);
  assert.match(run(from, ['verify', at('game.hgb')]), /is whole/);
  const file = readFileSync(at('game.hgb'));
  assert.ok(file.includes(KEPT));
  for (const secret of [key, from.adminKey, ERASED]) assert.equal(file.includes(secret), false, `the file has ${secret}`);
  assert.match(run(from, ['export', 'game', '-o', at('game.hgb')], 2), /--force/, 'no file is overwritten unasked');

  const told = run(to, ['import', at('game.hgb'), '--name', 'moved']);
  assert.match(told, /the producer of the backup test/, 'keys that must be made anew are named');
  await eventually(async () => (await fresh.get('/v1/boards/moved/scores?session=all')).body.rows?.length > 0, 'the ranking');
  const now = await shown(fresh, 'moved', when);
  for (const [what, value] of Object.entries(before)) assert.deepEqual(now[what], value, what);
  const config = async (client, board) => ok(client.get(`/v1/boards/${board}`));
  assert.deepEqual(await config(fresh, 'moved'), await config(old, 'game'));
  assert.deepEqual((await ok(fresh.get('/v1/boards/moved/layers/stops'))), LAYER);
  assert.deepEqual((await ok(fresh.get('/v1/boards/moved/fences/depot'))).shape, DEPOT.shape);
  assert.deepEqual((await ok(fresh.get('/v1/boards/moved/alarms/rules/many'))).where, RULE.where);

  await ok(fresh.as(null).post('/v1/tokens', { code, name: 'Ann' }));

  // It goes on where the other was: what was sent is known, and cursors are good.
  const again = await ok(fresh.events('moved', events(0, 1)));
  assert.equal(again.duplicate, 1, 'what was sent before the move is known after it');
  const { cursor } = await fresh.publish('moved', [{ id: 'next', key: 'a', fields: { points: 1 } }]);
  assert.deepEqual([epoch(cursor), seq(cursor)], [epoch(before.cursor), seq(before.cursor) + 1]);
  const changed = await ok(fresh.get(`/v1/boards/moved/items?since=${before.cursor}`));
  assert.deepEqual(changed.items.map((item) => item.key), ['a']);

  const acts = async (client, board) => (await ok(client.get(`/v1/boards/${board}/audit?kind=config`))).entries.map((e) => e.action);
  assert.ok((await acts(old, 'game')).includes('exported'));
  assert.ok((await acts(fresh, 'moved')).includes('imported'));
  // The same import again: the board is another by now.
  assert.match(run(to, ['import', at('game.hgb'), '--name', 'moved'], 1), /board_exists/);
  await to.kill9();
  await to.restart();
  assert.equal((await shown(fresh, 'moved', when)).items.length, now.items.length, 'it is there after a restart');
});

test('a file that was changed or cut off is refused, and one that was cut off is gone on with', async () => {
  await old.board('long');
  await publishLong(old, 'long', 8);
  run(from, ['export', 'long', '-o', at('long.hgb')]);
  const whole = readFileSync(at('long.hgb'));
  const frames = framesOf(whole);
  const rows = frames.filter((f) => f.kind === 'rows');
  assert.ok(rows.length >= 2, `${rows.length} pages`);
  assert.equal(whole.subarray(0, MAGIC.length).toString(), MAGIC.toString());
  assert.deepEqual(frame('head', frames[0].payload, START).bytes, frames[0].bytes, 'the file is as docs/backup.md says');

  const changed = Buffer.from(whole);
  changed[rows[1].at + 1_000] ^= 1;
  writeFileSync(at('changed.hgb'), changed);
  assert.match(run(from, ['verify', at('changed.hgb')], 1), /hash/);
  assert.match(run(to, ['import', at('changed.hgb')], 1), /hash/);
  assertProblem(await fresh.get('/v1/boards/long'), 404, 'board_not_found');

  writeFileSync(at('cut.hgb'), whole);
  truncateSync(at('cut.hgb'), rows[1].at + 5_000);
  assert.match(run(from, ['verify', at('cut.hgb')], 1), /cut off/);
  assert.match(run(to, ['import', at('cut.hgb')], 1), /cut off/);
  run(from, ['export', 'long', '-o', at('cut.hgb'), '--resume']);
  assert.ok(readFileSync(at('cut.hgb')).equals(whole), 'what is gone on with is as if it had not been cut off');
  assert.match(run(from, ['export', 'long', '-o', at('cut.hgb'), '--resume']), /whole already/);
});

test('an import that is cut off goes on, and until its end there is no board', async () => {
  const frames = framesOf(readFileSync(at('long.hgb')));
  const [head, first, second] = frames;
  const send = (bytes, board = 'later') => fresh.post(`/v1/boards/${board}/import`, bytes, BYTES);
  const digest = ({ bytes }) => bytes.subarray(-32).toString('hex');

  assertProblem(await send(first.bytes), 422, 'backup_damaged');
  assert.deepEqual((await ok(send(head.bytes))).digest, digest(head));
  assertProblem(await send(second.bytes), 422, 'backup_damaged');
  const taken = await ok(send(first.bytes));
  assert.deepEqual([taken.digest, taken.done], [digest(first), false]);
  await to.kill9();
  await to.restart();
  assert.deepEqual(await ok(send(head.bytes)), taken, 'the first frame says how far it is');
  assert.deepEqual(await ok(send(first.bytes)), taken, 'a frame that was taken is answered the same');

  assertProblem(await fresh.get('/v1/boards/later'), 404, 'board_not_found');
  assertProblem(await fresh.events('later', { key: 'a' }), 404, 'board_not_found');
  assertProblem(await fresh.put('/v1/boards/later', { title: 'Mine' }), 409, 'import_unfinished');
  const other = frame('head', JSON.stringify({ ...JSON.parse(head.payload), time: 1 }));
  assertProblem(await send(other.bytes), 409, 'import_unfinished');
  const tampered = Buffer.from(second.bytes);
  tampered[100] ^= 1;
  assertProblem(await send(tampered), 422, 'backup_damaged');

  assert.match(run(to, ['import', at('long.hgb'), '--name', 'later']), /is there/);
  const [was, is] = [await old.items('long'), await fresh.items('later')];
  assert.equal(is.cursor, was.cursor);
  assert.deepEqual([...is.items], [...was.items]);
  assertProblem(await send(head.bytes, 'later').then((answer) => (answer.status === 200 ? send(second.bytes) : answer)), 409, 'board_exists');

  // One that nobody ends is given up, and begun anew.
  await ok(send(head.bytes, 'never'));
  await ok(send(first.bytes, 'never'));
  assert.equal((await fresh.delete('/v1/boards/never')).status, 204);
  assertProblem(await fresh.delete('/v1/boards/never'), 404, 'board_not_found');
  assert.equal((await ok(send(head.bytes, 'never'))).rows, 0);
  run(to, ['import', at('long.hgb'), '--name', 'never', '--restart', '--new-cursors']);
  const renewed = await fresh.items('never');
  assert.notEqual(epoch(renewed.cursor), epoch(was.cursor));
  assert.equal(seq(renewed.cursor), seq(was.cursor));
});

test('a board is as it was at a cursor and at a time', async () => {
  await old.board('then');
  await old.publish('then', events(0));
  const { cursor } = await old.publish('then', events(1));
  const then = await old.items('then');
  await sleep(50);
  const time = new Date().toISOString();
  await sleep(50);
  await ok(old.delete('/v1/boards/then/items/over'));
  await old.publish('then', events(2));
  run(from, ['export', 'then', '-o', at('then.hgb')]);
  for (const [name, upto] of [['at-a-cursor', cursor], ['at-a-time', time]]) {
    run(to, ['import', at('then.hgb'), '--name', name, '--upto', upto]);
    const now = await fresh.items(name);
    assert.deepEqual([...now.items], [...then.items], name);
    assert.equal(seq(now.cursor), seq(cursor), name);
    assert.notEqual(epoch(now.cursor), epoch(cursor), 'a cursor of after then leads nowhere');
  }
  run(from, ['export', 'then', '-o', at('less.hgb'), '--upto', cursor]);
  run(to, ['import', at('less.hgb'), '--name', 'less']);
  assert.deepEqual([...(await fresh.items('less')).items], [...then.items]);
});

test('a board whose log lost its beginning is not exported', async () => {
  await old.board('short', { keep_mib: 16 });
  await eventually(async () => {
    await publishLong(old, 'short', 4);
    return (await old.get('/v1/boards/short/export')).status === 409;
  }, 'the log to lose its beginning', 60_000);
  assertProblem(await old.get('/v1/boards/short/export'), 409, 'log_pruned');
  assertProblem(await old.get('/v1/boards/short/export?after=0'), 409, 'log_pruned');
  assertProblem(await old.get('/v1/boards/short/export?after=x'), 400, 'invalid_parameter');
});
