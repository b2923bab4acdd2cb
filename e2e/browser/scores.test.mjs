// The scoreboard and the manager's console as people use them, in the system's Chromium, against the real worker.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, publish, state, until } from './support/site.mjs';

const BOARD = 'cup';
const CONFIG = {
  title: 'Cup',
  visibility: 'public',
  scores: {
    columns: [
      { name: 'points', label: 'Points', op: 'sum', field: 'points', direction: 'desc' },
      { name: 'games', label: 'Games', op: 'count', direction: 'desc' },
    ],
    filter: [{ field: 'points', exists: true }],
    groups: ['country'],
    name: 'name',
  },
  sessions: {},
};

describe('the scoreboard', { timeout: 600_000 }, () => {
  let site;
  let time = Date.now() - 600_000;

  const call = async (path, body, method = body ? 'POST' : 'GET') => {
    const response = await fetch(`${site.server.url}/v1/boards/${path}`, {
      method,
      headers: { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  const apply = (board, config = CONFIG) => call(board, config, 'PUT');
  const score = (board, key, points, more = {}) =>
    publish(site.server, { key, time: (time += 10), fields: { points, name: `Player ${key}`, ...more } }, board);
  const live = (page, rows = 1) =>
    until('the standings to be live', async () => {
      const s = await state(page);
      return s && s.status === 'live' && s.total >= rows ? s : false;
    });
  /** The rows in the page, in the order a screen reader reads them. */
  const rows = (page) => page.locator('.standings tbody tr:not([hidden])').evaluateAll((list) => list.map((row) => row.dataset.key));
  const order = (page, keys) => until(`the order ${keys}`, async () => String(await rows(page)) === String(keys));

  before(async () => {
    site = await openSite();
    await apply(BOARD);
    await score(BOARD, 'a', 30, { country: 'DE' });
    await score(BOARD, 'b', 20, { country: 'FR' });
    await score(BOARD, 'c', 10, { country: 'DE' });
  });
  after(() => site?.close());

  test('many groups make no page wider than its screen', async () => {
    await apply('wide-cup');
    const groups = ['Northern Eurasia', 'Latin America and the Caribbean', 'Asia Pacific', 'Europe', 'North America', 'Africa and Arab'];
    for (const [i, country] of groups.entries()) await score('wide-cup', `t${i}`, 10 * i, { country });
    for (const size of [PHONE, { viewport: { width: 844, height: 390 } }, { viewport: { width: 640, height: 400 } }]) {
      const page = await openPage(site, '/b/wide-cup/scores', size);
      await live(page, groups.length);
      const { width } = page.viewportSize();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      for (const part of ['.standings', '.search input', '.tabs, .pick', '.standings thead th:last-child']) {
        const box = await page.locator(part).filter({ visible: true }).last().boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= width + 1, `${part} ends at ${box.x + box.width} of ${width}`);
      }
      await page.context().close();
    }
  });

  test('rows slide to their new rank, and gains are shown', async () => {
    const page = await openPage(site, `/b/${BOARD}/scores`);
    await live(page, 3);
    await order(page, ['a', 'b', 'c']);
    assert.deepEqual(await axeFindings(page), []);
    // Looks at every frame whether any row is drawn away from its place.
    await page.evaluate(() => {
      window.slid = [];
      const look = () => {
        for (const row of document.querySelectorAll('.standings tbody tr:not([hidden])')) {
          const { m42 } = new DOMMatrix(getComputedStyle(row).transform);
          if (m42) window.slid.push([row.dataset.key, m42]);
        }
        requestAnimationFrame(look);
      };
      look();
    });
    await score(BOARD, 'c', 15);
    await order(page, ['a', 'c', 'b']);
    const slid = await until('rows on their way', async () => {
      const list = await page.evaluate(() => window.slid);
      return list.some(([key, by]) => key === 'c' && by > 1) && list.some(([key, by]) => key === 'b' && by < -1) ? list : false;
    });
    assert.ok(Math.max(...slid.map(([, by]) => Math.abs(by))) <= 60, 'nobody flies further than it moved');
    assert.match(await page.locator('tr[data-key=c] .number').first().getAttribute('style'), /gain-/);
    await until('all rows at home', async () =>
      page.locator('.standings tbody tr:not([hidden])').evaluateAll((list) => list.every((row) => getComputedStyle(row).transform === 'none')));
    assert.equal(await page.locator('table').first().getAttribute('aria-rowcount'), '4');
    assert.equal(await page.locator('tr[data-key=c]').getAttribute('aria-rowindex'), '3');
    assert.match(await page.getByTestId('summary').innerText(), /^Leader: Player a, 30 points/);
    await score(BOARD, 'b', 6);
    await order(page, ['a', 'b', 'c']);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('nothing slides or flashes with reduced motion', async () => {
    const page = await openPage(site, `/b/${BOARD}/scores`, { ...DESKTOP, reducedMotion: 'reduce' });
    await live(page, 3);
    await page.evaluate(() => {
      window.slid = 0;
      const look = () => {
        window.slid += document.querySelectorAll('.standings tbody tr:not([hidden])[style*=transform], .number[style*=gain]').length;
        requestAnimationFrame(look);
      };
      look();
    });
    await score(BOARD, 'c', 100);
    await order(page, ['c', 'a', 'b']);
    assert.equal(await page.evaluate(() => window.slid), 0);
    await page.context().close();
  });

  test('ties say why, and medals go to the first three', async () => {
    await apply('ties');
    for (const [key, points] of [['x', 5], ['y', 5], ['z', 1], ['w', 0.5]]) await score('ties', key, points);
    const page = await openPage(site, '/b/ties/scores');
    await live(page, 4);
    await order(page, ['x', 'y', 'z', 'w']);
    assert.match(await page.locator('tr[data-key=x]').innerText(), /level; got there first/);
    assert.match(await page.locator('tr[data-key=y]').innerText(), /level; got there later/);
    assert.deepEqual(await page.locator('.standings tbody tr:not([hidden]) .medal').evaluateAll((list) => list.map((m) => m.dataset.medal ?? '')), ['1', '2', '3', '']);
    await page.context().close();
  });

  test('a group has a board of its own, and the address holds it', async () => {
    const page = await openPage(site, `/b/${BOARD}/scores`);
    await live(page, 3);
    await page.getByTestId('groups').getByText('DE', { exact: true }).click();
    await until('two rows', async () => (await rows(page)).length === 2);
    assert.ok((await rows(page)).every((key) => ['a', 'c'].includes(key)));
    await page.waitForURL(/group=country%3ADE/);
    await page.goBack();
    await until('all rows again', async () => (await rows(page)).length === 3);
    await page.context().close();
  });

  test('the pinned row stays in sight, by mouse and by keyboard', async () => {
    const page = await openPage(site, `/b/${BOARD}/scores`);
    await live(page, 3);
    await page.locator('tr[data-key=b]').click();
    await until('the pinned row', async () => /Player b/.test(await page.getByTestId('pinned').innerText()));
    await page.waitForURL(/key=b/);
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'find');
    await page.keyboard.type('player a');
    await page.keyboard.press('Enter');
    await until('the found row', async () => (await page.locator('.pinned li.own').innerText()).includes('Player a'));
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole('button', { name: 'Unpin' }).click();
    await until('no pinned row', async () => !(await page.getByTestId('pinned').isVisible()));
    await page.context().close();
  });

  test('ten thousand rows scroll, and only those in view are in the page', async () => {
    await apply('crowd');
    for (let at = 0; at < 10_000; at += 1_000) {
      const events = Array.from({ length: 1_000 }, (_, i) => ({ key: `p${at + i}`, time: (time += 1), fields: { points: 20_000 - at - i } }));
      await publish(site.server, events, 'crowd');
    }
    const page = await openPage(site, '/b/crowd/scores');
    await live(page, 10_000);
    const scroller = page.getByTestId('standings');
    for (const place of [0.25, 0.5, 0.93, 1]) {
      const first = await scroller.evaluate((e, p) => {
        e.scrollTop = p * (e.scrollHeight - e.clientHeight);
        return Math.ceil(e.scrollTop / 52);
      }, place);
      await until(`row ${first}`, async () => (await rows(page)).includes(`p${first + 2}`));
      assert.ok((await rows(page)).length <= 80);
    }
    assert.ok((await state(page)).rows <= 400, 'a part of the ranking is followed, not all of it');
    await page.context().close();
  });

  test('the public sees a freeze; the manager sees what is behind it and reveals it', async () => {
    await apply('final', { ...CONFIG, sessions: { required: false } });
    await call('final/sessions', { id: 's1', title: 'Final', join: true });
    await call('final/sessions/s1', { action: 'open' });
    time = Date.now();
    await score('final', 'a', 3);
    await score('final', 'b', 2);
    const viewer = await openPage(site, '/b/final/scores');
    await live(viewer, 2);
    const console_ = await openPage(site, '/b/final/console');
    await console_.getByTestId('key').fill('no such key');
    await console_.keyboard.press('Enter');
    await console_.getByRole('alert').waitFor();
    await console_.getByTestId('key').fill(site.server.adminKey);
    await console_.keyboard.press('Enter');
    await console_.getByTestId('console').waitFor();
    assert.ok(!console_.url().includes(site.server.adminKey));
    await until('the join code', async () => /^[2-9A-Z]{6}$/.test(await console_.getByTestId('code').innerText()));
    await order(console_, ['a', 'b']);
    assert.deepEqual(await axeFindings(console_), []);

    await console_.locator('[data-action=freeze]').click();
    await console_.getByTestId('confirm').getByRole('button', { name: 'Freeze' }).click();
    await viewer.getByTestId('frozen').waitFor();
    await publish(site.server, { key: 'b', time: Date.now(), fields: { points: 9 } }, 'final');
    await order(console_, ['b', 'a']);
    assert.deepEqual(await rows(viewer), ['a', 'b']);

    await console_.locator('[data-action=close]').click();
    // Whoever is quick asks for the next before the browser has reported that the dialog is closed.
    await console_.getByTestId('confirm').getByRole('button', { name: 'Close' }).evaluate(async (button) => {
      const dialog = button.closest('dialog');
      const next = document.querySelector('[data-action=reveal], [data-action=freeze], [data-action=close]');
      button.click();
      for (let turn = 0; dialog.open && turn < 1000; turn += 1) await Promise.resolve();
      if (dialog.open) throw new Error('the dialog is open');
      next.click();
    });
    await console_.getByTestId('confirm').getByRole('button', { name: 'Cancel' }).click();
    await console_.locator('[data-action=reveal]').click();
    await console_.getByTestId('confirm').getByRole('button', { name: 'Reveal everything' }).click();
    await order(viewer, ['b', 'a']);
    await until('the banner to go', async () => !(await viewer.getByTestId('frozen').isVisible()));
    assert.deepEqual(viewer.faults(), []);
    await viewer.context().close();
    await console_.context().close();
  });

  test('a manager takes an entry back, and the trail says so', async () => {
    await apply('undo');
    await score('undo', 'a', 5);
    await score('undo', 'b', 3);
    await score('undo', 'b', 40);
    const viewer = await openPage(site, '/b/undo/scores');
    await live(viewer, 2);
    await order(viewer, ['b', 'a']);
    const page = await openPage(site, '/b/undo/console');
    await page.getByTestId('key').fill(site.server.adminKey);
    await page.keyboard.press('Enter');
    await order(page, ['b', 'a']);
    await page.locator('tr[data-key=b]').click();
    const entry = page.getByTestId('entries').locator('li').filter({ hasText: 'points 40' });
    await entry.getByRole('button').click();
    const dialog = page.getByTestId('confirm');
    await dialog.getByRole('textbox').fill('typed twice');
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await order(viewer, ['a', 'b']);
    await until('the entry to be undone', async () => /undone/.test(await entry.innerText()));
    await until('the trail', async () => /typed twice/.test(await page.getByTestId('trail').innerText()));

    await page.getByTestId('row').getByRole('button', { name: 'Disqualify' }).click();
    await dialog.getByRole('textbox').fill('left early');
    await dialog.getByRole('button', { name: /Disqualify/ }).click();
    await order(viewer, ['a']);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    assert.equal((await download).suggestedFilename(), 'undo_scores.csv');
    assert.deepEqual(page.faults(), []);
    await viewer.context().close();
    await page.context().close();
  });

  test('a projector shows rows alone, big and dark', async () => {
    const page = await openPage(site, `/b/${BOARD}/scores?projector=1`);
    await live(page, 3);
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    assert.equal(await page.getByTestId('find').isVisible(), false);
    await until('tall rows', async () => (await page.locator('.standings tbody tr:not([hidden])').first().boundingBox())?.height >= 90);
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');
    await page.getByTestId('find').waitFor();
    assert.ok(!page.url().includes('projector'));
    await page.context().close();
  });

  test('everything fits on a small phone', async () => {
    for (const path of [`/b/${BOARD}/scores?key=b`, `/b/${BOARD}/console`]) {
      const page = await openPage(site, path, { ...PHONE, viewport: { width: 360, height: 740 } });
      if (path.endsWith('console')) {
        await page.getByTestId('key').fill(site.server.adminKey);
        await page.keyboard.press('Enter');
      }
      await until('rows', async () => (await rows(page)).length === 3);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      assert.deepEqual(await axeFindings(page), []);
      await page.context().close();
    }
  });

  test('a board without scores says so', async () => {
    const page = await openPage(site, '/b/fleet/scores');
    await page.getByRole('heading', { name: /no scoreboard/ }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });
});
