// A server with the fleet board, a Chromium, and pages that remember everything that went wrong in them.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { LAUNCH, ROOT, heliograph, startServer } from '../../server.mjs';
import { CloudFront } from './cloudfront.mjs';
import { packed } from './packed.mjs';

/** Where a person's phone and desktop differ. */
export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** Whether pages come from CloudFront's stand-in, and the API from the worker at another origin (apart.test.mjs). */
const APART = Boolean(process.env.HELIOGRAPH_APART);

/** Starts a server with `boards/fleet.json` and a browser, as `startServer` is told. Pages are at `url`, the API at `server.url`. */
export async function openSite(options) {
  const server = await startServer(options);
  const folder = APART ? packed(server.url) : undefined;
  const front = folder && (await CloudFront.start({ folder, worker: server.url }));
  const applied = heliograph(server, ['board', 'apply', 'boards/fleet.json']);
  assert.equal(applied.status, 0, applied.stderr);
  const browser = await chromium.launch(LAUNCH);
  return {
    server,
    browser,
    url: front?.url ?? server.url,
    async close() {
      await browser.close();
      await front?.stop();
      if (folder) rmSync(folder, { recursive: true, force: true });
      await server.stop();
    },
  };
}

/** Opens a page; `page.faults()` lists console errors, failed requests and requests to other hosts. */
export async function openPage(site, path, options = DESKTOP) {
  const context = await site.browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && faults.push(`${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => faults.push(`exception: ${e.message}`));
  page.on('request', (r) => {
    const { protocol, host } = new URL(r.url());
    if (['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && ![site.server.url, site.url].some((own) => host === new URL(own).host)) faults.push(`other host: ${r.url()}`);
  });
  page.on('response', (r) => r.status() >= 400 && faults.push(`${r.status()}: ${r.url()}`));
  // WebGL in software reads pixels back slowly and says so: the machine's matter, not the page's.
  page.faults = () => faults.filter((f) => !/GPU stall|ReadPixels|WebGL.*performance|swiftshader/i.test(f));
  await page.goto(site.url + path, { waitUntil: 'load' });
  return page;
}

/** Asks the server as its administrator, and insists on a good answer. */
export async function manage(server, method, path, body) {
  const headers = { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' };
  const answer = await fetch(server.url + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer;
}

/** Sends events and insists that they are accepted. */
export async function publish(server, events, board = 'fleet') {
  const list = [events].flat();
  const answer = await fetch(`${server.url}/v1/boards/${board}/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(list),
  }).then((r) => r.json());
  assert.equal(answer.accepted, list.length, JSON.stringify(answer));
  return answer;
}

/** Ten buses in the middle of Austin. */
export function buses(n = 10, time = Date.now()) {
  return Array.from({ length: n }, (_, i) => ({
    key: `bus-${String(i).padStart(2, '0')}`,
    time: time + i,
    position: { lat: 30.25 + i * 0.008, lon: -97.76 + i * 0.006, heading: i * 36, speed: 8 },
    fields: { route: `${800 + i}`, passengers: (i * 7) % 40 },
  }));
}

/** Waits until `check` returns something true, and returns that. */
export async function until(what, check, limit = 30_000) {
  const end = Date.now() + limit;
  let last;
  for (;;) {
    try {
      last = await check();
      if (last) return last;
    } catch (e) {
      last = e.message;
    }
    if (Date.now() > end) throw new Error(`waited ${limit} ms for: ${what}; last: ${JSON.stringify(last)}`);
    await sleep(100);
  }
}

/** What the page says of itself. */
export const state = (page) => page.evaluate(() => window.heliograph?.state());

/** Waits until the page is live and its map is there. */
export async function live(page, items = 0) {
  return until('the board to be live', async () => {
    const s = await state(page);
    return s && s.status === 'live' && s.map === 'ready' && s.items >= items ? s : false;
  }, 60_000);
}

const AXE = readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** What axe finds that is serious or worse. */
export async function axeFindings(page) {
  // The page's policy forbids foreign scripts: evaluated through the debugger, not added to the page.
  await page.evaluate(AXE);
  // A colour on its way to another is nobody's colour: what is moving only for a moment comes to rest first.
  await page.evaluate(() => {
    const brief = document.getAnimations().filter((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime < 5_000);
    return Promise.allSettled(brief.map((a) => a.finished));
  });
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations
    .filter((v) => ['serious', 'critical'].includes(v.impact))
    .map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`);
}
