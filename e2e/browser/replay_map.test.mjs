// Replay on the map of a board: the map, the list and the table as of a time, played, stepped, linked, and back to live.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { DESKTOP, PHONE, axeFindings, live, manage, openPage, openSite, publish, state, until } from './support/site.mjs';

const MINUTE = 60_000;
const STEPS = 30;

describe('replay on the map', { timeout: 300_000 }, () => {
  let site;
  // A whole second, half an hour ago: the newest event is still live.
  const begin = Math.floor((Date.now() - STEPS * MINUTE) / 1_000) * 1_000;
  const at = (minutes) => begin + minutes * MINUTE;
  const text = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z');
  const bus = (key, n, time) => ({ key, time, position: { lat: 30.25 + n * 0.002, lon: key === 'bus-a' ? -97.74 : -97.72 }, fields: { leg: n } });

  before(async () => {
    site = await openSite();
    const config = { title: 'Past', visibility: 'public', stale_after_s: 600 };
    await manage(site.server, 'PUT', '/v1/boards/past', config);
    // Bus a on the minute, bus b half a minute later.
    const events = Array.from({ length: STEPS }, (_, n) => [bus('bus-a', n, at(n)), bus('bus-b', n, at(n + 0.5))]);
    await publish(site.server, events.flat(), 'past');
  });
  after(() => site?.close());

  /** Which buses the table calls stale. */
  const stale = async (page) => {
    const rows = await page.getByTestId('table').locator('tbody tr').allInnerTexts();
    return rows.filter((row) => /\bstale\b/i.test(row)).map((row) => row.trim().split(/\s/)[0]).join();
  };
  /** The leg that a bus is on, and those of both, as the table has them. */
  const leg = async (page, key) => {
    const row = page.getByTestId('table').locator('tbody tr', { hasText: key });
    const cells = await row.locator('td').allInnerTexts();
    return cells.map((cell) => cell.trim()).filter((cell) => /^\d{1,2}$/.test(cell)).map(Number)[0];
  };
  const both = async (page) => [await leg(page, 'bus-a'), await leg(page, 'bus-b')].join();
  const linked = async (minutes, { query = '', options = DESKTOP } = {}) => {
    const page = await openPage(site, `/b/past/map?tab=table&at=${text(at(minutes))}${query}`, options);
    await until('the board as it was', async () => (await state(page))?.at === at(minutes));
    return page;
  };
  const query = (page) => new URL(page.url()).searchParams;

  test('the button goes back, the slider goes anywhere, and Escape comes back to live', async () => {
    const page = await openPage(site, '/b/past/map?tab=table');
    await live(page, 2);
    await until('now', async () => (await both(page)) === '29,29');
    await page.getByTestId('replay-open').click();
    await until('the past', async () => (await state(page)).status === 'past');
    assert.equal(await page.getByTestId('replay-open').getAttribute('aria-pressed'), 'true');
    assert.match(await page.getByTestId('status').innerText(), /Replay/);

    const slider = page.getByTestId('replay-slider');
    const places = await slider.evaluate((e) => ({ min: Number(e.min), step: Number(e.step) }));
    const wanted = places.min + Math.round((at(10.25) - places.min) / places.step) * places.step;
    await slider.fill(String(wanted));
    await until('where the slider is', async () => (await state(page)).at === wanted);
    const n = Math.floor((wanted - begin) / MINUTE);
    await until('the buses of then', async () => (await leg(page, 'bus-a')) === n);
    assert.match(await slider.getAttribute('aria-valuetext'), /\d{4}/);
    await until('the address', () => Date.parse(query(page).get('at')) === wanted);
    // Against its time they are fresh, though they would be stale now.
    assert.equal(await stale(page), '');

    // What comes now is not seen, and not lost.
    await publish(site.server, bus('bus-a', 77, Date.now()), 'past');
    await page.waitForTimeout(1_500);
    assert.equal(await leg(page, 'bus-a'), n);
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');
    await until('live', async () => (await state(page)).at === null && (await leg(page, 'bus-a')) === 77);
    assert.equal(await page.getByTestId('replay').count(), 0);
    assert.equal(query(page).get('at'), null);
    await page.goBack();
    await until('then again', async () => (await state(page)).at === wanted);
    await page.keyboard.press('l');
    await until('live again', async () => (await state(page)).at === null);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a link opens it standing still; events are stepped through', async () => {
    const page = await linked(10.25);
    await until('legs', async () => (await both(page)) === '10,9');
    const mark = () => page.evaluate(() => window.heliograph.screen('bus-b'));
    const before = await until('a mark', mark);
    await page.keyboard.press('.');
    await until('the next event', async () => (await state(page)).at === at(10.5) && (await both(page)) === '10,10');
    await until('its mark moved', async () => (await mark()).y < before.y - 1);
    await page.keyboard.press(',');
    await until('the event before', async () => (await state(page)).at === at(10) && (await both(page)) === '10,9');
    await page.getByTestId('table').getByText('bus-b').click();
    await until('selected', async () => (await state(page)).selected === 'bus-b');
    await page.getByTestId('replay-back').click();
    await until('the event before of bus b', async () => (await state(page)).at === at(9.5));
    await page.getByTestId('replay-on').click();
    await until('the next of bus b', async () => (await state(page)).at === at(10.5));
    await until('the address', () => query(page).get('at') === text(at(10.5)));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('it plays so many times faster, stops on request and at the end', async () => {
    const page = await linked(2, { query: '&speed=300' });
    assert.equal(await page.getByTestId('replay-speed').inputValue(), '300');
    await page.locator('main').focus();
    await page.keyboard.press('Space');
    await until('it goes on', async () => (await leg(page, 'bus-a')) > 5);
    await page.keyboard.press('Space');
    await page.waitForTimeout(300);
    const { at: stopped } = await state(page);
    await page.waitForTimeout(600);
    assert.equal((await state(page)).at, stopped);
    await until('the address', () => Date.parse(query(page).get('at')) === stopped);
    await page.getByTestId('replay-speed').selectOption('600');
    await page.getByTestId('replay-play').click();
    await until('the end', async () => /newest/.test(await page.getByTestId('replay').innerText()), 60_000);
    await page.getByTestId('replay-live').click();
    await until('live', async () => (await state(page)).status !== 'past');
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('before its first event the board was empty', async () => {
    const page = await openPage(site, '/b/past/map?at=2001-01-01T00:00:00Z');
    await page.getByTestId('replay-slider').waitFor();
    await until('nothing', async () => (await state(page)).items === 0);
    await page.getByTestId('replay-live').click();
    await until('live', async () => (await page.getByTestId('replay').count()) === 0);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('it fits a phone, and the dark', async () => {
    const page = await linked(10.25, { options: { ...PHONE, colorScheme: 'dark' } });
    for (const id of ['replay-back', 'replay-play', 'replay-on', 'replay-slider', 'replay-time', 'replay-speed', 'replay-live']) {
      const box = await page.getByTestId(id).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y + box.height <= 844, `${id}: ${JSON.stringify(box)}`);
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.deepEqual(await axeFindings(page), []);
    await page.getByTestId('replay-play').tap();
    await until('it goes on', async () => (await state(page)).at > at(11));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });
});
