// What `cargo xtask deploy` would send to the platform, by the real wrangler.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ROOT, startServer } from '../server.mjs';
import { steps } from '../walkthrough.mjs';

const XTASK = process.env.HELIOGRAPH_XTASK;
const folder = mkdtempSync(join(tmpdir(), 'heliograph-deploy-'));

/** Runs the command without an account: what it prints, and its exit status. */
function deploy(...more) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (name.startsWith('CLOUDFLARE_')) delete env[name];
  }
  return new Promise((resolve) => {
    execFile(XTASK, ['deploy', ...more], { cwd: ROOT, env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ status: error ? error.code : 0, text: stdout + stderr });
    });
  });
}

function secrets(values) {
  const path = join(folder, `${Object.keys(values).length}.json`);
  writeFileSync(path, JSON.stringify(values));
  return path;
}

describe('deployment', { skip: !XTASK && 'HELIOGRAPH_XTASK is not set' }, () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('a dry run bundles both scripts, what is bound after what it is bound to', async () => {
    const all = secrets({ HELIOGRAPH_ADMIN_KEY: 'an-admin-key-of-this-test', HELIOGRAPH_SIGNING_KEY: 'a key' });
    const program = () => statSync(process.env.HELIOGRAPH_BIN).mtimeMs;
    const before = program();
    const { status, text } = await deploy('--dry-run', '--secrets', all);
    assert.equal(status, 0, text);
    assert.equal(program(), before, 'the command-line program was built, which is no part of a deployment');
    const order = ['transform/wrangler.toml', 'wrangler.toml'].map((name) => text.search(new RegExp(`^  ${name} +Total Upload`, 'm')));
    assert.ok(order[0] >= 0 && order[1] > order[0], text);
    assert.match(text, /nothing was uploaded/);
    assert.ok(!text.includes('an-admin-key-of-this-test'), 'a secret is printed');
    const bundle = join(ROOT, '.heliograph/deploy/wrangler.toml');
    const script = readFileSync(join(bundle, 'index.js'), 'utf8');
    for (const name of ['Board', 'Relay', 'Registry', 'Poller']) assert.match(script, new RegExp(`\\b${name}\\b`));
    const sent = readdirSync(bundle).filter((name) => /\.(js|wasm)$/.test(name)).map((name) => gzipSync(readFileSync(join(bundle, name))).length);
    assert.ok(sent.length >= 2 && sent.reduce((a, b) => a + b) < 2_900_000, String(sent));
  });

  test('a deployment without a secret is refused, and the secret is named', async () => {
    const one = secrets({ HELIOGRAPH_ADMIN_KEY: 'k' });
    for (const more of [['--dry-run'], []]) {
      const { status, text } = await deploy(...more, '--secrets', one);
      assert.equal(status, 1, text);
      assert.match(text, /no HELIOGRAPH_SIGNING_KEY/);
      assert.doesNotMatch(text, /Total Upload/);
    }
  });

  test('the secrets of docs/deploy.md are complete, and a server runs with them', async () => {
    const page = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
    const block = steps(page).find(({ type }) => type?.endsWith('> secrets.json\n'));
    execFileSync('bash', ['-c', block.type], { cwd: folder });
    const path = join(folder, 'secrets.json');
    assert.equal(statSync(path).mode & 0o077, 0, 'others may read the secrets');
    const { status, text } = await deploy('--dry-run', '--secrets', path);
    assert.equal(status, 0, text);
    assert.match(text, /secrets of heliograph +complete/);
    const server = await startServer({ env: JSON.parse(readFileSync(path, 'utf8')) });
    await server.stop();
  });

  test('without a word from the platform a dry run says what a deployment needs, and a deployment does not begin', async () => {
    const dry = await deploy('--dry-run');
    assert.equal(dry.status, 0, dry.text);
    assert.match(dry.text, /needs HELIOGRAPH_ADMIN_KEY and HELIOGRAPH_SIGNING_KEY/);
    const real = await deploy();
    assert.equal(real.status, 1, real.text);
    assert.match(real.text, /CLOUDFLARE_API_TOKEN/);
  });
});
