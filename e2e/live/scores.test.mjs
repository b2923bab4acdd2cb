// Scoreboards over REST and the feed: rules, moves, groups, corrections, rule changes, restarts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { Scoreboard } from './support/scoreboard.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const SUM = { columns: [{ name: 'points', op: 'sum', field: 'points' }] };
const score = (key, points, more = {}) => ({ key, fields: { points, ...more } });
const scores = async (board, query = '', client = admin) => {
  const { status, body } = await client.get(`/v1/boards/${board}/scores${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const table = (rows) => rows.map((row) => [row.rank, row.key, ...row.values]);

test('scores are ranked by the rules, ties by who got there first', async () => {
  const board = await admin.board('first', { scores: SUM });
  await admin.publish(board, [
    { ...score('ann', 3), time: 1_700_000_000_000 },
    { ...score('bob', 5), time: 1_700_000_001_000 },
    { ...score('ann', 2), time: 1_700_000_003_000 },
    { ...score('cid', 5), time: 1_700_000_002_000 },
  ]);
  const { rows, total, about, columns } = await scores(board);
  assert.deepEqual(table(rows), [[1, 'bob', 5], [2, 'cid', 5], [3, 'ann', 5]]);
  assert.deepEqual(rows.map((row) => row.tied), [true, true, true]);
  assert.deepEqual([total, columns, about.ties, about.frozen], [3, ['points'], 'first_to_reach', false]);
});

test('shared and dense ranks, groups, pages, around and CSV', async () => {
  const rules = { ...SUM, ties: 'shared', groups: ['team'] };
  const board = await admin.board('groups', { scores: rules });
  await admin.publish(board, [
    score('a', 9, { team: 'red' }),
    score('b', 7, { team: 'blue', name: '=HYPERLINK("x")' }),
    score('c', 7, { team: 'red' }),
    score('d', 1, { team: 'blue' }),
  ]);
  assert.deepEqual(table((await scores(board)).rows), [[1, 'a', 9], [2, 'b', 7], [2, 'c', 7], [4, 'd', 1]]);
  assert.deepEqual(table((await scores(board, '?group=team:blue')).rows), [[1, 'b', 7], [2, 'd', 1]]);
  assert.deepEqual((await scores(board)).about.groups, { team: ['blue', 'red'] });
  const page = await scores(board, '?top=1&offset=2&around=c&span=1');
  assert.deepEqual(table(page.rows), [[2, 'c', 7]]);
  assert.deepEqual([page.next, page.total], [3, 4]);
  assert.deepEqual(table(page.around), [[2, 'b', 7], [2, 'c', 7], [4, 'd', 1]]);
  const csv = await admin.get(`/v1/boards/${board}/scores?format=csv`);
  assert.match(csv.headers.get('content-type'), /^text\/csv/);
  assert.ok(csv.body.includes(`2,"b","'=HYPERLINK(""x"")",7,true`), csv.body);
  await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'public', scores: { ...rules, ties: 'dense' } });
  assert.deepEqual(table((await scores(board)).rows), [[1, 'a', 9], [2, 'b', 7], [2, 'c', 7], [3, 'd', 1]]);
});

test('the ETag is the cursor: 304 while nothing changed; a cursor that has passed has the standings of then', async () => {
  const board = await admin.board('etag', { scores: SUM });
  const { cursor } = await admin.publish(board, [score('a', 1)]);
  const first = await admin.get(`/v1/boards/${board}/scores`);
  // Beside the cursor the tag says as whom it was read.
  const etag = first.headers.get('etag');
  assert.ok(etag.startsWith(`"${cursor}`), etag);
  assert.equal((await admin.get(`/v1/boards/${board}/scores`, { 'if-none-match': etag })).status, 304);
  assert.equal((await admin.get(`/v1/boards/${board}/scores?at=${cursor}`)).status, 200);
  await admin.publish(board, [score('a', 1)]);
  const then = await admin.get(`/v1/boards/${board}/scores?at=${cursor}`);
  assert.deepEqual([table(then.body.rows), then.body.cursor], [[[1, 'a', 1]], cursor]);
  assert.deepEqual(table((await scores(board)).rows), [[1, 'a', 2]]);
  assert.deepEqual((await admin.get(`/v1/boards/${board}/scores?at=${cursor.replace(/\d+$/, '0')}`)).body.rows, []);
});

test('viewers get moves, and the copy is what REST says; far rows are not told', async () => {
  const board = await admin.board('moves', { scores: SUM, tick_ms: 20 });
  await admin.publish(board, Array.from({ length: 200 }, (_, i) => score(`p${i}`, 1_000 - i)));
  const feed = await Feed.open(server, board);
  const top = await Scoreboard.open(feed, 1, { top: 10, around: 'p150', span: 1 });
  assert.deepEqual(top.keys(), Array.from({ length: 10 }, (_, i) => `p${i}`));
  assert.deepEqual(top.around.map((row) => row.key), ['p149', 'p150', 'p151']);
  await admin.publish(board, [score('p199', 500, { name: 'Zoe' }), score('p3', 2)]);
  await top.until((t) => t.keys().join().startsWith('p199,p0,p1,p3,p2'), 'Zoe leads and p3 passes one');
  assert.equal(top.top[0].name, 'Zoe');
  const rest = await scores(board, '?top=10&around=p150&span=1');
  await top.until((t) => t.cursor === rest.cursor, 'the same cursor');
  assert.deepEqual(top.top.map((r) => [r.key, ...r.values]), rest.rows.map((r) => [r.key, ...r.values]));
  assert.deepEqual(top.around.map((r) => r.key), rest.around.map((r) => r.key));
  // A row far below moves: nobody who does not see it is told.
  const far = await Feed.open(server, board);
  const other = await Scoreboard.open(far, 1, { top: 10 });
  await admin.publish(board, [score('p120', 1)]);
  await admin.publish(board, [score('p0', 1)]);
  await other.until((t) => t.top[1].values[0] === 1_001, 'p0 has more');
  assert.equal(other.frames, 2, 'the snapshot, and one frame for p0');
  feed.drop();
  far.drop();
});

test('a wrong rule and a wrong parameter are named', async () => {
  const put = (scores, more = {}) => admin.put('/v1/boards/wrong', { title: 'w', scores, ...more });
  const fields = async (answer) => ((await answer).body.errors ?? []).map((e) => e.field);
  assert.deepEqual(await fields(put({ columns: [] })), ['scores.columns']);
  assert.deepEqual(await fields(put({ columns: [{ name: 'a', op: 'sum' }] })), ['scores.columns[0].field']);
  assert.deepEqual(await fields(put({ columns: [{ name: 'a', op: 'median', field: 'x' }] })), ['scores.columns[0].op']);
  const zone = { ...SUM, window: { kind: 'calendar', period: 'day', zone: 'Mars/Olympus' } };
  assert.deepEqual(await fields(put(zone)), ['scores.window.zone']);
  assert.deepEqual(await fields(put(SUM, { players: { bounds: { points: [5, 1] } } })), ['players.bounds.points']);
  const board = await admin.board('params', { scores: SUM });
  for (const query of ['top=x', 'group=team', 'page=1', 'span=51']) {
    const { status, body } = await admin.get(`/v1/boards/${board}/scores?${query}`);
    assert.deepEqual([status, body.errors[0].field], [400, query.split('=')[0]]);
  }
  assert.equal((await admin.get(`/v1/boards/${board}/scores?session=nope`)).body.code, 'session_not_found');
  const none = await admin.board('plain-board');
  assert.equal((await admin.get(`/v1/boards/${none}/scores`)).body.code, 'no_scoreboard');
});

test('a manager undoes, adjusts, disqualifies and restores; all of it is in the audit and survives a kill', async () => {
  const board = await admin.board('mend', { scores: SUM });
  const act = async (body) => {
    const answer = await admin.post(`/v1/boards/${board}/scores/actions`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  await admin.publish(board, [score('a', 5), score('b', 3), score('a', 100), score('c', 1)]);
  const { body } = await admin.get(`/v1/boards/${board}/scores/a/entries`);
  assert.deepEqual(body.entries.map((e) => [e.fields.points, e.undone]), [[100, false], [5, false]]);
  await act({ action: 'undo', seq: body.entries[0].seq, reason: 'typed twice' });
  await act({ action: 'adjust', key: 'b', column: 'points', by: 0.5, reason: 'bonus' });
  await act({ action: 'disqualify', key: 'c', reason: 'asked to leave' });
  const expected = [[1, 'a', 5], [2, 'b', 3.5]];
  assert.deepEqual(table((await scores(board)).rows), expected);
  await server.kill9();
  await server.restart();
  assert.deepEqual(table((await scores(board)).rows), expected);
  await act({ action: 'restore', key: 'c', reason: 'was somebody else' });
  assert.deepEqual(table((await scores(board)).rows), [...expected, [3, 'c', 1]]);
  const audit = await admin.get(`/v1/boards/${board}/scores/audit`);
  const corrections = audit.body.actions.filter((a) => a.action !== 'rules');
  assert.deepEqual(corrections.map((a) => a.action), ['undo', 'adjust', 'disqualify', 'restore']);
  assert.deepEqual([corrections[0].reason, corrections[0].by], ['typed twice', 'admin']);
  for (const [wish, field] of [
    [{ action: 'undo', seq: 1, reason: '' }, 'reason'],
    [{ action: 'adjust', key: 'b', column: 'wins', by: 1, reason: 'x' }, 'column'],
    [{ action: 'adjust', key: 'nobody', column: 'points', by: 1, reason: 'x' }, 'key'],
    [{ action: 'undo', seq: 10_000, reason: 'x' }, 'seq'],
  ]) {
    const { status, body } = await admin.post(`/v1/boards/${board}/scores/actions`, wish);
    assert.deepEqual([status, body.errors[0].field], [422, field], JSON.stringify(body));
  }
  const token = (await admin.post('/v1/tokens', { grants: [{ board, operations: ['read', 'publish'], keys: ['*'] }] })).body.token;
  const refused = await admin.as(token).post(`/v1/boards/${board}/scores/actions`, { action: 'undo', seq: 1, reason: 'x' });
  assert.equal(refused.status, 403);
});

test('a changed rule counts the log anew while the old ranking stays up, and the switch is one cursor', async () => {
  const board = await admin.board('change', { scores: SUM, tick_ms: 20 });
  for (let i = 0; i < 60; i += 1) {
    await admin.publish(board, Array.from({ length: 100 }, (_, k) => score(`p${k}`, (k * 7 + i) % 13)));
  }
  const feed = await Feed.open(server, board);
  const top = await Scoreboard.open(feed, 1, { top: 3 });
  const before = await scores(board);
  const best = { columns: [{ name: 'best', op: 'best', field: 'points' }, { name: 'n', op: 'count' }] };
  await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'public', tick_ms: 20, scores: best });
  await eventually(async () => (await scores(board)).columns[0] === 'best', 'the new rules');
  const now = await scores(board);
  assert.equal(Number(now.cursor.split(':')[1]), Number(before.cursor.split(':')[1]) + 1);
  assert.deepEqual(now.rows[0].values, [12, 60]);
  await top.until((t) => t.about.columns[0].name === 'best' && t.top[0]?.values[0] === 12, 'viewers see the new rules');
  feed.drop();
});

test('a long log is counted anew in the background after a restart, and all of it is', async () => {
  const board = await admin.board('long', { scores: SUM, tick_ms: 20 });
  const sent = new Map();
  const worker = async (w) => {
    for (let i = 0; i < 260; i += 1) {
      const key = `p${(w * 31 + i) % 40}`;
      sent.set(key, (sent.get(key) ?? 0) + 1);
      await admin.publish(board, score(key, 1));
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, w) => worker(w)));
  await server.kill9();
  await server.restart();
  const feed = await Feed.open(server, board);
  const top = await Scoreboard.open(feed, 1, { top: 50 });
  await eventually(async () => (await scores(board)).about.rebuilding === null, 'the ranking is made');
  const { rows } = await scores(board, '?top=100');
  assert.deepEqual(new Map(rows.map((row) => [row.key, row.values[0]]).sort()), new Map([...sent].sort()));
  await top.until((t) => t.top.length === 40 && t.about.rebuilding === null, 'viewers see all of it');
  feed.drop();
});

test('a restart makes the same ranking from the log, and viewers go on', async () => {
  const board = await admin.board('restart', { scores: { ...SUM, everyone: true }, tick_ms: 20 });
  await admin.publish(board, Array.from({ length: 500 }, (_, i) => score(`p${i % 50}`, i % 7)));
  await admin.publish(board, [{ key: 'newcomer', fields: { name: 'New' } }]);
  const before = await scores(board, '?top=100');
  assert.equal(before.rows.at(-1).key, 'newcomer');
  await server.kill9();
  await server.restart();
  const now = await scores(board, '?top=100');
  assert.deepEqual(now.rows, before.rows);
  assert.equal(now.cursor, before.cursor);
  const feed = await Feed.open(server, board);
  const top = await Scoreboard.open(feed, 1, { top: 5 });
  await admin.publish(board, [score('newcomer', 5_000)]);
  await top.until((t) => t.top[0].key === 'newcomer' && t.top[0].name === 'New', 'the newcomer leads');
  feed.drop();
});
