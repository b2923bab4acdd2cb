// The quiz with a leader and students: in two browsers, and with thirty students over the API.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, until } from './support/site.mjs';

const QUESTIONS = `question,options,right,points
What carries a heliograph's message?,Smoke | Sunlight | Flags,B,10
What is 7 × 8?,54 | 56 | 58,56,5
`;

/** Faults that are no part of the test: a key that is refused on purpose, a board that is not there yet. */
const faults = (page) => page.faults().filter((f) => !/\b40[134]\b/.test(f));
const text = (page, id) => page.getByTestId(id).innerText();
const shows = (page, id, pattern) => until(`${id} to show ${pattern}`, async () => pattern.test(await text(page, id)));

async function lead(site, options = DESKTOP) {
  const page = await openPage(site, '/quiz/lead', options);
  await page.getByLabel('Key').fill(site.server.adminKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('editor').waitFor();
  return page;
}

/** Imports questions and opens a sitting; returns its code. */
async function open(page, { atOnce = false, hidden = true, questions = QUESTIONS } = {}) {
  const details = page.locator('details.import');
  if (!(await details.evaluate((d) => d.open))) await page.getByText('Import or save questions').click();
  await page.getByLabel('Or paste it here').fill(questions);
  await page.getByRole('button', { name: 'Import what is pasted' }).click();
  await page.getByLabel(/all questions at once/).setChecked(atOnce);
  await page.getByLabel(/Keep the standings to yourself/).setChecked(hidden);
  await page.getByTestId('open').click();
  await page.getByTestId('desk').waitFor();
  await shows(page, 'link', /^Live$/);
  // Right answers are shown to the leader by choice.
  await page.getByLabel('Show the right answers to me').setChecked(true);
  return text(page, 'code');
}

/** Closes the sitting: it asks first. */
async function close(page) {
  await page.getByTestId('close').click();
  await page.getByTestId('confirm-yes').click();
}

async function finish(page) {
  await close(page);
  await shows(page, 'phase', /^Closed$/);
  if (await page.getByTestId('reveal').count()) await page.getByTestId('reveal').click();
  await page.getByTestId('again').click();
  await page.getByTestId('editor').waitFor();
}

async function join(site, code, name, options = PHONE) {
  const page = await openPage(site, `/quiz/play?code=${code}`, options);
  await page.getByLabel(/Your name/).fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByTestId('seat').waitFor();
  return page;
}

const api = (site, path, body, credential) =>
  fetch(site.server.url + path, {
    method: body ? 'POST' : 'GET',
    headers: { ...(credential && { authorization: `Bearer ${credential}` }), 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  }).then((r) => r.json());

describe('the quiz', { timeout: 600_000 }, () => {
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());
  // A test that failed leaves no sitting open for the next one.
  afterEach(async () => {
    const { sessions = [] } = await api(site, '/v1/boards/quiz/sessions');
    for (const { id, phase } of sessions) {
      const actions = { open: ['close'], frozen: ['close', 'reveal'], closed: ['reveal'], revealing: ['reveal'] }[phase] ?? [];
      for (const action of actions) await api(site, `/v1/boards/quiz/sessions/${id}`, { action }, site.server.adminKey);
    }
  });

  test('the door leads to both sides and is accessible, light and dark, on all screens', async () => {
    for (const options of [DESKTOP, PHONE, { ...PHONE, viewport: { width: 320, height: 640 } }]) {
      for (const colorScheme of ['light', 'dark']) {
        for (const path of ['/quiz', '/quiz/lead', '/quiz/play']) {
          const page = await openPage(site, path, { ...options, colorScheme });
          await page.getByRole('heading', { level: 1 }).waitFor();
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
          assert.deepEqual(await axeFindings(page), [], `${path} ${colorScheme}`);
          assert.deepEqual(page.faults(), []);
          await page.context().close();
        }
      }
    }
  });

  test('the list of boards leads here', async () => {
    const page = await openPage(site, '/');
    await page.getByRole('link', { name: 'Arena' }).waitFor();
    await page.getByRole('link', { name: 'Quiz', exact: true }).click();
    await page.getByRole('link', { name: /I join/ }).click();
    await page.getByTestId('join').waitFor();
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('a wrong key is refused; wrong questions are named by line and column', async () => {
    const page = await openPage(site, '/quiz/lead');
    await page.getByLabel('Key').fill('hg_nonsense');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText(/key/i).waitFor();
    await page.getByLabel('Key').fill(site.server.adminKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByTestId('editor').waitFor();
    await page.getByText('Import or save questions').click();
    await page.getByLabel('Or paste it here').fill('question,options,right,points\nGood?,a | b,a,1\nBad?,a | b,c,many\n');
    await page.getByRole('button', { name: 'Import what is pasted' }).click();
    await shows(page, 'problems', /line 3, column 3 \(right\): “c” is none of the options/);
    await shows(page, 'problems', /line 3, column 4 \(points\): “many” is not a whole number/);
    await page.getByLabel('File').setInputFiles({ name: 'q.json', mimeType: 'application/json', buffer: Buffer.from('[{"question":"From a file?","options":["Yes","No"],"right":1}]') });
    await until('the question from the file', async () => (await page.getByLabel('What is asked').first().inputValue()) === 'From a file?');
    assert.equal(await page.getByTestId('problems').count(), 0);
    assert.deepEqual(await axeFindings(page), []);
    const kept = await page.evaluate(() => [localStorage, sessionStorage].map((s) => JSON.stringify(s)));
    assert.ok(!kept[0].includes(site.server.adminKey) && kept[1].includes(site.server.adminKey), 'the key stays in the tab');
    assert.ok(!page.url().includes(site.server.adminKey));
    assert.deepEqual(faults(page), []);
    await page.context().close();
  });

  test('a leader and two students play: answers, results and places are there at once', async () => {
    const leader = await lead(site);
    const code = await open(leader);
    assert.match(code, /^[A-Z0-9]{6}$/);
    const ann = await join(site, code, 'Ann');
    const bob = await join(site, code, 'Bob', DESKTOP);
    await shows(leader, 'students', /^2$/);
    await ann.getByText(/first question comes/).waitFor();

    await leader.getByTestId('next').click();
    await ann.getByTestId('option-B').click();
    await shows(ann, 'fate', /Your answer B is in/);
    await bob.getByTestId('option-A').waitFor();
    await bob.keyboard.press('a');
    await shows(bob, 'fate', /Your answer A is in/);
    await shows(leader, 'count-1-B', /^1$/);
    await shows(leader, 'summary-1', /2 answers, 1 right, 1 wrong/);
    await until('the grades in the table', async () => /1\s+Ann\s+10\s+B ✓/.test(await text(leader, 'student-table')));
    await until("Bob's grade", async () => /2\s+Bob\s+0\s+A ✗/.test(await text(leader, 'student-table')));

    // Until the question is closed nobody but the leader knows what is right, and the standings are the leader's.
    const sheet = await api(site, '/v1/boards/quiz/items/_quiz');
    assert.ok(!JSON.stringify(sheet).includes('right'), JSON.stringify(sheet));
    await shows(ann, 'place', /when your leader reveals/);
    assert.deepEqual((await api(site, '/v1/boards/quiz/scores')).rows, []);

    // An answer is given once; points are not a student's to give.
    await ann.keyboard.press('c');
    const player = await ann.evaluate(() => JSON.parse(sessionStorage.getItem('heliograph.player.quiz')));
    const cheat = (fields, id) => api(site, '/v1/boards/quiz/events', { id, key: player.joined.key, fields }, player.joined.token);
    for (const [i, fields] of [{ points: 100, graded: 1, question: 'q1' }, { graded: true }, { right: 1 }].entries()) {
      const { accepted, results } = await cheat(fields, `cheat-${i}`);
      assert.deepEqual([accepted, results[0].code], [0, 'out_of_bounds'], JSON.stringify(fields));
    }

    await leader.getByTestId('solve-1').click();
    await shows(ann, 'fate', /^Right!$/);
    await shows(bob, 'fate', /B was right/);
    await leader.getByTestId('next').click();
    await ann.getByTestId('option-A').waitFor();
    await until('the second question', async () => (await ann.locator('#asked').innerText()).includes('7 × 8'));
    assert.deepEqual(await axeFindings(ann), []);
    await bob.getByTestId('option-B').click();
    await until('the second grade', async () => /Bob\s+5/.test(await text(leader, 'student-table')));
    assert.deepEqual(await axeFindings(leader), []);

    // The leader's page comes back as it was.
    await leader.reload();
    await leader.getByTestId('desk').waitFor();
    await shows(leader, 'summary-2', /^1 answer$/);
    await leader.getByLabel('Show the right answers to me').setChecked(true);
    await shows(leader, 'summary-2', /1 answer, 1 right/);
    await shows(leader, 'link', /^Live$/);

    await close(leader);
    await ann.getByTestId('over').waitFor();
    await shows(leader, 'phase', /^Closed$/);
    await leader.getByTestId('reveal').click();
    await shows(ann, 'place', /You are number 1 of 2 with 10 points/);
    await shows(bob, 'place', /You are number 2 of 2 with 5 points/);
    assert.match(await text(bob, 'ranks'), /Ann[\s\S]*Bob \(you\)/);
    const { rows } = await api(site, '/v1/boards/quiz/scores');
    assert.deepEqual(rows.map((r) => [r.rank, r.name, r.values]), [[1, 'Ann', [10, 1]], [2, 'Bob', [5, 1]]]);
    await leader.getByTestId('again').click();
    await leader.getByTestId('editor').waitFor();
    for (const page of [leader, ann, bob]) {
      assert.deepEqual(faults(page), []);
      await page.context().close();
    }
  });

  test('thirty students answer over the API; the leader sees each, and the board agrees with a recount', async (t) => {
    const leader = await lead(site);
    const code = await open(leader, { atOnce: true, hidden: false });
    const students = await Promise.all(
      Array.from({ length: 30 }, (_, i) => api(site, '/v1/tokens', { code, name: `Student ${String(i).padStart(2, '0')}` })),
    );
    const expected = new Map();
    const choices = students.map((_, i) => ['ABC'[i % 3], 'ABC'[(i * 7 + 1) % 3]]);
    const spent = [];
    await Promise.all(
      students.map(async ({ key, token, session, name }, i) => {
        for (const [q, choice] of choices[i].entries()) {
          const fields = { name, sitting: session, question: `q${q + 1}`, answer: choice, [`q${q + 1}`]: choice };
          const from = Date.now();
          const answer = await api(site, '/v1/boards/quiz/events', { id: `t-${key}-${q}`, key, fields }, token);
          spent.push(Date.now() - from);
          assert.equal(answer.accepted, 1, JSON.stringify(answer));
        }
        expected.set(key, (choices[i][0] === 'B' ? 10 : 0) + (choices[i][1] === 'B' ? 5 : 0));
      }),
    );
    await shows(leader, 'students', /^30$/);
    for (const q of [1, 2]) {
      const right = choices.filter((c) => c[q - 1] === 'B').length;
      await shows(leader, `summary-${q}`, new RegExp(`^30 answers, ${right} right, ${30 - right} wrong$`));
      for (const letter of 'ABC') {
        const chosen = choices.filter((c) => c[q - 1] === letter).length;
        await shows(leader, `count-${q}-${letter}`, new RegExp(`^${chosen}$`));
      }
    }
    const rows = await until('all grades on the board', async () => {
      const list = (await api(site, '/v1/boards/quiz/scores?top=50')).rows;
      const sum = list.reduce((points, row) => points + row.values[0], 0);
      return list.length === 30 && sum === [...expected.values()].reduce((a, b) => a + b) ? list : false;
    });
    for (const row of rows) assert.equal(row.values[0], expected.get(row.key), row.name);
    await until('the same on the screen', async () => {
      const shown = await leader.getByTestId('student-table').locator('tbody tr').evaluateAll((list) =>
        list.map((tr) => [tr.children[1].textContent, Number(tr.children[2].textContent)]));
      return JSON.stringify(shown) === JSON.stringify(rows.map((r) => [r.name, r.values[0]]));
    });
    // One more answer, from the request to the screen.
    const late = await api(site, '/v1/tokens', { code, name: 'Late' });
    const seen = leader.waitForFunction(() => /Late\s*10/.test(document.querySelector('[data-testid=student-table]').innerText.replace(/\t/g, ' ')), null, { polling: 'raf' });
    const from = Date.now();
    await api(site, '/v1/boards/quiz/events', { id: 'late-1', key: late.key, fields: { name: 'Late', sitting: late.session, question: 'q1', answer: 'B', q1: 'B' } }, late.token);
    await seen;
    t.diagnostic(`graded and on the leader's screen ${Date.now() - from} ms after the request began; requests took up to ${Math.max(...spent)} ms`);
    await finish(leader);
    assert.deepEqual(faults(leader), []);
    await leader.context().close();
  });

  test('answers that came while the leader was away are graded when the page is back, once', async () => {
    const leader = await lead(site);
    const code = await open(leader, { atOnce: true, hidden: false });
    await leader.goto('about:blank');
    const { key, token, session } = await api(site, '/v1/tokens', { code, name: 'Cy' });
    const answer = { id: 'cy-1', key, fields: { name: 'Cy', sitting: session, question: 'q1', answer: 'B', q1: 'B' } };
    assert.equal((await api(site, '/v1/boards/quiz/events', answer, token)).accepted, 1);
    await leader.goto(`${site.url}/quiz/lead`);
    await leader.getByLabel('Show the right answers to me').setChecked(true);
    await until('the grade', async () => /Cy\s+10/.test(await text(leader, 'student-table')));
    await leader.reload();
    await leader.getByTestId('desk').waitFor();
    await shows(leader, 'link', /^Live$/);
    await leader.getByLabel('Show the right answers to me').setChecked(true);
    await until('the row', async () => /Cy\s+10/.test(await text(leader, 'student-table')));
    const { rows } = await api(site, '/v1/boards/quiz/scores');
    assert.deepEqual(rows.map((r) => [r.name, r.values]), [['Cy', [10, 1]]]);
    await finish(leader);
    assert.deepEqual(faults(leader), []);
    await leader.context().close();
  });

  test('a student who is offline learns it, and the answer goes out by itself later', async () => {
    const leader = await lead(site);
    const code = await open(leader, { atOnce: true, hidden: false });
    const ann = await join(site, code, 'Ann');
    await ann.getByTestId('option-B').waitFor();
    await ann.context().setOffline(true);
    await ann.getByTestId('option-B').click();
    await shows(ann, 'fate', /not there yet/);
    await ann.context().setOffline(false);
    await shows(ann, 'fate', /Your answer B is in/);
    await until('the grade', async () => /Ann\s+10/.test(await text(leader, 'student-table')));
    await ann.reload();
    await shows(ann, 'place', /number 1 of 1 with 10 points/);
    await ann.getByRole('button', { name: 'Back' }).click();
    await shows(ann, 'fate', /Your answer B is in/);
    await finish(leader);
    await leader.context().close();
    await ann.context().close();
  });

  test('an unknown or finished code is explained', async () => {
    const page = await openPage(site, '/quiz/play', PHONE);
    await page.getByLabel('Code').fill('zz-zzzz');
    await page.getByLabel(/Your name/).fill('Dee');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('alert').getByText(/No game has this code/).waitFor();
    await page.context().close();
  });
});
