// Subscriptions that begin with what was: on the feed, as server-sent events, and by long poll.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem, seq } from './support/client.mjs';
import { Feed } from './support/feed.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** Events under some keys, one a request; `n` counts them from 1. */
async function happen(board, keys) {
  for (const [i, key] of keys.entries()) {
    await admin.publish(board, { key, position: { lat: 1, lon: 2 }, fields: { n: i + 1, secret: 'x' } });
  }
}

/** Subscribes, and answers what is told until the snapshot, or the refusal. */
async function rewound(feed, id, wish) {
  const start = feed.messages.length;
  feed.send({ action: 'subscribe', id, ...wish });
  await feed.message((m) => m.id === id && ['snapshot', 'error'].includes(m.type), `answer to ${JSON.stringify(wish)}`, { start });
  return feed.messages.slice(start).filter((m) => m.id === id);
}
const numbers = ({ events }) => events.map((event) => event.fields.n);

test('what was comes before what is, and nothing between it and what comes is missing or told twice', async () => {
  const board = await admin.board('rewound');
  await happen(board, ['a', 'b', 'a', 'c', 'a']);
  const feed = await Feed.open(server, board);
  const [rewind, snapshot, ...rest] = await rewound(feed, 1, { rewind: { events: 3 } });
  assert.deepEqual([rewind.type, snapshot.type, rest], ['rewind', 'snapshot', []]);
  assert.equal(rewind.cursor, snapshot.cursor);
  assert.deepEqual(numbers(rewind), [3, 4, 5].slice(0, rewind.events.length));
  assert.ok(rewind.events.every((event) => event.cursor.endsWith(`:${event.seq}`)));
  assert.equal(seq(rewind.events[0].cursor), seq(rewind.from) + 1);
  // While events go on, each comes either before the snapshot or after it.
  const going = happen(board, Array.from({ length: 40 }, () => 'd'));
  const both = await Feed.open(server, board);
  const [was, is] = await rewound(both, 2, { keys: ['d'], rewind: { seconds: 60 } });
  await going;
  await both.item(2, 'd', (item) => item?.fields.n === 40);
  assert.deepEqual(numbers(was), Array.from({ length: was.events.length }, (_, i) => i + 1));
  assert.equal(is.items[0]?.fields.n ?? 0, was.events.length, 'the snapshot has what was told');
  assert.equal(both.hole, undefined);
  await feed.close();
  await both.close();
});

test('a rewind tells what the credential shows and is refused without history, at a pace, in binary and beyond its limits', async () => {
  const board = await admin.board('rewound-private', { visibility: 'private' });
  await happen(board, ['a', 'b', 'a']);
  const as = async (grant) => Feed.open(server, board, { token: await admin.mint([{ board, ...grant }]) });
  const both = ['read', 'history'];
  const hidden = await as({ operations: both, keys: ['a'], conditions: { hidden_fields: ['secret'], precision: 0 } });
  const [rewind] = await rewound(hidden, 1, { rewind: { events: 10 } });
  assert.deepEqual(rewind.events.map(({ key, fields }) => [key, fields]), [['a', { n: 1 }], ['a', { n: 3 }]]);
  assert.equal(rewind.events[0].position.heading, undefined);
  const code = async (feed, wish) => (await rewound(feed, 9, wish)).at(-1).code;
  assert.equal(await code(await as({ operations: ['read'] }), { rewind: { events: 1 } }), 'forbidden');
  assert.equal(await code(await as({ operations: both, conditions: { rate: 6 } }), { rewind: { events: 1 } }), 'forbidden');
  const later = Date.now() + 86_400_000;
  assert.equal(await code(await as({ operations: both, conditions: { history_from: later } }), { rewind: { events: 1 } }), 'forbidden');
  const feed = await as({ operations: both });
  for (const [wish, expected] of [
    [{ rewind: { events: 0 } }, 'out_of_range'],
    [{ rewind: { events: 5_001 } }, 'out_of_range'],
    [{ rewind: { seconds: 3_601 } }, 'out_of_range'],
    [{ rewind: { events: 1 }, resume: 'e1:1' }, 'invalid_filter'],
    [{ what: 'scores', rewind: { events: 1 } }, 'invalid_filter'],
  ]) {
    assert.equal(await code(feed, wish), expected, JSON.stringify(wish));
  }
  // What is chosen by a box is told of those that are in it now.
  const [box] = await rewound(feed, 2, { bbox: [1, 0, 3, 2], where: ['key:eq:b'], rewind: { events: 5 } });
  assert.deepEqual(box.events.map((event) => event.key), ['b']);
});

test('a stream and a long poll begin with what was, and go on without it', async () => {
  const board = await admin.board('rewound-streams');
  await happen(board, ['a', 'a', 'a']);
  const poll = async (query) => {
    const response = await fetch(`${server.url}/v1/boards/${board}/feed?${query}`, { headers: { accept: 'application/json' } });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const first = await poll('rewind=2&wait_s=0');
  assert.deepEqual(first.body.messages.map((m) => m.type), ['rewind', 'snapshot']);
  const [rewind] = first.body.messages;
  assert.deepEqual(numbers(rewind), [2, 3].slice(0, rewind.events.length));
  const next = poll(`rewind=2&after=${encodeURIComponent(first.body.id)}`);
  await admin.publish(board, { key: 'a', fields: { n: 4 } });
  assert.deepEqual((await next).body.messages.map((m) => m.type), ['delta']);
  assertProblem(await poll('rewind=2&rewind_s=3'), 400, 'invalid', 'rewind_s');
  assertProblem(await poll('rewind_s=9999'), 400, 'out_of_range');
  const abort = new AbortController();
  const stream = await fetch(`${server.url}/v1/boards/${board}/feed?rewind_s=60`, { headers: { accept: 'text/event-stream' }, signal: abort.signal });
  let text = '';
  for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.includes('event: snapshot')) break;
  }
  abort.abort();
  const events = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
  assert.deepEqual(events.filter((name) => name !== 'status'), ['rewind', 'snapshot']);
  assert.doesNotMatch(text.match(/event: rewind\n[^\n]*/)[0], /\nid:/, 'it is no place to come back to');
});
