// Fences: who enters, leaves and stays, by event time, through restarts; told to managers alone.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { heliograph, startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const CIRCLE = { name: 'Depot', shape: { type: 'Point', coordinates: [13.4, 52.5] }, radius_m: 500 };
const AREA = {
  shape: {
    type: 'Polygon',
    coordinates: [
      [[13.41, 52.49], [13.43, 52.49], [13.43, 52.51], [13.41, 52.51], [13.41, 52.49]],
      [[13.418, 52.498], [13.422, 52.498], [13.422, 52.502], [13.418, 52.502], [13.418, 52.498]],
    ],
  },
};
const CORRIDOR = { shape: { type: 'LineString', coordinates: [[13.44, 52.5], [13.46, 52.5], [13.46, 52.52]] }, width_m: 200 };
const STRAIT = { shape: { type: 'Polygon', coordinates: [[[179.9, -17.1], [-179.9, -17.1], [-179.9, -16.9], [179.9, -16.9]]] } };

const T0 = Date.now() - 3_600_000;
const fix = (key, seconds, lon, lat = 52.5, more = {}) => ({ key, time: T0 + seconds * 1_000, position: { lat, lon, ...more } });

const path = (board, tail = '') => `/v1/boards/${board}/fences${tail}`;

async function put(board, id, fence, status = 201) {
  const answer = await admin.put(path(board, `/${id}`), fence);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
}

/** What happened, the oldest first, in short. */
async function told(board, query = '') {
  const { status, body } = await admin.get(path(board, `/events${query}`));
  assert.equal(status, 200, JSON.stringify(body));
  return body.events.reverse().map((e) => `${e.kind} ${e.fence} ${e.key} ${(e.time - T0) / 1_000}`);
}

/** One request a fix. */
async function ride(board, fixes) {
  for (const each of fixes) await admin.publish(board, [each]);
}

test('a ride through a circle, an area with a hole and a corridor is told, and who is inside', async () => {
  const board = await admin.board('fences-ride');
  const made = await put(board, 'depot', { ...CIRCLE, dwell_s: 60 });
  assert.deepEqual([made.id, made.name, made.radius_m, made.confirmations, made.inside], ['depot', 'Depot', 500, 1, []]);
  await put(board, 'area', AREA);
  await put(board, 'road', CORRIDOR);
  await put(board, 'strait', STRAIT);
  await put(board, 'depot', { ...CIRCLE, dwell_s: 60 }, 200);
  await ride(board, [
    fix('bus', 0, 13.38), fix('bus', 10, 13.4), fix('bus', 40, 13.401), fix('bus', 75, 13.402), fix('bus', 80, 13.409),
    fix('bus', 90, 13.415), fix('bus', 100, 13.42), fix('bus', 110, 13.425), fix('bus', 120, 13.435),
    fix('bus', 130, 13.45, 52.5005), fix('bus', 140, 13.46, 52.51), fix('bus', 150, 13.45, 52.51),
  ]);
  await admin.publish(board, [fix('ship', 20, 180, -17), fix('ship', 30, -179.95, -17), fix('ship', 10, 179.8, -17), fix('ship', 40, -179.8, -17)]);
  assert.deepEqual(await told(board, '?key=bus'), [
    'enter depot bus 10', 'dwell depot bus 75', 'exit depot bus 80', 'enter area bus 90', 'exit area bus 100', 'enter area bus 110',
    'exit area bus 120', 'enter road bus 130', 'exit road bus 150',
  ]);
  assert.deepEqual(await told(board, '?fence=strait'), ['enter strait ship 20', 'exit strait ship 40']);
  const exit = (await admin.get(path(board, '/events?fence=depot&kind=exit'))).body.events[0];
  assert.deepEqual([exit.inside_s, exit.reason, exit.position], [70, 'moved', { lat: 52.5, lon: 13.409 }]);
  // Page by page, it is the same list.
  const ids = [];
  for (let next = ''; next !== null; ) {
    const page = (await admin.get(path(board, `/events?limit=4${next}`))).body;
    assert.ok(page.events.length <= 4);
    ids.push(...page.events.map((e) => e.id));
    next = page.next === null ? null : `&after=${page.next}`;
  }
  assert.deepEqual(ids, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  await admin.publish(board, [fix('bus', 200, 13.4)]);
  const { body } = await admin.get(path(board, '/depot'));
  assert.deepEqual([body.inside_count, body.inside], [1, [{ key: 'bus', since: T0 + 200_000 }]]);
  const of = (await admin.get(path(board, '?key=bus'))).body.fences;
  assert.deepEqual(of.map((f) => [f.id, f.since]), [['depot', T0 + 200_000]]);
  assert.deepEqual((await admin.get(path(board))).body.fences.map((f) => f.id), ['area', 'depot', 'road', 'strait']);
  const geojson = await admin.get(path(board, '?format=geojson'));
  assert.match(geojson.headers.get('content-type'), /^application\/geo\+json/);
  const depot = geojson.body.features.find((f) => f.id === 'depot');
  assert.deepEqual([depot.type, depot.geometry, depot.properties.radius_m], ['Feature', CIRCLE.shape, 500]);
});

test('jitter, an uncertain fix and a late point raise nothing', async () => {
  const board = await admin.board('fences-jitter');
  await put(board, 'depot', { ...CIRCLE, exit_band_m: 50 });
  await put(board, 'sure', { ...CIRCLE, confirmations: 2 });
  // The border is 500 m, or 0.00738°, east of the centre.
  await ride(board, [
    fix('v', 0, 13.42), fix('v', 10, 13.4072), fix('v', 11, 13.4076), fix('v', 12, 13.4072), fix('v', 13, 13.4077), fix('v', 14, 13.407),
    fix('v', 15, 13.407), fix('v', 16, 13.42, 52.5, { accuracy: 5_000 }), fix('v', 5, 13.43), fix('v', 6, 13.43), fix('v', 20, 13.4),
  ]);
  assert.deepEqual(await told(board), ['enter depot v 10', 'enter sure v 14']);
  await ride(board, [fix('v', 30, 13.43), fix('v', 25, 13.4), fix('v', 31, 13.43)]);
  assert.deepEqual(await told(board), ['enter depot v 10', 'enter sure v 14', 'exit depot v 30', 'exit sure v 30']);
});

test('a restart, in the middle of a run of confirmations too, changes nothing', async () => {
  const board = await admin.board('fences-restart');
  await put(board, 'depot', { ...CIRCLE, dwell_s: 100 });
  await put(board, 'sure', { ...CIRCLE, confirmations: 3 });
  await ride(board, [fix('v', 0, 13.42), fix('v', 10, 13.4), fix('v', 20, 13.4)]);
  await server.kill9();
  await server.restart();
  assert.deepEqual(await told(board), ['enter depot v 10']);
  await ride(board, [fix('v', 30, 13.4), fix('v', 5, 13.45)]);
  await put(board, 'later', CIRCLE);
  await server.kill9();
  await server.restart();
  await ride(board, [fix('v', 120, 13.4)]);
  const all = ['enter depot v 10', 'enter sure v 10', 'dwell depot v 120', 'enter later v 120'];
  assert.deepEqual(await told(board), all);
  const newest = (await admin.get(path(board, '/events?limit=1'))).body.events[0];
  assert.deepEqual([newest.fence, newest.reason, newest.id], ['later', 'fence_changed', 4]);
  await server.kill9();
  await server.restart();
  assert.deepEqual(await told(board), all);
  assert.equal((await admin.get(path(board, '/sure'))).body.inside[0].since, T0 + 10_000);
});

test('an item that ends leaves, one that is erased is known nowhere', async () => {
  const board = await admin.board('fences-ends');
  await put(board, 'depot', CIRCLE);
  await admin.publish(board, [fix('a', 0, 13.4), fix('b', 1, 13.4), fix('c', 2, 13.4)]);
  assert.equal((await admin.delete(`/v1/boards/${board}/items/a`)).status, 200);
  const ended = (await admin.get(path(board, '/events?key=a&kind=exit'))).body.events;
  assert.deepEqual([ended.length, ended[0].reason, ended[0].position], [1, 'ended', { lat: 52.5, lon: 13.4 }]);
  assert.ok([200, 202].includes((await admin.delete(`/v1/boards/${board}/items/b?erase=true`)).status));
  for (const round of ['before a restart', 'after it']) {
    const text = JSON.stringify((await admin.get(path(board, '/events'))).body);
    assert.doesNotMatch(text, /"b"/, round);
    assert.deepEqual((await admin.get(path(board, '/depot'))).body.inside.map((i) => i.key), ['c'], round);
    await server.kill9();
    await server.restart();
  }
});

test('a fence is changed and deleted without raising anything, and what happened stays', async () => {
  const board = await admin.board('fences-changes');
  await put(board, 'depot', CIRCLE);
  await admin.publish(board, [fix('v', 0, 13.4)]);
  await put(board, 'depot', { ...CIRCLE, radius_m: 400 }, 200);
  await admin.publish(board, [fix('v', 10, 13.401)]);
  assert.deepEqual(await told(board), ['enter depot v 0']);
  await put(board, 'depot', { ...CIRCLE, shape: { type: 'Point', coordinates: [14, 52.5] } }, 200);
  assert.deepEqual(await told(board), ['enter depot v 0']);
  await admin.publish(board, [fix('v', 20, 13.401)]);
  assert.equal((await admin.get(path(board, '/events'))).body.events[0].reason, 'fence_changed');
  assert.equal((await admin.delete(path(board, '/depot'))).status, 204);
  assertProblem(await admin.delete(path(board, '/depot')), 404, 'not_found');
  assertProblem(await admin.get(path(board, '/depot')), 404, 'not_found');
  await admin.publish(board, [fix('v', 30, 14)]);
  assert.deepEqual(await told(board), ['enter depot v 0', 'exit depot v 20']);
  const acts = (await admin.get(`/v1/boards/${board}/audit`)).body.entries.map((e) => e.action);
  assert.ok(acts.includes('fence_made') && acts.includes('fence_changed') && acts.includes('fence_deleted'), acts.join());
});

test('a bad shape is refused with the field and the fix', async () => {
  const board = await admin.board('fences-bad');
  const cases = [
    [{}, 'missing', 'shape'],
    [{ shape: { type: 'Circle', coordinates: [0, 0] } }, 'invalid', 'shape.type'],
    [{ shape: CIRCLE.shape }, 'missing', 'radius_m'],
    [{ ...CIRCLE, radius_m: 0 }, 'out_of_range', 'radius_m'],
    [{ ...CIRCLE, radius: 5 }, 'unknown_field', 'radius'],
    [{ ...CIRCLE, shape: { type: 'Point', coordinates: [13.4, 95] } }, 'out_of_range', 'shape.coordinates'],
    [{ shape: { type: 'Polygon', coordinates: [[[0, 0], [1, 1]]] } }, 'invalid', 'shape.coordinates[0]'],
    [{ shape: { type: 'Polygon', coordinates: [[[0, 0], [1, 1], [1, 'x']]] } }, 'invalid', 'shape.coordinates[0][2]'],
    [{ ...CORRIDOR, width_m: undefined }, 'missing', 'width_m'],
    [{ ...CIRCLE, confirmations: 0 }, 'out_of_range', 'confirmations'],
    ['[]', 'invalid', undefined],
    ['{', 'invalid', undefined],
  ];
  for (const [fence, code, field] of cases) assertProblem(await admin.put(path(board, '/f'), fence), 422, code, field);
  for (const id of ['events', '%65vents', 'a%20b', 'x'.repeat(65)]) {
    assertProblem(await admin.put(path(board, `/${id}`), CIRCLE), 422, 'invalid', 'id');
  }
  assertProblem(await admin.put(path(board, '/f'), ' '.repeat(300 * 1024)), 413, 'body_too_large');
  assertProblem(await admin.get(path(board, '/events?kind=in')), 400, 'invalid_parameter', 'kind');
  assertProblem(await admin.get(path(board, '?format=csv')), 400, 'invalid_parameter', 'format');
  assert.deepEqual((await admin.get(path(board))).body.fences, []);
});

test('nobody but managers is told anything of fences', async () => {
  const board = await admin.board('fences-rights', { privacy_zones: [{ center: [13.4, 52.5], radius_m: 1_000 }] });
  await put(board, 'depot', CIRCLE);
  await admin.publish(board, [fix('v', 0, 13.4)]);
  const reader = admin.as(await admin.token(board, ['read', 'history', 'publish']));
  for (const tail of ['', '?key=v', '/depot', '/events', '/events?key=v']) {
    assertProblem(await admin.as(null).get(path(board, tail)), 401, 'credential_missing');
    assertProblem(await reader.get(path(board, tail)), 403, 'forbidden');
  }
  assertProblem(await reader.put(path(board, '/f'), CIRCLE), 403, 'forbidden');
  assertProblem(await reader.delete(path(board, '/depot')), 403, 'forbidden');
});

test('the command line takes fences out as GeoJSON and puts them in again, and tells what happened', async (t) => {
  const [from, to] = [await admin.board('fences-out'), await admin.board('fences-in')];
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-fences-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const tool = (...args) => heliograph(server, ['fences', ...args]);
  const file = (name, content) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  assert.equal(tool('put', from, 'depot', file('depot.json', { ...CIRCLE, exit_band_m: 20, confirmations: 2 })).status, 0);
  for (const [id, fence] of Object.entries({ area: AREA, road: CORRIDOR, strait: STRAIT })) await put(from, id, fence);
  const out = tool('list', from, '--geojson');
  assert.equal(out.status, 0, out.stderr);
  const taken = file('fences.geojson', JSON.parse(out.stdout));
  const imported = tool('import', to, taken);
  assert.deepEqual([imported.status, imported.stdout], [0, 'area\ndepot\nroad\nstrait\n'], imported.stderr);
  const plain = async (board) => (await admin.get(path(board))).body.fences.map(({ changed_at, ...rest }) => rest);
  assert.deepEqual(await plain(to), await plain(from));

  // One that is refused stops none of the others.
  const feature = (id, radius_m) => ({ type: 'Feature', id, geometry: { type: 'Point', coordinates: [1, 2] }, properties: { radius_m } });
  const mixed = tool('import', to, file('mixed.geojson', { type: 'FeatureCollection', features: [feature('small', 0), feature('good', 10)] }));
  assert.equal(mixed.status, 1);
  assert.equal(mixed.stdout, 'good\n');
  assert.match(mixed.stderr, /small: .*radius_m[^]*1 fences put, 1 refused/);
  const nameless = tool('import', to, file('nameless.geojson', { features: [feature('fine', 10), { geometry: {} }] }));
  assert.match(nameless.stderr, /features\[1\] has no id/);
  assert.equal(tool('show', to, 'fine').status, 1, 'nothing of a file that is wrong is put');

  await ride(to, [fix('van', 0, 13.3), fix('van', 10, 13.4), fix('van', 20, 13.4), fix('van', 30, 13.3), fix('van', 40, 13.3)]);
  const events = tool('events', to, '--fence', 'depot', '--key', 'van').stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(events.map((event) => event.kind), ['exit', 'enter']);
  assert.equal(tool('delete', to, 'good').status, 0);
  assert.equal(tool('show', to, 'good').status, 1);
});
