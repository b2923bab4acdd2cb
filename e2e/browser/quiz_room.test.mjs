// A quiz in a room: a leader, a big screen and phones; two sittings at once; and another device of the leader.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, until } from './support/site.mjs';

const QUESTIONS = `question,options,right,points
What carries a heliograph's message?,Smoke | Sunlight | Flags,B,10
What is 7 × 8?,54 | 56 | 58,56,5
`;
const PROJECTOR = { viewport: { width: 1920, height: 1080 } };

const faults = (page) => page.faults().filter((f) => !/\b40[134]\b/.test(f));
const text = (page, id) => page.getByTestId(id).innerText();
const shows = (page, id, pattern) => until(`${id} to show ${pattern}`, async () => pattern.test(await text(page, id)));
const stage = (page, name) => until(`the stage ${name}`, async () => (await page.getByTestId('stage').getAttribute('data-stage')) === name);

async function api(site, path, body, credential, method) {
  const answer = await fetch(site.server.url + path, {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: { ...(credential && { authorization: `Bearer ${credential}` }), 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return answer.json();
}

async function signIn(page, key) {
  await page.getByLabel('Key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('editor').waitFor();
}

async function lead(site, key, options = DESKTOP) {
  const page = await openPage(site, '/quiz/lead', options);
  await signIn(page, key);
  return page;
}

async function write(page, title) {
  const details = page.locator('details.import');
  if (!(await details.evaluate((d) => d.open))) await page.getByText('Import or save questions').click();
  await page.getByLabel('Or paste it here').fill(QUESTIONS);
  await page.getByRole('button', { name: 'Import what is pasted' }).click();
  await page.getByLabel('Title').fill(title);
}

async function save(page, title) {
  await write(page, title);
  await page.getByTestId('save').click();
  await page.getByRole('button', { name: `Open ${title}`, exact: true }).waitFor();
}

async function open(page) {
  await page.getByTestId('open').click();
  await page.getByTestId('desk').waitFor();
  await shows(page, 'link', /^Live$/);
  return { code: await text(page, 'code'), room: await page.getByTestId('room').getAttribute('href') };
}

async function join(site, code, name) {
  const page = await openPage(site, `/quiz/play?code=${code}`, PHONE);
  await page.getByLabel(/Your name/).fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByTestId('seat').waitFor();
  return page;
}

/** What fits on a page: nothing is wider than it. */
async function fits(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `${what} is ${wide} px too wide`);
}

async function close(...pages) {
  for (const page of pages) {
    assert.deepEqual(faults(page), []);
    await page.context().close();
  }
}

describe('a quiz in a room', { timeout: 600_000 }, () => {
  let site;
  let teacher;
  before(async () => {
    site = await openSite();
    const grants = [{ board: 'quiz-*', operations: ['read', 'history', 'publish', 'manage'] }];
    teacher = (await api(site, '/v1/keys', { label: 'teacher', grants }, site.server.adminKey)).key;
  });
  after(() => site?.close());

  test('a leader, a projector and three phones go through a whole sitting; speed counts, and nothing tells too early', async () => {
    const leader = await lead(site, teacher);
    await save(leader, 'Light');
    await leader.getByLabel(/Keep the standings to yourself/).setChecked(false);
    await leader.getByLabel('Time for a question').selectOption('120');
    await leader.getByLabel('Points for speed').selectOption('50');
    await leader.getByText(/at the last moment 50 %/).waitFor();
    const { code, room } = await open(leader);
    const board = decodeURIComponent(room.split('/')[2]);
    assert.match(board, /^quiz-[0-9a-f]{8}$/);
    const screen = await openPage(site, room, PROJECTOR);
    await stage(screen, 'lobby');
    await shows(screen, 'room-code', new RegExp(`^${code}$`));
    assert.equal(await screen.getByTestId('qr').getAttribute('data-text'), `${site.url}/quiz/play?code=${code}`);
    assert.deepEqual(await axeFindings(screen), []);
    const [ann, bob, cy] = [await join(site, code, 'Ann'), await join(site, code, 'Bob'), await join(site, code, 'Cy')];
    await shows(screen, 'joined', /^3 have joined$/);

    await leader.getByTestId('next').click();
    await stage(screen, 'question');
    await ann.getByTestId('option-B').click();
    await bob.getByTestId('option-A').click();
    await shows(screen, 'answered', /^2$/);
    await shows(screen, 'left', /^1[012]\d s left$/);
    await shows(cy, 'left', /^1[012]\d s left$/);
    // Neither the big screen nor the leader's page nor the board tells what is right.
    const told = await Promise.all([screen, leader].map((page) => page.locator('.right, .tick').count()));
    assert.deepEqual(told, [0, 0]);
    await shows(leader, 'summary-1', /^2 answers$/);
    assert.doesNotMatch(JSON.stringify(await api(site, `/v1/boards/${board}/items`)), /right/);
    assert.deepEqual((await api(site, `/v1/boards/${board}/scores`)).rows, []);
    assert.deepEqual(await axeFindings(screen), []);

    await leader.getByTestId('solve-1').click();
    await stage(screen, 'answer');
    await shows(screen, 'chosen-B', /^1$/);
    await shows(screen, 'chosen-A', /^1$/);
    assert.equal(await screen.locator('.room-options .right').innerText().then((t) => t.includes('Sunlight')), true);
    await shows(ann, 'fate', /^Right!$/);
    await until('standings between', async () => /Ann/.test(await text(screen, 'ranks')));
    // A phone that comes back has its seat.
    await ann.reload();
    await shows(ann, 'place', /You are number 1/);

    await leader.getByTestId('next').click();
    await stage(screen, 'question');
    await cy.getByTestId('option-B').click();
    await shows(screen, 'answered', /^1$/);
    await leader.getByTestId('solve-2').click();
    await stage(screen, 'answer');
    await leader.getByTestId('close').click();
    await leader.getByTestId('confirm').getByText('Close the sitting?').waitFor();
    assert.deepEqual(await axeFindings(leader), []);
    await leader.getByTestId('confirm-yes').click();
    await stage(screen, 'podium');
    await until('the podium', async () => /Ann/.test(await text(screen, 'podium')));
    const { rows } = await api(site, `/v1/boards/${board}/scores`);
    const points = Object.fromEntries(rows.map((r) => [r.name, r.values[0]]));
    assert.ok(points.Ann > 8 && points.Ann <= 10 && points.Cy >= 4 && points.Cy <= 5 && points.Bob === 0, JSON.stringify(points));
    assert.deepEqual(await axeFindings(screen), []);
    await leader.getByTestId('again').click();
    await leader.getByTestId('editor').waitFor();
    await close(leader, screen, ann, bob, cy);
  });

  test('two sittings run at once, and each phone is in its own', async () => {
    const [one, two] = [await lead(site, teacher), await lead(site, teacher)];
    await save(one, 'First');
    await save(two, 'Second');
    const [a, b] = [await open(one), await open(two)];
    assert.notEqual(a.room.split('/')[2], b.room.split('/')[2]);
    const [ann, bob] = [await join(site, a.code, 'Ann'), await join(site, b.code, 'Bob')];
    await one.getByTestId('next').click();
    await ann.getByTestId('option-B').click();
    await shows(one, 'summary-1', /^1 answer$/);
    await bob.getByText(/first question comes/).waitFor();
    await shows(two, 'students', /^1$/);
    await shows(two, 'summary-1', /^0 answers$/);
    for (const page of [one, two]) {
      await page.getByTestId('close').click();
      await page.getByTestId('confirm-yes').click();
      await shows(page, 'phase', /^Closed$/);
    }
    await close(one, two, ann, bob);
  });

  test('another device of the leader finds the running sitting, what was answered and the saved quizzes', async () => {
    const first = await lead(site, teacher);
    await save(first, 'Mobile');
    const { code } = await open(first);
    const ann = await join(site, code, 'Ann');
    await first.getByTestId('next').click();
    await ann.getByTestId('option-B').click();
    await shows(first, 'summary-1', /^1 answer$/);
    await first.getByTestId('solve-1').click();
    await shows(first, 'summary-1', /1 right/);
    await first.context().close();

    const second = await lead(site, teacher, PHONE);
    await second.getByRole('button', { name: 'Go on with Mobile' }).click();
    await shows(second, 'code', new RegExp(code));
    await shows(second, 'summary-1', /^1 answer, 1 right, 0 wrong$/);
    await second.getByTestId('next').click();
    await ann.getByTestId('option-B').waitFor();
    await until('the second question', async () => (await ann.locator('#asked').innerText()).includes('7 × 8'));
    await ann.getByTestId('option-B').click();
    await shows(second, 'summary-2', /^1 answer$/);
    await fits(second, 'the desk on a phone');
    assert.deepEqual(await axeFindings(second), []);
    await second.getByTestId('close').click();
    await second.getByTestId('confirm-yes').click();
    await shows(second, 'phase', /^Closed$/);
    await second.getByTestId('reveal').click();
    await shows(ann, 'place', /number 1 of 1 with 15 points/);
    await second.getByTestId('again').click();
    await second.getByTestId('editor').waitFor();
    await until('it runs no more', async () => (await second.getByRole('button', { name: 'Go on with Mobile' }).count()) === 0);

    // Copy, open, delete.
    await second.getByRole('button', { name: 'Copy Mobile', exact: true }).click();
    await second.getByRole('button', { name: 'Open Copy of Mobile' }).click();
    await until('its questions', async () => (await second.getByLabel('What is asked').count()) === 2);
    await second.getByRole('button', { name: 'Delete Copy of Mobile' }).click();
    await second.getByTestId('confirm-yes').click();
    await until('it is gone', async () => (await second.getByRole('button', { name: 'Open Copy of Mobile' }).count()) === 0);
    await second.getByRole('button', { name: 'Open Mobile', exact: true }).waitFor();
    await fits(second, 'the shelf on a phone');
    assert.deepEqual(await axeFindings(second), []);
    await close(second, ann);
  });

  test('a sitting whose standings are still hidden does not stop another one, and leaves no code behind', async () => {
    const leader = await lead(site, site.server.adminKey);
    await write(leader, 'Hidden');
    await open(leader);
    await leader.getByTestId('close').click();
    await leader.getByTestId('confirm-yes').click();
    await shows(leader, 'phase', /^Closed$/);
    const other = await lead(site, site.server.adminKey);
    await write(other, 'Next');
    const { room } = await open(other);
    assert.match(room, /^\/quiz\/quiz-[0-9a-f]{8}\/room/);
    const { sessions } = await api(site, '/v1/boards/quiz/sessions', undefined, site.server.adminKey);
    assert.deepEqual(sessions.filter((s) => s.phase === 'created'), []);
    await leader.getByTestId('reveal').click();
    await shows(leader, 'phase', /^Revealed$/);
    await close(leader, other);
  });

  test('a question closes by itself when its time is over, on every screen', async () => {
    const leader = await lead(site, teacher);
    await save(leader, 'Quick');
    await leader.getByLabel('Time for a question').selectOption('10');
    const { code, room } = await open(leader);
    const screen = await openPage(site, room, PROJECTOR);
    // A phone whose clock is twenty minutes slow shows the same seconds.
    const context = await site.browser.newContext(PHONE);
    const cy = await context.newPage();
    await cy.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() - 1_200_000;
    });
    await cy.goto(`${site.url}/quiz/play?code=${code}`);
    await cy.getByLabel(/Your name/).fill('Cy');
    await cy.getByRole('button', { name: 'Join' }).click();
    await cy.getByTestId('seat').waitFor();
    await leader.getByTestId('next').click();
    await shows(cy, 'left', /^([1-9]|10) s left$/);
    await stage(screen, 'question');
    await shows(screen, 'left', /^([1-9]|10) s left$/);
    await stage(screen, 'answer');
    await shows(cy, 'fate', /Closed\. B was right/);
    await leader.getByTestId('close').click();
    await leader.getByTestId('confirm-yes').click();
    await stage(screen, 'over');
    await leader.getByTestId('reveal').click();
    await stage(screen, 'podium');
    await context.close();
    await close(leader, screen);
  });

  test('the big screen is accessible and fits, light and dark, on all screens, also before a sitting', async () => {
    const board = 'quiz-empty';
    const config = { title: 'Empty', visibility: 'public', scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] } };
    await api(site, `/v1/boards/${board}`, config, site.server.adminKey, 'PUT');
    for (const options of [PROJECTOR, DESKTOP, PHONE, { viewport: { width: 844, height: 390 } }]) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await openPage(site, `/quiz/${board}/room`, { ...options, colorScheme });
        await page.getByText('No sitting is open').waitFor();
        await fits(page, `the big screen ${colorScheme}`);
        assert.deepEqual(await axeFindings(page), []);
        await close(page);
      }
    }
  });
});
