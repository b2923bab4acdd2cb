// Every page with data on a phone, on a phone held sideways, and at twice the size: nothing is wider than the screen, and
// every control can be brought into view and reached there.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PAGES, fillPages, missingPages, signIn } from './support/pages.mjs';
import { axeFindings, live, openPage, openSite, until } from './support/site.mjs';

const SIZES = {
  'a phone': { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  'a phone held sideways': { viewport: { width: 844, height: 390 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  // What a browser does to a window of 1280 × 800.
  'twice the size': { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
};

/** What is wrong with a page, seen from inside it. */
function wrongs() {
  const found = [];
  const root = document.documentElement;
  // Not the window's own size: a phone zooms out until what is too wide fits.
  const { clientWidth: width, clientHeight: height } = root;
  if (root.scrollWidth > width) {
    const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1);
    found.push(`${root.scrollWidth - width} px too wide: ${out.slice(0, 3).map((e) => `${e.tagName}.${e.className}`)}`);
  }
  const dialog = document.querySelector('dialog[open], [role=dialog]:not([hidden])');
  const controls = [...(dialog ?? document).querySelectorAll('a[href], button, input, select, textarea, summary')];
  for (const control of controls) {
    const isThere = control.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    // What comes forward when it has the focus, and what is for people who listen.
    if (!isThere || control.closest('.skip, .sr-only, [inert], [aria-hidden=true]')) continue;
    control.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const name = `${control.tagName.toLowerCase()} ${(control.getAttribute('aria-label') ?? control.textContent.trim()).slice(0, 40)}`;
    for (let box = control.parentElement; box; box = box.parentElement) {
      const style = getComputedStyle(box);
      const isHidden = (overflow, at) => overflow === 'hidden' && at !== 0;
      if (isHidden(style.overflowY, box.scrollTop) || isHidden(style.overflowX, box.scrollLeft)) {
        found.push(`${name}: nobody can scroll ${box.tagName}.${box.className} to it`);
        box.scrollTo(0, 0);
      }
    }
    const rect = control.getClientRects()[0];
    if (!rect || rect.width < 1 || rect.height < 1) continue;
    const [x, y] = [rect.left + rect.width / 2, rect.top + rect.height / 2];
    if (x < 0 || y < 0 || x >= width || y >= height) {
      found.push(`${name}: at ${Math.round(x)}, ${Math.round(y)}, out of the screen`);
      continue;
    }
    const hit = document.elementFromPoint(x, y);
    const isReached = hit && (control.contains(hit) || hit.closest('label')?.contains(control) || hit.closest('label')?.control === control);
    if (!isReached) found.push(`${name}: covered by ${hit?.tagName}.${hit?.getAttribute('class')}`);
  }
  window.scrollTo(0, 0);
  return { found, controls: controls.length };
}

describe('every page', { timeout: 600_000 }, () => {
  let site;
  before(async () => {
    site = await openSite();
    await fillPages(site.server);
  });
  after(() => site?.close());

  test('the list has an address for every page of the site, every part of the console and every widget of a frame', () => {
    assert.deepEqual(missingPages(), []);
  });

  for (const [size, options] of Object.entries(SIZES)) {
    test(`fits on ${size}, and every control is in reach`, async () => {
      const wrong = [];
      const look = async ([address, isThere]) => {
        const page = await openPage(site, '/robots.txt', options);
        await signIn(page, site.server);
        const policy = (await page.goto(site.url + address)).headers()['content-security-policy'];
        // The API's description has its styles within where it comes from the worker.
        if (/'unsafe-/.test(policy) && !address.startsWith('/docs')) wrong.push(`${address}: ${policy}`);
        await isThere(page);
        wrong.push(...page.faults().filter((fault) => /Content Security Policy/.test(fault)).map((fault) => `${address}: ${fault}`));
        const { found, controls } = await page.evaluate(wrongs);
        const axe = options === SIZES['a phone'] ? await axeFindings(page) : [];
        wrong.push(...[...found, ...axe].map((text) => `${address}: ${text}`));
        if (controls === 0) wrong.push(`${address}: not one control`);
        await page.context().close();
      };
      // Most of the time pages wait for the network to be still.
      const rest = Object.entries(PAGES);
      const some = async () => {
        for (let next = rest.shift(); next; next = rest.shift()) await look(next);
      };
      await Promise.all([some(), some(), some()]);
      assert.deepEqual(wrong, []);
    });
  }

  test('finds what is covered and what is too wide', async () => {
    const page = await openPage(site, '/', SIZES['a phone']);
    await page.locator('.board-card').first().waitFor();
    await page.evaluate(() => {
      // As properties: the policy forbids the attribute.
      for (const [name, style] of [['lid', 'position:fixed;inset:0 0 auto;height:60px;z-index:999'], ['wide', 'width:900px;height:1px']]) {
        const added = Object.assign(document.createElement('div'), { className: name });
        added.style.cssText = style;
        document.body.append(added);
      }
    });
    const { found } = await page.evaluate(wrongs);
    assert.ok(found.some((text) => /covered by DIV\.lid/.test(text)), String(found));
    assert.ok(found.some((text) => /px too wide/.test(text)), String(found));
    await page.context().close();
  });

  test('an item’s card covers no control on a small window', async () => {
    const page = await openPage(site, '/b/fleet?item=bus-00', { viewport: { width: 1280, height: 640 } });
    await live(page, 10);
    await page.getByTestId('card').waitFor();
    assert.deepEqual((await page.evaluate(wrongs)).found, []);
    await page.context().close();
  });

  test('the help of a map can be read and closed', async () => {
    for (const options of Object.values(SIZES)) {
      const page = await openPage(site, '/b/fleet', options);
      await live(page, 10);
      await page.getByRole('button', { name: 'Help and keys' }).click();
      await until('the help', () => page.getByRole('dialog').isVisible());
      assert.deepEqual((await page.evaluate(wrongs)).found, []);
      await page.context().close();
    }
  });
});
