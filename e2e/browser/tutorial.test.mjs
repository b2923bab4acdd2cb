// The tutorial and the README, followed to the letter: every command is typed into a shell, what comes is what the page
// shows, and what it says to open is opened in Chromium and shows what it promises.
//
// Two things differ from a reader's machine: the port, and the folder of the data, so that this runs beside a server.
// Runs alone: the first page has a minute.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';

import { HELIOGRAPH, LAUNCH, ROOT, freePort, heliograph, startServer } from '../server.mjs';
import { DESKTOP, axeFindings, live, openPage, state, until } from './support/site.mjs';
import { Terminal, pattern, steps } from '../walkthrough.mjs';

const XTASK = process.env.HELIOGRAPH_XTASK;
const START = 'cargo xtask up\n';

/** `cargo xtask up`; without the program, what it starts. */
async function up(home) {
  const port = await freePort();
  const data = join(home, 'data');
  if (XTASK) {
    const env = { ...process.env, HELIOGRAPH_ADMIN_KEY: '', HELIOGRAPH_SIGNING_KEY: '' };
    const child = spawn(XTASK, ['up', '--port', String(port), '--data', data], { cwd: ROOT, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    const ended = new Promise((done) => child.once('exit', done));
    await until('up to be ready', () => {
      if (child.exitCode !== null) throw new Error(output);
      return output.includes(`ready http://127.0.0.1:${port}\n`);
    }, 240_000);
    return { url: `http://127.0.0.1:${port}`, data, stop: () => (child.kill('SIGINT'), ended) };
  }
  const server = await startServer({ dataDir: data, port });
  writeFileSync(join(data, 'admin-key'), `${server.adminKey}\n`);
  for (const board of ['arena', 'fleet', 'icpc', 'quiz', 'school']) heliograph(server, ['board', 'apply', `boards/${board}.json`]);
  const fleet = spawn(HELIOGRAPH, ['simulate', '--board', 'fleet', '--quiet'], {
    env: { ...process.env, HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey },
  });
  return { url: server.url, data, stop: () => (fleet.kill(), server.stop()) };
}

/** A server, a shell and a browser as a newcomer has them. */
async function newcomer() {
  const home = mkdtempSync(join(tmpdir(), 'heliograph-newcomer-'));
  const server = await up(home);
  const env = { ...process.env, HOME: home, HELIOGRAPH_URL: server.url };
  delete env.HELIOGRAPH_KEY;
  const terminal = new Terminal(ROOT, env);
  const browser = await chromium.launch(LAUNCH);
  return {
    home,
    server,
    terminal,
    /** The text with this run's port and folder. */
    here: (text) => text.replaceAll('http://127.0.0.1:8787', server.url).replaceAll('ws://127.0.0.1:8787', server.url.replace('http', 'ws')).replaceAll('.heliograph/data', server.data),
    /** Opens an address of the server, or of a file. */
    page: (address) => {
      const [, origin, path] = /^(file:\/\/|http:\/\/[^/]+)(.*)$/.exec(address);
      return openPage({ browser, server: { url: origin }, url: origin }, path, DESKTOP);
    },
    async close() {
      terminal.close();
      await browser.close();
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const places = (page, key) => page.evaluate((name) => window.heliograph.screen(name), key);
const ranked = (page) => page.locator('.standings tbody tr:not([hidden])').evaluateAll((list) => list.map((row) => row.dataset.key));

/** A mark inside the map, and a row in the list. */
async function shown(page, key) {
  await live(page, 1);
  const at = await until(`a mark of ${key}`, () => places(page, key));
  const map = await page.locator('canvas').first().boundingBox();
  assert.ok(at.x >= 0 && at.x <= map.width && at.y >= 0 && at.y <= map.height, `${key} is at ${JSON.stringify(at)}`);
  // A name on the map may be hidden where another mark is.
  await page.getByText(key, { exact: true }).locator('visible=true').first().waitFor();
}

describe('what a newcomer reads', { timeout: 280_000 }, () => {
  let me;
  before(async () => {
    me = await newcomer();
  });
  after(() => me?.close());

  test('the tutorial: every command prints what it shows, and every page shows what it promises', async () => {
    const pages = {};
    /** What is to be seen at an address when it is opened, and what changes with the block after it. */
    const seen = {
      '/b/fleet': { now: (page) => live(page, 40) },
      '/b/ferries': {
        now: (page) => shown(page, 'north'),
        then: async (page) => {
          await until('91 passengers', () => page.getByText(/Passengers 91/).first().isVisible());
          await until('a track', async () => (await state(page)).trailSegments > 0);
        },
      },
      '/b/chess/scores': {
        now: (page) => until('three ranks', async () => String(await ranked(page)) === 'ann,bob,cy'),
        then: (page) => until('Cy on top', async () => String(await ranked(page)) === 'cy,ann,bob'),
      },
      'that address': {
        now: (page) => until('a line for each ferry', async () => (await page.locator('li').count()) === 4),
        then: (page) => until('12 passengers', () => page.getByText('north: 12 passengers').isVisible()),
      },
      '/docs': { now: (page) => page.waitForSelector('h1') },
    };
    const all = steps(readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8'));
    assert.ok(all.length > 15, `${all.length} steps`);
    assert.equal(all.shift().type, START);
    let printed = '';
    let opened;
    for (const step of all) {
      if (step.open !== undefined) {
        const expected = seen[step.open.replace('http://127.0.0.1:8787', '')];
        assert.ok(expected, `nothing is known of ${step.open}`);
        const page = await me.page(step.open === 'that address' ? printed.trim() : me.here(step.open));
        await expected.now(page);
        pages[step.open] = { page, ...expected };
        opened = pages[step.open];
        continue;
      }
      printed = await me.terminal.type(me.here(step.type));
      if (step.shows === undefined) assert.equal(printed, '', `a block that shows nothing:\n${step.type}`);
      else assert.match(printed, pattern(step.shows), `after:\n${step.type}`);
      await opened?.then?.(opened.page);
      opened = undefined;
    }
    for (const [address, { page }] of Object.entries(pages)) assert.deepEqual(page.faults(), [], address);
    assert.equal(Object.keys(pages).length, Object.keys(seen).length - 1);
  });

  test('the README’s lines make a board with an event on its map', async () => {
    const [start, ...all] = steps(readFileSync(join(ROOT, 'README.md'), 'utf8'));
    assert.match(start.type, new RegExp(`^${START.trim()} `));
    assert.equal(all.length, 2);
    const [lines, map] = all;
    assert.equal(lines.type.trim().split('\n').length, 3);
    const begun = Date.now();
    const printed = await me.terminal.type(me.here(lines.type));
    assert.match(printed, /"title":"Mine".*"accepted":1/s);
    const page = await me.page(me.here(map.open));
    await shown(page, 'me');
    assert.ok(Date.now() - begun < 60_000, `from the first line to an own event on the map in ${Date.now() - begun} ms`);
    assert.deepEqual(page.faults(), []);
  });

  test('the first page’s own lines make one too, and lead to it', async () => {
    await me.terminal.type(me.here('export HELIOGRAPH_KEY=$(cat .heliograph/data/admin-key); curl -s -X DELETE -H "Authorization: Bearer $HELIOGRAPH_KEY" http://127.0.0.1:8787/v1/boards/mine'));
    const begun = Date.now();
    const page = await me.page(`${me.server.url}/`);
    await page.getByRole('link', { name: 'Make a board' }).click();
    await until('the lines in view', () => page.getByTestId('make').evaluate((lines) => lines.getBoundingClientRect().bottom <= window.innerHeight));
    const lines = await page.getByTestId('make').innerText();
    assert.deepEqual(await axeFindings(page), []);
    assert.equal(lines.split('\n').length, 3);
    assert.match(lines, /^export HELIOGRAPH_KEY=…$/m);
    const key = readFileSync(join(me.server.data, 'admin-key'), 'utf8').trim();
    const printed = await me.terminal.type(lines.replace('…', key));
    assert.match(printed, /"title":"Mine".*"accepted":1/s);
    await page.getByRole('link', { name: 'Then open your board' }).click();
    await shown(page, 'me');
    assert.ok(Date.now() - begun < 60_000, `from the first page to an own event on the map in ${Date.now() - begun} ms`);
    assert.deepEqual(page.faults(), []);
  });

  test('the first page leads to a form, and that to an own event on the map, with what the screens and the README say, in three minutes', async () => {
    const begun = Date.now();
    const page = await me.page(`${me.server.url}/`);
    // The screen: there is a form, and what makes a board has a key.
    await page.getByRole('link', { name: 'Make a board' }).click();
    await page.getByTestId('make').waitFor();
    await page.getByRole('link', { name: 'Or fill in a form in the console' }).click();
    await page.waitForURL('**/manage/new');
    // The README: where that key is.
    const [, file] = /cat (\S*admin-key)/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'));
    const key = (await me.terminal.type(me.here(`cat ${file}`))).trim();
    await page.getByTestId('key').fill(key);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    // The screen: what it is for is chosen already, a name comes from the title.
    const form = page.getByTestId('make');
    await form.getByLabel('Title').fill('My own map');
    await form.getByRole('button', { name: 'Make the board' }).click();
    await page.waitForURL('**/b/my-own-map/manage');
    // Nothing has come in, and the screen says how something does.
    const first = page.getByTestId('first');
    await first.getByRole('heading', { name: 'Send a first event' }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    const [lines] = await first.locator('pre').allInnerTexts();
    await first.getByRole('button', { name: 'Send it from here' }).click();
    await first.getByText('It is on the board.').waitFor();
    await first.getByRole('link', { name: 'Open the map' }).click();
    await shown(page, 'me');
    const took = Date.now() - begun;
    assert.ok(took < 180_000, `from the first page to an own event on the map in ${took} ms`);
    // So do its lines in a terminal, and the map moves on.
    assert.match(lines, /^export HELIOGRAPH_KEY=…$/m);
    const printed = await me.terminal.type(lines.replace('…', key).replace('"me"', '"too"'));
    assert.match(printed, /"accepted":1/);
    await shown(page, 'too');
    assert.deepEqual(page.faults(), []);
  });
});
