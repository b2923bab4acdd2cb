// What a token for some keys is shown, in every form: byte for byte what a naive filter over everything leaves, and in columns
// what its JSON says.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { EVENTS, KINDS_OF_FORM, VIEWS, texts } from './support/forms.mjs';
import { parquetRows } from './support/parquet.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  const scores = { columns: [{ name: 'n', op: 'sum', field: 'n' }] };
  await admin.board('other', { visibility: 'private', scores, views: VIEWS });
  await admin.publish('other', EVENTS);
});
after(() => server?.stop());

/** What everybody may see of all, with the rows of other keys taken out: text for text. */
const NAIVE = {
  ndjson: (text, mine) => text.split('\n').filter((line) => line === '' || mine(JSON.parse(line).key)).join('\n'),
  csv(text, mine) {
    const [head, ...rows] = text.split('\r\n');
    const at = head.split(',').indexOf('"key"');
    return [head, ...rows.filter((row) => row === '' || mine(JSON.parse(row.split(',')[at])))].join('\r\n');
  },
  json(text, mine) {
    const whole = JSON.parse(text);
    assert.equal(JSON.stringify(whole), text, 'JSON is read and written back as it was');
    const name = ['items', 'events'].find((n) => Array.isArray(whole[n]));
    return JSON.stringify({ ...whole, [name]: whole[name].filter((row) => mine(row.key)) });
  },
  geojson(text, mine) {
    const whole = JSON.parse(text);
    assert.equal(JSON.stringify(whole), text, 'JSON is read and written back as it was');
    return JSON.stringify({ ...whole, features: whole.features.filter((f) => mine(f.properties.key ?? f.id)) });
  },
};

test('f1_what_a_token_for_some_keys_is_shown_is_byte_for_byte_what_a_naive_filter_leaves', async () => {
  const path = '/v1/boards/other';
  const token = await admin.token('other', ['read', 'history'], { keys: ['a-*'] });
  const mine = (key) => key.startsWith('a-');
  const text = async (credential, tail) => {
    const answer = await fetch(`${server.url}${path}/${tail}`, { headers: { authorization: `Bearer ${credential}` } });
    assert.equal(answer.status, 200, tail);
    return answer.text();
  };
  const same = async (tail, form) => {
    const [whole, part] = [await text(server.adminKey, tail), await text(token, tail)];
    assert.ok(whole.includes('hidden-word') && !part.includes('hidden-word') && !part.includes('b-1'), tail);
    assert.equal(part, NAIVE[form](whole, mine), tail);
  };
  for (const form of texts('items')) await same(`items?format=${form}`, form);
  for (const form of texts('items')) await same(`views/now?format=${form}`, form);
  for (const form of texts('rows')) await same(`events?format=${form}`, form);
  for (const form of texts('rows')) await same(`views/past?format=${form}`, form);
  for (const form of texts('items')) {
    assert.equal(await text(token, `items/a-1?format=${form}`), await text(server.adminKey, `items/a-1?format=${form}`));
  }
  // Series and the summary are made from the events that it may see.
  const from = 'from=1789999990000&to=1790000010000&step=10s';
  for (const form of texts('rows')) {
    assert.equal(await text(token, `items/a-2/series?field=n&${from}&format=${form}`), await text(server.adminKey, `items/a-2/series?field=n&${from}&format=${form}`));
    // Numbers of several keys are added up: the same keys, asked for by name.
    const asked = await text(server.adminKey, `series?field=n&keys=a-1,a-2&${from}&format=${form}`);
    assert.equal(await text(token, `series?field=n&${from}&format=${form}`), asked);
  }
  const summary = JSON.parse(await text(token, 'summary'));
  assert.equal(summary.items, 2);
  const { min, max, average, min_key, max_key } = summary.fields.n;
  assert.deepEqual([min, max, average, min_key, max_key], [2, 3.5, 2.75, 'a-1', 'a-2']);
  // Standings are made from all keys: whoever may not read all of them sees none.
  assert.equal((await admin.as(token).get(`${path}/scores`)).status, 403);
  // The feed.
  const feeds = await Promise.all([token, server.adminKey].map((credential) => Feed.open(server, 'other', { credential })));
  const [part, whole] = await Promise.all(feeds.map((feed) => feed.subscribe(1)));
  assert.equal(whole.items.length, 3);
  const byKey = (items) => items.toSorted((x, y) => x.key.localeCompare(y.key));
  assert.equal(JSON.stringify(byKey(part.items)), JSON.stringify(byKey(whole.items.filter((i) => mine(i.key)))));
  const plain = async (credential) => {
    const feed = await Feed.open(server, 'other', { credential, protocols: [], query: '?realTimeItemKey=a-1' });
    for (let i = 0; i < 100 && feed.messages.length === 0 && feed.texts.length === 0; i += 1) await sleep(20);
    feed.drop();
    return JSON.stringify(feed.messages[0] ?? feed.texts[0]);
  };
  assert.equal(await plain(token), await plain(server.adminKey));
  feeds.forEach((feed) => feed.drop());
});

test('f1_what_a_token_for_some_keys_is_shown_in_columns_is_what_its_json_says_and_a_manager_gets_of_these_keys', async () => {
  const path = '/v1/boards/other';
  const token = await admin.token('other', ['read', 'history'], { keys: ['a-*'] });
  const only = await admin.token('other', ['read', 'history'], { keys: ['a-1'] });
  const bytes = async (credential, tail, headers = {}) => {
    const answer = await fetch(`${server.url}${path}/${tail}`, { headers: { authorization: `Bearer ${credential}`, ...headers } });
    assert.equal(answer.status, 200, tail);
    return Buffer.from(await answer.arrayBuffer());
  };
  const json = async (credential, tail) => JSON.parse(await bytes(credential, tail));
  const time = `from=1789999990000&to=1790000010000&step=10s`;
  // What a caller asks, and what a manager asks to get the same rows.
  const cases = [
    [token, 'items', 'items?keys=a-1,a-2', 'items'],
    [token, 'items/a-1', 'items/a-1', null],
    [only, 'events', 'events?key=a-1', 'events'],
    [token, `items/a-2/series?field=n&${time}`, `items/a-2/series?field=n&${time}`, 'points'],
    [token, `series?field=n&${time}`, `series?field=n&keys=a-1,a-2&${time}`, 'points'],
    [token, 'views/now', 'items?keys=a-1,a-2', 'items'],
    [only, 'views/past', 'events?key=a-1', 'events'],
  ];
  const joined = (tail, more) => `${tail}${tail.includes('?') ? '&' : '?'}${more}`;
  for (const [credential, tail, whole, list] of cases) {
    for (const form of ['arrow', 'parquet']) {
      const told = await bytes(credential, joined(tail, `format=${form}`));
      assert.deepEqual(await bytes(credential, tail, { accept: KINDS_OF_FORM[form] }), told, `${tail} ${form} by Accept`);
      assert.deepEqual(told, await bytes(server.adminKey, joined(whole, `format=${form}`)), `${tail} ${form}`);
      assert.ok(!told.includes('hidden-word') && !told.includes('b-1'), `${tail} ${form}`);
    }
    const rows = await parquetRows(await bytes(credential, joined(tail, 'format=parquet')));
    const body = await json(credential, tail);
    const said = list === null ? [body] : body[list] ?? body.groups.flatMap((group) => group.points);
    assert.ok(said.length > 0, tail);
    // Times are written differently by DuckDB.
    const shown = (row) => [row.key, row.seq && Number(row.seq), row.n, row.word, row.count && Number(row.count)].map((v) => v ?? null);
    assert.deepEqual(rows.map(shown), said.map(({ fields = {}, ...own }) => shown({ key: body.key, ...own, ...fields })), tail);
  }
  // Events of several keys: the manager has no such question, so the rows are those of its whole log.
  const mine = (row) => row.key.startsWith('a-');
  const [whole, part] = await Promise.all([server.adminKey, token].map(async (c) => parquetRows(await bytes(c, 'events?format=parquet'))));
  assert.deepEqual([whole.length, part.length], [5, 3]);
  assert.deepEqual(part, whole.filter(mine));
});
