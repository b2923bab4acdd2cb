// Boards, keys and the list of boards of an older version come to today's tables in one transaction each: whatever is cut off
// or fails on the way, the next contact begins again from what was there.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import { ROOT } from '../server.mjs';
import { FIRST, STEP, fewest } from './support/each_write.mjs';
import { Client } from './support/client.mjs';
import { unpacked } from './support/golden.mjs';
import { startLimited } from './support/limits.mjs';

const GOLDEN = join(ROOT, 'e2e/golden');
/** As many writes of each kind of object as the way to today's tables has, and a few more. */
const WRITES = 16;

/**
 * Starts a worker on these data of which a write goes wrong: the alarms of old boards, and the first request, bring them to
 * today's tables. Answers whether there was such a write.
 */
async function goesWrong(dataDir, first) {
  let server;
  try {
    server = await startLimited({ dataDir, first, patience: 3_000 });
  } catch {
    // It hung while it started, and was killed.
    return true;
  }
  try {
    const admin = new Client(server);
    const asked = Promise.all(['/v1/boards', '/v1/boards/fleet/items?limit=1'].map((path) => admin.get(path))).catch(() => {});
    await Promise.race([asked, sleep(1_000)]);
    await sleep(300);
    const hangs = server.log().includes('limits: ');
    const went = hangs || !(await server.sqlWrites()).waits;
    if (hangs) await server.kill9();
    return went;
  } finally {
    await server.stop();
  }
}

/** Everything is there, each once, and goes on. */
async function isWhole(admin, { said, keys, T0 }, where) {
  for (const board of ['fleet', 'meters', 'secret', 'game']) {
    const { status, body } = await admin.get(`/v1/boards/${board}/items?limit=1000`);
    assert.equal(status, 200, `${where}: ${JSON.stringify(body)}`);
    const shown = (list) => list.map((i) => [i.key, i.position ?? null, JSON.stringify(i.fields)]).sort();
    if (board !== 'meters') assert.deepEqual(shown(body.items), shown(said[`${board} items`].items), `${where}: ${board}`);
  }
  const letters = (await admin.get('/v1/boards/fleet/dead-letters?limit=100')).body.dead_letters;
  assert.equal(letters.length, said['fleet letters'].dead_letters.length, where);
  for (const id of ['s1', 's2']) {
    const { rows } = (await admin.get(`/v1/boards/game/scores?session=${id}`)).body;
    assert.deepEqual(rows.map((r) => [r.key, r.rank, r.values]), said[`game scores ${id}`].rows.map((r) => [r.key, r.rank, r.values]), where);
  }
  const series = (await admin.get('/v1/boards/fleet/items/v1/series?field=fuel&step=1h&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z')).body;
  assert.deepEqual(series.points.map((p) => [p.time, p.count, p.sum]), said['fleet series'].points.map((p) => [p.time, p.count, p.sum]), where);
  assert.deepEqual((await admin.get('/v1/keys')).body.keys.map((k) => k.label).sort(), Object.keys(keys).sort(), where);
  assert.deepEqual((await admin.get('/v1/boards')).body.boards.map((b) => b.board).sort(), said.boards.boards.map((b) => b.board).sort(), where);
  // A request of before is known by its key, and a new one is taken once.
  const again = { 'idempotency-key': `again ${where}` };
  const events = [{ key: 'v1', time: T0, id: `new ${where}`, fields: { fuel: 1 } }];
  const first = await admin.events('fleet', events, again);
  assert.deepEqual([first.status, first.body.accepted], [200, 1], `${where}: ${JSON.stringify(first.body)}`);
  assert.deepEqual((await admin.events('fleet', events, again)).body, first.body, where);
}

for (const version of readdirSync(GOLDEN).filter((name) => !name.includes('.'))) {
  const expected = JSON.parse(gunzipSync(readFileSync(join(GOLDEN, version, 'expected.json.gz'))));

  test(`f2_what_an_older_version_stored_opens_whatever_is_cut_off_or_fails (${version})`, { timeout: 600_000 }, async (t) => {
    const tried = { hang: 0, fail: 0 };
    for (const of of ['Registry', 'Board']) {
      for (const how of ['hang', 'fail']) {
        for (let at = FIRST; at <= WRITES; at += STEP) {
          const copy = unpacked(join(GOLDEN, version));
          try {
            const error = 'database or disk is full: SQLITE_FULL';
            if (!(await goesWrong(copy, { at, of, how, error }))) break;
            tried[how] += 1;
            const server = await startLimited({ dataDir: copy });
            try {
              await isWhole(new Client(server), expected, `${of}, write ${at}, ${how}`);
            } finally {
              await server.stop();
            }
          } finally {
            rmSync(copy, { recursive: true, force: true });
          }
        }
      }
    }
    t.diagnostic(JSON.stringify(tried));
    assert.ok(tried.hang >= fewest(15) && tried.fail >= fewest(15), JSON.stringify(tried));
  });
}
