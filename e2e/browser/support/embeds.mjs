// Boards in frames of another site: a site of ours, a page of another one, and what is between them.

import assert from 'node:assert/strict';

import { OtherSite } from './hosts.mjs';
import { openSite, until } from './site.mjs';

/** Starts a site and another one; `close` ends both and all pages that were opened. */
export async function openEmbeds() {
  const site = await openSite();
  const host = await OtherSite.start();
  const pages = [];

  const call = async (path, body, method = 'PUT') => {
    const response = await fetch(`${site.server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  const mint = (board, ttl_s = 600) =>
    call('/v1/tokens', { grants: [{ board, operations: ['read'], keys: ['*'] }], ttl_s }, 'POST').then(({ token }) => token);
  const address = (board, query = 'widget=scoreboard') => `${site.server.url}/embed/${board}?v=1&${query}`;
  const element = (board, attributes = '', query) => `<heliograph-board src="${address(board, query)}" ${attributes}></heliograph-board>`;
  const script = (kind = 'type="module"') => `<script ${kind} src="${site.server.url}/embed.js"></script>`;
  const page = (body, head = '') =>
    `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Partner</title>${head}<body>${body}`;

  /** Opens a body on a page of the other site; `faults` are what its console says. */
  const open = async (body, { head = script(), at = host.url, headers = {}, options = {}, init = () => {} } = {}) => {
    host.pages['/'] = page(body, head);
    host.headers = headers;
    const context = await site.browser.newContext({ viewport: { width: 800, height: 700 }, ...options });
    const opened = await context.newPage();
    opened.faults = [];
    opened.on('console', (m) => m.type() === 'error' && opened.faults.push(m.text()));
    opened.on('pageerror', (e) => opened.faults.push(e.message));
    opened.on('request', (r) => {
      const { protocol, host: asked } = new URL(r.url());
      const known = [new URL(site.server.url).host, new URL(host.url).host, new URL(host.named).host];
      if (protocol.startsWith('http') && !known.includes(asked)) opened.faults.push(`another site: ${r.url()}`);
    });
    await opened.addInitScript(init);
    await opened.addInitScript(() => {
      window.heard = [];
      for (const type of ['ready', 'select', 'error']) {
        addEventListener(type, (event) => event.detail && window.heard.push([type, event.detail]), true);
      }
    });
    await opened.goto(`${at}/`);
    pages.push(opened);
    return opened;
  };
  /** The frames of boards within a page. */
  const frames = (opened) => opened.frames().filter((frame) => frame.url().includes('/embed/'));
  const frame = (opened) => until('the frame', () => frames(opened)[0]);
  const shows = (inside, text) => inside.getByText(text).first().waitFor({ timeout: 20_000 });
  const height = (opened) => opened.locator('heliograph-board').first().evaluate((e) => e.shadowRoot.querySelector('iframe').offsetHeight);
  const heard = (opened, type) => until(type, async () => (await opened.evaluate((t) => window.heard.filter(([name]) => name === t).map(([, d]) => d), type))[0]);
  /** What is wider than the frame, in pixels. */
  const overflow = (inside) => inside.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const close = async () => {
    await Promise.all(pages.map((opened) => opened.context().close()));
    await host.stop();
    await site.close();
  };
  return { site, host, pages, call, mint, address, element, script, page, open, frames, frame, shows, height, overflow, heard, close };
}
