// The package is small, and its types are those of the API.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { FILE, types } from '../types.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const gzipped = (name) => gzipSync(readFileSync(join(root, 'dist', name)), { level: 9 }).length;

test('the_main_entry_is_at_most_12_kb_gzip_and_needs_nothing', () => {
  const size = gzipped('index.js');
  console.log(`index.js ${size} bytes, react.js ${gzipped('react.js')}, vue.js ${gzipped('vue.js')} (gzip)`);
  assert.ok(size <= 12 * 1024, `${size}`);
  assert.doesNotMatch(readFileSync(join(root, 'dist/index.js'), 'utf8'), /\bimport\s*[({"'*]|\brequire\(/);
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.equal(dependencies, undefined);
});

test('the_types_are_those_of_the_apis_description', { skip: !existsSync(join(root, '../../dist/openapi.json')) && 'no dist/openapi.json' }, async () => {
  const made = await types(JSON.parse(readFileSync(join(root, '../../dist/openapi.json'), 'utf8')));
  assert.equal(readFileSync(FILE, 'utf8'), made, 'run `npm run types` in clients/js');
});
