// Many viewers at once, while a board is busy: each ends with exactly what REST says.
// Runs alone: it loads both processors.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed, assertSame } from './support/feed.mjs';

const VIEWERS = 50;
const KEYS = 300;
const RUN_MS = 5_000;

test('50 viewers of everything, of boxes and of keys converge under load, also those that come late or come back', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const admin = new Client(server);
  const board = await admin.board('busy');
  const inside = (item) => item.position?.lat >= 30 && item.position.lat <= 31;
  const kinds = [
    [{}, () => true],
    [{ bbox: [-98, 30, -97, 31] }, (_, item) => inside(item)],
    [{ keys: ['k1', 'k2', 'k299', 'never'] }, (key) => ['k1', 'k2', 'k299'].includes(key)],
    [{ every_ms: 500 }, () => true],
    [{ bbox: [-98, 30, -97, 31], every_ms: 300 }, (_, item) => inside(item)],
  ];
  const viewers = Array.from({ length: VIEWERS }, (_, i) => ({ kind: kinds[i % kinds.length], id: 1 + (i % 3) }));
  const connect = async (viewer, more = {}) => {
    viewer.feed = await Feed.open(server, board);
    if (more.resume) viewer.feed.replicas.set(viewer.id, more.copy);
    await viewer.feed.subscribe(viewer.id, { ...viewer.kind[0], ...(more.resume ? { resume: more.resume } : {}) });
  };
  await Promise.all(viewers.slice(0, 35).map((v) => connect(v)));

  let sent = 0;
  const stop = Date.now() + RUN_MS;
  const produce = async () => {
    while (Date.now() < stop) {
      const events = Array.from({ length: 20 }, () => {
        sent += 1;
        const key = `k${Math.floor(Math.random() * KEYS)}`;
        const fields = { n: sent, [`f${sent % 5}`]: sent % 7 ? `t${sent % 11}` : null };
        return Math.random() < 0.8 ? { key, position: { lat: 29.5 + Math.random() * 2, lon: -97.5 }, fields } : { key, fields };
      });
      await admin.publish(board, events);
      await sleep(10);
    }
  };
  const producers = [produce(), produce(), produce()];
  await sleep(RUN_MS / 4);
  await Promise.all(viewers.slice(35).map((v) => connect(v)));
  // Some lose their connection and come back with what they have.
  for (const viewer of viewers.slice(0, 20)) {
    viewer.feed.drop();
    const copy = viewer.feed.replica(viewer.id);
    await sleep(RUN_MS / 80);
    await connect(viewer, { copy, resume: copy.cursor });
  }
  await Promise.all(producers);
  // One last change that concerns every kind, so that each copy can be waited for.
  const last = await admin.publish(board, ['k1', 'k2', 'k299'].map((key) => ({ key, position: { lat: 30.5, lon: -97.5 } })));
  const { items, cursor } = await admin.items(board);
  assert.equal(cursor, last.cursor);
  for (const { feed, id, kind } of viewers) {
    await feed.reach(id, cursor);
    assertSame(feed.replica(id), new Map([...items].filter(([key, item]) => kind[1](key, item))));
    assert.equal(feed.hole, undefined, 'a delta that began after what the viewer has');
    assert.equal(feed.closed, null);
    feed.drop();
  }
  t.diagnostic(`${sent} events to ${VIEWERS} viewers`);
});
