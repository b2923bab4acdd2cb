// A contest's board as a hall sees it, and the resolver as a manager drives it, in the system's Chromium.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, SHARED, heliograph } from '../server.mjs';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, publish, state, until } from './support/site.mjs';

const FEED = join(SHARED, 'data/scoreboard/icpc_wf47_2024-04-18_live.ndjson');
const CONFIG = JSON.parse(readFileSync(join(ROOT, 'boards/icpc.json'), 'utf8'));
const PROBLEMS = ['A', 'B', 'C', 'D'];
const TEAMS = 40;

describe('a contest', { timeout: 600_000 }, () => {
  let site;

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
  const apply = (board, tasks) => {
    const config = structuredClone(CONFIG);
    config.scores.attempts.tasks = tasks;
    return call(board, config, 'PUT');
  };
  const live = (page, rows) =>
    until('the grid to be live', async () => {
      const s = await state(page);
      return s && s.status === 'live' && s.total >= rows && (await page.locator('.grid tbody tr:not([hidden])').count()) > 0;
    });
  /** What the grid shows of a team: the signs and minutes of its cells. */
  const shown = (page, key) => page.locator(`.grid tr[data-key="${key}"] td.task`).evaluateAll((cells) => cells.map((c) => c.innerText.trim().split(/\s+/).join(' ')));
  const text = (cell, first) => {
    if (!cell) return '';
    if (cell.minute != null) return `${first ? '★' : '+'}${cell.tries > 1 ? cell.tries : ''} ${cell.minute}`;
    if (cell.pending) return cell.tries ? `?${cell.tries}+${cell.pending}` : `?${cell.pending}`;
    return cell.tries ? `−${cell.tries}` : '';
  };

  /** A contest that is over and frozen: every team solved A; the last hour of five teams is hidden. */
  async function frozen(board) {
    await apply(board, PROBLEMS.map((id) => ({ id, color: '#1a7f37' })));
    await call(`${board}/sessions`, { id: 's1', title: 'Final' });
    await call(`${board}/sessions/s1`, { action: 'open' });
    const start = Date.now();
    let n = 0;
    const attempt = (team, problem, verdict, minute, time) => ({
      key: `t${team}`,
      id: `${board}-${(n += 1)}`,
      time,
      fields: { name: `Team ${team}`, submission: `s${n}`, problem, verdict, solved: verdict === 'AC', penalty: verdict === 'WA', minute },
    });
    await publish(site.server, Array.from({ length: TEAMS }, (_, i) => attempt(i, 'A', 'AC', 10 + i, start)), board);
    await call(`${board}/sessions/s1`, { action: 'freeze' });
    const now = Date.now() + 5;
    // The last team solves two more; others fail.
    const hidden = [attempt(TEAMS - 1, 'B', 'WA', 250, now), attempt(TEAMS - 1, 'B', 'AC', 251, now + 1), attempt(TEAMS - 1, 'C', 'AC', 252, now + 2)];
    hidden.push(...[5, 6, 7, 8].map((team) => attempt(team, 'D', 'WA', 255, now + 3)));
    await publish(site.server, hidden, board);
    // What was sent lies before the end.
    await new Promise((done) => setTimeout(done, 50));
    await call(`${board}/sessions/s1`, { action: 'close' });
  }

  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  test('the grid shows of every team what the board says of it', existsSync(FEED) ? {} : { skip: 'the feed is not there' }, async () => {
    const labels = 'ABCDEFGHIJK'.split('');
    await apply('wf', labels.map((id) => ({ id })));
    const { status, stderr } = heliograph(site.server, ['replay', FEED, '--board', 'wf', '--session', 'wf47', '--speed', 'max', '--keep-time']);
    assert.equal(status, 0, stderr);
    const { rows, about } = await call('wf/scores?top=1000&cells=true');
    const page = await openPage(site, '/b/wf/contest');
    await live(page, 130);
    assert.deepEqual(await page.locator('.grid thead th.task').allInnerTexts(), labels);
    assert.match(await page.getByTestId('clock').innerText(), /5:00:00\s+Over/);
    const grid = page.getByTestId('grid');
    for (const at of [0, 40, 90, 129]) {
      const { key, cells } = rows[at];
      await grid.evaluate((e, row) => (e.scrollTop = (row - 4) * 46), at);
      await page.locator(`.grid tr[data-key="${key}"]`).waitFor();
      const expected = cells.map((cell, i) => text(cell, about.tasks[i].first === key));
      await until(`the cells of ${key}`, async () => String(await shown(page, key)) === String(expected));
    }
    assert.ok((await page.locator('.grid tbody tr:not([hidden])').count()) <= 40, 'only rows in view are in the page');
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a phone shows rank, name and score, and a team that is tapped its problems', async () => {
    await frozen('phone');
    for (const size of [PHONE, { ...PHONE, viewport: { width: 844, height: 390 } }]) {
      const page = await openPage(site, '/b/phone/contest', size);
      await live(page, TEAMS);
      const { width } = page.viewportSize();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      for (const part of ['.rank', '.name', '.value']) {
        const box = await page.locator(`.grid tbody tr:not([hidden]) ${part}`).first().boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= width + 1, part);
      }
      await page.locator('.grid tr[data-key="t1"] .name').click();
      await until('its problems', async () => /solved with 1 try in minute 11/.test(await page.getByTestId('chosen').innerText()));
      assert.deepEqual(await axeFindings(page), []);
      await page.context().close();
    }
  });

  test('the resolver is driven by keyboard, goes back, and the hall follows', async () => {
    await frozen('hall');
    const hall = await openPage(site, '/b/hall/contest?projector=1', { ...DESKTOP, reducedMotion: 'reduce' });
    await live(hall, TEAMS);
    assert.equal(await hall.getByTestId('resolver').count(), 0, 'the public has no resolver');
    const desk = await openPage(site, '/b/hall/contest');
    await signIn(desk, 'hall');
    await live(desk, TEAMS);
    await desk.getByTestId('resolver').waitFor();
    const last = `t${TEAMS - 1}`;
    await desk.keyboard.press('ArrowRight');
    for (const page of [desk, hall]) {
      await until('the team and its problems', async () => /Team 39\s+B solved, C solved/.test(await page.getByTestId('spotlight').innerText().catch(() => '')));
      // It moved to the top, and the view with it.
      await until('the row in view', async () => {
        const row = page.locator(`.grid tr[data-key="${last}"].lit`);
        return (await row.count()) === 1 && (await row.getAttribute('aria-rowindex')) === '2';
      });
    }
    assert.deepEqual(await axeFindings(desk), []);
    assert.deepEqual(await axeFindings(hall), []);
    await desk.keyboard.press('ArrowLeft');
    for (const page of [desk, hall]) {
      await until('the row to be back', async () => (await page.getByTestId('spotlight').count()) === 0);
    }
    const { rows } = await call('hall/scores?top=1000&cells=true');
    assert.equal(rows.length, TEAMS);
    assert.deepEqual(hall.faults(), []);
    assert.deepEqual(desk.faults(), []);
    await hall.context().close();
    await desk.context().close();
  });

  test('the resolver plays by itself to the end, and pauses', async () => {
    await frozen('auto');
    const hall = await openPage(site, '/b/auto/contest');
    await live(hall, TEAMS);
    const desk = await openPage(site, '/b/auto/contest');
    await signIn(desk, 'auto');
    await live(desk, TEAMS);
    await desk.getByTestId('pace').selectOption('1000');
    await desk.getByTestId('play').click();
    await until('some rows', async () => (await desk.getByTestId('spotlight').count()) === 1);
    await desk.getByTestId('play').click();
    assert.match(await desk.getByTestId('play').innerText(), /Play/);
    const paused = (await call('auto/scores')).about.resolving;
    await new Promise((done) => setTimeout(done, 1_500));
    assert.equal((await call('auto/scores')).about.resolving, paused, 'it waits');
    await desk.getByTestId('play').click();
    await until('the end', async () => (await call('auto/sessions')).sessions[0].phase === 'revealed', 120_000);
    await until('the resolver to go', async () => !(await desk.getByTestId('resolver').isVisible()));
    await until('the winner in the hall', async () => String(await shown(hall, `t${TEAMS - 1}`)) === '+ 49,★2 251,★ 252,');
    await hall.context().close();
    await desk.context().close();
  });

  /** Opens the board with the manager's key, as the console does. */
  async function signIn(page, board) {
    await page.goto(`${site.url}/b/${board}/manage/scores`);
    await page.getByTestId('key').fill(site.server.adminKey);
    await page.keyboard.press('Enter');
    await page.getByTestId('console').waitFor();
    await page.goto(`${site.url}/b/${board}/contest`);
  }
});
