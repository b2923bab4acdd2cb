// The pages of the API: readable in both palettes and on a phone, without a script of their own, with links that lead.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DESKTOP, PHONE, axeFindings, openPage, openSite } from './support/site.mjs';

let site;

before(async () => {
  site = await openSite();
});
after(() => site?.close());

for (const path of ['/docs', '/docs/errors']) {
  test(`${path} is accessible, fits a phone and asks no other host`, async () => {
    for (const colorScheme of ['light', 'dark']) {
      for (const size of [DESKTOP, PHONE]) {
        const page = await openPage(site, path, { ...size, colorScheme });
        await page.waitForSelector('h1');
        assert.deepEqual(await axeFindings(page), [], colorScheme);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(tooWide <= 0, `${colorScheme}: ${tooWide} px too wide`);
        assert.deepEqual(page.faults(), []);
        await page.context().close();
      }
    }
  });
}

test("a problem's type leads to what it means", async () => {
  const problem = await (await fetch(`${site.server.url}/v1/boards/nobody/items`)).json();
  const page = await openPage(site, problem.type);
  const entry = page.locator(`#${problem.code}`);
  assert.match(await entry.innerText(), new RegExp(problem.code));
  assert.ok(await entry.evaluate((e) => e.matches(':target')));
});
