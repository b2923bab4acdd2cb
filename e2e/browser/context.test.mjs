// A map that loses its WebGL contexts while other things happen: what changed meanwhile is there when they come back.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { colourAt, isColour } from './support/pixels.mjs';
import { live, manage, openPage, openSite, publish, state, until } from './support/site.mjs';

const LAND = [[0xf6, 0xf4, 0xee], [0x18, 0x24, 0x30]];
const GREEN = [[0x2f, 0x7a, 0x1c], [0x8f, 0xd6, 0x5a]];
const BLUE = [0x0a, 0x5c, 0xba];
const MIDDLE = { lat: 30.27, lon: -97.74 };
const STREET = {
  type: 'Feature', properties: { name: 'Street' },
  geometry: { type: 'LineString', coordinates: [[-97.76, 30.27], [-97.72, 30.27]] },
};
const LAYERS = [{ id: 'streets', name: 'Streets', color: 'green', width: 8, shown: false }];
const ITEMS = '.map-items';
const BASEMAP = '.maplibregl-canvas';

describe('a lost context', { timeout: 300_000 }, () => {
  let site;
  const call = (method, path, body) => manage(site.server, method, path, body);
  before(async () => {
    site = await openSite();
    await call('PUT', '/v1/boards/lost', { title: 'Lost', visibility: 'public', map: { layers: LAYERS } });
    await call('PUT', '/v1/boards/lost/layers/streets', STREET);
    await publish(site.server, Array.from({ length: 5 }, (_, n) => ({ key: `bus-${n}`, position: { lat: MIDDLE.lat, lon: MIDDLE.lon + n * 1e-6 } })), 'lost');
  });
  after(() => site?.close());

  const open = async (query = '') => {
    const page = await openPage(site, `/b/lost/map${query}#15/30.27/-97.74`);
    await live(page, 5);
    await until('the marks', async () => (await state(page)).frames > 0);
    return page;
  };
  const lose = (page, selector) => page.evaluate((selector) => {
    window.lost = document.querySelector(selector).getContext('webgl2').getExtension('WEBGL_lose_context');
    window.lost.loseContext();
  }, selector);
  const restore = (page) => page.evaluate(() => window.lost.restoreContext());
  const colour = async (page, dx, dy) => {
    const mark = await page.evaluate(() => window.heliograph.screen('bus-0'));
    const map = await page.getByTestId('map').boundingBox();
    return colourAt(page, map.x + mark.x + dx, map.y + mark.y + dy);
  };
  // MapLibre warns that somebody must add a custom layer again, which is what happens.
  const faults = (page) => page.faults().filter((fault) => !fault.includes('cannot be restored after WebGL context loss'));

  test('a theme and a layer that are chosen without a basemap are there when it comes back', async () => {
    const page = await open();
    // Beside the line of the latitude.
    await until('land', async () => isColour(await colour(page, 60, 60), LAND[0]));
    await lose(page, BASEMAP);
    await sleep(300);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByTestId('layers').locator('summary').click();
    await page.getByRole('checkbox', { name: 'Streets' }).check();
    await page.mouse.move(600, 400);
    await sleep(1_000);
    await restore(page);
    await until('the street for dark ground', async () => isColour(await colour(page, 60, 0), GREEN[1]));
    assert.ok(isColour(await colour(page, 60, 60), LAND[1]), `${await colour(page, 60, 60)}`);
    // Also what is hidden meanwhile.
    await lose(page, BASEMAP);
    await sleep(300);
    await page.getByRole('checkbox', { name: 'Streets' }).uncheck();
    await restore(page);
    await until('land again', async () => isColour(await colour(page, 60, 0), LAND[1]));
    assert.equal((await state(page)).map, 'ready');
    assert.deepEqual(faults(page), []);
    await page.context().close();
  });

  test('a context that is lost again while it comes back is no reason to give up', async () => {
    const page = await open();
    await until('the mark', async () => isColour(await colour(page, 0, 0), BLUE));
    await lose(page, ITEMS);
    await sleep(300);
    await page.evaluate((selector) => {
      const again = () => window.lost.loseContext();
      document.querySelector(selector).addEventListener('webglcontextrestored', again, { once: true, capture: true });
    }, ITEMS);
    await restore(page);
    await sleep(500);
    assert.equal((await state(page)).map, 'ready');
    await restore(page);
    await until('the mark again', async () => isColour(await colour(page, 0, 0), BLUE));
    assert.deepEqual(faults(page), []);
    await page.context().close();
  });

  test('clusters, heat and hexagons come back', async () => {
    for (const density of ['clusters', 'heat', 'hex']) {
      const page = await open(`?density=${density}`);
      await until('one group', async () => (await state(page)).groups.map(({ count }) => count).join() === '5');
      const { x, y } = (await state(page)).groups[0];
      const map = await page.getByTestId('map').boundingBox();
      const seen = async () => (await colourAt(page, map.x + x, map.y + y + (density === 'clusters' ? 13 : 0))).join();
      const land = LAND[0].join();
      await until('it', async () => (await seen()) !== land);
      const before = await seen();
      await lose(page, ITEMS);
      await until('it to go', async () => (await seen()) !== before);
      await restore(page);
      await until('it again', async () => (await seen()) === before);
      assert.deepEqual(faults(page), []);
      await page.context().close();
    }
  });
});
