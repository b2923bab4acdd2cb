// The console of managers and administrators, at /manage and /b/{board}/manage, against the real worker.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, publish, until } from './support/site.mjs';

const PARTS = ['', '/config', '/keys', '/sources', '/letters', '/pipeline', '/archive', '/sessions', '/scores'];

describe('the console', { timeout: 600_000 }, () => {
  let site;

  const call = async (path, { method = 'GET', body, key = site.server.adminKey } = {}) => {
    const response = await fetch(site.server.url + path, {
      method,
      headers: { ...(key && { authorization: `Bearer ${key}` }), 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const apply = async (board, config) => {
    const { status, body } = await call(`/v1/boards/${board}`, { method: 'PUT', body: { title: board, visibility: 'public', ...config } });
    assert.ok(status < 300, JSON.stringify(body));
  };
  const makeKey = async (label, grants) => (await call('/v1/keys', { method: 'POST', body: { label, grants } })).body.key;
  /** Opens a page of the console, signed in. */
  const open = async (path, { key = site.server.adminKey, options = DESKTOP } = {}) => {
    const page = await openPage(site, path, options);
    await page.getByTestId('key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByTestId('console').waitFor();
    return page;
  };
  const settled = (page) => page.locator('.loading-line').waitFor({ state: 'detached' });
  /** Goes on with the Tab key until something has the focus. */
  const tabTo = async (page, locator, key = 'Tab') => {
    for (let n = 0; n < 60; n++) {
      if (await locator.evaluate((node) => node === document.activeElement)) return;
      await page.keyboard.press(key);
    }
    throw new Error(`the keyboard does not reach ${locator}`);
  };

  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  test('a board is made, changed and deleted by keyboard, with what is wrong beside its field', async () => {
    const page = await open('/manage/new');
    const form = page.getByTestId('make');
    const submit = form.getByRole('button', { name: 'Make the board' });
    // Without a title the server refuses; it is said at the title, and at the name what the name lacks.
    await tabTo(page, form.getByRole('radio', { name: 'Fleet map' }));
    await page.keyboard.press('ArrowDown');
    assert.ok(await form.getByRole('radio', { name: 'Sensors' }).isChecked());
    await tabTo(page, form.getByLabel('Name in addresses'));
    await page.keyboard.type('not a name');
    await page.keyboard.press('Enter');
    await until('the name to be wrong', async () => (await form.getByLabel('Name in addresses').getAttribute('aria-invalid')) === 'true');
    await form.getByLabel('Name in addresses').fill('garden');
    await page.keyboard.press('Enter');
    const title = form.getByLabel('Title');
    await until('the title to be wrong', async () => (await title.getAttribute('aria-invalid')) === 'true');
    const said = await page.locator(`#${await title.getAttribute('aria-describedby')}`).innerText();
    assert.match(said, /title is required/);
    assert.deepEqual(await axeFindings(page), []);
    await tabTo(page, title, 'Shift+Tab');
    await page.keyboard.type('Garden');
    assert.equal(await form.getByLabel('Name in addresses').inputValue(), 'garden');
    await tabTo(page, submit);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/b/garden/manage');
    await page.getByTestId('counters').waitFor();
    const made = await call('/v1/boards/garden');
    assert.deepEqual([made.body.title, made.body.fields.temperature.unit], ['Garden', '°C']);

    // Another one of this name is refused before anything is overwritten.
    await page.goto(`${site.url}/manage/new`);
    await form.getByLabel('Title').fill('Garden');
    await submit.click();
    await page.getByText('There is a board called garden already').waitFor();

    await page.goto(`${site.url}/b/garden/manage/config`);
    const config = page.getByTestId('config');
    const days = config.getByLabel('Days that events are kept');
    await days.waitFor();
    await tabTo(page, days);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('0');
    await until('the change', async () => /keep_days\s+30\s+→\s+0/.test(await page.getByTestId('changes').innerText()));
    await page.keyboard.press('Enter');
    await until('days to be wrong', async () => (await days.getAttribute('aria-invalid')) === 'true');
    assert.deepEqual(await axeFindings(page), []);
    await days.focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('7');
    await page.keyboard.press('Enter');
    await config.getByText('Saved.').waitFor();
    assert.equal((await call('/v1/boards/garden')).body.keep_days, 7);

    const end = page.getByTestId('delete');
    await tabTo(page, end);
    await page.keyboard.press('Enter');
    const asked = page.getByTestId('ask');
    const go = asked.getByRole('button', { name: 'Delete the board' });
    await asked.getByRole('textbox').fill('gardem');
    assert.equal(await go.isDisabled(), true);
    await page.keyboard.press('Enter');
    assert.equal((await call('/v1/boards/garden')).status, 200, 'a wrong name deletes nothing');
    assert.deepEqual(await axeFindings(page), []);
    await asked.getByRole('textbox').fill('garden');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/manage');
    await page.getByTestId('boards').waitFor();
    assert.equal((await call('/v1/boards/garden')).status, 404);
    assert.equal(await page.locator('[data-board=garden]').count(), 0);
    await page.context().close();
  });

  test('a config can be written as JSON, and every field that is wrong is named', async () => {
    await apply('raw', {});
    const page = await open('/b/raw/manage/config');
    await page.getByRole('button', { name: 'Config as JSON' }).click();
    const json = page.getByTestId('json');
    const config = JSON.parse(await json.inputValue());
    await json.fill('{"title":');
    await page.getByText('This is no JSON').waitFor();
    await json.fill(JSON.stringify({ ...config, keep_days: 0, tick_ms: 5 }));
    await page.getByRole('button', { name: 'Save the changes' }).click();
    await until('both to be named', async () => {
      const text = await page.getByTestId('problems').innerText();
      return /keep_days/.test(text) && /tick_ms/.test(text);
    });
    await json.fill(JSON.stringify({ ...config, tick_ms: 500 }));
    await page.getByRole('button', { name: 'Save the changes' }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal((await call('/v1/boards/raw')).body.tick_ms, 500);
    await page.context().close();
  });

  test('who saves over a change of somebody else is told first', async () => {
    await apply('shared', { title: 'First' });
    const page = await open('/b/shared/manage/config');
    await page.getByTestId('config').getByLabel('Title').fill('Mine');
    await apply('shared', { title: 'Theirs', keep_days: 9 });
    await page.getByRole('button', { name: 'Save the changes' }).click();
    const conflict = page.getByTestId('conflict');
    await until('what they changed', async () => /keep_days/.test(await conflict.innerText()) && /Theirs/.test(await conflict.innerText()));
    assert.equal((await call('/v1/boards/shared')).body.title, 'Theirs');
    assert.deepEqual(await axeFindings(page), []);
    await conflict.getByRole('button', { name: 'Load theirs, drop mine' }).click();
    assert.equal(await page.getByTestId('config').getByLabel('Title').inputValue(), 'Theirs');
    await page.context().close();
  });

  test('a key is shown once, works, and works no more once it is deleted', async () => {
    await apply('post', {});
    const page = await open('/manage/keys');
    await settled(page);
    await page.getByTestId('new-key').click();
    const form = page.getByTestId('make-key');
    await form.getByRole('button', { name: 'Make a key' }).click();
    await until('what is wrong', async () => (await form.locator('[aria-invalid=true]').count()) > 0);
    await form.getByLabel('What it is for').fill('buses of the north');
    await form.getByLabel('Board', { exact: true }).fill('post');
    await form.getByLabel('Only these item keys').fill('n-*');
    await form.getByRole('button', { name: 'Make a key' }).click();
    const secret = (await page.getByTestId('secret').locator('code').innerText()).trim();
    assert.match(secret, /^hg_[0-9a-f]{48}$/);
    const send = (key) => call('/v1/boards/post/events', { method: 'POST', body: { key: 'n-1', fields: { n: 1 } }, key });
    assert.equal((await send(secret)).body.accepted, 1);
    const row = page.getByTestId('keys').locator('tr').filter({ hasText: 'buses of the north' });
    await row.waitFor();
    assert.match(await row.innerText(), /send on the board post, only the keys n-\*/);
    assert.deepEqual(await axeFindings(page), []);
    await page.reload();
    await row.waitFor();
    assert.ok(!(await page.content()).includes(secret), 'the secret is shown once');
    await row.getByRole('button', { name: 'Delete the key buses of the north' }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    await until('the key to end', async () => (await send(secret)).status === 401, 5_000);
    await page.context().close();
  });

  test('a dead letter is seen whole, found by what it says, and dropped only after a question', async () => {
    await apply('post-office', { rules: { bounds: [0, 0, 10, 10] } });
    const bad = [
      { key: 'lost', position: { lat: 50, lon: 50 }, fields: { note: 'far away' } },
      { key: 'typed', position: { lat: 'north', lon: 5 } },
    ];
    const sent = await call('/v1/boards/post-office/events', { method: 'POST', body: bad });
    assert.equal(sent.body.refused, 2, JSON.stringify(sent.body));
    const page = await open('/b/post-office/manage');
    await page.getByTestId('warnings').getByRole('link', { name: 'Dead letters' }).click();
    const letters = page.getByTestId('letters');
    await until('two letters', async () => (await letters.locator('li').count()) === 2);
    await page.getByTestId('search').fill('far away');
    await until('one of them', async () => (await letters.locator('li').count()) === 1);
    const letter = letters.locator('li');
    await tabTo(page, letter.locator('summary'));
    await page.keyboard.press('Enter');
    const text = await letter.innerText();
    assert.match(text, /Position out of bounds/);
    assert.match(text, /The administrator/);
    assert.match(await letter.getByTestId('record').inputValue(), /"note": "far away"/);
    assert.deepEqual(await axeFindings(page), []);
    await letter.getByRole('button', { name: 'Drop' }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await call('/v1/boards/post-office/dead-letters')).body.dead_letters.length, 2);
    await letter.getByRole('button', { name: 'Drop' }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'Drop' }).click();
    await until('it to be gone', async () => (await letters.locator('li').count()) === 0);
    await page.getByTestId('search').fill('');
    await until('the other one', async () => (await letters.locator('li').count()) === 1);
    assert.equal((await call('/v1/boards/post-office/dead-letters')).body.dead_letters.length, 1);
    await page.context().close();
  });

  test('the search finds a dead letter that is not on the page', async () => {
    await apply('archive-room', { rules: { bounds: [0, 0, 10, 10] } });
    const refused = (n, note) => ({ key: `n${n}`, position: { lat: 50, lon: 50 }, fields: { note } });
    const send = (body) => call('/v1/boards/archive-room/events', { method: 'POST', body });
    assert.equal((await send([refused(0, 'the Needle')])).body.refused, 1);
    assert.equal((await send(Array.from({ length: 120 }, (_, n) => refused(n + 1, 'hay')))).body.refused, 120);
    const page = await open('/b/archive-room/manage/letters');
    const letters = page.getByTestId('letters');
    await until('a page of letters', async () => (await letters.locator('li').count()) === 50);
    await page.getByTestId('search').fill('needle');
    await until('the oldest of them', async () => (await letters.locator('li').count()) === 1);
    assert.equal(await page.getByTestId('all').isVisible(), false, 'what is done with all of a reason is not done with what was found');
    assert.match(await page.locator('#letters-count').innerText(), /^1 letter shown/);
    await page.getByTestId('search').fill('no such thing');
    await until('none', async () => /No letter has this text/.test(await page.locator('#letters-count').innerText()));
    await page.getByTestId('search').fill('');
    await until('all again', async () => (await letters.locator('li').count()) === 50);
    await page.context().close();
  });

  test('a dead letter is mended, tried and sent again, by the keyboard alone', async () => {
    await apply('workshop', {});
    const bad = [
      { key: 'bus', position: { lat: 95, lon: 5 } },
      { key: 'tram', position: { lat: 96, lon: 5 } },
      { kee: 'boat' },
    ];
    assert.equal((await call('/v1/boards/workshop/events', { method: 'POST', body: bad })).body.refused, 3);
    const page = await open('/b/workshop/manage/letters');
    const reasons = page.getByTestId('reasons');
    const letters = page.getByTestId('letters');
    await until('two reasons', async () => (await reasons.getByRole('button').allInnerTexts()).join().replace(/\s+/g, ' ') === 'All reasons 3,Position out of range 2,Unknown field 1');
    await tabTo(page, reasons.getByRole('button', { name: 'Unknown field' }));
    await page.keyboard.press('Enter');
    await until('one letter', async () => (await letters.locator('li').count()) === 1);
    assert.equal(await reasons.getByRole('button', { name: 'Unknown field' }).getAttribute('aria-pressed'), 'true');
    const letter = letters.locator('li');
    await tabTo(page, letter.locator('summary'));
    await page.keyboard.press('Enter');
    const outcome = letter.getByTestId('outcome');
    await letter.getByRole('button', { name: 'Try it' }).press('Enter');
    await until('the same refusal', async () => /refused again: .*kee/.test(await outcome.innerText()));
    await letter.getByTestId('record').fill('{"key":"boat",');
    await letter.getByRole('button', { name: 'Try it' }).press('Enter');
    await until('no JSON', async () => /JSON/.test(await outcome.innerText()));
    await letter.getByTestId('record').fill('{"key":"boat","fields":{"knots":7}}');
    assert.match((await letter.getByTestId('changes').innerText()).replace(/\s+/g, ' '), /fields .*knots.*7.* kee "boat" key "boat"/);
    await letter.getByRole('button', { name: 'Try it' }).press('Enter');
    await until('what would come', async () => /would be taken.*"knots": 7/s.test(await outcome.innerText()));
    assert.deepEqual(await axeFindings(page), []);
    assert.deepEqual((await call('/v1/boards/workshop/events')).body.events, []);
    await letter.getByRole('button', { name: 'Back to the original' }).press('Enter');
    await until('the original', async () => /"kee": "boat"/.test(await letter.getByTestId('record').inputValue()));
    await letter.getByTestId('record').fill('{"key":"boat","fields":{"knots":7}}');
    await letter.getByRole('button', { name: 'Send again' }).press('Enter');
    await until('it to be gone', async () => (await letters.locator('li').count()) === 0);
    assert.match(await page.locator('.said-done').innerText(), /the record is an event now/);
    assert.deepEqual((await call('/v1/boards/workshop/events')).body.events.map((e) => e.key), ['boat']);
    await page.context().close();
  });

  test('all letters of a reason are tried, sent again, taken out and dropped', async () => {
    await apply('yard', { rules: { bounds: [0, 0, 10, 10] } });
    const at = (lat) => Array.from({ length: 3 }, (_, i) => ({ key: `y${lat}-${i}`, position: { lat, lon: 5 } }));
    await call('/v1/boards/yard/events', { method: 'POST', body: [...at(20), { kee: 'x' }] });
    const page = await open('/b/yard/manage/letters');
    const all = page.getByTestId('all');
    await page.getByTestId('reasons').getByRole('button', { name: 'Position out of bounds' }).click();
    await until('three', async () => /^3 letters/.test(await all.innerText()));
    await all.getByRole('button', { name: 'Try all' }).click();
    await until('all would be refused', async () => /0 would be taken, 3 would be refused again/.test(await page.getByTestId('sum').innerText()));
    // The board is mended instead of the records.
    await apply('yard', { rules: { bounds: [0, 0, 30, 30] } });
    await all.getByRole('button', { name: 'Send all again' }).click();
    assert.match(await page.getByTestId('ask').innerText(), /Send 3 letters again\?/);
    await page.getByTestId('ask').getByRole('button', { name: 'Send again' }).click();
    await until('all were taken', async () => /3 taken, 0 refused again/.test(await page.getByTestId('sum').innerText()));
    assert.equal((await call('/v1/boards/yard/events')).body.events.length, 3);
    await page.getByTestId('reasons').getByRole('button', { name: 'All reasons' }).click();
    await until('one is left', async () => /^1 letter\./.test(await all.innerText()));
    const download = page.waitForEvent('download');
    await all.getByRole('button', { name: 'Export' }).click();
    assert.equal((await download).suggestedFilename(), 'yard_dead-letters.ndjson');
    await all.getByRole('button', { name: 'Drop all' }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'Drop' }).click();
    await until('none', async () => (await page.getByTestId('letters').locator('li').count()) === 0);
    assert.deepEqual((await call('/v1/boards/yard/dead-letters')).body.dead_letters, []);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('the overview says how many events come in', async () => {
    await apply('busy', {});
    const page = await open('/b/busy/manage');
    await until('nothing', async () => (await page.getByTestId('rate').innerText()) === '0');
    // What happened an hour ago comes in now, too.
    const begun = Date.now();
    let sent = 0;
    const end = begun + 14_000;
    while (Date.now() < end) {
      await publish(site.server, Array.from({ length: 10 }, (_, i) => ({ key: `v${i}`, time: begun - 3_600_000 + (sent += 1), fields: { n: sent } })), 'busy');
      await new Promise((resolve) => setTimeout(resolve, 180));
    }
    const rate = Number((await page.getByTestId('rate').innerText()).replace(/\s/g, ''));
    const true_ = sent / ((Date.now() - begun) / 1_000);
    assert.ok(rate > true_ * 0.6 && rate < true_ * 1.4, `${rate} for ${true_}`);
    assert.match(await page.getByTestId('counters').innerText(), /Items\s+10/);
    await page.context().close();
  });

  test('a pipeline is tried on a sample', async () => {
    await apply('steps', { pipeline: [{ name: 'moving', filter: { keep: [{ field: 'speed', at_least: 1 }] } }] });
    const page = await open('/b/steps/manage/pipeline');
    const form = page.getByTestId('try');
    await form.getByRole('textbox').fill('[{"key":"a","fields":{"speed":3}},{"key":"b","fields":{"speed":0}}]');
    await form.getByRole('button', { name: 'Try it' }).click();
    const outcome = page.getByTestId('outcome');
    await until('what would come', async () => /1 event would come/.test(await outcome.innerText()) && /filtered/.test(await outcome.innerText()));
    await form.getByRole('textbox').fill('[{');
    await form.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('This is no JSON').waitFor();
    await page.context().close();
  });

  test('the audit speaks in names, and its rows take the focus', async () => {
    await apply('names', { scores: { columns: [{ name: 'points', label: 'Points', op: 'sum', field: 'points' }] } });
    await publish(site.server, { key: '47074', fields: { points: 5, solved: true, name: 'Ann' } }, 'names');
    await call('/v1/boards/names/scores/actions', { method: 'POST', body: { action: 'adjust', key: '47074', column: 'points', by: 3, reason: 'a typo' } });
    await call('/v1/boards/names/scores/actions', { method: 'POST', body: { action: 'adjust', key: '47074', column: 'points', by: -1, reason: 'too much' } });
    const page = await open('/b/names/manage/scores');
    const trail = page.getByTestId('trail');
    await until('the name', async () => /The administrator adjusted Points of Ann by \+3: a typo/.test(await trail.innerText()));
    assert.ok(!(await trail.innerText()).includes('47074'));
    const rows = trail.locator('li');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    assert.ok(await rows.nth(1).evaluate((node) => node === document.activeElement));
    await rows.getByRole('button', { name: 'Show Ann' }).first().click();
    await page.getByRole('heading', { name: 'Ann' }).waitFor();
    await until('the entry in words', async () => /Solved yes/.test(await page.getByTestId('entries').innerText()));
    await page.context().close();
  });

  test('a manager without the administrator\'s rights sees only what he may', async () => {
    await apply('his', {});
    await apply('not-his', { visibility: 'private' });
    const key = await makeKey('a manager', [{ board: 'his', operations: ['read', 'manage'] }]);
    const page = await open('/b/his/manage', { key });
    await page.getByTestId('counters').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Keys' }).count(), 0);
    assert.deepEqual(page.faults(), []);
    await page.goto(`${site.url}/b/his/manage/keys`);
    await page.getByText('Keys are the administrator\'s').waitFor();
    await page.goto(`${site.url}/manage`);
    await page.locator('[data-board=his]').waitFor();
    assert.equal(await page.locator('[data-board=not-his]').count(), 0);
    assert.equal(await page.getByRole('link', { name: 'Keys' }).count(), 0);
    await page.goto(`${site.url}/b/not-his/manage`);
    await page.getByTestId('key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByText('may not manage this board').waitFor();
    assert.equal(await page.getByRole('link', { name: 'how they are made' }).count(), 1);
    await page.context().close();
  });

  test('the console\'s old address leads to the new one', async () => {
    const answer = await fetch(`${site.server.url}/b/fleet/console?session=s1`, { redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [308, '/b/fleet/manage/scores?session=s1']);
    const page = await open('/b/fleet/console');
    await page.getByTestId('counters').waitFor();
    assert.equal(new URL(page.url()).pathname, '/b/fleet/manage');
    await page.context().close();
  });

  test('every page is accessible and fits on a desktop, a phone and in the dark', async () => {
    await apply('every', {
      scores: { columns: [{ name: 'points', label: 'Points', op: 'sum', field: 'points' }] },
      pipeline: [{ name: 'moving', filter: { keep: [{ field: 'points', at_least: 1 }] } }],
    });
    await publish(site.server, { key: 'a', fields: { points: 5, name: 'Ann' } }, 'every');
    await call('/v1/boards/every/events', { method: 'POST', body: { key: 'bad', time: 'never' } });
    await call('/v1/boards/every/sessions', { method: 'POST', body: { id: 's1', title: 'Round', join: true } });
    const pages = ['/manage', '/manage/new', '/manage/keys', ...PARTS.map((part) => `/b/every/manage${part}`)];
    for (const options of [DESKTOP, PHONE, { ...DESKTOP, colorScheme: 'dark' }, { ...PHONE, colorScheme: 'dark' }]) {
      const page = await open('/manage', { options });
      for (const path of pages) {
        await page.goto(site.url + path);
        await page.getByTestId('console').waitFor();
        await settled(page);
        if (path.endsWith('letters')) await page.locator('.letters summary').click();
        assert.deepEqual(await axeFindings(page), [], `${path} ${JSON.stringify(options.viewport)}`);
        const { width } = page.viewportSize();
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, path);
      }
      assert.deepEqual(page.faults(), []);
      await page.context().close();
    }
  });
});
