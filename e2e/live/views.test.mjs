// Views: formats, filters, entity tags, the cache at the edge, and that nobody is served what another may see.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

let server;
let admin;
let nobody;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  nobody = admin.as(null);
});
after(() => server?.stop());

const view = (board, rest = '') => `/v1/boards/${board}/items${rest}`;
const cache = (answer) => answer.headers.get('x-cache');
/** How many answers came from where. */
const counted = (answers) => {
  const counts = {};
  for (const answer of answers) counts[cache(answer)] = (counts[cache(answer)] ?? 0) + 1;
  return counts;
};
const etag = (answer) => answer.headers.get('etag');

async function filled(name, count, config = {}) {
  const board = await admin.board(name, config);
  const events = Array.from({ length: count }, (_, i) => ({
    key: `v${i}`,
    position: { lat: 30 + i / 1000, lon: -97 - i / 1000, speed: i },
    fields: { route: `${800 + (i % 3)}`, fuel: i / count },
  }));
  await admin.publish(board, events);
  return board;
}

test('a view comes in the form that format= or Accept asks for, and format= wins', async () => {
  const board = await filled('formats', 3);
  await admin.publish(board, [{ key: '=1+1', fields: { note: '@SUM(A1),x', n: -5 } }]);
  const kinds = { json: 'application/json', geojson: 'application/geo+json', csv: 'text/csv', ndjson: 'application/x-ndjson' };
  for (const [format, kind] of Object.entries(kinds)) {
    const byName = await nobody.get(view(board, `?format=${format}`), { accept: 'text/html' });
    const byAccept = await nobody.get(view(board), { accept: `text/html;q=0.9, ${kind}` });
    assert.deepEqual([byName.status, byAccept.status], [200, 200]);
    assert.equal(byName.headers.get('content-type').split(';')[0], kind);
    assert.deepEqual(byName.body, byAccept.body);
    assert.match(byAccept.headers.get('vary'), /Accept/);
  }
  const { cursor } = await admin.items(board);
  const table = await nobody.get(view(board, '?format=csv'));
  assert.ok(table.body.includes(`\r\n"'=1+1",`), table.body);
  assert.ok(table.body.includes(`"'@SUM(A1),x",-5\r\n`), table.body);
  const map = await nobody.get(view(board, '?format=geojson'));
  assert.deepEqual(map.body.features[0].geometry, { type: 'Point', coordinates: [-97, 30] });
  assert.equal(map.body.features[3].geometry, null);
  assert.equal(map.body.cursor, cursor);
  const lines = (await nobody.get(view(board, '?format=ndjson'))).body.trim().split('\n').map((l) => JSON.parse(l));
  assert.deepEqual(lines, (await nobody.get(view(board))).body.items);
  assertProblem(await nobody.get(view(board, '?format=xml')), 400, 'invalid_parameter', 'format');
  assertProblem(await nobody.get(view(board), { accept: 'text/html' }), 406, 'not_acceptable', 'Accept');
  assert.equal((await nobody.get(view(board, '/v1?format=csv'))).body.split('\r\n').length, 3);
});

test('every format links to its next page, and the pages are complete', async () => {
  const board = await filled('links', 25);
  for (const format of ['csv', 'ndjson', 'geojson', 'json']) {
    let path = view(board, `?format=${format}&limit=10&where=position.speed:lt:24`);
    let rows = 0;
    for (let pages = 0; path !== null; pages += 1) {
      assert.ok(pages < 4);
      const { body, headers, status } = await nobody.get(path);
      assert.equal(status, 200);
      if (format === 'csv') rows += body.trim().split('\r\n').length - 1;
      else if (format === 'ndjson') rows += body.trim().split('\n').length;
      else rows += (body.items ?? body.features).length;
      const link = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '');
      path = link === null ? null : view(board, link[1]);
    }
    assert.equal(rows, 24, format);
  }
});

test('items are chosen by conditions, and a wrong one is named with its part', async () => {
  const board = await filled('where', 9);
  const found = async (query) => {
    const { status, body } = await nobody.get(view(board, `?${query}`));
    assert.equal(status, 200, JSON.stringify(body));
    return body.items.map((i) => i.key);
  };
  assert.deepEqual(await found('where=route:eq:801&where=fuel:lt:0.5'), ['v1', 'v4']);
  assert.deepEqual(await found('group=route:802&prefix=v'), ['v2', 'v5', 'v8']);
  assert.deepEqual(await found('where=key:in:v3,v4&where=position.altitude:missing'), ['v3', 'v4']);
  const { body } = await nobody.get(view(board, '?fields=fuel,position.speed&keys=v0'));
  assert.deepEqual(Object.keys(body.items[0]), ['key', 'time', 'seq', 'position', 'fields']);
  assert.deepEqual([body.items[0].position, body.items[0].fields], [{ speed: 0 }, { fuel: 0 }]);
  const wrong = assertProblem(await nobody.get(view(board, '?where=fuel:below:1')), 400, 'invalid_parameter', 'where');
  assert.match(wrong.detail, /fuel:below:1.*operators are/);
  assertProblem(await nobody.get(view(board, '?where=colour:eq:red')), 400, 'unknown_field', 'where');
  assertProblem(await nobody.get(view(board, '?fields=fuel,colour')), 400, 'unknown_field', 'fields');
});

test('same cursor, same bytes: of each form, for each reader, from the board or from the cache', async () => {
  const board = await filled('law', 20);
  const some = admin.as(await admin.token(board, ['read'], { keys: ['v1*'] }));
  const seen = new Map();
  for (let round = 0; round < 12; round += 1) {
    for (const query of ['', '?format=csv', '?where=fuel:gt:0.5', '?limit=3&format=ndjson']) {
      for (const [who, client] of Object.entries({ nobody, admin, some })) {
        for (const accept of ['*/*', 'application/geo+json, */*;q=0.1']) {
          const answer = await client.get(view(board, query), { accept });
          const tag = `${who === 'some' ? 'some' : 'all'} ${query} ${etag(answer)}`;
          const bytes = JSON.stringify(answer.body);
          if (seen.has(tag)) assert.equal(seen.get(tag), bytes, tag);
          seen.set(tag, bytes);
        }
      }
    }
    if (round % 3 === 2) await admin.publish(board, [{ key: 'v1', fields: { fuel: round / 100 } }]);
  }
  // Readers of everything get the bare cursor, whatever they came with.
  const { cursor } = await admin.items(board);
  assert.equal(etag(await nobody.get(view(board))), `"${cursor}"`);
  assert.equal(etag(await admin.get(view(board, '?format=csv'))), `"${cursor}"`);
  // What one address has in several forms, or for several readers, has several tags.
  const tags = [await nobody.get(view(board)), await nobody.get(view(board), { accept: 'text/csv' }), await some.get(view(board))];
  assert.equal(new Set(tags.map(etag)).size, 3);
});

test('a fresh view is answered from memory, also 304, and a write is seen at once', async () => {
  const board = await filled('fresh', 50, { cache: { s_maxage_s: 60, stale_while_revalidate_s: 0, stale_if_error_s: 0 } });
  const first = await nobody.get(view(board, '?limit=10&prefix=v'));
  assert.equal(cache(first), 'miss');
  for (let i = 0; i < 20; i += 1) {
    const again = await nobody.get(view(board, i % 2 ? '?limit=10&prefix=v' : '?prefix=v&limit=10'));
    assert.deepEqual([cache(again), again.body], ['hit', first.body]);
    const same = await nobody.get(view(board, '?limit=10&prefix=v'), { 'if-none-match': `"x", W/${etag(first)}` });
    assert.deepEqual([same.status, cache(same), same.body], [304, 'hit', '']);
  }
  assert.match(first.headers.get('cache-control'), /^public, max-age=0, s-maxage=60/);
  await admin.publish(board, [{ key: 'v0', fields: { fuel: 9 } }]);
  const changed = await nobody.get(view(board, '?limit=10&prefix=v'), { 'if-none-match': etag(first) });
  assert.deepEqual([changed.status, changed.body.items[0].fields.fuel], [200, 9]);
});

test('a thousand readers of a cold view ask the board once', async () => {
  const board = await filled('crowd', 1_000, { cache: { s_maxage_s: 60 } });
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => nobody.get(view(board))));
  assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
  const { miss, coalesced = 0, hit = 0, ...others } = counted(answers);
  assert.deepEqual([miss, coalesced + hit, others], [1, 999, {}]);
  assert.equal(new Set(answers.map((a) => JSON.stringify(a.body))).size, 1);
});

test('a reader who leaves does not leave the others waiting', async () => {
  const board = await filled('leavers', 1_000, { cache: { s_maxage_s: 60 } });
  for (let round = 0; round < 5; round += 1) {
    const stop = new AbortController();
    const path = server.url + view(board, `?limit=${900 + round}`);
    const leaver = fetch(path, { signal: stop.signal }).catch(() => 'left');
    await sleep(1);
    const others = Array.from({ length: 20 }, () => nobody.get(view(board, `?limit=${900 + round}`)));
    stop.abort();
    await leaver;
    const begun = Date.now();
    for (const answer of await Promise.all(others)) assert.equal(answer.status, 200);
    assert.ok(Date.now() - begun < 2_000);
  }
});

test('a stale view is served while it is asked for anew, once', async () => {
  const board = await filled('stale', 10, { cache: { s_maxage_s: 1, stale_while_revalidate_s: 60 } });
  await nobody.get(view(board));
  await sleep(1_200);
  const crowd = await Promise.all(Array.from({ length: 50 }, () => nobody.get(view(board))));
  const { updating, miss } = counted(crowd);
  assert.deepEqual([updating, miss], [1, undefined]);
  assert.equal(crowd.find((a) => cache(a) === 'updating').headers.get('age'), '1');
  assert.equal(cache(await nobody.get(view(board))), 'hit');
});

test('with s_maxage_s 0 the board is always asked', async () => {
  const board = await filled('always', 10, { cache: { s_maxage_s: 0 } });
  for (let i = 0; i < 3; i += 1) assert.equal(cache(await nobody.get(view(board))), 'bypass');
  assertProblem(await admin.put('/v1/boards/always', { title: 'x', cache: { s_maxage_s: 86_401 } }), 422, 'invalid_config', 'cache.s_maxage_s');
});

test('readers with many rights, all at once, each see theirs and nothing else', async () => {
  const board = await filled('grants', 60, { visibility: 'private', cache: { s_maxage_s: 60 } });
  const readers = [];
  for (let i = 0; i < 30; i += 1) {
    const keys = i % 3 === 0 ? [`v${i}`] : i % 3 === 1 ? [`v${i % 10}*`] : [`v${i}`, `v${i + 1}`];
    const client = admin.as(await admin.token(board, ['read'], { keys }));
    const allowed = (key) => keys.some((k) => (k.endsWith('*') ? key.startsWith(k.slice(0, -1)) : key === k));
    readers.push({ client, allowed, status: 200 });
  }
  readers.push({ client: admin, allowed: () => true, status: 200 });
  readers.push({ client: nobody, status: 401 });
  readers.push({ client: admin.as('not.a.token'), status: 401 });
  readers.push({ client: admin.as(await admin.token(board, ['publish'])), status: 403 });
  const other = await filled('grants-other', 5, { visibility: 'private' });
  readers.push({ client: admin.as(await admin.token(other, ['read'])), status: 403 });
  const short = admin.as(await admin.token(board, ['read'], { ttl_s: 1 }));
  assert.equal((await short.get(view(board))).body.items.length, 60);
  await sleep(2_100);
  readers.push({ client: short, status: 401 });
  const all = Array.from({ length: 60 }, (_, i) => `v${i}`);
  const queries = ['', '?format=csv', '?format=geojson', '?prefix=v1', '?fields=fuel', '?limit=7'];
  const tags = new Set();
  for (let round = 0; round < 3; round += 1) {
    const jobs = readers.flatMap((reader) => queries.map((query) => ({ reader, query })));
    jobs.sort(() => Math.random() - 0.5);
    await Promise.all(jobs.map(async ({ reader, query }) => {
      const answer = await reader.client.get(view(board, query));
      assert.equal(answer.status, reader.status);
      if (answer.status !== 200) return;
      assert.equal(answer.headers.get('cache-control'), 'private, no-cache, no-transform');
      assert.match(answer.headers.get('vary'), /Authorization/);
      tags.add(etag(answer));
      const text = JSON.stringify(answer.body);
      const shown = all.filter((key) => new RegExp(`\\b${key}\\b`).test(text));
      assert.deepEqual(shown.filter((key) => !reader.allowed(key)), [], query);
      if (query === '') assert.deepEqual(shown, all.filter(reader.allowed));
    }));
    if (round === 1) await admin.publish(board, [{ key: 'v1', fields: { fuel: 2 } }]);
  }
  // Nobody's tag answers 304 to another who may see other keys, nor to who may see nothing.
  for (const tag of tags) {
    for (const { client, status } of readers.filter((r) => r.status !== 200)) {
      assert.equal((await client.get(view(board), { 'if-none-match': tag })).status, status);
    }
  }
  for (const { client, allowed } of readers.filter((r) => r.status === 200)) {
    const answer = await client.get(view(board, '/v7'), { 'if-none-match': [...tags].slice(0, 1).join() });
    assert.equal(answer.status, allowed('v7') ? answer.status : 404);
  }
});

test('a board that becomes private is shown to nobody from that moment, and one that is made anew shows nothing old', async () => {
  const config = { cache: { s_maxage_s: 3_600, stale_while_revalidate_s: 3_600 } };
  const board = await filled('closing', 10, config);
  for (let i = 0; i < 3; i += 1) assert.equal((await nobody.get(view(board))).status, 200);
  const put = (more) => admin.put(`/v1/boards/${board}`, { title: 'x', ...config, ...more });
  assert.equal((await put({ visibility: 'private' })).status, 200);
  assertProblem(await nobody.get(view(board)), 401, 'credential_missing');
  assertProblem(await nobody.get(view(board), { 'if-none-match': '*' }), 401, 'credential_missing');
  const mine = await admin.get(view(board));
  assert.deepEqual([cache(mine), mine.headers.get('cache-control')], ['miss', 'private, no-cache, no-transform']);
  assert.equal((await put({ visibility: 'public' })).status, 200);
  assert.equal(cache(await nobody.get(view(board))), 'miss');
  assert.equal((await admin.delete(`/v1/boards/${board}`)).status, 204);
  assertProblem(await nobody.get(view(board)), 401, 'credential_missing');
  await admin.board('closing', config);
  assert.deepEqual((await nobody.get(view(board))).body.items, []);
});

test('problems are answered once for all as well, and end with the next write', async () => {
  const board = await filled('absent', 3, { cache: { s_maxage_s: 60 } });
  const answers = await Promise.all(Array.from({ length: 40 }, () => nobody.get(view(board, '/v9'))));
  answers.forEach((a) => assertProblem(a, 404, 'item_not_found'));
  assert.equal(answers.filter((a) => cache(a) === 'miss').length, 1);
  assert.equal(answers[0].headers.get('cache-control'), 'no-store, no-transform');
  await admin.publish(board, [{ key: 'v9' }]);
  assert.equal((await nobody.get(view(board, '/v9'))).status, 200);
});
