// Boards in pages of other sites, in the system's Chromium: who may show them, what they need of a page, how the element and its
// frame speak to each other, and who is not heard.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';

import { ROOT } from '../server.mjs';
import { openEmbeds } from './support/embeds.mjs';
import { OtherSite } from './support/hosts.mjs';
import { axeFindings, buses, publish, until } from './support/site.mjs';

const CUP = {
  title: 'Cup of the north',
  visibility: 'public',
  scores: {
    columns: [{ name: 'points', label: 'Points', op: 'sum', field: 'points', direction: 'desc' }],
    filter: [{ field: 'points', exists: true }],
    groups: ['country'],
    name: 'name',
  },
};

describe('a board in another site', { timeout: 600_000 }, () => {
  let site, host, pages, call, mint, address, element, script, page, open, frames, frame, shows, height, heard, close;
  let time = Date.now() - 600_000;

  const score = (board, key, points, more = {}) =>
    publish(site.server, { key, time: (time += 10), fields: { points, name: `Player ${key}`, ...more } }, board);
  const rows = (inside) => inside.locator('.standings tbody tr:not([hidden])').count();

  before(async () => {
    ({ site, host, pages, call, mint, address, element, script, page, open, frames, frame, shows, height, heard, close } = await openEmbeds());
    const embed = { sites: [host.url] };
    await call('/v1/boards/cup', { ...CUP, embed });
    await call('/v1/boards/secret-cup', { ...CUP, title: 'A secret cup', visibility: 'private', embed });
    for (const board of ['cup', 'secret-cup']) {
      await score(board, 'a', 30, { country: 'DE' });
      await score(board, 'b', 20, { country: 'FR' });
    }
    const fleet = await call('/v1/boards/fleet', null, 'GET');
    await call('/v1/boards/fleet', { ...fleet, embed });
    await publish(site.server, buses());
  });
  after(() => close?.());

  test('a site of the list shows it, live, and a click and Enter on a name tell the page whose row it is', async () => {
    const opened = await open(element('cup', 'label="Standings"'));
    const inside = await frame(opened);
    await shows(inside, 'Player a');
    assert.deepEqual(await heard(opened, 'ready'), { board: 'cup', title: 'Cup of the north' });
    await score('cup', 'b', 50);
    await until('b to lead', async () => (await inside.locator('tbody tr[aria-rowindex="2"]').getAttribute('data-key')) === 'b');
    await inside.getByRole('button', { name: 'Player b' }).click();
    assert.deepEqual(await heard(opened, 'select'), { key: 'b' });
    await inside.getByRole('button', { name: 'Player a' }).press('Enter');
    await until('a to be chosen', async () => (await opened.evaluate(() => window.heard.at(-1)[1].key)) === 'a');
    assert.deepEqual(opened.faults, []);
  });

  test('what docs/embed.md tells people to paste works as it stands', async () => {
    const text = readFileSync(join(ROOT, 'docs/embed.md'), 'utf8');
    const sample = (kind) => text.match(new RegExp(`\\x60\\x60\\x60${kind}\\n([\\s\\S]*?)\\x60\\x60\\x60`))[1].replace(/^ {3}/gm, '');
    const config = JSON.parse(sample('json').replace('https://partner.example', `${host.url}/some/page`));
    await call('/v1/boards/pasted', { ...CUP, ...config });
    await score('pasted', 'a', 30);
    const html = sample('html').replaceAll('https://heliograph.example', site.server.url).replace('/embed/cup', '/embed/pasted');
    const opened = await open(html, { head: '' });
    const inside = await frame(opened);
    await shows(inside, 'Player a');
    await call('/v1/boards/pasted', { ...CUP, ...config, visibility: 'private' });
    const shut = await open('', { options: {} });
    host.pages['/my/token'] = await mint('pasted');
    await shut.evaluate(([markup, code]) => {
      document.body.innerHTML = markup;
      return new Function(code)();
    }, [html.replace(/<script[\s\S]*/, ''), sample('js')]);
    await shows(await frame(shut), 'Player a');
  });

  test('a site that is not in the list does not, however it frames it', async () => {
    for (const sandbox of ['', 'sandbox="allow-scripts"']) {
      const opened = await open(`<iframe ${sandbox} src="${address('cup')}"></iframe>`, { at: host.named });
      await until('the refusal', () => opened.faults.some((fault) => /frame-ancestors/.test(fault)));
      assert.equal(await opened.evaluate(() => frames.length && frames[0].length), 0);
      assert.ok(opened.frames().every((f) => !f.url().includes('/embed/')));
    }
  });

  test('a page of ours that is no embed is shown by nobody', async () => {
    const opened = await open(`<iframe src="${site.server.url}/b/cup/scores"></iframe>`);
    await until('the refusal', () => opened.faults.some((fault) => /frame-ancestors|X-Frame-Options/i.test(fault)));
  });

  test('a strict policy of the page around needs the two origins and nothing else', async () => {
    const csp = `default-src 'none'; script-src ${site.server.url}; frame-src ${site.server.url}; require-trusted-types-for 'script'`;
    const opened = await open(element('cup'), { headers: { 'content-security-policy': csp } });
    await shows(await frame(opened), 'Player a');
    await until('its height', async () => (await height(opened)) > 170);
    assert.deepEqual(opened.faults, []);
  });

  test('it works with scripts alone allowed, without an origin, without storage, and keeps nothing', async () => {
    const opened = await open(element('cup', 'sandbox="allow-scripts"'));
    const inside = await frame(opened);
    await shows(inside, 'Player a');
    assert.equal(await inside.evaluate(() => self.origin), 'null');
    await until('its height', async () => (await height(opened)) > 170);
    await until('live', () => inside.locator('[data-truth=live]').count());
    assert.deepEqual(opened.faults, []);
    assert.deepEqual(await opened.context().cookies(), []);
    const plain = await open(element('cup'));
    const kept = await (await frame(plain)).evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, (await navigator.serviceWorker.getRegistrations()).length]);
    assert.deepEqual(kept, [0, 0, '', 0]);
  });

  test('it works without credentials, and in a page that is isolated from others', async () => {
    const isolated = { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' };
    for (const attributes of ['credentialless', '', 'sandbox="allow-scripts"']) {
      const opened = await open(element('cup', attributes), { headers: isolated, head: script('type="module" crossorigin') });
      assert.equal(await opened.evaluate(() => crossOriginIsolated), true);
      await shows(await frame(opened), 'Player a');
      assert.deepEqual(opened.faults, [], attributes);
    }
  });

  test('a classic script makes the element too, and without a script what stands in it stays', async () => {
    const body = `<heliograph-board src="${address('cup')}"><p>Standings of noon</p></heliograph-board>`;
    const classic = await open(body, { head: script('defer') });
    await shows(await frame(classic), 'Player a');
    await until('the text to go', async () => !(await classic.getByText('Standings of noon').isVisible()));
    const silent = await open(body, { head: '' });
    assert.equal(await silent.getByText('Standings of noon').isVisible(), true);
  });

  test('several boards beside each other do not hear each other', async () => {
    const opened = await open(element('cup', 'id="one"') + element('fleet', 'id="two"', 'widget=table') + element('cup', 'id="three"', 'widget=scoreboard&top=1'));
    await until('all to be ready', async () => (await opened.evaluate(() => window.heard.filter(([type]) => type === 'ready').length)) === 3);
    const high = await opened.locator('heliograph-board').evaluateAll((all) => all.map((e) => e.shadowRoot.querySelector('iframe').offsetHeight));
    assert.ok(high[1] > high[0] && high[0] > high[2], high.join());
    assert.deepEqual(opened.faults, []);
  });

  test('a board far below is loaded when it is near', async () => {
    const opened = await open(`<div style="height: 20000px"></div>${element('cup')}`);
    await sleep(1_500);
    assert.equal(frames(opened).length, 0);
    await opened.evaluate(() => scrollTo(0, 19_500));
    await shows(await frame(opened), 'Player a');
  });

  test('its height follows what is in it, up and down, unless the page says how high', async () => {
    await call('/v1/boards/growing', { ...CUP, embed: { sites: [host.url] } });
    const opened = await open(element('growing'));
    await heard(opened, 'ready');
    const low = await until('a low one', () => height(opened));
    for (const key of 'abcdef') await score('growing', key, 10);
    const high = await until('a higher one', async () => ((await height(opened)) > low + 100 ? height(opened) : 0));
    const inside = await frame(opened);
    assert.equal(await inside.evaluate(() => document.documentElement.scrollHeight <= innerHeight), true, 'nothing is cut off');
    await call('/v1/boards/growing/items/a', null, 'DELETE').catch(() => {});
    await opened.locator('heliograph-board').evaluate((e) => e.setAttribute('src', e.getAttribute('src').replace('v=1', 'v=1&top=2')));
    await until('a lower one', async () => (await height(opened)) < high - 100);
    await opened.locator('heliograph-board').evaluate((e) => e.setAttribute('height', '321'));
    assert.equal(await height(opened), 321);
    await opened.locator('heliograph-board').evaluate((e) => e.removeAttribute('height'));
    await until('its own again', async () => (await height(opened)) !== 321);
  });

  test('a theme, less motion and colours come from the page, at once and without loading again', async () => {
    const style = '<style>heliograph-board{--heliograph-accent:rgb(1, 2, 3);--heliograph-text:url(https://evil.example/x)}</style>';
    const opened = await open(element('cup', 'theme="dark"'), { head: script() + style });
    const inside = await frame(opened);
    await heard(opened, 'ready');
    const background = () => inside.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await background();
    const own = await inside.evaluate(() => (window.own = true));
    assert.equal(own, true);
    await until('its colours', () => inside.evaluate(() => document.documentElement.style.getPropertyValue('--accent') === 'rgb(1, 2, 3)'));
    assert.equal(await inside.evaluate(() => document.documentElement.style.getPropertyValue('--text')), '', 'what is no colour is not taken');
    await opened.locator('heliograph-board').evaluate((e) => e.setAttribute('theme', 'light'));
    await until('it to be light', async () => (await background()) !== dark);
    await opened.locator('heliograph-board').evaluate((e) => e.setAttribute('motion', 'reduce'));
    await until('it to be still', () => inside.evaluate(() => document.documentElement.dataset.motion === 'reduce'));
    assert.equal(await inside.evaluate(() => window.own), true, 'it was not loaded again');
  });

  test('a private board is shown with a token of the page, which is asked for another before it ends', async () => {
    const opened = await open('', { head: script() });
    await opened.exposeFunction('mint', () => mint('secret-cup', 60));
    await opened.evaluate((src) => {
      window.asked = [];
      const board = document.createElement('heliograph-board');
      board.token = (reason) => (window.asked.push(reason), window.mint());
      board.setAttribute('src', src);
      document.body.append(board);
    }, address('secret-cup'));
    const inside = await frame(opened);
    await shows(inside, 'Player a');
    await until('a renewal', async () => (await opened.evaluate(() => window.asked)).includes('renewal'), 70_000);
    assert.equal((await opened.evaluate(() => window.asked))[0], 'needed');
    await score('secret-cup', 'c', 99);
    await shows(inside, 'Player c');
    assert.equal(await inside.locator('[data-truth=live]').count(), 1);
  });

  test('without a token, or with what is none, a private board says nothing but what is missing', async () => {
    for (const [token, code] of [[undefined, 'token_needed'], ['an-api-key', 'token_needed'], [null, 'token_unavailable']]) {
      const opened = await open('');
      await opened.evaluate(([src, value]) => {
        const board = document.createElement('heliograph-board');
        board.token = value;
        board.setAttribute('src', src);
        document.body.append(board);
      }, [address('secret-cup'), token]);
      assert.equal((await heard(opened, 'error')).code, code);
      const inside = await frame(opened);
      await shows(inside, 'This board is private');
      assert.doesNotMatch(await inside.evaluate(() => document.body.innerText), /secret cup|Player/i);
    }
  });

  test('a plain frame works for a public board, and a private one says that nobody brought a token', async () => {
    const opened = await open(`<iframe title="A" src="${address('cup')}" width="600" height="300"></iframe>`, { head: '' });
    await shows(await frame(opened), 'Player a');
    const shut = await open(`<iframe title="A" src="${address('secret-cup')}" width="600" height="300"></iframe>`, { head: '' });
    await shows(await frame(shut), 'has to bring a token');
  });

  test('a page that is not the one around is not heard, and gets no channel', async () => {
    const evil = await OtherSite.start({
      '/': page(`<script>
        window.ports = 0;
        addEventListener('message', (e) => (window.ports += e.ports.length));
        setInterval(() => {
          for (let i = 0; i < parent.length; i++) {
            const other = parent[i];
            if (other === self) continue;
            other.postMessage({ heliograph: 1, type: 'connect' }, '*');
            other.postMessage({ heliograph: 1, type: 'token', token: 'x' }, '*');
          }
          window.said = true;
        }, 20);
      </script>`),
    });
    try {
      const opened = await open(`<iframe src="${evil.url}"></iframe><iframe src="${address('cup')}"></iframe>`, { head: '' });
      await shows(await frame(opened), 'Player a');
      const beside = opened.frames().find((f) => f.url().startsWith(evil.url));
      await until('it to have spoken', () => beside.evaluate(() => window.said));
      await sleep(500);
      assert.equal(await beside.evaluate(() => window.ports), 0);
      // The page around is heard, once, and what it sends through the channel is done.
      const themes = await opened.evaluate(async () => {
        const [, board] = document.querySelectorAll('iframe');
        const ports = [];
        addEventListener('message', (e) => e.source === board.contentWindow && ports.push(...e.ports));
        for (let i = 0; i < 3; i++) board.contentWindow.postMessage({ heliograph: 1, type: 'connect' }, '*');
        while (!ports.length) await new Promise((resolve) => setTimeout(resolve, 20));
        await new Promise((resolve) => setTimeout(resolve, 200));
        ports[0].postMessage({ type: 'set', theme: 'dark' });
        return ports.length;
      });
      assert.equal(themes, 1);
      const inside = await frame(opened);
      await until('its theme', () => inside.evaluate(() => document.documentElement.dataset.theme === 'dark'));
    } finally {
      await evil.stop();
    }
  });

  test('a frame that shows something else is not heard by the element', async () => {
    const evil = await OtherSite.start({
      '/': page('<script>const say = (m) => parent.postMessage({ heliograph: 1, ...m }, "*", []); setInterval(() => { say({ type: "hello" }); const c = new MessageChannel(); c.port1.postMessage({ type: "height", height: 9999 }); c.port1.postMessage({ type: "token", reason: "needed" }); c.port1.onmessage = (e) => (window.got = e.data); parent.postMessage({ heliograph: 1, type: "port" }, "*", [c.port2]); }, 20)</script>'),
    });
    try {
      const opened = await open('');
      await opened.evaluate(([src, elsewhere]) => {
        const board = document.createElement('heliograph-board');
        board.token = 'a.secret.token';
        board.setAttribute('src', src);
        document.body.append(board);
        // As if its address led somewhere else.
        board.shadowRoot.querySelector('iframe').src = elsewhere;
      }, [address('cup'), evil.url]);
      const inside = await until('the other page', () => opened.frames().find((f) => f.url().startsWith(evil.url)));
      await sleep(500);
      assert.equal(await inside.evaluate(() => window.got), undefined, 'the token was not given away');
      assert.ok((await height(opened)) < 500);
    } finally {
      await evil.stop();
    }
  });

  test('the page scrolls on over a board, by wheel, and a board takes no focus by itself', async () => {
    const opened = await open(`<input id="first">${element('cup')}<div style="height: 3000px"></div>`);
    await heard(opened, 'ready');
    await opened.focus('#first');
    const box = await opened.locator('heliograph-board').boundingBox();
    await opened.mouse.move(box.x + 100, box.y + 80);
    await opened.mouse.wheel(0, 400);
    await until('the page to scroll', () => opened.evaluate(() => scrollY > 300));
    await score('cup', 'a', 5);
    await sleep(500);
    assert.equal(await opened.evaluate(() => document.activeElement.id), 'first');
    await opened.locator('heliograph-board').evaluate((e) => e.focus());
    assert.equal(await opened.evaluate(() => document.activeElement.localName), 'heliograph-board');
    const before = await opened.evaluate(() => scrollY);
    await score('cup', 'b', 5);
    await sleep(500);
    assert.equal(await opened.evaluate(() => scrollY), before);
  });

  test('tab goes into a board and out of it again', async () => {
    const opened = await open(`<input id="first">${element('cup', '', 'widget=scoreboard&top=1')}<input id="last">`);
    await heard(opened, 'ready');
    await opened.focus('#first');
    await opened.keyboard.press('Tab');
    assert.equal(await opened.evaluate(() => document.activeElement.localName), 'heliograph-board');
    await until('to be out again', async () => {
      await opened.keyboard.press('Tab');
      return (await opened.evaluate(() => document.activeElement.id)) === 'last';
    });
  });

  test('a table picks items, columns, order and units by its address', async () => {
    const opened = await open(element('fleet', '', 'widget=table&columns=passengers,speed&sort=-passengers&top=3&units=imperial'));
    const inside = await frame(opened);
    await shows(inside, 'bus-05');
    assert.deepEqual(await inside.locator('thead th').allInnerTexts(), ['Vehicle id', 'Passengers', 'Speed']);
    const shown = inside.locator('tbody tr:not([hidden])');
    assert.equal(await shown.count(), 3);
    assert.match(await shown.first().innerText(), /bus-05\s*35[\s\S]*18 mph/);
    await inside.getByRole('button', { name: 'bus-05' }).click();
    assert.deepEqual(await heard(opened, 'select'), { key: 'bus-05' });
  });

  test('a value is one number of one item, as it changes', async () => {
    const opened = await open(element('fleet', '', 'widget=value&key=bus-03&field=passengers'));
    const inside = await frame(opened);
    await until('the number', async () => (await inside.locator('.embed-number').innerText()) === '21');
    await publish(site.server, { key: 'bus-03', time: Date.now() + 1_000, fields: { passengers: 33 } });
    await until('the next number', async () => (await inside.locator('.embed-number').innerText()) === '33');
    const none = await open(element('fleet', '', 'widget=value'));
    assert.equal((await heard(none, 'error')).code, 'value_unnamed');
  });

  test('a widget that is not there, a version that is not known and a board without scores are refused in the frame', async () => {
    for (const [query, board, code, text] of [
      ['widget=moon', 'cup', 'unknown_widget', 'There is no such widget here'],
      ['v=2&widget=scoreboard', 'cup', 'unknown_version', 'v=2'],
      ['widget=scoreboard', 'fleet', 'no_scores', 'This board has no scoreboard'],
    ]) {
      const opened = await open(`<heliograph-board src="${site.server.url}/embed/${board}?${query}"></heliograph-board>`);
      assert.equal((await heard(opened, 'error')).code, code);
      await shows(await frame(opened), text);
    }
  });

  test('an overlay is transparent and shows the parts that its address names', async () => {
    const opened = await open(element('cup', 'theme="dark"', 'widget=scoreboard&skin=overlay&parts=title'));
    const inside = await frame(opened);
    await shows(inside, 'Player a');
    assert.equal(await inside.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgba(0, 0, 0, 0)');
    assert.equal(await inside.getByText('Cup of the north').isVisible(), true);
    assert.equal(await inside.locator('thead').isVisible(), false);
  });

  test('nobody is left out: axe finds nothing, from 240 pixels on nothing is wider than the frame, light and dark', async () => {
    for (const [board, query] of [['cup', 'widget=scoreboard'], ['fleet', 'widget=table'], ['fleet', 'widget=value&key=bus-03&field=passengers'], ['cup', 'widget=moon']]) {
      for (const theme of ['light', 'dark']) {
        const opened = await open(element(board, `theme="${theme}" label="A board"`, query), { options: { viewport: { width: 256, height: 800 } } });
        const inside = await frame(opened);
        await until('something', async () => (await opened.evaluate(() => window.heard.length)) > 0);
        await sleep(400);
        assert.deepEqual(await axeFindings(inside), [], `${query} ${theme}`);
        const wide = await inside.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${query}: ${wide} px too wide`);
      }
    }
  });

  test('a board that loses its connection says how old it is and comes back', async () => {
    const opened = await open(element('cup'));
    const inside = await frame(opened);
    await until('live', () => inside.locator('[data-truth=live]').count());
    await opened.context().setOffline(true);
    await inside.evaluate(() => window.dispatchEvent(new Event('offline')));
    await until('it to say so', () => inside.locator('[data-truth=offline]').count());
    assert.ok((await rows(inside)) > 0, 'what was there stays');
    await opened.context().setOffline(false);
    await inside.evaluate(() => window.dispatchEvent(new Event('online')));
    await until('it to be back', () => inside.locator('[data-truth=live]').count());
  });
});
