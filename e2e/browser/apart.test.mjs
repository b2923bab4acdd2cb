// The journeys of the other files once more, with the site on CloudFront's stand-in and the API at another origin (support/site.mjs).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { ROOT } from '../server.mjs';

/** The one that asks for the most kinds of things in the least time: boards, items and their history, the feed. */
const EACH_TIME = ['board'];
/**
 * The others, with HELIOGRAPH_JOURNEYS=all. Left out: what starts servers of its own (tutorial, client_js), and pages for frames,
 * which are the worker's (embed).
 */
const OTHERS = [
  'arena', 'charts', 'console', 'console_embed', 'contest', 'docs', 'every_page', 'home', 'quiz', 'quiz_room', 'scores', 'sources',
];
const JOURNEYS = process.env.HELIOGRAPH_JOURNEYS === 'all' ? [...EACH_TIME, ...OTHERS] : EACH_TIME;

for (const name of JOURNEYS) {
  test(`${name}, with the site and the API at different origins`, { timeout: 600_000 }, async (t) => {
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const words = ['--test', '--test-reporter=spec', '--test-timeout=590000', join(ROOT, `e2e/browser/${name}.test.mjs`)];
    const child = spawn(process.execPath, words, { cwd: ROOT, env: { ...env, HELIOGRAPH_APART: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    const code = await new Promise((done) => child.once('close', done));
    assert.equal(code, 0, said.slice(-6000));
    // A file that ran nothing proves nothing.
    assert.ok(Number(/pass (\d+)/.exec(said)?.[1]) > 0, said);
  });
}
