// The console's page of sources, by keyboard, against the real worker: what is copied from it is what is run.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, axeFindings, openPage, openSite, until } from './support/site.mjs';

describe('the page of sources', { timeout: 300_000 }, () => {
  let site;

  const call = async (path, { method = 'GET', body } = {}) => {
    const headers = { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' };
    const response = await fetch(site.server.url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const open = async () => {
    const page = await openPage(site, '/b/fleet/manage/sources', { ...DESKTOP, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByTestId('key').fill(site.server.adminKey);
    await page.keyboard.press('Enter');
    await page.getByTestId('console').waitFor();
    return page;
  };
  /** Goes on with the Tab key until something has the focus. */
  const tabTo = async (page, locator, key = 'Tab') => {
    for (let n = 0; n < 80; n++) {
      if (await locator.evaluate((node) => node === document.activeElement)) return;
      await page.keyboard.press(key);
    }
    throw new Error(`the keyboard does not reach ${locator}`);
  };
  /** The text that a button copies. */
  const copied = async (page, where, what) => {
    const button = where.getByRole('button', { name: `Copy: ${what}`, exact: true });
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    await where.locator(`[data-what="${what}"]`).getByText('Copied.').waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  /** Runs a command as a person would who pasted it. */
  const run = (command) => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', `${command} --silent --show-error --write-out ' %{http_code}'`], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  };

  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  test('a source is added, connected by what is copied, counted, rotated and deleted by keyboard', async () => {
    const page = await open();
    await page.getByText('This board has no sources yet').waitFor();
    const summary = page.getByTestId('new-source');
    await tabTo(page, summary);
    await page.keyboard.press('Enter');
    const form = page.getByTestId('add-source');
    await tabTo(page, form.getByLabel('What sends'));
    await page.keyboard.type('Plain JSON');
    await tabTo(page, form.getByLabel('Name'));
    await page.keyboard.type('not a name');
    await page.keyboard.press('Enter');
    await form.getByTestId('problems').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await form.getByLabel('Name').fill('first');
    await form.getByLabel('Name').focus();
    await page.keyboard.press('Enter');
    const secret = page.getByTestId('secret');
    await secret.waitFor();
    assert.ok(await secret.evaluate((node) => node === document.activeElement), 'the secret has the focus');
    assert.deepEqual(await axeFindings(page), []);

    // What is copied is run as it is.
    const value = await copied(page, secret, 'Secret');
    assert.match(value, /^hgs_[0-9a-f]+$/);
    const curl = await copied(page, secret, 'A first record, by curl');
    assert.match(run(curl), /"accepted":1.* 200$/);
    const row = page.locator('[data-source=first]');
    await until('the count', async () => /Taken 1$/.test((await row.locator('[data-count=taken]').innerText()).trim()));
    run(curl.replace('"key"', '"kee"'));
    await until('the refusal', async () => /Refused 1$/.test((await row.locator('[data-count=refused]').innerText()).trim()));
    await tabTo(page, row.locator('summary').first());
    await page.keyboard.press('Enter');
    await row.getByRole('link', { name: '1 refused' }).waitFor();
    const records = row.getByTestId('last-records');
    assert.match(await records.innerText(), /first/);
    assert.equal(await records.locator('li').count(), 2);
    assert.equal((await row.innerText()).includes(value), false, 'settings show the secret only once');
    assert.deepEqual(await axeFindings(page), []);

    // A sample with a program of its own.
    await tabTo(page, row.getByText('Try a sample', { exact: true }));
    await page.keyboard.press('Enter');
    const sample = row.getByTestId('try-sample');
    await tabTo(page, sample.getByLabel('A sample of what is sent'));
    await page.keyboard.type('{"id":"v1","n":3}');
    await tabTo(page, sample.getByLabel('Program (jq), if its records need one'));
    await page.keyboard.type('{key: .id, fields: {n}}');
    await tabTo(page, sample.getByRole('button', { name: 'Try it' }));
    await page.keyboard.press('Enter');
    await row.getByTestId('tried').getByText('"v1"').last().waitFor();
    assert.equal((await call('/v1/boards/fleet/sources/first')).body.transform, null, 'a sample changes nothing');

    await tabTo(page, row.getByRole('button', { name: 'New secret' }));
    await page.keyboard.press('Enter');
    await page.getByTestId('ask').getByRole('button', { name: 'New secret' }).focus();
    await page.keyboard.press('Enter');
    await until('another secret', async () => !(await secret.innerText()).includes(value));
    assert.match(run(await copied(page, secret, 'A first record, by curl')), / 200$/);

    await tabTo(page, row.getByRole('button', { name: 'Delete the source' }));
    await page.keyboard.press('Enter');
    const asked = page.getByTestId('ask');
    const go = asked.getByRole('button', { name: 'Delete the source' });
    assert.equal(await go.isDisabled(), true);
    await asked.getByRole('textbox').fill('first');
    await page.keyboard.press('Enter');
    await page.getByText('The source first was deleted.').waitFor();
    await row.waitFor({ state: 'detached' });
    assert.equal(await secret.count(), 0, 'the secret of what is gone goes with it');
    assert.equal((await call('/v1/boards/fleet/sources/first')).status, 404);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.equal(kept.includes('hgs_'), false, 'no secret is kept in the browser');
    // The server refused the name that was none.
    assert.deepEqual(page.faults().filter((fault) => !/40[0-9]|422/.test(fault)), []);
    await page.context().close();
  });

  test('a web address is asked, and how that goes is on the screen', async () => {
    const page = await open();
    await page.getByTestId('new-source').click();
    const form = page.getByTestId('add-source');
    await form.getByLabel('What sends').selectOption({ label: 'A web address that Heliograph asks' });
    await form.getByLabel('Name').fill('city');
    await form.getByLabel('Address to ask').fill('http://127.0.0.1/vehicles.pb');
    await form.getByLabel('Every so many seconds').fill('5');
    await form.getByRole('button', { name: 'Add a source' }).click();
    await form.getByText('poll.url names a host of a private network').first().waitFor();
    assert.deepEqual(await axeFindings(page), []);
    // A name that nobody has: what is asked there fails.
    await form.getByLabel('Address to ask').fill('https://transit.example.invalid/vehicles.pb');
    await form.getByRole('button', { name: 'Add a source' }).click();
    const row = page.locator('[data-source=city]');
    await row.waitFor();
    assert.equal(await page.getByTestId('secret').count(), 0, 'there is nothing to set up');
    await row.getByTestId('asking-fails').waitFor();
    await row.locator('summary').first().click();
    const asking = row.getByTestId('asking');
    await asking.getByText('Every 5 s').waitFor();
    await asking.getByText(/^Asking has failed \d+ times in a row: /).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
    assert.equal((await call('/v1/boards/fleet/sources/city', { method: 'DELETE' })).status, 204);
  });

  test('a device gets an address of its own, which is copied and taken, and another', async () => {
    const { status } = await call('/v1/boards/fleet/sources', { method: 'POST', body: { name: 'bikes', envelope: 'osmand' } });
    assert.equal(status, 201);
    const page = await open();
    const row = page.locator('[data-source=bikes]');
    await row.locator('summary').first().click();
    await row.getByText('An address for one device', { exact: true }).click();
    await row.getByRole('button', { name: 'Let devices have addresses of their own' }).click();
    const form = row.getByTestId('device');
    await form.getByLabel('Key of the device').fill('bike-7');
    await page.keyboard.press('Enter');
    const address = row.getByTestId('device-address');
    await address.waitFor();
    assert.deepEqual(await axeFindings(page), []);
    const first = await copied(page, address, 'Address of the device');
    assert.match(first, /\/v1\/ingest\/bikes\/hgd_/);
    // The fleet drives in Austin, and its rules refuse what is elsewhere.
    const curl = (await copied(page, address, 'A first record, by curl')).replace('51.5', '30.26').replace('-0.12', '-97.74');
    assert.match(run(curl), / 200$/);
    assert.equal((await call('/v1/boards/fleet/items/bike-7')).body.position.lat, 30.26);
    await form.getByRole('button', { name: 'Make another address' }).click();
    await until('another address', async () => !(await address.innerText()).includes(first));
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('phones are set up by a code that holds their link, and what it says is taken', async () => {
    const page = await open();
    const link = async (template, name, what) => {
      await page.getByTestId('new-source').waitFor();
      if (!(await page.getByTestId('add-source').isVisible())) await page.getByTestId('new-source').click();
      const form = page.getByTestId('add-source');
      await form.getByLabel('What sends').selectOption(template);
      await form.getByLabel('Name').fill(name);
      await form.getByRole('button', { name: 'Add a source' }).click();
      const secret = page.getByTestId('secret').filter({ hasText: `The secret of ${name}` });
      await secret.waitFor();
      const text = await secret.getByTestId('qr').getAttribute('data-text');
      assert.equal(text, await secret.locator(`[data-what="${what}"] code`).innerText());
      return text;
    };
    const inline = new URL(await link('owntracks', 'own', 'Link for OwnTracks')).searchParams.get('inline');
    const config = JSON.parse(Buffer.from(inline, 'base64'));
    assert.deepEqual([config._type, config.mode, config.url], ['configuration', 3, `${site.server.url}/v1/ingest/own`]);
    const now = Math.floor(Date.now() / 1000);
    const basic = Buffer.from(`${config.username}:${config.password}`).toString('base64');
    const own = await fetch(config.url, {
      method: 'POST', headers: { authorization: `Basic ${basic}`, 'x-limit-u': config.username, 'x-limit-d': config.deviceId },
      body: JSON.stringify({ _type: 'location', lat: 30.2, lon: -97.7, tst: now }),
    });
    assert.equal(own.status, 200);

    const traccar = new URL(await link('osmand', 'trac', 'Link for Traccar Client'));
    assert.equal(traccar.protocol, 'org.traccar.client:');
    const { url, id } = Object.fromEntries(traccar.searchParams);
    const sent = await fetch(`${url}&id=${id}&lat=30.3&lon=-97.7&timestamp=${now}`);
    assert.equal(sent.status, 200);
    const { body } = await call('/v1/boards/fleet/items?limit=100');
    const items = JSON.stringify(body);
    assert.match(items, /phone\/phone/);
    assert.equal(items.includes('hgs_'), false, 'a secret in an address becomes no field');
    assert.equal((await fetch(url.replace(/secret=hgs_./, 'secret=hgs_x') + `&id=${id}&lat=1&lon=1`)).status, 401);
    await page.context().close();
  });
});
