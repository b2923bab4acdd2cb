// `heliograph bridge postgres` between a real PostgreSQL and the real worker.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { allEvents, bridge, makeCertificates, sql, startPostgres } from './support/brokers.mjs';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

let server;
let broker;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  broker = await startPostgres();
});
after(async () => {
  await broker?.stop();
  await server?.stop();
});

const PASSWORD = { PGPASSWORD: 's3cret' };

/** Runs SQL that must go well; what it printed. */
function run(text) {
  const done = sql(broker, text);
  assert.equal(done.status, 0, done.errors);
  return done.output;
}

/** A bridge of a publication to a board of the same name. */
function start(name, more = [], env = PASSWORD) {
  const address = `postgres://postgres@127.0.0.1:${broker.port}/fleet`;
  return bridge(server, ['postgres', address, '--publication', name, '--slot', name, '--board', name, ...more], env);
}

const items = async (board) => (await admin.items(board)).items;
const confirmed = (slot) => run(`SELECT count(*) FROM pg_replication_slots WHERE slot_name = '${slot}' AND confirmed_flush_lsn >= '${run('SELECT pg_current_wal_lsn()')}'`);

test('a row is an item: what was there comes first, a change changes it, a delete ends it, another key is another item', async (t) => {
  await admin.board('cars');
  run(`CREATE TABLE cars (id int PRIMARY KEY, lat numeric(9,6), lon float8, route text, seats bigint, open bool, seen timestamptz, note text, more text, most text);
    ALTER TABLE cars ALTER note SET STORAGE EXTERNAL, ALTER more SET STORAGE EXTERNAL, ALTER most SET STORAGE EXTERNAL;
    CREATE PUBLICATION cars FOR TABLE cars;
    INSERT INTO cars VALUES (1, 30.26, -97.74, '0801', 9007199254740993, true, '2026-03-01 12:00:00.5+00', repeat('x', 1000), repeat('y', 1000), repeat('z', 1000)), (2, 1, 2, NULL, 5, false, NULL, 'short', NULL, NULL)`);
  const running = start('cars');
  t.after(() => running.end('SIGKILL'));
  const item = async (key) => (await items('cars')).get(key);
  const said = (what) => () => `${what}; ${running.errors}`;
  await eventually(async () => (await items('cars')).size === 2, said('what was there'));
  const first = await item('1');
  assert.equal(first.position.lat, 30.26);
  const { note, more, most, ...fields } = first.fields;
  assert.deepEqual(fields, { id: 1, route: '0801', seats: '9007199254740993', open: true, seen: '2026-03-01T12:00:00.5Z' });
  assert.deepEqual([note, more, most].map((text) => text.length), [1_000, 1_000, 1_000]);

  // The long texts are not in the log of this change, and stay.
  run('UPDATE cars SET route = NULL, lat = 30.5 WHERE id = 1');
  await eventually(async () => (await item('1')).position.lat === 30.5, said('the change'));
  const changed = await item('1');
  assert.deepEqual([changed.fields.most.length, 'route' in changed.fields, changed.fields.seats], [1_000, false, '9007199254740993']);

  run('UPDATE cars SET id = 3 WHERE id = 2');
  run('ALTER TABLE cars ADD colour text');
  run(`INSERT INTO cars (id, lat, lon, colour) VALUES (4, 5, 6, 'red')`);
  run('DELETE FROM cars WHERE id = 1');
  await eventually(async () => !(await items('cars')).has('1'), said('the end'));
  const now = await items('cars');
  assert.deepEqual([...now.keys()].sort(), ['3', '4']);
  assert.deepEqual([now.get('3').fields.note, now.get('4').fields.colour], ['short', 'red']);

  run('TRUNCATE cars');
  await eventually(() => /`cars` were removed at once/.test(running.errors), said('a word about TRUNCATE'));
  await eventually(() => confirmed('cars') === '1', 'the slot to move on');
  assert.equal(await running.end('SIGTERM'), 0);
  assert.match(running.output, /ended +2/);
});

test('each change is there once and in order, though bridge, server and PostgreSQL are killed under way', async (t) => {
  await admin.board('rides');
  run(`CREATE TABLE rides (id int PRIMARY KEY, n int); CREATE PUBLICATION rides FOR TABLE rides;
    INSERT INTO rides SELECT i, -1 FROM generate_series(0, 6) i`);
  let running = start('rides', ['--batch', '100']);
  t.after(() => running.end('SIGKILL'));
  const [rounds, each] = [10, 500];
  await eventually(async () => (await items('rides')).size === 7, () => `what was there; ${running.errors}`);
  for (let round = 0; round < rounds; round += 1) {
    run(Array.from({ length: each }, (_, i) => `UPDATE rides SET n = ${round * each + i} WHERE id = ${i % 7};`).join('\n'));
    if ([2, 6].includes(round)) {
      await running.end('SIGKILL');
      running = start('rides', ['--batch', '100']);
      await sleep(50);
    }
    if (round === 4) {
      await server.kill9();
      await server.restart();
    }
    if (round === 8) {
      // The postmaster takes its children with it.
      await broker.end('SIGKILL');
      await eventually(() => /PostgreSQL at .* is away/.test(running.errors), () => `a word about PostgreSQL; ${running.errors}`);
      await sleep(500);
      await broker.restart();
      await eventually(() => sql(broker, 'SELECT 1').status === 0, 'PostgreSQL to have mended itself');
    }
  }
  const arrived = async () => (await allEvents(admin, 'rides')).length >= rounds * each + 7;
  await eventually(arrived, () => `all changes; ${running.errors}`, 60_000);
  const all = await allEvents(admin, 'rides');
  assert.deepEqual(all.slice(7).map((e) => e.fields.n), Array.from({ length: rounds * each }, (_, i) => i));
  assert.match(all[7].id, /^rides@[0-9a-f]{8}\/[0-9A-F]{16}\/00000001$/);
  await eventually(() => confirmed('rides') === '1', 'the slot to move on');
  assert.equal(await running.end('SIGTERM'), 0);
});

test('a bridge that is killed among the first rows begins them anew, loses no delete and doubles no row', async (t) => {
  await admin.board('stops');
  run(`CREATE TABLE stops (id int PRIMARY KEY, n int); CREATE PUBLICATION stops FOR TABLE stops;
    INSERT INTO stops SELECT i, i FROM generate_series(1, 5000) i`);
  let running = start('stops', ['--batch', '50']);
  t.after(() => running.end('SIGKILL'));
  await eventually(async () => (await items('stops')).size >= 100, () => `some rows; ${running.errors}`);
  await running.end('SIGKILL');
  assert.equal(run(`SELECT string_agg(slot_name, ',') FROM pg_replication_slots WHERE slot_name LIKE 'stops%'`), 'stops_snapshot');
  const [, key] = /^(\d+)$/m.exec([...(await items('stops')).keys()][0]);
  run(`DELETE FROM stops WHERE id = ${key}; UPDATE stops SET n = -5 WHERE id = 4999`);
  running = start('stops');
  await eventually(() => run(`SELECT string_agg(slot_name, ',') FROM pg_replication_slots WHERE slot_name LIKE 'stops%'`) === 'stops', () => `the slot's name; ${running.errors}`);
  await eventually(async () => !(await items('stops')).has(key), () => `the end of ${key}; ${running.errors}`);
  const now = await items('stops');
  assert.deepEqual([now.size, now.get('4999').fields.n], [4_999, -5]);
  // The row that was changed in between came as it is, and then its change.
  const all = await allEvents(admin, 'stops');
  assert.deepEqual([all.length, new Set(all.map((e) => e.fields.id)).size], [5_001, 5_000]);
  assert.equal(await running.end('SIGTERM'), 0);
});

test('an item that ended and began anew stays, also if the end comes a second time', async (t) => {
  await admin.board('again');
  run(`CREATE TABLE again (id int PRIMARY KEY, n int); CREATE PUBLICATION again FOR TABLE again; INSERT INTO again VALUES (1, 0)`);
  let running = start('again');
  t.after(() => running.end('SIGKILL'));
  await eventually(async () => (await items('again')).size === 1, () => `the row; ${running.errors}`);
  await eventually(() => confirmed('again') === '1', 'the slot to move on');
  const before = run(`SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'again'`);
  // A slot that stands where it was: what a PostgreSQL that was killed has of it.
  run(`SELECT pg_copy_logical_replication_slot('again', 'kept')`);
  run('BEGIN; DELETE FROM again; INSERT INTO again VALUES (1, 1); COMMIT');
  await eventually(async () => (await items('again')).get('1')?.fields.n === 1, () => `the new row; ${running.errors}`);
  await eventually(() => confirmed('again') === '1', 'the slot to move on');
  assert.equal(await running.end('SIGTERM'), 0);
  run(`SELECT pg_drop_replication_slot('again'); SELECT pg_copy_logical_replication_slot('kept', 'again'); SELECT pg_drop_replication_slot('kept')`);
  assert.equal(run(`SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'again'`), before);
  running = start('again');
  await eventually(() => confirmed('again') === '1', () => `the slot to move on; ${running.errors}`);
  assert.equal(await running.end('SIGTERM'), 0);
  assert.deepEqual((await items('again')).get('1')?.fields, { id: 1, n: 1 });
  assert.match(running.output, /duplicate +2/);
});

test('several tables, a column with the time, and items that are kept', async (t) => {
  await admin.board('pair');
  run(`CREATE TABLE trams (line text, car int, at timestamp, n int, PRIMARY KEY (line, car)); CREATE TABLE "bus Stops" (id uuid PRIMARY KEY, at timestamp);
    CREATE PUBLICATION pair FOR TABLE trams, "bus Stops"`);
  const refused = start('pair', ['--keep-deleted']);
  await eventually(() => refused.code !== undefined, () => `an end; ${refused.errors}`);
  assert.deepEqual([refused.code, /--table-in-key/.test(refused.errors)], [1, true], refused.errors);
  const running = start('pair', ['--keep-deleted', '--table-in-key', '--time-column', 'at']);
  t.after(() => running.end('SIGKILL'));
  await eventually(() => run(`SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'pair' AND active`) === '1', () => `a slot; ${running.errors}`);
  run(`INSERT INTO trams VALUES ('U1', 7, '2026-03-01 12:00:00', 1); INSERT INTO "bus Stops" VALUES ('6f1c0b5e-4a52-4f2b-9a50-0d3a3a1d7b11', NULL); DELETE FROM trams`);
  await eventually(async () => (await items('pair')).size === 2, () => `both; ${running.errors}`);
  const now = await items('pair');
  assert.equal(now.get('trams/U1/7').time, 1_772_366_400_000);
  assert.ok(now.has('bus Stops/6f1c0b5e-4a52-4f2b-9a50-0d3a3a1d7b11'));
  await eventually(() => confirmed('pair') === '1', 'the slot to move on');
  assert.equal(await running.end('SIGTERM'), 0);
});

test('what a person has to mend is said at the beginning, and nothing is left at PostgreSQL', async () => {
  await admin.board('wrong');
  run(`CREATE TABLE bare (n int); CREATE PUBLICATION bare FOR TABLE bare`);
  const { body: source } = await admin.post('/v1/boards/wrong/sources', { name: 'wrong' });
  const weak = await admin.token('wrong', ['publish', 'read']);
  const address = (user = 'postgres') => `postgres://${user}@127.0.0.1:${broker.port}/fleet`;
  const cases = [
    [[address(), '--publication', 'none', '--board', 'wrong'], PASSWORD, /CREATE PUBLICATION none/],
    [[address(), '--publication', 'bare', '--board', 'wrong'], PASSWORD, /no primary key: say with --key-column/],
    [[address(), '--publication', 'cars', '--board', 'wrong'], {}, /PGPASSWORD/],
    [[address(), '--publication', 'cars', '--board', 'wrong'], { PGPASSWORD: 'wrong' }, /PGPASSWORD/],
    [[address('postgres:s3cret'), '--publication', 'cars', '--board', 'wrong'], {}, /put it into PGPASSWORD/],
    [[address(), '--publication', 'cars', '--board', 'wrong'], { ...PASSWORD, HELIOGRAPH_KEY: weak }, /manage it; or keep/],
    [[address(), '--publication', 'cars', '--source', 'wrong'], { ...PASSWORD, HELIOGRAPH_SOURCE_SECRET: source.secret }, /--keep-deleted/],
  ];
  for (const [args, env, word] of cases) {
    const refused = bridge(server, ['postgres', ...args], env);
    await eventually(() => refused.code !== undefined, () => `an end of ${args}; ${refused.errors}`);
    assert.match(refused.errors, word);
    assert.notEqual(refused.code, 0);
    assert.doesNotMatch(refused.errors, /s3cret/);
  }
  assert.equal(run(`SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'heliograph%'`), '0');
});

test('TLS is verified: with the certificates of a file and for the right name, and not otherwise', async (t) => {
  await admin.board('tls');
  const secure = await startPostgres((folder) => {
    makeCertificates(folder);
    return ['ssl = on', `ssl_cert_file = '${join(folder, 'cert.pem')}'`, `ssl_key_file = '${join(folder, 'key.pem')}'`];
  });
  t.after(() => secure.stop());
  const ca = join(secure.folder, 'ca.pem');
  assert.equal(sql(secure, 'CREATE TABLE cars (id int PRIMARY KEY, n int); INSERT INTO cars VALUES (1, 7); CREATE PUBLICATION cars FOR TABLE cars').status, 0);
  const to = (host, ...more) => bridge(server, ['postgres', `postgres://postgres@${host}:${secure.port}/fleet`, '--publication', 'cars', '--board', 'tls', ...more], PASSWORD);
  for (const [why, host, ...more] of [
    [/refuses: .*invalid peer certificate: UnknownIssuer/, 'localhost', '--tls', 'verify-full'],
    [/refuses: .*VerifyFull enabled but host '127\.0\.0\.1' is an IP address/, '127.0.0.1', '--tls', 'verify-full', '--ca', ca],
  ]) {
    const refused = to(host, ...more);
    t.after(() => refused.end('SIGKILL'));
    await eventually(() => refused.code !== undefined, () => `an end; ${refused.errors}`);
    assert.ok(refused.code === 1 && why.test(refused.errors), refused.errors);
  }
  assert.equal((await admin.items('tls')).items.size, 0);
  const trusted = to('localhost', '--tls', 'verify-full', '--ca', ca);
  t.after(() => trusted.end('SIGKILL'));
  await eventually(async () => (await admin.items('tls')).items.get('1')?.fields.n === 7, () => `the row; ${trusted.errors}`);
  assert.equal(sql(secure, 'SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_replication USING (pid)').output, 't');
  assert.equal(await trusted.end('SIGTERM'), 0);
});
