// The trace of a request: taken from `traceparent`, named in the answer, in each problem, and in the log.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const OF = (id, flags = '01') => ({ traceparent: `00-${id}-00f067aa0ba902b7-${flags}` });
const NAME = 'heliograph-trace';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet');
});
after(() => server?.stop());

/** Stands before the objects: asks a board for something that it has not. */
const IN_FRONT = `
import main, * as objects from './index.js';
export * from './index.js';
export default main;
export class Board extends objects.Board {
  fetch(request) {
    return super.fetch(new Request(request.url.replace('/items', '/nonsense'), request));
  }
}`;

function misled(text) {
  const first = '(name = "entry/index.js"';
  const changed = text.replace(first, `(name = "entry/misled.js", esModule = ${JSON.stringify(IN_FRONT)}),\n${first}`);
  assert.notEqual(changed, text, 'workerd.capnp has another main module now');
  return changed;
}

test('an answer names the trace that came with its request, and no other answer does', async () => {
  const event = JSON.stringify({ key: 'a', fields: { n: 1 } });
  const type = { 'content-type': 'application/json' };
  for (const [method, path, body, status] of [
    // Twice: the second time on the short way of events.
    ['POST', '/v1/boards/fleet/events', event, 200],
    ['POST', '/v1/boards/fleet/events', event, 200],
    ['GET', '/v1/boards/fleet/items', undefined, 200],
    // From what is kept.
    ['GET', '/v1/boards/fleet/items', undefined, 200],
    ['GET', '/v1/boards/fleet', undefined, 200],
    ['GET', '/healthz', undefined, 200],
    ['OPTIONS', '/v1/boards', undefined, 204],
    ['GET', '/v1/boards/nobody', undefined, 404],
    ['POST', '/v1/boards/fleet/events', '[', 400],
  ]) {
    const told = await admin.send(method, path, body, { ...type, ...OF(ID) });
    assert.deepEqual([told.status, told.headers.get(NAME)], [status, ID], `${method} ${path}`);
    const untold = await admin.send(method, path, body, type);
    const name = untold.headers.get(NAME);
    if (status < 400) assert.equal(name, null, `${method} ${path}`);
    else assert.match(name, /^[0-9a-f]{32}$/, `${method} ${path}`);
  }
});

test('every problem names its trace, in the body as in the header', async () => {
  for (const [method, path, body] of [
    ['GET', '/v1/boards/nobody/items'],
    ['GET', '/v1/nothing'],
    ['PATCH', '/v1/boards/fleet'],
    ['PUT', '/v1/boards/fleet', '{"title":5}'],
    ['GET', '/v1/boards/fleet/items?limit=x'],
    ['GET', '/v1/boards/fleet/items/nobody'],
    ['POST', '/v1/boards/fleet/events', '['],
    // A problem that the board tells.
    ['DELETE', '/v1/boards/fleet/items/nobody'],
  ]) {
    const given = await admin.send(method, path, body, OF(ID));
    assert.deepEqual([given.trace, given.headers.get(NAME)], [ID, ID], `${method} ${path} ${given.status}`);
    const [one, other] = [await admin.send(method, path, body), await admin.send(method, path, body)];
    assert.match(one.trace, /^[0-9a-f]{32}$/, `${method} ${path}`);
    assert.equal(one.trace, one.headers.get(NAME), `${method} ${path}`);
    assert.notEqual(one.trace, other.trace, `${method} ${path}`);
  }
});

test('what the specification forbids is not taken', async () => {
  for (const traceparent of [`00-${ID}-00f067aa0ba902b7`, `ff-${ID}-00f067aa0ba902b7-01`, `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${ID}-${'0'.repeat(16)}-01`, `00-${ID.toUpperCase()}-00f067aa0ba902b7-01`, `00-${ID}-00f067aa0ba902b7-01-more`]) {
    const { trace, status } = await admin.get('/v1/boards/nobody', { traceparent });
    assert.equal(status, 404);
    assert.match(trace, /^[0-9a-f]{32}$/, traceparent);
    assert.notEqual(trace, ID, traceparent);
  }
  const later = await admin.get('/v1/boards/nobody', { traceparent: `01-${ID}-00f067aa0ba902b7-01-more` });
  assert.equal(later.trace, ID);
});

test('a feed is opened with a trace as without one', async () => {
  for (const headers of [{}, OF(ID)]) {
    const feed = await Feed.open(server, 'fleet', { headers });
    assert.equal((await feed.subscribe(1)).items.length, 1);
    feed.drop();
  }
});

test('a viewer who asks for it is told the trace of a recorded request with the frame that brings it', async () => {
  const feed = await Feed.open(server, 'fleet');
  feed.send(JSON.stringify({ action: 'subscribe', id: 1, trace: true }));
  await feed.message((m) => m.type === 'snapshot', 'a snapshot');
  const trace = `${'b'.repeat(31)}2`;
  const start = feed.messages.length;
  for (const [flags, n] of [['00', 10], ['01', 11]]) {
    const { status } = await admin.events('fleet', { key: 'a', fields: { n } }, OF(flags === '01' ? trace : ID, flags));
    assert.equal(status, 200);
    await feed.message((m) => m.type === 'delta' && m.items.some(({ fields }) => fields?.n === n), `the event ${n}`, { start });
  }
  const traces = feed.messages.slice(start).filter((m) => m.type === 'delta').map((m) => m.trace);
  assert.deepEqual(traces.filter(Boolean), [trace]);
  feed.drop();
});

test('a log line is JSON and names the trace, at the edge and in the object that was called', async () => {
  const trace = `${'a'.repeat(31)}1`;
  const broken = await startServer({ config: misled });
  try {
    const client = new Client(broken);
    await client.board('fleet');
    const answer = await client.get('/v1/boards/fleet/items', OF(trace));
    assert.deepEqual([answer.status, answer.body.code, answer.trace], [500, 'internal', trace]);
    const said = await eventually(() => {
      const lines = broken.log().split('\n').filter((line) => line.includes(trace)).map((line) => JSON.parse(line.slice(line.indexOf('{'))));
      return lines.length >= 2 && lines;
    }, 'lines about the trace');
    for (const [from, message] of [['board fleet', /nonsense/], ['edge', /view items: 500/]]) {
      const line = said.find((l) => l.from === from);
      assert.ok(line, `${from}: ${JSON.stringify(said)}`);
      assert.deepEqual([line.level, line.trace], ['error', trace]);
      assert.match(line.message, message);
    }
    assert.ok(!broken.log().includes(broken.adminKey));
  } finally {
    await broken.stop();
  }
});
