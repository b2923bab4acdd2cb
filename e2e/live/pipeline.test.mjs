// Pipelines: each kind of step on the real worker, what becomes of records that fail, and programs that never end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem, assertRefused } from './support/client.mjs';

const TIME = Date.UTC(2026, 2, 1, 12);

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const itemsOf = async (board) => (await admin.items(board)).items;
const countsOf = async (board) => {
  const { status, body } = await admin.get(`/v1/boards/${board}/pipeline`);
  assert.equal(status, 200, JSON.stringify(body));
  for (const step of body.steps) {
    assert.equal(step.in, step.out + step.filtered + step.merged + step.failed, JSON.stringify(step));
  }
  return body.steps;
};
const lettersOf = async (board) => (await admin.get(`/v1/boards/${board}/dead-letters`)).body.dead_letters;

test('each kind of step does its work, in order, and counts it', async () => {
  const board = await admin.board('pipe-all', {
    pipeline: [
      { name: 'units', map: { number: ['temp'], scale: { temp: { factor: 0.1 } }, rename: { la: 'position.lat', lo: 'position.lon' }, drop: ['junk'] } },
      { name: 'plausible', filter: { keep: [{ field: 'temp', at_most: 60 }] } },
      { name: 'line', enrich: { by: 'route', table: { 801: { line: 'North' } }, missing: 'filter' } },
      { name: 'fahrenheit', derive: { fields: { temp_f: { of: 'temp', from: 'C', to: 'F', decimals: 1 } } } },
      { name: 'minute', aggregate: { every_s: 60, fields: { temp_f: ['max'] }, count: 'n' } },
    ],
  });
  const row = (key, temp, more = {}) => ({ key, time: TIME, fields: { temp, la: 30.5, lo: -97.5, route: '801', junk: 1, ...more } });
  const { status, body } = await admin.events(board, [
    row('a', '215'),
    row('a', '225'),
    row('b', '900'),
    row('c', 'warm'),
    row('d', '200', { route: '7' }),
    row('e', '100'),
  ]);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.accepted, body.merged, body.filtered, body.refused, body.duplicate], [2, 1, 2, 1, 0], JSON.stringify(body));
  assertRefused(body, 3, 'not_a_number', 'fields.temp');
  assert.equal(body.results[0].step, 'units');
  const items = await itemsOf(board);
  assert.deepEqual([...items.keys()].sort(), ['a', 'e']);
  assert.deepEqual(items.get('a').fields, { temp: 22.5, route: '801', line: 'North', temp_f_max: 72.5, n: 2 });
  assert.deepEqual(items.get('a').position, { lat: 30.5, lon: -97.5 });
  const counts = await countsOf(board);
  assert.deepEqual(counts.map((s) => [s.name, s.kind, s.in, s.out, s.filtered, s.merged, s.failed]), [
    ['units', 'map', 6, 5, 0, 0, 1],
    ['plausible', 'filter', 5, 4, 1, 0, 0],
    ['line', 'enrich', 4, 3, 1, 0, 0],
    ['fahrenheit', 'derive', 3, 3, 0, 0, 0],
    ['minute', 'aggregate', 3, 2, 0, 1, 0],
  ]);
  assert.equal(counts[0].last_failure.code, 'not_a_number');
  assert.equal(typeof counts[0].mean_micros, 'number');
  const [letter, ...more] = await lettersOf(board);
  assert.deepEqual([letter.step, letter.code, letter.field, letter.record.key, more.length], ['units', 'not_a_number', 'fields.temp', 'c', 0]);
  // The record is kept as it came.
  assert.equal(letter.record.fields.junk, 1);
});

test('jq maps, derives and filters, and what it yields is checked like an event', async () => {
  const board = await admin.board('pipe-jq', {
    pipeline: [
      { name: 'pass', filter: { jq: '.fields.n != 2' } },
      { name: 'shape', map: { jq: '{key: ("v-" + .key), time, fields: {n: .fields.n, word: (.fields.w | ascii_upcase)}}' } },
      { name: 'more', derive: { jq: 'if .fields.n == 4 then {list: [1]} else {double: (.fields.n * 2)} end' } },
    ],
  });
  const row = (n, w = 'abc') => ({ key: `k${n}`, time: TIME, fields: { n, w } });
  const { body } = await admin.events(board, [row(1), row(2), row(3, 7), row(4), row(5, 'é')]);
  assert.deepEqual([body.accepted, body.filtered, body.refused], [2, 1, 2], JSON.stringify(body));
  assertRefused(body, 2, 'jq_failed', undefined);
  assertRefused(body, 3, 'wrong_type', 'fields.list');
  assert.deepEqual(body.results.map((r) => r.step), ['shape', 'more']);
  const items = await itemsOf(board);
  assert.deepEqual(items.get('v-k1').fields, { n: 1, word: 'ABC', double: 2 });
  assert.equal(items.get('v-k5').fields.word, 'é');
  assert.equal(items.get('v-k1').time, TIME);
  assert.deepEqual((await lettersOf(board)).map((l) => l.step).sort(), ['more', 'shape']);
  await countsOf(board);
});

test('a request of thousands of events goes through jq in parts', async () => {
  const board = await admin.board('pipe-many', { pipeline: [{ name: 'odd', filter: { jq: '.fields.n % 2 == 1' } }] });
  const rows = Array.from({ length: 3_000 }, (_, n) => ({ key: `k${n}`, time: TIME, fields: { n } }));
  const { body } = await admin.events(board, rows);
  assert.deepEqual([body.accepted, body.filtered, body.refused], [1_500, 1_500, 0], JSON.stringify(body));
});

test('enrich looks into another board, which its author must be allowed to read', async () => {
  const depots = await admin.board('pipe-depots', { visibility: 'private' });
  await admin.publish(depots, { key: 'd1', position: { lat: 48.4, lon: 10 }, fields: { city: 'Ulm', size: 3 } });
  const pipeline = [{ name: 'depot', enrich: { by: 'depot', board: depots, fields: ['city', 'position'], prefix: 'depot_' } }];
  const board = await admin.board('pipe-trucks', { pipeline });
  await admin.publish(board, [{ key: 't1', fields: { depot: 'd1' } }, { key: 't2', fields: { depot: 'd9' } }, { key: 't3' }]);
  const items = await itemsOf(board);
  assert.deepEqual(items.get('t1').fields, { depot: 'd1', depot_city: 'Ulm' });
  assert.deepEqual(items.get('t1').position, { lat: 48.4, lon: 10 });
  assert.deepEqual(items.get('t2').fields, { depot: 'd9' });

  const token = await admin.token('pipe-*', ['manage', 'publish'], {});
  assert.equal((await admin.as(token).put(`/v1/boards/${board}`, { title: 'x', pipeline })).status, 200);
  const narrow = admin.as(await admin.token(board, ['manage']));
  assertProblem(await narrow.put(`/v1/boards/${board}`, { title: 'x', pipeline }), 422, 'invalid_config', 'pipeline[0].enrich.board');
  const gone = [{ name: 'depot', enrich: { board: 'pipe-nowhere' } }];
  assertProblem(await admin.put(`/v1/boards/${board}`, { title: 'x', pipeline: gone }), 422, 'invalid_config', 'pipeline[0].enrich.board');
});

test('a pipeline that can not work is refused when it is put, by the name of its step', async () => {
  const put = (pipeline) => admin.put('/v1/boards/pipe-wrong', { title: 'x', pipeline });
  const jq = await put([{ name: 'ok', filter: { jq: '.' } }, { name: 'oops', map: { jq: '.fields | nosuch(1)' } }]);
  const problem = assertProblem(jq, 422, 'invalid_config', 'pipeline[1].map.jq');
  assert.match(problem.detail, /step oops: there is no filter nosuch\/1 at character 11/);
  assertProblem(await put([{ name: 'a', filter: { jq: '.a | (' } }]), 422, 'invalid_config', 'pipeline[0].filter.jq');
  assertProblem(await put([{ name: 'a', map: { jq: 'x'.repeat(5_000) } }]), 422, 'invalid_config', 'pipeline[0].map.jq');
  assertProblem(await put([{ name: 'a', enrich: {} }]), 422, 'invalid_config', 'pipeline[0].enrich');
  assertProblem(await put([{ name: 'a', filter: { jq: '.', when: 1 } }]), 422, 'invalid_config', 'pipeline[0].filter.when');
  const many = Array.from({ length: 17 }, (_, i) => ({ name: `s${i}`, map: { drop: ['x'] } }));
  assertProblem(await put(many), 422, 'invalid_config', 'pipeline');
  assert.equal((await admin.get('/v1/boards/pipe-wrong')).status, 404);
});

test('a program that never ends is refused soon, nothing is written, and other boards answer', async () => {
  const endless = await admin.board('pipe-endless', { pipeline: [{ name: 'loop', filter: { jq: 'def f: f; f' } }] });
  const quiet = await admin.board('pipe-quiet');
  const began = Date.now();
  const [refused, other] = await Promise.all([
    admin.events(endless, [{ key: 'a' }]),
    admin.events(quiet, [{ key: 'a' }]).then((answer) => ({ answer, ms: Date.now() - began })),
  ]);
  assertProblem(refused, 503, 'pipeline_broken');
  assert.match(refused.body.detail, /step loop .*never ends; nothing was taken/);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
  assert.equal(other.answer.body.accepted, 1);
  assert.ok(other.ms < 5_000, `${other.ms} ms`);
  assert.equal((await itemsOf(endless)).size, 0);
  const [step] = await countsOf(endless);
  assert.deepEqual([step.in, step.failed, step.last_failure.code], [1, 1, 'step_broken']);
  for (const jq of ['[limit(1e9; repeat("abc"))] | length', 'def f: 1 + f; f', '"[" * 1000000 | fromjson', 'reduce range(60) as $i ("x"; . + .) | length']) {
    const answer = await admin.put(`/v1/boards/${endless}`, { title: 'x', pipeline: [{ name: 'loop', filter: { jq } }] });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assertProblem(await admin.events(endless, [{ key: 'a' }]), 503, 'pipeline_broken');
  }
  // What is mended takes events at once.
  await admin.put(`/v1/boards/${endless}`, { title: 'x', pipeline: [{ name: 'loop', filter: { jq: 'true' } }] });
  await admin.publish(endless, [{ key: 'a' }]);
});

test('a request that is sent again gets the same answer, filtered and refused records included', async () => {
  const board = await admin.board('pipe-again', { pipeline: [{ name: 'f', filter: { keep: [{ field: 'n', at_least: 2 }] } }, { name: 'm', map: { number: ['t'] } }] });
  const rows = [{ key: 'a', fields: { n: 1 } }, { key: 'b', fields: { n: 2, t: 'x' } }, { key: 'c', fields: { n: 3, t: '4' } }];
  const first = await admin.events(board, rows, { 'idempotency-key': 'once' });
  assert.deepEqual([first.body.accepted, first.body.filtered, first.body.refused], [1, 1, 1], JSON.stringify(first.body));
  await server.kill9();
  await server.restart();
  const again = await admin.events(board, rows, { 'idempotency-key': 'once' });
  assert.deepEqual(again.body, first.body);
  const [f, m] = await countsOf(board);
  assert.deepEqual([f.in, f.filtered, m.failed], [3, 1, 1], 'counted once, and kept over the kill');
  assert.equal((await lettersOf(board)).length, 1);
});

test('a try says what each step would do, and keeps nothing', async () => {
  const board = await admin.board('pipe-try', { pipeline: [{ name: 'own', map: { set: { own: true } } }] });
  const events = [{ key: 'a', fields: { t: '1' } }, { key: 'b', fields: { t: 'x' } }, { key: 'c' }, { key: 'c', position: 5 }];
  const pipeline = [
    { name: 'n', map: { number: ['t'] } },
    { name: 'has', filter: { jq: '.fields.t' } },
  ];
  const { status, body } = await admin.post(`/v1/boards/${board}/pipeline/try`, { pipeline, events });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.steps.map((s) => [s.name, s.kind, s.in, s.out, s.filtered, s.failed]), [['n', 'map', 3, 2, 0, 1], ['has', 'filter', 2, 1, 1, 0]]);
  const [n, has] = body.steps.map((s) => s.records);
  assert.equal(n[0].event.fields.t, 1);
  assert.deepEqual([n[1].index, n[1].code, n[1].field], [1, 'not_a_number', 'fields.t']);
  assert.deepEqual(has[1], { index: 2, filtered: true });
  assert.deepEqual(body.events.map((e) => e.index), [0]);
  assert.deepEqual(body.refused.map((r) => [r.index, r.step]), [[1, 'n'], [3, undefined]]);
  const own = await admin.post(`/v1/boards/${board}/pipeline/try`, { events: { key: 'a' } });
  assert.equal(own.body.events[0].event.fields.own, true);
  assert.equal((await itemsOf(board)).size, 0);
  assert.deepEqual(await lettersOf(board), []);
  assert.equal((await countsOf(board))[0].in, 0);

  const wrong = [{ name: 'n', map: { jq: '(' } }];
  assertProblem(await admin.post(`/v1/boards/${board}/pipeline/try`, { pipeline: wrong, events }), 422, 'invalid_config', 'pipeline[0].map.jq');
  const many = Array.from({ length: 101 }, () => ({ key: 'a' }));
  assertProblem(await admin.post(`/v1/boards/${board}/pipeline/try`, { events: many }), 413, 'too_many_events');
  assertProblem(await admin.post(`/v1/boards/${board}/pipeline/try`, { event: 1 }), 400, 'invalid_json', 'event');
  const loop = [{ name: 'loop', map: { jq: 'last(repeat(.))' } }];
  assertProblem(await admin.post(`/v1/boards/${board}/pipeline/try`, { pipeline: loop, events }), 422, 'pipeline_broken');
});

test('only managers see a pipeline, and a producer’s right is about the keys that come out', async () => {
  const board = await admin.board('pipe-rights', {
    pipeline: [{ name: 'key', map: { rename: { device: 'key' } } }, { name: 't', enrich: { table: { secret: { x: 1 } } } }],
  });
  const anybody = admin.as(null);
  assert.equal((await anybody.get(`/v1/boards/${board}`)).body.pipeline, undefined);
  assert.equal((await admin.get(`/v1/boards/${board}`)).body.pipeline.length, 2);
  assertProblem(await anybody.get(`/v1/boards/${board}/pipeline`), 401, 'credential_missing');
  const publisher = admin.as(await admin.token(board, ['publish'], { keys: ['mine'] }));
  assertProblem(await publisher.get(`/v1/boards/${board}/pipeline`), 403, 'forbidden');
  assertProblem(await publisher.post(`/v1/boards/${board}/pipeline/try`, { events: [] }), 403, 'forbidden');
  const { body } = await publisher.events(board, [{ key: 'mine', fields: { device: 'theirs' } }, { key: 'x', fields: { device: 'mine' } }]);
  assert.deepEqual([body.accepted, body.refused], [1, 1], JSON.stringify(body));
  assertRefused(body, 0, 'key_not_allowed', 'key');
});
