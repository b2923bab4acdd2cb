// @heliograph/client against the real worker: the feed, its end and its return, tokens, rankings, REST.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import WebSocket from 'ws';

import { ROOT, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

const PACKAGE = join(ROOT, 'clients/js');

let server;
let admin;
let client;

before(async () => {
  const built = spawnSync(process.execPath, ['build.mjs'], { cwd: PACKAGE, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);
  client = await import(pathToFileURL(join(PACKAGE, 'dist/index.js')));
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** A feed that ends with the test, and remembers what it was told. */
function feed(t, board, options = {}) {
  const opened = client.connect({ url: server.url, board, WebSocket, ...options });
  opened.states = [];
  opened.errors = [];
  opened.on('status', (status) => opened.states.push(status.state));
  opened.on('error', (error) => opened.errors.push(error));
  t.after(() => opened.close());
  return opened;
}

const at = (lat, lon) => ({ position: { lat, lon } });
const rejects = (promise, code, more = {}) => assert.rejects(promise, (e) => {
  assert.ok(e instanceof client.HeliographError, String(e));
  assert.deepEqual({ code: e.code, ...Object.fromEntries(Object.keys(more).map((name) => [name, e[name]])) }, { code, ...more });
  return true;
});

test('the_tests_of_the_package_pass', () => {
  const tests = readdirSync(join(PACKAGE, 'test')).filter((name) => name.endsWith('.test.mjs')).map((name) => join(PACKAGE, 'test', name));
  // A test of a test would be taken for its part.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { status, stdout } = spawnSync(process.execPath, ['--test', ...tests], { cwd: PACKAGE, encoding: 'utf8', env });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /pass [6-9]\d/);
});

test('l1_s1_ready_means_that_the_items_are_there_and_changes_follow', async (t) => {
  const board = await admin.board('js-items');
  await admin.publish(board, [{ key: 'a', ...at(1, 2), fields: { n: 1, gone: 'x' } }, { key: 'b' }]);
  const items = feed(t, board).items();
  assert.equal(items.size, 0);
  await items.ready;
  assert.deepEqual([...items].map((item) => item.key).sort(), ['a', 'b']);
  const before = items.list();
  const changes = [];
  items.on('change', (change) => changes.push(change));
  await admin.publish(board, { key: 'a', fields: { n: 2, gone: null } });
  await eventually(() => items.get('a').fields.n === 2, () => JSON.stringify(items.get('a')));
  assert.deepEqual(items.get('a').fields, { n: 2 });
  assert.deepEqual(items.get('a').position, { lat: 1, lon: 2 });
  assert.notEqual(items.list(), before);
  await admin.delete(`/v1/boards/${board}/items/b`);
  await eventually(() => !items.get('b'), 'b ends');
  assert.deepEqual(changes.at(-1).removed, ['b']);
  const { items: wanted } = await admin.items(board);
  assert.deepEqual(items.get('a').fields, wanted.get('a').fields);
});

test('s2_s3_what_is_followed_changes_live_and_an_update_resolves_when_it_is_there', async (t) => {
  const board = await admin.board('js-box');
  await admin.publish(board, [{ key: 'a', ...at(1, 1) }, { key: 'b', ...at(9, 9) }, { key: 'c', ...at(1.5, 1.5) }]);
  const opened = feed(t, board);
  const items = opened.items({ bbox: [0, 0, 2, 2] });
  await items.ready;
  assert.deepEqual([...items].map((i) => i.key).sort(), ['a', 'c']);
  await admin.publish(board, [{ key: 'c', ...at(20, 20) }, { key: 'b', ...at(1, 1.2) }]);
  await eventually(() => !items.get('c') && items.get('b'), 'c leaves the box and b enters');
  await items.update({ keys: ['c', 'later'] });
  assert.deepEqual([...items].map((i) => i.key), ['c']);
  await items.update({ keys: ['c', 'later'] });
  await admin.publish(board, { key: 'later', fields: { x: 1 } });
  await eventually(() => items.get('later')?.fields.x === 1, 'a key that did not exist is awaited');
  items.close();
  await admin.publish(board, { key: 'later', fields: { x: 2 } });
  const all = opened.items();
  await all.ready;
  await eventually(() => all.get('later').fields.x === 2, 'another subscription has the change');
  assert.equal(items.get('later').fields.x, 1, 'what was closed stays as it was');
});

test('s1_a_refusal_rejects_with_the_servers_code_and_the_rest_goes_on', async (t) => {
  const board = await admin.board('js-refused');
  await admin.publish(board, { key: 'a' });
  const opened = feed(t, board);
  const items = opened.items();
  await items.ready;
  await rejects(opened.items({ bbox: [0, 5, 1, 2] }).ready, 'invalid_bbox');
  await rejects(opened.scores({ group: 'nothing' }).ready, 'out_of_range');
  await rejects(items.update({ keys: ['\u0000'] }), 'invalid_key');
  await admin.publish(board, { key: 'b' });
  await eventually(() => items.get('b'), 'the earlier subscription goes on');
  assert.equal(opened.status.state, 'live');
});

test('r1_after_kill_9_and_a_restart_it_goes_on_by_itself_with_what_came_meanwhile', async (t) => {
  const board = await admin.board('js-kill');
  await admin.publish(board, [{ key: 'a', fields: { n: 1 } }, { key: 'quiet', fields: { n: 1 } }]);
  const opened = feed(t, board);
  const items = opened.items();
  await items.ready;
  const quiet = items.get('quiet');
  let resets = 0;
  items.on('change', (change) => (resets += change.reset));
  await server.kill9();
  await eventually(() => opened.status.state === 'waiting' || opened.status.state === 'connecting', () => opened.status.state);
  await server.restart();
  await admin.publish(board, { key: 'a', fields: { n: 2 } });
  opened.probe();
  await eventually(() => items.get('a').fields.n === 2, () => JSON.stringify([opened.status, items.get('a')]));
  assert.equal(opened.status.state, 'live');
  assert.equal(resets, 0, 'it resumed: there was no snapshot');
  assert.equal(items.get('quiet'), quiet);
});

test('r2_a_board_that_began_another_life_is_a_gap_that_is_told', async (t) => {
  const board = await admin.board('js-gap');
  await admin.publish(board, { key: 'a' });
  // A network that can be cut: the board is deleted and made again meanwhile.
  const sockets = [];
  class Cut extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
    }
  }
  const opened = feed(t, board, { WebSocket: Cut, fetch: () => Promise.reject(new Error('cut')) });
  const items = opened.items();
  await items.ready;
  let gaps = 0;
  items.on('gap', () => (gaps += 1));
  sockets[0].terminate();
  await eventually(() => opened.status.state === 'waiting', () => opened.status.state);
  await admin.delete(`/v1/boards/${board}`);
  await admin.board(board);
  await admin.publish(board, { key: 'z' });
  opened.probe();
  await eventually(() => items.get('z') && !items.get('a'), () => JSON.stringify([opened.status, [...items]]));
  assert.equal(gaps, 1);
});

test('l4_tokens_come_from_the_callback_are_renewed_in_the_open_feed_and_never_in_the_address', async (t) => {
  const board = await admin.board('js-token', { visibility: 'private' });
  await admin.publish(board, [{ key: 'a', fields: { n: 1 } }, { key: 'hidden' }]);
  const asked = [];
  const addresses = [];
  class Seen extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      addresses.push({ url, protocols });
    }
  }
  const token = async ({ reason }) => {
    asked.push(reason);
    return admin.token(board, ['read'], { keys: ['a'], ttl_s: 60 });
  };
  // The callback says that it ends soon, so that the renewal comes within the test.
  const short = async (request) => ({ token: await token(request), expires_at: Date.now() + 3_000 });
  const opened = feed(t, board, { token: short, WebSocket: Seen });
  const items = opened.items();
  await items.ready;
  assert.deepEqual([...items].map((i) => i.key), ['a']);
  await eventually(() => asked.length >= 2, () => JSON.stringify(asked), 10_000);
  await admin.publish(board, { key: 'a', fields: { n: 2 } });
  await eventually(() => items.get('a').fields.n === 2, 'the feed goes on under the new token');
  assert.deepEqual([addresses.length, opened.errors], [1, []]);
  assert.deepEqual(asked.slice(0, 2), ['needed', 'needed']);
  assert.equal(addresses[0].url, `${server.wsUrl}/v1/boards/${board}/feed`);
  assert.match(addresses[0].protocols[1], /^bearer\.ey/);
});

test('l4_a_token_that_ended_is_fetched_anew_and_one_that_is_refused_for_good_is_the_end', async (t) => {
  const board = await admin.board('js-denied', { visibility: 'private' });
  await admin.publish(board, { key: 'a' });
  // The first is wrong; the callback is told so, and gives a good one.
  const reasons = [];
  const mended = feed(t, board, {
    token: ({ reason }) => {
      reasons.push(reason);
      return reason === 'refused' ? admin.token(board, ['read']) : 'not.a.token';
    },
  });
  await mended.items().ready;
  assert.deepEqual(reasons, ['needed', 'refused']);

  const wrong = feed(t, board, { token: () => 'not.a.token' });
  await rejects(wrong.items().ready, 'token_invalid', { status: 401 });
  assert.equal(wrong.status.state, 'stopped');
  await rejects(wrong.publish({ key: 'a' }), 'token_invalid');
  await rejects(wrong.items().ready, 'token_invalid');

  const other = feed(t, board, { token: () => admin.token('another-board', ['read']) });
  await rejects(other.items().ready, 'forbidden', { status: 403 });
  const nobody = feed(t, board);
  await rejects(nobody.items().ready, 'credential_missing', { status: 401 });
  const denied = feed(t, board, { token: () => null });
  await rejects(denied.items().ready, 'no_token');
  // Whether a board is not there or not for everybody is told to nobody without a credential.
  const nowhere = feed(t, 'js-nowhere');
  await rejects(nowhere.items().ready, 'credential_missing', { status: 401 });
});

test('f6_a_subscription_at_its_own_pace_gets_at_most_one_change_in_that_time', async (t) => {
  const board = await admin.board('js-pace');
  await admin.publish(board, { key: 'a', fields: { n: 0 } });
  const items = feed(t, board).items({ every_ms: 700 });
  await items.ready;
  const times = [];
  items.on('change', () => times.push(performance.now()));
  for (let n = 1; n <= 15; n++) {
    await admin.publish(board, { key: 'a', fields: { n } });
    await new Promise((done) => setTimeout(done, 100));
  }
  await eventually(() => items.get('a').fields.n === 15, 'the last one');
  assert.ok(times.length >= 2 && times.slice(1).every((time, i) => time - times[i] > 600), JSON.stringify(times));
});

test('k1_a_board_that_is_deleted_ends_it_with_a_typed_error', async (t) => {
  const board = await admin.board('js-deleted');
  await admin.publish(board, { key: 'a' });
  const opened = feed(t, board);
  const items = opened.items();
  await items.ready;
  await admin.delete(`/v1/boards/${board}`);
  await eventually(() => opened.status.state === 'stopped', () => opened.status.state);
  assert.deepEqual([opened.status.error.code, opened.status.error.closeCode], ['board_deleted', 4502]);
  assert.equal(items.get('a').key, 'a', 'what was there stays readable');
});

test('events_are_published_by_the_feed_and_what_is_wrong_with_them_is_told', async (t) => {
  const board = await admin.board('js-publish', { visibility: 'private' });
  const opened = feed(t, board, { token: () => admin.token(board, ['read', 'publish']) });
  const items = opened.items();
  const answer = await opened.publish({ key: 'a', fields: { n: 1 } });
  assert.equal(answer.accepted, 1);
  await eventually(() => items.get('a'), 'what was published comes back');
  const refused = await opened.publish({ key: 'a', position: { lat: 95, lon: 0 } });
  assert.deepEqual([refused.refused, refused.results[0].field], [1, 'position.lat']);
  const reader = feed(t, board, { token: () => admin.token(board, ['read']) });
  await rejects(reader.publish({ key: 'a' }), 'forbidden');
});

test('g3_moves_of_a_ranking_lead_to_what_the_api_answers', async (t) => {
  const rules = { columns: [{ name: 'points', op: 'sum', field: 'points' }], ties: 'shared' };
  const board = await admin.board('js-scores', { scores: rules });
  const play = (names) => admin.publish(board, names.map((key, i) => ({ key, fields: { points: i + 1 } })));
  await play(['a', 'b', 'c', 'd', 'e']);
  const opened = feed(t, board);
  const scores = opened.scores({ top: 3, around: 'a', span: 1 });
  await scores.ready;
  let moves = 0;
  scores.on('change', (change) => (moves += !change.reset));
  const rest = client.rest({ url: server.url, board });
  for (const names of [['a'], ['e', 'd', 'a'], ['c', 'c', 'c'], ['b'], ['f', 'f', 'f', 'f', 'a']]) {
    await play(names);
    const page = await rest.scores({ top: 3, around: 'a', span: 1 });
    await eventually(() => {
      const { rows, around, total } = scores.ranking();
      return JSON.stringify([rows, around, total].map(sorted)) === JSON.stringify([page.rows, page.around, page.total].map(sorted));
    }, () => JSON.stringify([scores.ranking().rows, page.rows]));
  }
  assert.ok(moves >= 3, `${moves}`);
  await scores.update({ top: 1 });
  assert.deepEqual([scores.ranking().rows.length, scores.ranking().around.length], [1, 0]);
});

const deno = process.env.HELIOGRAPH_DENO;
test('it_runs_in_deno_with_its_own_sockets', { skip: !deno && 'HELIOGRAPH_DENO does not name a Deno' }, async (t) => {
  const board = await admin.board('js-deno');
  await admin.publish(board, { key: 'a', fields: { n: 1 } });
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-deno-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'main.ts');
  writeFileSync(file, `
    import { connect, rest } from '${pathToFileURL(join(PACKAGE, 'dist/index.js'))}';
    const options = { url: '${server.url}', board: '${board}' };
    const feed = connect(options);
    const items = feed.items();
    await items.ready;
    console.log(items.get('a').fields.n, (await rest(options).summary()).items);
    feed.close();
  `);
  const { status, stdout, stderr } = spawnSync(deno, ['run', '--allow-net', file], { encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '1 1\n');
});

/** The blocks of a page that are JavaScript and speak to a server here. */
function examples(page) {
  const blocks = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block);
  return blocks.filter((block) => block.includes('http://127.0.0.1:8787') || block.includes('feed.scores'));
}

test('the_examples_of_the_documentation_work_when_they_are_pasted', async (t) => {
  const views = { low_fuel: { title: 'Low', path: 'items', query: { where: ['route:eq:{route}'] }, parameters: { route: {} } } };
  await admin.board('fleet', { views, scores: { columns: [{ name: 'n', op: 'count' }] } });
  await admin.publish('fleet', [{ key: 'sim-01', ...at(1, 2), fields: { fuel: 10, route: '801' } }, { key: 'sim-02' }, { key: 'team-7' }]);
  const [follow, ranking, read] = examples('docs/clients.md');
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-docs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const run = (name, text) => {
    const file = join(folder, name);
    const own = text.replaceAll('http://127.0.0.1:8787', server.url).replaceAll(`'@heliograph/client'`, `'${pathToFileURL(join(PACKAGE, 'dist/index.js'))}'`);
    const socket = `import { createRequire } from 'node:module';\nglobalThis.WebSocket ??= createRequire('${join(ROOT, 'package.json')}')('ws');\n`;
    writeFileSync(file, `${socket}${own}`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 20_000 });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  // What goes on for ever in a page ends here after a moment.
  assert.match(run('follow.mjs', `${follow}\nfeed.close();`), /sim-01 \{ lat: 1, lon: 2 \} \{ (route: '801', fuel: 10|fuel: 10, route: '801') \}/);
  const wait = 'await scores.ready;\nfeed.close();';
  assert.match(run('ranking.mjs', `${follow.split('\n').slice(0, 3).join('\n')}\n${ranking}\n${wait}`), /^1 sim-01 \[ 1 \] true$/m);
  assert.equal(run('read.mjs', `${read}\nconsole.log(items[0].key, next, low.items.length);`), 'sim-01 null 1\n');
});

/** The same with names in order. */
const sorted = (value) => JSON.parse(JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v)));

test('rest_views_keep_etags_and_a_304_is_answered_from_what_is_there', async () => {
  const board = await admin.board('js-rest', {
    views: {
      few: { title: 'Few', path: 'items', query: { where: ['n:lt:{below}'], fields: 'n', format: 'csv' }, parameters: { below: { type: 'number' } } },
    },
  });
  await admin.publish(board, [{ key: 'a/ü', ...at(1, 2), fields: { n: 4 } }, { key: 'b', ...at(30, 30), fields: { n: 2 } }]);
  const statuses = [];
  const counting = async (...args) => {
    const answer = await fetch(...args);
    statuses.push(answer.status);
    return answer;
  };
  const rest = client.rest({ url: `${server.url}/`, board, fetch: counting });
  const first = await rest.items({ keys: ['a/ü', 'b'] });
  assert.deepEqual(first.items.map((i) => i.key), ['a/ü', 'b']);
  assert.equal(await rest.items({ keys: ['a/ü', 'b'] }), first, 'the same object');
  assert.deepEqual(statuses, [200, 304]);
  await admin.publish(board, { key: 'b', fields: { n: 3 } });
  await eventually(async () => (await rest.items({ keys: ['a/ü', 'b'] })).items[1].fields.n === 3, 'the change is seen');
  assert.equal((await rest.items({ bbox: [0, 0, 5, 5] })).items.length, 1);
  assert.equal((await rest.items({ where: ['n:ge:4', 'n:lt:5'] })).items.length, 1);
  assert.equal((await rest.item('a/ü')).fields.n, 4);
  assert.equal((await rest.summary()).items, 2);
  assert.deepEqual((await rest.views()).views.map((view) => view.name), ['few']);
  assert.match(await rest.view('few', { below: 4 }), /^"key",.*\r\n"b",/);
  await rejects(rest.view('few'), 'missing_parameter', { status: 400 });
  const series = await rest.itemSeries('b', { field: 'n', step: '1h' });
  assert.deepEqual([series.key, series.points.length > 0], ['b', true]);
  assert.equal((await rest.series({ group_by: 'key', field: 'n', step: '1h' })).groups.length, 2);
  const track = await rest.itemTrack('a/ü', { max_points: 10 });
  assert.deepEqual([track.key, track.fixes, track.gaps, track.points[0].slice(1, 3)], ['a/ü', 1, [], [1, 2]]);
  const trips = await rest.itemTrips('a/ü', { stop_s: 60 });
  assert.deepEqual([trips.key, trips.trips], ['a/ü', []]);
  await admin.put(`/v1/boards/${board}/alarms/rules/low`, { name: 'Low', severity: 'critical', where: ['n:lt:1'] });
  await rejects(rest.alarms(), 'credential_missing', { status: 401 });
  const managed = client.rest({ url: server.url, board, token: () => server.adminKey });
  assert.deepEqual((await managed.alarms()).alarms, []);
  await admin.publish(board, { key: 'b', fields: { n: 0 } });
  await eventually(async () => (await managed.alarms({ severity: 'critical' })).alarms.length === 1, 'the alarm stands');
  const [alarm] = (await managed.alarms({ key: 'b' })).alarms;
  assert.deepEqual([alarm.rule, alarm.acknowledged ?? null], ['low', null]);
  const seen = await managed.acknowledge(alarm.id);
  assert.deepEqual([seen.id, typeof seen.acknowledged.at], [alarm.id, 'number']);
  assert.deepEqual((await managed.alarms({ acknowledged: false })).alarms, []);
  assert.equal((await managed.alarmEvents({ kind: 'raise' })).events.at(-1).alarm, alarm.id);
  await rejects(managed.acknowledge(alarm.id + 1_000), 'not_found', { status: 404 });
  await rejects(rest.item('nobody'), 'item_not_found', { status: 404 });
  await rejects(rest.items({ limit: 0 }), 'invalid_parameter', { status: 400, errors: [{ field: 'limit', code: 'invalid_parameter', message: 'limit is 1 to 10000' }] });
  await rejects(client.rest({ url: 'http://127.0.0.1:1', board }).items(), 'unreachable');
  assert.throws(() => client.rest({ url: 'example.org', board }), /url .*https/);
  assert.throws(() => client.connect({ url: server.url, board: '', WebSocket }), /board is missing/);
  if (globalThis.WebSocket === undefined) assert.throws(() => client.connect({ url: server.url, board }), /option WebSocket.*ws/);
});

test('a_batch_that_the_server_cannot_take_is_sent_again_after_the_time_it_says_with_the_same_key', async () => {
  const board = await admin.board('js-batch', { visibility: 'private' });
  const calls = [];
  const busy = async (url, request) => {
    calls.push({ at: performance.now(), key: request.headers['idempotency-key'], authorization: request.headers.authorization });
    if (calls.length === 1) throw new TypeError('the network');
    const problem = { type: 'x', title: 'x', status: 503, code: 'overloaded', detail: 'x', retry_after_s: 1 };
    if (calls.length === 2) return Response.json(problem, { status: 503, headers: { 'retry-after': '1' } });
    return fetch(url, request);
  };
  let tokens = 0;
  const token = () => (tokens++ === 0 ? 'not.a.token' : admin.token(board, ['publish']));
  const rest = client.rest({ url: server.url, board, token, fetch: busy });
  const answer = await rest.publish([{ key: 'a' }, { key: 'b' }]);
  assert.equal(answer.accepted, 2);
  assert.equal(new Set(calls.map((call) => call.key)).size, 1);
  assert.ok(calls[2].at - calls[1].at >= 990, `${calls[2].at - calls[1].at}`);
  assert.equal(tokens, 2, 'a refused token is fetched anew, once');
  // Requests that are refused together ask for one token.
  let asked = 0;
  const many = client.rest({ url: server.url, board, token: ({ reason }) => (asked++, reason === 'refused' ? admin.token(board, ['publish']) : 'not.a.token') });
  await Promise.all(['x', 'y', 'z'].map((key) => many.publish({ key })));
  assert.equal(asked, 2);
  assert.equal((await rest.publish({ key: 'c' }, { idempotencyKey: 'one' })).accepted, 1);
  await rejects(rest.publish({ key: 'd' }, { idempotencyKey: 'one' }), 'idempotency_key_reused', { status: 422 });
  const stop = new AbortController();
  const never = client.rest({ url: server.url, board, fetch: () => Promise.reject(new TypeError('the network')) });
  const sent = never.publish({ key: 'a' }, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(sent, /enough|reached/);
});
