// The legend of a map as a filter: a line that is pressed has the map, the list and the table show its items alone.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { colourAt, isColour } from './support/pixels.mjs';
import { PHONE, axeFindings, live, manage, openPage, openSite, publish, state, until } from './support/site.mjs';

const RED = [0xc2, 0x1f, 0x1f];
const MARKS = [
  { label: 'Late', where: ['status:eq:late'], color: 'red', shape: 'square' },
  { label: 'Low on fuel', where: ['fuel:lt:15'], color: 'green' },
];

describe('the legend as a filter', { timeout: 300_000 }, () => {
  let site;
  before(async () => {
    site = await openSite();
    const config = { title: 'Kinds', visibility: 'public', map: { marks: MARKS } };
    await manage(site.server, 'PUT', '/v1/boards/kinds', config);
    const at = (n) => ({ lat: 30.27, lon: -97.74 + n * 0.004 });
    await publish(site.server, [
      { key: 'late', position: at(0), fields: { status: 'late' } },
      { key: 'low', position: at(1), fields: { fuel: 3 } },
      { key: 'plain', position: at(2), fields: { fuel: 80 } },
    ], 'kinds');
  });
  after(() => site?.close());

  const open = async (query = '', options) => {
    const page = await openPage(site, `/b/kinds/map${query}#15/30.27/-97.736`, options);
    await live(page, 3);
    await until('three marks', async () => (await state(page)).drawn === 3);
    return page;
  };
  const line = (page, name) => page.getByTestId('legend').getByRole('button', { name });
  const listed = async (page) => {
    const options = await page.getByTestId('list').getByRole('option').allInnerTexts();
    return options.map((text) => text.trim().split(/\s/)[0]).join();
  };
  const marks = (page) => new URL(page.url()).searchParams.get('marks');
  const isRed = async (page) => {
    const mark = await page.evaluate(() => window.heliograph.screen('late'));
    const map = await page.getByTestId('map').boundingBox();
    // A faint mark is small: its corner is ground.
    return isColour(await colourAt(page, map.x + mark.x + 4, map.y + mark.y + 4), RED);
  };

  test('lines are pressed and let go, and the address remembers them', async () => {
    const page = await open();
    await until('all', async () => (await listed(page)) === 'late,low,plain' && (await isRed(page)));
    await line(page, 'Low on fuel').focus();
    await page.keyboard.press('Enter');
    await until('one', async () => (await listed(page)) === 'low' && !(await isRed(page)));
    assert.equal(await line(page, 'Low on fuel').getAttribute('aria-pressed'), 'true');
    await line(page, 'Others').click();
    await until('two', async () => (await listed(page)) === 'low,plain');
    await until('the address', () => marks(page) === '2,3');
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole('tab', { name: 'Table' }).click();
    await until('two rows', async () => (await page.getByTestId('table').locator('tbody tr').count()) === 2);
    await page.getByRole('tab', { name: 'List' }).click();
    await page.reload();
    await live(page, 3);
    await until('two again', async () => (await listed(page)) === 'low,plain');
    await line(page, 'Late').click();
    await until('all: every line is pressed', async () => (await listed(page)) === 'late,low,plain' && marks(page) === null);
    await line(page, 'Late').click();
    await until('one', async () => (await listed(page)) === 'late' && (await isRed(page)));
    await page.keyboard.press('Escape');
    await until('all', async () => (await listed(page)) === 'late,low,plain');
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('on a phone the legend is opened first', async () => {
    const page = await open('?marks=1', PHONE);
    await until('one', async () => (await listed(page)) === 'late');
    await page.getByTestId('legend').locator('summary').tap();
    await line(page, 'Late').tap();
    await until('all', async () => (await listed(page)) === 'late,low,plain');
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });
});
