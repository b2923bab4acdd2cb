// After a quiet spell the relay sleeps and its memory is gone; the next update must reach every kind of viewer all the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed, assertSame } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

/** The platform puts an object with hibernatable sockets to sleep after ten quiet seconds. */
const QUIET_MS = 13_000;

test('an update after a quiet spell reaches viewers of everything, of a box, of keys and of one item, exactly', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('quiet', { visibility: 'private' });
  const at = (lat) => ({ lat, lon: -97.5 });
  await admin.publish(board, [
    { key: 'a', position: at(30.5), fields: { n: 0, old: 'x' } },
    { key: 'b', position: at(30.6), fields: { n: 0 } },
    { key: 'c', position: at(40), fields: { n: 0 } },
  ]);
  const open = (more = {}) => Feed.open(server, board, { credential: server.adminKey, ...more });
  const box = { bbox: [-98, 30, -97, 31] };
  const everything = await open();
  await everything.subscribe(1);
  const boxed = await open();
  await boxed.subscribe(2, box);
  const some = await open({ credential: await admin.token(board, ['read'], { keys: ['a', 'later'] }) });
  await some.subscribe(3, { keys: ['a', 'c', 'later'] });
  // A subscription too large to be kept with the socket.
  const many = await open();
  const long = Array.from({ length: 999 }, (_, i) => `k${i}`.padEnd(100, '-'));
  await many.subscribe(4, { keys: [...long, 'a'] });
  const several = await open();
  await several.subscribe(5);
  await several.subscribe(6, { keys: ['b'], every_ms: 200 });
  const plain = await open({ protocols: [], query: '?realTimeItemKey=a' });
  const silent = await open({ protocols: [], query: '?realTimeItemKey=nobody' });
  const feeds = [everything, boxed, some, many, several];

  /** Waits for a cursor everywhere and compares every copy with what REST says. */
  const settle = async (cursor, changed) => {
    const { items } = await admin.items(board);
    const where = (fits) => new Map([...items].filter(([key, item]) => fits(key, item)));
    const expected = [
      [everything, 1, items],
      [boxed, 2, where((_, item) => item.position?.lat <= 31)],
      [some, 3, where((key) => ['a', 'later'].includes(key))],
      [many, 4, where((key) => key === 'a')],
      [several, 5, items],
      [several, 6, where((key) => key === 'b')],
    ];
    for (const [feed, id, state] of expected) {
      const same = (key) => feed.replica(id).items.get(key)?.seq === state.get(key)?.seq;
      const told = () => `subscription ${id}: ${JSON.stringify([...feed.replica(id).items.values()])}`;
      await eventually(() => same('a') && same('b'), told);
      assertSame(feed.replica(id), state);
      assert.equal(feed.hole, undefined);
    }
    await everything.reach(1, cursor);
    await eventually(() => plain.messages.at(-1)?.seq === items.get('a').seq, 'the plain viewer is told');
    assert.equal(plain.messages.length, changed);
    assert.deepEqual(plain.messages.at(-1), items.get('a'));
    assert.equal(silent.messages.length, 0);
    assert.ok(feeds.every((f) => f.closed === null && !f.messages.some((m) => m.type === 'error' || m.type === 'gap')));
  };

  await sleep(QUIET_MS);
  const first = await admin.publish(board, [
    { key: 'a', fields: { n: 1, old: null } },
    { key: 'b', position: at(41) },
    { key: 'c', position: at(30.7) },
  ]);
  await settle(first.cursor, 1);
  const second = await admin.publish(board, [
    { key: 'a', fields: { n: 2 } },
    { key: 'later', fields: { n: 2 } },
    { key: 'b', position: at(30.1) },
  ]);
  await settle(second.cursor, 2);
  await sleep(QUIET_MS);
  // What a viewer says wakes the relay too, and it still knows what the viewer follows.
  everything.send('ping');
  await eventually(() => everything.texts.includes('pong'), 'a pong');
  await several.subscribe(5, { keys: ['a', 'b', 'c', 'later'] });
  const third = await admin.publish(board, [{ key: 'a', position: at(30.9) }, { key: 'b', fields: { n: 3 } }]);
  await settle(third.cursor, 3);
  for (const feed of [...feeds, plain, silent]) feed.drop();
});
