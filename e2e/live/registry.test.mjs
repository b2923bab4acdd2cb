// The registry is an index: boards own their configs, the list is one answer, and nobody needs the registry to go on.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startAway } from './support/away.mjs';
import { Client, assertProblem, seq } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startAway();
  admin = new Client(server);
});
after(() => server?.stop());

const row = async (board, client = admin) => (await client.get('/v1/boards')).body.boards.find((b) => b.board === board);

test('f11_boards_that_are_known_go_on_for_more_than_a_minute_while_the_registry_fails', async () => {
  await admin.board('f11-open', { visibility: 'public' });
  await admin.board('f11-closed', { visibility: 'private' });
  await admin.board('f11-cached', { visibility: 'public' });
  const grants = [{ board: 'f11-*', operations: ['read', 'publish'] }];
  const { key } = (await admin.post('/v1/keys', { label: 'x', grants })).body;
  const token = await admin.as(key).token('f11-closed', ['read']);
  const feed = await Feed.open(server, 'f11-closed', { token });
  await feed.subscribe(1);
  const everything = async (n) => {
    const answers = await Promise.all([
      admin.as(null).get('/v1/boards/f11-open/items'),
      admin.as(token).get('/v1/boards/f11-closed/items'),
      admin.as(key).get('/v1/boards/f11-closed/items'),
      admin.as(key).events('f11-closed', { key: `k${n}` }),
      admin.get('/v1/boards/f11-closed'),
      // Of a board that is away itself, what was kept is served.
      admin.as(null).get('/v1/boards/f11-cached/items'),
    ]);
    return answers.map((a) => a.status);
  };
  const good = [200, 200, 200, 200, 200, 200];
  await admin.publish('f11-cached', [{ key: 'kept' }]);
  assert.deepEqual(await everything(0), good);
  await sleep(1_500);
  assert.deepEqual(await everything(1), good);
  await server.away({ Registry: 'fails', 'Board/f11-cached': 'fails' });
  try {
    const begun = Date.now();
    let n = 1;
    // Longer than a config or a key is taken for new.
    while (Date.now() - begun < 66_000) {
      assert.deepEqual(await everything((n += 1)), good, `after ${Date.now() - begun} ms`);
      await sleep(500);
    }
    await eventually(() => feed.replica(1).items.size === n + 1, 'the feed has everything', 5_000);
    const another = await Feed.open(server, 'f11-closed', { token });
    await another.subscribe(1);
    assert.equal(another.replica(1).items.size, n + 1);
    another.drop();
    // What needs it says so, at once.
    const unknown = await admin.as('hg_unknown').get('/v1/boards/f11-closed/items');
    assertProblem(unknown, 503, 'registry_unreachable');
    assertProblem(await admin.get('/v1/boards'), 503, 'registry_unreachable');
  } finally {
    await server.away({});
  }
  const unknown = () => admin.as('hg_unknown').get('/v1/boards/f11-closed/items');
  const said = await eventually(async () => [await unknown()].find((a) => a.status !== 503), 'the registry is heard', 5_000);
  assertProblem(said, 401, 'key_invalid');
  feed.drop();
});

test('f11_a_registry_that_hangs_holds_nobody_up_for_long', async () => {
  const board = await admin.board('f11-hung', { visibility: 'public' });
  await admin.publish(board, [{ key: 'a' }]);
  await server.away({ Registry: 'hangs' });
  try {
    await sleep(1_100);
    const took = [];
    for (let n = 0; n < 30; n += 1) {
      const begun = Date.now();
      assert.equal((await admin.events(board, { key: `k${n}` })).status, 200);
      took.push(Date.now() - begun);
      await sleep(100);
    }
    took.sort((a, b) => a - b);
    assert.ok(took[15] < 100 && took.at(-1) < 2_500, String(took));
    const slow = Date.now();
    assertProblem(await admin.as('hg_other').get(`/v1/boards/${board}/items`), 503, 'registry_unreachable');
    assert.ok(Date.now() - slow < 4_000, `${Date.now() - slow} ms`);
  } finally {
    await server.away({});
  }
  await eventually(async () => (await admin.get('/v1/boards')).status === 200, 'the registry is heard again', 5_000);
});

test('f11_a_board_that_was_never_asked_for_has_its_config_itself', async () => {
  const board = await admin.board('f11-cold', { visibility: 'public', title: 'Cold' });
  await admin.publish(board, [{ key: 'a' }]);
  await server.restart();
  await admin.get('/healthz');
  await server.away({ Registry: 'fails' });
  try {
    assert.equal((await admin.as(null).get(`/v1/boards/${board}`)).body.title, 'Cold');
    assert.equal((await admin.as(null).get(`/v1/boards/${board}/items`)).status, 200);
  } finally {
    await server.away({});
  }
});

test('f11_names_keys_and_codes_that_nobody_has_are_looked_up_once', async () => {
  await admin.board('f11-asked', { visibility: 'public' });
  const ask = async () => {
    await admin.as(null).get('/v1/boards/f11-nobody/items');
    await admin.as('hg_nobody').get('/v1/boards/f11-asked/items');
    await admin.as(null).post('/v1/tokens', { code: 'NOBODY', name: 'x' });
  };
  await ask();
  await server.calls();
  const begun = Date.now();
  for (let n = 0; n < 50; n += 1) await ask();
  const { Registry, Board } = await server.calls();
  // Only what has changed is asked for, once a second; and f11-asked may send its summary.
  const seconds = (Date.now() - begun) / 1_000;
  assert.ok(Registry <= seconds + 3, `${Registry} calls in ${seconds} s`);
  assert.ok(Board <= 1, `${Board} calls of boards`);
});

test('f18_the_list_of_two_hundred_boards_is_one_question', async () => {
  const names = Array.from({ length: 200 }, (_, n) => `f18-${n}`);
  for (let n = 0; n < names.length; n += 20) {
    await Promise.all(names.slice(n, n + 20).map((name) => admin.board(name, { visibility: 'public' })));
  }
  await admin.publish('f18-7', [
    { key: 'a', position: { lat: 30, lon: -97 } },
    { key: 'b', position: { lat: 31, lon: -98 } },
  ]);
  await eventually(async () => (await row('f18-7')).items === 2, 'the summary of a board is in the list', 15_000);
  const known = await row('f18-7');
  assert.deepEqual([seq(known.cursor), known.viewers, known.bbox], [2, 0, [-98, 30, -97, 31]]);
  await sleep(11_000);
  await row('f18-7');
  await server.calls();
  const took = [];
  for (let n = 0; n < 5; n += 1) {
    const begun = performance.now();
    const { body } = await admin.as(null).get('/v1/boards');
    took.push(performance.now() - begun);
    assert.equal(body.boards.filter((b) => b.board.startsWith('f18-')).length, 200);
  }
  const calls = await server.calls();
  assert.equal(calls.Board, 0, JSON.stringify(calls));
  // One each, and what has changed is asked for once a second.
  assert.ok(calls.Registry <= 5 + 2, JSON.stringify(calls));
  const [least] = took.sort((a, b) => a - b);
  console.log(`f18: ${least.toFixed(1)} ms for 200 boards`);
  assert.ok(least < 250, `${least} ms`);
  await admin.delete('/v1/boards/f18-7');
  assert.equal(await row('f18-7'), undefined);
});

test('f18_a_board_sends_its_summary_at_most_every_ten_seconds', async () => {
  const board = await admin.board('f18-busy', { visibility: 'public', top: { field: 'n' } });
  await eventually(async () => (await row(board)).items === 0, 'the first summary');
  await server.calls();
  const begun = Date.now();
  let n = 0;
  for (; Date.now() - begun < 8_000; n += 1) {
    await admin.events(board, { key: `k${n % 5}`, fields: { n } });
    await sleep(20);
  }
  const { Registry } = await server.calls();
  assert.ok(n > 100 && Registry <= 8 + 3, `${Registry} calls of the registry in 8 s`);
  await eventually(async () => (await row(board)).items === 5, 'what came is in the list', 15_000);
  const { top } = await row(board, admin.as(null));
  assert.deepEqual(top.map((t) => t.name).sort(), [1, 2, 3].map((i) => `k${(n - i) % 5}`).sort());
  assert.equal(top[0].value, n - 1);
  // The first are shown of public boards only, from the moment on when it is none.
  await admin.put(`/v1/boards/${board}`, { title: 'x', visibility: 'private', top: { field: 'n' } });
  assert.deepEqual([(await row(board)).top, (await row(board)).items], [[], 5]);
  assert.equal(await row(board, admin.as(null)), undefined);
});

test('f18_a_frozen_board_says_nothing_in_the_list_of_what_is_frozen', async () => {
  const board = await admin.board('f18-frozen', {
    visibility: 'public',
    scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] },
    sessions: { required: true },
  });
  const act = (action) => admin.post(`/v1/boards/${board}/sessions/s1`, { action });
  await admin.post(`/v1/boards/${board}/sessions`, { id: 's1', title: 'One' });
  await act('open');
  await admin.publish(board, [{ key: 'a', fields: { points: 1 } }]);
  await eventually(async () => (await row(board)).top[0]?.value === 1, 'the first is in the list', 15_000);
  assert.deepEqual((await row(board, admin.as(null))).top, [{ name: 'a', value: 1 }]);
  await act('freeze');
  await admin.publish(board, [{ key: 'b', fields: { points: 7 } }]);
  const before = seq((await row(board)).cursor);
  await eventually(async () => seq((await row(board)).cursor) > before, 'a summary from after the freeze', 15_000);
  const frozen = await row(board);
  assert.deepEqual([frozen.items, frozen.top], [1, []]);
  await act('reveal');
  await eventually(async () => (await row(board)).items === 2, 'what was frozen is in the list', 15_000);
  assert.deepEqual((await row(board)).top[0], { name: 'b', value: 7 });
});

test('f11_a_change_of_a_config_is_seen_at_once_and_a_deleted_board_takes_nothing', async () => {
  const board = await admin.board('f11-change', { title: 'One' });
  assert.equal((await admin.put(`/v1/boards/${board}`, { title: 'Two', visibility: 'public' })).body.title, 'Two');
  assert.equal((await admin.as(null).get(`/v1/boards/${board}`)).body.title, 'Two');
  assert.equal((await row(board)).title, 'Two');
  await server.restart();
  assert.equal((await admin.get(`/v1/boards/${board}`)).body.title, 'Two');
  await admin.delete(`/v1/boards/${board}`);
  assertProblem(await admin.events(board, { key: 'a' }), 404, 'board_not_found');
  assert.equal((await admin.put(`/v1/boards/${board}`, { title: 'Three' })).status, 201);
  assert.equal((await admin.items(board)).items.size, 0);
});

test('f11_what_the_registry_could_not_be_told_it_is_told_later', async () => {
  const board = await admin.board('f11-later', { title: 'One', visibility: 'public' });
  const gone = await admin.board('f11-gone', { visibility: 'public' });
  const anonymous = () => admin.as(null).get(`/v1/boards/${board}/items`);
  assert.equal((await anonymous()).status, 200);
  await server.away({ Registry: 'fails' });
  let { status } = await admin.put(`/v1/boards/${board}`, { title: 'Two', visibility: 'private' });
  assert.equal(status, 503);
  ({ status } = await admin.delete(`/v1/boards/${gone}`));
  assert.equal(status, 503);
  // It is done nevertheless.
  assert.equal((await admin.get(`/v1/boards/${board}`)).body.title, 'Two');
  assert.equal((await admin.events(gone, { key: 'a' })).status, 404);
  await server.away({});
  await eventually(async () => (await row(board))?.title === 'Two', 'the list has it', 20_000);
  await eventually(async () => (await row(gone)) === undefined, 'the list has lost it', 20_000);
  assert.equal((await anonymous()).status, 401);
  assert.equal((await admin.put(`/v1/boards/${gone}`, { title: 'New' })).status, 201);
});
