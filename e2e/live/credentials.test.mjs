// API keys and tokens: who may make them, what they never allow, what is stored, and what runs without secrets.

import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

const BOARD = 'fleet';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board(BOARD, { visibility: 'private' });
  await admin.board('open');
});
after(() => server?.stop());

const grant = (operations, keys, board = BOARD) => ({ board, operations, ...(keys ? { keys } : {}) });
const makeKey = async (grants, label = 'test') => {
  const { status, body } = await admin.post('/v1/keys', { label, grants });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
};
const mint = (client, body) => client.post('/v1/tokens', body);
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

test('an API key is shown once, works at once, is listed without itself and ends when it is deleted', async () => {
  const { id, key } = await makeKey([grant(['read', 'publish'])], 'buses');
  const client = admin.as(key);
  assert.equal((await client.events(BOARD, { key: 'a' })).body.accepted, 1);
  assertProblem(await client.put(`/v1/boards/${BOARD}`, { title: 'x' }), 403, 'forbidden');
  const list = await admin.get('/v1/keys');
  const row = list.body.keys.find((k) => k.id === id);
  assert.deepEqual([row.label, row.grants[0].operations], ['buses', ['read', 'publish']]);
  assert.ok(!JSON.stringify(list.body).includes(key));
  assert.equal((await admin.delete(`/v1/keys/${id}`)).status, 204);
  assertProblem(await client.events(BOARD, { key: 'a' }), 401, 'key_invalid');
  assertProblem(await admin.delete(`/v1/keys/${id}`), 404, 'not_found');
});

test('API keys are for the administrator', async () => {
  const { key, id } = await makeKey([grant(['manage', 'read'])]);
  for (const [credential, status] of [[null, 401], [key, 403], [await admin.token(BOARD, ['manage']), 403]]) {
    const client = admin.as(credential);
    assert.equal((await client.get('/v1/keys')).status, status);
    assert.equal((await client.post('/v1/keys', { label: 'x', grants: [grant(['read'])] })).status, status);
    assert.equal((await client.delete(`/v1/keys/${id}`)).status, status);
  }
  assert.equal((await admin.post('/v1/keys', { label: '', grants: [grant(['read'])] })).status, 422);
  assert.equal((await admin.post('/v1/keys', { label: 'x', grants: [] })).status, 422);
});

/** Everything that the worker has on its disk. */
function stored() {
  const files = readdirSync(server.dataDir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  assert.ok(files.some((f) => f.name.endsWith('.sqlite')));
  return Buffer.concat(files.map((f) => readFileSync(join(f.parentPath ?? f.path, f.name))));
}

test('neither keys nor tokens nor secrets are stored in clear', async () => {
  const { key, id } = await makeKey([grant(['read', 'publish'])], 'a-label-to-find');
  const token = await admin.as(key).token(BOARD, ['publish']);
  await admin.as(token).publish(BOARD, { key: 'an-item-to-find' });
  const bytes = stored();
  // What may be there is found, so the search works.
  for (const text of ['a-label-to-find', 'an-item-to-find', id]) assert.ok(bytes.includes(text), text);
  const hidden = {
    'API key': key,
    'random part of the API key': key.slice(3),
    token,
    "token's signature": token.split('.')[2],
    'admin key': server.adminKey,
  };
  for (const [what, text] of Object.entries(hidden)) {
    assert.ok(!bytes.includes(text), `the ${what} is on the disk`);
  }
  assert.ok(!server.log().includes(key) && !server.log().includes(token));
});

test("a token's signature is verified by the key set, and its claims say what was asked for", async () => {
  const { body } = await mint(admin, { grants: [grant(['read'], ['v*'])], ttl_s: 60, sub: 'a viewer' });
  const [header, payload, signature] = body.token.split('.');
  const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url'));
  assert.equal(alg, 'ES256');
  const set = await admin.as(null).get('/.well-known/jwks.json');
  const jwk = set.body.keys.find((k) => k.kid === kid);
  assert.deepEqual([jwk.kty, jwk.crv, jwk.d], ['EC', 'P-256', undefined]);
  const publicKey = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  const good = (text) => verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'));
  assert.ok(good(`${header}.${payload}`));
  assert.ok(!good(`${header}.${payload}x`));
  const { iss, sub, aud, exp, iat, jti, grants } = claims(body.token);
  assert.deepEqual([iss, sub, aud, exp - iat, body.expires_at], ['heliograph', 'a viewer', 'heliograph', 60, exp * 1000]);
  assert.ok(jti.length >= 16);
  assert.deepEqual(grants, [grant(['read'], ['v*'])]);
});

test('nobody mints more than they have, and a token made with a token does not outlive it', async () => {
  const { key } = await makeKey([grant(['read'], ['v*']), grant(['publish'], ['v1'])]);
  const own = admin.as(key);
  for (const ok of [grant(['read'], ['v*']), grant(['read'], ['v1', 'v2*']), grant(['publish'], ['v1'])]) {
    assert.equal((await mint(own, { grants: [ok] })).status, 200, JSON.stringify(ok));
  }
  const more = [
    grant(['read']), grant(['read'], ['*']), grant(['read'], ['w1']), grant(['publish'], ['v*']), grant(['history'], ['v1']),
    grant(['manage']), grant(['read'], ['v1'], 'open'), grant(['read'], ['v*'], '*'), grant(['read'], ['v*'], 'fl*'),
  ];
  for (const g of more) assertProblem(await mint(own, { grants: [g] }), 403, 'forbidden');
  assertProblem(await mint(own, { grants: [grant(['read'], ['v1']), grant(['manage'])] }), 403, 'forbidden');
  const first = (await mint(own, { grants: [grant(['read'], ['v*'])], ttl_s: 30 })).body;
  const second = (await mint(admin.as(first.token), { grants: [grant(['read'], ['v1'])], ttl_s: 3600 })).body;
  assert.ok(second.expires_at <= first.expires_at);
  assertProblem(await mint(admin.as(second.token), { grants: [grant(['read'], ['v*'])] }), 403, 'forbidden');
});

/** Asks for a token with something wrong and checks that the refusal names the field. */
async function wrong(body, field) {
  const answer = await mint(admin, body);
  assert.ok([400, 422].includes(answer.status), JSON.stringify(answer.body));
  assertProblem(answer, answer.status, answer.body.code);
  const named = (answer.body.errors ?? []).map((e) => e.field);
  assert.ok(named.includes(field), `${field} in ${JSON.stringify(answer.body)}`);
}

test('what is out of range in a wish for a token is refused by the name of its field', async () => {
  await wrong({ grants: [grant(['read'])], ttl_s: 0 }, 'ttl_s');
  await wrong({ grants: [grant(['read'])], ttl_s: 3601 }, 'ttl_s');
  await wrong({ grants: Array(21).fill(grant(['read'])) }, 'grants');
  // At most 32 in all, however many grants they are in.
  await wrong({ grants: [grant(['read'], Array.from({ length: 33 }, (_, i) => `v${i}`))] }, 'grants');
  await wrong({ grants: [grant(['read'], [])] }, 'grants[0].keys');
  await wrong({ grants: [grant(['manage'], ['v1'])] }, 'grants[0].keys');
  await wrong({ grants: [grant(['read'], [''])] }, 'grants[0].keys');
  await wrong({ grants: [grant([])] }, 'grants[0].operations');
  await wrong({ grants: [grant(['read'], ['*'], '')] }, 'grants[0].board');
  await wrong({ grants: [grant(['read'])], sub: '' }, 'sub');
});

test('what is missing, unknown or of a wrong type in a wish for a token is refused by the name of its field', async () => {
  await wrong({ grants: [] }, 'grants');
  await wrong({ grants: [grant(['read'])], ttl_s: 'long' }, 'ttl_s');
  await wrong({ grants: [grant(['fly'])] }, 'grants[0].operations[0]');
  await wrong({ grants: [grant(['read'])], scope: 'all' }, 'scope');
});

test('anybody gets a token to read a public board, and nothing for a private one', async () => {
  const nobody = admin.as(null);
  const { status, body } = await mint(nobody, { board: 'open' });
  assert.equal(status, 200);
  assert.deepEqual(claims(body.token).grants, [grant(['read', 'history'], ['*'], 'open')]);
  assertProblem(await admin.as(body.token).events('open', { key: 'a' }), 403, 'forbidden');
  assertProblem(await mint(nobody, { board: BOARD }), 401, 'credential_missing');
  assertProblem(await mint(nobody, { grants: [grant(['read'], ['*'], 'open')] }), 401, 'credential_missing');
  assertProblem(await mint(nobody, { board: 'open', grants: [grant(['publish'], ['*'], 'open')] }), 401, 'credential_missing');
});

const ADMIN_KEY = 'HELIOGRAPH_ADMIN_KEY';
const SIGNING_KEY = 'HELIOGRAPH_SIGNING_KEY';
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
for (const [what, env, code, names] of [
  ['both secrets empty', { [ADMIN_KEY]: '', [SIGNING_KEY]: '' }, 'secrets_missing', [ADMIN_KEY, SIGNING_KEY]],
  ['no signing key', { [SIGNING_KEY]: undefined }, 'secrets_missing', [SIGNING_KEY]],
  ['an admin key that can be guessed', { [ADMIN_KEY]: 'short' }, 'secrets_weak', [ADMIN_KEY]],
  ['a signing key that is none', { [SIGNING_KEY]: 'no key' }, 'secrets_invalid', [SIGNING_KEY]],
  ['a signing key of another curve', { [SIGNING_KEY]: P384 }, 'secrets_invalid', [SIGNING_KEY]],
]) {
  test(`with ${what} a deployment serves nothing and says which secret it is`, async () => {
    const bare = await startServer({ env, health: 503 });
    try {
      const client = new Client(bare, env[ADMIN_KEY] || server.adminKey);
      for (const path of ['/healthz', '/v1/boards', '/', '/.well-known/jwks.json']) {
        const { detail } = assertProblem(await client.get(path), 503, code);
        for (const name of [ADMIN_KEY, SIGNING_KEY]) assert.equal(detail.includes(name), names.includes(name), detail);
        for (const value of Object.values(env).filter(Boolean)) assert.ok(!detail.includes(value), detail);
      }
    } finally {
      await bare.stop();
    }
  });
}
