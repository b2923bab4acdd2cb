// Boards and their configs: made, changed, listed and deleted by those who may.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem, epoch, seq } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const path = (board) => `/v1/boards/${board}`;
const names = async (client) => (await client.get('/v1/boards')).body.boards.map((b) => b.board);

test('a board is made with 201, changed with 200, and read back with its defaults', async () => {
  const made = await admin.put(path('fleet'), { title: 'Fleet' });
  assert.equal(made.status, 201);
  assert.deepEqual([made.body.visibility, made.body.key_name, made.body.identity, made.body.tick_ms], ['private', 'key', 'id', 100]);
  const config = {
    title: 'Fleet of Austin',
    description: 'Buses',
    visibility: 'public',
    key_name: 'vehicleId',
    identity: 'key_time',
    identity_scope: 'sender',
    stale_after_s: 60,
    rules: { bounds: [-98, 30, -97, 31], null_island: 'accept', no_data: { speed: [113.9952] }, max_speed: 40, strict: false, future_s: 60, past_s: 3600 },
    map: { style: null, center: [-97.7, 30.2], zoom: 10 },
    fields: { fuel: { label: 'Fuel', unit: '%' } },
    top: { field: 'fuel', direction: 'asc' },
    tick_ms: 250,
    keep_days: 7,
    cache: { s_maxage_s: 2, stale_while_revalidate_s: 9, stale_if_error_s: 60 },
    rollups: { enabled: true, keep_days: { '10s': 1, '1h': 400 }, quantiles: ['fuel'] },
  };
  const changed = await admin.put(path('fleet'), config);
  assert.equal(changed.status, 200);
  assert.deepEqual(changed.body, config);
  assert.deepEqual((await admin.get(path('fleet'))).body, config);
});

test('a config that is wrong is refused with every wrong field named, and changes nothing', async () => {
  const board = await admin.board('checked');
  const before = (await admin.get(path(board))).body;
  const wrong = async (change, ...fields) => {
    const answer = await admin.put(path(board), { title: 'x', ...change });
    for (const field of fields) assertProblem(answer, 422, 'invalid_config', field);
  };
  await wrong({ title: ' ' }, 'title');
  await wrong({ title: 7 }, 'title');
  await wrong({ colour: 'red' }, 'colour');
  await wrong({ rules: { speed: 1 } }, 'rules.speed');
  await wrong({ map: { centre: [0, 0] } }, 'map.centre');
  await wrong({ visibility: 'secret' }, 'visibility');
  await wrong({ identity: 'hash' }, 'identity');
  await wrong({ key_name: 'vehicle id' }, 'key_name');
  await wrong({ rules: { bounds: [1, 2, 3] } }, 'rules.bounds');
  await wrong({ rules: { bounds: [0, 2, 1, 1] } }, 'rules.bounds');
  await wrong({ rules: { no_data: { speed: ['x'] } } }, 'rules.no_data.speed[0]');
  await wrong({ tick_ms: -1 }, 'tick_ms');
  await wrong({ top: { field: '' } }, 'top.field');
  const several = { map: { style: 'http://tiles.example/style.json', zoom: 99 }, stale_after_s: 0, tick_ms: 5 };
  await wrong(several, 'map.style', 'map.zoom', 'stale_after_s', 'tick_ms');
  assertProblem(await admin.put(path(board), '{"title":'), 422, 'invalid_config');
  assertProblem(await admin.put(path(board), { title: 'x', description: 'y'.repeat(70_000) }), 422, 'invalid_config');
  assert.deepEqual((await admin.get(path(board))).body, before);
});

test('what is missing in a config is named', async () => {
  assertProblem(await admin.put(path('incomplete'), { description: 'no title' }), 422, 'invalid_config', 'title');
  assertProblem(await admin.put(path('incomplete'), { title: 'x', top: {} }), 422, 'invalid_config', 'top.field');
});

test("a board's name has its rules", async () => {
  for (const name of ['Fleet', '-a', 'a_b', 'a'.repeat(41), '%20']) {
    const { status, body } = await admin.put(path(name), { title: 'x' });
    assert.deepEqual([status, body.code], [404, 'board_not_found'], name);
  }
});

test('only who may manage a board makes, changes or deletes it', async () => {
  const board = await admin.board('managed');
  const config = { title: 'taken over', visibility: 'public' };
  const others = [
    [admin.as(null), 401],
    [admin.as(await admin.token(board, ['read', 'publish', 'history'])), 403],
    [admin.as(await admin.token('other', ['manage'])), 403],
  ];
  for (const [client, status] of others) {
    assert.equal((await client.put(path(board), config)).status, status);
    assert.equal((await client.delete(path(board))).status, status);
  }
  assert.equal((await admin.get(path(board))).body.title, board);
  const manager = admin.as(await admin.token(board, ['manage']));
  assert.equal((await manager.put(path(board), config)).status, 200);
  assert.equal((await manager.delete(path(board))).status, 204);
  // A token of a board that was deleted does nothing on the next of its name.
  assertProblem(await manager.delete(path(board)), 403, 'forbidden');
  assertProblem(await admin.delete(path(board)), 404, 'board_not_found');
});

test('the list shows only what one may read, with how much is there', async () => {
  await admin.board('list-open');
  await admin.board('list-closed', { visibility: 'private' });
  await admin.board('list-hidden', { visibility: 'private' });
  await admin.publish('list-open', [{ key: 'a' }, { key: 'b' }]);
  const anonymous = await names(admin.as(null));
  assert.ok(anonymous.includes('list-open'));
  assert.ok(!anonymous.includes('list-closed') && !anonymous.includes('list-hidden'));
  const some = await names(admin.as(await admin.token('list-closed', ['read'])));
  assert.ok(some.includes('list-open') && some.includes('list-closed') && !some.includes('list-hidden'));
  // Boards say how much is there at most every ten seconds.
  const listed = async () => (await admin.get('/v1/boards')).body;
  const isSummed = async () => (await listed()).boards.find((b) => b.board === 'list-open' && b.items === 2);
  const open = await eventually(isSummed, 'two items', 15_000);
  const body = await listed();
  assert.deepEqual([open.title, open.visibility, seq(open.cursor)], ['list-open', 'public', 2]);
  assert.ok(body.boards.some((b) => b.board === 'list-hidden'));
});

test('a private board hides its config and items from who may not read it', async () => {
  const board = await admin.board('hidden', { visibility: 'private' });
  await admin.publish(board, { key: 'a' });
  for (const tail of ['', '/items', '/items/a']) {
    assertProblem(await admin.as(null).get(path(board) + tail), 401, 'credential_missing');
    assertProblem(await admin.as(await admin.token('other', ['read'])).get(path(board) + tail), 403, 'forbidden');
    assert.equal((await admin.as(await admin.token(board, ['read'])).get(path(board) + tail)).status, 200);
  }
  await admin.put(path(board), { title: board, visibility: 'public' });
  assert.equal((await admin.as(null).get(`${path(board)}/items`)).status, 200);
});

test('a board that is not there answers 404 to everyone who asks for its config or items', async () => {
  assertProblem(await admin.get(path('nowhere')), 404, 'board_not_found');
  assertProblem(await admin.get(`${path('nowhere')}/items`), 404, 'board_not_found');
});

test('a board that is deleted and made again is another life: empty, another epoch, old cursors gone', async () => {
  const board = await admin.board('lives');
  const { cursor } = await admin.publish(board, [{ id: '1', key: 'a' }, { id: '2', key: 'b' }]);
  const idempotent = { 'idempotency-key': 'k' };
  await admin.events(board, { id: '3', key: 'c' }, idempotent);
  assert.equal((await admin.delete(path(board))).status, 204);
  assertProblem(await admin.get(`${path(board)}/items`), 404, 'board_not_found');
  assertProblem(await admin.events(board, { key: 'a' }), 404, 'board_not_found');
  await admin.board(board);
  const empty = await admin.items(board);
  assert.deepEqual([empty.items.size, seq(empty.cursor)], [0, 0]);
  assert.notEqual(epoch(empty.cursor), epoch(cursor));
  assertProblem(await admin.get(`${path(board)}/items?since=${cursor}`), 410, 'cursor_gone');
  // Ids and keys of requests of the old life are free again.
  const again = await admin.events(board, { id: '1', key: 'z' }, idempotent);
  assert.deepEqual([again.status, again.body.accepted, seq(again.body.cursor)], [200, 1, 1]);
  await server.restart();
  assert.deepEqual([...(await admin.items(board)).items.keys()], ['z']);
});

test('of two who have read the same config one changes it, and the other is told', async () => {
  const made = await admin.send('PUT', path('shared-config'), { title: 'One' }, { 'if-none-match': '*' });
  assert.equal(made.status, 201);
  assertProblem(await admin.send('PUT', path('shared-config'), { title: 'Two' }, { 'if-none-match': '*' }), 412, 'board_exists');
  const read = await admin.get(path('shared-config'));
  const tag = read.headers.get('etag');
  assert.equal(tag, made.headers.get('etag'));
  const both = await Promise.all(['Ann', 'Bob'].map((title) => admin.send('PUT', path('shared-config'), { title }, { 'if-match': tag })));
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
  assertProblem(both.find(({ status }) => status === 412), 412, 'config_changed');
  const { headers, body } = await admin.get(path('shared-config'));
  assert.notEqual(headers.get('etag'), tag);
  assert.equal((await admin.send('PUT', path('shared-config'), body, { 'if-match': headers.get('etag') })).status, 200);
  // An entity tag that is none of ours changes nothing, nor does a change of what is not there.
  assertProblem(await admin.send('PUT', path('shared-config'), body, { 'if-match': 'W/"1"' }), 412, 'config_changed');
  assertProblem(await admin.send('PUT', path('never-made'), { title: 'x' }, { 'if-match': '*' }), 412, 'config_changed');
  assert.equal((await admin.get(path('never-made'))).status, 404);
  // Readers of the public part are told no version.
  await admin.put(path('shared-config'), { title: 'One', visibility: 'public' });
  const shown = await fetch(`${server.url}${path('shared-config')}`);
  assert.deepEqual([shown.status, shown.headers.get('etag')], [200, null]);
});
