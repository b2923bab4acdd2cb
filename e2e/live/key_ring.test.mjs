// The keys that sign tokens, and how one follows another.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const SIGNING_KEY = 'HELIOGRAPH_SIGNING_KEY';
const pem = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const kid = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;

test('f24_tokens_of_the_old_key_count_until_it_leaves_the_ring', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'heliograph-ring-'));
  const [before, next] = [pem(), pem()];
  const adminKey = 'an-admin-key-that-stays';
  /** Runs a server with these signing keys. */
  const run = async (keys, what) => {
    const server = await startServer({ dataDir, env: { [SIGNING_KEY]: keys, HELIOGRAPH_ADMIN_KEY: adminKey } });
    try {
      const client = new Client(server);
      const kids = (await client.get('/.well-known/jwks.json')).body.keys.map((k) => k.kid);
      return await what(client, kids);
    } finally {
      await server.stop();
    }
  };
  const items = (client, token) => client.as(token).get('/v1/boards/ring/items');
  try {
    const first = await run(before, async (client) => {
      await client.board('ring', { visibility: 'private' });
      return client.token('ring', ['read'], { ttl_s: 3600 });
    });
    // The new key is made known before it signs.
    await run(`${before}${next}`, async (client, kids) => {
      assert.equal(kids.length, 2);
      assert.equal(kid(await client.token('ring', ['read'])), kids[0]);
      assert.equal(kids[0], kid(first));
    });
    // It signs; what the old one signed is good.
    const second = await run(`\n${next}\n${before}`, async (client, kids) => {
      assert.equal((await items(client, first)).status, 200);
      const token = await client.token('ring', ['read'], { ttl_s: 3600 });
      assert.deepEqual([kids.length, kid(token), kids[1]], [2, kids[0], kid(first)]);
      assert.notEqual(kid(token), kid(first));
      return token;
    });
    await run(next, async (client, kids) => {
      assert.deepEqual(kids, [kid(second)]);
      assert.equal((await items(client, second)).status, 200);
      assertProblem(await items(client, first), 401, 'token_invalid');
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
