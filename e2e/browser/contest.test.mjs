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
  const apply = (board, tasks, awards = []) => {
    const config = { ...structuredClone(CONFIG), awards };
    config.scores.attempts.tasks = tasks;
    return call(board, config, 'PUT');
  };
  const live = (page, rows) =>
    until('the grid to be live', async () => {
      const s = await state(page);
      return s && s.status === 'live' && s.total >= rows && (await page.locator('.grid tbody tr:not([hidden])').count()) > 0;
    });
  /** What the grid shows of a team: the signs and minutes of its cells. */
  const shown = (page, key) => page.locator(`.grid tr[data-key="${key}"]:not([hidden]) td.task`).evaluateAll((cells) => cells.map((c) => c.innerText.trim().split(/\s+/).join(' ')));
  const text = (cell, first) => {
    if (!cell) return '';
    if (cell.minute != null) return `${first ? '★' : '+'}${cell.tries > 1 ? cell.tries : ''} ${cell.minute}`;
    if (cell.pending) return cell.tries ? `?${cell.tries}+${cell.pending}` : `?${cell.pending}`;
    return cell.tries ? `−${cell.tries}` : '';
  };

  /** A contest that is over and frozen: every team solved A; the last hour of five teams is hidden. */
  async function frozen(board, awards, problems = PROBLEMS) {
    await apply(board, problems.map((id) => ({ id, color: '#1a7f37' })), awards);
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

  test('the resolver for the hall reveals cell by cell to the final standings, by keyboard, and steps back exactly', async () => {
    await frozen('cells');
    const last = `t${TEAMS - 1}`;
    // A team beside it whose last hour is of all kinds: solved, failed, not judged.
    const { frozen_at } = (await call('cells/sessions')).sessions[0];
    const attempt = (n, problem, fields) => ({ key: 't20', id: `mixed-${n}`, time: frozen_at + n, fields: { submission: `mixed-${n}`, problem, minute: 260 + n, solved: false, penalty: false, ...fields } });
    await publish(site.server, [attempt(1, 'B', { verdict: 'AC', solved: true }), attempt(2, 'C', { verdict: 'WA', penalty: true }), attempt(3, 'D', {})], 'cells');
    const final = await call('cells/scores?top=1000&cells=true');
    const publicAnswer = async () => (await fetch(`${site.server.url}/v1/boards/cells/scores?top=1000&cells=true`)).json();
    const hiddenBefore = JSON.stringify((await publicAnswer()).rows);

    // The public finds no resolver there, and receives nothing of it.
    const visitor = await openPage(site, '/b/cells/contest?resolver=1');
    await visitor.getByTestId('no-hall').waitFor();
    assert.match(await visitor.getByTestId('no-hall').innerText(), /may manage/);
    await visitor.context().close();

    const desk = await openPage(site, '/b/cells/contest', { viewport: { width: 1920, height: 1080 }, reducedMotion: 'reduce' });
    await signIn(desk, 'cells');
    await desk.getByTestId('to-hall').waitFor();
    await desk.getByTestId('to-hall').focus();
    await desk.keyboard.press('Enter');
    await desk.getByTestId('stage').waitFor();
    const seen = async () => ({
      rows: await desk.locator('[data-testid=stage] tbody tr:not([hidden])').evaluateAll((rows) => rows.map((r) => [r.dataset.key, r.getAttribute('aria-rowindex'), r.className, r.innerText]).sort()),
      told: await desk.getByTestId('told').innerText(),
      progress: await desk.getByTestId('progress').innerText(),
    });
    /** What is seen, once nothing moves any more. */
    const still = async () => {
      let before;
      return until('the screen to be still', async () => {
        const now = await seen();
        const same = JSON.stringify(now) === JSON.stringify(before);
        before = now;
        return same && now;
      });
    };
    const start = await still();
    assert.equal(start.progress, '0 of 8 revealed');
    assert.match(start.told, /8 cells are hidden/);
    await desk.keyboard.press('ArrowRight');
    const focused = await still();
    assert.match(focused.told, /Team 39\s+Rank 40, 2 problems pending/);
    assert.equal(await desk.locator('.lit:not([hidden]) td[data-next]').count(), 1, 'the next cell is framed');
    assert.deepEqual(await axeFindings(desk), []);
    await desk.keyboard.press('ArrowRight');
    const revealed = await still();
    assert.match(revealed.told, /Team 39\s+B solved in minute 251, up to rank 1/);
    assert.equal(revealed.progress, '1 of 8 revealed');
    const row = desk.locator(`.grid tr[data-key="${last}"].lit:not([hidden])`);
    assert.equal(await row.getAttribute('aria-rowindex'), '2', 'it moved up');
    const [box, stage] = [await row.boundingBox(), await desk.getByTestId('stage').boundingBox()];
    assert.ok(box.y >= stage.y && box.y + box.height <= stage.y + stage.height, 'the view followed it');
    await desk.keyboard.press('ArrowLeft');
    assert.deepEqual(await still(), focused, 'a step back is the state before');
    await desk.keyboard.press('ArrowLeft');
    assert.deepEqual(await still(), start);

    // By itself, and paused, from the keyboard.
    await desk.getByTestId('pace').selectOption('1000');
    await desk.getByTestId('stage').focus();
    await desk.keyboard.press('Space');
    await until('two to be revealed', async () => /^[2-8] of 8/.test(await desk.getByTestId('progress').innerText()));
    await desk.keyboard.press('Space');
    const paused = await still();
    await new Promise((done) => setTimeout(done, 1_500));
    assert.deepEqual(await seen(), paused, 'it waits');
    await until('the end', async () => {
      await desk.keyboard.press('ArrowRight');
      return /These are the final standings/.test(await desk.getByTestId('told').innerText());
    }, 60_000);
    const end = await still();
    assert.equal(end.progress, '8 of 8 revealed');

    // Row for row what the board says to managers.
    const stageBox = desk.getByTestId('stage');
    for (const [at, { key, rank, cells, values, tied }] of final.rows.entries()) {
      await stageBox.evaluate((e, top) => (e.scrollTop = top), Math.max(0, (at - 5) * 60));
      const expected = [String(at + 2), `${tied ? '=' : ''}${rank}`, ...values.slice(0, 2).map(String), ...cells.map((cell, i) => text(cell, final.about.tasks[i].first === key))];
      // In one look: a row's elements are another team's when the view was scrolled.
      const look = () =>
        desk.evaluate((own) => {
          const row = document.querySelector(`.grid tr[data-key="${own}"]:not([hidden])`);
          const of = (selector) => [...row.querySelectorAll(selector)];
          return [row.getAttribute('aria-rowindex'), row.querySelector('.medal').textContent, ...of('.value').map((v) => v.textContent.replace(/\s/g, '')), ...of('td.task').map((c) => c.innerText.trim().split(/\s+/).join(' '))];
        }, key);
      let last;
      await until(`the row of ${key}: ${expected}`, async () => String((last = await look())) === String(expected)).catch(() => assert.deepEqual(last, expected));
    }
    assert.deepEqual(await axeFindings(desk), []);
    assert.equal(JSON.stringify((await publicAnswer()).rows), hiddenBefore, 'nobody else was shown anything');
    await desk.getByTestId('everybody').click();
    await until('everybody to see it', async () => JSON.stringify((await publicAnswer()).rows) === JSON.stringify(final.rows));
    assert.deepEqual(desk.faults(), []);
    await desk.context().close();
  });

  test('the resolver fits a phone, upright and on its side', async () => {
    await frozen('small', [], 'ABCDEFGHIJKLM'.split(''));
    for (const size of [PHONE, { ...PHONE, viewport: { width: 844, height: 390 } }]) {
      const page = await openPage(site, '/b/small/contest', size);
      await signIn(page, 'small');
      await page.goto(`${site.url}/b/small/contest?resolver=1`);
      await page.getByTestId('step').click();
      await until('the team', async () => /Team 39/.test(await page.getByTestId('told').innerText()));
      const { width, height } = page.viewportSize();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      for (const id of ['restart', 'back', 'play', 'step', 'pace', 'progress']) {
        const box = await page.getByTestId(id).boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1, id);
      }
      const row = await page.locator('.grid tr.lit:not([hidden])').boundingBox();
      const stage = await page.getByTestId('stage').boundingBox();
      assert.ok(row.y >= stage.y - 1 && row.y + row.height <= stage.y + stage.height + 1, 'the row is in view');
      if (width === PHONE.viewport.width) {
        // Thirteen problems under the team, with their letters, beside each other and in the row.
        const cells = page.locator('.grid tr.lit:not([hidden]) td.task');
        const boxes = await cells.evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().toJSON()));
        assert.equal(boxes.length, 13);
        for (const [at, box] of boxes.entries()) {
          assert.ok(box.width >= 32 && box.left >= row.x && box.right <= row.x + row.width + 1 && box.bottom <= row.y + row.height + 1, `cell ${at}: ${JSON.stringify(box)}`);
          const over = boxes.filter((other) => other.left < box.right - 1 && box.left < other.right - 1 && other.top < box.bottom - 1 && box.top < other.bottom - 1);
          assert.equal(over.length, 1, `cell ${at} lies over no other`);
        }
        const letters = await cells.evaluateAll((all) => all.map((cell) => getComputedStyle(cell, '::before').content.replaceAll('"', '')).join(''));
        assert.equal(letters, 'ABCDEFGHIJKLM');
        assert.ok(await cells.nth(1).isVisible());
        assert.equal(await cells.nth(1).getAttribute('data-next'), 'true', 'the next cell is framed');
        const name = await page.locator('.grid tr.lit:not([hidden]) .who').boundingBox();
        assert.ok(name.width > 60 && name.y < boxes[0].top, 'the team stands over them');
      }
      assert.deepEqual(await axeFindings(page), []);
      await page.context().close();
    }
  });

  test('medals have a line and a word, and who is named by an award is told at the end', async () => {
    const awards = [
      { id: 'gold-medal', ranks: [1, 1] },
      { id: 'silver-medal', ranks: [2, 3] },
      { id: 'winner', citation: 'Champions', keys: [`t${TEAMS - 1}`] },
      { id: 'odd-one', citation: 'Team spirit', keys: ['t2'] },
    ];
    await frozen('medals', awards);
    for (const answer of [await fetch(`${site.server.url}/v1/boards/medals`), await fetch(`${site.server.url}/v1/boards/medals/scores`)]) {
      const said = await answer.text();
      assert.ok(said.includes('silver-medal') && !/Champions|Team spirit/.test(said), `${answer.url}: ${said}`);
    }
    /** The first rows: key, award, and whether a line is below. */
    const medals = (page) =>
      page.locator('.grid tbody tr:not([hidden])').evaluateAll((rows) =>
        rows
          .sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
          .slice(0, 4)
          .map((row) => `${row.dataset.key} ${row.querySelector('.award').innerText} ${row.dataset.ends ?? ''}`.trim()),
      );
    for (const size of [DESKTOP, PHONE]) {
      const page = await openPage(site, '/b/medals/contest', size);
      await live(page, TEAMS);
      await until('the medals', async () => String(await medals(page)) === 't0 Gold gold,t1 Silver,t2 Silver silver,t3');
      await page.getByRole('rowheader', { name: /Team 0.*Gold/ }).waitFor();
      const line = await page.locator('.grid tr[data-key="t2"]').evaluate((row) => parseFloat(getComputedStyle(row).borderBottomWidth));
      assert.ok(line >= 3, `a line of ${line} px`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize().width);
      assert.deepEqual(await axeFindings(page), []);
      await page.context().close();
    }
    const hall = await openPage(site, '/b/medals/contest', { ...DESKTOP, reducedMotion: 'reduce' });
    await live(hall, TEAMS);
    const desk = await openPage(site, '/b/medals/contest', { ...DESKTOP, reducedMotion: 'reduce' });
    await signIn(desk, 'medals');
    await desk.goto(`${site.url}/b/medals/contest?resolver=1`);
    await desk.getByTestId('stage').waitFor();
    assert.equal(await desk.locator('.grid .award:not(:empty)').count(), 0, 'nothing is settled yet');
    await until('the end', async () => {
      await desk.keyboard.press('ArrowRight');
      return /These are the final standings · Team 39: Gold · Champions/.test(await desk.getByTestId('told').innerText());
    }, 60_000);
    await until('the medals in the hall', async () => String(await medals(desk)) === 't39 Gold gold,t0 Silver,t1 Silver silver,t2');
    await desk.getByTestId('everybody').click();
    await until('everybody to see it', async () => /Champions/.test(await hall.locator('.grid tr[data-key="t39"] .what').innerText().catch(() => '')));
    await hall.locator('.grid tr[data-key="t2"] .name').click();
    await until('the card', async () => /Awards: Team spirit/.test(await hall.getByTestId('chosen-awards').innerText().catch(() => '')));
    assert.deepEqual([...hall.faults(), ...desk.faults()], []);
    await hall.context().close();
    await desk.context().close();
  });

  test('a logo takes its badge’s place once it has come, from the site that the config names alone; without one the badge stays', async () => {
    await apply('logos', PROBLEMS.map((id) => ({ id })));
    const files = { t1: 'o/1/logo.png', t2: 'o/2/gone.png' };
    await call('logos', { ...(await call('logos')), logos: { site: 'https://cds.example/api/', files } }, 'PUT');
    await call('logos/sessions', { id: 's1', title: 'Final' });
    await call('logos/sessions/s1', { action: 'open' });
    const solved = (n) => ({ key: `t${n}`, id: `l${n}`, fields: { name: `Team ${n}`, submission: `l${n}`, problem: 'A', verdict: 'AC', solved: true, penalty: false, minute: n } });
    await publish(site.server, [1, 2, 3].map(solved), 'logos');
    const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    for (const size of [DESKTOP, PHONE]) {
      const page = await openPage(site, '/robots.txt', size);
      const asked = [];
      await page.route('https://cds.example/**', (route) => {
        asked.push([route.request().url(), route.request().headers().referer]);
        return route.fulfill(/o\/1\//.test(route.request().url()) ? { contentType: 'image/png', body: dot } : { status: 404, body: '' });
      });
      const policy = (await page.goto(`${site.url}/b/logos/contest`)).headers()['content-security-policy'];
      assert.match(policy, /img-src [^;]* https:\/\/cds\.example;/);
      assert.doesNotMatch(policy, /(connect|font|script)-src [^;]*cds\.example/);
      await live(page, 3);
      const badge = (key) => page.locator(`.grid tr[data-key="${key}"]:not([hidden]) .badge`);
      await until('the logo', async () => (await badge('t1').getAttribute('data-logo')) === 'true');
      assert.ok(await badge('t1').locator('img').isVisible());
      assert.equal(await badge('t1').innerText(), '');
      await until('the other to be asked for', () => asked.some(([url]) => url.endsWith('/api/o/2/gone.png')));
      for (const key of ['t2', 't3']) {
        assert.equal(await badge(key).getAttribute('data-logo'), null, key);
        assert.equal(await badge(key).innerText(), `T${key.slice(1)}`);
      }
      assert.ok(asked.every(([, referer]) => referer === undefined), JSON.stringify(asked));
      assert.equal(new Set(asked.map(([url]) => url)).size, 2, JSON.stringify(asked));
      assert.deepEqual(await axeFindings(page), []);
      assert.deepEqual(page.faults().filter((fault) => !/cds\.example|404/.test(fault)), []);
      await page.context().close();
    }
    const scores = await fetch(`${site.server.url}/b/logos/scores`);
    assert.doesNotMatch(scores.headers.get('content-security-policy'), /cds\.example/);
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
