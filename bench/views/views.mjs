// Measures a view of 1,000 items: hits, 304s and misses of ours, straight to workerd; an Express route that asks SQLite
// for every request; and nginx that serves the same bytes as a file. One after the other, each with the same load.
//
//   node bench/views/views.mjs [--seconds 5] [--json]
//
// `cargo xtask bench views` builds first and installs nginx. Rates come from 32 connections that ask again as soon as
// they are answered; latencies from a steady rate at half of that, corrected for requests that had to wait for their turn.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import autocannon from 'autocannon';

import { startServer } from '../../e2e/server.mjs';
import { Client } from '../../e2e/live/support/client.mjs';

const ITEMS = 1_000;
const CONNECTIONS = 32;
const READERS = 1_000;
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
const seconds = Number(values.seconds);
const folder = mkdtempSync(join(tmpdir(), 'heliograph-views-'));
// nginx may serve as another user.
chmodSync(folder, 0o755);
const running = [];

/** Seconds of processor time that a process and its children have used. */
function cpuSeconds(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map();
  const used = new Map();
  for (const name of all) {
    try {
      const parts = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ');
      parents.set(Number(name), Number(parts[1]));
      used.set(Number(name), (Number(parts[11]) + Number(parts[12])) / 100);
    } catch {
      // It ended meanwhile.
    }
  }
  const belongs = (id) => id === pid || (parents.has(id) && parents.get(id) !== id && belongs(parents.get(id)));
  return [...used].filter(([id]) => belongs(id)).reduce((sum, [, s]) => sum + s, 0);
}

const load = (options) => new Promise((done, failed) => autocannon(options, (e, r) => (e ? failed(e) : done(r))));

/** Rate flat out with processor time, then latency at half of it. */
async function measure(name, server, pid, request, expected) {
  const options = { connections: CONNECTIONS, ...request };
  await load({ ...options, duration: 1 });
  const before = cpuSeconds(pid);
  const flat = await load({ ...options, duration: seconds });
  const cpu = cpuSeconds(pid) - before;
  const rate = flat.requests.total / flat.duration;
  const steady = await load({ ...options, duration: seconds, overallRate: Math.max(10, Math.floor(rate / 2)) });
  for (const run of [flat, steady]) {
    const wrong = run.errors + run.timeouts;
    if (wrong > 0) throw new Error(`${server} ${name}: ${wrong} requests failed`);
    const codes = Object.keys(run.statusCodeStats ?? {});
    if (codes.join() !== expected) throw new Error(`${server} ${name}: answered ${codes}`);
  }
  return {
    server,
    what: name,
    requests_per_s: Math.round(rate),
    p50_ms: steady.latency.p50,
    p99_ms: steady.latency.p99,
    cpu_us_per_request: Math.round((cpu / flat.requests.total) * 1e6),
    bytes: Math.round(flat.throughput.total / flat.requests.total),
  };
}

function start(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  return child;
}

async function ours() {
  const server = await startServer();
  const admin = new Client(server);
  const events = Array.from({ length: ITEMS }, (_, i) => ({
    key: `v${i}`,
    time: 1_772_366_400_000 + i,
    position: { lat: 30 + i / 1e4, lon: -97 - i / 1e4, heading: i % 360, speed: (i % 300) / 10 },
    fields: { route: `${800 + (i % 80)}`, fuel: (i % 1_000) / 1_000 },
  }));
  const made = async (name, s_maxage_s) => {
    await admin.board(name, { cache: { s_maxage_s } });
    await admin.publish(name, events);
    return `${server.url}/v1/boards/${name}/items`;
  };
  const kept = await made('kept', 3_600);
  const asked = await made('asked', 0);
  const crowd = await made('crowd', 3_600);

  // A thousand readers at once, each on a connection of its own, of a view that nobody has asked for.
  const answers = await Promise.all(Array.from({ length: READERS }, () => fetch(crowd)));
  const calls = answers.filter((a) => a.headers.get('x-cache') === 'miss').length;
  const bodies = new Set(await Promise.all(answers.map((a) => a.text())));
  if (bodies.size !== 1) throw new Error('readers of one view were answered differently');

  const first = await fetch(kept);
  const body = Buffer.from(await first.arrayBuffer());
  const etag = first.headers.get('etag');
  // Of anybody else so many views would cost more than the budget of one caller.
  const unlimited = { authorization: `Bearer ${server.adminKey}` };
  const results = [
    await measure('hit', 'heliograph', server.pid, { url: kept }, '200'),
    await measure('304', 'heliograph', server.pid, { url: kept, headers: { 'if-none-match': etag } }, '304'),
    await measure('miss', 'heliograph', server.pid, { url: asked, headers: unlimited }, '200'),
  ];
  // The least that a request costs here: a route that does nothing.
  results.push(await measure('no view', 'heliograph', server.pid, { url: `${server.url}/healthz` }, '200'));
  await server.stop();
  return { results, body, calls };
}

async function expressPeer() {
  const child = start(process.execPath, [fileURLToPath(new URL('peer.mjs', import.meta.url)), join(folder, 'peer.db'), String(ITEMS)]);
  const port = await new Promise((done) => child.stdout.once('data', (text) => done(Number(text))));
  const url = `http://127.0.0.1:${port}/items`;
  const etag = (await fetch(url)).headers.get('etag');
  const results = [
    await measure('hit', 'express + SQLite', child.pid, { url }, '200'),
    await measure('304', 'express + SQLite', child.pid, { url, headers: { 'if-none-match': etag } }, '304'),
  ];
  child.kill();
  return results;
}

async function nginx(body) {
  const root = join(folder, 'nginx');
  mkdirSync(join(root, 'www'), { recursive: true });
  writeFileSync(join(root, 'www/items.json'), body);
  const port = 18_000 + (process.pid % 1_000);
  const conf = `daemon off; worker_processes 1; pid ${root}/pid; error_log ${root}/error.log;
    events { worker_connections 2048; }
    http { access_log off; sendfile on; keepalive_requests 100000000; types { application/json json; }
      client_body_temp_path ${root}/a; proxy_temp_path ${root}/b; fastcgi_temp_path ${root}/c; uwsgi_temp_path ${root}/d; scgi_temp_path ${root}/e;
      server { listen 127.0.0.1:${port}; root ${root}/www; } }`;
  writeFileSync(join(root, 'nginx.conf'), conf);
  const child = start('nginx', ['-p', root, '-c', join(root, 'nginx.conf')]);
  const url = `http://127.0.0.1:${port}/items.json`;
  for (let i = 0; ; i += 1) {
    try {
      const etag = (await fetch(url)).headers.get('etag');
      const results = [
        await measure('hit', 'nginx', child.pid, { url }, '200'),
        await measure('304', 'nginx', child.pid, { url, headers: { 'if-none-match': etag } }, '304'),
      ];
      child.kill();
      return results;
    } catch (error) {
      if (i > 50 || error?.cause?.code !== 'ECONNREFUSED') throw error;
      await sleep(50);
    }
  }
}

let failed = false;
try {
  execFileSync('nginx', ['-v'], { stdio: 'ignore' });
  const { results, body, calls } = await ours();
  results.push(...(await expressPeer()), ...(await nginx(body)));
  const rate = (server, what) => results.find((r) => r.server === server && r.what === what).requests_per_s;
  const times = (what, peer) => Math.round((rate('heliograph', what) / rate(peer, what)) * 100) / 100;
  const targets = [
    { name: "hits, times Express and SQLite's", reached: times('hit', 'express + SQLite'), at_least: 3 },
    { name: "304s, times Express and SQLite's", reached: times('304', 'express + SQLite'), at_least: 3 },
    { name: `board calls of ${READERS} concurrent readers of a cold view`, reached: calls, at_most: 1 },
  ];
  for (const t of targets) t.met = t.at_least === undefined ? t.reached <= t.at_most : t.reached >= t.at_least;
  const limits = { hit: times('hit', 'nginx'), 304: times('304', 'nginx') };
  failed = targets.some((t) => !t.met);
  if (values.json) {
    console.log(JSON.stringify({ results, targets, of_nginx: limits, bytes: body.length, met: !failed }));
  } else {
    console.log(`A view of ${ITEMS} items, ${body.length.toLocaleString('en')} bytes; ${CONNECTIONS} connections; client and server on one machine.\n`);
    console.log('| | | requests/s | p50 / p99 at half the rate, ms | CPU a request, µs | bytes a request |\n|---|---|---|---|---|---|');
    for (const r of results) {
      console.log(`| ${r.server} | ${r.what} | ${r.requests_per_s.toLocaleString('en')} | ${r.p50_ms} / ${r.p99_ms} | ${r.cpu_us_per_request} | ${r.bytes.toLocaleString('en')} |`);
    }
    console.log(`\nOf nginx with the same bytes as a file: hits ${limits.hit}, 304s ${limits[304]}.\n`);
    for (const t of targets) {
      const limit = t.at_least === undefined ? `at most ${t.at_most}` : `at least ${t.at_least}`;
      console.log(`${t.met ? 'met' : 'MISSED'}: ${t.name}: ${t.reached} (${limit})`);
    }
  }
} finally {
  running.forEach((child) => child.kill('SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
