// Dead letters have room for so many bytes. Those that make room for others are counted, and whoever manages the board is told.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client } from './support/client.mjs';
import { startLimited } from './support/limits.mjs';

/** Records without a key, just short enough to be kept whole. */
const body = (n, round) => Array.from({ length: n }, (_, i) => ({ round, i, note: 'x'.repeat(200_000) }));

test('f5_dead_letters_that_make_room_for_others_are_counted_and_told', async (t) => {
  const server = await startLimited();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('b');
  let sent = 0;
  const send = async (round) => {
    const { status, body: answer } = await admin.events(board, body(30, round));
    assert.deepEqual([status, answer.refused], [200, 30], JSON.stringify(answer).slice(0, 500));
    sent += 30;
  };
  const kept = async () => {
    const all = [];
    let dropped;
    for (let next = ''; next !== null; ) {
      const page = (await admin.get(`/v1/boards/${board}/dead-letters?limit=1000${next}`)).body;
      all.push(...page.dead_letters);
      dropped = page.dropped;
      next = page.next === null ? null : `&after=${page.next}`;
    }
    return { all, dropped };
  };
  for (let round = 0; round < 3; round += 1) await send(round);
  assert.equal((await kept()).dropped, 0);
  assert.equal((await admin.get(`/v1/boards/${board}/summary`)).body.dead_letters, undefined);
  for (let round = 3; round < 13; round += 1) await send(round);
  const { all, dropped } = await kept();
  assert.ok(dropped > 0, 'some made room');
  assert.equal(all.length + dropped, sent, 'each is there or counted');
  assert.equal(all[0].record.round, 12, 'the newest are there');
  assert.deepEqual((await admin.get(`/v1/boards/${board}/summary`)).body.dead_letters, { dropped });
  assert.equal((await admin.as(null).get(`/v1/boards/${board}/summary`)).body.dead_letters, undefined, 'readers are not told');
  assert.equal(server.log().split('no room for more dead letters').length - 1, 1, 'the log says so once');
  // How many items ended is another number, and counts no events.
  await admin.publish(board, [{ key: 'a', fields: { n: 1 } }, { key: 'b', fields: { n: 1 } }]);
  for (const key of ['a', 'b']) assert.equal((await admin.delete(`/v1/boards/${board}/items/${key}`)).status, 200);
  // One that was dropped by hand makes no room for another.
  assert.equal((await admin.delete(`/v1/boards/${board}/dead-letters/${all.at(-1).id}`)).status, 204);
  await server.kill9();
  await server.restart();
  assert.equal((await kept()).dropped, dropped, 'after a restart as before');
  assert.equal((await admin.get(`/v1/boards/${board}/summary`)).body.events, 2);
  await send(13);
  const after = await kept();
  assert.equal(after.all.length + after.dropped, sent - 1);
  assert.deepEqual((await server.sqlWrites()).refused, []);
});
