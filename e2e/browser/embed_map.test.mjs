// A board's map in pages of other sites, alone and with a table, in the system's Chromium.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';

import { openEmbeds } from './support/embeds.mjs';
import { axeFindings, buses, publish, until } from './support/site.mjs';

const BUS = buses()[3];
/** Where the map looks so that this bus is in its middle. */
const CAMERA = `camera=14/${BUS.position.lat}/${BUS.position.lon}`;

describe("a board's map in another site", { timeout: 600_000 }, () => {
  let site, host, call, address, element, open, frame, overflow, height, heard, close;

  const ready = (inside) => inside.locator('.map-buttons').waitFor({ timeout: 30_000 });
  /** Clicks on the middle of the map until the page around hears of a choice. */
  const choose = async (opened, inside) => {
    await ready(inside);
    await until('the bus to be chosen', async () => {
      await inside.locator('.map-canvas .maplibregl-canvas').click({ timeout: 5_000 });
      return opened.evaluate(() => window.heard.find(([type]) => type === 'select')?.[1].key);
    });
    return opened.evaluate(() => window.heard.find(([type]) => type === 'select')[1].key);
  };

  before(async () => {
    ({ site, host, call, address, element, open, frame, overflow, height, heard, close } = await openEmbeds());
    const fleet = await call('/v1/boards/fleet', null, 'GET');
    await call('/v1/boards/fleet', { ...fleet, embed: { sites: [host.url] } });
    await publish(site.server, buses());
  });
  after(() => close?.());

  for (const [name, attributes, headers] of [
    ['as it is', '', {}],
    ['sandboxed, without an origin of its own', 'sandbox="allow-scripts"', {}],
    ['without credentials', 'credentialless', {}],
    ['under a strict policy of its host', 'sandbox="allow-scripts"', null],
  ]) {
    test(`a map ${name}: a click on a mark tells the page which item it is, and shows it`, async () => {
      const policy = { 'content-security-policy': `default-src 'none'; script-src ${site.server.url} 'nonce-n'; frame-src ${site.server.url}` };
      const opened = await open(element('fleet', attributes, `widget=map&${CAMERA}`), { headers: headers ?? policy });
      const inside = await frame(opened);
      assert.equal(await choose(opened, inside), BUS.key);
      const card = inside.locator('.embed-card');
      await card.waitFor();
      assert.match(await card.innerText(), /bus-03[\s\S]*Passengers\s*21/);
      await card.getByRole('button', { name: 'Close the item' }).click();
      await card.waitFor({ state: 'hidden' });
      assert.equal((await heard(opened, 'ready')).board, 'fleet');
      assert.deepEqual(opened.faults, []);
    });
  }

  test('items have their names beside them, and none with names=0', async () => {
    const names = (inside) => inside.locator('.label.name:visible').count();
    const named = await open(element('fleet', '', `widget=map&${CAMERA}`));
    const inside = await frame(named);
    await ready(inside);
    await until('names', async () => (await names(inside)) > 0);
    await named.context().close();
    const nameless = await open(element('fleet', '', `widget=map&${CAMERA}&names=0`));
    const bare = await frame(nameless);
    // Its items can be chosen: all is there that will be.
    await choose(nameless, bare);
    await sleep(1_500);
    assert.equal(await names(bare), 0);
    assert.deepEqual(nameless.faults, []);
  });

  test('a map without parameters looks where the board says, and a widget that is not named is the map', async () => {
    const opened = await open(`<heliograph-board src="${site.server.url}/embed/fleet"></heliograph-board>`);
    const inside = await frame(opened);
    await ready(inside);
    await heard(opened, 'ready');
    const scale = () => inside.locator('.maplibregl-ctrl-scale').innerText();
    await until('the camera to be near the buses', async () => /^\d+\s(m|km)$/.test(await scale()) && parseInt(await scale(), 10) < 10);
    assert.ok((await height(opened)) > 300, 'high enough for a map');
  });

  test('the wheel scrolls the page around, and zooms the map with Ctrl', async () => {
    const opened = await open(`${element('fleet', 'sandbox="allow-scripts"', `widget=map&${CAMERA}`)}<p style="height:3000px">`);
    const inside = await frame(opened);
    await ready(inside);
    const scale = () => inside.locator('.maplibregl-ctrl-scale').innerText();
    const before = await scale();
    await opened.mouse.move(300, 200);
    await opened.mouse.wheel(0, 300);
    await until('the page to scroll', () => opened.evaluate(() => scrollY >= 300));
    assert.equal(await scale(), before);
    await opened.evaluate(() => scrollTo(0, 0));
    // A turn of the wheel soon after another one goes where that went.
    await sleep(1_000);
    await opened.keyboard.down('Control');
    await until('another zoom', async () => {
      await opened.mouse.wheel(0, 240);
      await sleep(1_000);
      return (await scale()) !== before;
    });
    await opened.keyboard.up('Control');
  });

  test('a map with a table: a row chosen by keyboard is shown on the map, and stands out', async () => {
    const opened = await open(element('fleet', '', 'widget=combined&columns=passengers&sort=-passengers&top=4'));
    const inside = await frame(opened);
    await ready(inside);
    const name = inside.getByRole('button', { name: 'bus-05' });
    await name.press('Enter');
    assert.deepEqual(await heard(opened, 'select'), { key: 'bus-05' });
    assert.match(await inside.locator('.embed-card').innerText(), /bus-05[\s\S]*35/);
    await until('the row to stand out', () => inside.locator('tr.own[data-key=bus-05]').count());
    assert.equal(await inside.locator('tbody tr:not([hidden])').count(), 4);
    await publish(site.server, { key: 'bus-05', time: Date.now() + 1_000, fields: { passengers: 36 } });
    await until('the next number', async () => /36/.test(await inside.locator('.embed-card').innerText()));
  });

  test('where the browser has no WebGL the table takes over, and says why', async () => {
    const init = () => {
      const own = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind.startsWith('webgl') ? null : own.call(this, kind, ...rest);
      };
    };
    const opened = await open(element('fleet', '', 'widget=map'), { init });
    const inside = await frame(opened);
    await inside.getByText('it has no WebGL2').waitFor();
    await inside.getByRole('button', { name: 'bus-05' }).click();
    assert.deepEqual(await heard(opened, 'select'), { key: 'bus-05' });
  });

  test('axe finds nothing, and from 240 pixels on nothing is wider than the frame, light and dark', async () => {
    for (const query of [`widget=map&key=bus-03&${CAMERA}`, 'widget=combined&key=bus-03']) {
      for (const theme of ['light', 'dark']) {
        const opened = await open(element('fleet', `theme="${theme}" label="A map"`, query), { options: { viewport: { width: 256, height: 800 } } });
        const inside = await frame(opened);
        await ready(inside);
        await inside.locator('.embed-card').waitFor();
        assert.deepEqual(await axeFindings(inside), [], `${query} ${theme}`);
        assert.ok((await overflow(inside)) <= 0, query);
      }
    }
  });

  test("the frame may load from the origin of its board's own map style, and no other", async () => {
    const policy = async (board) => (await fetch(address(board, 'widget=map'))).headers.get('content-security-policy');
    await call('/v1/boards/streets', { title: 'Streets', visibility: 'public', map: { style: 'https://tiles.example/style.json' } });
    assert.match(await policy('streets'), /connect-src 'self' https:\/\/tiles\.example;/);
    assert.match(await policy('fleet'), /connect-src 'self' ;/);
  });
});
