// The feed as server-sent events: for those whose proxies let no WebSocket through, and for pages that only listen.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet');
  await admin.board('closed', { visibility: 'private' });
  await admin.board('arena', { scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
});
after(() => server?.stop());

/** A stream, with the events that came by it. */
class Stream {
  events = [];
  comments = 0;
  ended = false;

  static async open(board, query = '', { last, credential, method = 'GET' } = {}) {
    const stream = new Stream();
    stream.abort = new AbortController();
    const headers = { accept: 'text/event-stream', ...(last && { 'last-event-id': last }), ...(credential && { authorization: `Bearer ${credential}` }) };
    stream.answer = await fetch(`${server.url}/v1/boards/${board}/feed${query}`, { method, headers, signal: stream.abort.signal });
    if (stream.answer.status === 200) stream.done = stream.#read().catch(() => {}).then(() => (stream.ended = true));
    return stream;
  }

  async #read() {
    let text = '';
    for await (const piece of this.answer.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const of = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        if (lines[0].startsWith(':')) this.comments += 1;
        else if (of('retry')) this.retry = Number(of('retry'));
        else this.events.push({ event: of('event'), id: of('id'), data: JSON.parse(of('data')) });
      }
    }
  }

  /** An event of a kind that fits, once it is there. */
  next(event, fits = () => true) {
    return eventually(() => this.events.find((one) => one.event === event && fits(one)), () => `${event}: ${JSON.stringify(this.events).slice(0, 800)}`);
  }

  async close() {
    this.abort.abort();
    await this.done;
  }
}

test('a reader is told what is, and then what changes', async () => {
  await admin.publish('fleet', [{ key: 'a', fields: { n: 1 } }, { key: 'b,c', fields: { n: 1 } }]);
  const stream = await Stream.open('fleet');
  const { headers } = stream.answer;
  assert.deepEqual([headers.get('content-type'), headers.get('cache-control'), headers.get('access-control-allow-origin')], ['text/event-stream', 'no-store, no-transform', '*']);
  const snapshot = await stream.next('snapshot');
  assert.deepEqual(snapshot.data.items.map(({ key }) => key).sort(), ['a', 'b,c']);
  assert.ok(stream.retry > 0);
  await admin.publish('fleet', { key: 'a', fields: { n: 2 } });
  const delta = await stream.next('delta');
  assert.deepEqual([delta.data.items[0].key, delta.data.items[0].fields.n], ['a', 2]);
  assert.match(delta.id, /^e\d+:\d+\/\d+$/);
  await stream.close();
  // One of some keys is told of those; a comma that is part of a key is written %2C.
  const one = await Stream.open('fleet', '?keys=b%2Cc,z');
  assert.deepEqual((await one.next('snapshot')).data.items.map(({ key }) => key), ['b,c']);
  await admin.publish('fleet', [{ key: 'a', fields: { n: 3 } }, { key: 'z', fields: { n: 1 } }]);
  assert.deepEqual((await one.next('delta')).data.items.map(({ key }) => key), ['z']);
  await one.close();
});

test('one that comes back with the last id is told what it missed and nothing else, also after a restart', async () => {
  const first = await Stream.open('fleet');
  const { id } = await first.next('snapshot');
  await first.close();
  await admin.publish('fleet', { key: 'missed', fields: { n: 1 } });
  const second = await Stream.open('fleet', '', { last: id });
  await second.next('resumed');
  const delta = await second.next('delta', ({ data }) => data.items.some(({ key }) => key === 'missed'));
  assert.deepEqual(delta.data.items.map(({ key }) => key), ['missed']);
  assert.equal(second.events.filter(({ event }) => event === 'snapshot').length, 0);
  await server.kill9();
  await second.done;
  await server.restart();
  const third = await Stream.open('fleet', '', { last: delta.id });
  // Exactly, or with the whole board and a word that something is lost.
  await eventually(() => third.events.some(({ event }) => event === 'resumed' || event === 'snapshot'), 'it goes on');
  await third.close();
  const lost = await Stream.open('fleet', '', { last: 'not-one-of-ours' });
  await lost.next('snapshot');
  await lost.close();
});

test('standings are streamed as they are on the feed', async () => {
  await admin.publish('arena', [{ key: 'x', fields: { n: 3 } }, { key: 'y', fields: { n: 5 } }]);
  const stream = await Stream.open('arena', '?what=scores&top=1');
  const { data, id } = await stream.next('scores', ({ data: d }) => d.top?.rows);
  assert.deepEqual([data.top.rows[0].key, data.total, id], ['y', 2, undefined]);
  await admin.publish('arena', { key: 'x', fields: { n: 9 } });
  await stream.next('scores', ({ data: d }) => d.top?.moves?.some(({ key }) => key === 'x'));
  await stream.close();
});

test('whoever may not read is refused before anything is streamed, and what is wrong is named', async () => {
  const status = async (board, query, options) => {
    const { answer } = await Stream.open(board, query, options);
    const body = answer.status === 200 ? null : await answer.json();
    return [answer.status, body?.code, body?.errors?.[0]?.field];
  };
  assert.deepEqual(await status('closed'), [401, 'credential_missing', undefined]);
  assert.equal((await status('nobody'))[0], 401);
  assert.deepEqual(await status('fleet', '?token=x'), [400, 'token_in_url', undefined]);
  assert.deepEqual(await status('fleet', '?key=a'), [400, 'unknown_parameter', 'key']);
  assert.deepEqual(await status('fleet', '?top=many&what=scores'), [400, 'invalid', 'top']);
  assert.equal((await status('fleet', '?bbox=1,2,3'))[0], 400);
  const token = await admin.token('closed', ['read'], { keys: ['mine'] });
  await admin.publish('closed', [{ key: 'mine' }, { key: 'theirs' }]);
  const stream = await Stream.open('closed', '', { credential: token });
  assert.deepEqual((await stream.next('snapshot')).data.items.map(({ key }) => key), ['mine']);
  await stream.close();
  const plain = await fetch(`${server.url}/v1/boards/fleet/feed`);
  assert.equal(plain.status, 426);
  assert.match((await plain.json()).detail, /text\/event-stream/);
  const head = await Stream.open('fleet', '', { method: 'HEAD' });
  assert.deepEqual([head.answer.status, head.answer.headers.get('content-type')], [200, 'text/event-stream']);
});

test('a stream ends with the board, and with the credential', async () => {
  await admin.board('short');
  const { body: key } = await admin.post('/v1/keys', { label: 'k', grants: [{ board: 'closed', operations: ['read'] }] });
  const [of_board, of_key] = [await Stream.open('short'), await Stream.open('closed', '', { credential: key.key })];
  await of_board.next('snapshot');
  await of_key.next('snapshot');
  assert.equal((await admin.delete(`/v1/keys/${key.id}`)).status, 204);
  await admin.delete('/v1/boards/short');
  await eventually(() => of_board.ended && of_key.ended, () => JSON.stringify([of_board.events.at(-1), of_key.events.at(-1)]), 10_000);
  for (const stream of [of_board, of_key]) assert.equal(stream.events.at(-1).event, 'bye');
});

test('readers that leave are not counted as viewers for long', async () => {
  const streams = await Promise.all(Array.from({ length: 20 }, () => Stream.open('fleet')));
  await Promise.all(streams.map((stream) => stream.next('snapshot')));
  await Promise.all(streams.map((stream) => stream.close()));
  let tick = 0;
  await eventually(async () => {
    await admin.publish('fleet', { key: 'tick', fields: { n: (tick += 1) } });
    const { body } = await admin.get('/v1/boards/fleet/status');
    return (body.viewers ?? 0) < 5;
  }, 'they leave', 60_000);
});
