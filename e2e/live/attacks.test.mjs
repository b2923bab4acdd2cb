// What is tried against tokens, codes and answers, each by a harmless request that our own guard must refuse.

import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { refusal } from './support/feed.mjs';

let server;
let admin;
let token;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  for (const board of ['fleet', 'other']) {
    await admin.board(board, { visibility: 'private' });
    await admin.publish(board, { key: 'a' });
  }
  token = await admin.token('fleet', ['read']);
});
after(() => server?.stop());

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const parts = (jwt) => jwt.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
const items = (credential, board = 'fleet') => admin.as(credential).get(`/v1/boards/${board}/items`);
/** A token with another header or other claims, signed with a key of the attacker's. */
const forged = (header, claims, key) => {
  const [h, c] = parts(token);
  const text = `${encode({ ...h, ...header })}.${encode({ ...c, ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a_token_of_one_board_opens_no_other_by_whatever_way', async () => {
  assert.equal((await items(token)).status, 200);
  const client = admin.as(token);
  for (const path of ['items', 'summary', 'events', 'shares', 'audit']) {
    assert.equal((await client.get(`/v1/boards/other/${path}`)).status, 403, path);
  }
  // A socket can ask for another credential by 401 only.
  assert.equal((await refusal(server, 'other', { token })).status, 401);
  // Ways of writing the name of another board.
  for (const path of ['/v1/boards/fleet/../other/items', '/v1/boards/fleet%2f..%2fother/items', '/v1/boards/fleet;other/items', '/v1/boards//other/items', '/v1/boards/OTHER/items']) {
    assert.ok([403, 404, 422].includes((await client.get(path)).status), path);
  }
});

test('a_token_with_another_algorithm_or_none_is_refused', async () => {
  const [header, claims] = parts(token);
  const body = (alg) => `${encode({ ...header, alg })}.${encode(claims)}`;
  const [jwk] = (await admin.get('/.well-known/jwks.json')).body.keys;
  const publicPem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const hmac = (key) => createHmac('sha256', key).update(body('HS256')).digest('base64url');
  const tokens = {
    none: `${body('none')}.`,
    'None with a signature': `${body('None')}.${token.split('.')[2]}`,
    'HS256 with the public key': `${body('HS256')}.${hmac(publicPem)}`,
    'HS256 with the JWK': `${body('HS256')}.${hmac(JSON.stringify(jwk))}`,
    'HS256 with nothing': `${body('HS256')}.${hmac('')}`,
    'RS256': `${body('RS256')}.${token.split('.')[2]}`,
    'a signature of zeros': `${token.split('.').slice(0, 2).join('.')}.${Buffer.alloc(64).toString('base64url')}`,
    'a signature in DER': `${token.split('.').slice(0, 2).join('.')}.${sign('sha256', Buffer.from('x'), stranger.privateKey).toString('base64url')}`,
  };
  for (const [name, jwt] of Object.entries(tokens)) {
    const answer = await items(jwt);
    assert.equal(answer.status, 401, name);
    assert.ok(['token_invalid', 'key_invalid'].includes(answer.body.code), name);
  }
});

test('a_key_that_a_token_brings_along_or_names_elsewhere_is_not_believed', async () => {
  const [{ kid }] = parts(token);
  const jwk = stranger.publicKey.export({ format: 'jwk' });
  const headers = [
    { jwk },
    { jwk, kid: 'mine' },
    { jku: 'http://127.0.0.1:1/keys.json' },
    { x5u: 'http://127.0.0.1:1/cert.pem' },
    { x5c: [Buffer.from('x').toString('base64')] },
    { kid: '../../../dev/null' },
    { kid: `${kid}' OR '1'='1` },
    { kid: '' },
    { kid: undefined },
    { kid: [kid] },
    { crit: ['exp'], kid },
  ];
  for (const header of headers) assertProblem(await items(forged(header, {}, stranger.privateKey)), 401, 'token_invalid');
});

test('claims_that_were_changed_and_tokens_that_are_over_are_refused', async () => {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const changed = (more) => `${header}.${encode({ ...claims, ...more })}.${signature}`;
  const cases = [
    { grants: [{ board: '*', operations: ['read', 'manage'] }] },
    { exp: claims.exp + 86_400 },
    { iat: claims.iat + 86_400, exp: claims.exp + 172_800 },
    { iss: 'somebody' },
    { aud: 'somebody' },
    { cid: 'key:0000000000000000' },
    { standing: { player: 'p-1' } },
  ];
  for (const more of cases) assertProblem(await items(changed(more)), 401, 'token_invalid');
  const { body } = await admin.post('/v1/tokens', { grants: [{ board: 'fleet', operations: ['read'] }], ttl_s: 1 });
  assert.equal((await items(body.token)).status, 200);
  await new Promise((done) => setTimeout(done, 1_100));
  assertProblem(await items(body.token), 401, 'token_invalid');
  assertProblem(await admin.as(body.token).post('/v1/tokens', { board: 'fleet', own: true }), 401, 'token_invalid');
});

test('a_renewal_widens_nothing', async () => {
  const few = await admin.mint([{ board: 'fleet', operations: ['read'], keys: ['a-*'] }], 60);
  const client = admin.as(few);
  const wider = [
    { board: 'fleet', operations: ['read'], keys: ['*'] },
    { board: 'fleet', operations: ['read'] },
    { board: 'fleet', operations: ['read', 'history'], keys: ['a-1'] },
    { board: 'fleet', operations: ['manage'] },
    { board: 'fl*', operations: ['read'], keys: ['a-*'] },
    { board: '*', operations: ['read'], keys: ['a-*'] },
    { board: 'other', operations: ['read'], keys: ['a-*'] },
  ];
  for (const grant of wider) assertProblem(await client.post('/v1/tokens', { grants: [grant] }), 403, 'forbidden');
  const longer = (await client.post('/v1/tokens', { board: 'fleet', own: true, ttl_s: 3_600 })).body;
  assert.ok(longer.expires_at <= Date.now() + 60_000, 'it does not outlive the one before');
  assertProblem(await client.post('/v1/keys', { label: 'x', grants: [{ board: 'fleet', operations: ['read'] }] }), 403, 'forbidden');
});

test('no_answer_leads_to_another_site_and_headers_of_a_caller_change_no_address', async () => {
  const lies = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-original-url': '/v1/keys', 'x-rewrite-url': '/v1/keys', 'x-http-method-override': 'DELETE' };
  for (const path of ['//evil.example', '/\\evil.example', '/b/fleet?next=https://evil.example', '/b/fleet/console?to=//evil.example', '/embed/fleet?url=https://evil.example', '/%2f%2fevil.example']) {
    const response = await fetch(server.url + path, { redirect: 'manual', headers: lies });
    const to = response.headers.get('location');
    assert.ok(to === null || new URL(to, server.url).origin === server.url, `${path} leads to ${to}`);
  }
  const { body } = await admin.post('/v1/boards/fleet/shares', {}, lies);
  assert.equal(new URL(body.url).origin, server.url);
  assert.equal((await admin.as(token).get('/v1/boards/fleet/items', lies)).status, 200);
});

test('pages_of_other_sites_get_no_cookies_and_no_credentials_of_a_viewer', async () => {
  const from = { origin: 'https://evil.example' };
  for (const [method, path] of [['GET', '/v1/boards/fleet/items'], ['OPTIONS', '/v1/tokens'], ['OPTIONS', '/v1/boards/fleet/shares']]) {
    const { headers } = await admin.send(method, path, undefined, { ...from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' });
    // With any origin, browsers send no credentials of their own; ours are sent by who has them.
    assert.equal(headers.get('access-control-allow-credentials'), null, path);
    assert.ok([null, '*'].includes(headers.get('access-control-allow-origin')), path);
    assert.equal(headers.get('set-cookie'), null);
  }
  assertProblem(await admin.as(null).get('/v1/boards/fleet/items', { ...from, cookie: `token=${token}` }), 401, 'credential_missing');
  assertProblem(await admin.as(null).get(`/v1/boards/fleet/items?access_token=${token}`, from), 401, 'credential_missing');
});

test('a_header_of_one_caller_changes_nothing_that_is_kept_for_another', async () => {
  await admin.board('open');
  await admin.publish('open', { key: 'a', fields: { n: 1 } });
  const anyone = admin.as(null);
  const clean = JSON.stringify((await anyone.get('/v1/boards/open/items')).body);
  const poisons = [
    { 'x-forwarded-host': 'evil.example' }, { 'x-forwarded-proto': 'nothttps' }, { 'x-original-url': '/v1/boards/other/items' },
    { 'x-http-method-override': 'DELETE' }, { accept: 'text/html' }, { range: 'bytes=0-1' }, { 'accept-language': 'xx"><script>' },
    { 'cf-connecting-ip': '<script>' }, { cookie: 'a=b' }, { pragma: 'x-evil' }, { authorization: `Bearer ${server.adminKey}` },
  ];
  for (const poison of poisons) {
    await anyone.get('/v1/boards/open/items', poison);
    assert.equal(JSON.stringify((await anyone.get('/v1/boards/open/items')).body), clean, Object.keys(poison)[0]);
  }
  // What a member sees of a private board is kept for nobody who may not see it.
  assert.equal((await items(token)).status, 200);
  assertProblem(await anyone.get('/v1/boards/fleet/items'), 401, 'credential_missing');
});
