// A board's address as others meet it: oEmbed, and what pages say of their board to those who don't run them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startServer } from '../server.mjs';

describe('a pasted address', { timeout: 120_000 }, () => {
  let server;
  const sites = ['https://partner.example'];

  const put = async (board, config) => {
    const response = await fetch(`${server.url}/v1/boards/${board}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(config),
    });
    assert.ok(response.ok, await response.text());
  };
  const ask = (url, more = '') => fetch(`${server.url}/oembed?url=${encodeURIComponent(url)}${more}`);
  const page = (path) => fetch(`${server.url}${path}`).then((response) => response.text());

  before(async () => {
    server = await startServer();
    await put('fleet', { title: 'Fleet <1> & "2"', description: 'Buses of the north', visibility: 'public', embed: { sites } });
    await put('open', { title: 'Open', visibility: 'public' });
    await put('secret', { title: 'Secret', visibility: 'private', embed: { sites } });
    const events = ['a', 'b'].map((key) => ({ key, fields: { x: 1 } }));
    await fetch(`${server.url}/v1/boards/fleet/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(events),
    });
  });
  after(() => server?.stop());

  test('is a frame of the board, by the rules of oEmbed', async () => {
    const response = await ask(`${server.url}/b/fleet`, '&maxwidth=500&format=json');
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^application\/json/);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    const answer = await response.json();
    assert.deepEqual(
      { type: answer.type, version: answer.version, title: answer.title, width: answer.width },
      { type: 'rich', version: '1.0', title: 'Fleet <1> & "2"', width: 500 },
    );
    const src = answer.html.match(/src="([^"]*)"/)[1].replaceAll('&amp;', '&');
    assert.equal(src, `${server.url}/embed/fleet?v=1&widget=map`);
    assert.match((await fetch(src)).headers.get('content-security-policy'), /frame-ancestors 'self' https:\/\/partner\.example/);
    assert.ok(!answer.html.includes('<1>'), 'the title is text');
  });

  test('of a board that no site may show, that not everybody may read, or that is not there, is answered alike', async () => {
    const answers = await Promise.all(
      ['open', 'secret', 'none'].map(async (board) => {
        const response = await ask(`${server.url}/b/${board}`);
        return [response.status, (await response.json()).detail];
      }),
    );
    assert.equal(answers[0][0], 404);
    assert.deepEqual(new Set(answers.map(String)).size, 1);
    assert.equal((await ask('https://elsewhere.example/b/fleet')).status, 404);
  });

  test('in another format, or without an address, is refused with the field', async () => {
    assert.equal((await ask(`${server.url}/b/fleet`, '&format=xml')).status, 501);
    assert.equal((await ask(`${server.url}/b/fleet`, '&format=yaml')).status, 400);
    const [none, size] = [await fetch(`${server.url}/oembed`), await ask(`${server.url}/b/fleet`, '&maxwidth=wide')];
    assert.deepEqual([none.status, (await none.json()).errors[0].field], [400, 'url']);
    assert.deepEqual([size.status, (await size.json()).errors[0].field], [400, 'maxwidth']);
  });

  test('leads to a page that says what it is, how much there is of it, and where its frame is', async () => {
    let html;
    // Boards say how much they have at most every ten seconds.
    for (let i = 0; i < 60 && !/\(2\)/.test((html = await page('/b/fleet'))); i += 1) await new Promise((done) => setTimeout(done, 500));
    assert.match(html, /<title>Fleet &lt;1&gt; &amp; &quot;2&quot; \(2\)<\/title>/);
    assert.match(html, /<meta property="og:title" content="Fleet &lt;1&gt;[^"]*\(2\)"/);
    assert.match(html, /<meta property="og:description" content="Buses of the north"/);
    const href = html.match(/<link rel="alternate" type="application\/json\+oembed" href="([^"]*)"/)[1];
    const found = await fetch(href).then((response) => response.json());
    assert.match(found.html, /\/embed\/fleet\?/);
  });

  test('leads to a page that says nothing of a board that not everybody may read', async () => {
    for (const board of ['secret', 'none']) assert.ok(!/og:|oembed|Secret/.test(await page(`/b/${board}`)), board);
    assert.ok(!/oembed/.test(await page('/b/open')));
  });
});
