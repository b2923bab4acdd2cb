// Who changed what: every kind of change is noted with who did it, in one list, without secrets, and is there after a kill.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const audit = async (board, query = '', client = admin) => {
  const { status, body } = await client.get(`/v1/boards/${board}/audit${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const short = ({ kind, action, target }) => [kind, action, target].filter(Boolean).join(' ');
const made = async (path, body) => {
  const answer = await admin.post(path, body);
  assert.ok([200, 201].includes(answer.status), JSON.stringify(answer.body));
  return answer.body;
};

test('every_change_is_noted_with_who_made_it_and_what_it_was_before_and_after_and_no_secret', async () => {
  const scores = { columns: [{ name: 'n', op: 'sum', field: 'n' }] };
  const board = await admin.board('all', { title: 'One', visibility: 'private', scores });
  const { id, key } = await made('/v1/keys', { label: 'desk', grants: [{ board: 'all', operations: ['read', 'history', 'publish', 'manage'] }] });
  const elsewhere = await made('/v1/keys', { label: 'elsewhere', grants: [{ board: 'other', operations: ['read'] }] });
  const grants = [{ board, operations: ['read', 'history', 'publish', 'manage'] }];
  const { token } = (await admin.as(key).post('/v1/tokens', { grants, sub: 'ann' })).body;
  const ann = admin.as(token);
  const config = (await ann.get(`/v1/boards/${board}`)).body;
  assert.equal((await ann.put(`/v1/boards/${board}`, { ...config, title: 'Two' })).status, 200);
  // The same again changes nothing.
  assert.equal((await ann.put(`/v1/boards/${board}`, { ...config, title: 'Two' })).status, 200);
  const source = await made(`/v1/boards/${board}/sources`, { name: 'buses' });
  const rotated = await made(`/v1/boards/${board}/sources/buses/rotate`, { overlap_s: 0 });
  assert.equal((await admin.send('PATCH', `/v1/boards/${board}/sources/buses`, { envelope: 'geojson' })).status, 200);
  assert.equal((await admin.delete(`/v1/boards/${board}/sources/buses`)).status, 204);
  const share = await made(`/v1/boards/${board}/shares`, { label: 'press' });
  assert.equal((await ann.delete(`/v1/boards/${board}/shares/${share.id}`)).status, 204);
  await made(`/v1/boards/${board}/sessions`, { id: 's1', title: 'Final' });
  await made(`/v1/boards/${board}/sessions/s1`, { action: 'open' });
  await admin.publish(board, [{ key: 'a', fields: { n: 1 } }, { key: 'b', fields: { n: 2 } }]);
  await made(`/v1/boards/${board}/scores/actions`, { action: 'adjust', key: 'a', column: 'n', by: 5, reason: 'a wrong whistle' });
  assert.equal((await ann.delete(`/v1/boards/${board}/items/a`)).status, 200);
  assert.ok([200, 202].includes((await ann.delete(`/v1/boards/${board}/items/b?erase=true`)).status));
  assert.ok([200, 202].includes((await ann.delete(`/v1/boards/${board}/items/b?erase=true`)).status));
  await admin.events(board, [{ key: 'c', position: { lat: 99, lon: 1 } }, { key: 'd', position: { lat: 99, lon: 1 } }]);
  const { dead_letters: letters } = (await admin.get(`/v1/boards/${board}/dead-letters`)).body;
  assert.equal((await ann.send('PATCH', `/v1/boards/${board}/dead-letters/${letters[0].id}`, { record: { key: 'c', fields: { secret: 'a-record' } } })).status, 200);
  assert.equal((await ann.delete(`/v1/boards/${board}/dead-letters/${letters[1].id}`)).status, 204);
  assert.equal((await ann.delete(`/v1/boards/${board}/dead-letters?code=position_out_of_range`)).status, 200);
  const rekeyed = await made(`/v1/keys/${id}/rotate`, {});
  const { entries, next } = await audit(board);
  assert.equal(next, null);
  assert.deepEqual(entries.map(short).toReversed(), [
    'config made', `keys made ${id}`, 'config changed', 'sources made buses', 'sources rotated buses', 'sources changed buses',
    'sources deleted buses', `links made ${share.id}`, `links revoked ${share.id}`, 'sessions made s1', 'sessions open s1',
    'scores adjust a', 'items ended a', 'items erased b', `dead_letters mended ${letters[0].id}`,
    `dead_letters dropped ${letters[1].id}`, 'dead_letters dropped code=position_out_of_range', `keys rotated ${id}`,
  ]);
  const of = (what) => entries.find((e) => short(e) === what);
  assert.deepEqual([of('config changed').before, of('config changed').after], ['{"title":"One"}', '{"title":"Two"}']);
  assert.deepEqual(of('config changed').by, { credential: `key:${id}`, subject: 'ann' });
  assert.deepEqual(of('sources made buses').by, { credential: 'admin' });
  assert.match(of('sources changed buses').after, /geojson/);
  assert.match(of('scores adjust a').after, /a wrong whistle/);
  assert.equal(of('sessions open s1').before, 'created');
  const text = JSON.stringify(entries);
  const secrets = { key, rekeyed: rekeyed.key, source: source.secret, rotated: rotated.secret, aws: source.aws.secret_access_key, code: share.code, token, record: 'a-record', other: elsewhere.id };
  for (const [name, secret] of Object.entries(secrets)) assert.ok(secret && !text.includes(secret), name);
  for (const entry of entries) assert.ok(Math.abs(Date.now() - entry.time) < 60_000);
});

test('a_refused_change_is_not_noted', async () => {
  const board = await admin.board('refused', { visibility: 'private', scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
  const before = (await audit(board)).entries.length;
  const refusals = [
    () => admin.put(`/v1/boards/${board}`, { title: 'x', keep_days: -1 }),
    () => admin.post(`/v1/boards/${board}/shares`, { count: 0 }),
    () => admin.post(`/v1/boards/${board}/sessions/none`, { action: 'open' }),
    () => admin.delete(`/v1/boards/${board}/items/nobody`),
    () => admin.delete(`/v1/boards/${board}/dead-letters?code=none_such`),
    () => admin.delete(`/v1/boards/${board}/sources/none`),
    () => admin.post(`/v1/boards/${board}/scores/actions`, { action: 'undo', seq: 999, reason: 'x' }),
    () => admin.delete('/v1/keys/0000000000000000'),
  ];
  for (const ask of refusals) await ask();
  assert.equal((await audit(board)).entries.length, before);
});

test('pages_and_exports_have_every_entry_once_and_kinds_are_told_apart', async () => {
  const board = await admin.board('pages', { visibility: 'private' });
  for (let n = 0; n < 6; n += 1) {
    await made(`/v1/boards/${board}/shares`, { label: `=link ${n}` });
    const config = (await admin.get(`/v1/boards/${board}`)).body;
    await admin.put(`/v1/boards/${board}`, { ...config, title: `T${n}` });
  }
  const { entries: all } = await audit(board);
  assert.equal(all.length, 13);
  const paged = [];
  for (let after = ''; ;) {
    const { entries, next } = await audit(board, `?limit=4${after}`);
    paged.push(...entries);
    if (next === null) break;
    after = `&after=${next}`;
  }
  assert.deepEqual(paged, all);
  assert.deepEqual((await audit(board, '?kind=links')).entries, all.filter((e) => e.kind === 'links'));
  const lines = await admin.get(`/v1/boards/${board}/audit?format=ndjson&limit=4`);
  assert.match(lines.headers.get('content-type'), /ndjson/);
  assert.deepEqual(lines.body.trim().split('\n').map((line) => JSON.parse(line)), all.slice(0, 4));
  assert.equal(lines.headers.get('link'), `<?format=ndjson&limit=4&after=${all[3].id}>; rel="next"`);
  const table = await admin.get(`/v1/boards/${board}/audit?format=csv`);
  assert.match(table.headers.get('content-type'), /^text\/csv/);
  assert.equal(table.body.trim().split('\r\n').length, 14);
  for (const [query, code] of [['kind=moon', 'invalid_parameter'], ['after=x', 'invalid_parameter'], ['limit=0', 'invalid_parameter'], ['who=me', 'unknown_parameter']]) {
    assertProblem(await admin.get(`/v1/boards/${board}/audit?${query}`), 400, code);
  }
});

test('what_is_noted_is_there_after_a_kill_and_only_managers_of_the_board_see_it', async () => {
  const board = await admin.board('kept', { visibility: 'private' });
  await made(`/v1/boards/${board}/shares`, {});
  const config = (await admin.get(`/v1/boards/${board}`)).body;
  await admin.put(`/v1/boards/${board}`, { ...config, title: 'Last' });
  await server.kill9();
  await server.restart();
  const { entries } = await audit(board);
  assert.deepEqual(entries.map((e) => `${e.kind} ${e.action}`), ['config changed', 'links made', 'config made']);
  for (const [credential, status] of [[null, 401], [await admin.token(board, ['read', 'history']), 403], [await admin.token('all', ['manage']), 403]]) {
    assert.equal((await admin.as(credential).get(`/v1/boards/${board}/audit`)).status, status);
  }
  assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204);
  await admin.board(board, { visibility: 'private' });
  assert.deepEqual((await audit(board)).entries.map((e) => `${e.kind} ${e.action}`), ['config made', 'config deleted']);
});

test('a_rotated_key_has_two_secrets_for_the_overlap_and_says_when_it_was_used', async () => {
  const board = await admin.board('rotated', { visibility: 'private' });
  const { id, key, owner } = await made('/v1/keys', { label: 'buses', grants: [{ board, operations: ['read', 'publish'] }] });
  const row = async () => (await admin.get('/v1/keys')).body.keys.find((k) => k.id === id);
  assert.deepEqual([(await row()).used, (await row()).rotated, (await row()).previous_until], [null, null, null]);
  assert.equal((await admin.as(key).events(board, { id: '1', key: 'a' })).body.accepted, 1);
  assert.ok(Date.now() - (await row()).used < 60_000);
  const second = await made(`/v1/keys/${id}/rotate`, { overlap_s: 60 });
  assert.deepEqual([second.id, second.owner, second.label], [id, owner, 'buses']);
  assert.ok(second.key !== key && Math.abs(second.previous_until - Date.now() - 60_000) < 5_000);
  for (const secret of [key, second.key]) assert.equal((await admin.as(secret).get(`/v1/boards/${board}/items`)).status, 200);
  // Its ids are still its own.
  assert.equal((await admin.as(second.key).events(board, { id: '1', key: 'a' })).body.duplicate, 1);
  assert.equal((await row()).previous_until, second.previous_until);
  const third = await made(`/v1/keys/${id}/rotate`, { overlap_s: 0 });
  for (const secret of [key, second.key]) assertProblem(await admin.as(secret).get(`/v1/boards/${board}/items`), 401, 'key_invalid');
  assert.equal((await admin.as(third.key).get(`/v1/boards/${board}/items`)).status, 200);
  assert.deepEqual([(await row()).previous_until, (await admin.get('/v1/keys')).body.keys.filter((k) => k.id === id).length], [null, 1]);
  const brief = await made(`/v1/keys/${id}/rotate`, { overlap_s: 1 });
  assert.equal((await admin.as(third.key).get(`/v1/boards/${board}/items`)).status, 200);
  await new Promise((done) => setTimeout(done, 1_100));
  assertProblem(await admin.as(third.key).get(`/v1/boards/${board}/items`), 401, 'key_invalid');
  await server.kill9();
  await server.restart();
  assert.equal((await admin.as(brief.key).get(`/v1/boards/${board}/items`)).status, 200);
  assertProblem(await admin.post(`/v1/keys/${id}/rotate`, { overlap_s: -1 }), 400, 'invalid_json');
  assertProblem(await admin.post(`/v1/keys/${id}/rotate`, { overlap_s: 99_999_999 }), 422, 'out_of_range');
  assertProblem(await admin.post('/v1/keys/0000000000000000/rotate', {}), 404, 'not_found');
  assertProblem(await admin.as(brief.key).post(`/v1/keys/${id}/rotate`, {}), 403, 'forbidden');
  assert.equal((await admin.delete(`/v1/keys/${id}`)).status, 204);
  assertProblem(await admin.as(brief.key).get(`/v1/boards/${board}/items`), 401, 'key_invalid');
});
