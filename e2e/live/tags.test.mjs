// The same tag of the same address means the same bytes: over audiences, over every part of a config that changes, and for named
// views of which any part changed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

let server;
let admin;
before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const BASE = {
  title: 'Tags', visibility: 'public', key_name: 'team', rules: { past_s: null },
  // Nothing is answered from memory: what is compared is what the board says.
  cache: { s_maxage_s: 0, stale_while_revalidate_s: 0, stale_if_error_s: 0 },
  fields: { points: { label: 'Points' } },
  scores: { columns: [{ name: 'points', label: 'Points', op: 'sum', field: 'points' }], name: 'name', groups: ['region'] },
  views: { last: { query: { fields: 'points' } } },
};
const scores = (part) => ({ scores: { ...BASE.scores, ...part } });
const last = (part) => ({ views: { last: { ...BASE.views.last, ...part } } });

/** A config each of which one part is another. */
const CHANGES = {
  nothing: {},
  title: { title: 'Other' },
  description: { description: 'What it is' },
  key_name: { key_name: 'player' },
  stale_after_s: { stale_after_s: 7 },
  'a label': { fields: { points: { label: 'Score' } } },
  'a unit': { fields: { points: { label: 'Points', unit: 'pt' } } },
  thresholds: { fields: { points: { label: 'Points', thresholds: [{ value: 5 }] } } },
  top: { top: { field: 'points', direction: 'asc' } },
  marks: { map: { marks: [{ label: 'Much', where: ['points:gt:5'], color: 'red' }] } },
  zones: { privacy_zones: [{ name: 'Home', center: [16.37, 48.21], radius_m: 500 }] },
  awards: { awards: [{ id: 'gold-medal', ranks: [1, 1] }] },
  logos: { logos: { site: 'https://cds.example/', files: { a: 'a.png' } } },
  rollups: { rollups: { quantiles: ['points'] } },
  tracks: { tracks: { keep_days: 3 } },
  tick_ms: { tick_ms: 250 },
  keep_days: { keep_days: 9 },
  'a column’s label': scores({ columns: [{ ...BASE.scores.columns[0], label: 'Score' }] }),
  'a column’s unit': scores({ columns: [{ ...BASE.scores.columns[0], unit: 'pt' }] }),
  'a column’s direction': scores({ columns: [{ ...BASE.scores.columns[0], direction: 'asc' }] }),
  'a column’s rule': scores({ columns: [{ ...BASE.scores.columns[0], op: 'best' }] }),
  'another column': scores({ columns: [...BASE.scores.columns, { name: 'n', op: 'count' }] }),
  ties: scores({ ties: 'shared' }),
  groups: scores({ groups: [] }),
  'no names': scores({ name: undefined }),
  'a filter': scores({ filter: [{ field: 'points', at_least: 4 }] }),
  'a view’s fields': last({ query: { fields: 'points,region' } }),
  'a view’s beginning of keys': last({ query: { fields: 'points', prefix: 'a' } }),
  'a view’s condition': last({ query: { fields: 'points', where: 'points:gt:3' } }),
  'a view’s program': last({ jq: '[.items[].key]' }),
  'a view’s other program': last({ jq: '.items | length' }),
};

const PATHS = [
  'items', 'items?format=csv', 'items?format=ndjson', 'items?fields=points', 'items/a', 'events', 'events?format=csv', 'events?format=ndjson', 'summary',
  'scores', 'scores?format=csv', 'scores?top=1', 'scores?group=region:north', 'series?field=points', 'items/a/series?field=points', 'items/a/track', 'views/last',
];

test('a tag of an address stands for one answer, whoever asks and whatever part of the config changed', { timeout: 300_000 }, async () => {
  const put = async (config) => {
    const { status, body } = await admin.put('/v1/boards/tags', config);
    assert.ok([200, 201].includes(status), JSON.stringify(body));
  };
  await put(BASE);
  const begun = Date.now() - 60_000;
  await admin.publish('tags', ['a', 'b', 'c'].map((key, i) => ({
    id: key, key, time: begun + i * 1_000, position: { lat: 48.21 + i, lon: 16.37 }, fields: { points: 3 * i + 1, name: `Team ${key}`, region: i ? 'south' : 'north' },
  })));
  const grants = [{ board: 'tags', operations: ['read', 'history'], keys: ['a'] }];
  const { key } = (await admin.post('/v1/keys', { label: 'one team', grants })).body;
  const readers = { 'the manager': admin, everybody: admin.as(null), 'who sees a': admin.as(key) };
  const known = new Map();
  let answers = 0;
  for (const [what, change] of Object.entries(CHANGES)) {
    await put({ ...BASE, ...change });
    // Rankings are made anew in the background: while that goes on their answers count, too.
    for (let round = 0; round < 2; round += 1) {
      for (const path of PATHS) {
        for (const [who, client] of Object.entries(readers)) {
          const response = await fetch(`${server.url}/v1/boards/tags/${path}`, { headers: client.authorization });
          const bytes = Buffer.from(await response.arrayBuffer()).toString('base64');
          const tag = response.headers.get('etag');
          if (response.status !== 200 || tag === null || tag.startsWith('W/')) continue;
          answers += 1;
          const name = `${path} ${tag}`;
          const before = known.get(name);
          const text = (base64) => Buffer.from(base64, 'base64').toString().slice(0, 400);
          if (before) assert.equal(bytes, before.bytes, `${name}: ${before.who} after ${before.what} got ${text(before.bytes)}\n${who} after ${what} got ${text(bytes)}`);
          else known.set(name, { bytes, who, what });
          // Who asks whether it is still so is told by the same.
          if (round === 1) {
            const again = await fetch(`${server.url}/v1/boards/tags/${path}`, { headers: { ...client.authorization, 'if-none-match': tag } });
            await again.arrayBuffer();
            assert.ok(again.status === 304 || again.headers.get('etag') !== tag, `${name} for ${who}: ${again.status}`);
          }
        }
      }
      await sleep(150);
    }
  }
  assert.ok(answers > 1_000 && known.size > 40, `${answers} answers with ${known.size} tags`);
});
