// What a board does by itself: it prunes when nobody sends anything, says that its storage is nearly full and refuses
// before it is, and goes on after an alarm that failed.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { startLimited } from './support/limits.mjs';
import { forgetPeak, peakMib } from './support/process.mjs';
import { stored } from './support/stored.mjs';
import { eventually } from './support/wait.mjs';

const DAY = 86_400_000;
const JSON_LINES = { 'content-type': 'application/x-ndjson' };

async function keysInLog(admin, board) {
  const page = await admin.get(`/v1/boards/${board}/events?limit=1000`);
  return page.body.events.map((e) => e.key);
}

/** About so many MiB of events, as lines; no text comes twice. */
function bulk(mib, key = 'k') {
  const event = () => {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, randomBytes(500).toString('hex')]));
    return JSON.stringify({ key, fields });
  };
  return Array.from({ length: Math.ceil((mib * 1024 * 1024) / event().length) }, event).join('\n');
}

const withStorage = (mib) => (text) => {
  const place = /\(name = "HELIOGRAPH_PRIVATE_TARGETS"/;
  assert.match(text, place);
  return text.replace(place, (old) => `(name = "HELIOGRAPH_STORAGE_MIB", text = "${mib}"),\n    ${old}`);
};

test('f16_an_idle_board_prunes_what_is_older_than_keep_days', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('idle', { keep_days: 1 });
  for (const key of ['old1', 'old2', 'old3', 'new']) await admin.publish(board, { key });
  await server.kill9();
  stored(server, `UPDATE log SET at = at - ${3 * DAY} WHERE last <= 3`);
  await server.restart();
  // One look wakes it; nothing is sent any more.
  await admin.items(board);
  await eventually(async () => (await keysInLog(admin, board)).join() === 'new', 'the old rows are gone', 15_000);
  assert.deepEqual([...(await admin.items(board)).items.keys()], ['old1', 'old2', 'old3', 'new']);
  assertProblem(await admin.get(`/v1/boards/${board}/events?after=1`), 410, 'events_gone');
  await server.restart();
  assert.equal((await admin.items(board)).items.size, 4);
});

test('f16_a_board_keeps_no_more_than_keep_mib', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('small', { keep_mib: 16 });
  for (let i = 0; i < 12; i += 1) {
    const answer = await admin.events(board, bulk(5), JSON_LINES);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  await eventually(async () => {
    const first = await admin.get(`/v1/boards/${board}/events?after=1`);
    return first.status === 410;
  }, 'the oldest rows are gone');
});

test('f25_storage_that_is_nearly_full_is_said_and_then_refused_before_anything_is_written', async (t) => {
  const server = await startServer({ config: withStorage(32) });
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('full');
  const states = new Set();
  let refused;
  for (let i = 0; refused === undefined; i += 1) {
    assert.ok(i < 60, 'storage fills');
    const answer = await admin.events(board, bulk(1, `k${i}`), JSON_LINES);
    if (answer.status !== 200) refused = answer;
    const { storage } = (await admin.get(`/v1/boards/${board}/summary`)).body;
    states.add(storage?.state ?? 'roomy');
    await sleep(60);
  }
  assertProblem(refused, 507, 'storage_full');
  await sleep(1_100);
  states.add((await admin.get(`/v1/boards/${board}/summary`)).body.storage?.state);
  assert.ok(states.has('roomy') && states.has('nearly_full'), [...states].join());
  const before = await keysInLog(admin, board);
  assertProblem(await admin.events(board, bulk(1, 'late'), { ...JSON_LINES, 'idempotency-key': 'late' }), 507, 'storage_full');
  assert.deepEqual(await keysInLog(admin, board), before);
  assert.equal((await admin.items(board)).items.has('late'), false);
  await server.restart();
  assertProblem(await admin.events(board, bulk(1, 'late'), JSON_LINES), 507, 'storage_full');
  // Deleting makes room at once.
  assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204);
  await admin.board('full');
  await admin.publish(board, { key: 'again' });
  assert.deepEqual(await keysInLog(admin, board), ['again']);
});

test('f23_an_alarm_that_fails_is_tried_again', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('alarm', { scores: { columns: [{ name: 'n', op: 'count' }] }, sessions: {} });
  const made = await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'S', opens_at: Date.now() + 2_500 });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await sleep(300);
  await server.failWrite(1, { of: 'Board' });
  const opened = async () => {
    const { writes } = await server.sqlWrites();
    return writes.filter((w) => w.of === 'Board' && /INSERT INTO log/.test(w.statement)).length >= 2;
  };
  // Nobody asks the board anything: its alarm comes, fails, and comes again.
  await eventually(opened, 'the session is opened at the second try', 20_000);
  const { body } = await admin.get(`/v1/boards/${board}/sessions`);
  assert.equal(body.sessions[0].phase, 'open', JSON.stringify(body));
});

test('f5_one_event_of_a_long_log_is_read_without_the_log', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('long');
  // Enough for a checkpoint, then rows with the same events, as if they were part of it.
  let last = 0;
  for (let i = 0; i < 7; i += 1) {
    const { body } = await admin.events(board, bulk(1.4), JSON_LINES);
    last = Number(body.cursor.split(':')[1]);
  }
  await server.kill9();
  const each = last / 7;
  const numbers = Array.from({ length: 220 }, (_, i) => last + i * each);
  stored(server, ...[
    ...numbers.map((n) => `INSERT INTO log (last, first, at, batch) SELECT ${n} + last, ${n} + first, at, batch FROM log WHERE first = 1`),
    `UPDATE checkpoint SET seq = ${last + 220 * each}`,
    `INSERT OR REPLACE INTO rollup_floor (one, seq) VALUES (1, ${last + 220 * each})`,
  ]);
  await server.restart();
  await admin.items(board);
  await sleep(1_000);
  forgetPeak(server.pid);
  const before = peakMib(server.pid);
  const page = await new Client(server, null).get(`/v1/boards/${board}/events?limit=1`);
  assert.equal(page.status, 200, JSON.stringify(page.body));
  assert.equal(page.body.events.length, 1);
  const more = peakMib(server.pid) - before;
  t.diagnostic(`events?limit=1 took ${more.toFixed(1)} MiB more`);
  assert.ok(more <= 16, `${more} MiB`);
});

/** The standings of a board as `[key, value]`. */
async function standings(admin, board) {
  const { status, body } = await admin.get(`/v1/boards/${board}/scores`);
  assert.equal(status, 200, JSON.stringify(body));
  return body.rows.map((row) => [row.key, row.values[0]]);
}

test('f16_an_idle_scoreboard_prunes_and_its_ranking_stays_what_it_was', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const rules = { columns: [{ name: 'points', op: 'sum', field: 'points' }] };
  const board = await admin.board('cup', { keep_days: 1, scores: rules });
  for (const [key, points] of [['a', 1], ['b', 2], ['a', 3]]) await admin.publish(board, { key, fields: { points } });
  await server.kill9();
  stored(server, ...[`UPDATE log SET at = at - ${3 * DAY}`]);
  await server.restart();
  await admin.items(board);
  await eventually(async () => (await keysInLog(admin, board)).length === 0, 'the old rows are gone', 15_000);
  assert.deepEqual(await standings(admin, board), [['a', 4], ['b', 2]]);
  await admin.publish(board, [{ key: 'b', fields: { points: 10 } }, { key: 'c', fields: { points: 5 } }]);
  await server.kill9();
  await server.restart();
  const now = [['b', 12], ['c', 5], ['a', 4]];
  assert.deepEqual(await standings(admin, board), now);
  // A sum is made anew for this: from what is kept of the ranking, and the log after it.
  const { body } = await admin.get(`/v1/boards/${board}/scores/b/entries`);
  assert.equal(body.entries.length, 1, 'what is gone from the log is not told one by one');
  const undo = (seq) => admin.post(`/v1/boards/${board}/scores/actions`, { action: 'undo', seq, reason: 'x' });
  assert.equal((await undo(body.entries[0].seq)).status, 200);
  const undone = [['c', 5], ['a', 4], ['b', 2]];
  await eventually(async () => JSON.stringify(await standings(admin, board)) === JSON.stringify(undone), 'it is undone');
  assertProblem(await undo(2), 404, 'event_not_found');
  await server.kill9();
  await server.restart();
  assert.deepEqual(await standings(admin, board), undone);
});

test('f16_a_scoreboard_keeps_no_more_than_keep_mib_and_counts_what_is_gone', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('long', { keep_mib: 16, scores: { columns: [{ name: 'n', op: 'count' }] } });
  let sent = 0;
  for (let i = 0; i < 12; i += 1) {
    const lines = bulk(5, `k${i % 2}`);
    sent += lines.split('\n').length;
    const answer = await admin.events(board, lines, JSON_LINES);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  await eventually(async () => (await admin.get(`/v1/boards/${board}/events?after=1`)).status === 410, 'the oldest rows are gone', 20_000);
  const counted = async () => (await standings(admin, board)).map(([, n]) => n).reduce((a, b) => a + b, 0);
  assert.equal(await counted(), sent);
  await server.kill9();
  await server.restart();
  // What came after the checkpoint is counted in the background.
  await eventually(async () => (await counted()) === sent, 'all is counted again');
  await admin.publish(board, { key: 'k0' });
  const { body } = await admin.get(`/v1/boards/${board}/scores/k0/entries`);
  const undo = { action: 'undo', seq: body.entries[0].seq, reason: 'x' };
  assert.equal((await admin.post(`/v1/boards/${board}/scores/actions`, undo)).status, 200);
  await eventually(async () => (await counted()) === sent, 'made anew without what is gone from the log');
});

test('f16_a_board_that_prunes_is_killed_and_goes_on_is_what_one_is_that_keeps_everything', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const rules = {
    scores: { columns: [{ name: 'points', op: 'best', field: 'points' }, { name: 'n', op: 'count' }] },
    sessions: { required: false },
  };
  const boards = [await admin.board('pruned', { ...rules, keep_mib: 16 }), await admin.board('whole', rules)];
  const each = (act) => Promise.all(boards.map(act));
  const begin = Date.now() - 3_600_000;
  let at = begin;
  const round = (i) =>
    Array.from({ length: 50 }, (_, j) => {
      at += 1_000;
      const texts = Object.fromEntries(Array.from({ length: 50 }, (_, f) => [`t${f}`, randomBytes(500).toString('hex')]));
      return JSON.stringify({ key: `k${(i * 7 + j * 3) % 11}`, time: at, fields: { points: (i * 13 + j * 5) % 101, ...texts } });
    }).join('\n');
  const act = (path, request) =>
    each(async (b) => {
      const { status, body } = await admin.post(`/v1/boards/${b}/${path}`, request);
      assert.ok(status === 200 || status === 201, JSON.stringify(body));
      return body;
    });
  const session = (action, body = {}) => act('sessions/s1', { action, ...body });
  /** All that each board says, to managers and to others. */
  const said = async (board) => {
    const views = ['items', 'scores?top=50', 'items/k3/series?field=points&step=1m', 'series?field=points&step=10m'];
    const found = [];
    for (const who of [admin, admin.as(null)]) {
      for (const view of views) {
        const { status, body } = await who.get(`/v1/boards/${board}/${view}`);
        // A cursor names its board's life.
        found.push([view, status, JSON.parse(JSON.stringify(body).replaceAll(/"[0-9a-z]+:(\d+)"/g, '"cursor:$1"'))]);
      }
    }
    return found;
  };
  const compare = async (when) => {
    const counted = async (b) => !(await admin.get(`/v1/boards/${b}/scores`)).body.about.rebuilding;
    await eventually(async () => (await each(counted)).every(Boolean), 'the rankings are up');
    const [pruned, whole] = await each(said);
    assert.deepEqual(pruned, whole, when);
    assert.ok(pruned.every(([, status]) => status === 200) && pruned[1][2].rows.length === 11, when);
    return pruned;
  };
  await act('sessions', { id: 's1', title: 'One' });
  await session('open', { at: begin });
  for (let i = 0; i < 14; i += 1) {
    const lines = round(i);
    for (const { status, body } of await each((b) => admin.events(b, lines, JSON_LINES))) {
      assert.equal(status, 200, JSON.stringify(body));
    }
    if (i === 9) await session('freeze', { at: at + 500 });
    if (i % 3 === 2) {
      await compare(`round ${i}`);
      await server.kill9();
      await server.restart();
      await compare(`round ${i}, after a kill`);
    }
  }
  const gone = async () => (await admin.get(`/v1/boards/${boards[0]}/events?after=1`)).status === 410;
  await eventually(gone, 'the oldest rows are gone', 20_000);
  const frozen = await compare('pruned');
  assert.notDeepEqual(frozen[1], frozen[5], 'the public sees another ranking');
  const { body } = await admin.get(`/v1/boards/${boards[0]}/scores/k3/entries`);
  await act('scores/actions', { action: 'undo', seq: body.entries[0].seq, reason: 'made anew, one of them from its base' });
  assert.notDeepEqual(await compare('undone'), frozen);
  await session('reveal');
  await compare('revealed');
  await server.kill9();
  await server.restart();
  await compare('revealed, after a kill');
});
