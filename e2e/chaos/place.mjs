// Where a run takes place: a server behind a proxy, its machine, an object store, a receiver of webhooks, and a board that
// has everything on.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startServer } from '../server.mjs';
import { Client } from '../live/support/client.mjs';
import { ObjectStore, reachingHere } from '../live/support/object_store.mjs';
import { withFront } from './front.mjs';
import { Machine } from './machine.mjs';
import { RULE } from './model.mjs';
import { Proxy } from './proxy.mjs';
import { Receiver } from './receiver.mjs';

/** Viewers of a relay, so that a few need several. */
const PER_RELAY = 3;
/** Relays that there are at most. */
export const RELAYS = 4;
/** An order that is not obeyed in this time is not. */
const ORDER_MS = 3_000;

const CONFIG = {
  scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] },
  // Clocks jump: a time is not refused for being ahead of the server's.
  rules: { future_s: 3_600 },
};

/** Starts all of it. */
export async function startPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-chaos-'));
  const machine = Machine.make(folder);
  const [store, receiver] = await Promise.all([ObjectStore.start(), Receiver.start()]);
  const ends = [() => store.stop(), () => receiver.stop(), () => machine.close(), () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of ends) await end();
  };
  try {
    const server = await startServer({
      env: { ...store.env, ...machine.env, HELIOGRAPH_VIEWERS_PER_RELAY: String(PER_RELAY) },
      config: (text) => reachingHere(withFront(text)),
    });
    ends.unshift(() => server.stop());
    const proxy = await Proxy.start(server.port);
    ends.unshift(() => proxy.stop());
    const admin = new Client(server);
    const board = await admin.board('chaos', { ...CONFIG, archive: store.archive() });
    await put(admin, `/v1/boards/${board}/alarms/rules/hot`, RULE);
    await put(admin, `/v1/boards/${board}/webhooks/ops`, { url: receiver.url });
    const life = (await admin.items(board)).cursor.split(':')[0];
    /** How clients come: through the proxy. */
    const through = { url: `http://127.0.0.1:${proxy.port}`, wsUrl: `ws://127.0.0.1:${proxy.port}`, adminKey: server.adminKey };
    /** Tells the module in front of the worker; not obeyed while there is no server. */
    const order = async (what) => {
      const request = { method: 'POST', body: JSON.stringify(what), signal: AbortSignal.timeout(ORDER_MS) };
      const answer = await fetch(`${server.url}/.chaos`, request).catch(() => null);
      return answer?.ok ? '' : 'not obeyed: the server is away';
    };
    return { machine, store, receiver, server, proxy, admin, board, life, through, order, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function put(admin, path, body) {
  const answer = await admin.put(path, body);
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}
