// A program that crashes is started anew: what comes next is served as if nothing had been.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

/** What a crash of the program looks like to its listeners. */
const CRASH = "reportError(new WebAssembly.RuntimeError('unreachable'))";

/** In front of the public script's main module: POST /crash-now is a crash. */
const EDGE = `import edge from './edge.js';
export default {
  fetch(request, env, ctx) {
    if (!request.url.endsWith('/crash-now')) return edge.fetch(request, env, ctx);
    ${CRASH};
    return new Response('crashed');
  },
};`;

/** In front of the objects' main module: asking for a board named \`crash-…\` is a crash there. */
const OBJECTS = `import * as objects from './objects.js';
export * from './objects.js';
export { default } from './objects.js';
export class Registry extends objects.Registry {
  fetch(request) {
    if (request.url.includes('/boards/crash-')) ${CRASH};
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
  const inFront = (config, main, name, source) => {
    const first = `(name = "entry/${main}.js"`;
    const changed = config.replace(first, `(name = "entry/${name}.js", esModule = ${JSON.stringify(source)}),\n${first}`);
    assert.notEqual(changed, config, 'workerd.capnp has another main module now');
    return changed;
  };
  return inFront(inFront(text, 'edge', 'crash-edge', EDGE), 'objects', 'crash-objects', OBJECTS);
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

test('after a crash of the public script events are taken, and everything acknowledged is there', async () => {
  await survives(await admin.board('resilient'), async () => {
    const crash = await fetch(`${server.url}/crash-now`, { method: 'POST' });
    assert.equal(await crash.text(), 'crashed');
  });
});

test('after a crash of the objects a board loads again what it acknowledged', async () => {
  await survives(await admin.board('persistent'), async (n) => {
    const { status } = await admin.get(`/v1/boards/crash-${n}`);
    assert.equal(status, 404);
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
