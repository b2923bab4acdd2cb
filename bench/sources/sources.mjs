// Records a second and processor time a record through each envelope, beside our own NDJSON with as many records a request, all one
// after the other on one machine.
//
//   node bench/sources/sources.mjs [--seconds 3] [--only firehose,osmand] [--json]
//   node bench/sources/sources.mjs --only flaky      a day of positions through a line that loses answers
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
import { sendEach, startFlaky } from '../../e2e/live/support/flaky.mjs';
import { FORMS, MANY, own } from './forms.mjs';
import { cpuSeconds, load, round } from './load.mjs';
import { startMoto } from './moto.mjs';

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

const base64 = (line) => Buffer.from(line).toString('base64');

/** Calls of SDKs: their name here, their target, how many records AWS takes at once, and their body. */
const CALLS = [
  { name: 'kinesis', what: 'Kinesis PutRecords', target: 'Kinesis_20131202.PutRecords', per: MANY, least: 0.7, body: (stream, lines) => ({ StreamName: stream, Records: lines.map((line) => ({ PartitionKey: 'p', Data: base64(line) })) }) },
  { name: 'put_record_batch', what: 'Firehose PutRecordBatch', target: 'Firehose_20150804.PutRecordBatch', per: MANY, least: 0.5, body: putRecordBatch },
  { name: 'sqs', what: 'SQS SendMessageBatch', target: 'AmazonSQS.SendMessageBatch', per: 10, least: 0.5, body: (queue, lines) => ({ QueueUrl: `http://127.0.0.1:${server.port}/000000000000/${queue}`, Entries: lines.map((line, i) => ({ Id: `${i}`, MessageBody: line })) }) },
  { name: 'put_events', what: 'EventBridge PutEvents', target: 'AWSEvents.PutEvents', per: 10, least: 0.5, body: (_, lines) => ({ Entries: lines.map((line) => ({ Source: 'bench', DetailType: 'moved', Detail: line })) }) },
  { name: 'dynamodb', what: 'DynamoDB BatchWriteItem', target: 'DynamoDB_20120810.BatchWriteItem', per: 25, least: 0.5, body: (table, lines) => ({ RequestItems: { [table]: lines.map((line) => ({ PutRequest: { Item: item(JSON.parse(line)) } })) } }) },
];

/** An event as a row of a table. */
function item({ key, time, position, fields }) {
  const map = (numbers) => ({ M: Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, { N: `${n}` }])) });
  return { key: { S: key }, time: { N: `${time}` }, position: map(position), fields: map(fields) };
}

function putRecordBatch(stream, lines) {
  return { DeliveryStreamName: stream, Records: lines.map((line) => ({ Data: base64(line) })) };
}

const linesOf = (per) => {
  const { request } = own(per);
  return (n) => request(n).body.trim().split('\n');
};

/** A call of a client, signed anew each time as SDKs do. */
async function measureCall({ what, target, per, body }) {
  const { board, name, aws } = await newSource('auto');
  const sign = signer(server, aws, target);
  const lines = linesOf(per);
  const make = async (n) => {
    const text = JSON.stringify(body(name, lines(n)));
    return { body: text, headers: await sign(text) };
  };
  const result = await load({ port: server.port, pid: server.pid, path: '/aws', per, make, seconds });
  return checked(board, { what: `${what}, ${per}`, ...result });
}

/** The same call of Firehose to moto, which has no place to check what came. */
async function measureMoto() {
  const moto = await startMoto();
  if (moto === undefined) return undefined;
  try {
    const lines = linesOf(MANY);
    const make = async (n) => {
      const text = JSON.stringify(putRecordBatch(moto.stream, lines(n)));
      return { body: text, headers: await moto.sign(text) };
    };
    const { sent: _, ...result } = await load({ port: moto.port, pid: moto.pid, path: '/', per: MANY, make, seconds });
    return { what: `moto, Firehose PutRecordBatch, ${MANY}`, ...result };
  } finally {
    moto.stop();
  }
}

/** A whole day of one device, a position a second, through a line that loses one answer in twenty. */
async function measureDay() {
  const count = 86_400;
  const { board, ingest, secret } = await newSource('osmand', { from: { secret_in_address: true } });
  const line = await startFlaky(server.port);
  const begin = Math.floor(Date.now() / 1_000) - count;
  const positionOf = (n) => `&id=v1&timestamp=${begin + n}&lat=${(30 + n / 1e6).toFixed(6)}&lon=-97.7&speed=${n % 20}`;
  const [cpu, began] = [cpuSeconds(server.pid), performance.now()];
  await sendEach({ port: line.port, path: `${ingest}?secret=${secret}`, count, positionOf });
  const took = (performance.now() - began) / 1_000;
  const used = cpuSeconds(server.pid) - cpu;
  await line.stop();
  const result = { what: `a day of one device, ${line.lost()} answers lost`, records_per_s: Math.round(count / took), cpu_us_per_record: round((used * 1e6) / count), bytes_per_record: positionOf(0).length };
  return checked(board, { ...result, sent: count });
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
  const baseOf = async (per) => {
    if (bases[per] === undefined) results.push((bases[per] = await measureOwn(per)));
    return bases[per];
  };
  for (const form of FORMS.filter(({ envelope }) => wanted(envelope))) judge(await measureForm(form), form.least, bases[form.per]);
  for (const call of CALLS.filter(({ name }) => wanted(name))) judge(await measureCall(call), call.least, await baseOf(call.per));
  const moto = wanted('put_record_batch') ? await measureMoto() : undefined;
  if (moto) results.push(moto);
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
  // Minutes: only where it is asked for.
  if (only.includes('flaky')) results.push(await measureDay());
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
