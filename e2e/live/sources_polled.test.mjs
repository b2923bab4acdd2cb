// Sources that ask: real servers of HTTP on this machine are asked as they say, and what they answer is on the board.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { reachingHere } from './support/object_store.mjs';
import { eventually } from './support/wait.mjs';

/** What is asked: each path has a function of a request that says what is answered. */
class Agency {
  paths = new Map();
  asked = [];

  async start() {
    this.server = createServer((req, res) => {
      const { pathname, search } = new URL(req.url, 'http://x');
      this.asked.push({ path: pathname, query: search, headers: req.headers, at: Date.now() });
      const { status = 200, headers = {}, body = '' } = this.paths.get(pathname)?.(req) ?? { status: 404 };
      res.writeHead(status, headers).end(body);
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  /** What was asked of a path. */
  of(path) {
    return this.asked.filter((one) => one.path === path);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

const [agency, other] = [new Agency(), new Agency()];
let server;
let admin;

const bound = (config) => {
  const line = '(name = "ARCHIVE_DEFAULT", fromEnvironment = "ARCHIVE_DEFAULT"),';
  const names = ['POLL_CITY', 'POLL_WEATHER', 'POLL_THEIRS'];
  const more = names.map((name) => `    (name = "${name}", fromEnvironment = "${name}"),`).join('\n');
  assert.ok(config.includes(line));
  return reachingHere(config.replace(line, `${line}\n${more}`));
};

before(async () => {
  await Promise.all([agency.start(), other.start()]);
  server = await startServer({
    config: bound,
    env: {
      HELIOGRAPH_PRIVATE_TARGETS: 'allow',
      POLL_CITY: JSON.stringify({ origin: agency.url, header: 'x-api-key', value: 'hush-city' }),
      POLL_WEATHER: JSON.stringify({ origin: agency.url, query: 'appid', value: 'hush-weather', boards: ['weather'] }),
      POLL_THEIRS: JSON.stringify({ origin: agency.url, value: 'Bearer hush', boards: ['theirs-*'] }),
    },
  });
  admin = new Client(server);
});
after(() => Promise.all([server?.stop(), agency.stop(), other.stop()]));

const path = (board) => `/v1/boards/${board}/sources/${board}`;

/** A board with a source of its name that asks. */
async function asks(board, poll, more = {}) {
  await admin.board(board);
  const { status, body } = await admin.post(`/v1/boards/${board}/sources`, { name: board, poll: { interval_s: 5, ...poll }, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

const told = async (board) => (await admin.get(path(board))).body.polled;
/** How a source's asking goes, once that is as it should be. */
async function goes(board, as) {
  let polled;
  return eventually(async () => {
    polled = await told(board);
    return polled && as(polled) ? polled : null;
  }, () => `${board}: ${JSON.stringify(polled)}`);
}
/** Has a source ask at once. */
const again = (board) => admin.send('PATCH', path(board), {});

const feature = (id, lon, more = {}) => ({ type: 'Feature', id, geometry: { type: 'Point', coordinates: [lon, 51.5] }, properties: { time: '2026-03-01T12:00:00Z', ...more } });

test('an address is asked by its interval, with its validators, and what is new is on the board', async () => {
  let [body, tag] = [JSON.stringify({ type: 'FeatureCollection', features: [feature('b1', 0.1), feature('b2', 0.2)] }), '"v1"'];
  agency.paths.set('/buses.geojson', (req) =>
    req.headers['if-none-match'] === tag
      ? { status: 304, headers: { etag: tag } }
      : { headers: { etag: tag, 'last-modified': 'Sun, 01 Mar 2026 12:00:00 GMT', 'content-type': 'application/geo+json' }, body });
  await asks('buses', { url: `${agency.url}/buses.geojson?all=1`, headers: { 'x-app': 'map' } });
  const first = await goes('buses', (p) => p.outcome === 'taken');
  assert.deepEqual([first.accepted, first.refused, first.failures], [2, 0, 0]);
  assert.ok(first.next > first.asked);
  await goes('buses', (p) => p.outcome === 'unchanged');
  body = JSON.stringify({ type: 'FeatureCollection', features: [feature('b1', 0.3, { time: '2026-03-01T12:00:30Z' })] });
  tag = '"v2"';
  await eventually(async () => (await admin.items('buses')).items.get('b1').position.lon === 0.3, 'what is new is there');
  const [one, two, ...rest] = agency.of('/buses.geojson');
  assert.deepEqual([one.query, one.headers['x-app'], one.headers['if-none-match']], ['?all=1', 'map', undefined]);
  assert.match(one.headers['user-agent'], /^heliograph\//);
  assert.deepEqual([two.headers['if-none-match'], two.headers['if-modified-since']], ['"v1"', 'Sun, 01 Mar 2026 12:00:00 GMT']);
  for (const [i, next] of rest.entries()) assert.ok(next.at - [two, ...rest][i].at > 4_500, 'no more often than said');
});

test('a server without validators that says the same again is not taken again', async () => {
  agency.paths.set('/plain.csv', () => ({ headers: { 'content-type': 'text/plain' }, body: 'key,level\ntank-1,3\ntank-2,4\n' }));
  await asks('tanks', { url: `${agency.url}/plain.csv` });
  await goes('tanks', (p) => p.outcome === 'taken' && p.accepted === 2);
  await goes('tanks', (p) => p.outcome === 'unchanged');
  assert.equal((await admin.get('/v1/boards/tanks/events')).body.events.length, 2);
  // What is packed and does not say so is unpacked.
  agency.paths.set('/plain.csv', () => ({ headers: { 'content-type': 'application/gzip' }, body: gzipSync('key,level\ntank-1,5\n') }));
  const { status } = await admin.send('PATCH', path('tanks'), { envelope: 'csv' });
  assert.equal(status, 200);
  await eventually(async () => (await admin.items('tanks')).items.get('tank-1').fields.level === 5, 'what is new is there');
});

test('secrets and headers of a source go to its own origin, and nowhere else when it is sent on', async () => {
  other.paths.set('/elsewhere', () => ({ body: JSON.stringify([{ key: 'w1', fields: { n: 1 } }]) }));
  agency.paths.set('/moved', () => ({ status: 307, headers: { location: '/there' } }));
  agency.paths.set('/there', () => ({ status: 302, headers: { location: `${other.url}/elsewhere` } }));
  await asks('city', { url: `${agency.url}/moved`, credential: 'CITY', headers: { 'x-app': 'map' } });
  await goes('city', (p) => p.accepted === 1);
  for (const at of ['/moved', '/there']) {
    assert.deepEqual([agency.of(at)[0].headers['x-api-key'], agency.of(at)[0].headers['x-app']], ['hush-city', 'map'], at);
  }
  const [away] = other.of('/elsewhere');
  assert.deepEqual([away.headers['x-api-key'], away.headers['x-app'], away.headers.authorization], [undefined, undefined, undefined]);
  assert.ok(!JSON.stringify(await admin.get(path('city'))).includes('hush'));
});

test('a key in the query goes there, a weather report has the key that its source says, and neither is told', async () => {
  agency.paths.set('/weather', (req) => req.url.includes('appid=hush-weather')
    ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ dt: 1772366400, name: 'London', main: { temp: 280.3, humidity: 81 }, coord: { lon: -0.13, lat: 51.51 } }) }
    : { status: 401 });
  const jq = '{key: .name, time: (.dt * 1000), position: {lat: .coord.lat, lon: .coord.lon}, fields: {temperature: .main.temp, humidity: .main.humidity}}';
  await asks('weather', { url: `${agency.url}/weather?q=London`, credential: 'WEATHER' }, { envelope: 'json', transform: { jq } });
  await goes('weather', (p) => p.outcome === 'taken');
  const london = (await admin.items('weather')).items.get('London');
  assert.deepEqual([london.fields.temperature, london.position.lat], [280.3, 51.51]);
  assert.equal(agency.of('/weather')[0].query, '?q=London&appid=hush-weather');
  agency.paths.set('/weather', () => ({ status: 503, headers: { 'retry-after': '600' } }));
  await again('weather');
  const failed = await goes('weather', (p) => p.outcome === 'failed');
  assert.match(failed.error, /answers 503/);
  assert.ok(failed.next - failed.asked >= 600_000, 'it comes back when it was told to');
  assert.ok(!JSON.stringify(failed).includes('hush'));
  assert.ok(!server.log().includes('hush-weather'));
});

test('what can\'t be asked is refused when the source is made, and names its field', async () => {
  await admin.board('wishes');
  const wish = async (poll, more = {}) => {
    const { status, body } = await admin.post('/v1/boards/wishes/sources', { name: 'wish', poll, ...more });
    return [status, body.code, body.errors?.[0]?.field];
  };
  const url = `${agency.url}/buses.geojson`;
  assert.deepEqual(await wish({ url: 'ftp://x.example/' }), [422, 'invalid', 'poll.url']);
  assert.deepEqual(await wish({ url: 'https://me:hush@x.example/' }), [422, 'invalid', 'poll.url']);
  assert.deepEqual(await wish({ url, interval_s: 1 }), [422, 'out_of_range', 'poll.interval_s']);
  assert.deepEqual(await wish({ url, headers: { authorization: 'Bearer x' } }), [422, 'not_allowed', 'poll.headers.authorization']);
  assert.deepEqual(await wish({ url, credential: 'NONE' }), [422, 'not_allowed', 'poll.credential']);
  assert.deepEqual(await wish({ url, credential: 'THEIRS' }), [422, 'not_allowed', 'poll.credential'], 'it is for other boards');
  assert.deepEqual(await wish({ url: `${other.url}/`, credential: 'CITY' }), [422, 'not_allowed', 'poll.credential'], 'it is for another origin');
  assert.deepEqual(await wish({ url }, { envelope: 'sns' }), [422, 'not_allowed', 'envelope']);
  assert.equal((await wish({ url, every: 1 }))[0], 400);
  assert.equal((await admin.get('/v1/boards/wishes/sources')).body.sources.length, 0);
});

test('a record that is refused leaves one letter, and one that is mended at its origin is taken', async () => {
  let round = 0;
  const feed = (key) => JSON.stringify([{ key: 'good', fields: { round: ++round } }, { [key]: 'bad', fields: { n: 1 } }]);
  agency.paths.set('/letters', () => ({ body: feed('kee') }));
  await asks('letters', { url: `${agency.url}/letters` });
  await goes('letters', (p) => p.refused === 1 && p.accepted === 1);
  for (let times = 0; times < 2; times += 1) {
    const before = round;
    await eventually(() => round > before, 'what is new is there');
    await goes('letters', (p) => p.outcome === 'taken' && p.refused === 1);
  }
  const letters = (await admin.get('/v1/boards/letters/dead-letters')).body.dead_letters;
  assert.equal(letters.length, 1, JSON.stringify(letters));
  assert.deepEqual([letters[0].source, letters[0].record.kee], ['letters', 'bad']);
  agency.paths.set('/letters', () => ({ body: feed('key') }));
  await eventually(async () => (await admin.items('letters')).items.has('bad'), 'what is new is there');
});

test('what is no answer is told with its reason, it asks ever less often, and goes on once it can', async () => {
  const cases = {
    broken: [{ body: '{"key": ' }, /is not what this source takes/],
    page: [{ headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>Sign in' }, /not what this source takes/],
    long: [{ body: 'x'.repeat(3_000) }, /more than 2000 bytes/],
    bomb: [{ body: gzipSync(Buffer.alloc(100_000)) }, /unpacks to more than 2000 bytes/],
    round: [{ status: 301, headers: { location: '/round' } }, /sends on more than 5 times/],
    inside: [{ status: 302, headers: { location: 'ftp://x.example/' } }, /sends on to what is not an address/],
    closed: [{ status: 403 }, /credential is missing, wrong or not enough/],
    notice: [{ headers: { 'x-amz-sns-message-type': 'Notification' }, body: JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:1:x', SigningCertURL: 'https://x', Message: '{}' }) }, /envelope whose senders send/],
  };
  for (const [name, [answer]] of Object.entries(cases)) {
    agency.paths.set(`/${name}`, () => answer);
    await asks(`no-${name}`, { url: `${agency.url}/${name}` }, { limits: { body_bytes: 2_000 } });
  }
  for (const [name, [, why]] of Object.entries(cases)) {
    const polled = await goes(`no-${name}`, (p) => p.failures > 0);
    assert.match(polled.error, why, name);
    assert.ok(polled.next - polled.asked >= 7_000, `${name}: ${polled.next - polled.asked} ms`);
    assert.equal((await admin.items(`no-${name}`)).items.size, 0);
  }
  agency.paths.set('/broken', () => ({ body: '{"key": "k"}' }));
  const mended = await goes('no-broken', (p) => p.outcome === 'taken');
  assert.deepEqual([mended.failures, mended.error], [0, undefined]);
});

test('a server that is away is asked until it is back, and a worker that is killed goes on asking', async () => {
  const away = await new Agency().start();
  const { port } = away.server.address();
  let n = 0;
  const answer = () => ({ body: JSON.stringify({ key: 'k', fields: { n: ++n } }) });
  away.paths.set('/n', answer);
  await asks('patient', { url: `${away.url}/n` });
  await goes('patient', (p) => p.outcome === 'taken');
  await away.stop();
  await goes('patient', (p) => p.outcome === 'failed');
  const back = new Agency();
  back.paths.set('/n', answer);
  back.server = createServer((req, res) => res.end(back.paths.get('/n')().body));
  await new Promise((done) => back.server.listen(port, '127.0.0.1', done));
  await server.kill9();
  await server.restart();
  await eventually(async () => (await admin.items('patient')).items.get('k').fields.n >= 3, 'it goes on', 90_000);
  await back.stop();
});

test('a source that asks nothing any more, or is gone, asks nothing', async () => {
  for (const name of ['quiet', 'gone']) {
    agency.paths.set(`/${name}`, () => ({ body: '{"key":"k"}' }));
    await asks(name, { url: `${agency.url}/${name}` });
    await goes(name, (p) => p.outcome === 'taken');
  }
  const { body } = await admin.send('PATCH', path('quiet'), { poll: null });
  assert.deepEqual([body.poll, body.polled], [undefined, undefined]);
  assert.equal((await admin.delete(path('gone'))).status, 204);
  const before = agency.asked.filter(({ path: at }) => at === '/quiet' || at === '/gone').length;
  await sleep(12_000);
  assert.equal(agency.asked.filter(({ path: at }) => at === '/quiet' || at === '/gone').length, before);
  // One of the same name that is made anew begins anew.
  await admin.post('/v1/boards/gone/sources', { name: 'gone', poll: { url: `${agency.url}/gone`, interval_s: 5 } });
  const polled = await goes('gone', (p) => p.outcome === 'taken');
  assert.equal(polled.accepted, 1);
});

test('hosts of the inside are not asked: not by number, not by name, and not by a source of before', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'heliograph-'));
  const lenient = await startServer({ config: bound, dataDir, env: { HELIOGRAPH_PRIVATE_TARGETS: 'allow' } });
  const { adminKey } = lenient;
  const before = new Client(lenient);
  await before.board('inside');
  agency.paths.set('/inside', () => ({ body: '{"key":"k"}' }));
  await before.post('/v1/boards/inside/sources', { name: 'before', poll: { url: `${agency.url}/inside`, interval_s: 5 } });
  await eventually(() => agency.of('/inside').length > 0, 'it asks');
  await lenient.stop();
  const asked = agency.of('/inside').length;
  const strict = await startServer({ config: bound, dataDir, env: { HELIOGRAPH_ADMIN_KEY: adminKey } });
  const own = new Client(strict);
  try {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '169.254.169.254', '10.0.0.1', 'db', 'a.internal']) {
      const { status, body } = await own.post('/v1/boards/inside/sources', { name: 'inside', poll: { url: `https://${host}/x` } });
      assert.deepEqual([status, body.errors?.[0]?.field], [422, 'poll.url'], host);
    }
    const { body } = await own.post('/v1/boards/inside/sources', { name: 'inside', poll: { url: 'http://transit.example/x' } });
    assert.match(body.detail, /must be https/);
    const failed = await eventually(async () => {
      const { polled } = (await own.get('/v1/boards/inside/sources/before')).body;
      return polled.outcome === 'failed' && polled;
    }, 'it fails', 90_000);
    assert.match(failed.error, /private network/);
    assert.equal(agency.of('/inside').length, asked);
  } finally {
    await strict.stop();
    rmSync(dataDir, { recursive: true });
  }
});
