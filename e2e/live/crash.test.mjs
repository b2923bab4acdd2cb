// A program that crashes is started anew: what comes next is served as if nothing had been.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

/** A module in front of the worker's main one: POST /crash-now is a crash of the program, as far as anybody can tell. */
const CRASH = `import edge from './edge.js';
export * from './edge.js';
export default {
  fetch(request, env, ctx) {
    if (!request.url.endsWith('/crash-now')) return edge.fetch(request, env, ctx);
    reportError(new WebAssembly.RuntimeError('unreachable'));
    return new Response('crashed');
  },
};`;

const crashing = (text) => {
  const first = '    (name = "entry/edge.js"';
  const module = `    (name = "entry/crash.js", esModule = ${JSON.stringify(CRASH)}),\n`;
  const changed = text.replace(first, module + first);
  assert.notEqual(changed, text, 'workerd.capnp has another main module now');
  return changed;
};

let server;
let admin;

before(async () => {
  server = await startServer({ config: crashing });
  admin = new Client(server);
});
after(() => server?.stop());

test('after a crash events are taken, and everything acknowledged is there', async () => {
  const board = await admin.board('crash');
  for (let n = 1; n <= 3; n += 1) {
    await admin.publish(board, [{ key: `bus-${n}`, id: `${n}` }]);
    const crash = await fetch(`${server.url}/crash-now`, { method: 'POST' });
    assert.equal(await crash.text(), 'crashed');
    const { body: again } = await admin.events(board, [{ key: `bus-${n}`, id: `${n}` }]);
    assert.equal(again.duplicate, 1, 'what was acknowledged before the crash is remembered after it');
    const { body: items } = await admin.get(`/v1/boards/${board}/items`);
    assert.equal(items.items.length, n);
  }
  assert.match(server.log(), /Reinitializing/);
});
