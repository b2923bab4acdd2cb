// Charts as a person uses them: on an item's card and at /b/{board}/explore, compared with what the API says.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { SHARED } from '../server.mjs';
import { DESKTOP, PHONE, axeFindings, live, openPage, openSite, publish, until } from './support/site.mjs';

const SENSORS = join(SHARED, 'data/iot/env_sensors_24h.jsonl.gz');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const LAB = {
  title: 'Lab',
  visibility: 'public',
  key_name: 'sensor',
  identity: 'id',
  rules: { past_s: null },
  fields: { temp: { label: 'Temperature', unit: '°C' }, humidity: { label: 'Humidity', unit: '%' } },
  top: { field: 'temp', direction: 'desc' },
};

/** Three hours of three sensors, a value a minute, with half an hour of silence; the newest value is a minute old. */
function readings(now) {
  const start = Math.floor(now / MINUTE) * MINUTE - 3 * HOUR;
  return ['a', 'b', '=1+1'].flatMap((key, k) => Array.from({ length: 180 }, (_, i) => i)
    .filter((i) => i < 60 || i >= 90)
    .map((i) => ({
      id: `${key}${i}`,
      key,
      time: start + i * MINUTE,
      fields: { temp: 20 + k + Math.sin(i / 20), humidity: 50 - i / 10, room: k < 2 ? 'north' : 'south' },
    })));
}

async function apply(server, board, config) {
  const answer = await fetch(`${server.url}/v1/boards/${board}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(config),
  });
  assert.ok(answer.ok, await answer.text());
}

const api = (site, path) => fetch(`${site.server.url}/v1/boards/${path}`).then((r) => r.json());

/** A number as the page writes it. */
const read = (text) => Number(text.replaceAll('\u202f', '').replace('\u2212', '-').match(/-?[\d.]+(e-?\d+)?/)?.[0] ?? NaN);
const near = (a, b) => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b));

/** Counts and remembers the page's questions for series. */
function questions(page) {
  const list = [];
  page.on('request', (r) => r.url().includes('/series?') && list.push(new URL(r.url())));
  return list;
}

const span = (url) => Number(url.searchParams.get('to')) - Number(url.searchParams.get('from'));
const fresh = (page, id) => until('the values', async () => (await page.getByTestId(id).getAttribute('data-phase')) === 'fresh');

describe('charts', { timeout: 600_000 }, () => {
  let site;
  const now = Date.now();
  before(async () => {
    site = await openSite();
    await apply(site.server, 'lab', LAB);
    await publish(site.server, readings(now), 'lab');
  });
  after(() => site?.close());

  /** The lab with sensor a's card open. */
  async function card(options) {
    const page = await openPage(site, '/b/lab?item=a', options);
    await live(page, 3);
    await page.getByTestId('card-chart').waitFor();
    await fresh(page, 'card-chart');
    return page;
  }

  test('a page without a chart does not load the chart library', async () => {
    const page = await openPage(site, '/b/lab');
    await live(page, 3);
    const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').filter((e) => e.name.includes('uPlot')).length);
    assert.equal(await loaded(), 0);
    await page.getByTestId('list').getByText('b', { exact: true }).click();
    await page.locator('.uplot canvas').waitFor();
    assert.equal(await loaded(), 2);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test("a card's chart, its table and the API say the same", async () => {
    const page = await card();
    const asked = questions(page);
    const preset = (name) => page.getByTestId('card-chart').getByRole('button', { name });
    // Nothing was chosen, and there are some hours of data.
    await until('the preset that fits', async () => (await preset('6 h').getAttribute('aria-pressed')) === 'true');
    await preset('24 h').click();
    await until('a day', () => asked.some((url) => span(url) > 20 * HOUR));
    asked.length = 0;
    await preset('6 h').click();
    await until('six hours', () => asked.some((url) => span(url) <= 7 * HOUR));
    await fresh(page, 'card-chart');
    await page.locator('.uplot canvas').waitFor();
    await page.getByText('Values as a table').click();
    await page.getByTestId('chart-table').locator('tbody tr').first().waitFor();
    await until('a value for every minute', async () => (await page.locator('.chart-foot').innerText()).endsWith('every 1 min'));
    const url = asked.at(-1);
    assert.equal(url.searchParams.get('field'), 'temp', "the board's own choice");
    const answer = await api(site, `lab/items/a/series${url.search}`);
    assert.ok(answer.points.length >= 100, `${answer.points.length} points`);
    const rows = await page.getByTestId('chart-table').locator('tbody tr').allInnerTexts();
    assert.equal(rows.length, answer.points.length);
    rows.forEach((row, i) => {
      const point = answer.points.at(-1 - i);
      const [average, min, max, count] = row.split('\t').slice(1).map(read);
      assert.ok(near(average, point.average) && near(min, point.min) && near(max, point.max) && count === point.count, `${row} is ${JSON.stringify(point)}`);
    });
    const latest = await page.getByTestId('legend').innerText();
    assert.ok(near(read(latest.replace(/^.*?Temperature/s, '')), answer.points.at(-1).last), latest);
    assert.doesNotMatch(latest, / to /, 'the latest value is one value');
    assert.match(latest, /°C/);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('drawing across the chart looks closer and asks for finer values', async () => {
    const page = await card();
    const asked = questions(page);
    const plot = await page.locator('.u-over').boundingBox();
    await page.mouse.move(plot.x + plot.width * 0.92, plot.y + 30);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.97, plot.y + 40, { steps: 5 });
    await page.mouse.up();
    await until('a closer look', () => asked.some((url) => span(url) < 2 * HOUR));
    await until('finer values', async () => /every (10 s|1 min)/.test(await page.locator('.chart-foot').innerText()));
    const before = span(asked.at(-1));
    await page.getByTestId('card-chart').getByRole('button', { name: 'Farther' }).click();
    await until('a look from farther', () => span(asked.at(-1)) > before);
    await page.getByTestId('card-chart').getByRole('button', { name: '24 h' }).click();
    await until('the preset', async () => (await page.getByTestId('card-chart').getByRole('button', { name: '24 h' }).getAttribute('aria-pressed')) === 'true');
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('two dates are looked at, and what is no stretch of time is said', async () => {
    const page = await card();
    const asked = questions(page);
    await page.getByTestId('card-chart').getByText('From one date to another').click();
    const dates = page.getByTestId('dates');
    await dates.getByLabel('From').fill('2026-03-02T10:00');
    await dates.getByLabel('To').fill('2026-03-01T10:00');
    await dates.getByRole('button', { name: 'Show' }).click();
    await dates.getByText('the first before the second').waitFor();
    await dates.getByLabel('To').fill('2026-03-02T12:00');
    await dates.getByRole('button', { name: 'Show' }).click();
    await until('two hours', () => asked.some((url) => Math.abs(span(url) - 2 * HOUR) <= 600_000));
    assert.match(await page.locator('.chart-foot').innerText(), /2 Mar 2026, 10:00/);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('the crosshair is read and moved with the keyboard', async () => {
    const page = await card();
    const chart = page.getByTestId('chart');
    assert.match(await chart.getAttribute('aria-label'), /Temperature of a/);
    assert.match(await chart.getAttribute('aria-valuetext'), /values, from .* on average/);
    // As the API answers who asks for nothing in particular.
    await page.getByTestId('card-chart').getByRole('button', { name: '24 h' }).click();
    await until('steps of ten minutes', async () => (await page.locator('.chart-foot').innerText()).endsWith('every 10 min'));
    await fresh(page, 'card-chart');
    await chart.focus();
    await page.keyboard.press('End');
    const text = () => chart.getAttribute('aria-valuetext');
    await until('the last value', async () => /: Temperature [\d.]+/.test(await text()));
    const last = await text();
    const answer = await api(site, 'lab/items/a/series?field=temp');
    assert.ok(near(read(last.replace(/^.*Temperature/, '')), answer.points.at(-1).average), last);
    await page.keyboard.press('ArrowLeft');
    await until('the value before', async () => (await text()) !== last);
    assert.ok(near(read((await text()).replace(/^.*Temperature/, '')), answer.points.at(-2).average));
    assert.notEqual(await page.getByTestId('chart-time').innerText(), 'Latest');
    const asked = questions(page);
    await page.keyboard.press('+');
    await until('closer', () => asked.some((url) => span(url) < 14 * HOUR));
    await page.keyboard.press('Escape');
    await until('the crosshair to go', async () => (await page.getByTestId('chart-time').innerText()) === 'Latest');
    assert.equal(await page.getByTestId('card').count(), 1, 'the card stays');
    await page.keyboard.press('Escape');
    await until('the card to close', async () => (await page.getByTestId('card').count()) === 0);
    await page.context().close();
  });

  test('new values appear without a reload, asked for calmly', async () => {
    const page = await card();
    const asked = questions(page);
    await page.getByTestId('card-chart').getByRole('button', { name: '1 h' }).click();
    await fresh(page, 'card-chart');
    const from = asked.length;
    for (let i = 0; i < 20; i++) {
      await publish(site.server, { id: `live${i}`, key: 'a', time: Date.now(), fields: { temp: 77 } }, 'lab');
      await sleep(100);
    }
    await until('the new value', async () => (await page.getByTestId('legend').innerText()).includes('77'));
    assert.ok(asked.length - from <= 4, `${asked.length - from} questions for 20 events`);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('an item that fell silent, and a time without values, are told', async () => {
    const old = Date.parse('2024-05-01T10:00:00Z');
    await publish(site.server, Array.from({ length: 50 }, (_, i) => ({ id: `old${i}`, key: 'old', time: old + i * MINUTE, fields: { temp: 5 } })), 'lab');
    const page = await openPage(site, '/b/lab?item=old');
    await live(page, 4);
    await fresh(page, 'card-chart');
    assert.match(await page.locator('.chart-foot').innerText(), /2024/, 'the chart ends with the data');
    assert.match(await page.getByTestId('legend').innerText(), /5\s*°C/);
    const later = page.getByTestId('card-chart').getByRole('button', { name: 'Later' });
    for (let i = 0; i < 6; i++) await later.click();
    await page.getByTestId('chart-empty').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await until('all values', async () => (await page.getByTestId('chart-empty').count()) === 0);
    await page.context().close();
  });

  test('what can no longer be asked for is called stale, and comes back', async () => {
    const page = await openPage(site, '/b/lab/explore?item=a&range=1h');
    await fresh(page, 'results');
    await page.locator('.uplot canvas').first().waitFor();
    await site.server.kill9();
    try {
      await page.getByTestId('chart-stale').waitFor({ timeout: 30_000 });
      assert.ok(await page.locator('.uplot canvas').first().isVisible(), 'what was drawn stays');
    } finally {
      await site.server.restart();
    }
    await until('fresh values', async () => (await page.getByTestId('results').getAttribute('data-phase')) === 'fresh', 40_000);
    await page.context().close();
  });

  test('every choice is in the address, and back and forward work', async () => {
    const page = await openPage(site, '/b/lab');
    await live(page, 3);
    await page.getByRole('link', { name: 'Explore' }).click();
    await page.waitForURL(/\/b\/lab\/explore/);
    await fresh(page, 'results');
    await page.getByTestId('pick').fill('b');
    await page.keyboard.press('Enter');
    await page.waitForURL(/item=b/);
    await page.getByTestId('fields').getByRole('button', { name: 'Humidity (%)' }).click();
    await page.waitForURL(/field=humidity/);
    await page.getByTestId('aggregate').selectOption('max');
    await page.getByTestId('results').getByRole('button', { name: '6 h' }).click();
    await page.getByTestId('step').selectOption('1m');
    await page.getByTestId('together').check();
    await page.waitForURL((url) => ['item=b', 'field=temp', 'field=humidity', 'of=max', 'range=6h', 'step=1m', 'charts=one'].every((part) => url.search.includes(part)));
    const address = page.url();
    await page.reload();
    await fresh(page, 'results');
    assert.equal(page.url(), address);
    assert.equal(await page.getByTestId('panel').count(), 1);
    assert.deepEqual(await page.getByTestId('legend').locator('.line-name').allInnerTexts(), ['b · Temperature, maximum', 'b · Humidity, maximum']);
    await page.getByTestId('together').uncheck();
    await until('two charts', async () => (await page.getByTestId('panel').count()) === 2);
    await page.waitForURL((url) => !url.search.includes('charts=one'));
    await page.goBack();
    await until('one chart again', async () => (await page.getByTestId('panel').count()) === 1);
    await page.goForward();
    await until('two charts again', async () => (await page.getByTestId('panel').count()) === 2);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('the CSV and the table have what the API has, and no cell runs', async () => {
    const page = await openPage(site, '/b/lab/explore?field=temp&range=6h&step=1m');
    const asked = questions(page);
    await page.reload();
    await fresh(page, 'results');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('csv').click()]);
    assert.match(download.suggestedFilename(), /^lab_.*\.csv$/);
    const [head, ...rows] = readFileSync(await download.path(), 'utf8').trimEnd().split('\r\n').map((line) => line.split(','));
    // Texts are quoted, as the API does it; numbers are not.
    assert.deepEqual(head, ['"time"', `"'=1+1"`, '"a"', '"b"']);
    const answer = await api(site, `lab/series${asked.at(-1).search}`);
    const values = new Map(answer.groups.map((g) => [g.group, new Map(g.points.map((p) => [p.time, p.average]))]));
    assert.ok(rows.length >= 150, `${rows.length} rows`);
    for (const [time, ...cells] of rows) {
      assert.match(time, /^"[^"]+"$/);
      ['=1+1', 'a', 'b'].forEach((key, i) => {
        const value = values.get(key).get(Date.parse(time.slice(1, -1)));
        assert.equal(cells[i] === '' ? undefined : Number(cells[i]), value, `${key} at ${time}`);
      });
    }
    const raw = new URL(await page.getByTestId('raw-csv').getAttribute('href'), site.server.url);
    assert.equal(raw.origin, site.server.url);
    assert.match(raw.pathname + raw.search, /^\/v1\/boards\/lab\/series\?field=temp&.*&format=csv$/);
    const shown = await page.getByTestId('values').locator('tbody tr').count();
    assert.equal(shown, 100, 'a page of the table');
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('groups by a text field, all together, and events', async () => {
    const names = async (page) => page.getByTestId('legend').first().locator('.line-name').allInnerTexts();
    const page = await openPage(site, '/b/lab/explore?field=temp&by=room&range=6h');
    await fresh(page, 'results');
    assert.deepEqual(await names(page), ['north', 'south']);
    await page.getByTestId('split').selectOption('all');
    await until('one line', async () => (await names(page)).join() === 'All items');
    await page.goto(`${site.url}/b/lab/explore?field=events&by=all&range=6h&step=1h`);
    await fresh(page, 'results');
    const answer = await api(site, `lab/series?from=${now - 6 * HOUR}&to=${now}&step=1h`);
    const counts = await page.getByTestId('values').locator('tbody td').allInnerTexts();
    assert.equal(counts.map(read).filter((n) => n > 0).at(-1), answer.groups[0].points[0].count);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('some values of a text field are chosen and kept in the address', async () => {
    const names = async (page) => page.getByTestId('legend').first().locator('.line-name').allInnerTexts();
    const page = await openPage(site, '/b/lab/explore?field=temp&by=room&range=6h');
    await fresh(page, 'results');
    const groups = page.getByRole('combobox', { name: 'Room' });
    await groups.fill('sou');
    await page.keyboard.press('Enter');
    await until('one room', async () => (await names(page)).join() === 'south');
    await page.waitForURL(/by=room&group=south/);
    await page.reload();
    await fresh(page, 'results');
    assert.deepEqual(await names(page), ['south']);
    await page.getByRole('button', { name: 'Remove south' }).click();
    await until('both rooms', async () => (await names(page)).join() === 'north,south');
    await groups.fill('north');
    await page.keyboard.press('Enter');
    await until('the other room', async () => (await names(page)).join() === 'north');
    await page.getByTestId('split').selectOption('key');
    await until('items, and no rooms to choose', async () => (await names(page)).length === 3 && (await groups.count()) === 0);
    assert.ok(!page.url().includes('group=') || !(await page.waitForURL((url) => !url.search.includes('group='))));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('values that matter are drawn, named in the legend, and counted in words', async () => {
    const fields = { temp: { ...LAB.fields.temp, thresholds: [{ value: 21.5, label: 'Too warm' }, { value: 900 }] } };
    await apply(site.server, 'warm', { ...LAB, title: 'Warm lab', fields });
    await publish(site.server, readings(now), 'warm');
    const page = await openPage(site, '/b/warm/explore?item=b&field=temp&range=6h&step=1m');
    await fresh(page, 'results');
    assert.deepEqual(await page.getByTestId('level').allInnerTexts().then((all) => all.map((text) => text.replaceAll(/\s/g, ' '))), ['Too warm 21.5 °C', '900 °C']);
    const above = readings(now).filter(({ key, fields: { temp } }) => key === 'b' && temp > 21.5).length;
    const said = await page.getByTestId('chart').getAttribute('aria-valuetext');
    assert.match(said, new RegExp(`${above} values above Too warm: 21\\.5.°C\\. 0 values above 900.°C$`));
    // Only the one within the scale is drawn, across the whole width.
    await page.locator('.uplot canvas').waitFor();
    const drawn = () => page.evaluate(() => {
      const canvas = document.querySelector('.uplot canvas');
      const probe = document.createElement('i');
      probe.style.color = 'var(--level)';
      canvas.parentElement.append(probe);
      const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      const counts = new Map();
      for (let i = 0; i < data.length; i += 4) {
        if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) > 60 || data[i + 3] < 128) continue;
        const row = Math.floor(i / 4 / canvas.width);
        counts.set(row, (counts.get(row) ?? 0) + 1);
      }
      return [...counts].filter(([, count]) => count > canvas.width / 5).map(([row]) => row);
    });
    await until('a line', async () => (await drawn()).length > 0);
    const rows = await drawn();
    assert.ok(Math.max(...rows) - Math.min(...rows) <= 3, `one line: rows ${rows}`);
    await page.getByTestId('aggregate').selectOption('count');
    await until('counts have none', async () => (await page.getByTestId('level').count()) === 0);
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('what the server refuses is told in its words', async () => {
    const page = await openPage(site, '/b/lab/explore?field=temp&step=10s&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z');
    await page.getByText(/at most 10000|at most 10,000/).waitFor();
    await page.context().close();
  });

  test('a private board asks for its key first', async () => {
    await apply(site.server, 'secret', { ...LAB, title: 'Secret lab', visibility: 'private' });
    await publish(site.server, readings(now), 'secret');
    const page = await openPage(site, '/b/secret/explore?item=a&range=6h');
    await page.getByText('This board is private').waitFor();
    await page.getByLabel('Key or token').fill(site.server.adminKey);
    await page.getByRole('button', { name: 'Open the board' }).click();
    await fresh(page, 'results');
    await page.locator('.uplot canvas').waitFor();
    assert.ok(!page.url().includes(site.server.adminKey));
    // A key is asked for once: the next private board opens with it, and so does the console.
    await apply(site.server, 'secret-too', { ...LAB, title: 'Second lab', visibility: 'private' });
    await page.goto(`${site.url}/b/secret-too/explore`);
    await page.getByRole('heading', { name: 'Second lab' }).waitFor();
    await page.goto(`${site.url}/b/secret-too/console`);
    await page.getByTestId('console').waitFor();
    assert.equal(await page.evaluate(() => localStorage.length), 0, 'nothing is left on the device unless the viewer says so');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: "Manager's console" }).waitFor();
    await page.goto(`${site.url}/b/secret/explore`);
    await page.getByText('This board is private').waitFor();
    assert.equal(await page.evaluate((key) => Object.values(sessionStorage).includes(key), site.server.adminKey), false, 'who signs out leaves no key behind');
    await page.context().close();
  });

  test('a wrong key is told apart from one that may not, and a key can stay on the device', async () => {
    await apply(site.server, 'secret', { ...LAB, title: 'Secret lab', visibility: 'private' });
    const page = await openPage(site, '/b/secret/explore');
    const give = async (key) => {
      await page.getByLabel('Key or token').fill(key);
      await page.getByRole('button', { name: 'Open the board' }).click();
    };
    await give('hg_0000000000000000_not-a-key');
    await page.getByText('The server does not know this key').waitFor();
    const latest = () => page.evaluate(() => sessionStorage.getItem('heliograph.key'));
    assert.equal(await latest(), null, 'a key that opened nothing is tried on no other board');
    const made = await fetch(`${site.server.url}/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ label: 'another board', grants: [{ board: 'lab', operations: ['read'], keys: ['*'] }] }),
    });
    assert.ok(made.ok, await made.clone().text());
    await give((await made.json()).key);
    await page.getByText('This key is good, but it may not read this board').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel('Keep it on this device').check();
    await give(site.server.adminKey);
    await page.getByRole('heading', { name: 'Secret lab' }).waitFor();
    assert.equal(await page.evaluate(() => localStorage.getItem('heliograph.key')), site.server.adminKey, 'one that did is');
    const other = await page.context().newPage();
    await other.goto(`${site.url}/b/secret/explore`);
    await other.getByRole('heading', { name: 'Secret lab' }).waitFor();
    await page.context().close();
  });

  for (const [name, options] of [['desktop', DESKTOP], ['phone', PHONE], ['narrow phone', { ...PHONE, viewport: { width: 360, height: 640 } }]]) {
    for (const colorScheme of ['light', 'dark']) {
      test(`nothing is cut off or inaccessible on a ${name}, ${colorScheme}`, async () => {
        const page = await openPage(site, '/b/lab/explore?field=temp&field=humidity&range=6h', { ...options, colorScheme, reducedMotion: 'reduce' });
        await fresh(page, 'results');
        await page.locator('.uplot canvas').first().waitFor();
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'no sideways scrolling');
        assert.deepEqual(await axeFindings(page), []);
        const drawn = await page.locator('.uplot canvas').first().evaluate((canvas) => {
          const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          return data.some((byte, i) => i % 4 === 3 && byte > 0);
        });
        assert.ok(drawn, 'something is drawn');
        assert.deepEqual(page.faults(), []);
        await page.context().close();
        const board = await card({ ...options, colorScheme });
        await board.locator('.uplot canvas').waitFor();
        const [box, frame] = [await board.locator('.card-chart .range-bar').boundingBox(), await board.getByTestId('card').boundingBox()];
        assert.ok(box.x >= frame.x && box.x + box.width <= frame.x + frame.width + 1, 'the buttons are on the card');
        assert.deepEqual(await axeFindings(board), []);
        await board.context().close();
      });
    }
  }

  test('the day of three real sensors is drawn as the API has it', { skip: !existsSync(SENSORS) && `${SENSORS} is not there` }, async () => {
    await apply(site.server, 'sensors', { ...LAB, title: 'Sensors' });
    const lines = gunzipSync(readFileSync(SENSORS)).toString().trim().split('\n').map((line) => JSON.parse(line));
    for (let i = 0; i < lines.length; i += 10_000) {
      const events = lines.slice(i, i + 10_000).map((line, j) => ({ id: `${i + j}`, key: line.device, time: Math.round(line.ts * 1000), fields: line.data }));
      await publish(site.server, events, 'sensors');
    }
    const page = await openPage(site, '/b/sensors/explore?field=temp&field=humidity&range=all&step=1h');
    const asked = questions(page);
    await page.reload();
    await fresh(page, 'results');
    await until('both questions', () => asked.some((url) => url.searchParams.get('field') === 'humidity'));
    const rows = await page.getByTestId('values').locator('tbody tr').allInnerTexts();
    const search = asked.findLast((url) => url.searchParams.get('field') === 'temp').search;
    const answer = await api(site, `sensors/series${search}`);
    assert.equal(answer.groups.length, 3);
    assert.ok(rows.length >= 24, `${rows.length} hours`);
    const oldest = rows.at(-1).split('\t');
    answer.groups.forEach((group, i) => assert.ok(near(read(oldest[1 + i]), group.points[0].average), `${oldest} ${group.group}`));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });
});
