// Many items on a map as clusters or hexagons: counted, the worst named, opened by mouse and keyboard, in the address and in
// frames, in the system's Chromium, against the real worker.
// Runs alone: it counts frames.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { colourAt, isColour } from './support/pixels.mjs';
import { PHONE, axeFindings, live, manage, openPage, openSite, publish, state, until } from './support/site.mjs';

const RED = [[0xc2, 0x1f, 0x1f], [0xff, 0x7d, 0x72]];
const CARD = [0xff, 0xff, 0xff];
const STEP_0 = [0x2f, 0x86, 0xa6];
const MARKS = [
  { label: 'Low on fuel', where: ['fuel:lt:15'], color: 'red', shape: 'triangle' },
  { label: 'Late', where: ['status:eq:late'], color: 'yellow', shape: 'square' },
];
/** Two heaps and one alone, each in the middle of another square of the grid of level 12; see scene/bins/grid.rs. */
const COLUMNS = 8 * 2 ** 12;
const middle = (lat, lon, east = 0, south = 0) => {
  const y = 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
  const square = [Math.floor((lon / 360 + 0.5) * COLUMNS) + 0.5 + east, Math.floor(y * COLUMNS) + 0.5 + south];
  const [x, down] = square.map((part) => part / COLUMNS);
  return { lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * down))) * 180) / Math.PI, lon: (x - 0.5) * 360 };
};
const HEAP = middle(30.27, -97.74);
const OTHER = middle(30.27, -97.74, 3, 1);
const ALONE = middle(30.27, -97.74, -2, -1);
const near = (at, n) => ({ lat: at.lat + n * 0.000_2, lon: at.lon + (n % 3) * 0.000_2 });
// They lie right of the middle: the boxes over the map are at its left.
const AT = `#12.4/${HEAP.lat.toFixed(4)}/${(HEAP.lon - (1.5 * 360) / COLUMNS).toFixed(4)}`;

describe('many items as one', { timeout: 300_000 }, () => {
  let site;
  const call = (method, path, body) => manage(site.server, method, path, body);
  before(async () => {
    site = await openSite();
    const map = { density: 'clusters', marks: MARKS };
    await call('PUT', '/v1/boards/many', { title: 'Many', visibility: 'public', map, embed: { sites: ['*'] } });
    await publish(site.server, [
      ...Array.from({ length: 12 }, (_, n) => ({ key: `heap-${n}`, position: near(HEAP, n), fields: { fuel: n === 5 ? 3 : 80 } })),
      ...Array.from({ length: 3 }, (_, n) => ({ key: `other-${n}`, position: near(OTHER, n), fields: { status: n === 1 ? 'late' : 'on time' } })),
      { key: 'alone', position: ALONE, fields: { fuel: 50 } },
    ], 'many');
  });
  after(() => site?.close());

  const groups = async (page) => (await state(page)).groups.map(({ count, worst }) => `${count}:${worst}`).sort().join();
  const open = async (query = '', options, at = AT) => {
    const page = await openPage(site, `/b/many/map${query}${at}`, options);
    await live(page, 16);
    return page;
  };
  const TWO = '12:0,3:1';
  const density = (page) => new URL(page.url()).searchParams.get('density');
  const box = (page) => page.getByTestId('density');
  const lines = (page) => box(page).getByRole('list', { name: 'Groups in view' }).getByRole('button');

  test('clusters have their number and the worst of them, and who is alone keeps the mark', async () => {
    const page = await open();
    await until('two clusters', async () => (await groups(page)) === TWO);
    assert.equal((await state(page)).drawn, 1);
    const labels = page.locator('.label.cluster:visible');
    await until('their numbers', async () => (await labels.allInnerTexts()).map((text) => text.trim()).sort().join() === '12,3');
    const map = await page.getByTestId('map').boundingBox();
    const { x, y } = (await state(page)).groups.find(({ count }) => count === 12);
    // The rim, left of the number, and the sign of the worst at the upper right.
    const colour = (dx, dy) => colourAt(page, map.x + x + dx, map.y + y + dy);
    await until('the disc', async () => isColour(await colour(-10, 4), CARD) && isColour(await colour(0, 14), RED[0]));
    assert.ok(isColour(await colour(11, -11), RED[0]), `${await colour(11, -11)}`);
    assert.deepEqual(await axeFindings(page), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    await until('the colour for dark ground', async () => isColour(await colour(0, 14), RED[1]));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('moving the map or the members within a cluster changes nothing, and nothing is drawn for what rests', async () => {
    const page = await open();
    await until('two clusters', async () => (await groups(page)) === TWO);
    const map = await page.getByTestId('map').boundingBox();
    await page.mouse.move(map.x + 300, map.y + 200);
    await page.mouse.down();
    for (let step = 1; step <= 10; step += 1) {
      await page.mouse.move(map.x + 300 + step * 6, map.y + 200 + step * 3);
      assert.equal(await groups(page), TWO);
    }
    await page.mouse.up();
    const places = async () => JSON.stringify((await state(page)).groups.map(({ x, y }) => [Math.round(x), Math.round(y)]));
    await page.mouse.move(map.x + 5, map.y + 5);
    await sleep(1_500);
    const before = await places();
    for (let step = 1; step <= 3; step += 1) {
      await publish(site.server, { key: 'heap-2', position: near(HEAP, 2 + step) }, 'many');
      await sleep(400);
      assert.equal(await groups(page), TWO);
      assert.equal(await places(), before);
    }
    await sleep(2_500);
    const { frames } = await state(page);
    await sleep(2_000);
    assert.equal((await state(page)).frames, frames, 'nothing moved');
    await publish(site.server, { key: 'heap-2', position: near(HEAP, 2) }, 'many');
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a click on a cluster shows its members, and so does a finger', async () => {
    for (const options of [undefined, PHONE]) {
      const page = await open('', options);
      await until('the heap', async () => (await groups(page)).includes('12:0'));
      const map = await page.getByTestId('map').boundingBox();
      const { x, y } = (await state(page)).groups.find(({ count }) => count === 12);
      const at = [map.x + x, map.y + y];
      if (options) {
        await page.touchscreen.tap(...at);
      } else {
        await page.mouse.move(...at);
        await page.locator('.mark-label.tooltip').filter({ hasText: '12 items, worst: Low on fuel' }).waitFor();
        await page.mouse.click(...at);
      }
      await until('its members', async () => !(await groups(page)).includes('12:0') && Number(page.url().match(/#([\d.]+)/)[1]) > 13);
      assert.deepEqual(page.faults(), []);
      await page.context().close();
    }
  });

  test('the list says what is in view, and Enter shows the members of a line', async () => {
    const page = await open();
    await until('two clusters', async () => (await groups(page)) === TWO);
    await box(page).locator('summary').focus();
    await page.keyboard.press('Enter');
    await until('two lines', async () => (await lines(page).allInnerTexts()).join() === '12 items, worst: Low on fuel,3 items, worst: Late');
    assert.deepEqual(await axeFindings(page), []);
    await lines(page).first().focus();
    await page.locator('.mark-label.tooltip').filter({ hasText: '12 items' }).waitFor();
    await page.keyboard.press('Enter');
    await until('nearer', async () => Number(page.url().match(/#([\d.]+)/)[1]) > 13);
    await until('that it is told', async () => /group/.test(await box(page).getByRole('status').innerText()));
    // The focus is where the viewer can go on.
    await until('the focus in the box', () => page.evaluate(() => Boolean(document.activeElement?.closest('[data-testid=density]'))));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  /** Whether marks are drawn: of those that lie over each other one stands for its place. */
  const marks = async (page) => {
    const { drawn, groups: together } = await state(page);
    return drawn >= 4 && together.length === 0;
  };

  test('what is chosen is in the address, and the config is not', async () => {
    const page = await open();
    await until('two clusters', async () => (await groups(page)) === TWO);
    assert.equal(density(page), null);
    await box(page).locator('summary').click();
    await page.getByRole('radio', { name: 'Each by itself' }).check();
    await until('marks', async () => (await marks(page)) && (await groups(page)) === '');
    await until('the address', () => density(page) === 'marks');
    await page.reload();
    await live(page, 16);
    await until('marks', () => marks(page));
    await box(page).locator('summary').click();
    await page.getByRole('radio', { name: 'Together' }).check();
    await until('nothing in the address: it is the config again', () => density(page) === null);
    await until('two clusters', async () => (await groups(page)) === TWO);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('only who matches a search is counted', async () => {
    const page = await open('?marks=1,2');
    await until('one of the heap and one of the other', async () => (await groups(page)) === '' && (await state(page)).drawn === 2);
    await page.keyboard.press('Escape');
    await until('two clusters', async () => (await groups(page)) === TWO);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('hexagons have a legend with their counts, by day and by night, and a list', async () => {
    const page = await open('?density=hex');
    const counted = async () => (await state(page)).groups.reduce((sum, { count }) => sum + count, 0);
    await until('everybody in a hexagon', async () => (await counted()) === 16 && (await state(page)).drawn === 0);
    const steps = box(page).locator('.density-steps li');
    await until('the legend', async () => (await steps.count()) === 5 && (await steps.last().innerText()).includes('or more'));
    assert.equal((await steps.first().innerText()).trim(), '1');
    const map = await page.getByTestId('map').boundingBox();
    const alone = (await state(page)).groups.find(({ count }) => count === 1);
    await until('its colour', async () => isColour(await colourAt(page, map.x + alone.x, map.y + alone.y), STEP_0));
    assert.ok((await lines(page).allInnerTexts()).some((text) => text.endsWith('worst: Low on fuel')));
    assert.deepEqual(await axeFindings(page), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    await until('its colour for dark ground', async () => isColour(await colourAt(page, map.x + alone.x, map.y + alone.y), [0x4f, 0x7f, 0xc0]));
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a heat map has a legend with its counts, and is darkest where most are', async () => {
    const page = await open('?density=heat');
    await until('everybody in a spot', async () => (await state(page)).groups.reduce((sum, { count }) => sum + count, 0) === 16);
    await until('the legend', async () => (await box(page).locator('.density-steps li').last().innerText()).includes('or more'));
    const map = await page.getByTestId('map').boundingBox();
    const spots = (await state(page)).groups.sort((a, b) => b.count - a.count);
    const light = async ({ x, y }) => (await colourAt(page, map.x + x, map.y + y)).reduce((sum, part) => sum + part, 0);
    // The one in the west stands alone.
    const [most, least] = [spots[0], spots.reduce((west, spot) => (spot.x < west.x ? spot : west))];
    await until('the heat', async () => (await light(most)) < (await light(least)) - 60 && (await light(least)) < 600);
    await box(page).getByRole('radio', { name: 'Each by itself' }).check();
    await until('marks', () => marks(page));
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a map in a frame shows them as its address says', async () => {
    const page = await openPage(site, `/embed/many?widget=map&camera=${AT.slice(1)}`);
    const labels = page.locator('.label.cluster:visible');
    await until('two clusters', async () => (await labels.allInnerTexts()).map((text) => text.trim()).sort().join() === '12,3');
    await box(page).locator('summary').click();
    await until('two lines', async () => (await lines(page).count()) === 2);
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
    const plain = await openPage(site, `/embed/many?widget=map&density=marks&camera=${AT.slice(1)}`);
    await plain.locator('.map-buttons').waitFor();
    await sleep(1_000);
    assert.equal(await plain.locator('.label.cluster:visible').count(), 0);
    await plain.context().close();
  });
});
