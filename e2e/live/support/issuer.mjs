// An issuer of ID tokens in the hands of a test: it publishes keys, counts who asks, and signs whatever the test says.
// What a real provider does: sign_in_provider.test.mjs.

import { constants, createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';

export const b64 = (value) => Buffer.from(typeof value === 'object' && !Buffer.isBuffer(value) ? JSON.stringify(value) : value).toString('base64url');
export const s256 = (text) => createHash('sha256').update(text).digest('base64url');

const KINDS = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }],
  EdDSA: ['ed25519', {}],
};
const SIGNS = {
  RS256: (text, key) => sign('sha256', text, key),
  PS256: (text, key) => sign('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  ES256: (text, key) => sign('sha256', text, { key, dsaEncoding: 'ieee-p1363' }),
  ES384: (text, key) => sign('sha384', text, { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (text, key) => sign(null, text, key),
  HS256: (text, key) => createHmac('sha256', key).update(text).digest(),
  none: () => Buffer.alloc(0),
};

/** A key with its public half as a JWK. */
export function makeKey(kid, alg = 'RS256', more = {}) {
  const { publicKey, privateKey } = generateKeyPairSync(KINDS[alg][0], { ...KINDS[alg][1], ...more });
  return { kid, alg, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

export class Issuer {
  /** Starts one. `path` is behind its address, as of Cognito's pools. */
  static async start(path = '') {
    const issuer = new Issuer();
    issuer.key = makeKey('a');
    issuer.keys = [issuer.key.jwk];
    issuer.asked = { discovery: 0, jwks: 0 };
    issuer.server = createServer((request, response) => {
      const found = { '/.well-known/openid-configuration': 'discovery', '/.well-known/jwks.json': 'jwks' }[request.url.slice(path.length)];
      if (!found) return response.writeHead(404).end();
      issuer.asked[found] += 1;
      if (issuer.isAway) return response.writeHead(503).end();
      response.setHeader('content-type', 'application/json');
      response.end(found === 'jwks' ? JSON.stringify({ keys: issuer.keys, ...issuer.moreOfKeys }) : JSON.stringify(issuer.discovery));
    });
    await new Promise((done) => issuer.server.listen(0, '127.0.0.1', done));
    issuer.url = `http://127.0.0.1:${issuer.server.address().port}${path}`;
    issuer.discovery = {
      issuer: issuer.url,
      jwks_uri: `${issuer.url}/.well-known/jwks.json`,
      authorization_endpoint: `${issuer.url}/authorize`,
      token_endpoint: `${issuer.url}/token`,
    };
    return issuer;
  }

  /** Claims of now, as Cognito has them in an ID token. */
  claims(more = {}) {
    const now = Math.floor(Date.now() / 1000);
    return {
      sub: '2d1e0f5c-77aa-4c0b-9d3f-000000000001',
      'cognito:groups': ['managers'],
      email_verified: true,
      iss: this.url,
      'cognito:username': 'ann',
      origin_jti: '7a1b',
      aud: 'client-1',
      event_id: '0f0e',
      token_use: 'id',
      auth_time: now,
      exp: now + 3600,
      iat: now,
      jti: '9c9d',
      email: 'ann@example.org',
      ...more,
    };
  }

  /** A token: of these claims, with this header, signed with this key by this algorithm. */
  token(claims = {}, { header = {}, key = this.key, alg = key.alg, secret } = {}) {
    const text = `${b64({ kid: key.kid, alg, ...header })}.${b64(this.claims(claims))}`;
    return `${text}.${b64(SIGNS[alg](Buffer.from(text), secret ?? key.privateKey))}`;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

/** Settings of an issuer whose managers may lead a board, and whose others may read one. */
export const settingsOf = (issuer, more = {}) => ({
  name: 'staff',
  issuer: issuer.url,
  client_id: 'client-1',
  rules: [
    { claim: 'cognito:groups', values: ['managers'], grants: [{ board: 'led', operations: ['read', 'history', 'publish', 'manage'] }] },
    { claim: 'cognito:groups', values: ['readers'], grants: [{ board: 'led', operations: ['read'] }] },
  ],
  ...more,
});
