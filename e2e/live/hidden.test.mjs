// What a freeze hides, and what players see of each other: in every representation.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { parquetRows } from './support/parquet.mjs';
import { readings } from './support/readings.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;
const nobody = () => new Client(server, null);

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const CUP = {
  title: 'Cup',
  visibility: 'public',
  key_name: 'team',
  scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] },
  cache: { s_maxage_s: 0 },
  views: { last: { path: 'items', query: { fields: 'verdict,points' } } },
};
// In Arrow texts of a column stand one behind the other.
const HIDDEN = /"AC"|\b100\b|,AC|ACAC/;

const paths = (board, key) => [...readings(board, key), `/v1/boards/${board}/views/last`];

test('f10_a_freeze_hides_in_every_representation_until_the_reveal', async () => {
  const board = await admin.board('f10-cup', CUP);
  const now = Date.now();
  await admin.post(`/v1/boards/${board}/sessions`, {
    id: 'c',
    title: 'C',
    opens_at: now - 3_600_000,
    freezes_at: now - 60_000,
    closes_at: now + 3_600_000,
  });
  await admin.events(board, [{ key: 'ann', time: now - 120_000, fields: { points: 1, verdict: 'WA' } }]);
  const json = await Feed.open(server, board);
  await json.subscribe(1);
  const binary = await Feed.open(server, board, { protocols: ['heliograph.v1.bin'] });
  binary.send({ action: 'subscribe', id: 1, what: 'items' });
  const plain = await Feed.open(server, board, { protocols: [], query: '?team=ann' });
  const lead = await Feed.open(server, board, { token: await admin.token(board, ['read', 'manage']) });
  await lead.subscribe(1);
  await admin.events(board, [
    { key: 'ann', time: now, fields: { points: 100, verdict: 'AC', name: 'AC' } },
    { key: 'bob', time: now, position: { lat: 1, lon: 2 }, fields: { points: 100, verdict: 'AC' } },
    { key: 'ann', time: now + 1, fields: { note: 'goes on' } },
  ]);
  const read = async (client, path) => {
    if (path.endsWith('format=parquet')) {
      const answer = await fetch(server.url + path, { headers: client.authorization });
      return [answer.status, JSON.stringify(await parquetRows(Buffer.from(await answer.arrayBuffer())))];
    }
    const answer = await client.get(path);
    return [answer.status, typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)];
  };
  const check = async () => {
    for (const path of paths(board, 'ann')) {
      const [status, text] = await read(nobody(), path);
      assert.equal(status, 200, `${path}: ${text}`);
      assert.doesNotMatch(text, HIDDEN, path);
    }
  };
  await check();
  const item = (await nobody().get(`/v1/boards/${board}/items/ann`)).body;
  assert.deepEqual(item.fields, { points: 1, verdict: 'WA', note: 'goes on' });
  const bob = (await nobody().get(`/v1/boards/${board}/items/bob`)).body;
  assert.deepEqual([bob.position.lat, bob.fields], [1, {}]);
  for (const path of paths(board, 'ann').filter((p) => !p.includes('summary'))) {
    assert.match((await read(admin, path))[1], HIDDEN, path);
  }
  await eventually(() => JSON.stringify(lead.messages).includes('"AC"'), 'the manager hears');
  await eventually(() => JSON.stringify(json.messages).includes('goes on'), 'the public hears what goes on');
  const told = () => [json.messages, binary.messages.map((m) => m.bytes?.toString('latin1') ?? m), plain.messages].map((m) => JSON.stringify(m));
  for (const text of told()) assert.doesNotMatch(text, /AC/);
  for (const feed of [json, binary, plain, lead]) feed.drop();
  await server.kill9();
  await server.restart();
  await check();
  const { body } = await admin.post(`/v1/boards/${board}/sessions/c`, { action: 'reveal' });
  assert.equal(body.phase, 'open');
  assert.equal((await nobody().get(`/v1/boards/${board}/items/ann`)).body.fields.verdict, 'AC');
});

test('a summary counts the events that its reader sees, at a freeze, after it, and after a restart', async () => {
  const board = await admin.board('f10-counted', CUP);
  const act = (action) => admin.post(`/v1/boards/${board}/sessions/c`, { action });
  await admin.post(`/v1/boards/${board}/sessions`, { id: 'c', title: 'C' });
  await act('open');
  const points = (n) => ({ key: 'ann', fields: { points: n } });
  await admin.events(board, [points(1), points(2), points(3)]);
  const counted = async () => {
    const views = await Promise.all([nobody(), admin].map((client) => client.get(`/v1/boards/${board}/summary`)));
    return views.map(({ body }) => body.events);
  };
  assert.deepEqual(await counted(), [3, 3]);
  await act('freeze');
  assert.deepEqual(await counted(), [3, 3], 'a freeze is no event');
  await admin.events(board, [points(100), { key: 'ann', fields: { note: 'goes on' } }]);
  assert.deepEqual(await counted(), [4, 5], 'what a rule counts is hidden');
  await server.kill9();
  await server.restart();
  assert.deepEqual(await counted(), [4, 5]);
  await act('reveal');
  assert.deepEqual(await counted(), [5, 5]);
});

test('f10_a_player_reads_its_own_events_and_a_managers', async () => {
  const board = await admin.board('f10-quiz', { title: 'Quiz', visibility: 'public', players: {}, cache: { s_maxage_s: 0 } });
  const { body } = await admin.post(`/v1/boards/${board}/sessions`, { id: 's', title: 'S', join: true });
  await admin.post(`/v1/boards/${board}/sessions/s`, { action: 'open' });
  const join = async (name) => {
    const joined = (await nobody().post('/v1/tokens', { code: body.code, name })).body;
    return { ...joined, client: admin.as(joined.token) };
  };
  const [ann, bob] = [await join('Ann'), await join('Bob')];
  await admin.events(board, { key: '_sheet', fields: { question: 'one' } });
  await ann.client.events(board, { key: ann.key, fields: { answer: 'anns' } });
  await bob.client.events(board, { key: bob.key, fields: { answer: 'bobs' } });
  const items = async (client) => JSON.stringify((await client.get(`/v1/boards/${board}/items`)).body);
  const seen = async (client) => {
    const text = await items(client);
    return ['one', 'anns', 'bobs'].filter((word) => text.includes(word));
  };
  assert.deepEqual(await seen(admin), ['one', 'anns', 'bobs']);
  assert.deepEqual(await seen(ann.client), ['one', 'anns']);
  assert.deepEqual(await seen(bob.client), ['one', 'bobs']);
  assert.deepEqual(await seen(nobody()), ['one']);
  const events = JSON.stringify((await nobody().get(`/v1/boards/${board}/events`)).body);
  assert.doesNotMatch(events, /anns|bobs/);
  assert.equal((await ann.client.get(`/v1/boards/${board}/items/${bob.key}`)).status, 404);
  const feed = await Feed.open(server, board, { token: ann.token });
  await feed.subscribe(1);
  await bob.client.events(board, { key: bob.key, fields: { answer: 'bobs again' } });
  await ann.client.events(board, { key: ann.key, fields: { answer: 'anns again' } });
  await eventually(() => JSON.stringify(feed.messages).includes('anns again'), 'Ann hears of her own');
  assert.doesNotMatch(JSON.stringify(feed.messages), /bobs/);
  feed.drop();
});
