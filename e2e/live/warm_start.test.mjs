// `cargo xtask up` where everything is built already: it looks whether that is so, starts, and is ready within seconds.
// Runs alone: it measures time.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ROOT, freePort } from '../server.mjs';

const XTASK = process.env.HELIOGRAPH_XTASK;
const LIMIT_MS = 5_000;

/** Milliseconds until `up` says that it is ready, demo fleet included. */
async function start(data) {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(XTASK, ['up', '--port', String(port), '--data', data], {
    cwd: ROOT,
    env: { ...process.env, HELIOGRAPH_ADMIN_KEY: '', HELIOGRAPH_SIGNING_KEY: '' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const ended = new Promise((done) => child.once('exit', done));
  const isReady = () => output.includes(`\nready http://127.0.0.1:${port}\n`);
  while (!isReady() && child.exitCode === null && performance.now() - begun < 300_000) await sleep(10);
  const took = performance.now() - begun;
  child.kill('SIGINT');
  await ended;
  assert.ok(isReady(), output);
  return { took, output };
}

test('a warm start is ready within five seconds, and builds nothing', { skip: !XTASK && 'HELIOGRAPH_XTASK is not set' }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'heliograph-warm-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  // What a run before this one has left to build is built here.
  await start(data);
  const warm = [];
  for (let run = 0; run < 3; run += 1) warm.push(await start(data));
  for (const { output } of warm) assert.doesNotMatch(output, /^ {2}\S+ .*\b(built|installed)\b/m);
  const [, middle] = warm.map(({ took }) => took).sort((a, b) => a - b);
  t.diagnostic(`ready in ${middle.toFixed(0)} ms`);
  assert.ok(middle < LIMIT_MS, `${middle.toFixed(0)} ms`);
});
