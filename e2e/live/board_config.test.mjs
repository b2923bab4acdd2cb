// A board's config is written in the board and told to the registry. Whatever is cut off in between, they come to agree.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FIRST, STEP, fewest } from './support/each_write.mjs';
import { Client } from './support/client.mjs';
import { startLimited } from './support/limits.mjs';
import { eventually } from './support/wait.mjs';

const path = '/v1/boards/cut';
const scores = { columns: [{ name: 'points', op: 'sum', field: 'points' }] };
const before = { title: 'Before', visibility: 'public' };
const changed = { title: 'After', visibility: 'private', scores };

const listed = async (admin) => (await admin.get('/v1/boards')).body.boards.find((b) => b.board === 'cut');

/** What the board and the list say of its title, once they agree. */
async function agreed(admin) {
  let said;
  await eventually(async () => {
    const board = await admin.get(path);
    const row = await listed(admin);
    said = [board.status === 200 ? board.body.title : null, row?.title ?? null, board.body.visibility, row?.visibility];
    return said[0] === said[1] && (said[0] === null || said[2] === said[3]);
  }, () => `the board and the list agree: ${JSON.stringify(said)}`, 20_000);
  return said[0];
}

/** Kills the worker before each write of something in turn, restarts it, and looks. */
async function atEachWrite(t, prepare, act, look) {
  let kills = 0;
  for (const of of ['Board', 'Registry']) {
    for (let n = FIRST; n < 60; n += STEP) {
      const server = await startLimited();
      try {
        const admin = new Client(server);
        await prepare(admin);
        if (!(await server.killAtWrite(n, () => act(admin), { of }))) break;
        kills += 1;
        await server.restart();
        await look(admin, `${of}, write ${n}`);
      } finally {
        await server.stop();
      }
    }
  }
  t.diagnostic(`${kills} kills`);
  assert.ok(kills >= fewest(4) - 1, `${kills} kills`);
}

test('f11_a_kill_at_any_write_of_making_a_board_leaves_board_and_list_agreed', async (t) => {
  await atEachWrite(t, async () => {}, (admin) => admin.put(path, before), async (admin, where) => {
    const title = await agreed(admin);
    assert.ok([null, 'Before'].includes(title), where);
    // And it can be made, or made again.
    assert.equal((await admin.put(path, before)).status, title === null ? 201 : 200, where);
    assert.equal((await admin.events('cut', { key: 'a' })).status, 200, where);
    assert.equal(await agreed(admin), 'Before', where);
  });
});

test('f11_a_kill_at_any_write_of_a_change_leaves_all_of_it_or_nothing', async (t) => {
  const prepare = async (admin) => {
    assert.equal((await admin.put(path, before)).status, 201);
    await admin.publish('cut', [{ key: 'a', fields: { points: 3 } }]);
  };
  await atEachWrite(t, prepare, (admin) => admin.put(path, changed), async (admin, where) => {
    const title = await agreed(admin);
    assert.ok(['Before', 'After'].includes(title), where);
    // The scoreboard is the config's.
    const { status, body } = await admin.get(`${path}/scores`);
    assert.equal(status, title === 'After' ? 200 : 404, where);
    if (title === 'After') {
      const full = async () => (await admin.get(`${path}/scores`)).body.rows.length === 1;
      assert.ok(body.rows.length === 1 || (await eventually(full, 'the ranking')), where);
      assert.equal((await admin.as(null).get(`${path}/items`)).status, 401, where);
    }
  });
});

test('f11_a_kill_at_any_write_of_deleting_a_board_brings_it_to_its_end_or_leaves_it_whole', async (t) => {
  const prepare = async (admin) => {
    assert.equal((await admin.put(path, before)).status, 201);
    await admin.publish('cut', [{ key: 'a' }]);
  };
  await atEachWrite(t, prepare, (admin) => admin.delete(path), async (admin, where) => {
    const title = await agreed(admin);
    if (title === null) {
      assert.equal((await admin.events('cut', { key: 'b' })).status, 404, where);
      assert.equal((await admin.put(path, before)).status, 201, where);
      assert.equal((await admin.items('cut')).items.size, 0, where);
    } else {
      assert.equal((await admin.items('cut')).items.size, 1, where);
    }
  });
});
