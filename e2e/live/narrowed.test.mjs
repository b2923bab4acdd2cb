// What narrowed grants show: in every representation, on the feed in each mode, and by no filter.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { parquetRows } from './support/parquet.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const CONFIG = {
  visibility: 'private',
  fields: { fuel: { label: 'Tank' }, load: { label: 'Load' } },
  scores: { columns: [{ name: 'fuel', op: 'sum', field: 'fuel' }] },
  cache: { s_maxage_s: 0 },
  views: { low: { path: 'items', query: { where: 'fuel:lt:9999' } }, all: { path: 'items' } },
};

/** A private board with two vans, and somebody whose grant has these conditions. */
async function fleet(name, conditions, operations = ['read', 'history']) {
  const board = await admin.board(name, CONFIG);
  const time = Date.now() - 60_000;
  await admin.publish(board, [
    { key: 'van-1', time, position: { lat: 52.123456, lon: 13.654321, speed: 3.25, heading: 77 }, fields: { fuel: 77123, driver: 'Orla', load: 5, customer: 7 } },
    { key: 'van-2', time, position: { lat: 48.1, lon: 11.5 }, fields: { fuel: 77124, load: 6, customer: 8 } },
  ]);
  const { status, body } = await admin.post('/v1/tokens', { grants: [{ board, operations, conditions }] });
  assert.equal(status, 200, JSON.stringify(body));
  return { board, path: `/v1/boards/${board}`, token: body.token, partner: admin.as(body.token) };
}

const VIEWS = [
  'items', 'items?format=csv', 'items?format=ndjson', 'items?format=geojson', 'items?format=arrow', 'items?format=parquet',
  'items/van-1', 'items/van-1?format=csv', 'items/van-1?format=geojson',
  'events', 'events?format=csv', 'events?format=ndjson', 'events?format=arrow', 'events?format=parquet',
  'series', 'series?field=load&step=10s', 'items/van-1/series?field=load&step=10s', 'summary', 'views/all',
];

const text = (answer) => (typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));

test('hidden fields are in no view, whatever its form, and entity tags tell who sees what', async () => {
  const { path, partner } = await fleet('hidden-views', { hidden_fields: ['fuel', 'driver'] });
  for (const view of VIEWS) {
    const [whole, less] = [await admin.get(`${path}/${view}`), await partner.get(`${path}/${view}`)];
    assert.equal(less.status, 200, view);
    assert.doesNotMatch(text(less), /fuel|7712[34]|Orla|driver|Tank/, view);
    assert.notEqual(less.headers.get('etag'), whole.headers.get('etag'), view);
  }
  assert.deepEqual((await partner.get(`${path}/items/van-1`)).body.fields, { customer: 7, load: 5 });
  assert.deepEqual(Object.keys((await partner.get(path)).body.fields), ['load'], 'the labels of the config');
  const answer = await fetch(`${server.url}${path}/items?format=parquet`, { headers: partner.authorization });
  const rows = await parquetRows(Buffer.from(await answer.arrayBuffer()));
  assert.ok(rows.length === 2 && rows.every((row) => !('fuel' in row) && 'load' in row), JSON.stringify(rows));
});

test('nothing is deduced of a hidden field by filters, columns, groups, series or standings', async () => {
  const { path, partner } = await fleet('hidden-asked', { hidden_fields: ['fuel'] });
  for (const [query, parameter] of [
    ['items?where=fuel:gt:1', 'where'],
    ['items?where=fields.fuel:exists', 'where'],
    ['items?group=fuel:77123', 'group'],
    ['items?fields=load,fuel', 'fields'],
    ['items/van-1?fields=fuel', 'fields'],
    ['series?field=fuel', 'field'],
    ['series?field=load&group_by=fuel', 'group_by'],
    ['items/van-1/series?field=fuel', 'field'],
    ['views/low', 'where'],
  ]) {
    assertProblem(await partner.get(`${path}/${query}`), 403, 'hidden_field', parameter);
  }
  assertProblem(await partner.get(`${path}/scores`), 403, 'forbidden');
});

test('hidden fields are told to no viewer, in any mode, from the first frame on', async () => {
  const { board, token } = await fleet('hidden-feed', { hidden_fields: ['fuel', 'driver'] });
  const json = await Feed.open(server, board, { token });
  const binary = await Feed.open(server, board, { token, protocols: ['heliograph.v1.bin'] });
  const plain = await Feed.open(server, board, { credential: token, protocols: [], query: '?realTimeItemKey=van-1' });
  await json.subscribe(1);
  await json.subscribe(2, { bbox: [0, 0, 20, 60] });
  binary.socket.send(JSON.stringify({ action: 'subscribe', id: 1 }));
  await admin.publish(board, [{ key: 'van-1', fields: { fuel: 77125, driver: 'Orla', load: 9 } }]);
  await eventually(() => json.replicas.get(1)?.items.get('van-1')?.fields.load === 9, () => JSON.stringify(json.messages));
  await eventually(() => plain.messages.some((m) => m.fields?.load === 9), () => JSON.stringify(plain.messages));
  await eventually(() => binary.messages.filter((m) => m.type === 'binary' && m.bytes.includes('van-1')).length > 0, () => JSON.stringify(binary.messages));
  const said = [json, binary, plain].flatMap((f) => f.messages).map((m) => (m.bytes ? m.bytes.toString('latin1') : JSON.stringify(m)));
  for (const one of said) assert.doesNotMatch(one, /fuel|driver|Orla|7712/);
  await Promise.all([json, binary, plain].map((f) => f.close()));
});

test('who sees less passes on no more, and asks for its own as narrow', async () => {
  const { board, path, partner } = await fleet('hidden-minted', { hidden_fields: ['fuel'] });
  assertProblem(await partner.post('/v1/tokens', { grants: [{ board, operations: ['read'] }] }), 403, 'forbidden');
  const own = await partner.post('/v1/tokens', { board, own: true });
  assert.equal(own.status, 200, JSON.stringify(own.body));
  assert.doesNotMatch(text(await admin.as(own.body.token).get(`${path}/items`)), /fuel/);
  const more = { board, operations: ['read'], conditions: { hidden_fields: ['fuel', 'load'] } };
  const less = await partner.post('/v1/tokens', { grants: [more] });
  assert.doesNotMatch(text(await admin.as(less.body.token).get(`${path}/items`)), /fuel|load/);
  const publish = { board, operations: ['read', 'publish'], conditions: { hidden_fields: ['fuel'] } };
  assertProblem(await admin.post('/v1/tokens', { grants: [publish] }), 422, 'invalid', 'grants[0].conditions.hidden_fields');
});

test('who sees less mints no condition by which to find out the rest', async () => {
  const { board, partner } = await fleet('hidden-guessed', { hidden_fields: ['fuel'], precision: 1 });
  const mint = (conditions) => partner.post('/v1/tokens', { grants: [{ board, operations: ['read'], conditions: { hidden_fields: ['fuel'], precision: 1, ...conditions } }] });
  for (const where of ['fuel:gt:77123', 'fields.fuel:exists', 'position.lat:gt:52.123', 'position.speed:gt:3']) {
    assertProblem(await mint({ where: [where] }), 403, 'forbidden');
  }
  assert.equal((await mint({ where: ['load:gt:5'] })).status, 200);
});

test('a partner sees its customer only, and items come and go as they change', async () => {
  const { board, path, token, partner } = await fleet('narrowed-where', { where: ['customer:eq:7'], hidden_fields: ['driver'] }, ['read']);
  for (const view of ['items', 'items?format=csv', 'items?format=geojson', 'items?format=parquet', 'summary', 'views/all']) {
    const answer = await partner.get(`${path}/${view}`);
    assert.equal(answer.status, 200, view);
    assert.doesNotMatch(text(answer), /van-2|77124|Orla/, view);
  }
  assert.equal((await partner.get(`${path}/items/van-2`)).status, 404);
  assertProblem(await partner.get(`${path}/events`), 403, 'forbidden');
  const json = await Feed.open(server, board, { token });
  const plain = await Feed.open(server, board, { credential: token, protocols: [], query: '?realTimeItemKey=van-1,van-2' });
  await json.subscribe(1);
  assert.deepEqual([...json.replicas.get(1).items.keys()], ['van-1']);
  await admin.publish(board, [{ key: 'van-2', fields: { customer: 7 } }]);
  await eventually(() => json.replicas.get(1).items.get('van-2')?.fields.load === 6, () => JSON.stringify(json.messages));
  await admin.publish(board, [{ key: 'van-1', fields: { customer: 8 } }]);
  await eventually(() => !json.replicas.get(1).items.has('van-1'), () => JSON.stringify(json.messages));
  await eventually(() => plain.messages.some((m) => m.key === 'van-1' && m.removed), () => JSON.stringify(plain.messages));
  await admin.publish(board, [{ key: 'van-1', fields: { load: 98765 } }, { key: 'van-2', fields: { load: 7 } }]);
  await eventually(() => plain.messages.some((m) => m.fields?.load === 7), () => JSON.stringify(plain.messages));
  for (const m of [...json.messages, ...plain.messages]) assert.doesNotMatch(JSON.stringify(m), /98765/);
  const cursor = (await partner.get(`${path}/items`)).body.cursor;
  await admin.publish(board, [{ key: 'van-2', fields: { load: 8 } }]);
  assertProblem(await partner.get(`${path}/items?since=${cursor}`), 410, 'cursor_gone');
  await Promise.all([json, plain].map((f) => f.close()));
});

test('coarse positions are coarse everywhere, and a small box finds out no more', async () => {
  const { board, path, token, partner } = await fleet('narrowed-precision', { precision: 2 });
  for (const view of ['items', 'items?format=csv', 'items?format=geojson', 'items/van-1', 'events', 'events?format=csv']) {
    const answer = await partner.get(`${path}/${view}`);
    assert.match(text(answer), /13\.65/, view);
    assert.doesNotMatch(text(answer), /52\.123|13\.654|3\.25|\b77\b/, view);
  }
  const inBox = async (client, box) => (await client.get(`${path}/items?bbox=${box}`)).body.items.length;
  assert.deepEqual([await inBox(admin, '13.654,52.123,13.655,52.124'), await inBox(partner, '13.654,52.123,13.655,52.124')], [1, 0]);
  assert.equal(await inBox(partner, '13.65,52.12,13.65,52.12'), 1);
  assertProblem(await partner.get(`${path}/series?field=position.speed`), 403, 'hidden_field', 'field');
  const feed = await Feed.open(server, board, { token });
  await feed.subscribe(1, { bbox: [13.65, 52.12, 13.65, 52.12] });
  const { position } = feed.replicas.get(1).items.get('van-1');
  assert.deepEqual([position.lat, position.lon, position.speed, position.heading], [52.12, 13.65, undefined, undefined]);
  await feed.close();
});

test('a rate bounds how often a viewer is told, in each mode, and the last state arrives', async () => {
  const { board, path, token, partner } = await fleet('narrowed-rate', { rate: 60 });
  const at = new Map();
  const open = async (name, of, options) => {
    const feed = await Feed.open(server, board, options);
    feed.socket.on('message', (data) => of(data) && at.set(name, [...(at.get(name) ?? []), Date.now()]));
    return feed;
  };
  const json = await open('json', (data) => data.includes('"delta"'), { token });
  const plain = await open('plain', (data) => data.includes('"van-1"'), { credential: token, protocols: [], query: '?realTimeItemKey=van-1' });
  await json.subscribe(1);
  for (let load = 100; load < 130; load += 1) {
    await admin.publish(board, [{ key: 'van-1', fields: { load } }]);
    await new Promise((done) => setTimeout(done, 80));
  }
  const has = () => json.replicas.get(1).items.get('van-1').fields.load === 129 && plain.messages.at(-1)?.fields?.load === 129;
  await eventually(has, () => JSON.stringify(plain.messages));
  for (const [name, times] of at) {
    assert.ok(times.length >= 3, `${name}: ${times}`);
    const span = times.at(-1) - times[0];
    // A frame may have been under way a little longer than the next one.
    assert.ok(times.length - 1 <= (span + 200) / 1_000, `${name}: ${times}`);
  }
  assert.equal(at.size, 2);
  assert.equal((await partner.get(`${path}/items/van-1`)).body.fields.load, 129, 'views are as of now');
  assert.equal((await partner.get(`${path}/events`)).status, 200, 'history has no rate');
  const quicker = await partner.post('/v1/tokens', { grants: [{ board, operations: ['read'], conditions: { rate: 61 } }] });
  assertProblem(quicker, 403, 'forbidden');
  await Promise.all([json, plain].map((f) => f.close()));
});

test('history is shown between two times, in events and in series', async () => {
  const now = Date.now();
  const { board, path, partner } = await fleet('narrowed-history', { history_from: now - 20 * 60_000, history_to: now - 10 * 60_000 });
  await admin.publish(board, [30, 15, 5].map((minutes) => ({ key: 'van-3', time: now - minutes * 60_000, fields: { load: minutes } })));
  const events = (await partner.get(`${path}/events`)).body.events;
  assert.deepEqual(events.map((event) => event.fields.load), [15]);
  for (const series of ['items/van-3/series', 'series']) {
    const { body } = await partner.get(`${path}/${series}?field=load&step=1m`);
    const points = body.points ?? body.groups.flatMap((group) => group.points);
    assert.deepEqual(points.map((point) => point.max), [15], series);
  }
});

test('a subscription follows items that meet its conditions, by WebSocket and by server-sent events', async () => {
  const { board, token } = await fleet('subscribed-where', { hidden_fields: ['fuel'] });
  const feed = await Feed.open(server, board, { token });
  await feed.subscribe(1, { where: ['load:ge:6'] });
  assert.deepEqual([...feed.replicas.get(1).items.keys()], ['van-2']);
  await admin.publish(board, [{ key: 'van-1', fields: { load: 9 } }, { key: 'van-2', fields: { load: 1 } }]);
  const keys = () => [...feed.replicas.get(1).items.keys()].join();
  await eventually(() => keys() === 'van-1', () => JSON.stringify(feed.messages));
  feed.socket.send(JSON.stringify({ action: 'subscribe', id: 2, where: ['fuel:gt:1'] }));
  await eventually(() => feed.messages.some((m) => m.type === 'error' && m.id === 2 && m.code === 'hidden_field'), () => JSON.stringify(feed.messages));
  await feed.close();
  const stream = async (query) => {
    const abort = new AbortController();
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}` };
    const answer = await fetch(`${server.url}/v1/boards/${board}/feed?${query}`, { headers, signal: abort.signal });
    let said = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      said += piece;
      if (/event: (snapshot|error)[\s\S]*\n\n/.test(said) || answer.status !== 200) break;
    }
    abort.abort();
    return said;
  };
  const said = await stream('where=load:ge:6');
  assert.match(said, /van-1/);
  assert.doesNotMatch(said, /van-2/);
  assert.match(await stream('where=fuel:gt:1'), /hidden_field/);
});
