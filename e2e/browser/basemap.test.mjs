// Streets under the items of a map, from an archive that the test makes, in the system's Chromium, against the real worker.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { ROOT } from '../server.mjs';
import { archive } from './support/archive.mjs';
import { colourAt, isColour } from './support/pixels.mjs';
import { PHONE, axeFindings, live, openPage, openSite, publish, state, until } from './support/site.mjs';

const HIGHWAY = [[0xfb, 0xe3, 0xb4], [0x55, 0x56, 0x2f]];
const WATER = [[0xd5, 0xe1, 0xea], [0x0b, 0x13, 0x1c]];
const LAND = [[0xf6, 0xf4, 0xee], [0x18, 0x24, 0x30]];
const MIDDLE = { lat: 30.3, lon: -97.9 };
const NAME = 'city.pmtiles';
const OTHER = 'other.pmtiles';
const FAILED = 'The streets could not be loaded.';

const lake = (layer) => ({ [layer]: [{ type: 'Polygon', lines: [[[-97.905, 30.306], [-97.895, 30.306], [-97.895, 30.303], [-97.905, 30.303]]], properties: { kind: 'lake' } }] });
const road = (properties) => ({ type: 'LineString', lines: [[[-97.95, 30.3], [-97.85, 30.3]]], properties });

describe('streets under the items', { timeout: 300_000 }, () => {
  let site;
  let folder;
  const call = async (path, body) => {
    const headers = { authorization: `Bearer ${site.server.adminKey}` };
    const answer = await fetch(site.server.url + path, { method: 'PUT', headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
  };
  const board = (basemap, more = {}) => ({ title: 'City', visibility: 'public', map: { basemap }, ...more });
  before(async () => {
    // A site of its own: others read the built one at the same time.
    folder = mkdtempSync(join(tmpdir(), 'heliograph-streets-'));
    cpSync(join(ROOT, 'dist'), folder, { recursive: true });
    // As Protomaps names its layers. What lies behind the padding is not among the first bytes.
    writeFileSync(join(folder, 'basemap', NAME), archive({
      layers: { roads: [road({ kind: 'highway' })], ...lake('water') },
      around: [MIDDLE.lon, MIDDLE.lat], zoom: 10, padding: 20_000,
      attribution: '<a href="https://tiles.example">© Test</a> &amp; <img src="https://tiles.example/x.png"> Co',
    }));
    // As OpenMapTiles does.
    writeFileSync(join(folder, 'basemap', OTHER), archive({
      layers: { transportation: [road({ class: 'motorway' })], ...lake('water') },
      around: [MIDDLE.lon, MIDDLE.lat], zoom: 10, attribution: '© Other',
    }));
    const config = (text) => text.replace('disk = (path = "dist")', `disk = (path = ${JSON.stringify(folder)})`);
    site = await openSite({ config });
    await call('/v1/boards/city', board({ pmtiles: `/basemap/${NAME}` }, { embed: { sites: ['*'] } }));
    await call('/v1/boards/other', board({ pmtiles: `/basemap/${OTHER}`, attribution: '© City & <i>Co</i>' }));
    await call('/v1/boards/plain', { title: 'Plain', visibility: 'public' });
    for (const name of ['city', 'other', 'plain']) await publish(site.server, [{ key: 'bus', position: MIDDLE }], name);
  });
  after(async () => {
    await site?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const AT = `#15/${MIDDLE.lat}/${MIDDLE.lon}`;
  const open = async (name, options, prepare) => {
    const page = await openPage(site, '/', options);
    await prepare?.(page);
    const asked = [];
    page.on('response', (answer) => asked.push({ path: new URL(answer.url()).pathname, status: answer.status() }));
    page.asked = asked;
    await page.goto(`${site.url}/b/${name}/map${AT}`);
    await live(page, 1);
    await until('the mark', async () => (await state(page)).drawn === 1);
    return page;
  };
  /** The colour beside the bus, so many pixels to the right and down. */
  const colour = async (page, dx, dy) => {
    const mark = await page.evaluate(() => window.heliograph.screen('bus'));
    const map = await page.getByTestId('map').boundingBox();
    return colourAt(page, map.x + mark.x + dx, map.y + mark.y + dy);
  };
  const isDrawn = async (page, night = 0) => isColour(await colour(page, 60, 0), HIGHWAY[night]);
  const corner = (page) => page.locator('.maplibregl-ctrl-attrib');
  const notice = (page) => page.getByTestId('streets');

  test('an archive is drawn under the items, by day and by night, read in parts, with where it comes from as text', async () => {
    const page = await open('city');
    await until('the street', () => isDrawn(page));
    assert.ok(isColour(await colour(page, 40, -240), WATER[0]), 'the lake');
    assert.ok(isColour(await colour(page, 40, -60), LAND[0]), 'the land between');
    assert.equal((await corner(page).innerText()).match(/© Test & +Co/)?.length, 1, await corner(page).innerText());
    assert.equal(await corner(page).locator('a, img').count(), 0);
    const parts = page.asked.filter(({ path }) => path.endsWith(NAME));
    assert.ok(parts.length >= 2 && parts.every(({ status }) => status === 206), JSON.stringify(parts));
    await page.emulateMedia({ colorScheme: 'dark' });
    await until('the street by night', () => isDrawn(page, 1));
    assert.ok(isColour(await colour(page, 40, -240), WATER[1]));
    assert.ok(isColour(await colour(page, 40, -60), LAND[1]));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('an archive with other names of its layers is drawn as well, and the config says where it comes from', async () => {
    const page = await open('other');
    await until('the street', () => isDrawn(page));
    assert.ok(isColour(await colour(page, 40, -240), WATER[0]));
    assert.match(await corner(page).innerText(), /© City & <i>Co<\/i>/);
    assert.ok(!(await corner(page).innerText()).includes('Other'));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a map without an archive loads nothing that reads one', async () => {
    const page = await open('plain');
    const asked = await page.evaluate(() => performance.getEntriesByType('resource').map((one) => one.name));
    assert.deepEqual(asked.filter((name) => /pmtiles|streets\.json/.test(name)), []);
    assert.equal(await notice(page).count(), 0);
    await page.context().close();
  });

  test('when no part of an archive comes the items are there, and the streets come at another try, on a phone', async () => {
    const page = await open('city', PHONE, (page) => page.route(`**/${NAME}`, (route) => route.abort()));
    await until('that it failed', async () => (await notice(page).innerText()).includes(FAILED));
    assert.equal((await state(page)).drawn, 1);
    await until('the plain ground', async () => isColour(await colour(page, 60, -60), LAND[0]));
    assert.equal(await notice(page).getAttribute('role'), 'status');
    assert.deepEqual(await axeFindings(page), []);
    await page.unroute(`**/${NAME}`);
    await page.getByRole('button', { name: 'Try again to load the streets' }).click();
    await until('the street', () => isDrawn(page));
    assert.equal(await notice(page).innerText(), '');
    await page.context().close();
  });

  test('a map in a frame has streets too, and says when they did not come', async () => {
    const page = await openPage(site, '/embed/city?widget=map&camera=15/30.3/-97.9');
    await page.locator('.map-buttons').waitFor();
    const map = await page.locator('.maplibregl-canvas').boundingBox();
    await until('the street', async () => isColour(await colourAt(page, map.x + map.width / 2 + 60, map.y + map.height / 2), HIGHWAY[0]));
    assert.match(await corner(page).innerText(), /© Test/);
    // A frame that is opened by itself is asked for /favicon.ico by the browser.
    assert.deepEqual(page.faults().filter((fault) => !/404 \(Not Found\)/.test(fault)), []);
    await page.route(`**/${NAME}`, (route) => route.abort());
    await page.reload();
    await until('that it failed', async () => (await notice(page).innerText()).includes(FAILED));
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });

  test('when a style of its own does not come the items are there, and it comes at another try, its archive as well', async () => {
    const style = {
      version: 8,
      sources: { mine: { type: 'vector', url: `pmtiles://${site.url}/basemap/${NAME}` } },
      layers: [
        { id: 'ground', type: 'background', paint: { 'background-color': '#102030' } },
        { id: 'street', type: 'line', source: 'mine', 'source-layer': 'roads', paint: { 'line-color': '#ff0000', 'line-width': 10 } },
      ],
    };
    await call('/v1/boards/styled', { title: 'Styled', visibility: 'public', map: { style: 'https://tiles.example/style.json' } });
    await publish(site.server, [{ key: 'bus', position: MIDDLE }], 'styled');
    const page = await open('styled', undefined, (page) => page.route('https://tiles.example/style.json', (route) => route.abort()));
    await until('that it failed', async () => (await notice(page).innerText()).includes(FAILED));
    await until('the local world', async () => isColour(await colour(page, 60, -60), LAND[0]));
    const again = page.getByRole('button', { name: 'Try again to load the streets' });
    await page.unroute('https://tiles.example/style.json');
    await page.route('https://tiles.example/style.json', (route) => route.fulfill({ json: style, headers: { 'access-control-allow-origin': '*' } }));
    await page.route(`**/${NAME}`, (route) => route.abort());
    await again.click();
    await until('the ground of the style', async () => isColour(await colour(page, 60, -60), [0x10, 0x20, 0x30]));
    await until('that the archive failed', async () => (await notice(page).innerText()).includes(FAILED));
    assert.equal((await state(page)).drawn, 1);
    await page.unroute(`**/${NAME}`);
    await again.click();
    await until('the street of the style', async () => isColour(await colour(page, 60, 0), [0xff, 0, 0]));
    assert.equal(await notice(page).innerText(), '');
    await page.context().close();
  });

  test('an archive elsewhere is asked for there, and nothing else is', async () => {
    await call('/v1/boards/far', board({ pmtiles: 'https://tiles.example/city.pmtiles' }));
    await publish(site.server, [{ key: 'bus', position: MIDDLE }], 'far');
    const asked = [];
    const page = await open('far', undefined, (page) => page.route('https://tiles.example/**', (route) => {
      asked.push(route.request().url());
      return route.abort();
    }));
    await until('that it failed', async () => (await notice(page).innerText()).includes(FAILED));
    assert.ok(asked.length > 0 && asked.every((url) => url === 'https://tiles.example/city.pmtiles'), asked.join());
    await page.context().close();
  });
});
