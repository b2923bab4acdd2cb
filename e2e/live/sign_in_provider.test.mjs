// Sign-in with a real provider (the package `oidc-provider`), over HTTP as a page does it. In a browser: browser/sign_in.test.mjs.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { s256 } from './support/issuer.mjs';
import { reachingHere } from './support/object_store.mjs';
import { settingsOfProvider, startProvider } from './support/oidc.mjs';

let server;
let provider;
let admin;

before(async () => {
  server = await startServer({ env: { HELIOGRAPH_PRIVATE_TARGETS: 'allow' }, config: reachingHere });
  provider = await startProvider(server.url);
  admin = new Client(server);
  await admin.board('led', { visibility: 'private' });
  const { status, body } = await admin.put('/v1/settings/identity', { issuers: [settingsOfProvider(provider, 'led')] });
  assert.equal(status, 200, JSON.stringify(body));
});
after(async () => {
  await server?.stop();
  await provider?.stop();
});

/** Follows the provider's own pages, with its cookies, up to the address that leads back to ours. */
async function logIn(address, name) {
  const jar = new Map();
  let request = { address, method: 'GET', body: undefined };
  for (let step = 0; step < 20; step += 1) {
    const response = await fetch(request.address, {
      method: request.method,
      body: request.body,
      redirect: 'manual',
      headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (value === '') jar.delete(key);
      else jar.set(key, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, request.address);
      if (next.origin === server.url) return next.searchParams;
      request = { address: next.href, method: 'GET' };
      continue;
    }
    const page = await response.text();
    const [, action] = /action="([^"]+)"/.exec(page) ?? assert.fail(page.slice(0, 500));
    const [, prompt] = /name="prompt" value="([^"]+)"/.exec(page);
    const form = { prompt, ...(prompt === 'login' ? { login: name, password: 'any' } : {}) };
    request = { address: new URL(action, request.address).href, method: 'POST', body: new URLSearchParams(form) };
  }
  return assert.fail('the provider does not lead back');
}

/** The whole way of a page; what the provider gives for the code. */
async function signIn(name, { challenge_method = 'S256', verifier = randomBytes(32).toString('base64url') } = {}) {
  const { providers } = (await admin.as(null).get('/v1/sign-in')).body;
  const nonce = randomBytes(32).toString('base64url');
  const redirect_uri = `${server.url}/signed-in`;
  const asked = new URL(providers[0].authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: providers[0].client_id,
    redirect_uri,
    scope: providers[0].scopes.join(' '),
    state: 'state-1',
    nonce: `s256.${s256(nonce)}`,
    code_challenge: challenge_method === 'plain' ? verifier : s256(verifier),
    code_challenge_method: challenge_method,
  };
  for (const [key, value] of Object.entries(parameters)) asked.searchParams.set(key, value);
  const back = await logIn(asked.href, name);
  if (back.has('error')) return { error: back.get('error') };
  assert.equal(back.get('state'), 'state-1');
  assert.equal(back.get('iss'), provider.url);
  const exchange = (code_verifier) =>
    fetch(providers[0].token_endpoint, {
      method: 'POST',
      headers: { origin: server.url },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: back.get('code'), redirect_uri, client_id: providers[0].client_id, code_verifier }),
    });
  return { nonce, exchange, verifier };
}

test('a manager signs in at a real provider, with PKCE, and leads what the rules give', async () => {
  const { nonce, exchange, verifier } = await signIn('ann');
  const response = await exchange(verifier);
  assert.equal(response.headers.get('access-control-allow-origin'), server.url);
  const { id_token, access_token } = await response.json();
  const nobody = admin.as(null);
  const { status, body } = await nobody.post('/v1/tokens', { id_token, access_token, nonce });
  assert.equal(status, 200, JSON.stringify(body));
  const ann = admin.as(body.token);
  assert.equal((await ann.get('/v1/boards/led/status')).status, 200);
  assertProblem(await ann.get('/v1/keys'), 403, 'forbidden');
  // Found later, the token alone is nobody's; and the access token is no ID token.
  assertProblem(await nobody.post('/v1/tokens', { id_token }), 401, 'id_token_invalid');
  assertProblem(await nobody.post('/v1/tokens', { id_token: access_token }), 401, 'id_token_invalid');
  // This provider leaves at_hash out, as a code's token may: what is not said is not compared (see sign_in.test.mjs).
  assert.equal(JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url')).at_hash, undefined);
});

test('a code without its verifier gives nothing, and the provider takes no plain challenge', async () => {
  const { exchange } = await signIn('ann');
  assert.equal((await exchange('another-verifier-than-the-one-that-was-hashed')).status, 400);
  assert.equal((await signIn('ann', { challenge_method: 'plain' })).error, 'invalid_request');
});

test('who has no group that a rule is about is signed in, gets nothing, and is told so', async () => {
  const { nonce, exchange, verifier } = await signIn('eve');
  const { id_token } = await (await exchange(verifier)).json();
  assertProblem(await admin.as(null).post('/v1/tokens', { id_token, nonce }), 403, 'nothing_granted');
});
