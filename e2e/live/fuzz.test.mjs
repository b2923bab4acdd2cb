// Made-up requests by the API's description: schemathesis sends what is valid and what is not, and holds every answer to
// the description. `cargo xtask test` installs it where there is Python.
// Runs alone: it loads both processors.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PROGRAM = process.env.HELIOGRAPH_SCHEMATHESIS;
const skip = PROGRAM && existsSync(PROGRAM) ? false : 'schemathesis is not installed: the API is not fuzzed';

/**
 * What is held to the description. Not among them: that all that fits the schemas is taken, since they can't say that
 * `from` is before `to`; and that nothing else is, since what does not concern an operation is not looked at.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

let server;

before(async () => {
  if (skip) return;
  server = await startServer();
  const admin = new Client(server);
  const points = [{ name: 'points', op: 'sum', field: 'points' }];
  await admin.board('fleet', { rollups: { quantiles: ['fuel'] } });
  await admin.board('quiz', { scores: { columns: points, groups: ['class'] } });
  const event = (i) => ({ key: `v${i % 9}`, fields: { fuel: i / 100, route: '801', points: i, class: '7a' } });
  for (const board of ['fleet', 'quiz']) await admin.publish(board, Array.from({ length: 100 }, (_, i) => event(i)));
});
after(() => server?.stop());

function run(args) {
  return new Promise((done, failed) => {
    const child = spawn(PROGRAM, args, { cwd: tmpdir(), env: { ...process.env, NO_COLOR: '1' } });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('error', failed);
    child.on('close', (code) => done({ code, output }));
  });
}

test('no made-up request is answered otherwise than described', { skip, timeout: 240_000 }, async () => {
  const { code, output } = await run([
    'run', `${server.url}/openapi.json`,
    '--header', `Authorization: Bearer ${server.adminKey}`,
    '--checks', CHECKS.join(','),
    '--phases', 'coverage,fuzzing',
    '--max-examples', process.env.HELIOGRAPH_JOURNEYS === 'all' ? '25' : '12',
    '--seed', '1',
    // An upgrade is no answer to it.
    '--exclude-operation-id', 'openFeed',
    // The boards that the others look at stay.
    '--exclude-operation-id', 'deleteBoard',
    // Media types that it can't write; who signs nothing is refused, which aws_refusals.test.mjs holds.
    '--exclude-operation-id', 'callAsAws',
    '--exclude-operation-id', 'callQueueAsAws',
    '--continue-on-failure',
  ]);
  assert.match(output, /Test cases:\n\s+\d+ generated/, output);
  assert.doesNotMatch(output, /Failures:/, output);
  assert.ok(code === 0 || /Serialization not possible: 1/.test(output), output);
});
