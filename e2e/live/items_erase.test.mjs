// An item's history is erased: from the moment it is asked for nobody reads it, rows are rewritten in slices that a kill does
// not stop, and nobody else's events change.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { heliograph, startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { startLimited } from './support/limits.mjs';
import { ObjectStore, reachingHere } from './support/object_store.mjs';
import { stored } from './support/stored.mjs';
import { eventually } from './support/wait.mjs';

const MARK = 'MARK-5f3a-erase-me';
const FORMS = ['application/json', 'text/csv', 'application/x-ndjson'];
const TIME = Date.UTC(2026, 2, 1, 12);

const erase = (admin, board, key = 'gone') => admin.delete(`/v1/boards/${board}/items/${key}?erase=true`);

/** Asks until it is done; the last answer. */
async function erased(admin, board, key = 'gone', limitMs = 60_000) {
  return eventually(
    async () => {
      const answer = await erase(admin, board, key).catch(() => null);
      return answer?.status === 200 && answer.body.state === 'done' && answer.body;
    },
    'the erase',
    limitMs,
  );
}

/** All events of a board as lines, page by page, by their number. */
async function events(admin, board, query = '') {
  const all = new Map();
  for (let after = ''; after !== null; ) {
    const { status, body } = await admin.get(`/v1/boards/${board}/events?limit=10000${query}${after}`);
    assert.equal(status, 200, JSON.stringify(body));
    body.events.forEach((e) => all.set(e.seq, JSON.stringify(e)));
    after = body.next === null ? null : `&after=${body.next}`;
  }
  return all;
}

/** What a view has in every form, as text. */
async function forms(admin, path) {
  const texts = [];
  for (const accept of FORMS) {
    const answer = await fetch(admin.server.url + path, { headers: { ...admin.authorization, accept } });
    texts.push([answer.status, answer.headers.get('etag'), await answer.text()]);
  }
  return texts;
}

/** How often a text is in the files of a worker's storage. */
function onDisk(server, text) {
  let count = 0;
  const files = readdirSync(server.dataDir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) count += 1;
  }
  return count;
}

function mixed(round, count = 40) {
  return Array.from({ length: count }, (_, i) => ({
    id: `${round}-${i}`,
    key: i % 4 === 1 ? 'gone' : `kept-${i % 3}`,
    time: TIME + round * 60_000 + i * 1_000,
    fields: i % 4 === 1 ? { n: 1, secret: `${MARK}-${round}-${i}` } : { n: 2, word: `w${round}` },
  }));
}

test('an_erased_history_is_gone_in_every_form_at_once_and_others_keep_theirs', async (t) => {
  const store = await ObjectStore.start();
  const server = await startServer({ env: store.env, config: reachingHere });
  t.after(async () => {
    await server.stop();
    await store.stop();
  });
  const admin = new Client(server);
  const scores = { columns: [{ name: 'n', op: 'sum', field: 'n' }], name: 'secret' };
  const board = await admin.board('b', { scores, archive: store.archive({ interval_s: 1 }) });
  for (let round = 0; round < 5; round += 1) await admin.publish(board, mixed(round));
  await eventually(() => [...store.objects.keys()].some((k) => k.startsWith('manifests/')), 'delivery');
  const refused = [{ key: 'gone', fields: { n: { x: MARK } } }, { key: 'kept-0', fields: { n: { x: 'other' } } }];
  const answer = await admin.events(board, refused, { 'idempotency-key': 'r' });
  assert.equal(answer.body.refused, 2, JSON.stringify(answer.body));
  const before = await events(admin, board);
  const { cursor } = await admin.items(board);
  const kept = [...before].filter(([, e]) => JSON.parse(e).key !== 'gone');
  assert.equal(kept.length, 150);
  const series = (key) => `/v1/boards/${board}/items/${key}/series?field=n&step=1m`;
  const paths = [`/v1/boards/${board}/events?limit=10000`, `/v1/boards/${board}/events?key=gone`, series('gone')];
  const shown = await Promise.all(paths.map((p) => forms(admin, p)));
  const others = await forms(admin, series('kept-0'));

  assertProblem(await erase(admin.as(null), board), 401, 'credential_missing');
  assert.equal((await erase(admin.as(await admin.token(board, ['publish', 'read', 'history'])), board)).status, 403);
  assert.equal((await events(admin, board)).size, 200, 'who may not manage erases nothing');

  const first = await erase(admin, board);
  assert.ok([200, 202].includes(first.status), JSON.stringify(first.body));
  const check = async () => {
    const now = await events(admin, board);
    assert.deepEqual([...now], kept);
    for (const [i, path] of paths.entries()) {
      for (const [at, [, etag, text]] of (await forms(admin, path)).entries()) {
        assert.ok(!text.includes(MARK), path);
        assert.notEqual(etag, shown[i][at][1], `${path}: other bytes have another tag`);
      }
    }
    assertProblem(await admin.get(series('gone')), 404, 'item_not_found');
    assertProblem(await admin.get(`/v1/boards/${board}/items/gone`), 404, 'item_not_found');
    assert.deepEqual((await forms(admin, series('kept-0'))).map((f) => f[2].replace(/"cursor":"[^"]*"/, '')), others.map((f) => f[2].replace(/"cursor":"[^"]*"/, '')));
    const since = (await admin.get(`/v1/boards/${board}/items?since=${cursor}`)).body;
    assert.deepEqual([since.items, since.ended], [[], ['gone']]);
    const ranked = JSON.stringify((await admin.get(`/v1/boards/${board}/scores?top=100`)).body);
    assert.ok(!ranked.includes(MARK) && !ranked.includes('gone'), ranked);
    assert.deepEqual((await admin.get(`/v1/boards/${board}/scores/gone/entries`)).body.entries ?? [], []);
    const letters = (await admin.get(`/v1/boards/${board}/dead-letters`)).body.dead_letters;
    assert.deepEqual(letters.map((l) => l.record.key), ['kept-0']);
    const grouped = (await admin.get(`/v1/boards/${board}/series?field=n&step=1h&group_by=key`)).body;
    assert.ok(!JSON.stringify(grouped).includes('gone'));
  };
  await check();
  const done = await erased(admin, board);
  const { ended, erased: what, remains } = done;
  assert.deepEqual([ended, what.events, what.dead_letters], [true, 50, 1], JSON.stringify(done));
  assert.ok(what.series >= 1, JSON.stringify(done));
  assert.ok(store.objects.has(remains.archive.last_object), JSON.stringify(remains));
  assert.ok(remains.archive.events > 0 && remains.archive.last <= remains.archive.through, JSON.stringify(remains));
  await check();
  // Asked again it tells the same, and the log does not grow by it.
  const { cursor: settled } = await admin.items(board);
  assert.deepEqual((await erase(admin, board)).body, done);
  assert.equal((await admin.items(board)).cursor, settled);

  await server.kill9();
  await server.restart();
  await check();
  assert.deepEqual((await erase(admin, board)).body, done);

  // A new item under the key lives on, with nothing of what was.
  await admin.publish(board, [{ key: 'gone', time: TIME, fields: { n: 7, word: 'anew' } }]);
  const { body: anew } = await admin.get(`/v1/boards/${board}/items/gone`);
  assert.deepEqual(anew.fields, { n: 7, word: 'anew' });
  const own = (await admin.get(series('gone'))).body;
  assert.deepEqual(own.points.map((p) => [p.count, p.sum]), [[1, 7]]);
  assert.equal((await events(admin, board, '&key=gone')).size, 1);
  // And is erased as well when that is asked for, even after it has ended.
  await admin.delete(`/v1/boards/${board}/items/gone`);
  const second = await erased(admin, board);
  assert.equal(second.erased.events, 1);
  assert.equal((await events(admin, board, '&key=gone')).size, 0);
  // What comes to the store from now on has none of it.
  await admin.publish(board, [{ key: 'kept-0', fields: { n: 1 } }]);
});

/** A thousand events of which a tenth are to be erased; about 1 MB. */
function wide(round) {
  const filler = 'x'.repeat(900);
  return Array.from({ length: 1_000 }, (_, i) => ({
    key: i % 10 === 3 ? 'gone' : `k${i % 50}`,
    time: TIME + round * 1_000 + i,
    fields: { n: 1, text: i % 10 === 3 ? `${MARK}${filler}${round}-${i}` : `${filler}${round}-${i}` },
  }));
}

test('a_kill_at_any_write_of_a_long_erase_leaves_it_hidden_and_it_comes_to_its_end', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b', { scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
  for (let round = 0; round < 24; round += 1) await admin.publish(board, wide(round));
  const digest = async () => {
    const all = await events(admin, board);
    return [...all].filter(([, e]) => JSON.parse(e).key !== 'gone');
  };
  const kept = await digest();
  assert.equal(kept.length, 21_600);
  const gone = async () => (await events(admin, board, '&key=gone')).size;
  assert.equal(await gone(), 2_400);
  // While it begins: all of it or nothing.
  let kills = 0;
  for (const n of [1, 2, 4]) {
    assert.equal(await server.killAtWrite(n, () => erase(admin, board), { of: 'Board' }), true);
    kills += 1;
    await server.restart();
    assert.equal(await gone(), 2_400, `after kill ${kills}`);
  }
  const begun = await erase(admin, board);
  assert.deepEqual([begun.status, begun.body.state], [202, 'under_way'], JSON.stringify(begun.body));
  assert.equal(await gone(), 0);
  for (const n of [1, 5, 2, 11, 40, 3]) {
    // Nobody asks how far it is: it goes on by itself.
    const killed = await server.killAtWrite(n, () => sleep(3_000), { of: 'Board' });
    if (!killed) break;
    kills += 1;
    await server.restart();
    assert.equal(await gone(), 0, `after kill ${kills}`);
  }
  assert.ok(kills >= 5, `${kills} kills`);
  const done = await erased(admin, board);
  assert.equal(done.erased.events, 2_400, JSON.stringify(done));
  assert.deepEqual(await digest(), kept);
  await server.kill9();
  await server.restart();
  assert.equal(await gone(), 0);
  assert.deepEqual(await digest(), kept);
  const ranked = (await admin.get(`/v1/boards/${board}/scores?top=100`)).body.rows;
  assert.equal(ranked.reduce((sum, r) => sum + r.values[0], 0), 21_600);
  t.diagnostic(`${kills} kills; on disk: ${onDisk(server, MARK)} remnants of 2,400 events`);
});

test('f23_an_erase_that_is_cut_off_goes_on_by_itself_though_nobody_asks_the_board_anything', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b');
  for (let round = 0; round < 16; round += 1) await admin.publish(board, wide(round));
  // What is stored is looked at beside the server: a question would wake the board.
  const erases = () => stored(server, 'SELECT key, done FROM erase ORDER BY id');
  const done = (...keys) => {
    const all = keys.map((key) => [key, 1]);
    return eventually(() => isDeepStrictEqual(erases(), all), () => JSON.stringify(erases()), 20_000);
  };
  await sleep(1_000);
  // Before its alarm is set nothing of it is stored: they are one write.
  assert.equal(await server.killAtWrite(1, () => erase(admin, board), { of: 'Board', alarm: true }), true);
  assert.deepEqual(erases(), []);
  await server.restart();
  assert.equal((await events(admin, board, '&key=gone')).size, 1_600);
  // Once it is answered it goes on,
  const { status, body } = await erase(admin, board);
  await server.kill9();
  assert.deepEqual([status, body.state, erases()], [202, 'under_way', [['gone', 0]]]);
  await server.restart();
  await done('gone');
  // and so it does when a slice of it is cut off.
  assert.equal((await erase(admin, board, 'k7')).status, 202);
  assert.equal(await server.killAtWrite(1, () => sleep(3_000), { of: 'Board' }), true);
  await server.restart();
  await done('gone', 'k7');
});

test('sums_over_the_whole_board_keep_erased_numbers_and_nothing_else_does', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b', { rollups: { quantiles: ['n'] } });
  const event = (key, i, n) => ({ key, time: TIME + i * 60_000, fields: { n, route: 'r1' } });
  // In the third minute nobody else sends anything.
  await admin.publish(board, [event('kept', 0, 1), event('gone', 0, 5_000), event('kept', 1, 2), event('gone', 2, 7_000)]);
  const range = (step) => `field=n&step=${step}&from=${TIME}&to=${TIME + 600_000}`;
  const series = async (query, client = admin, step = '1m') => {
    const { status, body } = await client.get(`/v1/boards/${board}/series?${range(step)}${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return (body.groups ?? [body]).map(({ group, points }) => [group ?? null, points.map(({ time, ...numbers }) => numbers)]);
  };
  const some = admin.as(await admin.token(board, ['read', 'history'], { keys: ['k*', 'g*'] }));
  const whole = await series('');
  const quantiles = () => series('&quantiles=0.5,1', admin, '10m');
  const estimated = await quantiles();
  assert.match(JSON.stringify(estimated), /[67]\d{3}/);
  assert.deepEqual(whole[0][1].map((p) => [p.count, p.sum, p.max]), [[2, 5_001, 5_000], [1, 2, 2], [1, 7_000, 7_000]]);
  assert.match(JSON.stringify(await series('&group_by=route')), /5001/);
  assert.match(JSON.stringify(await series('', some)), /5001/);
  const check = async () => {
    assert.deepEqual([await series(''), await quantiles()], [whole, estimated], 'the whole board stays as it was');
    for (const [query, client] of [['&group_by=route'], ['&group_by=key'], ['&keys=kept,gone'], ['', some], ['&keys=gone']]) {
      const text = JSON.stringify(await series(query, client));
      assert.doesNotMatch(text, /5000|5001|7000/, query);
      if (query !== '&keys=gone') assert.match(text, /"sum":2/, query);
    }
    assert.equal((await admin.get(`/v1/boards/${board}/items/gone/series?${range('1m')}`)).status, 404);
    // The time and the cursor may have any digits.
    const { at, cursor, ...summary } = (await admin.get(`/v1/boards/${board}/summary`)).body;
    assert.doesNotMatch(JSON.stringify(summary), /[57]000/, `${at} ${cursor}`);
  };
  await erased(admin, board);
  await check();
  await server.kill9();
  await server.restart();
  await check();
});

test('the_command_erases_and_prints_what_went_and_what_remains', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b');
  await admin.publish(board, mixed(0));
  const { stdout, status } = heliograph(server, ['item', 'delete', board, 'gone', '--erase']);
  assert.equal(status, 0, stdout);
  const said = JSON.parse(stdout);
  assert.deepEqual([said.state, said.erased.events, said.remains], ['done', 10, { archive: null }]);
  // Of a key that nobody knows, the log is looked through.
  const { body } = await erase(admin, board, 'nobody');
  assert.deepEqual([body.ended, body.state, body.erased.events], [false, 'done', 0]);
});
