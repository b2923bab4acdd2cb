// A worker that is killed somewhere between a request and its answer: whoever sends again has each event once, in every envelope
// whose records have names.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { GOOD } from './support/envelopes.mjs';

const NAMED = Object.entries(GOOD).filter(([, { twice }]) => twice === 'once');

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** Sends; the status, or none where the worker was killed. */
const deliver = ({ made, envelope }) => {
  const { body, headers, query = '' } = GOOD[envelope];
  const sent = { method: 'POST', headers: { ...headers, authorization: `Bearer ${made.secret}` }, body };
  return fetch(`${server.url}${made.ingest}${query}`, sent).then(({ status }) => status, () => undefined);
};

for (const ms of [0, 4, 10, 20, 40, 80]) {
  test(`killed ${ms} ms after all of them were sent`, async () => {
    const all = [];
    for (const [envelope] of NAMED) {
      const board = `after-${ms}-${envelope.replaceAll('_', '-')}`;
      await admin.board(board);
      const { status, body: made } = await admin.post(`/v1/boards/${board}/sources`, { name: board, envelope });
      assert.equal(status, 201, JSON.stringify(made));
      all.push({ board, made, envelope });
    }
    const sent = all.map(deliver);
    await sleep(ms);
    await server.kill9();
    const answered = await Promise.all(sent);
    await server.restart();
    for (const [nth, one] of all.entries()) {
      const events = async () => (await admin.get(`/v1/boards/${one.board}/events?limit=100`)).body.events.length;
      if (answered[nth] === 200) assert.equal(await events(), 1, `${one.envelope} was answered, and is gone`);
      assert.equal(await deliver(one), 200, one.envelope);
      assert.equal(await deliver(one), 200, one.envelope);
      assert.equal(await events(), 1, one.envelope);
    }
  });
}
