// Grants with a delay: views, the feed in each mode and links show the board as it was so long ago, by when things arrived; what can't be told
// so is refused; and nothing tells of now, also when the worker has started again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem, seq } from './support/client.mjs';
import { Feed, refusal } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

/** Long enough that a slow machine asks before it is over. */
const DELAY_S = 8;
const CONFIG = { visibility: 'private', cache: { s_maxage_s: 0 }, views: { all: { path: 'items' }, past: { path: 'events' } } };

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** A token that sees a board later. */
const late = (board, conditions = { delay_s: DELAY_S }, operations = ['read', 'history']) => admin.mint([{ board, operations, conditions }]);

/** A board with something that is old enough, then something that is not: when that was sent, and who sees it later. */
async function fleet(name, seconds = DELAY_S) {
  const board = await admin.board(name, CONFIG);
  const old = await admin.publish(board, [{ key: 'a', position: { lat: 1, lon: 2 }, fields: { n: 1 } }, { key: 'gone', fields: { n: 7 } }]);
  await sleep(seconds * 1_000 + 200);
  const token = await late(board, { delay_s: seconds });
  const since = Date.now();
  const young = await admin.publish(board, [{ key: 'a', fields: { n: 2, secret: 77123 } }, { key: 'b', fields: { n: 77124 } }]);
  assert.equal((await admin.delete(`/v1/boards/${board}/items/gone`)).status, 200);
  return { board, path: `/v1/boards/${board}`, token, viewer: admin.as(token), since, old, young };
}

/** Whether what was sent at a time is too young still. A machine that is so slow proves nothing. */
const isYoung = (since) => Date.now() - since < DELAY_S * 1_000;
const text = ({ body }) => (typeof body === 'string' ? body : JSON.stringify(body));

test('every view is as of then: items, columns, counts, cursor, entity tag and pages', async () => {
  const { path, viewer, since, old, young } = await fleet('later-views');
  const answers = {};
  for (const view of ['items', 'items?format=csv', 'items/a', 'summary', 'events', 'events?format=csv', 'events?limit=1', 'views/all', 'views/past']) {
    answers[view] = await viewer.get(`${path}/${view}`);
  }
  const [none, ahead, at, alone] = [
    await viewer.get(`${path}/items/b`), await viewer.get(`${path}/items?at=${young.cursor}`),
    await viewer.get(`${path}/items?at=${Date.now()}`), await viewer.get(`${path}/items?since=${young.cursor}`),
  ];
  const now = await admin.get(`${path}/items`);
  assert.ok(isYoung(since), 'the machine was too slow to ask in time');
  for (const [view, answer] of Object.entries(answers)) {
    assert.equal(answer.status, 200, `${view}: ${text(answer)}`);
    assert.doesNotMatch(text(answer), /7712[34]|secret/, view);
    assert.ok(!answer.headers.get('etag').includes(young.cursor.split(':')[1] + '"'), view);
  }
  const { items } = answers;
  assert.deepEqual(items.body.items.map((item) => [item.key, item.fields.n]), [['a', 1], ['gone', 7]]);
  assert.equal(items.body.cursor, old.cursor);
  assert.notEqual(items.headers.get('etag'), now.headers.get('etag'));
  const { cursor, items: count, rates, past, events } = answers.summary.body;
  assert.deepEqual([cursor, count, events, rates, past], [old.cursor, 2, seq(old.cursor), undefined, undefined]);
  assert.deepEqual([answers.events.body.events.length, answers.events.body.next, answers.events.body.cursor], [2, null, old.cursor]);
  assertProblem(none, 404, 'item_not_found');
  assertProblem(ahead, 410, 'cursor_gone');
  assertProblem(alone, 410, 'cursor_gone');
  assert.deepEqual(at.body.items.map((item) => item.fields.n), [1, 7], 'as of now is as of then');
  // When it is old enough, it is there; and what ended, is not.
  const later = await eventually(async () => {
    const answer = await viewer.get(`${path}/items?since=${old.cursor}`);
    return answer.body.items?.length === 2 && answer.body.ended?.length === 1 && answer;
  }, 'what was young becomes old');
  assert.ok(!isYoung(since), 'not before its time');
  assert.deepEqual(later.body.ended, ['gone']);
  assert.equal((await viewer.get(`${path}/items`, { 'if-none-match': items.headers.get('etag') })).status, 200);
});

test('the feed tells everything later in each mode, and nothing of now in its status', async () => {
  const { board, token, since, old, young } = await fleet('later-feed');
  const feed = await Feed.open(server, board, { token });
  const plain = await Feed.open(server, board, { protocols: [], credential: token, query: '?key=a' });
  await feed.subscribe(1);
  assert.ok(isYoung(since), 'the machine was too slow to ask in time');
  assert.deepEqual([...feed.replica(1).items.values()].map((item) => [item.key, item.fields.n]), [['a', 1], ['gone', 7]]);
  assert.equal(feed.replica(1).cursor, old.cursor);
  const status = feed.messages.find((m) => m.type === 'status');
  assert.deepEqual([status.viewers, status.cursor], [0, old.cursor]);
  await feed.item(1, 'a', (item) => item.fields.n === 2);
  assert.ok(!isYoung(since), 'not before its time');
  await eventually(() => !feed.replica(1).items.has('gone'), 'the end comes later, too');
  await eventually(() => plain.messages.some((m) => m.key === 'a' && m.fields?.n === 2), 'the plain feed');
  assert.equal(feed.hole, undefined);
  // Each change has its own time.
  const again = Date.now();
  await admin.publish(board, { key: 'a', fields: { n: 3 } });
  await feed.item(1, 'a', (item) => item.fields.n === 3);
  const took = Date.now() - again;
  assert.ok(took >= DELAY_S * 1_000 && took < DELAY_S * 1_000 + 10_000, `${took} ms`);
  // Managers see who is there; those who look at what is now are not told.
  const { connections } = (await admin.get(`/v1/boards/${board}/connections`)).body;
  assert.equal(connections.length, 2, JSON.stringify(connections));
  assert.equal((await admin.get(`/v1/boards/${board}/status`)).body.viewers, 0);
  assert.ok(seq(young.cursor) > seq(old.cursor));
  await feed.close();
  await plain.close();
});

test('server-sent events and long polls are as of then', async () => {
  const { board, token, since } = await fleet('later-proxies');
  const headers = { authorization: `Bearer ${token}` };
  const poll = await fetch(`${server.url}/v1/boards/${board}/feed?wait_s=0`, { headers: { ...headers, accept: 'application/json' } });
  const polled = await poll.text();
  const abort = new AbortController();
  const stream = await fetch(`${server.url}/v1/boards/${board}/feed`, { headers: { ...headers, accept: 'text/event-stream' }, signal: abort.signal });
  let told = '';
  const reading = (async () => {
    for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) told += piece;
  })().catch(() => {});
  await eventually(() => told.includes('snapshot'), () => told);
  assert.ok(isYoung(since), 'the machine was too slow to ask in time');
  for (const answer of [polled, told]) {
    assert.match(answer, /"n":1/);
    assert.doesNotMatch(answer, /7712[34]|secret/);
  }
  await eventually(() => told.includes('77124'), () => told);
  assert.ok(!isYoung(since), 'not before its time');
  abort.abort();
  await reading;
});

test('after the worker was killed the board is as of then, and a feed that comes back too', { timeout: 120_000 }, async () => {
  const { board, path, token, viewer, old } = await fleet('later-restart');
  await server.kill9();
  await server.restart();
  const since = Date.now();
  await admin.publish(board, { key: 'c', fields: { n: 9 } });
  const feed = await Feed.open(server, board, { token });
  await feed.subscribe(1, { resume: old.cursor });
  const { body } = await viewer.get(`${path}/items`);
  assert.ok(isYoung(since), 'the machine was too slow to ask in time');
  assert.ok(!body.items.some((item) => item.key === 'c') && !feed.replica(1).items.has('c'));
  await feed.item(1, 'c', (item) => item.fields.n === 9);
  assert.ok(!isYoung(since), 'not before its time');
  await feed.close();
});

test('what is not kept as it was is refused: series, tracks, standings, and boards with a scoreboard', async () => {
  const { path, viewer } = await fleet('later-refused', 1);
  for (const tail of ['series?field=n', 'items/a/series?field=n', 'items/a/track', 'items/a/trips', 'sessions']) {
    assertProblem(await viewer.get(`${path}/${tail}`), 403, 'delay_not_kept');
  }
  const arena = await admin.board('later-arena', { ...CONFIG, scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
  await admin.publish(arena, { key: 'a', fields: { n: 1 } });
  const token = await late(arena);
  for (const tail of ['items', 'items/a', 'summary', 'events', 'sessions', 'views/all']) {
    assertProblem(await admin.as(token).get(`/v1/boards/${arena}/${tail}`), 403, 'delay_not_kept');
  }
  assertProblem(await admin.as(token).get(`/v1/boards/${arena}/scores`), 403, 'forbidden');
  assertProblem(await refusal(server, arena, { token }), 403, 'delay_not_kept');
  const listed = (await admin.as(token).get('/v1/boards')).body.boards.find((row) => row.board === arena);
  assert.deepEqual([listed.items, listed.cursor, listed.viewers], [null, null, null]);
  // A board that gets a scoreboard closes those who were there.
  const board = await admin.board('later-no-more', CONFIG);
  const feed = await Feed.open(server, board, { token: await late(board, { delay_s: 1 }) });
  await feed.subscribe(1);
  await admin.put(`/v1/boards/${board}`, { ...CONFIG, title: 't', scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
  assert.equal(await feed.end(), 4000);
});

test('a delay is bounded, never shortened by who has it, and does not go with publishing', async () => {
  const board = await admin.board('later-minted', CONFIG);
  const grant = (conditions, operations = ['read']) => ({ board, operations, conditions });
  for (const delay_s of [0, 86_401]) {
    assertProblem(await admin.post('/v1/tokens', { grants: [grant({ delay_s })] }), 422, 'out_of_range', 'grants[0].conditions.delay_s');
  }
  const both = [grant({ delay_s: 60 }), { board, operations: ['publish'] }];
  assertProblem(await admin.post('/v1/tokens', { grants: both }), 422, 'invalid', 'grants[0].conditions.delay_s');
  const holder = admin.as(await late(board, { delay_s: 60 }));
  assert.equal((await holder.post('/v1/tokens', { grants: [grant({ delay_s: 61 })] })).status, 200);
  for (const wider of [{ delay_s: 59 }, {}]) {
    assertProblem(await holder.post('/v1/tokens', { grants: [grant(wider)] }), 403, 'forbidden');
  }
});

test('a link with a delay shows a board later, and says so in the list', async () => {
  const { board, path, since } = await fleet('later-link');
  const made = await admin.post(`${path}/shares`, { label: 'the hall', conditions: { delay_s: DELAY_S } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { token } = (await admin.as(null).post('/v1/tokens', { share: made.body.code })).body;
  const { body } = await admin.as(token).get(`${path}/items`);
  assert.ok(isYoung(since), 'the machine was too slow to ask in time');
  assert.deepEqual(body.items.map((item) => item.fields.n), [1, 7]);
  const { shares } = (await admin.get(`${path}/shares`)).body;
  assert.deepEqual(shares[0].conditions, { delay_s: DELAY_S });
  const feed = await Feed.open(server, board, { token });
  assert.equal((await admin.delete(`${path}/shares/${made.body.id}`)).status, 204);
  assert.equal(await feed.end(), 4011);
});

test('a token with another delay sends its holder to another relay, and only so many delays are at work', async () => {
  const board = await admin.board('later-many', CONFIG);
  const feed = await Feed.open(server, board, { token: await late(board, { delay_s: 1 }) });
  feed.send({ action: 'token', token: await late(board, { delay_s: 2 }) });
  assert.equal(await feed.end(), 4000);
  const open = [];
  for (const delay_s of [2, 3, 4, 5]) {
    // The one before counts until it has said that it leaves.
    open.push(await eventually(async () => Feed.open(server, board, { token: await late(board, { delay_s }) }).catch(() => null), `delay ${delay_s}`));
  }
  assertProblem(await refusal(server, board, { token: await late(board, { delay_s: 6 }) }), 503, 'no_relay');
  assert.equal((await admin.as(await late(board, { delay_s: 6 })).get(`/v1/boards/${board}/items`)).status, 200, 'views take any');
  for (const one of open) await one.close();
});
