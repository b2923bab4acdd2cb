// Pages in other languages: by the browser's wish, by choice, by the address; and from right to left.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openEmbeds } from './support/embeds.mjs';
import { DESKTOP, PHONE, axeFindings, buses, live, openPage, publish, until } from './support/site.mjs';

const CUP = {
  title: 'Cup of the north',
  visibility: 'public',
  scores: { columns: [{ name: 'points', label: 'Points', op: 'sum', field: 'points', direction: 'desc' }], name: 'name' },
};
const GERMAN = { ...DESKTOP, locale: 'de-DE' };

describe('languages', { timeout: 300_000 }, () => {
  let site, host, call, element, open, frame, shows, close;
  before(async () => {
    ({ site, host, call, element, open, frame, shows, close } = await openEmbeds());
    await call('/v1/boards/cup', { ...CUP, embed: { sites: [host.url] } });
    await publish(site.server, [
      { key: 'a', fields: { points: 1_234_567.5, name: 'Player a' } },
      { key: 'b', fields: { points: 20, name: 'Player b' } },
    ], 'cup');
    await publish(site.server, buses());
  });
  after(() => close?.());

  const root = (page) => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir].join());
  const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
  const first = (page) => page.locator('.standings tbody tr:not([hidden]) .number').first();
  const done = async (page) => {
    // The console asks who is there, and nobody is signed in.
    assert.deepEqual(page.faults().filter((fault) => !/401/.test(fault)), []);
    await page.context().close();
  };

  test('a page is English where nobody wishes for anything else', async () => {
    const page = await openPage(site, '/', { ...DESKTOP, locale: 'fr-FR' });
    await heading(page, 'What is moving right now');
    assert.equal(await root(page), 'en,ltr');
    assert.equal(await page.getByTestId('language').inputValue(), 'en');
    await done(page);
  });

  test('a German browser gets German words, numbers and times', async () => {
    const page = await openPage(site, '/', GERMAN);
    await heading(page, 'Was sich gerade bewegt');
    assert.equal(await root(page), 'de,ltr');
    assert.deepEqual(await axeFindings(page), []);
    await page.goto(`${site.url}/b/cup/scores`);
    await until('a German number', async () => (await first(page).innerText()) === '1.234.567,5');
    await page.goto(`${site.url}/b/fleet/map`);
    await live(page, 10);
    await page.getByRole('tab', { name: 'Tabelle' }).waitFor();
    await page.getByTestId('count').getByText('10 Objekte').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await done(page);
  });

  test('a choice loads the page in that language, and is kept', async () => {
    const page = await openPage(site, '/b/cup/scores', GERMAN);
    await until('German', async () => (await root(page)) === 'de,ltr');
    const choice = page.getByRole('combobox', { name: 'Sprache' });
    assert.deepEqual(await choice.locator('option').allInnerTexts(), ['English', 'Deutsch', 'Español', 'العربية']);
    await choice.selectOption('es');
    await until('Spanish', async () => (await root(page)) === 'es,ltr');
    await page.getByRole('combobox', { name: 'Idioma' }).waitFor();
    await page.reload();
    await until('Spanish again', async () => (await root(page)) === 'es,ltr');
    await page.goto(site.url);
    await heading(page, 'Lo que se mueve ahora mismo');
    // The address wins, for this page alone.
    await page.goto(`${site.url}/?lang=de`);
    await heading(page, 'Was sich gerade bewegt');
    await page.goto(site.url);
    await heading(page, 'Lo que se mueve ahora mismo');
    await done(page);
  });

  test('a choice takes the place of the language in the address', async () => {
    const page = await openPage(site, '/?lang=de');
    await heading(page, 'Was sich gerade bewegt');
    await page.getByTestId('language').selectOption('en');
    await heading(page, 'What is moving right now');
    assert.equal(new URL(page.url()).searchParams.get('lang'), 'en');
    await done(page);
  });

  test('Arabic pages are mirrored', async () => {
    const page = await openPage(site, '/', { ...PHONE, locale: 'ar-EG' });
    await heading(page, 'ما يتحرك الآن');
    assert.equal(await root(page), 'ar,rtl');
    const brand = await page.locator('.brand').boundingBox();
    assert.ok(brand.x > PHONE.viewport.width / 2, `the brand is at ${brand.x}`);
    await done(page);
  });

  for (const language of ['de', 'es', 'ar']) {
    test(`no page is wider than a phone in ${language}`, async () => {
      const page = await openPage(site, '/', { ...PHONE, locale: language });
      const there = {
        '/': () => page.locator('.board-card').nth(1).waitFor(),
        '/b/fleet/map': () => live(page, 10),
        '/b/fleet/map?item=bus-03': () => page.getByTestId('card').waitFor(),
        '/b/cup/scores': () => first(page).waitFor(),
        '/b/fleet/explore?field=passengers': () => page.locator('.uplot canvas').first().waitFor(),
        '/arena': () => page.getByRole('heading', { level: 1 }).waitFor(),
        '/quiz': () => page.getByRole('heading', { level: 1 }).waitFor(),
        '/manage': () => page.getByRole('heading', { level: 1 }).first().waitFor(),
      };
      for (const [path, isThere] of Object.entries(there)) {
        await page.goto(site.url + path);
        await isThere();
        assert.equal((await root(page)).split(',')[0], language);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wider <= 0, `${path} is ${wider} px too wide`);
        assert.deepEqual(await axeFindings(page), [], path);
      }
      await done(page);
    });
  }

  test('a mirrored board has its list at the right and its card at the left, and its map as it is', async () => {
    const page = await openPage(site, '/b/fleet/map?item=bus-03', { ...DESKTOP, locale: 'ar' });
    await live(page, 10);
    const middle = async (locator) => {
      const box = await locator.boundingBox();
      return box.x + box.width / 2;
    };
    assert.ok((await middle(page.getByTestId('card'))) < (await middle(page.getByTestId('list'))));
    const direction = await page.locator('.map-labels').first().evaluate((e) => getComputedStyle(e).direction);
    assert.equal(direction, 'ltr');
    assert.deepEqual(await axeFindings(page), []);
    await done(page);
  });

  test('a frame speaks as the element around it says', async () => {
    const opened = await open(element('cup', 'lang="es" label="Standings"'));
    await shows(await frame(opened), 'Player a');
    assert.equal(await root(await frame(opened)), 'es,ltr');
    await shows(await frame(opened), 'En directo');
    await opened.locator('heliograph-board').evaluate((e) => e.setAttribute('lang', 'ar'));
    await until('Arabic', async () => (await root(await frame(opened))) === 'ar,rtl');
    await shows(await frame(opened), 'مباشر');
    assert.deepEqual(opened.faults, []);
  });
});
