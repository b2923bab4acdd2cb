// What opens: the first page with its groups, a board with what it is for, and a board of which one may see a part.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { heliograph } from '../server.mjs';
import { DESKTOP, PHONE, axeFindings, buses, live, openPage, openSite, publish, until } from './support/site.mjs';

const POINTS = { columns: [{ name: 'points', label: 'Points', op: 'sum', field: 'points', direction: 'desc' }] };

describe('what opens', { timeout: 280_000 }, () => {
  let site;
  const call = async (method, path, body, key = site.server.adminKey) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(site.server.url + path, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, await answer.clone().text());
    return answer.json();
  };
  const put = (board, config) => call('PUT', `/v1/boards/${board}`, { title: board, visibility: 'public', ...config });
  const tabs = (page) => page.locator('nav.board-tabs a').allInnerTexts();
  const current = (page) => page.locator('nav.board-tabs a[aria-current=page]').innerText();

  before(async () => {
    site = await openSite();
    for (const board of ['quiz', 'arena', 'school']) assert.equal(heliograph(site.server, ['board', 'apply', `boards/${board}.json`]).status, 0);
    await publish(site.server, buses());
    await put('cup', { title: 'Cup', scores: POINTS });
    await publish(site.server, ['ann', 'bob', 'cy', 'dee'].map((key, i) => ({ id: key, key, fields: { points: 40 - i * 10 } })), 'cup');
    await put('rally', { title: 'Rally', scores: POINTS });
    await publish(site.server, [{ key: 'car', fields: { points: 1 }, position: { lat: 48.2, lon: 16.4 } }], 'rally');
    await put('lab', { title: 'Lab', home: 'explore' });
    await publish(site.server, [{ key: 'a', fields: { temp: 21 } }], 'lab');
    await put('plant', { title: 'Plant', visibility: 'private', home: 'scores', scores: POINTS });
    await publish(site.server, [{ key: 'north', fields: { points: 3 } }, { key: 'south', fields: { points: 4 } }], 'plant');
  });
  after(() => site?.close());

  test('a board opens what its config says, and without that what it has', async () => {
    const homes = {
      school: /\/b\/school\/scores$/, quiz: /\/quiz$/, arena: /\/arena$/, lab: /\/b\/lab\/explore$/,
      fleet: /\/b\/fleet(#.*)?$/, cup: /\/b\/cup\/scores$/, rally: /\/b\/rally(#.*)?$/,
    };
    for (const [board, address] of Object.entries(homes)) {
      const page = await openPage(site, `/b/${board}`);
      await page.waitForURL(address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.deepEqual(page.faults(), [], board);
      await page.context().close();
    }
  });

  test('the map stays reachable, by an address of its own and by a view that somebody sent', async () => {
    for (const path of ['/b/school/map', '/b/school?tab=table', '/b/cup#3/10/10']) {
      const page = await openPage(site, path);
      await live(page);
      assert.equal(await current(page), 'Map', path);
      assert.ok(page.url().includes(path.split(/[?#]/)[0]), page.url());
      assert.deepEqual(page.faults(), []);
      await page.context().close();
    }
  });

  test('every page of a board leads to all its others', async () => {
    const pages = { map: 'Map', scores: 'Scoreboard', explore: 'Explore' };
    for (const [path, name] of Object.entries(pages)) {
      const page = await openPage(site, `/b/cup/${path}`);
      await page.locator('nav.board-tabs').waitFor();
      assert.deepEqual([await tabs(page), await current(page)], [['Map', 'Scoreboard', 'Explore', 'Console'], name]);
      await page.context().close();
    }
    const page = await openPage(site, '/b/arena/scores');
    await page.locator('nav.board-tabs').waitFor();
    assert.deepEqual(await tabs(page), ['Arena', 'Map', 'Scoreboard', 'Explore', 'Console']);
    for (const [name, address] of [['Explore', /explore/], ['Map', /\/map/], ['Scoreboard', /scores/], ['Arena', /\/arena$/]]) {
      await page.locator('nav.board-tabs').getByRole('link', { name }).click();
      await page.waitForURL(address);
    }
    await page.context().close();
  });

  test('a private board opens what it is for only for who may see it', async () => {
    const anonymous = await fetch(`${site.server.url}/b/plant`, { redirect: 'manual' });
    assert.equal(anonymous.status, 200, 'strangers are not told');
    assert.equal((await fetch(`${site.server.url}/b/school`, { redirect: 'manual' })).headers.get('location'), '/b/school/scores');
    const page = await openPage(site, '/b/plant');
    await page.getByLabel('Key or token').fill(site.server.adminKey);
    await page.getByRole('button', { name: 'Open the board' }).click();
    await page.waitForURL(/\/b\/plant\/scores/);
    await page.getByText('south').first().waitFor();
    await page.context().close();
  });

  test('who may see some keys only opens the board and sees those', async () => {
    const grants = [{ board: 'plant', operations: ['read'], keys: ['north'] }];
    const { key } = await call('POST', '/v1/keys', { label: 'partner', grants });
    const { token } = await call('POST', '/v1/tokens', { grants }, key);
    for (const credential of [key, token]) {
      const page = await openPage(site, '/b/plant/map');
      await page.getByLabel('Key or token').fill(credential);
      await page.getByRole('button', { name: 'Open the board' }).click();
      await live(page, 1);
      await page.getByTestId('list').getByText('north', { exact: true }).waitFor();
      assert.equal(await page.getByTestId('list').getByText('south', { exact: true }).count(), 0);
      assert.deepEqual(await tabs(page), ['Map', 'Scoreboard', 'Explore'], 'nothing leads to the console');
      assert.deepEqual(page.faults().filter((fault) => !/401/.test(fault)), []);
      await page.goto(`${site.url}/b/plant/explore`);
      await page.getByRole('heading', { name: 'Plant' }).waitFor();
      await page.context().close();
    }
  });

  for (const [name, options] of [['desktop', DESKTOP], ['phone', PHONE]]) {
    for (const colorScheme of ['light', 'dark']) {
      test(`the first page shows boards by kind, each with a picture, on a ${name}, ${colorScheme}`, async () => {
        const page = await openPage(site, '/', { ...options, colorScheme });
        const asked = [];
        page.on('request', (r) => asked.push(new URL(r.url()).pathname));
        await page.reload();
        const group = (heading) => page.getByRole('region', { name: heading });
        const cards = (heading) => group(heading).getByRole('heading', { level: 3 }).allInnerTexts();
        await until('the summaries', async () => (await cards('Maps')).includes('Rally') && (await page.locator('.thumb-top').count()) > 0, 40_000);
        assert.deepEqual(await cards('Scoreboards'), ['Cup', 'School']);
        assert.deepEqual(await cards('Quizzes and games'), ['Arena', 'Quiz']);
        assert.deepEqual(await cards('Measurements'), ['Lab']);
        assert.deepEqual(await cards('Maps'), ['Fleet', 'Rally']);
        const cup = page.locator('.board-card').filter({ hasText: 'Cup' });
        assert.deepEqual(await cup.locator('.thumb-name').allInnerTexts(), ['ann', 'bob', 'cy']);
        const fleet = page.locator('.board-card').filter({ hasText: 'Buses in Austin' });
        assert.equal(await fleet.locator('.thumb-spot').count(), 10);
        const boards = asked.filter((path) => path.startsWith('/v1/boards'));
        assert.deepEqual([...new Set(boards)], ['/v1/boards'], 'the list says it all');
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wide <= 0, `${wide} px too wide`);
        assert.deepEqual(await axeFindings(page), []);
        assert.deepEqual(page.faults(), []);
        await page.context().close();
      });
    }
  }

  test('the first page leads to the console whoever has a key, and nobody else', async () => {
    const page = await openPage(site, '/');
    await page.locator('.board-card').first().waitFor();
    const console_ = page.getByRole('link', { name: 'Console', exact: true });
    assert.equal(await console_.count(), 0);
    await page.evaluate((key) => sessionStorage.setItem('heliograph.key', key), site.server.adminKey);
    await page.reload();
    await console_.click();
    await page.waitForURL('**/manage');
    await page.getByTestId('boards').waitFor();
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a card leads to what its board is for', async () => {
    const page = await openPage(site, '/');
    const thumb = page.locator('.board-card').filter({ hasText: 'School' }).locator('.thumb');
    await thumb.scrollIntoViewIfNeeded();
    const box = await thumb.boundingBox();
    await page.mouse.click(box.x + 12, box.y + 12);
    await page.waitForURL(/\/b\/school\/scores/);
    await page.context().close();
  });

  test('the card of a quiz shows the question that is open and how many have answered, and nothing of what is right', async () => {
    await call('POST', '/v1/boards/quiz/sessions', { id: 'sit-1', title: 'Planets' });
    for (const action of ['open', 'freeze']) await call('POST', '/v1/boards/quiz/sessions/sit-1', { action });
    const text = 'Which planet is the largest?';
    const question = (right) => JSON.stringify({ text, options: ['Mars the red', 'Jupiter the great'], points: 10, ...right });
    const sheet = (answered, right) => {
      const room = JSON.stringify({ at: 0, ends_at: null, limit_s: 0, joined: 4, answered, chosen: right ? [1, 3] : [] });
      return publish(site.server, [{ key: '_quiz', fields: { sitting: 'sit-1', title: 'Planets', count: 1, room, q1: question(right) } }], 'quiz');
    };
    await sheet(3);
    const page = await openPage(site, '/');
    const asking = page.locator('.board-card').filter({ hasText: 'A class answers' }).getByTestId('asking');
    await until('the question', async () => (await asking.innerText().catch(() => '')).replace(/\s+/g, ' ').includes(`${text} 3 of 4 answered`), 40_000);
    const said = await (await fetch(`${site.server.url}/v1/boards`)).text();
    assert.ok(said.includes(text) && !/Jupiter the great|Mars the red/.test(said), said);
    assert.deepEqual(await axeFindings(page), []);
    await sheet(4, { right: 1 });
    await until('it to go when it is closed', async () => (await asking.count()) === 0, 40_000);
    assert.deepEqual(page.faults(), []);
    await page.goto(`${site.url}/b/quiz/scores`);
    await page.locator('nav.board-tabs').waitFor();
    assert.deepEqual((await tabs(page))[0], 'Quiz');
    await page.locator('nav.board-tabs').getByRole('link', { name: 'Quiz' }).click();
    await page.waitForURL(/\/quiz$/);
    await page.context().close();
  });

  test('the first page does not say Live while it is offline', async () => {
    const page = await openPage(site, '/');
    const lives = page.locator('.pulse.live');
    await until('live boards', async () => (await lives.count()) > 0, 40_000);
    await page.context().setOffline(true);
    await page.getByText('The server can\'t be reached: this is how it was.').waitFor({ timeout: 3_000 });
    assert.equal(await lives.count(), 0);
    await page.context().setOffline(false);
    await until('live boards again', async () => (await lives.count()) > 0, 5_000);
    await page.context().close();
  });
});
