// The console's page of embeds: what it says is pasted into a page of another site shows the board there.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, publish, until } from './support/site.mjs';

describe('the page of embeds', { timeout: 300_000 }, () => {
  let site;
  let host;
  let html = '';

  before(async () => {
    site = await openSite();
    await publish(site.server, [{ key: 'bus-1', fields: { route: '801' } }, { key: 'bus-2', fields: { route: '20' } }]);
    host = createServer((request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><html lang="en"><title>Host</title><body>${html}</body></html>`));
    await new Promise((done) => host.listen(0, '127.0.0.1', done));
  });
  after(async () => {
    host?.close();
    await site?.close();
  });

  const open = async (size = DESKTOP) => {
    const page = await openPage(site, '/b/fleet/manage/embed', { ...size, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByTestId('key').fill(site.server.adminKey);
    await page.keyboard.press('Enter');
    await page.getByTestId('sites').waitFor();
    return page;
  };

  test('sites are named, a preview is shown, and what is copied shows the board on that site', async () => {
    const page = await open();
    await page.getByTestId('no-site').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    const sites = page.getByLabel('Sites that may show it');
    await sites.fill('ftp://no.example');
    await page.getByRole('button', { name: 'Save the sites' }).click();
    await page.getByText(/is no address of a site/).first().waitFor();
    const origin = `http://localhost:${host.address().port}`;
    await sites.fill(`${origin}/some/page?x=1`);
    await page.getByRole('button', { name: 'Save the sites' }).click();
    await page.getByText('The sites are saved.').waitFor();
    assert.equal(await sites.inputValue(), origin, 'addresses are reduced to origins');
    if (site.url !== site.server.url) {
      // This page is a site like others.
      await page.getByTestId('not-named').waitFor();
      await sites.fill(`${origin}\n${site.url}`);
      await page.getByRole('button', { name: 'Save the sites' }).click();
    }
    const preview = page.frameLocator('[data-testid=preview]');
    await preview.locator('.map-buttons').waitFor({ timeout: 30_000 });
    await page.getByLabel('Widget').selectOption('table');
    await preview.getByText('bus-1').first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel('Light or dark').selectOption('dark');
    await page.getByLabel('Rows at most').fill('1');
    const chosen = page.locator('main');
    await chosen.getByLabel('Units', { exact: true }).selectOption('imperial');
    await chosen.getByLabel('Language', { exact: true }).selectOption('de');
    const copy = page.getByTestId('snippets');
    await until('the choice', async () => /theme=dark&amp;lang=de&amp;units=imperial&amp;top=1/.test(await copy.innerText()));
    for (const what of ['HTML: an element that is as high as its content', 'A plain frame, without a height of its own and without a token']) {
      await copy.getByRole('button', { name: `Copy: ${what}`, exact: true }).click();
      html = await page.evaluate(() => navigator.clipboard.readText());
      const other = await site.browser.newPage();
      await other.goto(origin);
      await other.frameLocator('iframe').getByText(/bus-[12]/).first().waitFor();
      await other.close();
    }
    // The preview is another frame with each choice: the one before may go while it still connects.
    assert.deepEqual(page.faults().filter((fault) => !/422|closed before the connection is established/.test(fault)), []);
    await page.context().close();
  });

  test('it fits a phone', async () => {
    const page = await open(PHONE);
    await page.getByTestId('snippets').waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1));
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });
});
