// Boards in frames of other sites: who may show them, what their pages may do, and what nobody is told.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { ROOT, startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

const SITES = ['https://partner.example', 'http://localhost:3000'];
const page = (path, headers = {}) => fetch(server.url + path, { redirect: 'manual', headers });
const policy = (answer) =>
  Object.fromEntries(answer.headers.get('content-security-policy').split(';').map((part) => {
    const [name, ...values] = part.trim().split(/\s+/);
    return [name, values.join(' ')];
  }));

test('a pasted address is kept as its origin, and what is no site is refused by its place in the list', async () => {
  const config = { title: 'T', embed: { sites: ['https://Partner.example/live?x#y', 'partner.example', 'http://localhost:3000/'] } };
  const made = await admin.put('/v1/boards/pasted', config);
  assert.equal(made.status, 201);
  assert.deepEqual(made.body.embed, { sites: SITES });
  assert.deepEqual((await admin.get('/v1/boards/pasted')).body.embed, { sites: SITES });
  for (const [site, say] of [
    ['ftp://partner.example', /https:\/\//],
    ['https://*.partner.example', /star/],
    ['https://a.example;script-src', /no address of a site/],
    ['https://[::1]', /IPv6/],
    ['https://bücher.example', /ASCII/],
  ]) {
    const wrong = await admin.put('/v1/boards/pasted', { title: 'T', embed: { sites: ['https://a.example', site] } });
    assertProblem(wrong, 422, 'invalid_config', 'embed.sites[1]');
    assert.match(wrong.body.errors[0].message, say);
  }
  const many = await admin.put('/v1/boards/pasted', { title: 'T', embed: { sites: Array(33).fill('https://a.example') } });
  assertProblem(many, 422, 'invalid_config', 'embed.sites');
});

test('only who manages a board is told by its config which sites may show it', async () => {
  await admin.board('told', { title: 'T', visibility: 'public', embed: { sites: SITES } });
  const nobody = await page('/v1/boards/told').then((answer) => answer.json());
  assert.equal(nobody.title, 'T');
  assert.equal('embed' in nobody, false);
  const reader = new Client(server, await admin.token('told', ['read']));
  assert.equal('embed' in (await reader.get('/v1/boards/told')).body, false);
});

test('the sites of a board may show it, under a policy without exceptions and without cookies', async () => {
  await admin.board('shown', { title: 'T', visibility: 'public', embed: { sites: SITES } });
  const answer = await page('/embed/shown?v=1&widget=scoreboard');
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/html/);
  const { 'frame-ancestors': ancestors, ...rest } = policy(answer);
  assert.equal(ancestors, `'self' ${SITES.join(' ')}`, 'these, and the preview in our own console');
  assert.equal(rest['default-src'], "'none'");
  for (const [name, values] of Object.entries(rest)) {
    assert.doesNotMatch(values, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|https?:|\*/, name);
  }
  assert.equal(answer.headers.get('x-frame-options'), null, 'it would refuse what the policy allows');
  assert.equal(answer.headers.get('set-cookie'), null);
  assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
  assert.equal(answer.headers.get('cross-origin-embedder-policy'), 'require-corp');
  const html = await answer.text();
  assert.match(html, /https:\/\/partner\.example,http:\/\/localhost:3000/);
  assert.doesNotMatch(html, /HELIOGRAPH_SITES|style=|<style|https?:\/\/(?!partner\.example|localhost:3000)/, 'nothing from elsewhere, nothing inline');
  // What is checked by its hash is refused to a frame without an origin unless it is asked for as from elsewhere.
  for (const tag of html.match(/<(link|script)\b[^>]*\bintegrity=[^>]*>/g) ?? []) {
    assert.match(tag, /\bcrossorigin\b|type="?module/, tag);
  }
  for (const script of html.match(/<script[^>]*>[^<]*/g)) assert.match(script, /src=/);
});

test('a change of the sites is there within two seconds', async () => {
  await admin.board('changed', { title: 'T', embed: { sites: ['https://a.example'] } });
  assert.equal(policy(await page('/embed/changed'))['frame-ancestors'], "'self' https://a.example");
  await admin.put('/v1/boards/changed', { title: 'T', embed: { sites: ['*'] } });
  const end = Date.now() + 3_000;
  while (policy(await page('/embed/changed'))['frame-ancestors'] !== '*') assert.ok(Date.now() < end);
});

test('of a board without sites nobody can tell whether it is there', async () => {
  await admin.board('closed', { title: 'A secret title', visibility: 'private' });
  await admin.board('open', { title: 'An open title', visibility: 'public' });
  const answers = [];
  for (const board of ['nobody-made-it', 'closed', 'open', 'no%20name']) {
    const answer = await page(`/embed/${board}?v=1&widget=scoreboard`);
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'date'));
    answers.push({ status: answer.status, headers, html: await answer.text() });
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.match(answers[0].headers['content-security-policy'], /frame-ancestors 'none'/);
  assert.equal(answers[0].headers['x-frame-options'], 'DENY');
});

test('of a private board its page says nothing but who may show it', async () => {
  await admin.board('private', { title: 'A secret title', description: 'A secret', visibility: 'private', embed: { sites: SITES } });
  await admin.board('public', { title: 'Another', visibility: 'public', embed: { sites: SITES } });
  const [shut, open] = await Promise.all(['private', 'public'].map((board) => page(`/embed/${board}?widget=scoreboard`).then((a) => a.text())));
  assert.equal(shut, open);
  assert.equal((await page('/v1/boards/private')).status, 401);
});

test('everything else of ours refuses frames', async () => {
  await admin.board('framed', { title: 'T', visibility: 'public', embed: { sites: ['*'] }, scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] } });
  const table = JSON.parse(readFileSync(join(ROOT, 'app/site/pages.json'), 'utf8'));
  const paths = table.pages.flatMap(({ routes = [] }) => routes).map((path) => path.replace('{board}', 'framed').replace(/\{\*.*\}/, 'x'));
  const files = table.pages.map(({ name }) => `/${name}.html`);
  assert.ok(paths.length > 8 && files.includes('/embed-scores.html'));
  for (const path of [...paths, ...files, '/embed', '/embed/framed/more', '/nothing']) {
    const answer = await page(path);
    if (answer.status === 302 || answer.status === 308) continue;
    assert.ok(answer.headers.get('content-security-policy'), `${answer.status} ${path}`);
    assert.equal(policy(answer)['frame-ancestors'], "'none'", path);
    assert.equal(answer.headers.get('x-frame-options'), 'DENY', path);
  }
});

test('a frame without an origin of its own gets files and answers, and none needs or sets a credential', async () => {
  await admin.board('sandboxed', { title: 'T', visibility: 'public', embed: { sites: SITES } });
  const html = await page('/embed/sandboxed?widget=scoreboard').then((answer) => answer.text());
  const files = [...html.matchAll(/(?:src|href)=["']?(\/[^"' >]+)/g)].map(([, path]) => path);
  assert.ok(files.some((path) => path.endsWith('.wasm')) && files.some((path) => path.endsWith('.css')), files.join());
  for (const path of [...files, '/embed.js', '/v1/boards/sandboxed', '/v1/boards/sandboxed/items', '/v1/boards/none-such']) {
    const answer = await page(path, { origin: 'null' });
    assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
    assert.equal(answer.headers.get('access-control-allow-credentials'), null, path);
    assert.equal(answer.headers.get('set-cookie'), null, path);
  }
  const asked = await fetch(`${server.url}/v1/boards/sandboxed`, {
    method: 'OPTIONS',
    headers: { origin: 'null', 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });
  assert.equal(asked.headers.get('access-control-allow-origin'), '*');
  assert.match(asked.headers.get('access-control-allow-headers'), /authorization/);
});

test('the element for other pages is small, needs nothing and runs as a module and as a classic script', async () => {
  const answer = await page('/embed.js');
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/javascript/);
  const text = await answer.text();
  assert.ok(gzipSync(text).length <= 4_096, `${gzipSync(text).length} bytes`);
  assert.doesNotMatch(text, /\b(import|export)\b[^.]*['"({]/, 'a classic script has neither');
});
