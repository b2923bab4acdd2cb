#!/usr/bin/env bash
# ably@2.28.0 (npm, pinned below, bundled by esbuild@0.28.2): the variant from which an application takes "only the functionality that you
# choose" has a floor that is nearly all of it. `BaseRealtime` without a single plugin, which can't connect yet, is 35.5 KB after gzip; the
# two plugins that it needs add 1.4 KB. So leaving plugins out saves little, and the whole client is 1.6 times as much.
#
# Seen, bytes after gzip -9 (esbuild: bundle, minify, ESM, es2022, browser):
#   BaseRealtime alone                                    35,488
#   with WebSocketTransport and FetchRequest              36,913
#   Realtime of the default variant                       57,892
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund ably@2.28.0 esbuild@0.28.2

cat >probe.mjs <<'JS'
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const settings = { bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none', platform: 'browser', write: false };

async function size(contents) {
  const { outputFiles } = await build({ ...settings, stdin: { contents, resolveDir: '.' } });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

const floor = await size(`import { BaseRealtime } from 'ably/modular'; globalThis.x = BaseRealtime;`);
const names = 'BaseRealtime, WebSocketTransport, FetchRequest';
const usable = await size(`import { ${names} } from 'ably/modular'; globalThis.x = [${names}];`);
const whole = await size(`import { Realtime } from 'ably'; globalThis.x = Realtime;`);
console.log(`alone ${floor}, with what it needs ${usable}, default variant ${whole}`);
if (floor < 34_000 || floor > 37_000 || usable - floor > 3_000 || whole / floor > 1.8) {
  console.log('another behaviour');
  process.exit(1);
}
JS
node probe.mjs
echo "as described: without any plugin it is nearly as large as with those that it needs"
