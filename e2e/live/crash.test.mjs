// A program that crashes is started anew: what comes next is served as if nothing had been.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

/** What a crash of the program looks like to its listeners. */
const CRASH = "reportError(new WebAssembly.RuntimeError('unreachable'))";

/**
 * In front of the main module: POST /crash-now is a crash, asking for a board named `crash-…` is one in an object, and the
 * board `failing` takes no batch.
 */
const IN_FRONT = `import main, * as objects from './index.js';
export * from './index.js';
export default {
  fetch(request, env, ctx) {
    if (!request.url.endsWith('/crash-now')) return main.fetch(request, env, ctx);
    ${CRASH};
    return new Response('crashed');
  },
};
export class Registry extends objects.Registry {
  async fetch(request) {
    if ((await request.clone().text()).includes('"board":"crash-')) ${CRASH};
    return super.fetch(request);
  }
}
export class Board extends objects.Board {
  fetch(request) {
    if (this.ctx.id.name === 'failing' && request.url.endsWith('/ingest')) throw new Error('no batch today');
    return super.fetch(request);
  }
}`;

function crashing(text) {
  const first = '(name = "entry/index.js"';
  const changed = text.replace(first, `(name = "entry/crash.js", esModule = ${JSON.stringify(IN_FRONT)}),\n${first}`);
  assert.notEqual(changed, text, 'workerd.capnp has another main module now');
  return changed;
}

let server;
let admin;

before(async () => {
  server = await startServer({ config: crashing });
  admin = new Client(server);
});
after(() => server?.stop());

/** Publishes, crashes, and finds everything that was acknowledged. */
async function survives(board, crash) {
  for (let n = 1; n <= 3; n += 1) {
    const before = (server.log().match(/Reinitializing/g) ?? []).length;
    const event = { key: `bus-${n}`, id: `${n}` };
    await admin.publish(board, [event]);
    await crash(n);
    const { body: again } = await admin.events(board, [event]);
    assert.equal(again.duplicate, 1, 'what was acknowledged before the crash is remembered after it');
    const { body } = await admin.get(`/v1/boards/${board}/items`);
    assert.equal(body.items.length, n);
    const starts = (server.log().match(/Reinitializing/g) ?? []).length;
    assert.equal(starts, before + 1, 'the program was started anew, once');
  }
}

test('after a crash on the way of a request events are taken, and everything acknowledged is there', async () => {
  await survives(await admin.board('resilient'), async () => {
    const crash = await fetch(`${server.url}/crash-now`, { method: 'POST' });
    assert.equal(await crash.text(), 'crashed');
  });
});

test('after a crash in an object a board loads again what it acknowledged', async () => {
  await survives(await admin.board('persistent'), async (n) => {
    // The calls that were under way end with the program.
    const { status } = await admin.get(`/v1/boards/crash-${n}`);
    assert.equal(status, 500);
  });
});

test('a board that fails is a problem for the sender and a line for the operator, not a dropped request', async () => {
  const config = { method: 'PUT', headers: { ...admin.authorization, 'content-type': 'application/json' } };
  const made = await fetch(`${server.url}/v1/boards/failing`, { ...config, body: '{"title":"Failing"}' });
  assert.equal(made.status, 201);
  // The first request may go the general way, the next ones go the direct one.
  for (let n = 0; n < 3; n += 1) {
    const answer = await fetch(`${server.url}/v1/boards/failing/events`, {
      method: 'POST',
      headers: { ...admin.authorization, 'content-type': 'application/json' },
      body: '{"key":"bus"}',
    });
    assert.equal(answer.status, 500);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.equal((await answer.json()).code, 'internal');
  }
  assert.match(server.log(), /no batch today/);
});
