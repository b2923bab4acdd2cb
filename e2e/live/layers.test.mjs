// Layers of a map: GeoJSON that lies under the items; put by managers, read by whoever may read the board, and there after a restart.

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

const STOPS = {
  type: 'FeatureCollection',
  features: [
    { type: 'Feature', id: 7, properties: { name: 'Guadalupe & 4th', zone: 1 }, geometry: { type: 'Point', coordinates: [-97.7467, 30.2672] } },
    { type: 'Feature', properties: null, geometry: { type: 'Point', coordinates: [-97.7429, 30.2684, 150] } },
  ],
};
const STRAIT = { type: 'LineString', coordinates: [[179.5, -17], [-179.5, -17.5]] };
const CONFIG = { map: { layers: [{ id: 'stops', name: 'Stops', color: 'teal' }, { id: 'strait', name: 'Strait', shown: false }] } };

const path = (board, tail = '') => `/v1/boards/${board}/layers${tail}`;

async function put(board, id, layer, status = 201) {
  const answer = await admin.put(path(board, `/${id}`), layer);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
}

const list = async (board, client = admin) => (await client.get(path(board))).body.layers;

test('a layer comes back byte for byte, with what is in it, and is there after a restart', async () => {
  const board = await admin.board('layers-kept', CONFIG);
  const text = `\n${JSON.stringify(STOPS, null, 2)}\n`;
  const made = await put(board, 'stops', text);
  assert.deepEqual(
    [made.id, made.name, made.bytes, made.features, made.places, made.bbox],
    ['stops', 'Stops', Buffer.byteLength(text), 2, 2, [-97.7467, 30.2672, -97.7429, 30.2684]],
  );
  await put(board, 'strait', STRAIT);
  const none = await put(board, 'unnamed', STRAIT);
  assert.equal(none.name, null);
  for (const round of ['before a restart', 'after it']) {
    const answer = await fetch(`${server.url}${path(board, '/stops')}`);
    assert.match(answer.headers.get('content-type'), /^application\/geo\+json/, round);
    assert.equal(await answer.text(), text, round);
    assert.deepEqual((await list(board)).map((l) => [l.id, l.name]), [['stops', 'Stops'], ['strait', 'Strait'], ['unnamed', null]], round);
    await server.kill9();
    await server.restart();
  }
  const strait = (await list(board)).find((l) => l.id === 'strait');
  assert.deepEqual(strait.bbox, [179.5, -17.5, -179.5, -17]);
});

test('what did not change is 304; what did is seen at once, and the same again changes nothing', async () => {
  const board = await admin.board('layers-tags', CONFIG);
  const { changed_at } = await put(board, 'stops', STOPS);
  const first = await admin.get(path(board, '/stops'));
  const tag = first.headers.get('etag');
  assert.ok(tag);
  assert.equal((await admin.get(path(board, '/stops'), { 'if-none-match': tag })).status, 304);
  assert.equal((await put(board, 'stops', STOPS, 200)).changed_at, changed_at);
  assert.equal((await admin.get(path(board, '/stops'))).headers.get('etag'), tag);
  const before = (await admin.get(path(board))).headers.get('etag');
  await put(board, 'stops', STRAIT, 200);
  const after_ = await admin.get(path(board, '/stops'), { 'if-none-match': tag });
  assert.deepEqual([after_.status, after_.body], [200, STRAIT]);
  assert.notEqual((await admin.get(path(board))).headers.get('etag'), before);
  // The list has names of the config.
  await admin.put(`/v1/boards/${board}`, { title: board, visibility: 'public', map: { layers: [{ id: 'stops', name: 'Halts' }] } });
  assert.equal((await list(board))[0].name, 'Halts');
});

test('a layer is deleted, a board takes its layers with it, and managers read who did what', async () => {
  const board = await admin.board('layers-gone', CONFIG);
  await put(board, 'stops', STOPS);
  await put(board, 'stops', STRAIT, 200);
  assert.equal((await admin.delete(path(board, '/stops'))).status, 204);
  assertProblem(await admin.delete(path(board, '/stops')), 404, 'not_found');
  assertProblem(await admin.get(path(board, '/stops')), 404, 'not_found');
  const acts = (await admin.get(`/v1/boards/${board}/audit`)).body.entries.filter((e) => e.action.startsWith('layer_'));
  assert.deepEqual(acts.map((e) => [e.action, e.target]).reverse(), [['layer_made', 'stops'], ['layer_changed', 'stops'], ['layer_deleted', 'stops']]);
  await put(board, 'stops', STOPS);
  assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204);
  await admin.board(board);
  assert.deepEqual(await list(board), []);
});

test('what is no GeoJSON in degrees is refused with the place and the fix', async () => {
  const board = await admin.board('layers-bad');
  const third = (geometry) => ({ type: 'FeatureCollection', features: [STOPS.features[0], STOPS.features[1], { type: 'Feature', geometry }] });
  const cases = [
    [third({ type: 'Point', coordinates: [30.2, -97.7] }), 'out_of_range', 'features[2].geometry.coordinates'],
    [third({ type: 'LineString', coordinates: [[1, 2], ['x', 3]] }), 'invalid', 'features[2].geometry.coordinates[1]'],
    [third({ type: 'Polygon', coordinates: [[[0, 0], [1, 1], [0, 0]]] }), 'invalid', 'features[2].geometry.coordinates[0]'],
    [third({ type: 'Circle' }), 'invalid', 'features[2].geometry.type'],
    [{ type: 'Topology', objects: {} }, 'invalid', 'type'],
    [{ type: 'FeatureCollection' }, 'missing', 'features'],
    ['[]', 'invalid', undefined],
    ['{', 'invalid', undefined],
    [`{"type":"Point","coordinates":[${'9'.repeat(400)},0]}`, 'invalid', undefined],
  ];
  for (const [layer, code, field] of cases) assertProblem(await admin.put(path(board, '/l'), layer), 422, code, field);
  for (const id of ['a%20b', 'a,b', 'x'.repeat(65)]) assertProblem(await admin.put(path(board, `/${id}`), STOPS), 422, 'invalid', 'id');
  assertProblem(await admin.put(path(board, '/l'), ' '.repeat(1_048_577)), 413, 'body_too_large');
  assert.deepEqual(await list(board), []);
  const twice = { title: 't', map: { layers: [{ id: 'a', name: 'A' }, { id: 'a', name: 'B' }] } };
  const refused = await admin.put(`/v1/boards/${board}`, twice);
  assertProblem(refused, refused.status, 'invalid_config');
  assert.equal(refused.body.errors[0].field, 'map.layers[1].id');
});

test('a board has 16 layers of 4 MiB together', async () => {
  const board = await admin.board('layers-full');
  const padded = (bytes) => JSON.stringify(STRAIT).padEnd(bytes);
  for (let n = 0; n < 4; n += 1) await put(board, `large-${n}`, padded(1_040_000));
  const refused = await admin.put(path(board, '/large-4'), padded(1_040_000));
  assertProblem(refused, 422, 'too_long');
  await put(board, 'large-0', padded(1_048_576), 200);
  for (let n = 0; n < 12; n += 1) await put(board, `small-${n}`, STRAIT);
  assertProblem(await admin.put(path(board, '/small-12'), STRAIT), 422, 'too_many', 'id');
  assert.equal((await list(board)).length, 16);
  assert.equal((await admin.get(path(board, '/large-0'))).status, 200);
});

test('whoever may know the board reads its layers; only managers change them', async () => {
  const shut = await admin.board('layers-shut', { ...CONFIG, visibility: 'private' });
  await put(shut, 'stops', STOPS);
  const nobody = admin.as(null);
  const narrow = admin.as(await admin.token(shut, ['read'], { keys: ['bus-1'] }));
  const foreign = admin.as(await admin.token('layers-other', ['read']));
  for (const tail of ['', '/stops', '/none']) {
    assertProblem(await nobody.get(path(shut, tail)), 401, 'credential_missing');
    assertProblem(await foreign.get(path(shut, tail)), 403, 'forbidden');
  }
  assert.deepEqual((await narrow.get(path(shut, '/stops'))).body, STOPS);
  assert.equal((await list(shut, narrow)).length, 1);
  assertProblem(await narrow.put(path(shut, '/stops'), STRAIT), 403, 'forbidden');
  assertProblem(await narrow.delete(path(shut, '/stops')), 403, 'forbidden');
  const open = await admin.board('layers-open', CONFIG);
  await put(open, 'stops', STOPS);
  assert.deepEqual((await nobody.get(path(open, '/stops'))).body, STOPS);
  assertProblem(await nobody.put(path(open, '/stops'), STRAIT), 401, 'credential_missing');
  // The public part of the config says how the map shows them.
  assert.deepEqual((await nobody.get(`/v1/boards/${open}`)).body.map.layers.map((l) => [l.id, l.shown, l.width]), [['stops', true, 2], ['strait', false, 2]]);
});

test('the command line puts, lists, shows and deletes layers, and the simulator brings those of its fleet', async () => {
  const board = await admin.board('layers-cli', CONFIG);
  const run = (...args) => heliograph(server, args);
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    const file = join(folder, 'stops.geojson');
    writeFileSync(file, `\u{feff}${JSON.stringify(STOPS)}`);
    const made = await run('layers', 'put', board, 'stops', file);
    assert.equal(JSON.parse(made.stdout).name, 'Stops', made.stderr);
    const hidden = await run('layers', 'put', board, 'other', file);
    assert.match(hidden.stderr, /map\.layers/);
    const shown = await run('layers', 'show', board, 'stops');
    assert.deepEqual(JSON.parse(shown.stdout), STOPS);
    assert.equal((await run('layers', 'delete', board, 'other')).status, 0);
    assert.deepEqual(JSON.parse((await run('layers', 'list', board)).stdout).layers.map((l) => l.id), ['stops']);
    writeFileSync(file, JSON.stringify({ type: 'Point', coordinates: [1, 100] }));
    const refused = await run('layers', 'put', board, 'stops', file);
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /coordinates/);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal((await run('simulate', '--board', board, '--vehicles', '2', '--for', '1', '--layers')).status, 0);
  const layers = await list(board);
  assert.deepEqual(layers.map((l) => l.id), ['routes', 'stops', 'zones']);
  assert.ok(layers.every((l) => l.features >= 12), JSON.stringify(layers));
});
