// Units by choice: from the list in the bar, by the address, and in frames of other sites.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openEmbeds } from './support/embeds.mjs';
import { axeFindings, openPage, publish, until } from './support/site.mjs';

describe('units', { timeout: 300_000 }, () => {
  let site, host, call, element, open, frame, shows, close;
  before(async () => {
    ({ site, host, call, element, open, frame, shows, close } = await openEmbeds());
    await call('/v1/boards/gauges', {
      title: 'Gauges',
      visibility: 'public',
      fields: { temp: { unit: '°C' }, depth: { unit: 'm' }, level: { unit: '%' } },
      embed: { sites: [host.url] },
    });
    const position = { lat: 30.27, lon: -97.74, speed: 10, altitude: 100 };
    await publish(site.server, { key: 'g1', position, fields: { temp: 21.5, depth: 3.048, level: 40 } }, 'gauges');
  });
  after(() => close?.());

  const card = (page, ...parts) =>
    until(parts.join(', '), async () => {
      const text = await page.getByTestId('card').innerText();
      return parts.every((part) => text.includes(part));
    });

  test('a choice is kept, the address wins over it, and fields are converted by their unit', async () => {
    const page = await openPage(site, '/b/gauges/map?item=g1');
    await card(page, '36 km/h', '100 m', '21.5 °C', '3.048 m', '40%');
    const list = page.getByRole('combobox', { name: 'Units' });
    assert.equal(await list.inputValue(), 'own');
    await list.selectOption('imperial');
    await card(page, '22 mph', '328.1 ft', '70.7 °F', '10 ft', '40%');
    assert.deepEqual(await axeFindings(page), []);
    await page.reload();
    await card(page, '22 mph', '70.7 °F');
    await page.goto(`${site.url}/b/gauges/map?item=g1&units=nautical`);
    await card(page, '19.4 kn', '100 m', '21.5 °C');
    // The page writes its address anew, and what was asked for stays in it.
    await page.getByRole('tab', { name: 'Top' }).click();
    await until('the tab in the address', async () => page.url().includes('tab=top'));
    assert.equal(new URL(page.url()).searchParams.get('units'), 'nautical');
    // A choice on such a page changes its address.
    await page.getByTestId('units').selectOption('si');
    await card(page, '10 m/s');
    assert.equal(new URL(page.url()).searchParams.get('units'), 'si');
    await page.goto(`${site.url}/b/gauges/map?item=g1&units=parsecs`);
    await card(page, '10 m/s');
    await page.getByTestId('units').selectOption('own');
    await card(page, '36 km/h', '21.5 °C');
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('the bar has room for the list wherever it shows it', async () => {
    for (const width of [1081, 1280]) {
      const page = await openPage(site, '/b/gauges/map', { viewport: { width, height: 800 } });
      await page.getByTestId('units').waitFor();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}`);
      const box = await page.getByTestId('units').boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= width, `${width}: ${JSON.stringify(box)}`);
      await page.context().close();
    }
  });

  test('a frame has the units of its element, and another choice loads it again', async () => {
    const opened = await open(element('gauges', 'units="nautical"', 'widget=table&columns=temp,depth,speed'));
    await shows(await frame(opened), '19.4 kn');
    await opened.evaluate(() => document.querySelector('heliograph-board').setAttribute('units', 'imperial'));
    await until('the frame to be loaded again', async () => (await frame(opened)).url().includes('units=imperial'));
    const inside = await frame(opened);
    await shows(inside, '22 mph');
    const row = await inside.locator('tbody tr:not([hidden])').first().innerText();
    assert.match(row, /70\.7 °F[\s\S]*10 ft[\s\S]*22 mph/);
    assert.deepEqual(opened.faults, []);
  });
});
