// Measures delivery to object storage: a board that takes 5,000 records a second delivers with an interval of 1 s; then
// the target is gone for a while and comes back; then ingest as fast as it goes, with delivery and without.
//
//   node bench/archive/archive.mjs [--seconds 30] [--rate 5000]
//
// `cargo xtask bench archive` builds first. The object store runs in this process and checks every signature.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { startServer } from '../../e2e/server.mjs';
import { Client, seq } from '../../e2e/live/support/client.mjs';
import { ObjectStore, reachingHere } from '../../e2e/live/support/object_store.mjs';
import { residentMib } from '../../e2e/live/support/process.mjs';

const BATCH = 200;
const FLEET = 2_000;
const LAG_LIMIT_MS = 3_000;
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' }, rate: { type: 'string', default: '5000' } } });
const seconds = Number(values.seconds);
const rate = Number(values.rate);

let made = 0;
const events = () =>
  Array.from({ length: BATCH }, () => {
    made += 1;
    const angle = made / 1_000;
    return {
      key: `v${made % FLEET}`,
      position: { lat: 30 + Math.sin(angle) / 4, lon: -97 + Math.cos(angle) / 4, heading: made % 360, speed: (made % 300) / 10 },
      fields: { route: String(made % 80), fuel: (made % 1_000) / 1_000, temp: 15 + (made % 97) / 7 },
    };
  });

/** Seconds of processor time that a process has used. */
function cpuSeconds(pid) {
  const parts = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(parts[11]) + Number(parts[12])) / 100;
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

/** Sends at a rate and answers when each batch was sent, by its last sequence number. */
async function send(client, board, forSeconds) {
  const sent = [];
  const pause = (BATCH / rate) * 1_000;
  const start = performance.now();
  const open = new Set();
  for (let i = 0; i * pause < forSeconds * 1_000; i += 1) {
    const wait = start + i * pause - performance.now();
    if (wait > 1) await sleep(wait);
    const at = Date.now();
    const request = client.publish(board, events()).then((answer) => sent.push({ last: seq(answer.cursor), at }));
    open.add(request);
    request.finally(() => open.delete(request));
    if (open.size > 16) await Promise.race(open);
  }
  await Promise.all(open);
  return { sent: sent.sort((a, b) => a.last - b.last), took: (performance.now() - start) / 1_000 };
}

async function drained(store, head, limitMs) {
  const start = performance.now();
  while ((store.manifests().at(-1)?.last ?? 0) < head) {
    if (performance.now() - start > limitMs) throw new Error(`delivered up to ${store.manifests().at(-1)?.last} of ${head}`);
    await sleep(50);
  }
  return (performance.now() - start) / 1_000;
}

/** Records a second, from four connections at once. */
async function flatOut(client, board, forSeconds) {
  const start = performance.now();
  let taken = 0;
  const one = async () => {
    while (performance.now() - start < forSeconds * 1_000) {
      await client.publish(board, events());
      taken += BATCH;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  return Math.round(taken / ((performance.now() - start) / 1_000));
}

const store = await ObjectStore.start();
const server = await startServer({ env: store.env, config: reachingHere });
const client = new Client(server);
const archive = store.archive({ buffer_mib: 128 });

const board = await client.board('steady', { archive });
const cpu = cpuSeconds(server.pid);
const { sent, took } = await send(client, board, seconds);
const head = sent.at(-1).last;
await drained(store, head, 30_000);
const used = cpuSeconds(server.pid) - cpu;
const arrived = new Map(store.requests.filter((r) => r.name.endsWith('.manifest')).map((r) => [r.name, r.at]));
const manifests = store.manifests();
const lags = sent
  .map(({ last, at }) => arrived.get(manifests.find((m) => m.first <= last && last <= m.last).name) - at)
  .sort((a, b) => a - b);
store.assertWhole(head);
const bytes = manifests.map((m) => m.entry.meta.content_length).reduce((a, b) => a + b, 0);

await store.stop();
const outage = await send(client, board, 10);
const behind = outage.sent.at(-1).last - head;
await store.restart();
const recovery = await drained(store, head + behind, 120_000);
store.assertWhole(head + behind);

const without = await flatOut(client, await client.board('without'), 8);
const withIt = await flatOut(client, await client.board('with', { archive }), 8);
const memory = residentMib(server.pid);
await server.stop();
await store.stop();

const delivered = Math.round(head / took);
const worst = lags.at(-1);
const rows = [
  ['records a second, sent and delivered', delivered.toLocaleString('en')],
  ['lag of an event, sent to manifest: p50 / p99 / worst', `${quantile(lags, 0.5)} / ${quantile(lags, 0.99)} / ${worst} ms`],
  ['objects; bytes a record, compressed', `${manifests.length}; ${(bytes / head).toFixed(1)}`],
  ['processor time of the worker, ingest and delivery', `${((used / took) * 100).toFixed(0)} % of a core`],
  ['after 10 s without a target: backlog, and until it was delivered', `${behind.toLocaleString('en')} records, ${recovery.toFixed(1)} s`],
  ['ingest flat out, records a second: without / with delivery', `${without.toLocaleString('en')} / ${withIt.toLocaleString('en')} (${Math.round((withIt / without - 1) * 100)} %)`],
  ['resident memory of the worker at the end', `${memory.toFixed(0)} MiB`],
];
console.log('| | |\n|---|---|');
rows.forEach(([what, is]) => console.log(`| ${what} | ${is} |`));
const met = delivered >= rate * 0.98 && worst <= LAG_LIMIT_MS;
console.log(`\n${met ? 'met' : 'MISSED'}: ${rate.toLocaleString('en')} records a second, lag at most ${LAG_LIMIT_MS} ms with an interval of 1 s`);
process.exit(met ? 0 : 1);
