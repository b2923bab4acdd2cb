// The Containerfile is built, from Debian's packages and the packed archive, and what docs/self-host.md says of it holds.
// Needs buildah and mmdebstrap, and root, since no registry of images is asked.
// Runs alone: it builds.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ROOT, freePort } from '../server.mjs';

const has = (program) => !spawnSync(program, ['--version']).error;
const missing = ['buildah', 'mmdebstrap'].filter((program) => !has(program));
const skip = process.getuid() !== 0 ? 'only root builds it' : missing.length > 0 && `there is no ${missing.join(' and no ')}`;

const ADMIN = 'an-admin-key-for-this-test';
/** As in the Containerfile. */
const UID = 10_001;
const home = mkdtempSync(join(tmpdir(), 'heliograph-container-'));
const [context, secrets, data] = ['context', 'secrets', 'data'].map((name) => join(home, name));
const STORE = ['--root', join(home, 'store'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs'];
const buildah = (...words) => execFileSync('buildah', [...STORE, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** What of the image is run: with a volume for the data and files for the secrets. */
const within = (port, ...command) => [
  ...STORE, 'run', '--isolation', 'chroot', '--env', `HELIOGRAPH_LISTEN=127.0.0.1:${port}`,
  '--volume', `${data}:/data`, '--volume', `${secrets}:/run/secrets:ro`, 'box', '--', ...command,
];

async function serve() {
  const port = await freePort();
  const child = spawn('buildah', within(port, '/opt/heliograph/deploy/serve.sh'), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const url = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited += 50) {
    assert.ok(waited < 60_000 && child.exitCode === null, `the server does not answer: ${said}`);
    if (await fetch(`${url}/healthz`).then((answer) => answer.ok, () => false)) break;
    await sleep(50);
  }
  // The one that listens, below what buildah starts.
  const pid = readdirSync('/proc').find((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith('./workerd\0') && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`127.0.0.1:${port}`);
    } catch {
      return false;
    }
  });
  return {
    pid,
    port,
    call: async (path, body, method = body ? 'POST' : 'GET') => {
      const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${ADMIN}` }, body: body && JSON.stringify(body) });
      assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
      return answer.json();
    },
    kill: async () => {
      process.kill(Number(pid), 'SIGKILL');
      await new Promise((done) => child.once('exit', done));
    },
  };
}

describe('in a container', { timeout: 600_000, skip }, () => {
  before(() => {
    [context, secrets, data].forEach((folder) => mkdirSync(folder));
    execFileSync(join(ROOT, 'deploy/pack.sh'), [join(context, 'heliograph.tar.gz')]);
    copyFileSync(join(ROOT, 'Containerfile'), join(context, 'Containerfile'));
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(secrets, 'admin-key'), ADMIN);
    writeFileSync(join(secrets, 'signing-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    chownSync(data, UID, UID);
    const base = process.env.HELIOGRAPH_CONTAINER_BASE ?? join(home, 'base.tar');
    if (!process.env.HELIOGRAPH_CONTAINER_BASE) execFileSync('mmdebstrap', ['--variant=minbase', '--quiet', 'bookworm', base]);
    buildah('from', '--name', 'base', 'scratch');
    buildah('add', '--quiet', 'base', base, '/');
    buildah('commit', '--quiet', '--rm', 'base', 'base');
    buildah('build', '--isolation', 'chroot', '--format', 'docker', '--build-arg', 'BASE=localhost/base', '--tag', 'heliograph', context);
    buildah('from', '--name', 'box', 'localhost/heliograph');
  });
  after(() => {
    spawnSync('buildah', [...STORE, 'rm', '--all']);
    rmSync(home, { recursive: true, force: true });
  });

  test('it runs as a user of its own with the data on a volume, and says whether it is well', async () => {
    const { config } = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/heliograph')).Docker;
    assert.equal(config.User, 'heliograph');
    assert.deepEqual(Object.keys(config.Volumes), ['/data']);
    assert.deepEqual(config.Healthcheck.Test, ['CMD', '/opt/heliograph/deploy/healthy.sh']);

    const healthy = (port) => spawnSync('buildah', within(port, ...config.Healthcheck.Test.slice(1))).status;
    const first = await serve();
    assert.match(readFileSync(`/proc/${first.pid}/status`, 'utf8'), new RegExp(`^Uid:\t${UID}\t${UID}\t`, 'm'));
    assert.equal(healthy(first.port), 0);
    await first.call('/v1/boards/one', { title: 'one' }, 'PUT');
    assert.equal((await first.call('/v1/boards/one/events', { key: 'a', fields: { n: 1 } })).accepted, 1);
    assert.equal(statSync(join(data, 'do')).uid, UID);
    await first.kill();
    assert.notEqual(healthy(first.port), 0);

    const second = await serve();
    const { items } = await second.call('/v1/boards/one/items');
    assert.deepEqual(items.map((item) => item.fields), [{ n: 1 }]);
    await second.kill();
  });

  test('the server can change nothing of what it runs', () => {
    const run = (script) => spawnSync('buildah', within(1, 'sh', '-c', script)).status;
    assert.equal(run('test -x /opt/heliograph/workerd'), 0);
    assert.equal(run('find /opt/heliograph -writable -not -type l | grep -q .'), 1);
    assert.equal(run('touch /data/x && rm /data/x'), 0);
  });
});
