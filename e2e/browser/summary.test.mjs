// What screen readers are told of a board: one sentence now and then about what happened, and nothing where that is not wanted.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { axeFindings, live, manage, openPage, openSite, publish, until } from './support/site.mjs';

const at = (n, east = 0) => ({ lat: 30.27 + n * 0.01, lon: -97.74 + east });

describe('a summary for screen readers', { timeout: 300_000 }, () => {
  let site;
  const call = (method, path, body) => manage(site.server, method, path, body);
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  /** Every text that was said, in its order. */
  const listen = (page) => page.evaluate(() => {
    window.said = [];
    const region = document.querySelector('[data-testid=announcer]');
    new MutationObserver(() => window.said.push([performance.now(), region.textContent])).observe(region, { childList: true, characterData: true, subtree: true });
  });
  const said = (page) => page.evaluate(() => window.said);

  test('what moved, came and went is said in one sentence, every ten seconds at most', async () => {
    await call('PUT', '/v1/boards/told', { title: 'Told', visibility: 'public' });
    await publish(site.server, [1, 2, 3].map((n) => ({ key: `bus-${n}`, position: at(n) })), 'told');
    const page = await openPage(site, '/b/told/map');
    await live(page, 3);
    const region = page.getByTestId('announcer');
    await until('the first word', async () => /3 items/.test(await region.innerText()));
    await listen(page);
    await publish(site.server, [{ key: 'bus-1', position: at(1, 0.01) }, { key: 'bus-2', position: at(2, 0.01) }, { key: 'bus-4', position: at(4) }], 'told');
    await publish(site.server, { key: 'bus-1', position: at(1, 0.02) }, 'told');
    await call('DELETE', '/v1/boards/told/items/bus-3');
    await until('the sentence', async () => (await region.innerText()).includes('2 moved, 1 new, 1 gone.'));
    await sleep(12_000);
    const times = (await said(page)).map(([when]) => when);
    assert.ok(times.slice(1).every((when, n) => when - times[n] > 9_000), `${times}`);
    assert.ok(!(await region.innerText()).includes('moved'), 'it is not said again');

    // Whoever does not want it says so once, for this browser.
    await page.keyboard.press('?');
    await page.getByLabel('Say in a sentence what happened').uncheck();
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');
    await page.reload();
    await live(page, 3);
    await sleep(1_500);
    await listen(page);
    await publish(site.server, { key: 'bus-1', position: at(1, 0.03) }, 'told');
    await sleep(12_000);
    assert.deepEqual((await said(page)).filter(([, text]) => /moved/.test(text)), []);
    assert.deepEqual(page.faults(), []);
    await page.context().close();
  });

  test('who may manage a board is told of its fences, and others are not', async () => {
    await call('PUT', '/v1/boards/depots', { title: 'Depots', visibility: 'private' });
    await call('PUT', '/v1/boards/depots/fences/depot', { name: 'Depot', shape: { type: 'Point', coordinates: [-97.74, 30.3] }, radius_m: 500 });
    const answer = await fetch(`${site.server.url}/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.server.adminKey}` },
      body: JSON.stringify({ label: 'reader', grants: [{ board: 'depots', operations: ['read'], keys: ['*'] }] }),
    }).then((r) => r.json());
    for (const [key, expected] of [[site.server.adminKey, /1 moved, 1 entered Depot\./], [answer.key, /1 moved\./]]) {
      await publish(site.server, { key: 'bus', position: at(0) }, 'depots');
      const page = await openPage(site, '/b/depots/map');
      const asked = [];
      page.on('request', (request) => request.url().includes('/fences') && asked.push(request.url()));
      await page.getByLabel('Key or token').fill(key);
      await page.getByRole('button', { name: 'Open the board' }).click();
      await live(page, 1);
      const region = page.getByTestId('announcer');
      await until('the first word', async () => /1 item/.test(await region.innerText()));
      // It has heard how far the fences are.
      await sleep(12_000);
      await publish(site.server, { key: 'bus', position: at(3) }, 'depots');
      await until('what happened', async () => expected.test(await region.innerText()));
      if (key === answer.key) assert.deepEqual(asked, []);
      // The form was shown because nobody may read without a key.
      assert.deepEqual(page.faults().filter((fault) => !/^401|401 \(Unauthorized\)/.test(fault)), []);
      await page.context().close();
    }
  });
});
