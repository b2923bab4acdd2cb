// Records a second and processor time a record through each envelope, beside our own NDJSON with as many records a request, all one
// after the other on one machine.
//
//   node bench/sources/sources.mjs [--seconds 3] [--only firehose,osmand] [--json]
//
// `cargo xtask bench sources` builds first. At the end of each measurement the board's log must have every record that was sent.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startServer } from '../../e2e/server.mjs';
import { Client } from '../../e2e/live/support/client.mjs';
import { signer } from '../../e2e/live/support/aws.mjs';
import { FORMS, MANY, own } from './forms.mjs';
import { load, round } from './load.mjs';

/** What batches of 500 by Firehose are to reach. */
const FIREHOSE_PER_S = 30_000;
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, only: { type: 'string', default: '' }, json: { type: 'boolean', default: false } },
});
const seconds = Number(values.seconds);
const only = values.only.split(',').filter(Boolean);
const folder = mkdtempSync(join(tmpdir(), 'heliograph-sources-'));
const server = await startServer();
const admin = new Client(server);
const running = [];
let boards = 0;

async function checked(board, { sent, ...result }) {
  const { body } = await admin.get(`/v1/boards/${board}/summary`);
  if (body.events !== sent) throw new Error(`${result.what}: ${sent} were sent, the log has ${body.events}`);
  return result;
}

async function newBoard() {
  return admin.board(`bench-${(boards += 1)}`);
}

async function measureOwn(per) {
  const { name, request } = own(per);
  const board = await newBoard();
  const { authorization } = admin.authorization;
  const make = (n) => {
    const sent = request(n);
    return { ...sent, headers: { ...sent.headers, authorization } };
  };
  const result = await load({ port: server.port, pid: server.pid, path: `/v1/boards/${board}/events`, per, make, seconds });
  return checked(board, { what: name, ...result });
}

async function newSource(envelope, more = {}) {
  const board = await newBoard();
  const { status, body } = await admin.post(`/v1/boards/${board}/sources`, { name: `source-${boards}`, envelope, ...more });
  if (status !== 201) throw new Error(`${envelope}: ${status} ${JSON.stringify(body)}`);
  return { board, ...body };
}

async function measureForm({ envelope, per, query = '', request, what = envelope }, more = {}) {
  const { board, secret, ingest } = await newSource(envelope, more);
  const make = (n) => {
    const sent = request(n);
    return { ...sent, query: sent.query ?? query, headers: { ...sent.headers, authorization: `Bearer ${secret}` } };
  };
  const result = await load({ port: server.port, pid: server.pid, path: ingest, per, make, seconds });
  return checked(board, { what: `${what}, ${per}`, ...result });
}

/** `PutRecords` of 500, signed anew each time as the SDK does. */
async function measureKinesis() {
  const { board, name, aws } = await newSource('auto');
  const sign = signer(server, aws, 'Kinesis_20131202.PutRecords');
  const { request } = own(MANY);
  const make = async (n) => {
    const records = request(n).body.trim().split('\n');
    const body = JSON.stringify({ StreamName: name, Records: records.map((line) => ({ PartitionKey: 'p', Data: Buffer.from(line).toString('base64') })) });
    return { body, headers: await sign(body) };
  };
  const result = await load({ port: server.port, pid: server.pid, path: '/aws', per: MANY, make, seconds });
  return checked(board, { what: `Kinesis PutRecords, ${MANY}`, ...result });
}

async function measurePeer() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('osmand_peer.mjs', import.meta.url)), join(folder, 'peer.db')], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  const port = await new Promise((done) => child.stdout.once('data', (text) => done(Number(text))));
  const { request } = FORMS.find((form) => form.envelope === 'osmand');
  const { sent: _, ...result } = await load({ port, pid: child.pid, path: '/', per: 1, make: request, seconds });
  child.kill();
  return { what: 'Express + SQLite, OsmAnd, 1', ...result };
}

const results = [];
const targets = [];
const wanted = (name) => only.length === 0 || only.includes(name);
function judge(result, least, base) {
  const share = round(result.records_per_s / base.records_per_s);
  const cpu = round(base.cpu_us_per_record / result.cpu_us_per_record);
  results.push({ ...result, share, cpu_share: cpu });
  targets.push({ name: `${result.what}: of our own NDJSON's records/s`, reached: share, at_least: least });
}

let failed = false;
try {
  // Whatever is first finds a worker that is not warm.
  await measureOwn(MANY);
  const bases = { [MANY]: await measureOwn(MANY), 1: await measureOwn(1) };
  results.push(bases[MANY], bases[1]);
  for (const form of FORMS.filter(({ envelope }) => wanted(envelope))) judge(await measureForm(form), form.least, bases[form.per]);
  if (wanted('kinesis')) judge(await measureKinesis(), 0.7, bases[MANY]);
  if (wanted('jq')) {
    const form = FORMS.find(({ envelope }) => envelope === 'ndjson');
    const made = await measureForm({ ...form, what: 'NDJSON by a jq program' }, { transform: { jq: '{key, time, position, fields: {fuel: (.fields.fuel * 100)}}' } });
    results.push({ ...made, jq_us_per_record: round(made.cpu_us_per_record - bases[MANY].cpu_us_per_record) });
  }
  const again = await measureOwn(MANY);
  results.push({ ...again, what: `${again.what}, again` });
  const firehose = results.find(({ what }) => what.startsWith('firehose'));
  if (firehose) targets.push({ name: `Firehose, batches of ${MANY}, records/s`, reached: firehose.records_per_s, at_least: FIREHOSE_PER_S });
  if (wanted('osmand')) results.push(await measurePeer());
  targets.forEach((t) => (t.met = t.reached >= t.at_least));
  failed = targets.some((t) => !t.met);
  if (values.json) {
    console.log(JSON.stringify({ results, targets, met: !failed }));
  } else {
    console.log(`Records through each way in; ${seconds} s each, four connections; client and server on one machine.\n`);
    console.log('| way in, records a request | records/s | of our own | CPU a record, µs | our own CPU, times this | bytes a record |\n|---|--:|--:|--:|--:|--:|');
    for (const r of results) {
      const more = r.jq_us_per_record === undefined ? '' : ` (jq: ${r.jq_us_per_record})`;
      console.log(`| ${r.what} | ${r.records_per_s.toLocaleString('en')} | ${r.share ?? ''} | ${r.cpu_us_per_record}${more} | ${r.cpu_share ?? ''} | ${r.bytes_per_record} |`);
    }
    console.log();
    for (const t of targets) console.log(`${t.met ? 'met' : 'MISSED'}: ${t.name}: ${t.reached} (at least ${t.at_least})`);
  }
} finally {
  running.forEach((child) => child.kill('SIGKILL'));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
