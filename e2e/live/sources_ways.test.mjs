// The way of a source's last records: as they came, by the source's program, through each step of the board's pipeline.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

async function source(board, config, more) {
  await admin.board(board, config);
  const { status, body } = await admin.post(`/v1/boards/${board}/sources`, { name: board, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return admin.as(body.secret);
}

const records = async (board) => (await admin.get(`/v1/boards/${board}/status`)).body.sources.find((s) => s.name === board).records;
const told = ({ steps = [] }) => steps.map((step) => [step.stage, step.name, step.end]);

test('each of the last records shows every step, and what became of it', async () => {
  const pipeline = [
    { name: 'plausible', filter: { keep: [{ field: 'temp', at_most: 60 }] } },
    { name: 'units', derive: { fields: { temp_f: { of: 'temp', from: 'C', to: 'F', decimals: 1 } } } },
  ];
  const sender = await source('ways', { pipeline }, { envelope: 'json', transform: { jq: 'if .id == "odd" then error("it is odd") else {key: .id, fields: {temp}} end' } });
  const sent = await sender.post('/v1/ingest/ways', [{ id: 'good', temp: 20 }, { id: 'hot', temp: 99 }, { id: 'odd' }]);
  assert.deepEqual([sent.body.accepted, sent.body.filtered, sent.body.refused], [1, 1, 1], JSON.stringify(sent.body));
  const [hot, good, odd] = await records('ways');
  assert.deepEqual(JSON.parse(good.input), { id: 'good', temp: 20 });
  assert.deepEqual(told(good), [['program', undefined, undefined], ['event', undefined, undefined], ['step', 'plausible', undefined], ['step', 'units', undefined]]);
  assert.equal(JSON.parse(good.steps[3].made).fields.temp_f, 68);
  assert.equal(JSON.parse(good.event).fields.temp_f, 68);
  assert.deepEqual([JSON.parse(hot.input).id, hot.event, hot.code], ['hot', undefined, undefined]);
  assert.deepEqual(told(hot).at(-1), ['step', 'plausible', 'filtered']);
  assert.deepEqual([JSON.parse(odd.input).id, odd.code], ['odd', 'jq_failed']);
  assert.match(odd.steps[0].message, /it is odd/);
});

test('of many records the last five show their way, and without a program or a pipeline there are no steps', async () => {
  const sender = await source('many', {}, { envelope: 'json' });
  const all = Array.from({ length: 30 }, (_, n) => ({ id: `e${n}`, key: `k${n}`, fields: { n } }));
  assert.equal((await sender.post('/v1/ingest/many', all)).body.accepted, 30);
  const last = await records('many');
  assert.equal(last.length, 20);
  assert.deepEqual(last.map((record) => record.input !== undefined), last.map((_, i) => i >= 15));
  assert.deepEqual([JSON.parse(last.at(-1).input), last.at(-1).steps], [all.at(-1), undefined]);
  // What comes again is no record that was taken.
  assert.equal((await sender.post('/v1/ingest/many', all.slice(-1))).body.duplicate, 1);
  assert.equal((await records('many')).length, 20);
});
