// Makes the databases in a folder beside this file with an old build: small, synthetic, every table of it used.
//
//   git worktree add /tmp/old bb19004 && (cd /tmp/old && cargo xtask dist)
//   HELIOGRAPH_ROOT=/tmp/old node e2e/golden/make.mjs e2e/golden/bb19004
//
// They are made once for a version and never again: what that version wrote is what later ones must open.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import Database from 'libsql';

import { Client } from '../live/support/client.mjs';
import { Feed } from '../live/support/feed.mjs';
import { startServer } from '../server.mjs';

const [target] = process.argv.slice(2);
const T0 = Date.parse('2026-11-20T08:00:00Z');
/** So long that the tests do not see it end. */
const KEEP = { keep_days: 3_650 };
/** A relay puts its settled cursor away when it falls asleep. */
const QUIET_MS = 14_000;

const folder = mkdtempSync(join(tmpdir(), 'heliograph-golden-'));
const env = {
  ARCHIVE_DEFAULT: JSON.stringify({ access_key_id: 'AKIAOLD', secret_access_key: 'old' }),
  HELIOGRAPH_PRIVATE_TARGETS: 'allow',
};
const server = await startServer({ dataDir: folder, env });
const admin = new Client(server);
const ok = ({ status, body }) => {
  assert.ok(status >= 200 && status < 300, `${status} ${JSON.stringify(body)}`);
  return body;
};

// A board of vehicles: more requests than a checkpoint waits for, then some that the log alone has.
const fleet = {
  title: 'Fleet',
  description: 'As it was',
  visibility: 'public',
  fields: { fuel: { label: 'Fuel', unit: 'l' } },
  rules: { max_speed: 60 },
  views: { low: { title: 'Low fuel', path: 'items', query: { where: ['fuel:lt:5'] } } },
  pipeline: [{ name: 'known', filter: { keep: [{ field: 'fuel', at_least: 0 }] } }],
  archive: {
    target: { kind: 's3', endpoint: 'http://127.0.0.1:9', region: 'eu-1', bucket: 'events', prefix: 'raw/', path_style: true },
    interval_s: 900,
  },
  ...KEEP,
};
ok(await admin.put('/v1/boards/fleet', fleet));
const move = (i) => ({
  id: `e${i}`,
  key: `v${i % 20}`,
  time: T0 + i * 60_000,
  position: { lat: 30 + (i % 100) / 1_000, lon: -97 - (i % 50) / 1_000, heading: i % 360, speed: i % 30 },
  fields: { fuel: (i % 40) / 2, route: String(i % 7), on: i % 2 === 0 },
});
let sent = 0;
for (; sent < 1_010; sent += 1) ok(await admin.events('fleet', [move(sent)]));
ok(await admin.events('fleet', Array.from({ length: 30 }, () => move(sent++)), { 'idempotency-key': 'the-last-one' }));
ok(await admin.events('fleet', [{ key: '', fields: { fuel: 1 } }, { key: 'v1', time: T0, position: { lat: 91, lon: 0 }, fields: { fuel: 1 } }]));

// A board of numbers: more cells of rollups than wait in memory before they are written.
ok(await admin.put('/v1/boards/meters', { title: 'Meters', visibility: 'public', rollups: { quantiles: ['n'] }, ...KEEP }));
for (let i = 0; i < 2_800; i += 100) {
  const more = Object.fromEntries(Array.from({ length: 9 }, (_, f) => [`f${f}`, f]));
  const meter = (_, j) => ({ key: `m${(i + j) % 3}`, time: T0 + (i + j) * 10_000, fields: { n: (i + j) % 17, ...more } });
  ok(await admin.events('meters', Array.from({ length: 100 }, meter)));
}

// A game: a session that is over, one that is frozen, players, corrections.
const game = {
  title: 'Game',
  visibility: 'public',
  scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }, { name: 'best', op: 'best', field: 'points' }], everyone: true },
  sessions: { required: true, grace_s: 10 },
  players: { bounds: { points: [0, 10] }, per_second: 50, require_id: true },
  ...KEEP,
};
ok(await admin.put('/v1/boards/game', game));
const codes = {};
const people = {};
for (const id of ['s1', 's2']) {
  codes[id] = ok(await admin.post('/v1/boards/game/sessions', { id, title: `Round ${id}`, join: true })).code;
  ok(await admin.post(`/v1/boards/game/sessions/${id}`, { action: 'open' }));
  for (const [n, name] of ['Ann', 'Bob', 'Eve'].entries()) {
    const joined = ok(await admin.as(null).post('/v1/tokens', { code: codes[id], name }));
    people[`${id}/${name}`] = joined.key;
    for (let i = 0; i < 4; i += 1) {
      ok(await admin.as(joined.token).events('game', [{ key: joined.key, id: `${id}-${i}`, fields: { points: n + i, name } }]));
    }
    ok(await admin.as(joined.token).events('game', [{ key: joined.key, id: `${id}-x`, fields: { points: 99 } }]));
  }
  if (id === 's1') ok(await admin.post('/v1/boards/game/sessions/s1', { action: 'close' }));
}
ok(await admin.post('/v1/boards/game/sessions/s2', { action: 'freeze' }));
const late = ok(await admin.as(null).post('/v1/tokens', { code: codes.s2, name: 'Late' }));
people['s2/Late'] = late.key;
ok(await admin.as(late.token).events('game', [{ key: late.key, id: 'late', fields: { points: 10, name: 'Late' } }]));

// A private board with a view of another service, and one that was deleted.
ok(await admin.put('/v1/boards/secret', {
  title: 'Secret',
  views: { other: { title: 'Other', upstream: { url: 'https://api.example.com/x?key=1', credential: 'UPSTREAM_X' } } },
  ...KEEP,
}));
ok(await admin.events('secret', [{ key: 'hidden', time: T0, fields: { n: 1 } }]));
ok(await admin.put('/v1/boards/gone', { title: 'Gone' }));
ok(await admin.delete('/v1/boards/gone'));

const keys = {};
const grants = {
  reader: [{ board: 'secret', operations: ['read', 'history'] }],
  'one vehicle': [{ board: 'fleet', operations: ['publish', 'read'], keys: ['v1'] }],
  'by prefix': [{ board: 'fleet', operations: ['publish', 'read'], keys: ['v1*', 'bus-*'] }],
  odd: [{ board: 'fleet', operations: ['read'], keys: ['*x*'] }],
  'odd and literal': [{ board: 'secret', operations: ['read'], keys: ['*x~*', 'hidden', '*9'] }],
  many: [{ board: '*', operations: ['read'], keys: Array.from({ length: 40 }, (_, i) => `k${i}`) }],
  manager: [{ board: 'game', operations: ['manage', 'publish', 'read', 'history'] }],
};
for (const [label, list] of Object.entries(grants)) keys[label] = { ...ok(await admin.post('/v1/keys', { label, grants: list })), grants: list };

// Viewers: one with a subscription that is too large for its socket, one of everything; both there when the worker dies.
const viewer = await Feed.open(server, 'fleet');
await viewer.subscribe(1);
const many = await Feed.open(server, 'fleet');
await many.subscribe(2, { keys: Array.from({ length: 400 }, (_, i) => `k${i}`.padEnd(100, '-')) });
await sleep(QUIET_MS);

const said = {};
for (const [name, path] of Object.entries({
  'fleet items': '/v1/boards/fleet/items?limit=1000',
  'fleet events': '/v1/boards/fleet/events?limit=1000',
  'fleet series': '/v1/boards/fleet/items/v1/series?field=fuel&step=1h&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z',
  'fleet board series': '/v1/boards/fleet/series?field=fuel&step=1d&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z',
  'fleet letters': '/v1/boards/fleet/dead-letters',
  'meters items': '/v1/boards/meters/items',
  'meters series': '/v1/boards/meters/items/m1/series?field=n&step=10m&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z',
  'meters board series': '/v1/boards/meters/series?field=n&step=1h&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z&quantiles=0.5',
  'game items': '/v1/boards/game/items',
  'game scores s1': '/v1/boards/game/scores?session=s1',
  'game scores s2': '/v1/boards/game/scores?session=s2',
  'game sessions': '/v1/boards/game/sessions',
  'game audit': '/v1/boards/game/scores/audit',
  'game letters': '/v1/boards/game/dead-letters',
  'secret items': '/v1/boards/secret/items',
  boards: '/v1/boards',
  keys: '/v1/keys',
})) said[name] = ok(await admin.get(path));
await sleep(500);
await server.kill9();

const files = [];
for (const path of readdirSync(join(folder, 'do'), { recursive: true, withFileTypes: true })) {
  if (!path.isFile() || !path.name.endsWith('.sqlite')) continue;
  const file = join(path.parentPath ?? path.path, path.name);
  // What a kill left beside the file goes into it; nothing else changes.
  const db = new Database(file);
  db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  db.close();
  files.push(file);
}
rmSync(target, { recursive: true, force: true });
for (const file of files) {
  const to = join(target, 'do', `${relative(join(folder, 'do'), file)}.gz`);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, gzipSync(readFileSync(file), { level: 9 }));
}
writeFileSync(join(target, 'expected.json.gz'), gzipSync(JSON.stringify({ T0, sent, codes, people, keys, said }), { level: 9 }));
rmSync(folder, { recursive: true });
process.exit(0);
