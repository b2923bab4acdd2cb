// The arena: a player with keys or fingers, and somebody who watches the board in another browser.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { heliograph } from '../server.mjs';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, until } from './support/site.mjs';

const text = (page, id) => page.getByTestId(id).innerText();
const points = async (page) => Number(/(\d+) points/.exec(await text(page, 'hud'))?.[1] ?? 0);
const confirmed = async (page) => Number(/(\d+) points/.exec(await text(page, 'stream'))?.[1] ?? 0);

describe('the arena', { timeout: 600_000 }, () => {
  let site;
  const admin = (path, body) =>
    fetch(`${site.server.url}/v1/boards/arena${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    }).then((r) => r.json());

  async function openGame() {
    const session = await admin('/sessions', { title: 'Game', join: true });
    assert.equal((await admin(`/sessions/${session.id}`, { action: 'open' })).phase, 'open');
    return session;
  }

  async function join(code, name, options) {
    const page = await openPage(site, `/arena?code=${code}`, options);
    await page.getByLabel(/Your name/).fill(name);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByTestId('me').waitFor();
    return page;
  }

  /** Sweeps from side to side until something was caught. */
  async function playUntil(page, most, press) {
    const end = Date.now() + 50_000;
    while ((await points(page)) < most && Date.now() < end && !(await text(page, 'hud')).includes('over')) await press();
    return points(page);
  }

  before(async () => {
    site = await openSite();
    const applied = heliograph(site.server, ['board', 'apply', 'boards/arena.json']);
    assert.equal(applied.status, 0, applied.stderr);
  });
  after(() => site?.close());

  test('anybody may practise, on every screen, light and dark; nothing is sent', async () => {
    for (const options of [DESKTOP, PHONE, { ...PHONE, viewport: { width: 320, height: 640 } }]) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await openPage(site, '/arena', { ...options, colorScheme });
        await page.getByTestId('practice').waitFor();
        await until('the board', async () => (await text(page, 'link')) === 'Live');
        assert.deepEqual(await axeFindings(page), [], colorScheme);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wide <= 0, `the page is ${wide} px too wide`);
        await page.getByTestId('go').click();
        await until('the run', async () => /s left/.test(await text(page, 'hud')));
        assert.deepEqual(page.faults(), []);
        await page.context().close();
      }
    }
    assert.equal((await admin('/items')).items.length, 0);
  });

  test('points are on the board, and on another screen, while the player wins them', async (t) => {
    const session = await openGame();
    const watcher = await openPage(site, '/arena');
    await until('the watcher', async () => (await text(watcher, 'link')) === 'Live');
    const player = await join(session.code, 'Ann', DESKTOP);
    await player.keyboard.press('Space');
    await until('the run', async () => /s left/.test(await text(player, 'hud')));
    let side = 'ArrowLeft';
    const won = await playUntil(player, 5, async () => {
      side = side === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
      await player.keyboard.down(side);
      await sleep(500);
      await player.keyboard.up(side);
    });
    assert.ok(won >= 5, `${won} points`);
    await until("the watcher's top 10", async () => /Ann/.test(await text(watcher, 'ranks')));
    assert.ok(/s left/.test(await text(player, 'hud')), 'the run still goes on');

    // Pausing stops the clock, by key and by leaving the window.
    await player.keyboard.press('Space');
    await until('the pause', async () => /Paused/.test(await text(player, 'hud')));
    const paused = await text(player, 'hud');
    await sleep(1_200);
    assert.equal(await text(player, 'hud'), paused);
    const total = await points(player);
    await player.getByTestId('go').click();
    await until('it goes on', async () => /s left/.test(await text(player, 'hud')));

    // To the end of the run: everything is on the board, in order and within the bounds.
    await until('the end', async () => /over/.test(await text(player, 'hud')), 90_000);
    const final = await points(player);
    assert.ok(final >= total);
    await until('all points', async () => (await confirmed(player)) === final);
    const row = (await admin('/scores')).rows.find((r) => r.name === 'Ann');
    assert.deepEqual(row.values, [final, final]);
    await until("the same on the watcher's screen", async () => new RegExp(`Ann\\s+${final}\\b`).test(await text(watcher, 'ranks')));
    const { entries } = await admin(`/scores/${row.key}/entries`);
    assert.ok(entries.every((e) => e.fields.points <= 100 && e.id));
    assert.equal((await admin('/dead-letters')).dead_letters.length, 0);
    const times = entries.map((e) => e.time).sort((a, b) => a - b);
    const closest = Math.min(...times.slice(1).map((at, i) => at - times[i]));
    t.diagnostic(`${final} points in ${entries.length} events, the closest ${closest} ms apart`);
    for (const page of [player, watcher]) assert.deepEqual(page.faults(), []);

    await admin(`/sessions/${session.id}`, { action: 'close' });
    await until('the watcher to see the end', async () => /Game: over/.test(await watcher.locator('aside').innerText()));
    await player.context().close();
    await watcher.context().close();
  });

  test('a finger steers, and a game that closes says so', async () => {
    const session = await openGame();
    const page = await join(session.code, 'Bea', PHONE);
    await page.getByTestId('go').tap();
    await until('the run', async () => /s left/.test(await text(page, 'hud')));
    const box = await page.getByTestId('canvas').boundingBox();
    const won = await playUntil(page, 5, async () => {
      const x = box.x + box.width * (0.1 + 0.8 * Math.random());
      await page.touchscreen.tap(x, box.y + box.height * 0.8);
      await sleep(400);
    });
    assert.ok(won >= 5, `${won} points`);
    await until('points on the board', async () => (await confirmed(page)) >= 5);
    await admin(`/sessions/${session.id}`, { action: 'close' });
    // The grace is over for new events at once: only those from before the end are still taken.
    const closed = await until('the end to be told', async () => {
      await page.touchscreen.tap(box.x + box.width * Math.random(), box.y + box.height * 0.8);
      return /closed|over/.test((await text(page, 'stream')) + (await text(page, 'hud')));
    }, 70_000);
    assert.ok(closed);
    await page.context().close();
  });
});
