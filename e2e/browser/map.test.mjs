// What the map draws and when, in the system's Chromium, against the real worker.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { PHONE, axeFindings, live, openPage, openSite, publish, state, until } from './support/site.mjs';

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
    await path.getByRole('combobox').selectOption({ label: 'Not shown' });
    await until('the line to go', async () => !(await page.locator('.map-items').screenshot()).equals(drawn));
    assert.ok(!(await path.innerText()).includes('km'));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
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
