// Boards of the last version that had their configs at the registry take them over on first contact, also when the worker is
// killed before any write of that.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { ROOT } from '../server.mjs';
import { FIRST, STEP, fewest } from './support/each_write.mjs';
import { Client } from './support/client.mjs';
import { unpacked } from './support/golden.mjs';
import { startLimited } from './support/limits.mjs';
import { eventually } from './support/wait.mjs';

const path = '/v1/boards/cut';
const listed = async (admin) => (await admin.get('/v1/boards')).body.boards.find((b) => b.board === 'cut');

test('f11_boards_of_before_take_their_configs_over_whatever_is_cut_off', async (t) => {
  // Made by e2e/golden/make_configs.mjs: two boards with two items each, and one that never had an event.
  const golden = join(ROOT, 'e2e/golden/f2fb3b1.configs');
  const { configs, key } = JSON.parse(gunzipSync(readFileSync(join(golden, 'expected.json.gz'))));
  let kills = 0;
  for (const of of ['Board', 'Registry']) {
    for (let n = FIRST; n < 60; n += STEP) {
      const copy = unpacked(golden);
      const server = await startLimited({ dataDir: copy });
      try {
        const admin = new Client(server);
        const where = `${of}, write ${n}`;
        const contact = () => Promise.all([admin.get(path), admin.as(key).events('other', { key: 'c', fields: { points: 5 } })]);
        if (!(await server.killAtWrite(n, contact, { of }))) break;
        kills += 1;
        await server.restart();
        // The list is whole also of boards that nobody has asked.
        const names = async () => (await admin.get('/v1/boards')).body.boards.map((b) => b.title);
        assert.deepEqual(await names(), ['cut', 'other', 'quiet'], where);
        for (const name of Object.keys(configs)) {
          assert.deepEqual((await admin.get(`/v1/boards/${name}`)).body, configs[name], where);
        }
        assert.equal((await admin.get(`${path}/scores`)).body.rows.length, 2, where);
        assert.equal((await admin.as(key).events('other', { key: 'd', fields: { points: 5 } })).status, 200, where);
        assert.ok((await admin.items('other')).items.size >= 3, where);
        await eventually(async () => (await listed(admin)).items === 2, 'the summary is in the list', 15_000);
        assert.deepEqual(await names(), ['cut', 'other', 'quiet'], where);
        // It is the board's own: changed and deleted as any.
        assert.equal((await admin.put(path, { title: 'changed' })).status, 200, where);
        assert.equal((await listed(admin)).title, 'changed', where);
        assert.equal((await admin.delete('/v1/boards/quiet')).status, 204, where);
        assert.equal((await admin.get('/v1/boards/quiet')).status, 404, where);
      } finally {
        await server.stop();
        rmSync(copy, { recursive: true, force: true });
      }
    }
  }
  t.diagnostic(`${kills} kills`);
  assert.ok(kills >= fewest(6) - 1, `${kills} kills`);
});
