// moto's Firehose beside ours: the same records in the same calls, to a stand-in for AWS that keeps them in memory.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { signer } from '../../e2e/live/support/aws.mjs';

/** What `cargo xtask test` has installed for the tests of the template, if it has. */
function python() {
  if (process.env.HELIOGRAPH_AWS_TEMPLATE) return process.env.HELIOGRAPH_AWS_TEMPLATE;
  const tools = join(homedir(), '.cache/heliograph/tools');
  const found = existsSync(tools) ? readdirSync(tools).filter((name) => name.startsWith('aws-template-')).sort() : [];
  const program = found.length > 0 ? join(tools, found.at(-1), 'bin/python') : undefined;
  return program && existsSync(program) ? program : undefined;
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts moto with one delivery stream: `{port, pid, sign, stream, stop}`; nothing where it is not installed. */
export async function startMoto() {
  const program = python();
  if (program === undefined) return undefined;
  const port = await freePort();
  const child = spawn(program, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const keys = { access_key_id: 'AKIAIOSFODNN7EXAMPLE', secret_access_key: 'any', region: 'us-east-1' };
  const call = async (operation, body) => {
    const text = JSON.stringify(body);
    const { host: _, ...headers } = await signer({ port }, keys, `Firehose_20150804.${operation}`)(text, { path: '/' });
    return fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: text });
  };
  const stream = 'orders';
  const bucket = { BucketARN: 'arn:aws:s3:::kept', RoleARN: 'arn:aws:iam::123456789012:role/r' };
  const make = { DeliveryStreamName: stream, DeliveryStreamType: 'DirectPut', S3DestinationConfiguration: bucket };
  for (let tries = 0; ; tries += 1) {
    // Who says no service means S3: where it puts what it is sent.
    const kept = await fetch(`http://127.0.0.1:${port}/kept`, { method: 'PUT' }).catch(() => undefined);
    const made = kept?.ok ? await call('CreateDeliveryStream', make).catch(() => undefined) : kept;
    if (kept?.ok && made?.ok) break;
    if (tries > 100) {
      child.kill('SIGKILL');
      throw new Error(`moto makes no stream: ${made === undefined ? 'it does not answer' : await made.text()}`);
    }
    await sleep(200);
  }
  const sign = signer({ port }, keys, 'Firehose_20150804.PutRecordBatch');
  return { port, pid: child.pid, stream, sign: (body) => sign(body, { path: '/' }), stop: () => child.kill('SIGKILL') };
}
