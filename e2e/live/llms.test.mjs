// What the server says of itself to programs that write programs, at /llms.txt: true, and each example works.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { steps } from '../walkthrough.mjs';

/** The router's table, which a test of openapi/ holds to it. */
const ROUTES = JSON.parse(readFileSync(new URL('./support/routes.json', import.meta.url), 'utf8'));

let server;
let text;

before(async () => {
  server = await startServer();
  const answer = await fetch(`${server.url}/llms.txt`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  text = await answer.text();
});
after(() => server?.stop());

test('the routes that llms.txt names are the router’s', () => {
  const table = new Set(ROUTES.map(({ method, path }) => `${method} ${path}`));
  const named = [...text.matchAll(/^`((?:GET|PUT|POST|DELETE) [^`]+)`/gm)].map(([, route]) => route);
  assert.ok(named.length >= 12, String(named));
  for (const route of named) assert.ok(table.has(route), `there is no ${route}`);
});

test('every example of llms.txt works, in its order', () => {
  const env = { ...process.env, HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey };
  const examples = steps(text);
  assert.ok(examples.length >= 12, String(examples.length));
  for (const { type } of examples) {
    const { status, stdout } = spawnSync('bash', ['-c', type], { env, encoding: 'utf8' });
    assert.equal(status, 0, type);
    assert.doesNotMatch(stdout, /"refused":[1-9]/, type);
  }
});

test('every page that llms.txt links to is there', async () => {
  const links = [...text.matchAll(/\]\((\/[^)]*)\)/g)].map(([, path]) => path);
  assert.ok(links.length >= 5, String(links));
  for (const path of links) assert.equal((await fetch(server.url + path)).status, 200, path);
});

test('the pages for people that llms.txt names are rows of the site’s table', () => {
  const { pages } = JSON.parse(readFileSync(new URL('../../app/site/pages.json', import.meta.url), 'utf8'));
  const rows = new Set(pages.flatMap(({ routes }) => routes ?? []));
  const named = [...text.split('\n## Pages for people\n')[1].matchAll(/`(\/[^`]*)`/g)].map(([, path]) => path);
  assert.ok(named.length >= 5, String(named));
  for (const path of named) assert.ok(rows.has(path), `there is no page ${path}`);
});
