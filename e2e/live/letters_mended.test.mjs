// Dead letters are found by what is wrong with them, mended, tried without effect, and replayed the way they came: each is then
// one event at the time at which it happened, whatever is killed or repeated in between.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { startLimited } from './support/limits.mjs';
import { stored } from './support/stored.mjs';

const TIME = Date.UTC(2026, 2, 1, 12);

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const at = (board) => `/v1/boards/${board}/dead-letters`;
const letters = async (board, query = '', client = admin) => (await client.get(`${at(board)}${query}`)).body;
const replay = (board, body = {}, query = '', client = admin) => client.post(`${at(board)}/replay${query}`, body);
const mend = (board, id, record, client = admin) => client.send('PATCH', `${at(board)}/${id}`, { record });
const eventsOf = async (board, client = admin) => (await client.get(`/v1/boards/${board}/events?limit=1000`)).body.events;

/** Makes a source of a board; sends to it. */
async function source(board, name, more = {}, client = admin) {
  const { status, body } = await client.post(`/v1/boards/${board}/sources`, { name, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return (records, headers = {}) => client.as(body.secret).post(`/v1/ingest/${name}`, records, { 'content-type': 'application/json', ...headers });
}

/** One record of each kind of wrong, and a good one. */
const BATCH = [
  { id: 'm0', vehicle: 'a', lat: 30.1, lon: -97.7, ts: TIME },
  { id: 'm1', vehicle: 'b', lat: 130.1, lon: -97.7, ts: TIME + 1_000 },
  { id: 'm2', vehicel: 'c', lat: 30.3, lon: -97.7, ts: TIME + 2_000 },
  { id: 'm3', vehicle: 'd', lat: 30.4, lon: -97.7, ts: 'soon' },
];
const JQ = '(.ts | if type == "number" then . else error("ts is no number: " + tostring) end) as $t | {id, key: .vehicle, time: $t, position: {lat, lon}}';

test('a batch with refused records is mended and replayed through its program, each record once and at its own time', async () => {
  const board = await admin.board('mend');
  const send = await source(board, 'mend', { transform: { jq: JQ } });
  const { body: answer } = await send(BATCH);
  assert.deepEqual([answer.accepted, answer.refused], [1, 3]);
  // The sender had no answer, and sends all of it again.
  assert.deepEqual((({ duplicate, refused }) => [duplicate, refused])((await send(BATCH)).body), [1, 3]);
  const page = await letters(board);
  assert.deepEqual([page.dead_letters.length, page.repeated, page.dropped], [3, 3, 0]);
  assert.deepEqual(page.by_code, { jq_failed: 1, missing: 1, position_out_of_range: 1 });
  const [far] = (await letters(board, '?code=position_out_of_range')).dead_letters;
  // A text finds them by what was sent and by what was wrong with it, page after page.
  const found = async (text, more = '') => (await letters(board, `?text=${encodeURIComponent(text)}${more}`)).dead_letters.map((l) => l.record.id);
  assert.deepEqual([await found('VEHICEL'), await found('position_out'), await found('nothing of it')], [['m2'], ['m1'], []]);
  assert.deepEqual((await found('vehic')).sort(), ['m1', 'm2', 'm3']);
  const first = await letters(board, '?text=vehic&limit=2');
  const second = await letters(board, `?text=vehic&limit=2&after=${first.next}`);
  assert.deepEqual([first.dead_letters.length, second.dead_letters.length, second.next], [2, 1, null]);
  assert.equal((await admin.get(`${at(board)}?text=${'x'.repeat(257)}`)).status, 400);
  assert.equal((await admin.as(null).get(`${at(board)}?text=m1`)).status, 401);
  assert.deepEqual([far.record, far.source, far.envelope], [BATCH[1], 'mend', 'json']);
  // A dry run says of each what would come, and does nothing.
  const dry = (await replay(board, {}, '?dry_run=true')).body;
  assert.deepEqual([dry.dry_run, dry.accepted, dry.refused], [true, 0, 3]);
  assert.deepEqual(dry.results.map((r) => r.code).sort(), ['jq_failed', 'missing', 'position_out_of_range']);
  const mended = await mend(board, far.id, { ...BATCH[1], lat: 30.2 });
  assert.equal(mended.status, 200, JSON.stringify(mended.body));
  assert.deepEqual([mended.body.record.lat, mended.body.original], [30.2, BATCH[1]]);
  const sure = (await admin.post(`${at(board)}/${far.id}/replay?dry_run=true`, {})).body;
  assert.deepEqual(sure.results[0].events, [{ id: 'm1', key: 'b', time: TIME + 1_000, position: { lat: 30.2, lon: -97.7 } }]);
  assert.equal((await eventsOf(board)).length, 1);
  // All that match: the mended one passes, the others stay with a count of their tries.
  const done = (await replay(board)).body;
  assert.deepEqual([done.accepted, done.refused, done.next], [1, 2, null], JSON.stringify(done));
  const left = await letters(board);
  assert.deepEqual(left.dead_letters.map((l) => [l.code, l.tries]).sort(), [['jq_failed', 1], ['missing', 1]]);
  assert.deepEqual(left.by_code, { jq_failed: 1, missing: 1 });
  assert.deepEqual((await eventsOf(board)).map((e) => [e.key, e.time]), [['a', TIME], ['b', TIME + 1_000]]);
  assert.equal((await admin.post(`${at(board)}/${far.id}/replay`, {})).status, 404);
  // What came again in between, mended by its sender, is no second event: its id is the source's.
  assert.equal((await send([{ ...BATCH[1], lat: 30.2 }])).body.duplicate, 1);
  for (const { id, record } of left.dead_letters) {
    assert.equal((await mend(board, id, { ...record, vehicle: record.vehicle ?? record.vehicel, ts: TIME + 3_000 })).status, 200);
  }
  assert.equal((await replay(board, { source: 'mend' })).body.accepted, 2);
  assert.deepEqual((await letters(board)).by_code, {});
  assert.deepEqual((await eventsOf(board)).map((e) => e.key).sort(), ['a', 'b', 'c', 'd']);
});

test('a record without a time or an id happened when it came, and is one event however often its request is sent', async () => {
  const board = await admin.board('plain');
  const before = Date.now();
  assert.equal((await admin.events(board, { kee: 'x', fields: { n: 1 } })).body.refused, 1);
  const [letter] = (await letters(board)).dead_letters;
  assert.ok(letter.time >= before && letter.time <= Date.now());
  await sleep(50);
  await mend(board, letter.id, { key: 'x', fields: { n: 1 } });
  assert.equal((await replay(board)).body.accepted, 1);
  const [event] = await eventsOf(board);
  assert.deepEqual([event.key, event.time], ['x', letter.time]);
});

test('the original again takes the mending back, and a letter that is cut is replayed only once it was mended', async () => {
  const board = await admin.board('cut');
  const long = { kee: 'x'.repeat(300_000) };
  await admin.events(board, [long, { kee: 'y' }]);
  const [, cut] = (await letters(board)).dead_letters.toSorted((a, b) => Number(a.truncated ?? 0) - Number(b.truncated ?? 0));
  assert.equal(cut.truncated, true);
  const { body } = await admin.post(`${at(board)}/${cut.id}/replay`, {});
  assert.deepEqual([body.refused, body.results[0].status], [1, 'truncated']);
  const [short] = (await letters(board)).dead_letters.filter((l) => !l.truncated);
  assert.deepEqual((await mend(board, short.id, { key: 'y' })).body.original, { kee: 'y' });
  assert.equal((await mend(board, short.id, { kee: 'y' })).body.original, undefined);
  const tooLong = await mend(board, short.id, 'x'.repeat(262_144));
  assert.deepEqual([tooLong.status, tooLong.body.errors?.[0].field], [422, 'record']);
  assert.equal((await mend(board, cut.id, { key: 'z' })).status, 200);
  assert.equal((await admin.post(`${at(board)}/${cut.id}/replay`, {})).body.accepted, 1);
  assert.deepEqual((await eventsOf(board)).map((e) => e.key), ['z']);
});

test('letters are found by source, reason, step and key, dropped by the same, and never all by mistake', async () => {
  const board = await admin.board('find', { pipeline: [{ name: 'units', map: { number: ['t'] } }] });
  const send = await source(board, 'find');
  await send([{ kee: 1 }, { key: 's2', position: { lat: 95, lon: 0 } }]);
  await admin.events(board, [{ key: 'e1', fields: { t: 'warm' } }, { key: 'e2', position: { lat: 95, lon: 0 } }, { kee: 'e3' }]);
  const found = async (query) => (await letters(board, `?${query}`)).dead_letters.length;
  assert.deepEqual([await found('source=find'), await found('code=position_out_of_range'), await found('step=units')], [2, 2, 1]);
  assert.deepEqual([await found('key=e2'), await found('key=e1&step=units'), await found('source=find&key=e2')], [1, 1, 0]);
  assert.deepEqual((await letters(board, '?source=find&code=unknown_field')).by_code, { position_out_of_range: 1, unknown_field: 1 });
  const wrong = await admin.get(`${at(board)}?cod=x&limit=0`);
  assert.deepEqual([wrong.status, wrong.body.errors.map((e) => e.field)], [400, ['cod', 'limit']]);
  assert.equal((await replay(board, { cod: 'x' })).status, 400);
  const none = await admin.delete(at(board));
  assert.deepEqual([none.status, none.body.code], [400, 'missing_parameter']);
  // A page at a time, each letter once.
  const ids = [];
  for (let next = ''; next !== null; ) {
    const page = await letters(board, `?limit=2${next}`);
    ids.push(...page.dead_letters.map((l) => l.id));
    next = page.next === null ? null : `&after=${page.next}`;
  }
  assert.deepEqual([ids.length, new Set(ids).size], [5, 5]);
  const dropped = await admin.delete(`${at(board)}?code=position_out_of_range`);
  assert.deepEqual([dropped.status, dropped.body], [200, { dropped: 2, next: null }]);
  assert.equal((await admin.delete(`${at(board)}?all=true`)).body.dropped, 3);
  assert.deepEqual((await letters(board)).dead_letters, []);
  // Once its letter is gone, a record that comes again leaves another.
  await send([{ kee: 1 }]);
  assert.equal(await found('source=find'), 1);
});

test('what is taken out goes in again', async () => {
  const board = await admin.board('out');
  await admin.events(board, [{ key: 'o1', position: { lat: 95, lon: 0 } }, { key: 'o2', fields: { n: [1] } }]);
  for (const letter of (await letters(board)).dead_letters) {
    await mend(board, letter.id, { key: letter.record.key, fields: { n: 1 } });
  }
  const lines = await admin.get(`${at(board)}/export`);
  assert.equal(lines.headers.get('content-type'), 'application/x-ndjson');
  const again = await admin.post(`/v1/boards/${board}/events`, lines.body, { 'content-type': 'application/x-ndjson' });
  assert.deepEqual([again.body.accepted, again.body.refused], [2, 0], JSON.stringify(again.body));
  const whole = (await admin.get(`${at(board)}/export?format=letters&key=o1`)).body.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual([whole.length, whole[0].code, whole[0].original.position.lat], [1, 'position_out_of_range', 95]);
});

test('a phone whose message is too large is answered 200, and its beginning is a letter', async () => {
  const board = await admin.board('phones');
  const send = await source(board, 'phones', { envelope: 'owntracks', limits: { body_bytes: 1_000 } });
  const big = JSON.stringify({ _type: 'location', lat: 1, lon: 2, tst: 1772366400, note: 'x'.repeat(2_000) });
  assert.deepEqual([(await send(big)).status, (await send(big)).status], [200, 200]);
  const page = await letters(board);
  const [letter] = page.dead_letters;
  assert.deepEqual([page.dead_letters.length, letter.code, letter.truncated, letter.source], [1, 'body_too_large', true, 'phones']);
  assert.ok(letter.record.text.startsWith('{"_type":"location"'));
  // Mended it goes through the phone's own envelope.
  await mend(board, letter.id, { _type: 'location', topic: 'owntracks/jane/phone', lat: 1, lon: 2, tst: 1772366400 });
  const done = (await replay(board)).body;
  assert.equal(done.accepted + done.refused, 1, JSON.stringify(done));
});

test('letters of more than thirty days ago go, and are counted', async () => {
  const own = await startServer();
  try {
    const client = new Client(own);
    const board = await client.board('old');
    await client.events(board, [{ kee: 1 }, { kee: 2 }]);
    await own.kill9();
    stored(own, `UPDATE dead_letter SET at = at - ${31 * 86_400_000}`);
    await own.restart();
    await client.events(board, { kee: 3 });
    const page = await letters(board, '', client);
    assert.deepEqual([page.dead_letters.map((l) => l.record.kee), page.dropped, page.by_code], [[3], 2, { unknown_field: 1 }]);
    assert.deepEqual((await client.get(`/v1/boards/${board}/summary`)).body.dead_letters, { dropped: 2 });
  } finally {
    await own.stop();
  }
});

test('a replay through a pipeline is what the pipeline makes of it, and no letter is lost when its source is gone', async () => {
  const board = await admin.board('line', { pipeline: [{ name: 'cold', filter: { keep: [{ field: 't', at_most: 0 }] } }, { name: 'mark', map: { set: { via: 'mark' } } }] });
  const send = await source(board, 'gone');
  await send([{ kee: 'g1' }]);
  assert.equal((await admin.delete(`/v1/boards/${board}/sources/gone`)).status, 204);
  const [letter] = (await letters(board)).dead_letters;
  await mend(board, letter.id, { key: 'g1', fields: { t: -5 } });
  const done = (await replay(board)).body;
  assert.equal(done.accepted, 1, JSON.stringify(done));
  assert.equal((await admin.items(board)).items.get('g1').fields.via, 'mark');
  await admin.events(board, { kee: 'g2' });
  const [warm] = (await letters(board)).dead_letters;
  await mend(board, warm.id, { key: 'g2', fields: { t: 5 } });
  assert.equal((await replay(board)).body.filtered, 1);
  assert.deepEqual((await letters(board)).dead_letters, []);
});

for (const how of ['fails', 'is the last before a kill']) {
  test(`each write of a replay in turn ${how}: a letter and its event are never both there, and never both gone`, async (t) => {
    const own = await startLimited();
    t.after(() => own.stop());
    const client = new Client(own);
    const board = await client.board('turns');
    let whole = false;
    for (let n = 1; !whole; n += 1) {
      assert.ok(n < 40, 'a replay has so many writes');
      await client.events(board, [{ kee: `k${n}` }, { kee: `l${n}` }, { kee: 'stays' }]);
      for (const letter of (await letters(board, '', client)).dead_letters.filter((l) => l.record.kee !== 'stays')) {
        await mend(board, letter.id, { key: letter.record.kee ?? letter.record.key, fields: { n } }, client);
      }
      const go = () => replay(board, {}, '', client);
      if (how === 'fails') {
        await own.failWrite(n, { of: 'Board' });
        await go();
        const { waits } = await own.sqlWrites();
        await own.mend();
        whole = waits;
      } else {
        whole = !(await own.killAtWrite(n, go, { of: 'Board' }));
        if (!whole) await own.restart();
      }
      const there = async () => {
        const keys = (await eventsOf(board, client)).map((e) => e.key);
        const kept = (await letters(board, '', client)).dead_letters.map((l) => l.record.key ?? l.record.kee);
        return [keys, kept];
      };
      const [keys, kept] = await there();
      for (const key of [`k${n}`, `l${n}`]) {
        const count = keys.filter((k) => k === key).length + kept.filter((k) => k === key).length;
        assert.equal(count, 1, `${key} is there ${count} times after write ${n} ${how}: ${keys} ${kept}`);
      }
      assert.equal((await go()).status, 200);
      const [after, left] = await there();
      assert.deepEqual([after.filter((k) => k === `k${n}`).length, left], [1, ['stays']]);
      await client.delete(`${at(board)}?all=true`);
    }
    const keys = (await eventsOf(board, client)).map((e) => e.key);
    assert.equal(new Set(keys).size, keys.length, 'nothing is doubled');
  });
}

test('two who replay the same letters at once make each one event', async () => {
  const board = await admin.board('both');
  await admin.events(board, Array.from({ length: 300 }, (_, i) => ({ kee: `b${i}` })));
  const page = await letters(board);
  assert.equal(page.dead_letters.length, 300);
  for (const { id, record } of page.dead_letters.slice(0, 20)) await mend(board, id, { key: record.kee });
  const answers = await Promise.all([replay(board), replay(board), replay(board)]);
  assert.ok(answers.every((a) => [200, 409].includes(a.status)), JSON.stringify(answers.map((a) => a.body.code)));
  assert.equal(answers.reduce((sum, a) => sum + (a.body.accepted ?? 0), 0), 20);
  const keys = (await eventsOf(board)).map((e) => e.key);
  assert.deepEqual([keys.length, new Set(keys).size], [20, 20]);
  assert.equal((await letters(board)).by_code.unknown_field, 280);
});

test('the command line finds, mends, tries, replays, takes out and drops letters', async () => {
  const board = await admin.board('tool');
  await admin.events(board, [{ kee: 't1' }, { key: 't2', position: { lat: 95, lon: 0 } }]);
  const env = { ...process.env, HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey };
  const tool = (...args) => execFileSync(process.env.HELIOGRAPH_BIN, ['letters', ...args], { encoding: 'utf8', env });
  const list = tool('list', board);
  assert.match(list, /1 {2}position_out_of_range\n/);
  assert.match(list, /1 {2}unknown_field\n/);
  const { dead_letters: all } = JSON.parse(tool('list', board, '--json'));
  const first = all.find((l) => l.code === 'unknown_field');
  assert.equal(JSON.parse(tool('show', board, first.id)).record.kee, 't1');
  assert.equal(JSON.parse(tool('mend', board, first.id, '{"key":"t1"}')).original.kee, 't1');
  assert.match(tool('replay', board, first.id, '--dry-run'), /would be \{"id":"letter:.*"key":"t1"/);
  assert.match(tool('export', board), /^\{"key":"t2".*\n\{"key":"t1"\}\n$|^\{"key":"t1"\}\n\{"key":"t2".*\n$/);
  assert.match(tool('replay', board, '--code', 'unknown_field'), /^1 letters accepted, 0 were there already, 0 filtered, 0 refused again\n$/);
  // What is refused again is the command's failure.
  assert.throws(() => tool('replay', board), (e) => e.status === 1 && /refused: position_out_of_range/.test(e.stdout));
  assert.throws(() => execFileSync(process.env.HELIOGRAPH_BIN, ['letters', 'drop', board], { env, stdio: 'pipe' }), /say which letters/);
  assert.equal(tool('drop', board, '--key', 't2'), '1 letters dropped\n');
  assert.equal(tool('list', board), 'no letters\n');
});

test('the commands of docs/dead-letters.md do what the page says', async () => {
  const page = readFileSync(new URL('../../docs/dead-letters.md', import.meta.url), 'utf8');
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1].replaceAll('heliograph ', `${process.env.HELIOGRAPH_BIN} `));
  assert.equal(commands.length, 6);
  const own = await startServer();
  const folder = mkdtempSync(join(tmpdir(), 'letters-'));
  try {
    const client = new Client(own);
    const board = await client.board('fleet');
    const send = await source(board, 'buses', {}, client);
    await send([{ key: 'v3', position: { lat: 95, lon: 0 } }]);
    const env = { ...process.env, SERVER: own.url, KEY: own.adminKey, HELIOGRAPH_URL: own.url, HELIOGRAPH_KEY: own.adminKey };
    const run = (command) => execFileSync('bash', ['-euc', command], { encoding: 'utf8', env, cwd: folder });
    env.ID = JSON.parse(run(commands[0])).dead_letters[0].id;
    const out = run(commands.slice(1, 4).join('\n'));
    assert.match(out, /"dry_run":true,"accepted":1/);
    assert.deepEqual((await eventsOf(board, client)).map((e) => e.key), ['v3']);
    await send([{ key: 'v4', position: { lat: 95, lon: 0 } }]);
    run(commands[4]);
    assert.equal(JSON.parse(readFileSync(join(folder, 'letters.ndjson'), 'utf8')).key, 'v4');
    await client.events(board, { kee: 'v5' });
    assert.match(run(commands[5]), /1 letters dropped\n$/);
  } finally {
    rmSync(folder, { recursive: true });
    await own.stop();
  }
});
