// What people tripped over on the screens, each as they would meet it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { heliograph } from '../server.mjs';
import { DESKTOP, PHONE, buses, live, openPage, openSite, publish, until } from './support/site.mjs';

describe('what people tripped over', { timeout: 300_000 }, () => {
  let site;
  const call = async (method, path, body) => {
    const headers = { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`${site.server.url}/v1/boards/${path}`, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, await answer.clone().text());
  };

  before(async () => {
    site = await openSite();
    for (const board of ['quiz', 'arena']) assert.equal(heliograph(site.server, ['board', 'apply', `boards/${board}.json`]).status, 0);
    await publish(site.server, buses());
  });
  after(() => site?.close());

  test('a copied link shows what the screen shows, also while an item is followed', async () => {
    const page = await openPage(site, '/b/fleet?item=bus-03#9/30.27/-97.74', DESKTOP);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await live(page, 10);
    const card = page.getByTestId('card');
    await card.waitFor();
    await page.getByTestId('follow').click();
    const zoomIn = page.getByRole('button', { name: 'Zoom in' });
    for (let i = 0; i < 3; i += 1) {
      await zoomIn.click();
      // It moves on, so that the map that follows it does not rest.
      await publish(site.server, { key: 'bus-03', position: { lat: 30.274 + i * 0.001, lon: -97.742 + i * 0.001, speed: 8 } });
      await page.waitForTimeout(600);
    }
    await card.getByRole('button', { name: 'Copy link' }).click();
    const link = await until('the link', async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      return text.startsWith('http') && text;
    });
    assert.match(link, /item=bus-03/);
    const [, zoom] = /#([\d.]+)\//.exec(link);
    assert.ok(Number(zoom) > 10.5, `three levels closer than 9: ${link}`);
    assert.equal(page.url(), link, 'the bar says the same');
    // Whoever opens it sees as much.
    const other = await openPage(site, link.slice(site.url.length), DESKTOP);
    await live(other, 10);
    assert.match(other.url(), new RegExp(`#${zoom.replace('.', '\\.')}`));
    await page.context().close();
    await other.context().close();
  });

  test('over a list on a phone lies nothing of the map', async () => {
    const page = await openPage(site, '/b/fleet', PHONE);
    await live(page, 10);
    const covers = () => page.evaluate(() => {
      const panel = document.querySelector('.panel');
      const list = panel.getBoundingClientRect();
      const found = [];
      for (const control of document.querySelectorAll('.maplibregl-ctrl-attrib, .maplibregl-ctrl-scale, .map-buttons, .map-keys')) {
        const box = control.getBoundingClientRect();
        const [left, right] = [Math.max(box.left, list.left), Math.min(box.right, list.right)];
        const [top, bottom] = [Math.max(box.top, list.top), Math.min(box.bottom, list.bottom)];
        if (right - left < 1 || bottom - top < 1) continue;
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        if (!panel.contains(hit)) found.push(control.className);
      }
      return found;
    });
    assert.deepEqual(await covers(), []);
    await page.getByTestId('list').getByText('bus-05', { exact: true }).waitFor();
    await page.context().close();
  });

  test('the arena begins without scrolling on a laptop', async () => {
    for (const viewport of [{ width: 1_400, height: 900 }, { width: 1_280, height: 720 }]) {
      const page = await openPage(site, '/arena', { viewport });
      const go = page.getByTestId('go');
      await go.waitFor();
      const { y, height } = await go.boundingBox();
      assert.ok(y + height <= viewport.height - 12, `Start ends at ${y + height} of ${viewport.height}`);
      await page.context().close();
    }
  });

  test('a title on a phone says what the page is', async () => {
    for (const path of ['/quiz', '/quiz/lead', '/quiz/play', '/arena', '/b/fleet']) {
      const page = await openPage(site, path, PHONE);
      const title = page.getByRole('heading', { level: 1 }).first();
      await title.waitFor();
      const { shown, whole } = await title.evaluate((h1) => ({ shown: h1.clientWidth, whole: h1.scrollWidth }));
      assert.ok(shown >= Math.min(whole, 80), `${path}: ${shown} of ${whole} px`);
      await page.context().close();
    }
  });

  test('on a phone an item’s card begins with what it does now, in one unit, and its chart comes after that', async () => {
    const page = await openPage(site, '/b/fleet?item=bus-03', PHONE);
    await live(page, 10);
    const card = page.getByTestId('card');
    await card.waitFor();
    const speed = await card.getByText(/\d km\/h/).first().boundingBox();
    assert.ok(speed.y + speed.height <= PHONE.viewport.height, `its speed ends at ${speed.y + speed.height}`);
    const chart = page.getByTestId('card-chart');
    await chart.waitFor({ state: 'attached' });
    const below = await chart.boundingBox();
    assert.ok(!below || below.y > speed.y, `the chart at ${below?.y}, the speed at ${speed.y}`);
    assert.doesNotMatch(await card.innerText(), /\bm\/s\b/);
    await page.context().close();
  });

  test('on the first page nothing lies over what a card says', async () => {
    await call('PUT', 'nothing-yet', { title: 'Nothing yet', visibility: 'public', scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] } });
    for (const options of [DESKTOP, PHONE, { viewport: { width: 640, height: 400 } }]) {
      const page = await openPage(site, '/', options);
      await page.locator('.board-card').filter({ hasText: 'Nothing yet' }).waitFor();
      const covered = await page.evaluate(() => {
        const found = [];
        for (const card of document.querySelectorAll('.board-card')) {
          for (const leaf of card.querySelectorAll('*')) {
            const says = [...leaf.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
            if (!says || !leaf.checkVisibility() || leaf.closest('[aria-hidden=true]')) continue;
            leaf.scrollIntoView({ block: 'center', behavior: 'instant' });
            const box = leaf.getBoundingClientRect();
            const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            // The link of a card lies over all of it, and shows what is below.
            const isOwn = hit && (leaf.contains(hit) || hit.contains(leaf) || (hit.closest('.board-card') === card && hit.closest('.card-link')));
            if (!isOwn) found.push(`${leaf.textContent.trim()}: covered by ${hit?.tagName}.${hit?.className}`);
          }
        }
        return found;
      });
      assert.deepEqual(covered, []);
      await page.context().close();
    }
  });

  test('a frozen board that has nothing says that it is frozen, and not that a score would show', async () => {
    await call('PUT', 'still', { title: 'Still', visibility: 'public', scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] }, sessions: { required: false } });
    await call('POST', 'still/sessions', { id: 's', title: 'Round' });
    for (const action of ['open', 'freeze']) await call('POST', 'still/sessions/s', { action });
    const page = await openPage(site, '/b/still/scores', DESKTOP);
    await page.getByText('The board is frozen: what happens now is shown when it is revealed.').waitFor();
    assert.equal(await page.getByText('The first score puts somebody on the board.').count(), 0);
    await page.context().close();
  });
});
