// Databases that older versions wrote.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Unpacks a folder of `e2e/golden` into a new data folder, which is the caller's to remove. */
export function unpacked(from) {
  const dataDir = mkdtempSync(join(tmpdir(), 'heliograph-golden-'));
  for (const entry of readdirSync(join(from, 'do'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const to = join(dataDir, relative(from, path).replace(/\.gz$/, ''));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, gunzipSync(readFileSync(path)));
  }
  return dataDir;
}
