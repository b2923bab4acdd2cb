// What docs/self-host.md promises: the archive runs without the repository, with secrets from files, and a copy that was made
// while events came in opens with everything that was acknowledged before.
// Runs alone: it may build everything anew.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ROOT, freePort } from '../server.mjs';

const ADMIN = 'an-admin-key-for-this-test';
const home = mkdtempSync(join(tmpdir(), 'heliograph-self-'));
const [current, secrets, data] = ['current', 'secrets', 'data'].map((name) => join(home, name));
const running = new Set();

/** Starts the unpacked archive as the unit for systemd does. */
async function serve(folder) {
  const port = await freePort();
  const child = spawn(join(current, 'deploy/serve.sh'), {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', HELIOGRAPH_LISTEN: `127.0.0.1:${port}`, HELIOGRAPH_DATA: folder, CREDENTIALS_DIRECTORY: secrets },
    stdio: 'ignore',
  });
  running.add(child);
  const ended = new Promise((done) => child.once('exit', done));
  const url = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited += 50) {
    assert.ok(waited < 30_000 && child.exitCode === null, 'the server does not answer');
    if (await fetch(`${url}/healthz`).then((answer) => answer.ok, () => false)) break;
    await sleep(50);
  }
  return {
    url,
    call: async (path, body, method = body ? 'POST' : 'GET') => {
      const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${ADMIN}` }, body: body && JSON.stringify(body) });
      assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
      return answer.json();
    },
    kill: () => (child.kill('SIGKILL'), running.delete(child), ended),
  };
}

/** Sends events to every board until it is told to stop, and keeps the number of the last one that was acknowledged. */
function sending(server, boards) {
  let on = true;
  const acknowledged = Object.fromEntries(boards.map((board) => [board, 0]));
  const done = Promise.all(
    boards.map(async (board) => {
      while (on) {
        const n = acknowledged[board] + 1;
        const events = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, fields: { n, text: 'x'.repeat(500), points: 1 } }));
        const answer = await server.call(`/v1/boards/${board}/events`, events);
        assert.equal(answer.accepted, 20);
        acknowledged[board] = n;
      }
    }),
  );
  return { acknowledged, stop: () => ((on = false), done) };
}

const backup = (to) => spawnSync(join(current, 'deploy/backup.sh'), [data, to], { encoding: 'utf8' });

describe('on a server of one’s own', { timeout: 240_000, skip: spawnSync('sqlite3', ['--version']).error && 'sqlite3 is not installed' }, () => {
  before(() => {
    mkdirSync(current);
    mkdirSync(secrets);
    const archive = join(home, 'heliograph.tar');
    execFileSync(join(ROOT, 'deploy/pack.sh'), [archive]);
    execFileSync('tar', ['xf', archive, '-C', current]);
    writeFileSync(join(secrets, 'admin-key'), `${ADMIN}\n`);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(secrets, 'signing-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  });
  after(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });

  test('the archive serves by itself, and a copy made while events come in has all that was acknowledged', async () => {
    const server = await serve(data);
    assert.equal((await fetch(`${server.url}/`)).status, 200);
    assert.equal(statSync(join(data, 'do')).mode & 0o077, 0, 'others may read the data');
    const boards = ['one', 'two', 'three'];
    for (const board of boards) {
      await server.call(`/v1/boards/${board}`, { title: board, scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] } }, 'PUT');
    }
    const { key } = await server.call('/v1/keys', { label: 'reader', grants: [{ board: 'one', operations: ['read'] }] });

    const load = sending(server, boards);
    while (Object.values(load.acknowledged).some((n) => n < 20)) await sleep(20);
    const sooner = { ...load.acknowledged };
    const copy = join(home, 'copy');
    // Not in this thread: events go on.
    const made = await new Promise((done) => {
      const child = spawn(join(current, 'deploy/backup.sh'), [data, copy], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.once('exit', done);
    });
    assert.equal(made, 0);
    const during = { ...load.acknowledged };
    await load.stop();
    assert.ok(boards.some((board) => during[board] > sooner[board]), 'no event came in while it copied');
    assert.match(backup(copy).stderr, /is there already/);
    await server.kill();

    const restored = await serve(copy);
    assert.deepEqual((await restored.call('/v1/boards')).boards.map((board) => board.board).sort(), [...boards].sort());
    for (const board of boards) {
      const { items, cursor } = await restored.call(`/v1/boards/${board}/items`);
      const n = items[0].fields.n;
      assert.ok(n >= sooner[board] && n <= load.acknowledged[board], `${board}: ${n}, acknowledged ${sooner[board]} before`);
      // A request is in the copy whole or not at all, and ranks and log say the same.
      assert.ok(items.every((item) => item.fields.n === n) && items.length === 20);
      // The rules of the ranking are a row of the log too.
      assert.equal(Number(cursor.split(':')[1]), 20 * n + 1);
      const { rows } = await restored.call(`/v1/boards/${board}/scores`);
      assert.ok(rows.every((row) => row.values[0] === n) && rows.length === 20);
    }
    const read = await fetch(`${restored.url}/v1/boards/one/items`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal(read.status, 200, 'a key of before');
    // And it goes on.
    assert.equal((await restored.call('/v1/boards/one/events', { key: 'new' })).accepted, 1);
    await restored.kill();
  });

  test('after an end without warning, a plain copy of the folder and a backup of it open alike', async () => {
    const plain = join(home, 'plain');
    cpSync(data, plain, { recursive: true });
    const copy = join(home, 'stopped');
    assert.equal(backup(copy).status, 0);
    const seen = [];
    for (const folder of [plain, copy]) {
      const server = await serve(folder);
      seen.push((await server.call('/v1/boards/two/items')).items);
      await server.kill();
    }
    assert.equal(seen[0].length, 20);
    assert.deepEqual(seen[0], seen[1]);
  });

  test('a folder that holds no data is refused', () => {
    const { status, stderr } = spawnSync(join(current, 'deploy/backup.sh'), [home, join(home, 'none')], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /no data folder/);
    assert.ok(!existsSync(join(home, 'none')));
  });

  test('the unit and the proxies’ configurations name what is in the archive', () => {
    const unit = readFileSync(join(current, 'deploy/heliograph.service'), 'utf8');
    assert.match(unit, /^ExecStart=\/opt\/heliograph\/current\/deploy\/serve\.sh$/m);
    for (const file of ['Caddyfile', 'nginx.conf']) {
      const text = readFileSync(join(current, 'deploy', file), 'utf8');
      assert.ok(text.includes('127.0.0.1:8787') && text.includes('CF-Connecting-IP'), file);
    }
  });
});
