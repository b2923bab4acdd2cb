// Makes `f2fb3b1.configs`: databases of the last version whose boards had their configs at the registry, small.
//
//   git worktree add /tmp/old f2fb3b1 && (cd /tmp/old && cargo xtask dist)
//   HELIOGRAPH_ROOT=/tmp/old node e2e/golden/make_configs.mjs e2e/golden/f2fb3b1.configs
//
// They are made once and never again: what that version wrote is what later ones must open.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

import Database from 'libsql';

import { Client } from '../live/support/client.mjs';
import { startServer } from '../server.mjs';

const [target] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'heliograph-golden-'));
const server = await startServer({ dataDir: folder });
const admin = new Client(server);

// One with events, one that is asked by its key, one that never had an event.
const scores = { columns: [{ name: 'points', op: 'sum', field: 'points' }] };
const configs = {};
for (const name of ['cut', 'other', 'quiet']) {
  assert.equal((await admin.put(`/v1/boards/${name}`, { title: name, visibility: 'public', scores, keep_days: 3_650 })).status, 201);
  configs[name] = (await admin.get(`/v1/boards/${name}`)).body;
  if (name !== 'quiet') await admin.publish(name, [{ key: 'a', fields: { points: 3 } }, { key: 'b', fields: { points: 4 } }]);
}
const { key } = (await admin.post('/v1/keys', { label: 'x', grants: [{ board: '*', operations: ['read', 'publish'] }] })).body;
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
writeFileSync(join(target, 'expected.json.gz'), gzipSync(JSON.stringify({ configs, key }), { level: 9 }));
rmSync(folder, { recursive: true });
process.exit(0);
