// Every page of the site, every part of the console and every widget of a frame, by day and by night: axe finds nothing, neither by
// the rules of WCAG nor by those that Lighthouse's accessibility score is made of, whatever their weight. What is gone through is
// the table of pages: a page that is new and has no address here fails.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openEmbeds } from './support/embeds.mjs';
import { FRAMES, PAGES, fillPages, missingPages, signIn } from './support/pages.mjs';
import { DESKTOP, PHONE, axeFindings, openPage, until } from './support/site.mjs';

// https://github.com/GoogleChrome/lighthouse, core/config/default-config.js: the audits of accessibility that have a weight.
const LIGHTHOUSE = [
  'accesskeys', 'aria-allowed-attr', 'aria-command-name', 'aria-conditional-attr', 'aria-deprecated-role', 'aria-dialog-name', 'aria-hidden-body',
  'aria-hidden-focus', 'aria-input-field-name', 'aria-meter-name', 'aria-progressbar-name', 'aria-prohibited-attr', 'aria-required-attr',
  'aria-required-children', 'aria-required-parent', 'aria-roles', 'aria-text', 'aria-toggle-field-name', 'aria-tooltip-name', 'aria-treeitem-name',
  'aria-valid-attr-value', 'aria-valid-attr', 'button-name', 'bypass', 'color-contrast', 'definition-list', 'dlitem', 'document-title',
  'duplicate-id-aria', 'form-field-multiple-labels', 'frame-title', 'heading-order', 'html-has-lang', 'html-lang-valid', 'html-xml-lang-mismatch',
  'image-alt', 'image-redundant-alt', 'input-button-name', 'input-image-alt', 'label-content-name-mismatch', 'label', 'link-in-text-block',
  'link-name', 'list', 'listitem', 'meta-refresh', 'meta-viewport', 'object-alt', 'select-name', 'skip-link', 'tabindex', 'table-duplicate-name',
  'td-headers-attr', 'th-has-data-cells', 'valid-lang', 'video-caption',
];

/** What those rules find, and what WCAG 2.2 AA does; `axeFindings` has put axe into the page. */
async function scoreFindings(page) {
  const violations = await page.evaluate(async (rules) => {
    const found = [];
    for (const runOnly of [{ type: 'rule', values: rules }, { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }]) {
      const { violations } = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
      found.push(...violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`));
    }
    return found;
  }, LIGHTHOUSE);
  return [...new Set(violations)];
}

/** Takes the rest one by one in several tabs: most of the time pages wait for the network to be still. */
async function each(list, look) {
  const rest = [...list];
  const some = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) await look(next);
  };
  await Promise.all([some(), some()]);
}

describe('nobody is left out', { timeout: 900_000 }, () => {
  let embeds;
  let site;
  before(async () => {
    embeds = await openEmbeds();
    site = embeds.site;
    await fillPages(site.server, [embeds.host.url]);
  });
  after(() => embeds?.close());

  test('no page, no part of the console and no widget is left out here', () => assert.deepEqual(missingPages(), []));

  // A phone by day: every_page.test.mjs.
  for (const [size, colorScheme, options] of [['desktop', 'light', DESKTOP], ['desktop', 'dark', DESKTOP], ['phone', 'dark', PHONE]]) {
    test(`of every page on a ${size}, ${colorScheme}`, async () => {
      const wrong = [];
      await each(Object.entries(PAGES), async ([address, isThere]) => {
        const page = await openPage(site, '/robots.txt', { ...options, colorScheme });
        await signIn(page, site.server);
        await page.goto(site.url + address);
        await isThere(page);
        const found = [...(await axeFindings(page)), ...(await scoreFindings(page))];
        wrong.push(...found.map((text) => `${address}: ${text}`));
        await page.context().close();
      });
      assert.deepEqual(wrong, []);
    });
  }

  for (const theme of ['light', 'dark']) {
    test(`of every widget of a frame, ${theme}`, async () => {
      for (const [widget, [board, query]] of Object.entries(FRAMES)) {
        const opened = await embeds.open(embeds.element(board, `theme="${theme}" label="A board"`, query), { options: { viewport: { width: 480, height: 800 } } });
        const inside = await embeds.frame(opened);
        await until(`${widget} to be ready`, () => opened.evaluate(() => window.heard.some(([type]) => type === 'ready')));
        const found = [...(await axeFindings(inside)), ...(await scoreFindings(inside))];
        assert.deepEqual(found, [], widget);
        await opened.close();
      }
    });
  }

  test('what is wrong is found', async () => {
    const page = await openPage(site, '/docs/errors', DESKTOP);
    await page.evaluate(() => {
      const picture = document.createElement('img');
      const button = document.createElement('button');
      document.querySelector('main, body').append(picture, button);
      for (let level = 1; level < 7; level += 5) document.body.append(Object.assign(document.createElement(`h${level}`), { textContent: 'A heading' }));
    });
    await axeFindings(page);
    const found = (await scoreFindings(page)).map((text) => text.split(':')[0]);
    for (const rule of ['image-alt', 'button-name', 'heading-order']) assert.ok(found.includes(rule), `${rule} of ${found}`);
    await page.context().close();
  });
});
