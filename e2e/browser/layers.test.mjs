// Layers under the items of a map: drawn, switched, named and in the address, in the system's Chromium, against the real worker.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { colourAt, isColour } from './support/pixels.mjs';
import { PHONE, axeFindings, live, manage, openPage, openSite, publish, state, until } from './support/site.mjs';

const GREEN = [[0x2f, 0x7a, 0x1c], [0x8f, 0xd6, 0x5a]];
const LAND = [0xf6, 0xf4, 0xee];
const MIDDLE = { lat: 30.27, lon: -97.74 };
const STREET = {
  type: 'Feature', properties: { name: 'Congress <b>Avenue</b>' },
  geometry: { type: 'LineString', coordinates: [[-97.76, 30.27], [-97.72, 30.27]] },
};
const ZONE = { type: 'Polygon', coordinates: [[[-97.745, 30.272], [-97.735, 30.272], [-97.735, 30.278], [-97.745, 30.278]]] };
const LAYERS = [
  { id: 'zones', name: 'Zones', color: 'purple', shown: false },
  { id: 'streets', name: 'Streets', color: 'green', width: 8, attribution: '© City & <i>Co</i>' },
  { id: 'later', name: 'Later', shown: false },
];

describe('layers of a map', { timeout: 300_000 }, () => {
  let site;
  const call = (method, path, body) => manage(site.server, method, path, body);
  before(async () => {
    site = await openSite();
    await call('PUT', '/v1/boards/streets', { title: 'Streets', visibility: 'public', map: { layers: LAYERS } });
    await call('PUT', '/v1/boards/streets/layers/streets', STREET);
    await call('PUT', '/v1/boards/streets/layers/zones', ZONE);
    await publish(site.server, [{ key: 'bus', position: MIDDLE }], 'streets');
  });
  after(() => site?.close());

  const AT = '#15/30.27/-97.74';
  const open = async (query = '', options) => {
    const page = await openPage(site, `/b/streets/map${query}${AT}`, options);
    await live(page, 1);
    await until('the mark', async () => (await state(page)).drawn === 1);
    return page;
  };
  /** A place on the page beside the bus, in pixels. */
  const beside = async (page, dx, dy) => {
    const mark = await page.evaluate(() => window.heliograph.screen('bus'));
    const map = await page.getByTestId('map').boundingBox();
    return [map.x + mark.x + dx, map.y + mark.y + dy];
  };
  const colour = async (page, dx, dy) => colourAt(page, ...(await beside(page, dx, dy)));
  const switches = (page) => page.getByTestId('layers');
  const query = (page) => new URL(page.url()).searchParams.get('layers');

  test('what the config shows is drawn under the items, by day and by night, with where it comes from', async () => {
    const page = await open();
    await until('the street', async () => isColour(await colour(page, 60, 0), GREEN[0]));
    assert.ok(isColour(await colour(page, 30, -160), LAND), 'the zone is not shown');
    const corner = page.locator('.maplibregl-ctrl-attrib');
    assert.match(await corner.innerText(), /© City & <i>Co<\/i>/);
    await page.emulateMedia({ colorScheme: 'dark' });
    await until('its colour for dark ground', async () => isColour(await colour(page, 60, 0), GREEN[1]));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a switch shows and hides a layer, by keyboard too, and the address remembers it', async () => {
    const page = await open();
    await until('the street', async () => isColour(await colour(page, 60, 0), GREEN[0]));
    const land = await colour(page, 30, -160);
    await switches(page).locator('summary').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('checkbox', { name: 'Zones' }).focus();
    await page.keyboard.press('Space');
    await until('the zone', async () => !isColour(await colour(page, 30, -160), land));
    await until('the address', () => query(page) === 'zones,streets');
    await page.getByRole('checkbox', { name: 'Streets' }).uncheck();
    await until('the street to go', async () => !isColour(await colour(page, 60, 0), GREEN[0]));
    await until('the address', () => query(page) === 'zones');
    assert.ok(!(await page.locator('.maplibregl-ctrl-attrib').innerText()).includes('City'));
    assert.deepEqual(await axeFindings(page), []);
    await page.reload();
    await live(page, 1);
    await until('the zone again', async () => !isColour(await colour(page, 30, -160), land));
    assert.ok(!isColour(await colour(page, 60, 0), GREEN[0]));
    await switches(page).locator('summary').click();
    await page.getByRole('checkbox', { name: 'Zones' }).uncheck();
    await until('none in the address', () => query(page) === '');
    await page.getByRole('checkbox', { name: 'Streets' }).check();
    await until('nothing in the address: it is the config again', () => query(page) === null);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('what is under the pointer is named, as text', async () => {
    const page = await open();
    await until('the street', async () => isColour(await colour(page, 60, 0), GREEN[0]));
    await page.mouse.move(...(await beside(page, 60, 30)));
    await page.mouse.move(...(await beside(page, 60, 1)));
    const label = page.locator('.mark-label.tooltip').filter({ hasText: 'Congress' });
    await label.waitFor();
    assert.equal((await label.innerText()).replace(/\s+/g, ' '), 'Congress <b>Avenue</b> Streets');
    await page.mouse.move(...(await beside(page, 60, 60)));
    await label.waitFor({ state: 'hidden' });
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a layer that does not come is told with a way to try again, and the items are there', async () => {
    const page = await open('?layers=later', PHONE);
    await switches(page).locator('summary').click();
    const later = switches(page).locator('li').filter({ hasText: 'Later' });
    await until('that there is none', async () => (await later.getByRole('status').innerText()).includes('Later has no data yet.'));
    await page.route('**/layers/streets', (route) => route.abort());
    await page.getByRole('checkbox', { name: 'Streets' }).check();
    const streets = switches(page).locator('li').filter({ hasText: 'Streets' });
    await until('that it failed', async () => (await streets.getByRole('status').innerText()).includes("Streets could not be loaded: The server can't be reached"));
    assert.equal((await state(page)).drawn, 1);
    assert.deepEqual(await axeFindings(page), []);
    await page.unroute('**/layers/streets');
    await page.getByRole('button', { name: 'Try again to load Streets' }).click();
    await until('the street', async () => isColour(await colour(page, 60, 0), GREEN[0]));
    assert.equal(await streets.getByRole('status').innerText(), '');
    await page.context().close();
  });

  test('a map in a frame has them too, as its address says', async () => {
    await call('PUT', '/v1/boards/streets', { title: 'Streets', visibility: 'public', map: { layers: LAYERS }, embed: { sites: ['*'] } });
    const page = await openPage(site, '/embed/streets?widget=map&camera=15/30.27/-97.74&layers=zones');
    await page.locator('.map-buttons').waitFor();
    await page.getByTestId('layers').locator('summary').click();
    await until('the zone', async () => page.getByRole('checkbox', { name: 'Zones' }).isChecked());
    assert.equal(await page.getByRole('checkbox', { name: 'Streets' }).isChecked(), false);
    const map = await page.locator('.maplibregl-canvas').boundingBox();
    const at = (dx) => colourAt(page, map.x + map.width / 2 + dx, map.y + map.height / 2);
    assert.ok(!isColour(await at(60), GREEN[0]));
    await page.getByRole('checkbox', { name: 'Streets' }).check();
    await until('the street', async () => isColour(await at(60), GREEN[0]));
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });
});
