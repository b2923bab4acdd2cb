// Privacy zones of a board's config: in no representation is a place in one told, to nobody but who manages the board.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const DEPOT = { name: 'Depot', center: [13.4, 52.5], radius_m: 500 };
const FIJI = { polygon: [[179.9, -17.1], [-179.9, -17.1], [-179.9, -16.9], [179.9, -16.9]] };
const HOME = { name: 'Home of Orla', center: [11.5, 48.1], radius_m: 2_000, show: 'center' };
const CONFIG = {
  visibility: 'public',
  cache: { s_maxage_s: 0 },
  views: { all: { path: 'items' } },
  scores: { columns: [{ name: 'load', op: 'sum', field: 'load' }] },
  privacy_zones: [DEPOT, FIJI, HOME],
};
const PLACES = { depot: [52.501234, 13.401234], fiji: [-17.001234, -179.951234], home: [48.101234, 11.501234], road: [50.111111, 8.222222] };
const position = ([lat, lon]) => ({ lat, lon, speed: 3.25, heading: 77, altitude: 61.7 });
const NUMBERS = /501234|401234|001234|951234|101234|61\.7/;

/** A public board on which something is in each zone, and one thing outside. */
async function town(name, config = CONFIG) {
  const board = await admin.board(name, config);
  const time = Date.now() - 60_000;
  await admin.publish(board, Object.entries(PLACES).map(([key, place]) => ({ key, time, position: { ...position(place), ...(key === 'road' ? { speed: 9, altitude: 5 } : {}) }, fields: { load: 5 } })));
  return { board, path: `/v1/boards/${board}`, reader: admin.as(null) };
}

const text = (answer) => (typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));

const VIEWS = [
  'items', 'items?format=csv', 'items?format=ndjson', 'items?format=geojson', 'items/depot', 'items/fiji?format=csv', 'items/home?format=geojson',
  'items?since=', 'events', 'events?format=csv', 'events?format=ndjson', 'events?key=depot', 'summary', 'views/all', 'scores', '',
];

test('a place in a zone is in no view, whatever its form, and managers see it', async () => {
  const { path, reader } = await town('zones-views');
  const begin = (await admin.get(`${path}/items`)).body.cursor.replace(/:\d+$/, ':0');
  for (const view of VIEWS.map((v) => v.replace('since=', `since=${begin}`))) {
    const answer = await reader.get(`${path}/${view}`.replace(/\/$/, ''));
    assert.equal(answer.status, 200, `${view}: ${text(answer)}`);
    assert.doesNotMatch(text(answer), NUMBERS, view);
    assert.doesNotMatch(text(answer), /privacy_zones|Orla|13\.4\b|179\.9/, view);
  }
  const items = Object.fromEntries((await reader.get(`${path}/items`)).body.items.map((item) => [item.key, item.position]));
  const home = { lat: 48.1, lon: 11.5 };
  assert.deepEqual([items.depot ?? null, items.fiji ?? null, items.home, items.road.lat], [null, null, home, 50.111111]);
  const events = (await reader.get(`${path}/events`)).body.events;
  assert.deepEqual(events.map((e) => e.position ?? null).slice(0, 3), [null, null, home]);
  assert.equal((await admin.get(`${path}/items/depot`)).body.position.lat, 52.501234);
  assert.match(text(await admin.get(path)), /Home of Orla/);
  const rows = (await reader.get(`${path}/scores`)).body.rows;
  assert.deepEqual(rows.map((row) => row.key).sort(), Object.keys(PLACES).sort(), 'scores are as they were');
});

test('small boxes, filters and series find out no place in a zone', async () => {
  const { board, path, reader } = await town('zones-asked');
  const keys = async (query) => (await reader.get(`${path}/items?${query}`)).body.items.map((item) => item.key);
  assert.deepEqual(await keys('bbox=13.4,52.5,13.41,52.51'), []);
  assert.deepEqual(await keys('bbox=179.9,-18,-179.9,-16'), []);
  assert.deepEqual(await keys('bbox=11.5012,48.1012,11.5013,48.1013'), []);
  assert.deepEqual(await keys('bbox=11.5,48.1,11.5,48.1'), ['home']);
  assert.deepEqual(await keys('where=position.lat:gt:52'), []);
  assert.deepEqual(await keys('where=position.speed:lt:9'), []);
  assertProblem(await reader.get(`${path}/series?field=position.altitude`), 403, 'hidden_field', 'field');
  assertProblem(await reader.get(`${path}/items/road/series?field=position.speed`), 403, 'hidden_field', 'field');
  assert.equal((await reader.get(`${path}/series?field=load`)).status, 200);
  assert.equal((await admin.get(`${path}/series?field=position.speed`)).status, 200);
  // A member makes itself a narrower token, whose condition shall tell where something is.
  const member = admin.as((await admin.post('/v1/tokens', { grants: [{ board, operations: ['read'] }] })).body.token);
  const minted = await member.post('/v1/tokens', { grants: [{ board, operations: ['read'], conditions: { where: ['position.lat:gt:48.1005'] } }] });
  assert.equal(minted.status, 200, text(minted));
  const seen = (await admin.as(minted.body.token).get(`${path}/items`)).body.items;
  assert.deepEqual(seen.map((item) => item.key), ['road']);
});

test('what goes into a zone loses its place on the feed in each mode, and has it again outside', async () => {
  const { board, path } = await town('zones-feed');
  const json = await Feed.open(server, board, {});
  const boxed = await Feed.open(server, board, {});
  const binary = await Feed.open(server, board, { protocols: ['heliograph.v1.bin'] });
  const plain = await Feed.open(server, board, { protocols: [], query: '?key=road' });
  await json.subscribe(1);
  await boxed.subscribe(1, { bbox: [13, 52, 14, 53] });
  binary.socket.send(JSON.stringify({ action: 'subscribe', id: 1 }));
  const drive = (place, load, more = {}) => admin.publish(board, [{ key: 'road', position: { ...position(place), ...more }, fields: { load } }]);
  const here = () => json.replicas.get(1).items.get('road');
  assert.equal(here().position.lat, 50.111111);
  await drive(PLACES.depot, 6);
  await eventually(() => here().fields.load === 6, () => JSON.stringify(json.messages));
  assert.equal(here().position ?? null, null);
  assert.equal(boxed.replicas.get(1).items.size, 0, 'nothing comes into a box by where it is in a zone');
  await drive([52.6, 13.6], 7, { altitude: 5 });
  await eventually(() => here().position?.lat === 52.6 && boxed.replicas.get(1).items.has('road'), () => JSON.stringify(json.messages));
  await drive(PLACES.home, 8);
  await eventually(() => here().position?.lat === 48.1, () => JSON.stringify(json.messages));
  await eventually(() => plain.messages.some((m) => m.fields?.load === 8), () => JSON.stringify(plain.messages));
  const said = [json, boxed, binary, plain].flatMap((f) => f.messages).map((m) => (m.bytes ? m.bytes.toString('latin1') : JSON.stringify(m)));
  assert.ok(said.length > 10);
  for (const one of said) assert.doesNotMatch(one, NUMBERS);
  const poll = await admin.as(null).get(`${path}/feed`, { accept: 'application/json' });
  assert.equal(poll.status, 200, text(poll));
  assert.doesNotMatch(text(poll), NUMBERS);
  const abort = new AbortController();
  const stream = await fetch(`${server.url}${path}/feed`, { headers: { accept: 'text/event-stream' }, signal: abort.signal });
  let events = '';
  for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
    events += piece;
    if (/event: snapshot[\s\S]*\n\n/.test(events)) break;
  }
  abort.abort();
  assert.match(events, /50\.1|48\.1/);
  assert.doesNotMatch(events, NUMBERS);
  await Promise.all([json, boxed, binary, plain].map((f) => f.close()));
});

test('a zone holds at once for open feeds and cursors, after a restart, and until it is taken away', async () => {
  const { board, path, reader } = await town('zones-later', { ...CONFIG, privacy_zones: [] });
  const before = await reader.get(`${path}/items`);
  assert.match(text(before), NUMBERS);
  const feed = await Feed.open(server, board, {});
  await feed.subscribe(1);
  const { cursor } = feed.replicas.get(1);
  assert.equal((await admin.put(path, { title: 'zones-later', ...CONFIG })).status, 200);
  await eventually(() => feed.closed ?? feed.socket.readyState === 3, () => 'the feed is not closed');
  assert.doesNotMatch(text(await reader.get(`${path}/items`)), NUMBERS);
  const again = async (from) => {
    const resumed = await Feed.open(server, board, {});
    await resumed.subscribe(1, { resume: from });
    await eventually(() => resumed.messages.some((m) => m.type === 'snapshot'), () => JSON.stringify(resumed.messages));
    const told = JSON.stringify(resumed.messages);
    await resumed.close();
    return told;
  };
  assert.doesNotMatch(await again(cursor ?? before.body.cursor), NUMBERS, 'a copy of before is made anew');
  await server.restart();
  assert.doesNotMatch(text(await reader.get(`${path}/items`)), NUMBERS);
  assert.doesNotMatch(await again(before.body.cursor), NUMBERS);
  const hidden = await reader.get(`${path}/items`);
  assert.equal((await admin.put(path, { title: 'zones-later', ...CONFIG, privacy_zones: [] })).status, 200);
  const shown = await reader.get(`${path}/items`, { 'if-none-match': hidden.headers.get('etag') });
  assert.equal(shown.status, 200, 'its entity tag is another');
  assert.match(text(shown), NUMBERS);
  assert.match(await again(before.body.cursor), NUMBERS, 'a copy without places is made anew');
});

test('a zone that is none is refused by its part, and the list of boards tells of no place in one', async () => {
  const config = { title: 'x', ...CONFIG, privacy_zones: [DEPOT, { center: [200, 0], radius_m: 5 }] };
  assertProblem(await admin.put('/v1/boards/zones-wrong', config), 422, 'invalid_config', 'privacy_zones[1].center');
  const { board } = await town('zones-list');
  const listed = async () => (await admin.as(null).get('/v1/boards')).body.boards.find((b) => b.board === board);
  await eventually(async () => (await listed())?.items === 4, () => 'the list does not say so');
  const summary = await listed();
  assert.deepEqual(summary.bbox, [8.222222, 48.1, 11.5, 50.111111]);
  assert.doesNotMatch(JSON.stringify(summary), NUMBERS);
});
