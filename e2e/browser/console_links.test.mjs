// Links: made, copied and revoked on the console's page, opened by somebody who has no key. And the pages of the audit and of keys.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DESKTOP, PHONE, axeFindings, openPage, openSite, publish, state, until } from './support/site.mjs';

describe('links, the audit and keys', { timeout: 300_000 }, () => {
  let site;
  const api = async (method, path, body) => {
    const headers = { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' };
    const response = await fetch(site.server.url + path, { method, headers, body: body && JSON.stringify(body) });
    return response.status === 204 ? null : response.json();
  };

  before(async () => {
    site = await openSite();
    const config = await api('GET', '/v1/boards/fleet');
    await api('PUT', '/v1/boards/fleet', { ...config, visibility: 'private' });
    const at = (lat) => ({ lat, lon: -97.74 });
    await publish(site.server, [{ key: 'bus-1', position: at(30.26) }, { key: 'bus-2', position: at(30.27) }, { key: 'van-9', position: at(30.28) }]);
  });
  after(() => site?.close());

  const signedIn = async (part, size = DESKTOP) => {
    const page = await openPage(site, `/b/fleet/manage/${part}`, { ...size, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByTestId('key').fill(site.server.adminKey);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Parts of the console' }).waitFor();
    return page;
  };
  /** What a visitor's browser sent, by address and by referrer. */
  const visit = async (url, size) => {
    const page = await openPage(site, '/', size);
    const seen = [];
    page.on('request', (r) => seen.push(r.url(), r.headers().referer ?? ''));
    await page.goto(url);
    return { page, seen };
  };

  test('a_link_made_on_the_page_opens_what_it_says_for_who_has_no_key_and_its_code_is_in_no_address', async () => {
    const page = await signedIn('links');
    await page.getByText('There are no links yet.').waitFor();
    await page.getByTestId('new-link').click();
    await page.getByLabel('What it is for').fill('the press');
    await page.getByLabel('Only these item keys').fill('bus-*');
    await page.getByLabel('For how many').fill('many');
    await page.getByTestId('make-link').getByRole('button', { name: 'Make a link' }).click();
    await page.getByTestId('problems').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel('For how many').fill('2');
    await page.getByTestId('make-link').getByRole('button', { name: 'Make a link' }).click();
    const link = page.getByTestId('link');
    await link.waitFor();
    await link.getByRole('button', { name: /Copy/ }).click();
    const url = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(url, /\/b\/fleet#share=[0-9a-z]{20}$/);
    assert.equal(await link.getByTestId('qr').getAttribute('data-text'), url);
    const code = url.split('=')[1];
    const { page: visitor, seen } = await visit(url);
    await visitor.getByText('bus-1').first().waitFor();
    await until('the group', async () => (await visitor.getByText(/bus-[12]/).count()) >= 2);
    assert.equal(await visitor.getByText('van-9').count(), 0);
    assert.ok(!(await visitor.evaluate(() => location.href)).includes(code), 'the code is out of the address');
    assert.ok(!seen.some((text) => text.includes(code)), 'no request has it in its address');
    // The page is opened anew without the code, and is not counted again.
    await visitor.reload();
    await visitor.getByText('bus-1').first().waitFor();
    const [row] = (await api('GET', '/v1/boards/fleet/shares')).shares;
    assert.deepEqual([row.uses, row.count], [1, 2]);
    assert.deepEqual(visitor.faults(), []);
    await page.reload();
    await page.getByText('1 of 2').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    // Copied again, and revoked.
    await page.getByRole('button', { name: 'Copy the press' }).click();
    assert.equal(await page.getByTestId('qr').getAttribute('data-text'), url);
    await page.getByRole('button', { name: 'Revoke the press' }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('the press is revoked.').waitFor();
    const over = await openPage(site, '/');
    await over.goto(url);
    await over.getByText('This link opens nothing now').waitFor();
    assert.deepEqual(await axeFindings(over), []);
    for (const opened of [page, visitor, over]) await opened.context().close();
  });

  test('a_link_for_one_item_opens_with_it_chosen_on_a_phone', async () => {
    const { url } = await api('POST', '/v1/boards/fleet/shares', { keys: ['van-9'], operations: ['read'] });
    const { page } = await visit(url, PHONE);
    await page.getByTestId('card').getByText('van-9').first().waitFor();
    assert.equal(await page.getByText('bus-1').count(), 0);
    await page.context().close();
  });

  test('the_audit_shows_who_changed_what_by_kind_and_takes_it_out', async () => {
    const page = await signedIn('audit');
    const rows = page.getByTestId('audit').locator('tbody tr');
    await rows.first().waitFor();
    assert.ok((await rows.count()) >= 3);
    await page.getByTestId('audit-kind').selectOption('config');
    await until('only the config', async () => (await rows.count()) > 0 && (await page.getByTestId('audit').locator('tr[data-kind=links]').count()) === 0);
    await page.getByText('{"visibility":"private"}').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Take out as CSV' }).click()]);
    assert.equal(file.suggestedFilename(), 'fleet_Audit.csv');
    await page.setViewportSize(PHONE.viewport);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1));
    await page.context().close();
  });

  test('who_is_connected_is_listed_and_ended_from_the_console', async () => {
    const { key, id } = await api('POST', '/v1/keys', { label: 'wall', grants: [{ board: 'fleet', operations: ['read'] }] });
    const wall = await openPage(site, '/');
    await wall.evaluate((secret) => sessionStorage.setItem('heliograph.key', secret), key);
    await wall.goto(`${site.url}/b/fleet/map`);
    await wall.getByTestId('list').getByText('bus-1').first().waitFor();
    const page = await signedIn('connections');
    const rows = page.getByTestId('connections').locator('tbody tr');
    await until('the wall', async () => {
      await page.getByTestId('again').click();
      await sleep(300);
      return (await rows.filter({ hasText: `key:${id}` }).count()) === 1;
    });
    assert.match(await rows.filter({ hasText: `key:${id}` }).innerText(), /binary\s+everything/);
    assert.match(await page.getByTestId('count').innerText(), /^\d+ connections?\.$/);
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole('button', { name: `End all connections of key:${id}?` }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('1 connection was ended.').waitFor();
    // It is told, and does not come back by itself.
    await until('the wall to be told', async () => (await state(wall)).status === 'stopped');
    await page.getByTestId('again').click();
    await sleep(1_000);
    assert.equal(await rows.filter({ hasText: `key:${id}` }).count(), 0);
    await page.setViewportSize(PHONE.viewport);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1));
    for (const opened of [page, wall]) await opened.context().close();
    await api('DELETE', `/v1/keys/${id}`);
  });

  test('a_key_is_shown_with_its_last_use_and_gets_another_secret', async () => {
    const { key } = await api('POST', '/v1/keys', { label: 'buses', grants: [{ board: 'fleet', operations: ['read'] }] });
    const page = await signedIn('keys');
    await page.getByText('never').waitFor();
    await page.getByRole('button', { name: 'New secret for the key buses' }).click();
    await page.getByTestId('ask').getByRole('button', { name: 'New secret' }).click();
    const secret = await page.getByTestId('secret').locator('code').innerText();
    assert.ok(secret.startsWith('hg_') && secret !== key);
    await page.getByText(/the secret before is good until/).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });

  test('the_page_of_links_fits_a_phone', async () => {
    const page = await signedIn('links', PHONE);
    await page.getByTestId('links').waitFor();
    await page.getByTestId('new-link').click();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1));
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });
});
