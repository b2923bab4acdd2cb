// The TypeScript types of the API fit a partner's program, and refuse what the API would refuse.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { ROOT } from '../server.mjs';

test("a partner's program compiles with the types of the API", () => {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const project = join(ROOT, 'e2e/live/partner');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', project], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
