// The health board: the console's first page leads whoever manages all boards to it, and nobody else.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axeFindings, buses, openPage, openSite, publish, until } from './support/site.mjs';

describe('the health board', { timeout: 300_000 }, () => {
  let site;
  const api = async (method, path, body) => {
    const headers = { authorization: `Bearer ${site.server.adminKey}`, 'content-type': 'application/json' };
    const response = await fetch(site.server.url + path, { method, headers, body: body && JSON.stringify(body) });
    return response.json();
  };
  const signedIn = async (key) => {
    const page = await openPage(site, '/manage');
    await page.getByTestId('key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByTestId('boards').waitFor();
    return page;
  };

  before(async () => {
    site = await openSite({ env: { HELIOGRAPH_HEALTH_BOARD: '10' } });
    await publish(site.server, buses());
  });
  after(() => site?.close());

  test('the console leads to a table of boards', async () => {
    await until('the first report', async () => (await api('GET', '/v1/boards')).health !== undefined, 60_000);
    const page = await signedIn(site.server.adminKey);
    const link = page.getByTestId('health');
    assert.equal(await link.textContent(), 'Health of this deployment');
    await link.click();
    await page.waitForURL('**/b/heliograph-health/map?tab=table');
    await page.getByTestId('table').getByText('board:fleet').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    // A board's page first asks without a key.
    assert.deepEqual(page.faults().filter((fault) => !fault.includes('401')), []);
  });

  test('who manages one board is led nowhere', async () => {
    const { key } = await api('POST', '/v1/keys', { label: 'fleet', grants: [{ board: 'fleet', operations: ['read', 'manage'] }] });
    const page = await signedIn(key);
    assert.equal(await page.getByTestId('health').count(), 0);
  });
});
