// What the map draws and when, in the system's Chromium, against the real worker.
// Runs alone: it counts frames.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { PHONE, axeFindings, live, manage, openPage, openSite, publish, state, until } from './support/site.mjs';

const CROWD = 4_000;

describe('the map', { timeout: 300_000 }, () => {
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  /** Items in a square around a place, with their numbers as keys. */
  const crowd = (count, [lat, lon], size, name) => {
    const side = Math.ceil(Math.sqrt(count));
    const part = (at) => (at / side - 0.5) * size;
    return Array.from({ length: count }, (_, at) => ({
      key: `${name}-${at}`,
      position: { lat: lat + part(Math.floor(at / side)), lon: lon + part(at % side) },
    }));
  };

  test('an idle map draws nothing, and again once something moves', async () => {
    await publish(site.server, crowd(9, [30.27, -97.74], 0.03, 'still'));
    const page = await openPage(site, '/b/fleet#13/30.27/-97.74');
    await live(page, 9);
    await until('nine marks', async () => (await state(page)).drawn === 9);
    await page.mouse.move(5, 5);
    await sleep(2_500);
    const before = await state(page);
    await sleep(3_000);
    assert.equal((await state(page)).frames, before.frames, 'nothing moved');
    await publish(site.server, { key: 'still-4', position: { lat: 30.272, lon: -97.74 } });
    await until('the move to be drawn', async () => (await state(page)).frames > before.frames + 2);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('far out many are dots and one stands for its place; near by they are marks again', async () => {
    for (let at = 0; at < CROWD; at += 1_000) {
      await publish(site.server, crowd(CROWD, [30.1, -98.1], 0.1, 'crowd').slice(at, at + 1_000));
    }
    const page = await openPage(site, '/b/fleet#10.5/30.1/-98.1');
    await live(page, CROWD);
    const far = await until('dots', async () => {
      const now = await state(page);
      return now.areDots && now.drawn > 100 ? now : false;
    });
    assert.ok(far.drawn < far.visible, `${far.drawn} of ${far.visible} are drawn`);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
    const close = await openPage(site, '/b/fleet#16/30.1/-98.1');
    await live(close, CROWD);
    const near = await until('marks', async () => {
      const now = await state(close);
      return now.map === 'ready' && now.frames > 0 && !now.areDots ? now : false;
    });
    assert.equal(near.drawn >= near.visible, true, `${near.drawn} of ${near.visible} are drawn`);
    await close.context().close();
    // What no dot stands for is found all the same.
    const key = `crowd-${CROWD / 2 + 31}`;
    const found = await openPage(site, `/b/fleet?item=${key}#10.5/30.1/-98.1`);
    await live(found, CROWD);
    await found.getByTestId('card').waitFor();
    assert.ok((await found.getByTestId('card').innerText()).includes(key));
    assert.deepEqual(found.faults(), []);
    await found.context().close();
  });

  test('the way that an item came is drawn, measured and saved as a file, and goes when it is not wanted', async () => {
    const MINUTE = 60_000;
    const now = Date.now();
    // 19 steps of 111.2 m.
    const fixes = Array.from({ length: 20 }, (_, at) => ({
      key: 'rider',
      time: now - (20 - at) * MINUTE,
      position: { lat: 30.3 + at * 0.001, lon: -97.7 },
    }));
    await publish(site.server, fixes);
    const page = await openPage(site, '/b/fleet?item=rider#14/30.31/-97.7');
    await live(page, 1);
    const path = page.getByTestId('path');
    await until('its length', async () => (await path.innerText()).includes('2.1 km'));
    assert.deepEqual(await axeFindings(page), []);
    const drawn = await page.locator('.map-items').screenshot();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      path.getByRole('button', { name: 'Save as GPX' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'rider.gpx');
    assert.equal((await readFile(await file.path(), 'utf8')).match(/<trkpt /g).length, 20);
    await path.getByText('Trips and stops').click();
    const trips = path.getByTestId('trips').locator('li');
    await until('its one trip', async () => (await trips.allInnerTexts()).some((text) => /Trip\s+2\.1 km in 19 min/.test(text.replace(/\s+/g, ' '))));
    assert.deepEqual(await axeFindings(page), []);
    await path.getByRole('combobox').selectOption({ label: 'Not shown' });
    await until('the line to go', async () => !(await page.locator('.map-items').screenshot()).equals(drawn));
    assert.ok(!(await path.innerText()).includes('km'));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('marks have the colour and the shape of their rule, the legend counts them, and a change shows at once', async () => {
    const rules = [
      { label: 'Late', where: ['status:eq:late'], color: 'red', shape: 'square' },
      { label: 'Low on fuel', where: ['fuel:lt:15'], color: 'green', shape: 'triangle' },
    ];
    const config = { title: 'Looks', visibility: 'public', map: { marks: rules } };
    await manage(site.server, 'PUT', '/v1/boards/looks', config);
    const at = (n) => ({ lat: 30.27, lon: -97.74 + n * 0.004 });
    await publish(site.server, [
      { key: 'late', position: at(0), fields: { status: 'late', fuel: 3 } },
      { key: 'low', position: at(1), fields: { fuel: 3 } },
      { key: 'plain', position: at(2), fields: { fuel: 80 } },
    ], 'looks');
    const page = await openPage(site, '/b/looks#15/30.27/-97.736');
    await live(page, 3);
    await until('three marks', async () => (await state(page)).drawn === 3);
    const legend = page.getByTestId('legend');
    const lines = async () => (await legend.locator('li').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
    await until('the counts', async () => (await lines()).join() === 'Late 1,Low on fuel 1,Others 1');

    /** Red, green and blue beside an item's middle, as people see the page. */
    const colour = async (key, dx = 0, dy = 0) => {
      const mark = await page.evaluate((k) => window.heliograph.screen(k), key);
      const map = await page.getByTestId('map').boundingBox();
      const clip = { x: Math.round(map.x + mark.x + dx), y: Math.round(map.y + mark.y + dy), width: 1, height: 1 };
      const bytes = (await page.screenshot({ clip })).toString('base64');
      return page.evaluate(async (text) => {
        const png = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: 'image/png' });
        const canvas = new OffscreenCanvas(1, 1);
        canvas.getContext('2d').drawImage(await createImageBitmap(png), 0, 0);
        return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data].slice(0, 3);
      }, bytes);
    };
    const is = (seen, wanted) => seen.every((part, n) => Math.abs(part - wanted[n]) <= 12);
    const RED = [0xc2, 0x1f, 0x1f], GREEN = [0x2f, 0x7a, 0x1c], BLUE = [0x0a, 0x5c, 0xba];
    await until('their colours', async () =>
      is(await colour('late'), RED) && is(await colour('low'), GREEN) && is(await colour('plain'), BLUE));
    // The corner of a square is in it, and out of a disc.
    assert.ok(is(await colour('late', 4, 4), RED), `a square's corner: ${await colour('late', 4, 4)}`);
    assert.ok(!is(await colour('plain', 5, 5), BLUE), `a disc has no corner: ${await colour('plain', 5, 5)}`);

    // In words too: in the list, and on the card.
    assert.match(await page.getByTestId('list').getByRole('option').filter({ hasText: 'low' }).innerText(), /Low on fuel/);
    await page.getByTestId('list').getByText('late', { exact: true }).click();
    assert.equal(await page.getByTestId('meaning').innerText(), 'Late');
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');

    await publish(site.server, { key: 'late', position: at(0), fields: { status: 'on time', fuel: 80 } }, 'looks');
    await until('the new counts', async () => (await lines()).join() === 'Late 0,Low on fuel 1,Others 2');
    await until('its new colour', async () => is(await colour('late'), BLUE));
    await page.emulateMedia({ colorScheme: 'dark' });
    await until('the colour for dark ground', async () => is(await colour('low'), [0x8f, 0xd6, 0x5a]));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('names stand beside marks where there is room, and go when they are not wanted', async () => {
    await publish(site.server, [
      { key: 'north', position: { lat: 30.28, lon: -97.736 } },
      { key: 'south', position: { lat: 30.26, lon: -97.736 } },
      ...crowd(9, [30.27, -97.736], 0.000_01, 'heap'),
    ], 'looks');
    const page = await openPage(site, '/b/looks#14/30.27/-97.736');
    await live(page, 14);
    const names = async () => (await page.locator('.label.name:visible').allInnerTexts()).map((text) => text.trim());
    await until('the names of who stands alone', async () => {
      const shown = await names();
      return shown.includes('north') && shown.includes('south');
    });
    assert.ok((await names()).filter((name) => name.startsWith('heap')).length <= 1, `${await names()} lie in one place`);
    await page.keyboard.press('n');
    await until('no name', async () => (await names()).length === 0);
    await page.waitForURL(/names=0/);
    assert.equal(await page.getByTestId('names').getAttribute('aria-pressed'), 'false');
    await page.reload();
    await live(page, 14);
    await until('marks', async () => (await state(page)).drawn >= 3);
    assert.deepEqual(await names(), []);
    await page.getByTestId('names').click();
    await until('names again', async () => (await names()).includes('north'));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('where the viewer is, is asked once, shown and looked at; and a refusal is told', async () => {
    const page = await openPage(site, '/b/looks#14/30.27/-97.736', { ...PHONE, geolocation: { latitude: 52.5, longitude: 13.4, accuracy: 20 }, permissions: ['geolocation'] });
    await live(page, 3);
    await page.getByTestId('here').click();
    await page.locator('.label.here:visible').waitFor();
    await until('the map to look there', async () => /\/52\.5\d*\/13\.[34]/.test(page.url()));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
    const refused = await openPage(site, '/b/looks#14/30.27/-97.736', { ...PHONE, permissions: [] });
    await live(refused, 3);
    await refused.getByTestId('here').click();
    await refused.getByText('may not know where you are').first().waitFor();
    assert.deepEqual(refused.faults(), []);
    await refused.context().close();
  });

  test('managers see the fences of a board on its map, and nobody else asks for them', async () => {
    const call = async (path, method, body) => (await manage(site.server, method, path, body)).json();
    await call('/v1/boards/yard', 'PUT', { title: 'Yard', visibility: 'private' });
    await call('/v1/boards/yard/fences/depot', 'PUT', { name: 'Depot', shape: { type: 'Point', coordinates: [-97.74, 30.27] }, radius_m: 400 });
    await call('/v1/boards/yard/fences/route', 'PUT', { shape: { type: 'LineString', coordinates: [[-97.76, 30.25], [-97.75, 30.28]] }, width_m: 150 });
    await publish(site.server, { key: 'v', position: { lat: 30.268, lon: -97.739 } }, 'yard');
    const { key: reader } = await call('/v1/keys', 'POST', { label: 'reader', grants: [{ board: 'yard', operations: ['read'], keys: ['*'] }] });
    const seen = {};
    for (const [who, key] of Object.entries({ manager: site.server.adminKey, reader })) {
      const page = await openPage(site, '/b/yard?names=0#13.5/30.27/-97.745');
      await page.getByLabel('Key or token').fill(key);
      await page.getByRole('button', { name: 'Open the board' }).click();
      await live(page, 1);
      if (who === 'manager') {
        await until('the names', async () => (await page.locator('.label.area:visible').allInnerTexts()).map((t) => t.trim()).join() === 'Depot,route');
        await sleep(500);
      } else {
        await sleep(1_500);
        assert.equal(await page.locator('.label.area').count(), 0);
      }
      seen[who] = await page.locator('.maplibregl-canvas').screenshot();
      // The form was shown because nobody may read without a key.
      assert.deepEqual(page.faults().filter((fault) => !/^401|401 \(Unauthorized\)/.test(fault)), []);
      await page.context().close();
    }
    assert.notDeepEqual(seen.manager, seen.reader, 'fences are drawn');
  });

  for (const [which, selector] of [['items', '.map-items'], ['basemap', '.maplibregl-canvas']]) {
    test(`the canvas of the ${which} survives the loss of its context`, async () => {
      const page = await openPage(site, '/b/fleet#13/30.27/-97.74', PHONE);
      await live(page, 9);
      await until('marks', async () => (await state(page)).drawn >= 9);
      const picture = () => page.locator('.map').screenshot();
      await page.evaluate((selector) => {
        const canvas = document.querySelector(selector);
        window.lost = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
        window.lost.loseContext();
      }, selector);
      await sleep(300);
      const without = await picture();
      await publish(site.server, { key: 'still-4', position: { lat: 30.27 + Math.random() / 1_000, lon: -97.742 } });
      await sleep(300);
      await page.evaluate(() => window.lost.restoreContext());
      await until('the picture to be whole', async () => !(await picture()).equals(without));
      const before = await state(page);
      await publish(site.server, { key: 'still-4', position: { lat: 30.273, lon: -97.742 + Math.random() / 1_000 } });
      await until('frames to go on', async () => (await state(page)).frames > before.frames + 2);
      assert.equal((await state(page)).map, 'ready');
      // MapLibre 6.17 warns that somebody must add a custom layer again, which is what happens.
      assert.deepEqual(page.faults().filter((fault) => !fault.includes('cannot be restored after WebGL context loss')), []);
      await page.context().close();
    });
  }
});
