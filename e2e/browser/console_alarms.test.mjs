// Alarms on the console's pages: a rule is made, its alarms come and go while one looks, are acknowledged and muted; a webhook is
// added, tried and told, and what it did not take is sent again.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, axeFindings, live, openPage, openSite, publish, until } from './support/site.mjs';
import { reachingHere } from '../live/support/object_store.mjs';

/** Takes messages, or answers them as it is told. */
class Receiver {
  status = 204;
  got = [];

  async start() {
    this.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      this.got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(this.status).end();
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}/hooks/secret-of-the-chat`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

describe('alarms on the console', { timeout: 300_000 }, () => {
  let site;
  const receiver = new Receiver();
  const api = async (method, path, body) => {
    const headers = { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' };
    const response = await fetch(site.server.url + path, { method, headers, body: body && JSON.stringify(body) });
    return response.status === 204 ? null : response.json();
  };
  const signedIn = async (part, size = DESKTOP) => {
    const page = await openPage(site, `/b/fleet/manage/${part}`, { ...size, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByTestId('key').fill(site.server.adminKey);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Parts of the console' }).waitFor();
    return page;
  };
  const bus = (key, temp) => publish(site.server, { key, position: { lat: 30.26, lon: -97.74 }, fields: { temp } });
  const fitsAPhone = async (page) => {
    await page.setViewportSize(PHONE.viewport);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1));
  };

  before(async () => {
    await receiver.start();
    site = await openSite({ config: reachingHere, env: { HELIOGRAPH_PRIVATE_TARGETS: 'allow' } });
    await api('PUT', '/v1/boards/fleet/fences/depot', { name: 'North depot', shape: { type: 'Point', coordinates: [-97.74, 30.26] }, radius_m: 200 });
    await bus('bus-1', 20);
  });
  after(async () => {
    await site?.close();
    await receiver.stop();
  });

  test('rules_are_made_changed_and_deleted_with_the_servers_errors_beside_their_fields', async () => {
    const page = await signedIn('alarm-rules');
    await page.getByText('This board has no rules yet').waitFor();
    await page.getByTestId('new-rule').click();
    const form = page.getByTestId('add-rule');
    await form.getByRole('button', { name: 'Make a rule' }).click();
    await page.getByTestId('problems').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await form.getByLabel('Id', { exact: true }).fill('hot');
    await form.getByLabel('Field').fill('temp');
    await form.getByLabel('Value', { exact: true }).fill('80');
    await form.getByLabel('It is over beyond this value').fill('75');
    await form.getByLabel('Name').fill('Too hot');
    await form.getByLabel('How grave').selectOption('critical');
    await form.getByLabel('For so many seconds', { exact: true }).fill('99999999');
    await form.getByRole('button', { name: 'Make a rule' }).click();
    // The server's own words, beside the field.
    await form.locator('.form-field.wrong', { hasText: '2592000' }).waitFor();
    await form.getByLabel('For so many seconds', { exact: true }).fill('');
    await form.getByRole('button', { name: 'Make a rule' }).click();
    await page.getByText('The rule Too hot is kept.').waitFor();
    const row = page.getByTestId('rules').locator('tr[data-rule=hot]');
    assert.match(await row.innerText(), /Critical\s+temp > 80; until temp < 75/);
    const { rules: [rule] } = await api('GET', '/v1/boards/fleet/alarms/rules');
    assert.deepEqual([rule.where, rule.clear_where, rule.severity], [['temp:gt:80'], ['temp:lt:75'], 'critical']);

    // One about a fence, and one that only JSON says.
    await page.getByTestId('new-rule').click();
    await form.getByLabel('Id', { exact: true }).fill('away');
    await form.getByLabel('Raise an alarm when').selectOption('outside');
    await form.getByLabel('Fence').selectOption({ label: 'North depot' });
    await form.getByRole('button', { name: 'Make a rule' }).click();
    await page.getByTestId('rules').getByText('outside North depot').waitFor();
    await page.getByTestId('new-rule').click();
    await form.getByLabel('Id', { exact: true }).fill('both');
    await form.getByLabel('Raise an alarm when').selectOption('json');
    await form.getByLabel('The rule (JSON)').fill('{"where":["temp:gt:80","state:eq:on"]}');
    await form.getByRole('button', { name: 'Make a rule' }).click();
    await page.getByText('temp > 80 and state = on').waitFor();
    assert.deepEqual(await axeFindings(page), []);

    await page.getByRole('button', { name: 'Change away' }).click();
    const change = page.getByTestId('change');
    assert.ok(await change.evaluate((node) => node === document.activeElement), 'the form has the focus');
    await change.getByLabel('Raise an alarm when').selectOption('inside');
    await change.getByLabel('For so many seconds', { exact: true }).fill('600');
    await change.getByRole('button', { name: 'Save the rule' }).click();
    await page.getByText('inside North depot, for 10 min').waitFor();
    for (const id of ['away', 'both']) {
      await page.getByTestId('rules').locator(`tr[data-rule=${id}]`).getByRole('button', { name: /Delete/ }).click();
      await page.getByTestId('ask').getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByText(`The rule ${id} was deleted.`).waitFor();
    }
    await fitsAPhone(page);
    await page.context().close();
  });

  test('alarms_come_and_go_while_one_looks_and_are_acknowledged_and_muted', async () => {
    const page = await signedIn('alarms');
    await page.getByText('No alarm stands').waitFor();
    await bus('bus-1', 91.5);
    const row = page.getByTestId('standing').locator('li', { hasText: 'bus-1' });
    await row.waitFor();
    assert.match(await row.innerText(), /Critical[\s\S]*Too hot bus-1 temp=91.5/);
    await until('that it is said', async () => /New alarm\. Critical: Too hot, bus-1\./.test(await page.getByTestId('news').textContent()));
    assert.equal(await row.getByRole('link', { name: 'bus-1' }).getAttribute('href'), '/b/fleet/map?item=bus-1');
    // What is seen of the item goes on.
    await bus('bus-1', 93);
    await row.getByText('temp=93').waitFor();
    assert.deepEqual(await axeFindings(page), []);

    await row.getByRole('button', { name: 'Acknowledge Too hot, bus-1' }).focus();
    await page.keyboard.press('Enter');
    await row.getByText(/seen by/).waitFor();
    assert.ok(await row.evaluate((node) => node === document.activeElement), 'the focus stays with the alarm');
    await page.getByTestId('unseen').check();
    await page.getByText('No alarm like that stands.').waitFor();
    await page.getByTestId('unseen').uncheck();
    await row.waitFor();
    await row.getByRole('button', { name: 'Mute 1 h: Too hot, bus-1' }).click();
    await row.getByText('muted', { exact: true }).waitFor();
    await page.getByTestId('mutes').getByText('hot of bus-1').waitFor();
    await page.getByRole('button', { name: 'Unmute hot of bus-1' }).click();
    await page.getByTestId('mutes').waitFor({ state: 'detached' });

    // It is over beyond the second value only.
    await bus('bus-1', 78);
    await row.getByText('temp=78').waitFor();
    await bus('bus-1', 70);
    await page.getByText('No alarm stands').waitFor();
    const kinds = page.getByTestId('lately').locator('tr[data-event]');
    await until('all that happened', async () => (await kinds.evaluateAll((rows) => rows.map((r) => r.dataset.kind))).join() === 'clear,acknowledge,raise');
    assert.deepEqual(await axeFindings(page), []);
    await fitsAPhone(page);
    await page.context().close();
  });

  test('what_is_not_fresh_is_said_and_what_could_not_be_asked_can_be_asked_again', async () => {
    const page = await signedIn('alarms');
    await page.getByText('No alarm stands').waitFor();
    await page.route('**/v1/boards/fleet/alarms?**', (route) => route.abort());
    await page.getByTestId('stale').waitFor();
    await page.unroute('**/v1/boards/fleet/alarms?**');
    await page.getByTestId('stale').waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('a_webhook_is_added_tried_told_and_sent_again_what_it_did_not_take', async () => {
    const page = await signedIn('webhooks');
    await page.getByText('Nobody is told of this board’s alarms yet').waitFor();
    await page.getByTestId('new-webhook').click();
    const form = page.getByTestId('add-webhook');
    await form.getByLabel('Id', { exact: true }).fill('ops');
    await form.getByLabel('Address').fill('nowhere');
    await form.getByRole('button', { name: 'Add a webhook' }).click();
    await form.locator('.form-field.wrong', { has: page.getByLabel('Address') }).waitFor();
    assert.equal(await form.getByLabel('Address').getAttribute('type'), 'password');
    assert.deepEqual(await axeFindings(page), []);
    await form.getByLabel('Address').fill(receiver.url);
    await form.getByRole('button', { name: 'Add a webhook' }).click();
    const secret = page.getByTestId('secret');
    await secret.waitFor();
    await secret.getByRole('button', { name: /Copy/ }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^whsec_/);
    await secret.getByRole('button', { name: 'I have copied what I need' }).click();
    const row = page.locator('[data-webhook=ops]');
    await row.locator('summary').first().click();
    await row.getByRole('button', { name: 'Send a test to ops' }).click();
    await row.getByText('The test was taken.').waitFor();
    assert.ok(!(await page.content()).includes('secret-of-the-chat'), 'the address is not shown');

    await bus('bus-1', 99);
    await until('that it is told', () => receiver.got.some(({ body }) => body.includes('bus-1')));
    await row.locator('[data-state=good]').waitFor();
    // The receiver wants no more, until it is changed.
    receiver.status = 410;
    await bus('bus-1', 60);
    await row.locator('[data-state=gone]').waitFor();
    await row.getByText('1 message was given up').click();
    await row.getByTestId('failed').getByText('Cleared').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    receiver.status = 200;
    await row.getByText('Change it', { exact: true }).click();
    await row.getByLabel('Written for').selectOption('slack');
    await row.getByRole('button', { name: 'Save the webhook' }).click();
    await page.getByText('The webhook ops is kept.').waitFor();
    const before = receiver.got.length;
    await row.getByRole('button', { name: /Send again/ }).click();
    await row.getByText('1 message is sent again.').waitFor();
    await until('that it is taken', () => receiver.got.length > before && /"text"/.test(receiver.got.at(-1).body));

    await row.getByRole('button', { name: 'New secret for ops' }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'New secret' }).click();
    await secret.waitFor();
    await fitsAPhone(page);
    assert.deepEqual(await axeFindings(page), []);
    await row.getByRole('button', { name: /Delete the webhook/ }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'Delete the webhook' }).click();
    await page.getByText('The webhook ops was deleted.').waitFor();
    await page.context().close();
  });

  test('managers_see_on_the_board_how_many_alarms_stand_and_nobody_else_does', async () => {
    await bus('bus-1', 99);
    await bus('bus-2', 99);
    const page = await openPage(site, '/robots.txt');
    await page.evaluate((key) => sessionStorage.setItem('heliograph.key', key), site.server.adminKey);
    await page.evaluate((key) => sessionStorage.setItem('heliograph.key.fleet', key), site.server.adminKey);
    await page.goto(`${site.url}/b/fleet/map`);
    await live(page);
    const badge = page.getByTestId('alarm-count');
    assert.equal((await badge.innerText()).trim(), '2 alarms');
    assert.equal(await badge.getAttribute('href'), '/b/fleet/manage/alarms');
    const { key } = await api('POST', '/v1/keys', { label: 'viewer', grants: [{ board: 'fleet', operations: ['read', 'history'] }] });
    for (const credential of [null, key]) {
      const viewer = await openPage(site, '/robots.txt');
      if (credential) await viewer.evaluate((text) => sessionStorage.setItem('heliograph.key.fleet', text), credential);
      const asked = [];
      viewer.on('request', (r) => r.url().includes('/alarms') && asked.push(r.url()));
      await viewer.goto(`${site.url}/b/fleet/map`);
      await live(viewer);
      assert.equal(await viewer.getByTestId('alarm-count').count(), 0);
      assert.deepEqual(asked, []);
      await viewer.context().close();
    }
    await page.context().close();
  });
});
