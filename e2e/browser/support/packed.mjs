// The site as it is packed for a static host.

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT } from '../../server.mjs';

/** Packs the built site for an API at this origin, compressed in haste; the folder. */
export function packed(api = '', from = join(ROOT, 'dist')) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-site-'));
  execFileSync('node', [join(ROOT, 'app/pack/pack.mjs'), '--from', from, '--to', folder, `--api=${api}`, '--effort=3'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  return folder;
}
