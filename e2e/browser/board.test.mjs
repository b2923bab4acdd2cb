// The board page as a person uses it, in the system's Chromium, against the real worker.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HELIOGRAPH, ROOT, SHARED } from '../server.mjs';
import { DESKTOP, PHONE, axeFindings, buses, live, openPage, openSite, publish, state, until } from './support/site.mjs';

const BUSES = join(SHARED, 'data/positions/capmetro_buses_2017-03-21_0000-1025.csv');

describe('the board page', { timeout: 600_000 }, () => {
  let site;
  before(async () => {
    site = await openSite();
    await publish(site.server, buses());
  });
  after(() => site?.close());

  test('the start page lists the boards and leads to one', async () => {
    const page = await openPage(site, '/');
    await page.getByText('Fleet', { exact: true }).first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole('link', { name: /fleet/i }).first().click();
    await live(page, 10);
    await page.waitForURL(/\/b\/fleet/);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('list, card and API say the same of an item', async () => {
    const page = await openPage(site, '/b/fleet');
    await live(page, 10);
    await page.getByTestId('list').getByText('bus-03', { exact: true }).click();
    const card = page.getByTestId('card');
    await card.waitFor();
    const item = await fetch(`${site.server.url}/v1/boards/fleet/items/bus-03`).then((r) => r.json());
    const text = await card.innerText();
    for (const part of [item.key, item.fields.route, String(item.fields.passengers)]) assert.ok(text.includes(part), `${part} in ${text}`);
    await publish(site.server, { key: 'bus-03', fields: { passengers: 97 } });
    await until('the card to follow the change', async () => (await card.innerText()).includes('97'));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a board that tells who is there says how many watch, and follows when somebody comes', async () => {
    const headers = { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' };
    const config = { title: 'Watched', visibility: 'public', presence: { who: 'count' } };
    const made = await fetch(`${site.server.url}/v1/boards/watched`, { method: 'PUT', headers, body: JSON.stringify(config) });
    assert.equal(made.status, 201);
    await publish(site.server, buses(2), 'watched');
    const page = await openPage(site, '/b/watched');
    await live(page, 2);
    const says = (text) => until(`the page to say ${text}`, async () => (await page.getByTestId('watching').innerText({ timeout: 1_000 }).catch(() => '')) === text);
    await says('1 watching');
    const other = await openPage(site, '/b/watched');
    await says('2 watching');
    await other.context().close();
    await says('1 watching');
    assert.deepEqual(page.faults(), []);
    await page.context().close();
    // A board that does not tell shows its connections, as before.
    const untold = await openPage(site, '/b/fleet');
    await live(untold, 10);
    assert.equal(await untold.getByTestId('watching').count(), 0);
    await untold.context().close();
  });

  test('a marker glides to where its item went, and its pixels are there', async () => {
    const page = await openPage(site, '/b/fleet#14/30.27/-97.745');
    await live(page, 10);
    const screen = (key) => page.evaluate((k) => window.heliograph.screen(k), key);
    const time = Date.now();
    await publish(site.server, { key: 'glider', time, position: { lat: 30.27, lon: -97.745, heading: 90, speed: 10 } });
    const from = await until('the new marker', () => screen('glider'));
    await publish(site.server, { key: 'glider', time: time + 1_000, position: { lat: 30.27, lon: -97.743, heading: 90, speed: 10 } });
    const to = await until('the marker to move', async () => {
      const at = await screen('glider');
      return at && at.x > from.x + 5 ? at : false;
    });
    assert.ok(Math.abs(to.y - from.y) < 3, 'it went east, not elsewhere');
    await until('the marker to rest', async () => !(await state(page)).isMoving);
    const rest = await screen('glider');
    const map = await page.getByTestId('map').boundingBox();
    const clip = (dx, dy) => ({ x: map.x + rest.x + dx - 6, y: map.y + rest.y + dy - 6, width: 12, height: 12 });
    const marker = await page.screenshot({ clip: clip(0, 0) });
    const ground = await page.screenshot({ clip: clip(60, 120) });
    assert.notDeepEqual(marker, ground, 'something is drawn where the marker is');
    await page.context().close();
  });

  test('offline says so; back online it resumes without a new snapshot', async () => {
    const page = await openPage(site, '/b/fleet');
    const before = await live(page, 10);
    await page.context().setOffline(true);
    await until('offline', async () => (await state(page)).status === 'offline');
    await publish(site.server, { key: 'bus-05', fields: { passengers: 61 } });
    await sleep(1_500);
    await page.context().setOffline(false);
    await live(page, 10);
    await page.getByTestId('list').getByText('bus-05', { exact: true }).click();
    await until('what happened meanwhile', async () => (await page.getByTestId('card').innerText()).includes('61'));
    const now = await state(page);
    assert.equal(now.gaps, before.gaps, 'nothing was lost');
    assert.equal(now.snapshots, before.snapshots, 'it went on from its cursor');
    await page.context().close();
  });

  test('a page that is left lets go of its connection, and has it back when it is shown again', async () => {
    const page = await openPage(site, '/b/fleet');
    const before = await live(page, 10);
    const socket = page.waitForEvent('websocket');
    const turn = (name) => page.evaluate((name) => window.dispatchEvent(new PageTransitionEvent(name, { persisted: true })), name);
    await turn('pagehide');
    await until('the connection to end', async () => (await state(page)).status === 'offline');
    await turn('pageshow');
    await socket;
    const now = await live(page, 10);
    assert.equal(now.snapshots, before.snapshots, 'it went on from its cursor');
    await page.context().close();
  });

  test('it comes back by itself when the server was killed', async () => {
    const page = await openPage(site, '/b/fleet');
    await live(page, 10);
    await site.server.kill9();
    await until('the page to notice', async () => (await state(page)).status !== 'live');
    await site.server.restart();
    await live(page, 10);
    await publish(site.server, { key: 'bus-01', fields: { passengers: 33 } });
    await page.getByTestId('list').getByText('bus-01', { exact: true }).click();
    await until('new changes', async () => (await page.getByTestId('card').innerText()).includes('33'));
    await page.context().close();
  });

  test('everything works from the keyboard', async () => {
    const page = await openPage(site, '/b/fleet');
    await live(page, 10);
    await page.keyboard.press('/');
    await page.keyboard.type('bus-07');
    await until('the search to narrow the list', async () => (await page.getByTestId('list').getByRole('option').count()) === 1);
    await page.keyboard.press('Tab');
    await page.getByTestId('list').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('card').waitFor();
    assert.ok((await page.getByTestId('card').innerText()).includes('bus-07'));
    await page.keyboard.press('f');
    assert.equal(await page.getByTestId('follow').getAttribute('aria-pressed'), 'true');
    await page.keyboard.press('Escape');
    await until('the card to close', async () => (await page.getByTestId('card').count()) === 0);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await until('the help to close', async () => !(await page.getByRole('dialog').isVisible()));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('an item that was found stands beside its card, also while it is followed', async () => {
    const at = (lon) => ({ key: 'found-one', position: { lat: 30.27, lon }, fields: { passengers: 4 } });
    await publish(site.server, at(-97.7186));
    for (const width of [1_024, 1_280]) {
      // 250 px right of the middle: in view, and where the card will be.
      const page = await openPage(site, '/b/fleet#13/30.27/-97.74', { viewport: { width, height: 800 } });
      await live(page, 10);
      await page.keyboard.press('/');
      await page.keyboard.type('found-one');
      await page.getByTestId('list').getByText('found-one', { exact: true }).click();
      const card = page.getByTestId('card');
      await card.waitFor();
      const isBeside = async () => {
        const mark = await page.evaluate(() => window.heliograph.screen('found-one'));
        const [map, over] = [await page.locator('.map-items').boundingBox(), await card.boundingBox()];
        return mark && mark.x > 24 && map.x + mark.x + 24 < over.x && mark.y > 24 && mark.y < map.height - 24;
      };
      await until(`the item beside its card at ${width} px`, isBeside);
      await sleep(1_200);
      assert.ok(await isBeside(), `it came to rest there at ${width} px`);
      await page.getByTestId('follow').click();
      await publish(site.server, at(-97.70));
      await sleep(2_500);
      await until('it to be followed', isBeside);
      await publish(site.server, at(-97.7186));
      assert.deepEqual(page.faults(), []);
      await page.context().close();
    }
  });

  test('the address holds the view', async () => {
    const page = await openPage(site, '/b/fleet?item=bus-02&tab=top#12.5/30.27/-97.75');
    await live(page, 10);
    await page.getByTestId('card').waitFor();
    assert.ok((await page.getByTestId('card').innerText()).includes('bus-02'));
    await page.getByTestId('top').waitFor();
    await page.reload();
    await live(page, 10);
    await page.getByTestId('card').waitFor();
    await page.waitForURL(/item=bus-02/);
    await page.waitForURL(/#12\.5\//);
    await page.context().close();
  });

  for (const [name, options] of [['desktop', DESKTOP], ['phone', PHONE], ['narrow phone', { ...PHONE, viewport: { width: 320, height: 640 } }]]) {
    test(`nothing is cut off or inaccessible on a ${name}, light and dark`, async () => {
      for (const colorScheme of ['light', 'dark']) {
        const page = await openPage(site, '/b/fleet', { ...options, colorScheme });
        await live(page, 10);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
        assert.deepEqual(await axeFindings(page), [], colorScheme);
        assert.deepEqual(page.faults(), []);
        await page.context().close();
      }
    });
  }

  test('the table twin is a real table that says what the map shows', async () => {
    const page = await openPage(site, '/b/fleet?tab=table');
    const { items } = await live(page, 10);
    const table = page.getByRole('table').first();
    await table.waitFor();
    await until('the table to have its rows', async () => (await table.innerText()).includes('bus-04'));
    assert.ok((await table.getByRole('columnheader').count()) >= 3);
    assert.ok(items >= 10);
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });

  test('an unknown board and an unknown page say what to do', async () => {
    const nothing = await openPage(site, '/b/nowhere');
    await nothing.getByRole('link', { name: /all boards/i }).first().waitFor();
    await nothing.context().close();
    const lost = await openPage(site, '/lost');
    await lost.getByRole('link', { name: /all boards/i }).first().waitFor();
    await lost.context().close();
  });

  test('the real buses of Austin move', { skip: existsSync(BUSES) ? false : `${BUSES} is not there` }, async () => {
    const page = await openPage(site, '/b/fleet');
    await live(page);
    const args = ['replay', BUSES, '--board', 'fleet', '--key', 'vehicle_id', '--time', 'timestamp', '--lat', 'latitude', '--lon', 'longitude', '--speed', '60', '--start', '07:00'];
    const env = { ...process.env, HELIOGRAPH_URL: site.server.url, HELIOGRAPH_KEY: site.server.adminKey };
    const replay = spawn(HELIOGRAPH, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    replay.stderr.on('data', (d) => (said += d));
    try {
      await until(`the buses to be drawn (${said})`, async () => (await state(page)).drawn > 200, 60_000);
      const items = await fetch(`${site.server.url}/v1/boards/fleet/items`).then((r) => r.json());
      const keys = items.items.filter((i) => /^\d+$/.test(i.key)).map((i) => i.key);
      assert.ok(keys.length > 180, `${keys.length} buses`);
      const places = () => page.evaluate((ks) => ks.map((k) => window.heliograph.screen(k)), keys);
      const first = await places();
      await until('fifty buses to have moved', async () => {
        const next = await places();
        return next.filter((p, i) => p && first[i] && Math.hypot(p.x - first[i].x, p.y - first[i].y) > 1).length >= 50;
      }, 60_000);
      for (const i of items.items) assert.ok(!(i.position && Math.abs(i.position.lat) < 0.001 && Math.abs(i.position.lon) < 0.001), `${i.key} at 0, 0`);
      for (const i of items.items) assert.ok((i.position?.speed ?? 0) < 60, `${i.key} at ${i.position?.speed} m/s`);
      assert.deepEqual(page.faults(), []);
    } finally {
      replay.kill('SIGTERM');
    }
    await page.context().close();
  });
});
