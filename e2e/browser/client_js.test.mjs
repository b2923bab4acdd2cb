// @heliograph/client as it is published: packed by npm, installed into a fresh project of Vite, and opened in a browser on another
// origin than the worker's.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

import { LAUNCH, ROOT, startServer } from '../server.mjs';
import { until } from './support/site.mjs';

const BOARD = 'other-site';
const folder = mkdtempSync(join(tmpdir(), 'heliograph-client-'));

let server;
let browser;
let preview;
let site;

function run(command, args, cwd, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error ?? ''}${stdout}${stderr}`);
  return stdout;
}

async function send(path, method, body) {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, await answer.text());
}

const publish = (...events) => send(`/v1/boards/${BOARD}/events`, 'POST', events);
const bus = (key, n, lat) => ({ key, fields: { n }, ...(lat === undefined ? {} : { position: { lat, lon: 1 } }) });

before(async () => {
  const pack = join(ROOT, 'clients/js');
  run(process.execPath, ['build.mjs'], pack);
  run('npm', ['pack', '--pack-destination', folder], pack);
  const project = join(folder, 'site');
  cpSync(join(ROOT, 'e2e/browser/support/client_js'), project, { recursive: true });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, tarball)], project);

  server = await startServer();
  await send(`/v1/boards/${BOARD}`, 'PUT', { title: 'x', visibility: 'public', scores: { columns: [{ name: 'n', op: 'last', field: 'n' }] } });
  await publish(bus('a', 1, 30), bus('b', 2));

  run(join(project, 'node_modules/.bin/tsc'), ['--project', project], project);
  run(join(project, 'node_modules/.bin/vite'), ['build'], project, { VITE_URL: server.url, VITE_BOARD: BOARD });
  // Two pages, of which the second has no program: Vite builds the first alone.
  cpSync(join(project, 'away.html'), join(project, 'dist/away.html'));
  preview = spawn(process.execPath, [join(project, 'node_modules/vite/bin/vite.js'), 'preview', '--host', '127.0.0.1', '--port', '0'], { cwd: project });
  site = await new Promise((done, failed) => {
    let said = '';
    preview.stdout.on('data', (text) => {
      said += text.toString().replace(/\x1b\[\d+m/g, '');
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (address) done(address[0]);
    });
    preview.once('exit', () => failed(new Error(`vite preview ended: ${said}`)));
  });
  // Playwright switches off what this is about.
  browser = await chromium.launch({ ...LAUNCH, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
});

after(async () => {
  await browser?.close();
  preview?.kill();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(t, query = '') {
  const page = await browser.newPage();
  const faults = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && faults.push(m.text()));
  page.on('pageerror', (e) => faults.push(e.message));
  t.after(() => page.close());
  await page.goto(site + query);
  const text = (id) => page.evaluate((name) => document.getElementById(name).innerText, id);
  const shows = (id, wanted) => until(`${id} to show ${wanted}`, async () => {
    const now = await text(id);
    if (now.includes(wanted)) return true;
    throw new Error(`${id} shows ${now}; ${faults.join()}`);
  }, 15_000);
  return { page, faults, text, shows };
}

test('the_packed_client_shows_live_items_in_a_page_of_another_origin', async (t) => {
  assert.notEqual(new URL(site).origin, server.url);
  const { page, faults, shows } = await open(t, '?worker');
  await shows('plain', 'a 1 30');
  await shows('plain', 'b 2 -');
  await shows('react', 'ready: a 1 30; b; live');
  await shows('vue', 'ready: a 1 30; b; live');
  await publish(bus('a', 7, 31), bus('c', 3));
  await shows('plain', 'a 7 31');
  await shows('plain', 'c 3 -');
  await shows('worker', 'a 7');
  await shows('ranking', '1 a 7, 2 c 3');
  await shows('react', 'a 7 31; a;');
  await shows('vue', 'a 7 31; a;');
  // Another wish changes the subscription of a hook and a composable.
  await page.evaluate(() => window.page.follow('c'));
  await shows('react', 'ready: c 3 -');
  await shows('vue', 'ready: c 3 -');
  assert.deepEqual(faults, []);
});

test('the_examples_of_the_documentation_that_need_a_page_fit_the_types', () => {
  const project = join(folder, 'site');
  const text = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8');
  const blocks = [...text.matchAll(/^```jsx?\n(.*?)^```$/gms)].map(([, block]) => block);
  const given = `declare const props: { keys: string[] };\n`;
  const files = blocks.filter((block) => /client\/(react|vue)|token:/.test(block)).map((block, i) => {
    const name = `docs_${i}.tsx`;
    const own = block.includes('import') ? block : `import { connect } from '@heliograph/client';\n${block}`;
    const feed = block.includes('const feed') ? '' : `declare const feed: import('@heliograph/client').Feed;\n`;
    writeFileSync(join(project, name), `${given}${feed}${own}`);
    return name;
  });
  assert.equal(files.length, 3);
  const options = ['--noEmit', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--jsx', 'react-jsx'];
  run(join(project, 'node_modules/.bin/tsc'), [...options, ...files], project);
});

test('rest_of_another_origin_sends_etags_and_a_refusal_is_read', async (t) => {
  const { page } = await open(t);
  await until('the page', () => page.evaluate(() => window.page !== undefined));
  const statuses = [];
  page.on('response', (r) => r.request().method() === 'GET' && r.url().includes('/items') && statuses.push(r.status()));
  const same = await page.evaluate(async () => {
    const [first, second] = [await window.page.rest.items(), await window.page.rest.items()];
    return first === second && first.items.length > 0;
  });
  assert.ok(same);
  assert.deepEqual(statuses, [200, 304]);
  const refused = await page.evaluate(() => window.page.rest.item('nobody').catch((e) => [e.name, e.code, e.status]));
  assert.deepEqual(refused, ['HeliographError', 'item_not_found', 404]);
  assert.equal(await page.evaluate(() => window.page.publish()), 'forbidden', 'a page without a token may not send');
});

test('a_page_in_the_back_forward_cache_closes_its_feed_and_goes_on_when_it_is_back', async (t) => {
  const { page, shows } = await open(t);
  await shows('status', 'live');
  const viewers = async () => (await (await fetch(`${server.url}/v1/boards/${BOARD}/status`, { headers: { authorization: `Bearer ${server.adminKey}` } })).json()).viewers;
  await until('one viewer', async () => (await viewers()) === 1);
  await page.evaluate(() => document.querySelector('a').click());
  await page.waitForURL(`${site}/away.html`);
  await until('nobody watches', async () => (await viewers()) === 0);
  await publish(bus('a', 8, 32));
  await page.evaluate(() => history.back());
  await until('the page to be back', () => page.evaluate(() => window.page?.shown.at(-1) === true));
  await shows('plain', 'a 8 32');
  const { states, resets } = await page.evaluate(() => ({ states: window.page.states, resets: window.page.shown }));
  assert.deepEqual(states.slice(states.indexOf('offline')), ['offline', 'connecting', 'catching_up', 'live']);
  assert.deepEqual(resets.at(-1), true, 'it came from the cache');
});

test('l3_a_page_that_becomes_visible_looks_whether_its_feed_is_alive', async (t) => {
  const { page, shows } = await open(t);
  const sent = [];
  // Sockets that were opened before this listener are not seen: the page is loaded again.
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload)));
  await page.reload();
  await shows('status', 'live');
  assert.ok(!sent.includes('ping'), JSON.stringify(sent));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await until('a ping', () => sent.includes('ping'));
});

test('a_page_that_has_no_network_says_so_and_goes_on_when_it_is_back', async (t) => {
  const { page, shows } = await open(t);
  await shows('status', 'live');
  await page.context().setOffline(true);
  await shows('status', 'offline');
  await publish(bus('a', 9, 33));
  await page.context().setOffline(false);
  await shows('plain', 'a 9 33');
  await shows('status', 'live');
});
