// Sign-in with ID tokens: who gets what, and everything that is tried in order to get more. The issuer is the test's own,
// with tokens in the shape of Cognito's; a real provider is in sign_in_provider.test.mjs.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { Issuer, b64, makeKey, s256, settingsOf } from './support/issuer.mjs';
import { reachingHere } from './support/object_store.mjs';

const IDENTITY = '/v1/settings/identity';

let server;
let admin;
let nobody;
let issuer;

before(async () => {
  issuer = await Issuer.start('/eu-central-1_Ab12');
  server = await startServer({ env: { HELIOGRAPH_PRIVATE_TARGETS: 'allow' }, config: reachingHere });
  admin = new Client(server);
  nobody = admin.as(null);
  for (const board of ['led', 'other']) await admin.board(board, { visibility: 'private' });
  await configure([settingsOf(issuer)]);
});
after(async () => {
  await server?.stop();
  await issuer?.stop();
});

async function configure(issuers) {
  const { status, body } = await admin.put(IDENTITY, { issuers });
  assert.equal(status, 200, JSON.stringify(body));
}
const exchange = (id_token, more = {}) => nobody.post('/v1/tokens', { id_token, ...more });
async function signIn(claims, more) {
  const { status, body } = await exchange(issuer.token(claims), more);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
const said = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
async function refused(id_token, words, more) {
  const answer = await exchange(id_token, more);
  assertProblem(answer, 401, 'id_token_invalid');
  assert.match(answer.body.detail, words);
}
const now = () => Math.floor(Date.now() / 1000);

test('a manager of the provider signs in and manages, a reader reads, and another gets nothing and is told so', async () => {
  const { token, until, expires_at } = await signIn();
  const claims = said(token);
  assert.equal(claims.sub, 'staff/2d1e0f5c-77aa-4c0b-9d3f-000000000001');
  assert.deepEqual([claims.exp - claims.iat, Math.round((until - expires_at) / 3_600_000)], [3600, 7]);
  const manager = admin.as(token);
  assert.equal((await manager.get('/v1/boards/led/status')).status, 200);
  await manager.publish('led', { key: 'v1' });
  assertProblem(await manager.get('/v1/boards/other/status'), 403, 'forbidden');
  assertProblem(await manager.get('/v1/keys'), 403, 'forbidden');
  assertProblem(await manager.get(IDENTITY), 403, 'forbidden');
  const reader = admin.as((await signIn({ 'cognito:groups': ['guests', 'readers'] })).token);
  assert.equal((await reader.get('/v1/boards/led/items')).status, 200);
  assertProblem(await reader.events('led', { key: 'v1' }), 403, 'forbidden');
  for (const groups of [['guests'], [], undefined, 'manager', { managers: true }]) {
    assertProblem(await exchange(issuer.token({ 'cognito:groups': groups })), 403, 'nothing_granted');
  }
});

test('every algorithm that the settings list is taken, and only those', async () => {
  const keys = ['PS256', 'ES256', 'ES384', 'EdDSA'].map((alg) => makeKey(`of-${alg}`, alg));
  const own = await Issuer.start();
  own.keys.push(...keys.map((key) => key.jwk));
  const all = ['RS256', ...keys.map((key) => key.alg)];
  await configure([settingsOf(issuer), settingsOf(own, { name: 'many', algorithms: all })]);
  for (const key of [own.key, ...keys]) {
    const { status, body } = await exchange(own.token({}, { key }));
    assert.equal(status, 200, `${key.alg}: ${JSON.stringify(body)}`);
  }
  await configure([settingsOf(issuer), settingsOf(own, { name: 'many', algorithms: ['ES256'] })]);
  for (const key of [own.key, ...keys]) {
    const { status } = await exchange(own.token({}, { key }));
    assert.equal(status, key.alg === 'ES256' ? 200 : 401, key.alg);
  }
  await configure([settingsOf(issuer)]);
  await own.stop();
});

test('no algorithm of the attacker’s choice: none, a shared secret that is the public key, another one of the same key', async () => {
  const pem = issuer.key.publicKey.export({ type: 'spki', format: 'pem' });
  await refused(issuer.token({}, { alg: 'none' }), /algorithm/);
  for (const alg of ['None', 'NONE', 'nOnE', 'HS512', 'RS1', '']) {
    await refused(issuer.token({}, { header: { alg } }), /algorithm/);
  }
  for (const secret of [pem, Buffer.from(issuer.key.jwk.n, 'base64url'), JSON.stringify(issuer.key.jwk), '']) {
    await refused(issuer.token({}, { alg: 'HS256', secret }), /algorithm/);
  }
  await refused(issuer.token({}, { alg: 'PS256' }), /algorithm/);
  await refused(issuer.token({}, { header: { alg: ['RS256'] } }), /JSON objects/);
});

test('no key of the attacker’s choice: unknown, of another issuer, in the header, at an address in the header', async () => {
  const foreign = makeKey('a');
  await refused(issuer.token({}, { key: foreign }), /signature/);
  await refused(issuer.token({}, { key: { ...foreign, kid: 'b' } }), /does not publish/);
  for (const kid of ['../../etc/passwd', "a' OR '1'='1", 'a\u0000', '__proto__', 'http://127.0.0.1/jwks']) {
    await refused(issuer.token({}, { key: { ...foreign, kid } }), /does not publish/);
  }
  const other = await Issuer.start();
  other.keys = [foreign.jwk];
  for (const header of [{ jwk: foreign.jwk }, { jku: `${other.url}/.well-known/jwks.json` }, { x5u: other.url }, { x5c: ['MIIB'] }]) {
    await refused(issuer.token({}, { key: foreign, header }), /signature/);
  }
  assert.deepEqual(other.asked, { discovery: 0, jwks: 0 });
  await refused(issuer.token({}, { header: { crit: ['exp'] } }), /crit/);
  // A token without a key's name means the only one there is.
  const { status } = await exchange(issuer.token({}, { header: { kid: undefined } }));
  assert.equal(status, 200);
  await other.stop();
});

test('a token that was changed, cut or made of other parts is refused', async () => {
  const good = issuer.token();
  const [header, payload, signature] = good.split('.');
  const others = { ...issuer.claims(), 'cognito:groups': ['managers', 'administrators'] };
  await refused(`${header}.${b64(others)}.${signature}`, /signature/);
  await refused(`${header}.${payload}.`, /signature/);
  await refused(`${header}.${payload}.${b64(Buffer.alloc(256))}`, /signature/);
  for (const text of ['', 'x', `${header}.${payload}`, `${good}.${signature}`, `${header}.${payload}.!`, `${b64('[]')}.${payload}.${signature}`, `${header}.${b64('7')}.${signature}`]) {
    assertProblem(await exchange(text), 401, 'id_token_invalid');
  }
  await refused(issuer.token({ padding: 'x'.repeat(20_000) }), /more bytes/);
});

test('expired, future and old tokens are refused, within the tolerance of the settings', async () => {
  await refused(issuer.token({ exp: now() - 120 }), /expired/);
  await signIn({ exp: now() - 20 });
  await refused(issuer.token({ iat: now() + 120 }), /not valid yet/);
  await refused(issuer.token({ nbf: now() + 120 }), /not valid yet/);
  await signIn({ iat: now() + 20 });
  // It may be valid for a year: the sign-in is not.
  await refused(issuer.token({ iat: now() - 9 * 3600, exp: now() + 1e7 }), /too long ago/);
  for (const name of ['exp', 'iat']) {
    for (const value of [undefined, null, 'soon', '9999999999', -1, 1e300]) await refused(issuer.token({ [name]: value }), new RegExp(name));
  }
});

test('a token of another issuer, for another client, or of another kind is refused', async () => {
  const claims = (more) => issuer.token(more);
  await refused(claims({ iss: 'https://login.example' }), /does not know/);
  for (const iss of [`${issuer.url}/`, issuer.url.toUpperCase(), [issuer.url], undefined]) {
    assertProblem(await exchange(claims({ iss })), 401, 'id_token_invalid');
  }
  for (const aud of ['client-2', ['client-2', 'client-3'], [], undefined, { 'client-1': 1 }, ['client-1', 7]]) {
    assertProblem(await exchange(claims({ aud })), 401, 'id_token_invalid');
  }
  await refused(claims({ azp: 'client-2' }), /azp/);
  await refused(claims({ aud: ['client-1', 'client-2'] }), /azp/);
  await signIn({ aud: ['client-1', 'client-2'], azp: 'client-1' });
  // An access token of Cognito has no audience; others say in their own ways what they are.
  await refused(claims({ aud: undefined, client_id: 'client-1', token_use: 'access' }), /aud|kind/);
  await refused(claims({ token_use: 'access' }), /another kind/);
  await refused(claims({ typ: 'Bearer' }), /another kind/);
  await refused(issuer.token({}, { header: { typ: 'at+jwt' } }), /another kind/);
  await refused(claims({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }), /another kind/);
  for (const sub of [undefined, '', 7, 'x'.repeat(300), 'a\nb']) await refused(claims({ sub }), /sub/);
});

test('a nonce that was made from a secret proves who asked for the token; another is compared where it is sent', async () => {
  const secret = 'what only the page keeps';
  const nonce = `s256.${s256(secret)}`;
  await signIn({ nonce }, { nonce: secret });
  for (const sent of [undefined, nonce, s256(secret), 'another', '']) {
    await refused(issuer.token({ nonce }), /nonce/, sent === undefined ? {} : { nonce: sent });
  }
  await signIn({ nonce: 'of a library' });
  await signIn({ nonce: 'of a library' }, { nonce: 'of a library' });
  await refused(issuer.token({ nonce: 'of a library' }), /nonce/, { nonce: 'another' });
  await refused(issuer.token(), /nonce/, { nonce: 'there is none in the token' });
});

test('an access token that is sent along must be the one of at_hash', async () => {
  const hash = (text) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
  await signIn({ at_hash: hash('mine') }, { access_token: 'mine' });
  await signIn({ at_hash: hash('mine') });
  await signIn({}, { access_token: 'mine' });
  await refused(issuer.token({ at_hash: hash('mine') }), /access_token/, { access_token: 'another' });
  await refused(issuer.token({ at_hash: 7 }), /access_token/, { access_token: 'mine' });
});

test('an issuer is asked for its keys once, and for unknown ones at most once in half a minute, whoever sends how many', async () => {
  const own = await Issuer.start();
  await configure([settingsOf(issuer), settingsOf(own, { name: 'own' })]);
  const many = await Promise.all(Array.from({ length: 20 }, () => exchange(own.token())));
  assert.ok(many.every(({ status }) => status === 200), JSON.stringify(many.map((m) => m.body.code)));
  assert.deepEqual(own.asked, { discovery: 1, jwks: 1 });
  const strange = makeKey('strange');
  await Promise.all(Array.from({ length: 50 }, (_, i) => exchange(own.token({}, { key: { ...strange, kid: `k${i}` } }))));
  assert.ok(own.asked.jwks <= 2, `asked ${own.asked.jwks} times`);
  // The good ones go on.
  assert.equal((await exchange(own.token())).status, 200);
  await configure([settingsOf(issuer)]);
  await own.stop();
});

test('a key that the issuer has changed to is found by asking once more', async () => {
  const own = await Issuer.start();
  await configure([settingsOf(own)]);
  own.keys.unshift({ kty: 'moon', kid: 'of a kind that nobody knows' });
  const small = makeKey('small', 'RS256', { modulusLength: 1024 });
  own.keys.push(small.jwk, { ...makeKey('for-secrets').jwk, use: 'enc' });
  assert.equal((await exchange(own.token())).status, 200);
  assertProblem(await exchange(own.token({}, { key: small })), 401, 'id_token_invalid');
  const next = makeKey('next');
  own.keys.push(next.jwk);
  assert.equal((await exchange(own.token({}, { key: next }))).status, 200);
  assert.equal(own.asked.jwks, 2);
  // Not again within half a minute.
  const later = makeKey('later');
  own.keys.push(later.jwk);
  assertProblem(await exchange(own.token({}, { key: later })), 401, 'id_token_invalid');
  assert.equal(own.asked.jwks, 2);
  await configure([settingsOf(issuer)]);
  await own.stop();
});

test('keys that are too many bytes, no JSON, or not there make a clear refusal that may pass', async () => {
  const cases = {
    big: (own) => (own.moreOfKeys = { padding: 'x'.repeat(300_000) }),
    many: (own) => (own.keys = Array.from({ length: 101 }, () => own.key.jwk)),
    away: (own) => (own.isAway = true),
    foreign: (own) => (own.discovery.issuer = 'https://login.example'),
    inside: (own) => (own.discovery.jwks_uri = 'file:///etc/passwd'),
    script: (own) => (own.discovery.authorization_endpoint = 'javascript:alert(1)'),
  };
  for (const [name, change] of Object.entries(cases)) {
    const own = await Issuer.start();
    change(own);
    await configure([settingsOf(own, { name })]);
    const answer = await exchange(own.token());
    assertProblem(answer, 503, 'issuer_unreachable');
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    if (['away', 'foreign', 'inside', 'script'].includes(name)) {
      await sleep(2100);
      assert.deepEqual((await nobody.get('/v1/sign-in')).body.providers, [], name);
    }
    await own.stop();
  }
  await configure([settingsOf(issuer)]);
});

test('a sign-in is renewed with what it gave, never with more nor longer, and not after the settings changed', async () => {
  await configure([settingsOf(issuer, { session_s: 300 })]);
  const first = await signIn({ 'cognito:groups': ['readers'] });
  // The token itself ends with the sign-in.
  assert.equal(first.until, first.expires_at);
  assert.ok(first.until <= Date.now() + 300_000);
  const reader = admin.as(first.token);
  const renewed = await reader.post('/v1/tokens', { renew: true });
  assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
  assert.equal(renewed.body.until, first.until);
  const [a, b] = [said(first.token), said(renewed.body.token)];
  assert.deepEqual([b.grants, b.sub, b.cid, b.sign_in], [a.grants, a.sub, a.cid, a.sign_in]);
  assert.ok(b.exp <= a.sign_in.until);
  const wider = [{ board: 'led', operations: ['read', 'manage'] }];
  assertProblem(await reader.post('/v1/tokens', { renew: true, grants: wider }), 422, 'invalid');
  assertProblem(await reader.post('/v1/tokens', { grants: wider }), 403, 'forbidden');
  assertProblem(await nobody.post('/v1/tokens', { id_token: issuer.token(), grants: wider }), 422, 'invalid');
  // What is minted with it is narrower, ends no later, and is not renewed.
  const narrow = await reader.post('/v1/tokens', { grants: [{ board: 'led', operations: ['read'], keys: ['v1'] }], ttl_s: 3600 });
  assert.ok(narrow.body.expires_at <= first.until);
  assertProblem(await admin.as(narrow.body.token).post('/v1/tokens', { renew: true }), 401, 'sign_in_over');
  assertProblem(await admin.post('/v1/tokens', { renew: true }), 401, 'sign_in_over');
  await configure([settingsOf(issuer)]);
  assertProblem(await reader.post('/v1/tokens', { renew: true }), 401, 'sign_in_over');
});

test('a value of a claim that stands in a grant is one name, never a pattern', async () => {
  const rules = [{ claim: '/custom/board', values: ['*'], grants: [{ board: '{value}', operations: ['read'], keys: ['{sub}'] }] }];
  await configure([settingsOf(issuer, { rules })]);
  const { token } = await signIn({ custom: { board: 'led' }, sub: 'ann' });
  assert.deepEqual(said(token).grants, [{ board: 'led', operations: ['read'], keys: ['ann'] }]);
  for (const custom of [{ board: '*' }, { board: 'l*' }, { board: '' }, { board: '{sub}' }, { board: 'Led' }, { board: null }, 'led']) {
    assertProblem(await exchange(issuer.token({ custom, sub: 'ann' })), 403, 'nothing_granted');
  }
  assertProblem(await exchange(issuer.token({ custom: { board: 'led' }, sub: 'a*' })), 403, 'nothing_granted');
  await configure([settingsOf(issuer)]);
});

test('whoever signs out is out, here or everywhere, and the administrator puts out whom it wants', async () => {
  const claims = { sub: 'auth0|7:x/y' };
  const open = (token) => admin.as(token).get('/v1/boards/led/status').then(({ status }) => status);
  const [a, b] = [(await signIn(claims)).token, (await signIn(claims)).token];
  const minted = await admin.as(b).token('led', ['read', 'manage']);
  const other = (await signIn()).token;
  const out = await admin.as(a).post('/v1/sign-out');
  assert.deepEqual([out.status, out.body.person], [200, 'staff/auth0|7:x/y']);
  assert.deepEqual([await open(a), await open(b)], [401, 200]);
  assertProblem(await admin.as(a).post('/v1/tokens', { renew: true }), 401, 'token_invalid');
  assertProblem(await admin.as(other).post('/v1/sign-out', { person: 'staff/auth0|7:x/y' }), 403, 'forbidden');
  // What was minted with a sign-in may be in other hands: it ends nothing.
  assertProblem(await admin.as(minted).post('/v1/sign-out', { everywhere: true }), 403, 'forbidden');
  assert.equal((await admin.as(b).post('/v1/sign-out', { everywhere: true })).status, 200);
  assert.deepEqual([await open(b), await open(minted), await open(other)], [401, 401, 200]);
  const again = (await signIn(claims)).token;
  assert.equal(await open(again), 200);
  assert.equal((await admin.post('/v1/sign-out', { person: 'staff/auth0|7:x/y' })).status, 200);
  assert.deepEqual([await open(again), await open(other)], [401, 200]);
  assertProblem(await nobody.post('/v1/sign-out'), 401, 'credential_missing');
  assertProblem(await admin.post('/v1/sign-out'), 422, 'missing', 'person');
  assertProblem(await admin.post('/v1/sign-out', { person: 'ann' }), 422, 'invalid', 'person');
});

test('settings reach the next sign-in at once, and an issuer that was taken out signs nobody in', async () => {
  await configure([]);
  await refused(issuer.token(), /does not know/);
  assert.deepEqual((await nobody.get('/v1/sign-in')).status, 200);
  await configure([settingsOf(issuer, { title: 'Staff' })]);
  await signIn();
  await sleep(2100);
  assert.deepEqual((await nobody.get('/v1/sign-in')).body.providers, [
    {
      name: 'staff',
      title: 'Staff',
      issuer: issuer.url,
      client_id: 'client-1',
      authorization_endpoint: `${issuer.url}/authorize`,
      token_endpoint: `${issuer.url}/token`,
      scopes: ['openid'],
    },
  ]);
});

test('settings are checked whole, each error with its field, and change only from the version that was read', async () => {
  const wrong = settingsOf(issuer, {
    name: 'Staff!',
    issuer: 'login.example',
    client_id: '',
    algorithms: [],
    scopes: ['email'],
    session_s: 1,
    clock_tolerance_s: 1e6,
    jwks_uri: 'file:///etc/passwd',
    rules: [{ claim: '', values: [], grants: [{ board: '{group}', operations: ['read'] }] }],
  });
  const answer = await admin.put(IDENTITY, { issuers: [wrong] });
  assertProblem(answer, 422, 'invalid');
  const fields = answer.body.errors.map((e) => e.field.replace('issuers[0].', ''));
  assert.deepEqual(fields.sort(), ['algorithms', 'client_id', 'clock_tolerance_s', 'issuer', 'name', 'rules[0].claim', 'rules[0].grants', 'rules[0].values', 'scopes', 'session_s']);
  assertProblem(await admin.put(IDENTITY, { issuers: [settingsOf(issuer, { algorithms: ['HS256'] })] }), 400, 'invalid_json');
  assertProblem(await admin.put(IDENTITY, { issuers: [settingsOf(issuer), settingsOf(issuer)] }), 422, 'invalid');
  const { headers } = await admin.get(IDENTITY);
  const tag = headers.get('etag');
  assert.equal((await admin.put(IDENTITY, { issuers: [settingsOf(issuer)] }, { 'if-match': tag })).status, 200);
  assertProblem(await admin.put(IDENTITY, { issuers: [] }, { 'if-match': tag }), 412, 'settings_changed');
  assertProblem(await nobody.get(IDENTITY), 401, 'credential_missing');
});

test('where the operator does not allow it, an issuer of a private network is refused in the settings', async () => {
  const strict = await startServer();
  try {
    const answer = await new Client(strict).put(IDENTITY, { issuers: [settingsOf({ url: 'https://10.0.0.7/realms/x' }), settingsOf({ url: 'http://login.example' }, { name: 'b' })] });
    assertProblem(answer, 422, 'invalid');
    assert.deepEqual(answer.body.errors.map((e) => e.message), ['issuer names a host of a private network', 'issuer must be https']);
  } finally {
    await strict.stop();
  }
});
