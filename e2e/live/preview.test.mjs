// Boards as pictures, for sites that show a card of a pasted address.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet', { title: 'Fleet <1>', description: 'Buses of the north' });
  await admin.board('quiz', { title: 'Quiz', scores: { columns: [{ name: 'points', label: 'Points', op: 'sum', field: 'n' }] } });
  await admin.board('secret', { title: 'Secret', visibility: 'private' });
  await admin.publish('fleet', [
    { key: 'a', position: { lat: 30.2, lon: -97.8 } },
    { key: 'b', position: { lat: 30.3, lon: -97.7 } },
  ]);
  await admin.publish('quiz', [{ key: 'ann', fields: { n: 7 } }, { key: 'bob', fields: { n: 3 } }]);
});
after(() => server?.stop());

const get = (board, form, headers = {}) => fetch(`${server.url}/v1/boards/${board}/preview.${form}`, { headers });

test('a map says title, description, how many items there are, and shows each', async () => {
  const answer = await get('fleet', 'svg');
  assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')], [200, 'image/svg+xml', 'public, max-age=60']);
  assert.match(answer.headers.get('content-security-policy'), /sandbox/);
  assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
  const svg = await answer.text();
  assert.match(svg, />Fleet &lt;1&gt;<.*>Buses of the north<.*>2 items · \d{4}-\d\d-\d\d \d\d:\d\d UTC</s);
  assert.equal(svg.match(/<circle /g).length, 2);
});

test('a scoreboard shows who is ahead', async () => {
  // A picture is kept for a minute: it is asked for once the ranking is there.
  await eventually(async () => (await admin.get('/v1/boards/quiz/scores')).body.total === 2, () => 'the ranking');
  const svg = await get('quiz', 'svg').then((answer) => answer.text());
  assert.match(svg, />Points<.*>1<.*>ann<.*>7<.*>2<.*>bob<.*>3</s);
});

test('the same as PNG, at the size that the head of its page says', async () => {
  const answer = await get('fleet', 'png');
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/png']);
  const png = Buffer.from(await answer.arrayBuffer());
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  const page = await fetch(`${server.url}/b/fleet`).then((r) => r.text());
  const said = (name) => page.match(new RegExp(`<meta property="og:image${name}" content="([^"]*)"`))[1];
  assert.equal(said(''), `${server.url}/v1/boards/fleet/preview.png`);
  assert.deepEqual([said(':width'), said(':height')], [`${png.readUInt32BE(16)}`, `${png.readUInt32BE(20)}`]);
});

test('a board that not everybody may read has none, with any credential, nor has one that is not there', async () => {
  const withKey = { authorization: `Bearer ${server.adminKey}` };
  const answers = [await get('secret', 'png'), await get('secret', 'svg', withKey), await get('nobody', 'png')];
  const said = await Promise.all(answers.map(async (answer) => [answer.status, (await answer.json()).detail]));
  assert.equal(said[0][0], 404);
  assert.deepEqual([said[1], said[2]], [said[0], said[0]]);
});

test('a picture shows no place that a privacy zone hides, to managers neither, and not from before the zone', async () => {
  const depot = { center: [13.4, 52.5], radius_m: 500 };
  await admin.board('town');
  await admin.publish('town', [
    { key: 'home', position: { lat: 52.501, lon: 13.401 } },
    { key: 'road', position: { lat: 50.1, lon: 8.2 } },
  ]);
  const withKey = { authorization: `Bearer ${server.adminKey}` };
  const dots = async (headers) => ((await get('town', 'svg', headers).then((answer) => answer.text())).match(/<circle /g) ?? []).length;
  assert.equal(await dots(), 2);
  const changed = await admin.put('/v1/boards/town', { title: 'town', visibility: 'public', privacy_zones: [depot] });
  assert.equal(changed.status, 200);
  await eventually(async () => (await dots()) === 1, () => 'a picture without the place');
  assert.equal(await dots(withKey), 1);
});
