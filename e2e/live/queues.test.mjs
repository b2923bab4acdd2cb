// Cloudflare Queues in front of a board: the real worker under `wrangler dev`, which has queues of its own, and a worker that sends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { ROOT } from '../server.mjs';
import { consume } from '../../worker/entry/queue.js';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

const NODE = process.env.HELIOGRAPH_WRANGLER_NODE ?? process.execPath;
const ADMIN = 'an-admin-key-of-this-test';
const folder = mkdtempSync(join(tmpdir(), 'heliograph-queues-'));
const running = new Set();

after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

/** The lines of wrangler.toml about a queue, as the page says to uncomment them. */
function consumer() {
  const lines = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8').split('\n');
  const start = lines.indexOf('# [[queues.consumers]]');
  assert.ok(start > 0, 'wrangler.toml has no lines about a queue');
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('# '));
  const members = lines.slice(start + 1, end).map((line) => /^# (\w+) = (.+)$/.exec(line));
  return Object.fromEntries(members.map(([, name, value]) => [name, JSON.parse(value)]));
}

/** Starts wrangler: a worker that sends, and gives every other request to ours. */
async function start(queues) {
  const path = (name, value) => {
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
    return join(folder, name);
  };
  const classes = [['BOARD', 'Board'], ['RELAY', 'Relay'], ['REGISTRY', 'Registry'], ['POLLER', 'Poller']];
  const compatibility_date = /compatibility_date = "(.+)"/.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))[1];
  const worker = path('worker.json', {
    name: 'heliograph',
    main: join(ROOT, 'worker/entry/index.js'),
    compatibility_date,
    durable_objects: { bindings: classes.map(([name, class_name]) => ({ name, class_name })) },
    migrations: [{ tag: 'v1', new_sqlite_classes: classes.map(([, name]) => name) }],
    queues: { consumers: [consumer()] },
    vars: { HELIOGRAPH_ADMIN_KEY: ADMIN, HELIOGRAPH_SIGNING_KEY: signingKey, ...(queues ? { HELIOGRAPH_QUEUES: JSON.stringify(queues) } : {}) },
  });
  path('sender.js', `export default {
    async fetch(request, env) {
      if (new URL(request.url).pathname !== '/send') return env.HELIOGRAPH.fetch(request);
      const { contentType, bodies } = await request.json();
      const body = (text) => (contentType === 'bytes' ? new TextEncoder().encode(text) : text);
      await env.QUEUE.sendBatch(bodies.map((text) => ({ body: body(text), contentType })));
      return new Response('sent');
    },
  };`);
  const sender = path('sender.json', {
    name: 'sender',
    main: 'sender.js',
    compatibility_date,
    queues: { producers: [{ queue: consumer().queue, binding: 'QUEUE' }] },
    services: [{ binding: 'HELIOGRAPH', service: 'heliograph' }],
  });
  const port = await freePort();
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const args = [wrangler, 'dev', '-c', sender, '-c', worker, '--ip', '127.0.0.1', '--port', String(port), '--persist-to', join(folder, 'data')];
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' };
  const child = spawn(NODE, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  const ended = new Promise((done) => child.once('exit', done)).then(() => running.delete(child));
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) }).then(({ ok }) => ok, () => false);
  await eventually(answers, () => `an answer of wrangler dev; it says:\n${log}`, 90_000);
  return {
    url,
    log: () => log,
    admin: new Client({ url, adminKey: ADMIN }),
    send: async (contentType, ...bodies) => {
      const response = await fetch(`${url}/send`, { method: 'POST', body: JSON.stringify({ contentType, bodies }) });
      assert.equal(response.status, 200, await response.text());
    },
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

test('messages of every kind reach the board, what is refused is a dead letter, and a busy source makes them wait', async () => {
  let wrangler = await start();
  await wrangler.admin.board('fleet');
  const limits = { requests_per_minute: 20 };
  const { status, body: made } = await wrangler.admin.post('/v1/boards/fleet/sources', { name: 'from-queue', limits });
  assert.equal(status, 201, JSON.stringify(made));
  await wrangler.stop();
  wrangler = await start({ [consumer().queue]: { source: 'from-queue', secret: made.secret } });
  let seen = [];
  const events = async () => (seen = (await wrangler.admin.get('/v1/boards/fleet/events?limit=1000')).body.events ?? []);
  const keys = async () => (await events()).map(({ key }) => key).sort();
  const told = () => `${JSON.stringify(seen)}\n${wrangler.log()}`;
  await wrangler.send('json', { key: 'a', position: { lat: 1, lon: 2 } }, { key: 'b', time: 1_772_366_400_000 });
  await wrangler.send('text', '{"key":"c","fields":{"n":1.5}}', 'nope');
  await wrangler.send('bytes', '{"key":"d"}');
  const come = async () => (await keys()).join() === 'a,b,c,d';
  await eventually(come, () => `four events; there are ${told()}`, 30_000);
  const letters = await eventually(
    async () => {
      const { body } = await wrangler.admin.get('/v1/boards/fleet/dead-letters');
      return body.dead_letters.length > 0 && body.dead_letters;
    },
    () => 'a dead letter',
    10_000,
  );
  assert.deepEqual(letters.map(({ code, record }) => [code, record]), [['invalid_json', { text: 'nope' }]]);
  const first = (await events()).find(({ key }) => key === 'a');
  assert.match(first.id, /^queue\/positions .+/);
  assert.ok(Math.abs(first.time - Date.now()) < 60_000, String(first.time));
  assert.equal((await events()).find(({ key }) => key === 'b').time, 1_772_366_400_000);
  // The source takes two requests at once and one each three seconds: what is too early comes again, and once.
  for (let n = 0; n < 6; n += 1) {
    await wrangler.send('json', { key: `late-${n}` });
    await new Promise((done) => setTimeout(done, 1_200));
  }
  const late = async () => (await keys()).filter((key) => key.startsWith('late-'));
  await eventually(async () => (await late()).length >= 6, () => `six events; there are ${told()}`, 60_000);
  assert.equal(new Set(await late()).size, 6);
  assert.equal((await late()).length, 6);
  await wrangler.stop();
});

/** A batch whose messages note what becomes of them. */
function batch(bodies) {
  const fates = bodies.map(() => undefined);
  const messages = bodies.map((body, i) => ({
    id: `m${i}`,
    timestamp: new Date(1_772_366_400_000),
    body,
    ack: () => (fates[i] = 'ack'),
    retry: ({ delaySeconds }) => (fates[i] = delaySeconds),
  }));
  return { queue: 'q', messages, fates };
}

const env = { HELIOGRAPH_QUEUES: JSON.stringify({ q: { source: 's/1', secret: 'geheim' } }) };
const answer = (status, headers) => async () => new Response(null, { status, headers });

/** What becomes of messages, and the requests. */
async function consumed(bodies, ingest, settings = env) {
  const given = batch(bodies);
  const requests = [];
  const said = [];
  const { error } = console;
  console.error = (text) => said.push(text);
  try {
    await consume(given, settings, async (request) => {
      requests.push({ url: request.url, headers: Object.fromEntries(request.headers), events: await request.json() });
      return ingest(requests.at(-1));
    });
  } finally {
    console.error = error;
  }
  return { fates: given.fates, requests, said };
}

test('a batch is one request with a CloudEvent a message, and is acknowledged when that is answered', async () => {
  const bytes = new TextEncoder().encode('{"key":"b"}');
  const bodies = [{ key: 'a' }, bytes, bytes.buffer, '{"n":10000000000000000001}', 'nope', new Uint8Array([255]), undefined, 10n];
  const { fates, requests } = await consumed(bodies, answer(200));
  assert.deepEqual(fates, bodies.map(() => 'ack'));
  assert.equal(requests.length, 1);
  const [{ url, headers, events }] = requests;
  assert.equal(new URL(url).pathname, '/v1/ingest/s%2F1');
  assert.deepEqual([headers.authorization, headers['content-type']], ['Bearer geheim', 'application/cloudevents-batch+json']);
  const common = { specversion: '1.0', source: 'queue/q', type: 'message', time: '2026-03-01T12:00:00.000Z' };
  assert.deepEqual(events.slice(0, 3), [{ key: 'a' }, { key: 'b' }, { key: 'b' }].map((data, i) => ({ ...common, id: `m${i}`, data })));
  assert.deepEqual(events.slice(4, 6).map(({ data_base64 }) => data_base64), ['bm9wZQ==', '/w==']);
  assert.deepEqual(events.slice(6).map(({ data }) => data), [null, '10']);
});

test('what can be taken later comes again after as long as the board says, and nothing goes before it', async () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  for (const [status, headers, delay] of [[429, { 'retry-after': '7' }, 7], [503, {}, 5], [500, { 'retry-after': 'x' }, 5], [503, { 'retry-after': '0' }, 5]]) {
    const { fates, requests } = await consumed([long, long, { key: 'a' }], answer(status, headers));
    assert.deepEqual([fates, requests.length], [[delay, delay, delay], 1]);
  }
  const broken = async () => {
    throw new Error('the worker crashed');
  };
  assert.deepEqual((await consumed([{}], broken)).fates, [5]);
});

test('wrong settings are told without secrets, and the messages wait', async () => {
  for (const settings of [{}, { HELIOGRAPH_QUEUES: 'geheim' }, { HELIOGRAPH_QUEUES: '{"other":{}}' }, { HELIOGRAPH_QUEUES: '{"q":{"source":"s"}}' }]) {
    const { fates, requests, said } = await consumed([{}, {}], answer(200), settings);
    assert.deepEqual([fates, requests.length], [[60, 60], 0]);
    assert.match(said.join(), /names no source and secret for the queue q/);
    assert.doesNotMatch(said.join(), /geheim/);
  }
  const { fates, requests, said } = await consumed([{}, {}], answer(401));
  assert.deepEqual([fates, requests.length], [[60, 60], 1]);
  assert.match(said.join(), /answers 401/);
  assert.doesNotMatch(said.join(), /geheim/);
});

test('a message that spoils its request is found, and the others are taken', async () => {
  const bad = ({ events }) => new Response(null, { status: events.some(({ data }) => data.bad) ? 413 : 200 });
  const { fates } = await consumed([{ n: 0 }, { n: 1 }, { bad: true }, { n: 3 }, { n: 4 }], async (request) => bad(request));
  assert.deepEqual(fates, ['ack', 'ack', 60, 'ack', 'ack']);
});
