// Archives of map tiles among the site's files: parts of them, from a disk that knows ranges and from a host that does not.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const SITE = '(name = "site", disk = (path = "dist"))';
const TILES = randomBytes(300_000);
const PATH = '/basemap/city.pmtiles';

const folder = mkdtempSync(join(tmpdir(), 'heliograph-basemap-'));
mkdirSync(join(folder, 'basemap'));
writeFileSync(join(folder, PATH), TILES);
after(() => rmSync(folder, { recursive: true, force: true }));

function replaced(text, site, more = '') {
  assert.ok(text.includes(SITE), 'workerd.capnp has another site now');
  return text.replace(SITE, site) + more;
}

/** A disk, which answers ranges. */
const disk = (text) => replaced(text, `(name = "site", disk = (path = ${JSON.stringify(folder)}))`);

/** What passes on the whole file, as the platform's assets do. */
const whole = (text) =>
  replaced(text, `(name = "site", worker = .whole), (name = "disk", disk = (path = ${JSON.stringify(folder)}))`, `
const whole :Workerd.Worker = (
  modules = [(name = "whole.js", esModule = "export default { fetch: (request, env) => env.DISK.fetch(new Request(request.url)) };")],
  compatibilityDate = "2026-10-20",
  bindings = [(name = "DISK", service = "disk")],
);
`);

for (const [from, config] of [['a disk', disk], ['a host that sends files whole', whole]]) {
  describe(`an archive from ${from}`, () => {
    let server;
    before(async () => {
      server = await startServer({ config });
    });
    after(() => server?.stop());
    const get = (range, method = 'GET', path = PATH) => fetch(server.url + path, { method, headers: range ? { range } : {} });
    const bytes = async (answer) => Buffer.from(await answer.arrayBuffer());

    test('a part is answered as it was asked for', async () => {
      for (const [first, last] of [[0, 16_383], [100_000, 100_000], [290_000, 299_999]]) {
        const answer = await get(`bytes=${first}-${last}`);
        assert.deepEqual([answer.status, answer.headers.get('content-range')], [206, `bytes ${first}-${last}/300000`]);
        assert.ok((await bytes(answer)).equals(TILES.subarray(first, last + 1)), `${first}-${last}`);
      }
    });

    test('a part ends where the file does, and behind that is none', async () => {
      const answer = await get('bytes=299990-400000');
      assert.deepEqual([answer.status, answer.headers.get('content-range')], [206, 'bytes 299990-299999/300000']);
      assert.ok((await bytes(answer)).equals(TILES.subarray(299_990)));
      const none = await get('bytes=300000-300010');
      assert.deepEqual([none.status, none.headers.get('content-range')], [416, 'bytes */300000']);
      await none.arrayBuffer();
    });

    test('many parts at once are each right', async () => {
      await Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const part = await bytes(await get(`bytes=${i * 15_000}-${i * 15_000 + 9_999}`));
        assert.ok(part.equals(TILES.subarray(i * 15_000, i * 15_000 + 10_000)), `part ${i}`);
      }));
    });

    test('the whole is answered to who asks for that, or for parts of another kind', async () => {
      for (const range of [undefined, 'bytes=0-1,5-6', 'lines=0-1']) {
        const answer = await get(range);
        assert.equal(answer.status, 200, range);
        assert.ok((await bytes(answer)).equals(TILES), range);
      }
      const head = await get(undefined, 'HEAD');
      assert.deepEqual([head.status, head.headers.get('accept-ranges')], [200, 'bytes']);
    });

    test('frames without an origin may read it, and its tag says when it is another', async () => {
      const answer = await get('bytes=0-9');
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.match(answer.headers.get('access-control-expose-headers'), /etag/);
      assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
      assert.match(answer.headers.get('etag'), /^"[!-~]+"$/);
      assert.equal((await get('bytes=20-29')).headers.get('etag'), answer.headers.get('etag'));
    });

    test('one that is not there is told', async () => {
      for (const range of [undefined, 'bytes=0-9']) {
        const answer = await get(range, 'GET', '/basemap/none.pmtiles');
        assert.equal(answer.status, 404);
        assert.equal((await answer.json()).code, 'not_found');
      }
    });
  });
}

test('the policies of a board with an archive elsewhere name its origin, and those of others none', async () => {
  const server = await startServer();
  try {
    const admin = new Client(server);
    const at = (pmtiles) => ({ title: 'City', visibility: 'public', embed: { sites: ['*'] }, map: { basemap: { pmtiles } } });
    await admin.board('far', at('https://tiles.example:8443/city.pmtiles?v=1'));
    await admin.board('near', at(PATH));
    const policy = async (path) => {
      const answer = await fetch(server.url + path);
      await answer.arrayBuffer();
      return answer.headers.get('content-security-policy') ?? '';
    };
    for (const path of ['/b/far', '/b/far/map', '/embed/far?widget=map']) {
      assert.match(await policy(path), /connect-src 'self' https:\/\/tiles\.example:8443[ ;]/, path);
    }
    for (const path of ['/b/far/scores', '/b/near/map', '/embed/near?widget=map', '/']) {
      assert.ok(!(await policy(path)).includes('tiles.example'), path);
    }
  } finally {
    await server.stop();
  }
});
