// A real provider: the package `oidc-provider`, which is certified by the OpenID Foundation, with its own pages for signing in.

import { createServer } from 'node:http';

import Provider from 'oidc-provider';

/** Who may sign in, by the name that is typed on the provider's page: which groups each has. */
const PEOPLE = { ann: ['managers'], bob: ['readers'], eve: [] };

/** Starts a provider for a page at this origin. */
export async function startProvider(origin) {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'heliograph',
        redirect_uris: [`${origin}/signed-in`],
        post_logout_redirect_uris: [`${origin}/manage`],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], groups: ['groups'] },
    scopes: ['openid', 'groups'],
    // Otherwise claims of a scope are at userinfo alone, as the standard has it where there is an access token.
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: PEOPLE[id] ?? [] }) }),
    pkce: { required: () => true },
  });
  const seen = [];
  server.on('request', (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    provider.callback()(request, response);
  });
  return {
    url,
    seen,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** Settings for that provider. */
export const settingsOfProvider = (provider, board, more = {}) => ({
  name: 'login',
  title: 'Login',
  issuer: provider.url,
  client_id: 'heliograph',
  scopes: ['openid', 'groups'],
  rules: [
    { claim: 'groups', values: ['managers'], grants: [{ board, operations: ['read', 'history', 'publish', 'manage'] }] },
    { claim: 'groups', values: ['readers'], grants: [{ board, operations: ['read'] }] },
  ],
  ...more,
});
