// The tests' own server starter, and `cargo xtask up` as a program: it says what is wrong in one line, and nothing it
// started outlives it.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ROOT, freePort, startServer } from '../server.mjs';

const XTASK = process.env.HELIOGRAPH_XTASK ?? join(ROOT, 'target/debug/xtask');

/** Process ids whose command line has this text; the data folder's name makes it ours alone. */
function processesWith(text) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

async function eventually(holds, what) {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (await holds()) return;
    await sleep(50);
  }
  assert.fail(`not within 10 s: ${what}`);
}

/** Starts `up` on a data folder of its own and waits for its closing line. */
async function up(data, port, env = {}) {
  const child = spawn(XTASK, ['up', '--no-demo', '--data', data, '--port', String(port)], {
    cwd: ROOT,
    env: { ...process.env, HELIOGRAPH_ADMIN_KEY: '', HELIOGRAPH_SIGNING_KEY: '', ...env },
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  child.output = () => output;
  child.ended = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  for (let waited = 0; waited < 120_000; waited += 50) {
    if (new RegExp(`^ready http://127.0.0.1:${port}$`, 'm').test(output)) return child;
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  child.kill('SIGKILL');
  assert.fail(`up did not get ready:\n${output}`);
}

test('a server starts on a free port, survives kill -9 with its data folder and port, and leaves nothing', async () => {
  const server = await startServer();
  const { port, pid, dataDir } = server;
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  await server.kill9();
  await assert.rejects(fetch(`${server.url}/healthz`));
  await server.restart();
  assert.equal(server.port, port);
  assert.notEqual(server.pid, pid);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  await server.stop();
  assert.ok(!existsSync(dataDir));
  assert.deepEqual(processesWith(dataDir), []);
});

test('two servers run side by side', async () => {
  const [one, two] = await Promise.all([startServer(), startServer()]);
  assert.notEqual(one.port, two.port);
  await Promise.all([one.stop(), two.stop()]);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL']) {
  test(`up ends every child on ${signal}`, async () => {
    const data = mkdtempSync(join(tmpdir(), 'heliograph-up-'));
    const child = await up(data, await freePort());
    assert.ok(processesWith(data).length >= 2, 'up and workerd run');
    child.kill(signal);
    const { code } = await child.ended;
    if (signal !== 'SIGKILL') assert.equal(code, 0);
    await eventually(() => processesWith(data).length === 0, 'no process is left');
    rmSync(data, { recursive: true });
  });
}

test('up keeps its keys for itself and prints a key only when it made it', async () => {
  const data = mkdtempSync(join(tmpdir(), 'heliograph-up-'));
  const port = await freePort();
  const first = await up(data, port);
  for (const name of ['admin-key', 'signing-key.pem']) {
    assert.equal(statSync(join(data, name)).mode & 0o777, 0o600, name);
  }
  const key = readFileSync(join(data, 'admin-key'), 'utf8').trim();
  assert.ok(first.output().includes(key));
  assert.ok(!first.output().includes('PRIVATE KEY'));
  first.kill('SIGTERM');
  await first.ended;
  const second = await up(data, port, { HELIOGRAPH_ADMIN_KEY: 'given-by-the-environment' });
  assert.ok(!second.output().includes('given-by-the-environment'));
  assert.ok(!second.output().includes(key));
  second.kill('SIGTERM');
  await second.ended;
  rmSync(data, { recursive: true });
});

test('up says in one line that its port or its data is taken', async () => {
  const data = mkdtempSync(join(tmpdir(), 'heliograph-up-'));
  const port = await freePort();
  const first = await up(data, port);
  const again = (...more) => spawnSync(XTASK, ['up', ...more], { cwd: ROOT, encoding: 'utf8' });
  const samePort = again('--port', String(port));
  assert.equal(samePort.status, 1);
  assert.match(samePort.stderr, new RegExp(`^error: port ${port} is in use: .*--port N\n$`));
  const sameData = again('--port', String(await freePort()), '--data', data);
  assert.equal(sameData.status, 1);
  assert.match(sameData.stderr, /^error: another `cargo xtask up` uses .*--data DIR\n$/);
  first.kill('SIGTERM');
  await first.ended;
  rmSync(data, { recursive: true });
});

test('up ends with an error when workerd dies', async () => {
  const data = mkdtempSync(join(tmpdir(), 'heliograph-up-'));
  const child = await up(data, await freePort());
  const workerd = processesWith(join(data, 'do')).map(Number);
  assert.equal(workerd.length, 1);
  process.kill(workerd[0], 'SIGKILL');
  const { code } = await child.ended;
  assert.equal(code, 1);
  assert.match(child.output(), /^error: worker ended by itself/m);
  assert.deepEqual(processesWith(data), []);
  rmSync(data, { recursive: true });
});
