// The site on CloudFront's stand-in (support/cloudfront.mjs), with the API at another origin: headers, forms of files, the service
// worker, and what is seen without a network.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

import { LAUNCH, ROOT, heliograph, startServer } from '../server.mjs';
import { CloudFront } from './support/cloudfront.mjs';
import { packed } from './support/packed.mjs';
import { DESKTOP, PHONE, buses, live, openPage, publish, state, until } from './support/site.mjs';

let site;
let folder;
let front;
const others = [];

before(async () => {
  const server = await startServer();
  assert.equal(heliograph(server, ['board', 'apply', 'boards/fleet.json']).status, 0);
  folder = packed(server.url);
  front = await CloudFront.start({ folder, worker: server.url });
  site = { server, url: front.url, browser: await chromium.launch(LAUNCH) };
  await publish(server, buses(10));
});

after(async () => {
  await site?.browser.close();
  await front?.stop();
  await site?.server.stop();
  for (const one of [folder, ...others]) if (one) rmSync(one, { recursive: true, force: true });
});

const get = (path, headers = {}) => fetch(front.url + path, { headers: { 'accept-encoding': 'identity', ...headers }, redirect: 'manual' });
const manifest = () => JSON.parse(readFileSync(join(folder, 'site.json'), 'utf8'));

/** Waits until the service worker has everything it keeps. */
const kept = (page) =>
  until('the shell to be kept', () =>
    page.evaluate(async () => {
      const { active } = (await navigator.serviceWorker.getRegistration()) ?? {};
      return active?.state === 'activated';
    }),
  );

test('what pages load has its hash in its name, is kept for ever and lies there in three forms', async () => {
  const { objects } = manifest();
  const named = objects.filter((one) => !one.cache.includes('immutable')).map((one) => one.path.replace(/\.(br|gz)$/, ''));
  const pages = ['index', 'scores', 'contest', 'console', 'explore', 'play', 'docs', 'errors'].map((name) => `/${name}.html`);
  assert.deepEqual([...new Set(named)].sort(), [...pages, '/llms.txt', '/openapi.d.ts', '/openapi.json', '/robots.txt', '/sw.js'].sort());
  for (const { path, cache } of objects) if (cache.includes('immutable')) assert.match(path, /-[0-9a-f]{12,16}(_bg)?\.\w+(\.br|\.gz)?$/);
  const program = objects.find((one) => /\/heliograph-app_bg-.*\.wasm$/.test(one.path));
  for (const [accepted, encoding] of [['gzip, deflate, br, zstd', 'br'], ['gzip', 'gzip'], ['br;q=0, gzip', 'gzip'], ['identity', null]]) {
    const answer = await get(program.path, { 'accept-encoding': accepted });
    assert.deepEqual([answer.status, answer.headers.get('content-encoding'), answer.headers.get('content-type')], [200, encoding, 'application/wasm'], accepted);
    // Node undoes the encoding: it is the same file.
    assert.equal((await answer.arrayBuffer()).byteLength, program.size, accepted);
  }
});

test('every script and sheet of a page has the integrity of what is served, and the policy has no unsafe-inline', async () => {
  const { createHash } = await import('node:crypto');
  for (const path of ['/', '/b/fleet/scores', '/b/fleet/contest', '/b/fleet/explore', '/manage', '/quiz', '/docs', '/docs/errors']) {
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    const html = await answer.text();
    const tags = html.match(/<script\b[^>]*>|<link\b[^>]*\brel="?(?:stylesheet|modulepreload)[^>]*>/g);
    assert.ok(tags.length > 0, path);
    for (const tag of tags) {
      const [, file] = /(?:src|href)="?([^"\s>]+)/.exec(tag);
      const body = Buffer.from(await (await get(file)).arrayBuffer());
      assert.equal(/integrity="?([^"\s>]+)/.exec(tag)?.[1], `sha384-${createHash('sha384').update(body).digest('base64')}`, tag);
    }
    assert.doesNotMatch(html, /<style|\son\w+=/);
    const { headers } = answer;
    const policy = headers.get('content-security-policy');
    assert.doesNotMatch(policy, /'unsafe-/);
    assert.ok(policy.includes(`connect-src 'self' ${site.server.url} ${site.server.url.replace('http', 'ws')}`), policy);
    assert.deepEqual(
      ['strict-transport-security', 'x-content-type-options', 'referrer-policy', 'x-frame-options', 'cross-origin-opener-policy'].map((name) => headers.get(name)),
      ['max-age=31536000', 'nosniff', 'no-referrer', 'DENY', 'same-origin'],
    );
    assert.match(headers.get('permissions-policy'), /camera=\(\)/);
  }
});

test('the function of the template knows the pages and addresses of the table', async () => {
  const { pages } = JSON.parse(readFileSync(join(ROOT, 'app/site/pages.json'), 'utf8'));
  const routes = pages.flatMap(({ name, routes = [] }) => routes.map((route) => [route.replace('{board}', 'my-board').replace('{*rest}', 'some/more'), name]));
  assert.ok(routes.length > 10);
  const shown = (path) => front.run('GET', path, { 'accept-encoding': 'br' });
  for (const [path, name] of routes) {
    assert.equal(shown(path).uri, `/${name}.html.br`);
    if (path !== '/') assert.equal(shown(`${path}/`).uri, `/${name}.html.br`);
  }
  for (const path of ['/b/my-board/nothing', '/b', '/b/a/b/c', '/docs/more', '/managed', '/index']) assert.equal(shown(path).statusCode, 404, path);
  assert.equal(shown('/b/a/console?session=s1&x=1&x=2').headers.location.value, '/b/a/manage/scores?session=s1&x=1&x=2');
  const missing = await get('/nothing-here.js');
  assert.deepEqual([missing.status, (await get('/nothing-here')).status, (await fetch(front.url, { method: 'POST' })).status], [404, 404, 403]);
});

test('a board is live with its API at another origin, on a desktop and on a phone, without a fault', async () => {
  for (const options of [DESKTOP, PHONE]) {
    const page = await openPage(site, '/b/fleet', options);
    await live(page, 10);
    await kept(page);
    assert.deepEqual(page.faults(), []);
    // MapLibre and its styles came by their hashed names.
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname));
    assert.ok(loaded.some((path) => /^\/vendor\/maplibre-gl-[0-9a-f]{16}\.mjs$/.test(path)), loaded.join());
    await page.context().close();
  }
});

test('without a network a board shows its last state, marked stale, and is live again afterwards', async () => {
  const page = await openPage(site, '/b/fleet');
  await live(page, 10);
  await kept(page);
  const port = front.server.address().port;
  await front.stop();
  await site.server.kill9();
  await page.reload();
  const seen = await until('the last state', async () => {
    const now = await state(page);
    return now?.map === 'ready' && now.items === 10 && now.drawn === 10 ? now : false;
  });
  assert.deepEqual([seen.status, seen.drawn, seen.cursor], ['stale', 10, null]);
  const line = page.getByTestId('status');
  await until('its age', async () => /Stale \d+ s/.test(await line.textContent()));
  assert.match(await line.locator('.truth').getAttribute('title'), /Not connected.*what this device saw/);
  // The list and the card show it too.
  await page.getByText('bus-03').first().click();
  assert.match(await page.locator('.card').first().textContent(), /803/);
  await site.server.restart();
  front = await CloudFront.start({ folder, worker: site.server.url, port });
  await publish(site.server, buses(11));
  const back = await live(page, 11);
  assert.ok(back.cursor);
  await page.reload();
  await live(page, 11);
  await page.context().close();
});

test('what needs a key is not kept, and what is public no longer is forgotten', async () => {
  const config = { ...JSON.parse(readFileSync(join(ROOT, 'boards/fleet.json'), 'utf8')), name: undefined };
  const put = (visibility) =>
    fetch(`${site.server.url}/v1/boards/closed`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...config, visibility }),
    }).then((r) => assert.ok(r.ok, `${r.status}`));
  await put('private');
  await publish(site.server, buses(3), 'closed');
  const page = await openPage(site, '/b/closed');
  await page.locator('input[type=password]').fill(site.server.adminKey);
  await page.getByRole('button', { name: 'Open' }).click();
  await live(page, 3);
  await page.reload();
  await live(page, 3);
  const last = () => page.evaluate(() => localStorage.getItem('heliograph.last.closed'));
  assert.equal(await last(), null);
  await page.evaluate(() => sessionStorage.clear());
  await put('public');
  await page.reload();
  await live(page, 3);
  await page.reload();
  await live(page, 3);
  assert.match(await last(), /bus-01/);
  await put('private');
  await page.reload();
  await page.locator('input[type=password]').waitFor();
  assert.equal(await last(), null);
  // And the service worker keeps no answer of the API at all.
  const names = await page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map((one) => one.url)));
    return all.flat();
  });
  assert.ok(!names.some((name) => /closed/.test(name)), 'names of boards are not noted');
  assert.ok(names.length > 10 && names.every((name) => name.startsWith(front.url)), names.join());
  await page.context().close();
});

test('a new version takes over without breaking a page that is open', async () => {
  const from = mkdtempSync(join(tmpdir(), 'heliograph-dist-'));
  others.push(from);
  cpSync(join(ROOT, 'dist'), from, { recursive: true });
  const page = await openPage(site, '/b/fleet');
  await live(page, 10);
  await kept(page);
  const before = manifest().version;
  const names = () => page.evaluate(() => caches.keys());
  assert.ok((await names()).includes(`heliograph-shell-${before}`));
  // The next version has another chart library and another page.
  const library = join(from, 'vendor/uPlot.iife.min.js');
  writeFileSync(library, `${readFileSync(library, 'utf8')}\nwindow.nextVersion = true;`);
  const next = packed(site.server.url, from);
  others.push(next);
  front.site(next);
  const { version } = JSON.parse(readFileSync(join(next, 'site.json'), 'utf8'));
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await until('the next version', async () => (await names()).includes(`heliograph-shell-${version}`));
  // The page that is open loads what belongs to it.
  const path = await page.evaluate(() => JSON.parse(document.querySelector('meta[name=heliograph-files]').content)['/vendor/uPlot.iife.min.js'].path);
  assert.equal(await page.evaluate((p) => fetch(p).then(async (r) => `${r.status} ${(await r.text()).includes('nextVersion')}`), path), '200 false');
  await page.reload();
  await live(page, 10);
  const fresh = await page.evaluate(() => JSON.parse(document.querySelector('meta[name=heliograph-files]').content)['/vendor/uPlot.iife.min.js'].path);
  assert.notEqual(fresh, path);
  await page.context().close();
});

test('a phone can keep it: a manifest with icons of the sizes that it says', async () => {
  const page = await openPage(site, '/');
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const answer = await get(href);
  assert.equal(answer.headers.get('content-type'), 'application/manifest+json');
  const said = await answer.json();
  assert.deepEqual([said.start_url, said.display, said.icons.map((one) => `${one.sizes} ${one.purpose}`)], ['/', 'standalone', ['192x192 any', '512x512 any', '512x512 maskable']]);
  for (const { src, sizes } of [...said.icons, { src: await page.locator('link[rel=apple-touch-icon]').getAttribute('href'), sizes: '180x180' }]) {
    const png = Buffer.from(await (await get(src)).arrayBuffer());
    assert.equal(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, sizes, src);
  }
  // Chromium's own judgement.
  const devtools = await page.context().newCDPSession(page);
  await kept(page);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter((one) => one.errorId !== 'in-incognito'), []);
  await page.context().close();
});

test("behind the same address the API and frames are the worker's, and frames are never controlled", async (t) => {
  const here = packed('');
  others.push(here);
  const one = await CloudFront.start({ folder: here, worker: site.server.url, parameters: { ApiBehind: 'site' } });
  t.after(() => one.stop());
  const put = (board, more) =>
    fetch(`${one.url}/v1/boards/${board}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Framed', visibility: 'public', ...more }),
    });
  const made = await put('framed', { embed: { sites: ['https://other.example'] } });
  assert.ok(made.ok, await made.text());
  await publish(site.server, buses(2), 'framed');
  // The worker's problems come as they are.
  assert.equal((await (await fetch(`${one.url}/v1/boards/nobody/items`)).json()).code, 'credential_missing');
  const same = { ...site, url: one.url };
  const page = await openPage(same, '/b/fleet');
  await live(page, 10);
  await until('control', () => page.evaluate(() => Boolean(navigator.serviceWorker.controller)));
  assert.deepEqual(page.faults(), []);
  for (const widget of ['table', 'map', 'chart&key=bus-01&field=passengers']) {
    await page.goto(`${one.url}/embed/framed?v=1&widget=${widget}`);
    await page.getByText('bus-01').or(page.locator('.map-buttons')).first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.evaluate(() => navigator.serviceWorker.controller), null);
  }
  // The browser asks for /favicon.ico by itself.
  assert.deepEqual(page.faults().filter((fault) => !/404 \(Not Found\)/.test(fault)), []);
  await page.context().close();
});
