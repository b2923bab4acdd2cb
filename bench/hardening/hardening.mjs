// What the hardening changed, side by side with the build before it, one after the other on this machine.
//
//   node bench/hardening/hardening.mjs --old DIR [--only restart,…] [--events N] [--items N] [--pairs N] [--seconds N] [--json]
//
// `cargo xtask bench hardening` builds both first. DIR is a checkout of the old commit with its build.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import WebSocket from 'ws';

import { Client } from '../../e2e/live/support/client.mjs';
import { JSON_FEED } from '../../e2e/live/support/feed.mjs';
import { T0, numbers, ordinary, send } from '../../e2e/live/support/loads.mjs';
import { cpuMs, pssMib } from '../../e2e/live/support/process.mjs';
import { HELIOGRAPH, ROOT, startServer as startNew } from '../../e2e/server.mjs';

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: {
    old: text(''),
    only: text('restart,memory,newest,patterns,slow,feed'),
    events: text('2000000'),
    items: text('200000'),
    pairs: text('7'),
    seconds: text('4'),
    json: { type: 'boolean', default: false },
  },
});
const wanted = values.only.split(',');
const [events, items, pairs, seconds] = [values.events, values.items, values.pairs, values.seconds].map(Number);
const oldRoot = resolve(values.old);
// The same code of ours, which finds the other build when it is loaded.
process.env.HELIOGRAPH_ROOT = oldRoot;
const { startServer: startOld } = await import('../../e2e/server.mjs?old');
process.env.HELIOGRAPH_ROOT = ROOT;

const BUILDS = {
  old: { root: oldRoot, start: startOld, main: 'objects.js' },
  new: { root: ROOT, start: startNew, main: 'index.js' },
};
const say = (line) => console.error(line);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Starts a build, does something, ends it. */
async function using(build, act, options) {
  const server = await BUILDS[build].start(options);
  try {
    return await act(server, new Client(server));
  } finally {
    await server.stop();
  }
}

/** The same with both; the figures by build. */
async function both(measure) {
  const found = {};
  for (const build of ['old', 'new']) found[build] = await measure(build);
  return found;
}

async function cpu(server, act) {
  const before = cpuMs(server.pid);
  await act();
  return cpuMs(server.pid) - before;
}

const ok = ({ status, body }) => {
  if (status < 200 || status > 299) throw new Error(`${status} ${JSON.stringify(body).slice(0, 300)}`);
  return body;
};

/** Processor time from the start of a worker to the first whole answer about a scoreboard. */
const restart = (build) =>
  using(build, async (server, admin) => {
    const config = { scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }], entry: 'task', everyone: true } };
    await admin.board('b', config);
    const answer = (i) => ({ id: `a${i}`, key: `p${i % 5_000}`, time: T0 + i, fields: { points: i % 10, task: `t${i % 97}` } });
    await send(admin, 'b', events, answer);
    const rows = async () => {
      for (;;) {
        // One that takes longer than a client waits is asked for again.
        const answer = await admin.get('/v1/boards/b/scores?top=5').catch(() => null);
        if (answer === null || answer.status >= 500) continue;
        const body = ok(answer);
        if (!body.about.rebuilding && body.rows.length > 0) return body.rows;
        await sleep(50);
      }
    };
    const before = JSON.stringify((await rows()).map((r) => [r.key, r.values]));
    await sleep(3_000);
    await server.kill9();
    await server.restart();
    const used = cpuMs(server.pid);
    const after = JSON.stringify((await rows()).map((r) => [r.key, r.values]));
    if (before !== after) throw new Error(`${build}: another ranking after the restart: ${before} ${after}`);
    return cpuMs(server.pid) - used;
  });

/** Memory of a worker that has loaded a board of so many items, over one with a single item. */
const memory = async (build) => {
  const loaded = (count) =>
    using(build, async (server, admin) => {
      await admin.board('b');
      await send(admin, 'b', count, ordinary);
      await server.restart();
      ok(await admin.get('/v1/boards/b/items?limit=1'));
      await sleep(500);
      return pssMib(server.pid);
    });
  const empty = await loaded(1);
  return (await loaded(items)) - empty;
};

/** Processor time of a request with 10,000 events of 30 numbers, the newest first. */
const newest = (build) =>
  using(build, async (server, admin) => {
    const used = [];
    for (let i = 0; i < 3; i += 1) {
      const board = await admin.board(`b${i}`);
      used.push(await cpu(server, () => send(admin, board, 10_000, (j) => numbers(j, T0 - j * 10_000))));
    }
    return median(used);
  });

/** Processor time of a view of 20,000 items for who may see what fits so many patterns as there may be. */
const patterns = (build) =>
  using(build, async (server, admin) => {
    const board = await admin.board('b', { visibility: 'private' });
    await send(admin, board, 20_000, (i) => ({ key: `vehicle-${i}`, fields: { n: i } }));
    const list = (count, pattern) => Array.from({ length: count }, (_, i) => pattern(i));
    const grants =
      build === 'old'
        ? list(7, (g) => ({ board, operations: ['read'], keys: list(g < 6 ? 100 : 40, (i) => `*x~${g}${i}*`) }))
        : [{ board, operations: ['read'], keys: list(32, (i) => `vehicle-x${i}*`) }];
    // Short patterns, that a token holds 640: as the review had them.
    const short = build === 'old' ? grants.map((g) => ({ ...g, keys: g.keys.map(() => '*x~*') })) : grants;
    const token = ok(await admin.post('/v1/tokens', { grants: short, ttl_s: 600 })).token;
    const reader = admin.as(token);
    const used = [];
    for (let i = 0; i < 5; i += 1) {
      // A condition on items that are not its own: each is asked anew.
      used.push(await cpu(server, async () => ok(await reader.get(`/v1/boards/${board}/items?limit=${100 + i}&where=n:gt:${i}`))));
    }
    return Math.max(median(used), 1);
  });

/** How late viewers of a healthy relay hear of events while another relay takes four seconds for each push. */
const slow = (build) => {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-hardening-'));
  const { root, main } = BUILDS[build];
  const source = readFileSync(join(fileURLToPath(import.meta.url), '../slow_relay.mjs'), 'utf8').replace('MAIN', main);
  writeFileSync(join(folder, 'slow.mjs'), source);
  const front = `(name = "entry/slow.js", esModule = embed "${relative(root, join(folder, 'slow.mjs'))}"),\n    `;
  const config = (capnp) => capnp.replace(`(name = "entry/${main}"`, (line) => front + line);
  const measured = using(
    build,
    async (server, admin) => {
      const board = await admin.board('b');
      await admin.publish(board, [{ key: 'a', fields: { n: -1 } }]);
      const heard = new Map();
      const viewers = [];
      for (let i = 0; i < 10; i += 1) {
        const socket = new WebSocket(`${server.wsUrl}/v1/boards/${board}/feed`, [JSON_FEED], { perMessageDeflate: false });
        await new Promise((done, failed) => socket.once('open', done).once('error', failed));
        socket.send(JSON.stringify({ action: 'subscribe', id: 1, what: 'items' }));
        if (i < 5) {
          socket.on('message', (data) => {
            const message = JSON.parse(data);
            for (const item of message.items ?? []) if (!heard.has(item.fields?.n)) heard.set(item.fields?.n, performance.now());
          });
        }
        viewers.push(socket);
      }
      await sleep(6_000);
      const late = [];
      // Each while the slow relay still takes its time for the one before.
      for (let n = 0; n < 12; n += 1) {
        const sent = performance.now();
        await admin.publish(board, [{ key: 'a', fields: { n } }]);
        while (!heard.has(n) && performance.now() - sent < 60_000) await sleep(1);
        late.push(heard.get(n) - sent);
        await sleep(1_000);
      }
      viewers.forEach((socket) => socket.terminate());
      return median(late);
    },
    { config },
  );
  return measured.finally(() => rmSync(folder, { recursive: true }));
};

/** What a record costs the worker, or one that a viewer gets, in µs of processor time, under one of `heliograph bench`'s loads. */
const feed = (scenario) => (build) =>
  using(build, async (server) => {
    const args = ['bench', scenario, '--seconds', String(seconds), '--pid', String(server.pid)];
    const run = spawnSync(HELIOGRAPH, args, {
      encoding: 'utf8',
      env: { ...process.env, HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey },
    });
    const line = run.stdout.split('\n').find((l) => l.startsWith('{'));
    if (run.status !== 0 || !line) throw new Error(`${build} ${scenario}: ${run.stderr || run.stdout}`);
    const report = JSON.parse(line);
    return scenario.startsWith('fanout') ? report.cpu_us_per_state : report.cpu_us_per_record;
  });

/** Alternating pairs: the median of new by old, and its 90 % interval by the logarithms' t distribution. */
async function paired(measure) {
  const ratios = [];
  const found = { old: [], new: [] };
  for (let i = 0; i < pairs; i += 1) {
    for (const build of i % 2 ? ['new', 'old'] : ['old', 'new']) found[build].push(await measure(build));
    ratios.push(found.new.at(-1) / found.old.at(-1));
    say(`  pair ${i + 1}: ${ratios.at(-1).toFixed(3)}`);
  }
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
  const spread = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, logs.length - 1));
  const T90 = [0, 6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86][logs.length - 1] ?? 1.8;
  const half = (T90 * spread) / Math.sqrt(logs.length);
  return {
    old: median(found.old),
    new: median(found.new),
    ratio: median(ratios),
    from: Math.exp(mean - half),
    to: Math.exp(mean + half),
  };
}

const MEASURES = {
  restart: [`scoreboard restart at ${events.toLocaleString('en')} events, CPU`, restart, 20, 'ms'],
  memory: [`memory of loading ${items.toLocaleString('en')} items`, memory, 2, 'MiB'],
  newest: ['request of 10,000 events newest first, CPU', newest, 10, 'ms'],
  patterns: ['view of 20,000 items under 32 patterns, before under 640, CPU', patterns, 20, 'ms'],
  slow: ['delay of viewers beside a slow relay', slow, 50, 'ms'],
};
const rows = [];
for (const [name, [what, measure, asked, unit]] of Object.entries(MEASURES)) {
  if (!wanted.includes(name)) continue;
  say(what);
  try {
    const found = await both(measure);
    const times = found.old / found.new;
    rows.push({ name, what, unit, ...found, asked: `≥ ${asked} times less`, measured: `${times.toFixed(1)} times`, met: times >= asked });
  } catch (error) {
    rows.push({ name, what, unit, asked: `≥ ${asked} times less`, measured: String(error.message ?? error), met: false });
  }
  say(`  ${JSON.stringify(rows.at(-1))}`);
}
if (wanted.includes('feed')) {
  for (const scenario of ['ingest-batched', 'fanout-all']) {
    say(`${scenario}, ${pairs} pairs`);
    const found = await paired(feed(scenario));
    const percent = (ratio) => `${((ratio - 1) * 100).toFixed(1)} %`;
    rows.push({
      name: scenario,
      what: `${scenario}, CPU a record, median of ${pairs} alternating pairs`,
      unit: 'µs',
      ...found,
      asked: '≤ 5 % dearer',
      measured: `${percent(found.ratio)} (90 %: ${percent(found.from)} to ${percent(found.to)})`,
      met: found.to <= 1.05,
    });
  }
}
if (values.json) console.log(JSON.stringify({ rows }));
else {
  const shown = (n) => (n === undefined ? '–' : n.toLocaleString('en', { maximumFractionDigits: 1 }));
  console.log('| | before | now | asked | measured | |\n|---|--:|--:|---|---|---|');
  for (const r of rows) {
    console.log(`| ${r.what} | ${shown(r.old)} ${r.unit} | ${shown(r.new)} ${r.unit} | ${r.asked} | ${r.measured} | ${r.met ? 'met' : '**not met**'} |`);
  }
}
process.exit(rows.every((r) => r.met) ? 0 : 1);
