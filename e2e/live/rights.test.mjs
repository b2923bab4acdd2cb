// Rights: what a token can't pass on, what patterns may be, what readers are not shown, and what entity tags tell apart.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const SUM = { columns: [{ name: 'p', op: 'sum', field: 'p' }] };

let server;
let admin;
let nobody;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  nobody = admin.as(null);
});
after(() => server?.stop());

test('f1_an_empty_list_of_keys_mints_nothing_from_anything', async () => {
  const board = await admin.board('rights-open', { visibility: 'public' });
  const hidden = await admin.board('rights-hidden', { visibility: 'private' });
  const anyone = await nobody.post('/v1/tokens', { board });
  assert.equal(anyone.status, 200);
  const holder = admin.as(anyone.body.token);
  const wish = { board: '*', operations: ['read', 'history', 'publish'] };
  assertProblem(await holder.post('/v1/tokens', { grants: [{ ...wish, keys: [] }] }), 422, 'missing', 'grants[0].keys');
  assertProblem(await holder.post('/v1/tokens', { grants: [wish] }), 403, 'forbidden');
  assertProblem(await admin.post('/v1/keys', { label: 'x', grants: [{ ...wish, keys: [] }] }), 422, 'missing', 'grants[0].keys');
  const listed = (await holder.get('/v1/boards')).body.boards.map((b) => b.board);
  assert.ok(listed.includes(board) && !listed.includes(hidden));
});

test('f3_patterns_are_keys_and_beginnings_and_at_most_32', async () => {
  const grants = (keys) => ({ grants: [{ board: 'rights-open', operations: ['read'], keys }] });
  assertProblem(await admin.post('/v1/tokens', grants(['*x~*'])), 422, 'invalid', 'grants[0].keys');
  assertProblem(await admin.post('/v1/tokens', grants(Array.from({ length: 33 }, (_, i) => `v${i}`))), 422, 'too_many', 'grants');
  assert.equal((await admin.post('/v1/tokens', grants(Array.from({ length: 32 }, (_, i) => `v${i}*`)))).status, 200);
  const both = { board: 'rights-open', operations: ['read', 'history'], conditions: { where: ['n:eq:1'] } };
  assertProblem(await admin.post('/v1/tokens', { grants: [both] }), 422, 'not_built', 'grants[0].conditions.where');
  const made = await admin.post('/v1/keys', { label: 'mine', grants: [{ board: 'rights-open', operations: ['read'] }] });
  const kept = (await admin.get('/v1/keys')).body.keys.find((k) => k.id === made.body.id);
  assert.equal(kept.needs_renewal, false);
});

test('f9_enrich_does_not_go_on_reading_a_board_that_became_private', async () => {
  const known = await admin.board('rights-known', { visibility: 'public' });
  await admin.publish(known, [{ key: 'a', fields: { secret: 1 } }]);
  const grants = [{ board: 'rights-asks', operations: ['read', 'publish', 'manage'] }];
  const manager = admin.as((await admin.post('/v1/tokens', { grants })).body.token);
  const pipeline = [{ name: 'look', enrich: { board: known } }];
  const put = await manager.put('/v1/boards/rights-asks', { title: 'asks', pipeline });
  assert.equal(put.status, 201, JSON.stringify(put.body));
  assert.equal(put.body.pipeline[0].enrich.read_as, 'anyone');
  const value = async () => {
    const taken = await manager.events('rights-asks', [{ key: 'a', fields: { n: 1 } }]);
    assert.equal(taken.body.accepted, 1, JSON.stringify(taken.body));
    return (await manager.items('rights-asks')).items.get('a').fields;
  };
  assert.equal((await value()).secret, 1);
  await admin.put(`/v1/boards/${known}`, { title: known, visibility: 'private' });
  await admin.publish(known, [{ key: 'a', fields: { secret: 2 } }]);
  await sleep(2_500);
  assert.equal((await value()).secret, 1, 'what was read before, and nothing new');
  // The administrator may read it: the same pipeline goes on when it stores it.
  await admin.put('/v1/boards/rights-asks', { title: 'asks', pipeline });
  assert.equal((await value()).secret, 2);
});

test('f17_readers_are_not_shown_addresses_secrets_and_programs_of_a_config', async () => {
  const board = await admin.board('rights-config', {
    visibility: 'public',
    rules: { max_speed: 77 },
    pipeline: [{ name: 'p', filter: { drop: [{ field: 'hush', at_least: 0 }] } }],
    views: { all: { title: 'All', query: { where: 'hush:eq:1' } } },
  });
  const shown = (await nobody.get(`/v1/boards/${board}`)).body;
  assert.ok(!JSON.stringify(shown).includes('hush'), JSON.stringify(shown));
  assert.deepEqual([shown.title !== undefined, shown.map !== undefined, shown.views], [true, true, undefined]);
  assert.ok(JSON.stringify((await admin.get(`/v1/boards/${board}`)).body).includes('hush'));
});

test('one tag, one address: the same bytes for every reader and over changes of the config', async () => {
  const board = 'rights-tags';
  const config = { title: 'tags', visibility: 'public', scores: SUM, views: { v: { query: { prefix: 'a' } } } };
  const seen = new Map();
  const look = async () => {
    const some = admin.as(await admin.token(board, ['read', 'history'], { keys: ['a*'] }));
    for (const path of ['items', 'items/ab', 'scores', 'summary', 'series?field=p', 'events', 'views/v', 'items?format=csv']) {
      for (const client of [nobody, admin, some]) {
        const answer = await client.get(`/v1/boards/${board}/${path}`);
        const tag = answer.headers.get('etag');
        if (answer.status !== 200 || tag === null) continue;
        const bytes = JSON.stringify(answer.body);
        const place = `${path} ${tag}`;
        assert.equal(seen.get(place) ?? bytes, bytes, place);
        seen.set(place, bytes);
      }
    }
  };
  await admin.put(`/v1/boards/${board}`, config);
  await admin.publish(board, [{ key: 'ab', fields: { p: 1 } }, { key: 'b', fields: { p: 2 } }]);
  await look();
  const changes = [{ views: { v: { query: { prefix: 'b' } } } }, { stale_after_s: 1 }, { scores: { ...SUM, ties: 'dense' } }];
  for (const change of changes) {
    await admin.put(`/v1/boards/${board}`, { ...config, ...change });
    await sleep(1_100);
    await look();
  }
  const [mine, theirs] = [await admin.get(`/v1/boards/${board}/scores`), await nobody.get(`/v1/boards/${board}/scores`)];
  assert.notEqual(mine.headers.get('etag'), theirs.headers.get('etag'));
});
