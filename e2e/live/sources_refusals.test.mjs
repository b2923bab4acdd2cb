// Every envelope in turn: what is of nobody, comes again, is cut, is too long or a bomb. What has signatures of its own is refused for
// them in sources_sns.test.mjs and aws_refusals.test.mjs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { GOOD } from './support/envelopes.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const eventsOf = async (board) => (await admin.get(`/v1/boards/${board}/events?limit=1000`)).body.events.length;
const lettersOf = async (board) => (await admin.get(`/v1/boards/${board}/dead-letters?limit=100`)).body.dead_letters;

for (const [envelope, { body, headers, query = '', twice, poison, lines }] of Object.entries(GOOD)) {
  test(`${envelope}: what is of nobody, comes again, is cut, too long or a bomb`, async () => {
    const board = `of-${envelope.replaceAll('_', '-')}`;
    await admin.board(board);
    const { status, body: made } = await admin.post(`/v1/boards/${board}/sources`, { name: board, envelope, limits: { body_bytes: 20_000 } });
    assert.equal(status, 201, JSON.stringify(made));
    const send = (sent, more = {}, secret = made.secret) => admin.as(secret).post(`${made.ingest}${query}`, sent, { ...headers, ...more });

    for (const secret of ['hgs_wrong', null]) assert.equal((await send(body, {}, secret)).status, 401);
    assert.deepEqual([await eventsOf(board), (await lettersOf(board)).length], [0, 0]);

    const good = await send(body);
    assert.equal(good.status, 200, JSON.stringify(good.body));
    assert.deepEqual([await eventsOf(board), (await lettersOf(board)).length], [1, 0], JSON.stringify(await lettersOf(board)));
    assert.equal((await send(gzipSync(body), { 'content-encoding': 'gzip' })).status, 200);
    assert.equal(await eventsOf(board), twice === 'once' ? 1 : 2);
    const taken = await eventsOf(board);

    // What is cut is refused whole, or leaves a letter, and is never half an event. A line that is cut is a line less.
    const half = body.slice(0, Math.floor(body.length / 2));
    const cut = await send(half);
    assert.ok(cut.status < 500, `${cut.status} ${JSON.stringify(cut.body)}`);
    assert.equal(await eventsOf(board), taken);
    const left = (await lettersOf(board)).length;
    assert.ok(cut.status >= 400 || left > 0 || (lines && cut.status === 200), `${cut.status} and no letter: ${JSON.stringify(cut.body)}`);

    const blank = Buffer.alloc(30_000, 32);
    const long = await send(Buffer.concat([Buffer.from(body), blank]));
    const bomb = await send(gzipSync(Buffer.alloc(30_000_000, 32)), { 'content-encoding': 'gzip' });
    for (const refused of [long, bomb]) assert.equal(refused.status, poison ?? 413, JSON.stringify(refused.body));
    const broken = await send(Buffer.from('nope'), { 'content-encoding': 'gzip' });
    assert.equal(broken.status, poison ?? 400, JSON.stringify(broken.body));
    assert.equal(await eventsOf(board), taken);
    // Who is told that it was taken has left what was sent.
    const codes = (await lettersOf(board)).slice(0, (await lettersOf(board)).length - left).map(({ code }) => code);
    assert.deepEqual(codes.sort(), poison ? ['body_too_large', 'body_too_large', 'invalid_gzip'] : []);
    if (poison) assert.ok((await lettersOf(board)).some(({ code, record }) => code === 'invalid_gzip' && record.text === 'nope'), 'what says that it is packed and is not, is kept as it came');
  });
}

test('every envelope is among them, or has a file of its own', async () => {
  const own = ['auto', 'sns', 's3', 'clics'];
  await admin.board('names');
  // Who misspells one is told all of them.
  const { status, body } = await admin.post('/v1/boards/names/sources', { name: 'names', envelope: 'nope' });
  assert.ok(status === 400 || status === 422, JSON.stringify(body));
  const [, names] = /expected one of (.+)/.exec(JSON.stringify(body));
  const all = new Set([...names.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name).filter((name) => name !== 'nope'));
  assert.deepEqual([...Object.keys(GOOD), ...own].sort(), [...all].sort());
});
