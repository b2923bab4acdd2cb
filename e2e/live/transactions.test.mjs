// One transaction a request: whichever of its writes fails, or is the last before a kill, the log, the answer, the viewers
// and a restart agree. Nothing that comes after the commit makes a durable request fail.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { startLimited } from './support/limits.mjs';
import { eventually } from './support/wait.mjs';

/** A board with everything that a request may write: a pipeline's counts, letters, a stored answer. */
const CONFIG = { pipeline: [{ name: 'mark', map: { set: { via: 'mark' } } }] };

/** A request with one good event and, for each number, one that is refused; under a key of its own. */
function mixed(name) {
  const body = [`{"key":"${name}","fields":{"n":1}}`, '{"key":""}', `{"no":"${'\u0001'.repeat(100)}"}`].join('\n');
  return [body, { 'content-type': 'application/x-ndjson', 'idempotency-key': name }];
}

async function logged(admin, board) {
  const page = await admin.get(`/v1/boards/${board}/events?limit=1000`);
  assert.equal(page.status, 200, JSON.stringify(page.body));
  return page.body.events.map((e) => e.key);
}

async function letters(admin, board) {
  const page = await admin.get(`/v1/boards/${board}/dead-letters?limit=10000`);
  assert.equal(page.status, 200, JSON.stringify(page.body));
  return page.body.dead_letters;
}

/** What a request must have left behind: all of it or nothing. */
async function agrees(admin, board, name, done) {
  const { items } = await admin.items(board);
  const keys = await logged(admin, board);
  const there = keys.filter((k) => k === name).length;
  assert.equal(items.has(name), there > 0, `${name}: items and log differ`);
  assert.ok(there <= 1, `${name} is in the log ${there} times`);
  if (done !== undefined) assert.equal(there === 1, done, `${name}: the answer and the log differ`);
  return there === 1;
}

test('f2_dead_letters_above_two_megabytes_do_not_fail_a_durable_request', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('letters');
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  const line = '\u0001'.repeat(8 * 1024);
  const body = [`{"key":"good"}`, ...Array(100).fill(line)].join('\n');
  for (let i = 1; i <= 3; i += 1) {
    const answer = await admin.post(`/v1/boards/${board}/events`, body, { 'content-type': 'application/x-ndjson' });
    assert.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 300));
    assert.equal(answer.body.accepted, 1);
    await feed.reach(1, answer.body.cursor, 2_000);
    assert.deepEqual(await logged(admin, board), Array(i).fill('good'));
  }
  const kept = [];
  let next = '';
  do {
    const page = await admin.get(`/v1/boards/${board}/dead-letters?limit=70${next}`);
    assert.ok(page.body.dead_letters.length <= 70);
    kept.push(...page.body.dead_letters);
    next = page.body.next === null ? '' : `&after=${page.body.next}`;
  } while (next !== '');
  assert.equal(kept.length, 300);
  assert.equal(new Set(kept.map((l) => l.id)).size, 300);
  assert.ok(kept.every((l) => l.record.text === line && !l.truncated));
  assert.deepEqual((await server.sqlWrites()).refused, []);
  feed.socket.terminate();
});

test('f2_a_long_list_of_results_is_stored_with_its_key_and_comes_again', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('answers');
  const body = ['{"key":"good"}', ...Array(9_999).fill('{"key":""}')].join('\n');
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'long' };
  const first = await admin.post(`/v1/boards/${board}/events`, body, headers);
  assert.equal(first.status, 200, JSON.stringify(first.body).slice(0, 300));
  await server.restart();
  const again = await admin.post(`/v1/boards/${board}/events`, body, headers);
  assert.deepEqual(again.body, first.body);
  assert.deepEqual(await logged(admin, board), ['good']);
  assert.equal((await letters(admin, board)).length, 9_999);
  const other = await admin.post(`/v1/boards/${board}/events`, '{"key":"other"}', headers);
  assert.equal(other.status, 422);
  assert.equal(other.body.code, 'idempotency_key_reused');
});

for (const how of ['fails', 'is the last before a kill']) {
  test(`f2_each_write_of_a_request_in_turn_${how.replaceAll(' ', '_')}`, async (t) => {
    const server = await startLimited();
    t.after(() => server.stop());
    const admin = new Client(server);
    const board = await admin.board('turns', CONFIG);
    await admin.post(`/v1/boards/${board}/events`, ...mixed('warm'));
    let feed = await Feed.open(server, board);
    await feed.subscribe(1);
    let whole = false;
    for (let n = 1; !whole; n += 1) {
      assert.ok(n < 40, 'a request has so many writes');
      const name = `n${n}`;
      const send = () => admin.post(`/v1/boards/${board}/events`, ...mixed(name));
      if (how === 'fails') {
        await server.failWrite(n, { of: 'Board' });
        const answer = await send();
        const { waits } = await server.sqlWrites();
        await server.mend();
        whole = waits;
        assert.ok([200, 500].includes(answer.status), JSON.stringify(answer.body));
        assert.ok(!whole || answer.status === 200);
        await agrees(admin, board, name, answer.status === 200);
      } else {
        whole = !(await server.killAtWrite(n, send, { of: 'Board' }));
        if (!whole) {
          await server.restart();
          feed = await Feed.open(server, board);
          await feed.subscribe(1);
        }
        // It had no answer: it may be there or not.
        await agrees(admin, board, name);
      }
      // Sent again it is there once, with the first answer, and so are its letters.
      const answer = await send();
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual([answer.body.accepted, answer.body.refused], [1, 2]);
      assert.ok(await agrees(admin, board, name, true));
      await feed.reach(1, answer.body.cursor, 5_000);
      assert.ok(feed.replica(1).items.has(name), 'the viewers know');
    }
    feed.socket.terminate();
    const sent = (await logged(admin, board)).length;
    assert.equal((await letters(admin, board)).length, 2 * sent);
    const { steps } = (await admin.get(`/v1/boards/${board}/pipeline`)).body;
    assert.equal(steps[0].in, sent);
    const before = await logged(admin, board);
    await server.kill9();
    await server.restart();
    assert.deepEqual(await logged(admin, board), before);
  });
}

test('f2_a_checkpoint_that_fails_fails_no_request', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('checkpoints');
  const feed = await Feed.open(server, board);
  await feed.subscribe(1);
  const post = (i) => admin.post(`/v1/boards/${board}/events`, `{"key":"k${i}"}`, { 'content-type': 'application/json' });
  await post(0);
  // The checkpoint is due at the 1,000th row.
  for (let i = 1; i < 999; i += 100) {
    await Promise.all(Array.from({ length: Math.min(100, 999 - i) }, (_, k) => post(i + k)));
  }
  await server.failWrite(2, { of: 'Board' });
  const answers = [await post(999), await post(1000), await post(1001)];
  assert.deepEqual(answers.map((a) => a.status), [200, 200, 200]);
  assert.equal((await server.sqlWrites()).waits, false, 'the checkpoint was to fail');
  assert.equal((await admin.items(board)).items.size, 1_002);
  await feed.reach(1, answers[2].body.cursor, 5_000);
  // It is tried again after a pause, with what comes then.
  const written = async () => (await server.sqlWrites()).writes.filter((w) => /INTO checkpoint/.test(w.statement)).length;
  const failed = await written();
  await eventually(async () => {
    await post(2_000);
    return (await written()) > failed;
  }, 'the checkpoint is tried again');
  feed.socket.terminate();
});
