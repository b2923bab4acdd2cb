// A deployment watches itself: what boards say of themselves comes to a board of the deployment's own, which has series and
// alarms as any other. It wakes no board, is in no list, and harms nothing where it fails.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { startAway } from './support/away.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

const HEALTH = 'heliograph-health';
/** A report is due ten seconds after something was said, and boards say theirs at most every ten. */
const REPORTED_MS = 60_000;

let server;
let admin;

before(async () => {
  server = await startAway({ env: { HELIOGRAPH_HEALTH_BOARD: '10' } });
  admin = new Client(server);
});
after(() => server?.stop());

const listed = async (client = admin) => (await client.get('/v1/boards')).body;
const fieldsOf = async (key) => (await admin.items(HEALTH)).items.get(key)?.fields;
const until = (check, what) => eventually(check, () => `${what}\n${server.log()}`, REPORTED_MS);
const event = (key, more = {}) => ({ key, time: Date.now(), fields: { n: 1 }, ...more });
const refused = () => event('x', { position: { lat: 99, lon: 0 } });

/** A number of /metrics without labels. */
async function counted(name) {
  const { body } = await admin.get('/metrics');
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1]);
}

test('what boards, sources and the whole deployment say comes to a board of its own', async () => {
  await admin.board('fleet');
  await admin.board('idle');
  await admin.publish('idle', [event('a')]);
  assert.equal((await listed()).health, undefined, 'before the first report');
  const { body: source } = await admin.post('/v1/boards/fleet/sources', { name: 'buses' });
  assert.equal((await admin.as(source.secret).post('/v1/ingest/buses', [event('a'), event('b')])).status, 200);
  const { body } = await admin.events('fleet', [event('c'), refused()]);
  assert.deepEqual([body.accepted, body.refused], [1, 1]);
  await until(async () => (await listed()).health === HEALTH, 'the board is made');
  await until(async () => (await fieldsOf('board:fleet'))?.items === 3, 'fleet is told of');
  const fleet = await fieldsOf('board:fleet');
  assert.deepEqual([fleet.kind, fleet.board, fleet.viewers, fleet.behind], ['board', 'fleet', 0, 0]);
  assert.ok(fleet.storage > 4_096 && fleet.storage_share < 0.01, JSON.stringify(fleet));
  const buses = await fieldsOf('source:fleet:buses');
  assert.deepEqual([buses.kind, buses.board, buses.source, buses.records], ['source', 'fleet', 'buses', 2]);
  const all = await fieldsOf('deployment');
  assert.deepEqual([all.kind, all.boards, all.left_out], ['deployment', 2, 0]);
  // Of itself it does not tell.
  assert.deepEqual([...(await admin.items(HEALTH)).items.keys()].sort(), ['board:fleet', 'board:idle', 'deployment', 'source:fleet:buses']);
});

test('a board that says nothing more is told to rest, and then nothing is reported any more', async () => {
  await until(async () => (await fieldsOf('board:fleet')).rate === 0 && (await fieldsOf('board:idle')).rate === 0, 'both rest');
  assert.equal((await fieldsOf('board:fleet')).refused_share, 0);
  // The report that says so comes to its end.
  await sleep(1_000);
  const before = await counted('heliograph_health_reports_total');
  assert.ok(before >= 2, `${before}`);
  await sleep(25_000);
  // Counting begins anew where the object that counts was let go meanwhile, since nobody asked it for anything.
  assert.ok([0, before].includes(await counted('heliograph_health_reports_total')));
  assert.equal(await counted('heliograph_health_report_failures_total'), 0);
});

test('a report asks no board for anything, and wakes none', async () => {
  await server.calls();
  await admin.publish('fleet', [event('d')]);
  await until(async () => (await fieldsOf('board:fleet')).items === 4, 'fleet is told of');
  const calls = await server.calls();
  assert.equal(calls['Board/idle'], undefined, JSON.stringify(calls));
  assert.ok(calls[`Board/${HEALTH}`] >= 2, JSON.stringify(calls));
});

test('it is read by who may manage all boards or is named for it, and no list has it', async () => {
  const { body: list } = await admin.get('/v1/boards');
  assert.deepEqual(list.boards.map((board) => board.board), ['fleet', 'idle']);
  const keyed = async (board, operations = ['read', 'history', 'publish', 'manage']) => {
    const { body } = await admin.post('/v1/keys', { label: board, grants: [{ board, operations }] });
    return admin.as(body.key);
  };
  const paths = [`/v1/boards/${HEALTH}/items`, `/v1/boards/${HEALTH}/alarms/rules`];
  for (const [client, status, health] of [
    [await keyed('*'), 200, HEALTH],
    [await keyed(HEALTH), 200, HEALTH],
    [await keyed('heliograph-*'), 403, undefined],
    [await keyed('fleet'), 403, undefined],
    [admin.as(null), 401, undefined],
  ]) {
    for (const path of paths) assert.equal((await client.get(path)).status, status, path);
    assert.equal((await listed(client)).health, health);
    assert.ok(!(await listed(client)).boards.some((board) => board.board === HEALTH));
  }
  assertProblem(await (await keyed('heliograph-*')).put(`/v1/boards/${HEALTH}`, { title: 'Mine', visibility: 'public' }), 403, 'forbidden');
});

test('it has alarms of the operator, and they are his to change', async () => {
  const rules = `/v1/boards/${HEALTH}/alarms/rules`;
  const { body } = await admin.get(rules);
  const ids = body.rules.map((rule) => rule.id).sort();
  assert.deepEqual(ids, ['archive', 'behind', 'cost', 'late', 'letters', 'refused', 'relays', 'source', 'storage', 'webhooks']);
  assert.equal((await admin.put(`${rules}/source`, { where: ['kind:eq:source'], silent_s: 2 })).status, 200);
  assert.equal((await admin.put(`${rules}/refused`, { where: ['refused_share:gt:0.05'] })).status, 200);
  const standing = async () => (await admin.get(`/v1/boards/${HEALTH}/alarms`)).body.alarms.map((alarm) => `${alarm.rule} ${alarm.key}`).sort();
  await until(async () => (await standing()).includes('source source:fleet:buses'), 'the silent source');
  await until(async () => {
    await admin.events('fleet', [event('d'), refused()]);
    await sleep(500);
    return (await standing()).includes('refused board:fleet');
  }, 'the refused records');
  // When no more are refused it is over, also when nothing comes at all.
  await until(async () => !(await standing()).includes('refused board:fleet'), 'the end of it');
});

test('series are kept of it', async () => {
  const { status, body } = await admin.get(`/v1/boards/${HEALTH}/items/board:fleet/series?field=refused_share`);
  assert.equal(status, 200, JSON.stringify(body));
  assert.ok(body.points.some((point) => point.max > 0.05), JSON.stringify(body));
});

test('where it fails nothing else does, and that is counted', async () => {
  await server.away({ [`Board/${HEALTH}`]: 'fails' });
  const before = await counted('heliograph_health_report_failures_total');
  await until(async () => {
    await admin.publish('fleet', [event('e')]);
    await sleep(500);
    return (await counted('heliograph_health_report_failures_total')) > before;
  }, 'a failure');
  assert.match(server.log(), /the health board is not told/);
  const { time } = (await admin.get('/v1/boards/fleet/items/e')).body;
  await server.away({});
  await until(async () => {
    const told = (await admin.items(HEALTH)).items.get('board:fleet');
    return told.time >= time;
  }, 'what was said meanwhile');
});

test('after an end without warning it goes on, and has nothing twice', async () => {
  const before = (await admin.items(HEALTH)).items;
  await server.kill9();
  await server.restart();
  await admin.publish('fleet', [event('f')]);
  await until(async () => (await fieldsOf('board:fleet')).items === before.get('board:fleet').fields.items + 1, 'a report');
  assert.deepEqual([...(await admin.items(HEALTH)).items.keys()].sort(), [...before.keys()].sort());
  const { body } = await admin.get(`/v1/boards/${HEALTH}/alarms/rules`);
  assert.equal(body.rules.find((rule) => rule.id === 'source').silent_s, 2, 'what the operator changed stays');
});

test('what is gone has no item any more', async () => {
  assert.equal((await admin.delete('/v1/boards/fleet/sources/buses')).status, 204);
  assert.equal((await admin.delete('/v1/boards/idle')).status, 204);
  await until(async () => {
    const keys = [...(await admin.items(HEALTH)).items.keys()];
    return !keys.includes('source:fleet:buses') && !keys.includes('board:idle');
  }, 'both to go');
});

test('where the operator says off there is none, and a board of its name that somebody made is left alone', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'heliograph-health-'));
  let on;
  t.after(async () => {
    await on?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const env = { HELIOGRAPH_ADMIN_KEY: 'the-admin-key-of-this-test' };
  const off = await startServer({ dataDir, env });
  let client = new Client(off);
  await client.board(HEALTH, { title: 'Mine' });
  await client.publish(HEALTH, [event('mine')]);
  assert.doesNotMatch((await client.get('/metrics')).body, /heliograph_health_report/);
  await off.stop();
  on = await startServer({ dataDir, env: { ...env, HELIOGRAPH_HEALTH_BOARD: '10' } });
  client = new Client(on);
  await client.board('fleet');
  await eventually(() => on.log().includes('has not made'), () => on.log(), REPORTED_MS);
  assert.deepEqual([...(await client.items(HEALTH)).items.keys()], ['mine']);
});
