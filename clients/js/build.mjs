// Builds dist/: each entry as one minified file by esbuild, and its types by tsc. Both come from the repository's node_modules.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');

/** How the entries are bundled; the sizes in docs/benchmarks.md are measured with the same. */
export const SETTINGS = { bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none' };

rmSync(dist, { recursive: true, force: true });
await build({
  ...SETTINGS,
  entryPoints: ['index', 'react', 'vue'].map((name) => join(here, `src/${name}.ts`)),
  outdir: dist,
  external: ['react', 'vue'],
});
// What only the tests read: the pure parts, each by itself.
await build({ ...SETTINGS, minify: false, entryPoints: [join(here, 'src/parts.ts')], outdir: join(here, 'build') });

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '--project', here], { stdio: 'inherit' });
process.exit(status ?? 1);
