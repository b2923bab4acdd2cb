// A chart of a board in pages of other sites, in the system's Chromium.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openEmbeds } from './support/embeds.mjs';
import { axeFindings, publish, until } from './support/site.mjs';

describe("a board's chart in another site", { timeout: 300_000 }, () => {
  let site, host, call, mint, element, open, frame, overflow, heard, close;
  const began = Date.now() - 20 * 60_000;

  const reads = (inside, text) => until(text, async () => (await inside.locator('.embed-reading').innerText()).includes(text));
  const drawn = (inside) => inside.locator('.chart-plot canvas').waitFor({ timeout: 30_000 });

  before(async () => {
    ({ site, host, call, mint, element, open, frame, overflow, heard, close } = await openEmbeds());
    const embed = { sites: [host.url] };
    const fields = { temp: { label: 'Temperature', unit: '°C', thresholds: [{ value: 25, label: 'Too warm' }] } };
    for (const [board, visibility] of [['sensors', 'public'], ['secret', 'private']]) {
      await call(`/v1/boards/${board}`, { title: 'Sensors', visibility, fields, embed });
      const events = Array.from({ length: 60 }, (_, i) => ({ key: 's1', time: began + i * 20_000, fields: { temp: 18 + (i % 10) } }));
      await publish(site.server, events, board);
    }
  });
  after(() => close?.());

  test('a chart shows a field of an item over time, and follows it', async () => {
    const opened = await open(element('sensors', 'sandbox="allow-scripts"', 'widget=chart&key=s1&field=temp'));
    const inside = await frame(opened);
    await drawn(inside);
    await reads(inside, '27\u00a0°C');
    assert.equal((await heard(opened, 'ready')).board, 'sensors');
    const told = () => inside.getByRole('slider').getAttribute('aria-valuetext');
    await until('the stretch to fit the values', async () => /Temperature: 60 values[\s\S]*12 values above Too warm: 25/.test(await told()));
    await publish(site.server, { key: 's1', time: Date.now(), fields: { temp: 31.5 } }, 'sensors');
    await reads(inside, '31.5\u00a0°C');
    assert.deepEqual(opened.faults, []);
  });

  test('arrow keys walk along it, and Home and End go to its ends', async () => {
    const opened = await open(element('sensors', '', 'widget=chart&key=s1&field=temp&range=1h'));
    const inside = await frame(opened);
    await drawn(inside);
    const slider = inside.getByRole('slider');
    await slider.focus();
    await slider.press('Home');
    await reads(inside, 'Temperature 18\u00a0°C');
    await slider.press('ArrowRight');
    await reads(inside, 'Temperature 19\u00a0°C');
    assert.match(await slider.getAttribute('aria-valuetext'), /Temperature 19/);
  });

  test('a chart of a private board asks with the token of the page around', async () => {
    const opened = await open('');
    const read = await mint('secret');
    const grants = [{ board: 'secret', operations: ['read', 'history'], keys: ['*'] }];
    const { token } = await call('/v1/tokens', { grants, ttl_s: 600 }, 'POST');
    const show = (token) =>
      opened.evaluate(
        ([src, token]) => {
          document.body.replaceChildren();
          const board = document.createElement('heliograph-board');
          board.token = token;
          board.setAttribute('src', src);
          document.body.append(board);
        },
        [`${site.server.url}/embed/secret?v=1&widget=chart&key=s1&field=temp`, token],
      );
    await show(token);
    await drawn(await frame(opened));
    await reads(await frame(opened), '27\u00a0°C');
    await show(read);
    await until('it to say what is missing', async () => /may not read the history/.test(await (await frame(opened)).locator('body').innerText()));
  });

  test('a chart without an item says what its address has to name', async () => {
    const opened = await open(element('sensors', '', 'widget=chart'));
    assert.equal((await heard(opened, 'error')).code, 'value_unnamed');
  });

  test('axe finds nothing, and from 240 pixels on nothing is wider than the frame, light and dark', async () => {
    for (const theme of ['light', 'dark']) {
      const opened = await open(element('sensors', `theme="${theme}" label="A chart"`, 'widget=chart&key=s1&field=temp'), { options: { viewport: { width: 256, height: 800 } } });
      const inside = await frame(opened);
      await drawn(inside);
      assert.deepEqual(await axeFindings(inside), [], theme);
      assert.ok((await overflow(inside)) <= 0);
    }
  });
});
