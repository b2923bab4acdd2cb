// Signing in with a provider in a real browser: the package `oidc-provider` with its own page, the console, boards, and back.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { chromium } from 'playwright-core';

import { LAUNCH, startServer } from '../server.mjs';
import { settingsOfProvider, startProvider } from '../live/support/oidc.mjs';
import { reachingHere } from '../live/support/object_store.mjs';
import { DESKTOP, PHONE, axeFindings, until } from './support/site.mjs';

const IDENTITY = '/v1/settings/identity';

describe('signing in with a provider', { timeout: 300_000 }, () => {
  let server;
  let provider;
  let browser;

  const call = async (method, path, body, key = server.adminKey) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
    return response.json();
  };
  const open = async (path, options = DESKTOP) => {
    const page = await (await browser.newContext(options)).newPage();
    page.faults = [];
    // The provider's own page asks for letters of another host.
    page.on('console', (m) => m.type() === 'error' && m.location().url.startsWith(server.url) && page.faults.push(m.text()));
    page.on('pageerror', (e) => page.faults.push(e.message));
    await page.goto(server.url + path);
    return page;
  };
  /** On the provider's own page. */
  const logIn = async (page, name) => {
    await page.waitForURL(`${provider.url}/**`);
    await page.fill('[name=login]', name);
    await page.fill('[name=password]', 'any');
    await page.click('[type=submit]');
    // It asks for consent.
    await page.click('[type=submit]');
  };
  const kept = (page) => page.evaluate(() => Object.fromEntries(Object.entries(sessionStorage)));

  before(async () => {
    server = await startServer({ env: { HELIOGRAPH_PRIVATE_TARGETS: 'allow' }, config: reachingHere });
    provider = await startProvider(server.url);
    browser = await chromium.launch(LAUNCH);
    for (const board of ['led', 'other']) {
      await call('PUT', `/v1/boards/${board}`, { title: board, visibility: 'private', scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
    }
    await call('PUT', IDENTITY, { issuers: [settingsOfProvider(provider, 'led')] });
  });
  after(async () => {
    await browser?.close();
    await provider?.stop();
    await server?.stop();
  });

  test('a manager signs in, comes back to the page where that began, sees what it may, and signs out', async () => {
    const page = await open('/b/led/manage/letters?code=x#here');
    const button = page.getByRole('button', { name: 'Sign in with Login' });
    await button.waitFor();
    assert.deepEqual(await axeFindings(page), []);
    const asked = page.waitForRequest((request) => request.url().startsWith(`${provider.url}/auth?`));
    await button.click();
    const query = new URL((await asked).url()).searchParams;
    assert.equal(query.get('code_challenge_method'), 'S256');
    assert.match(query.get('nonce'), /^s256\./);
    await logIn(page, 'ann');
    await page.waitForURL(`${server.url}/b/led/manage/letters?code=x#here`);
    await page.getByTestId('console').waitFor();
    // Nothing is left of the way here, and the page with the code is none to go back to.
    const storage = await kept(page);
    assert.equal(storage['heliograph.sign-in'], undefined);
    const token = storage['heliograph.key.led'];
    assert.equal(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub, 'login/ann');
    const parts = await page.getByRole('navigation', { name: 'Parts of the console' }).getByRole('link').allTextContents();
    assert.ok(parts.includes('Sources') && parts.includes('Dead letters') && parts.includes('Sessions') && !parts.includes('Keys'), parts.join());
    // The server's console has what a manager has, without another sign-in.
    await page.goto(`${server.url}/manage`);
    await page.getByTestId('boards').waitFor();
    assert.deepEqual(await page.getByTestId('boards').locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.board)), ['led']);
    assert.deepEqual(await page.getByRole('navigation', { name: 'Parts of the console' }).getByRole('link').allTextContents(), ['All boards']);
    assert.equal(await page.getByRole('link', { name: 'Make a board' }).count(), 0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with Login' }).waitFor();
    assert.deepEqual(Object.keys(await kept(page)), []);
    const after = await fetch(`${server.url}/v1/boards/led/status`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(after.status, 401);
    assert.deepEqual(page.faults.filter((fault) => !/401|403|404/.test(fault)), []);
    await page.context().close();
  });

  test('who signs out is signed out at the provider, too, where the settings want that, and comes back here', async () => {
    const offered = async () => (await call('GET', '/v1/sign-in')).providers[0]?.end_session_endpoint;
    assert.equal(await offered(), undefined);
    await call('PUT', IDENTITY, { issuers: [settingsOfProvider(provider, 'led', { sign_out_at_provider: true })] });
    try {
      await until('the provider’s place for it to be offered', async () => (await offered()) === `${provider.url}/session/end`);
      const page = await open('/manage');
      await page.getByRole('button', { name: 'Sign in with Login' }).click();
      await logIn(page, 'ann');
      await page.getByTestId('boards').waitFor();
      const token = (await kept(page))['heliograph.key.'];
      // What the tab keeps leads nobody elsewhere: it has no address, and says nothing of another person.
      const hint = JSON.parse((await kept(page))['heliograph.signed-in']);
      assert.deepEqual([Object.keys(hint).sort(), hint.person], [['id_token', 'person'], 'login/ann']);
      const left = page.waitForRequest((request) => request.url().startsWith(`${provider.url}/session/end?`));
      await page.getByRole('button', { name: 'Sign out' }).click();
      const query = new URL((await left).url()).searchParams;
      assert.deepEqual(
        [query.get('id_token_hint'), query.get('client_id'), query.get('post_logout_redirect_uri')],
        [hint.id_token, 'heliograph', `${server.url}/manage`],
      );
      // This provider asks once more.
      await page.getByRole('button', { name: 'Yes, sign me out' }).click();
      await page.waitForURL(`${server.url}/manage`);
      const button = page.getByRole('button', { name: 'Sign in with Login' });
      await button.waitFor();
      assert.deepEqual(Object.keys(await kept(page)), []);
      const after = await fetch(`${server.url}/v1/boards/led/status`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(after.status, 401);
      // The next person on this machine is asked who they are.
      await button.click();
      await page.waitForURL(`${provider.url}/**`);
      await page.locator('[name=login]').waitFor();
      await page.context().close();
    } finally {
      await call('PUT', IDENTITY, { issuers: [settingsOfProvider(provider, 'led')] });
      await until('it to be offered no more', async () => (await offered()) === undefined);
    }
  });

  test('a reader signs in on a private board, on a phone, and is no manager', async () => {
    const page = await open('/b/led/scores', PHONE);
    await page.getByRole('button', { name: 'Sign in with Login' }).click();
    await logIn(page, 'bob');
    await page.waitForURL(`${server.url}/b/led/scores`);
    await until('the board to be open', async () => (await page.getByRole('button', { name: 'Sign in with Login' }).count()) === 0 && (await page.title()).includes('led'));
    await page.goto(`${server.url}/b/led/manage`);
    await page.getByText('may not manage this board').waitFor();
    await page.context().close();
  });

  test('who gets nothing is told so', async () => {
    const page = await open('/manage');
    await page.getByRole('button', { name: 'Sign in with Login' }).click();
    await logIn(page, 'eve');
    const notice = page.getByTestId('not-signed-in');
    await notice.waitFor();
    assert.match(await notice.textContent(), /no rule of the settings gives you anything/);
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });

  test('a code that this tab did not ask for is refused, and nobody is led elsewhere', async () => {
    const page = await open('/signed-in?code=abc&state=def&iss=https%3A%2F%2Fevil.example');
    await page.getByTestId('not-signed-in').waitFor();
    // Whoever writes into the tab's storage is led to this origin all the same.
    const begun = async (back) => {
      await page.goto(`${server.url}/manage`);
      const asked = page.waitForRequest((request) => request.url().startsWith(`${provider.url}/auth?`));
      await page.route(`${provider.url}/auth?**`, (route) => route.abort());
      await page.getByRole('button', { name: 'Sign in with Login' }).click();
      const state = new URL((await asked).url()).searchParams.get('state');
      await page.unroute(`${provider.url}/auth?**`);
      await page.goto(`${server.url}/favicon.svg`);
      await page.evaluate((to) => {
        const pending = JSON.parse(sessionStorage.getItem('heliograph.sign-in'));
        sessionStorage.setItem('heliograph.sign-in', JSON.stringify({ ...pending, back: to }));
      }, back);
      return state;
    };
    for (const back of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const state = await begun(back);
      // The provider's and the worker's answers are good: all depends on the page.
      await page.route(`${provider.url}/token`, (route) => route.fulfill({ json: { id_token: 'a.b.c' }, headers: { 'access-control-allow-origin': server.url } }));
      await page.route('**/v1/tokens', (route) => route.fulfill({ json: { token: 'a.b.c', expires_at: 1 } }));
      await page.goto(`${server.url}/signed-in?code=abc&state=${state}`);
      await until('the page to be left', async () => page.url() === `${server.url}/`);
      await page.unroute(`${provider.url}/token`);
      await page.unroute('**/v1/tokens');
    }
    await page.context().close();
  });

  test('a page of sign-in talks to the provider that the settings name, and other pages to nobody', async () => {
    const policy = async (path) => /connect-src ([^;]*)/.exec((await fetch(server.url + path)).headers.get('content-security-policy'))[1].trim();
    assert.equal((await policy('/signed-in')).replace(/\s+/g, ' '), `'self' ${provider.url}`);
    for (const path of ['/manage', '/', '/b/led', '/signed-in/x']) assert.equal(await policy(path), "'self'");
  });

  test('the administrator adds a provider, with what is wrong beside it', async () => {
    const before = await call('GET', IDENTITY);
    const page = await open('/manage/sign-in');
    await page.getByTestId('key').fill(server.adminKey);
    await page.keyboard.press('Enter');
    const form = page.getByTestId('identity');
    await form.waitFor();
    await form.getByText(`${server.url}/signed-in`).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await form.getByRole('button', { name: 'Keycloak' }).click();
    const issuers = form.getByTestId('issuer');
    await until('both providers', async () => (await issuers.count()) === 2);
    const [first, added] = [issuers.nth(0), issuers.nth(1)];
    const field = (label, of = added) => of.getByLabel(label, { exact: true });
    assert.deepEqual([await field('Name', first).inputValue(), await field('Name').inputValue()], ['login', 'keycloak']);
    /** What is wrong, beside its field. */
    const wrong = async (of) => of.locator('.form-field.wrong label').allInnerTexts();
    const save = () => form.getByRole('button', { name: 'Save the settings' }).click();
    // What can't be sent is said at once.
    await field('Rules').fill('[');
    await field('Sign in again after').fill('eight');
    await save();
    await until('both', async () => (await wrong(added)).join() === 'Rules,Sign in again after');
    await field('Rules').fill('[{"claim":"groups","values":["managers"],"grants":[{"board":"no such name","operations":["read"]}]}]');
    await field('Sign in again after').fill('10');
    await field('Name').fill('Key Cloak');
    await field('More settings').fill('{"algorithms":[]}');
    await save();
    // And what the server says stands beside each, and for all of them above.
    await form.getByTestId('problems').getByText('issuers[1].name').waitFor();
    assert.deepEqual(await wrong(added), ['Name', 'Rules', 'Sign in again after', 'More settings']);
    assert.equal(await field('Name').getAttribute('aria-invalid'), 'true');
    assert.deepEqual(await wrong(first), []);
    assert.deepEqual(await axeFindings(page), []);
    await field('Rules').fill('[]');
    await field('Sign in again after').fill('600');
    await field('Name').fill('keycloak');
    await field('More settings').fill('');
    await save();
    await form.getByText('Saved.').waitFor();
    assert.deepEqual(await wrong(added), []);
    const kept = (await call('GET', IDENTITY)).issuers;
    assert.deepEqual([kept.length, kept[1].name, kept[1].session_s, kept[0]], [2, 'keycloak', 600, before.issuers[0]]);
    // Somebody else was faster than the next change.
    await call('PUT', IDENTITY, before);
    await form.getByRole('button', { name: 'Save the settings' }).click();
    await form.getByTestId('problems').getByText('the settings are of another version').waitFor();
    // One is taken out on the page, and for good when the settings are saved.
    await added.getByRole('button', { name: 'Take this provider out' }).click();
    await until('one provider', async () => (await issuers.count()) === 1);
    await page.context().close();
  });
});
