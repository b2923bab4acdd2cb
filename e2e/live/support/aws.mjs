// AWS clients as tests use them: calls that are signed by hand, boto3 and awscli in an environment of their own, and a front that
// speaks HTTP/2, which workerd does not.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:http2';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SignatureV4 } from '@smithy/signature-v4';

/** What the signer calls a hash. */
class Sha256 {
  constructor(secret) {
    this.hash = secret ? createHmac('sha256', secret) : createHash('sha256');
  }

  update(data) {
    this.hash.update(data);
  }

  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

/** Services by the beginning of a target. */
const SERVICES = { Firehose_20150804: 'firehose', Kinesis_20131202: 'kinesis', AmazonSQS: 'sqs', AWSEvents: 'events', DynamoDB_20120810: 'dynamodb' };

/** Signs calls of a service, those of API Gateway without a target: `(body, {method, path, date})` → headers. */
export function signer(server, keys, target) {
  const signing = new SignatureV4({
    service: target ? SERVICES[target.split('.')[0]] : 'execute-api',
    region: keys.region,
    credentials: { accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key },
    sha256: Sha256,
  });
  const own = target && { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
  return async (body, { method = 'POST', path = '/aws', date = new Date() } = {}) => {
    const headers = { host: `127.0.0.1:${server.port}`, ...own };
    const bare = { method, protocol: 'http:', hostname: '127.0.0.1', port: server.port, path, headers, body, query: {} };
    return (await signing.sign(bare, { signingDate: date })).headers;
  };
}

/**
 * Signs a call and sends it; `{status, headers, body}`. `date` is what its clock says, `call` its invocation id, and
 * `meddle` may change the request after it was signed.
 */
export async function signedCall(server, keys, target, body, { method = 'POST', date = new Date(), call = randomUUID(), path = '/aws', meddle = (r) => r } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signed = await signer(server, keys, target)(text, { method, path, date });
  const { headers: sent, body: sentBody } = meddle({ headers: { ...signed, 'amz-sdk-invocation-id': call }, body: text });
  delete sent.host;
  const response = await fetch(server.url + path, { method, headers: sent, body: sentBody });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, body: answer.startsWith('{') ? JSON.parse(answer) : answer };
}

/** The versions of the clients for Python; a change makes another environment. */
const PACKAGES = ['boto3==1.44.8', 'awscli==1.46.3', 'aws-kinesis-agg==1.2.3'];

/** The folder with `python` and `aws`; what is not there is installed. */
function environment() {
  const tools = process.env.HELIOGRAPH_TOOLS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heliograph/tools');
  const folder = join(tools, `aws-${PACKAGES.join('-').replaceAll('==', '-')}`);
  const whole = join(folder, 'installed');
  if (!existsSync(whole)) {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'pipe' });
    execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES], { stdio: 'pipe' });
    writeFileSync(whole, '');
  }
  return join(folder, 'bin');
}

/** What clients find in their environment, and nothing of the machine's own. */
export function settings(server, keys, more = {}) {
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: `${server.url}${keys.endpoint}`,
    AWS_REGION: keys.region,
    AWS_DEFAULT_REGION: keys.region,
    AWS_ACCESS_KEY_ID: keys.access_key_id,
    AWS_SECRET_ACCESS_KEY: keys.secret_access_key,
    ...more,
  };
}

/** Runs boto3's calls `[service, method, arguments]`; what each returned, or `{error}` with the code that it raised. */
export function boto3(server, keys, calls, more = {}) {
  const script = fileURLToPath(new URL('aws_calls.py', import.meta.url));
  const options = { input: JSON.stringify(calls), encoding: 'utf8', env: settings(server, keys, more), timeout: 120_000 };
  const { status, stdout, stderr } = spawnSync(join(environment(), 'python'), [script], options);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** Runs a shell's command with awscli on its path. */
export function shell(server, keys, command) {
  const env = settings(server, keys);
  env.PATH = `${environment()}:${env.PATH}`;
  return spawnSync('bash', ['-ec', command], { encoding: 'utf8', env, timeout: 120_000 });
}

/** Credentials as the clients for JavaScript take them. */
export function options(server, keys, more = {}) {
  return {
    endpoint: `${server.url}${keys.endpoint}`,
    region: keys.region,
    credentials: { accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key },
    ...more,
  };
}

/** Speaks HTTP/2 to clients and HTTP/1.1 to the worker, as a proxy does; `{port, seen, stop}`. */
export async function http2Front(server) {
  const seen = [];
  const front = createServer((incoming, outgoing) => {
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !name.startsWith(':')));
    seen.push(incoming.headers);
    const sent = request(
      { port: server.port, method: incoming.method, path: incoming.url, headers: { ...headers, host: incoming.headers[':authority'] } },
      (answer) => {
        const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...rest } = answer.headers;
        outgoing.writeHead(answer.statusCode, rest);
        answer.pipe(outgoing);
      },
    );
    sent.on('error', () => outgoing.stream.close());
    incoming.pipe(sent);
  });
  await new Promise((done) => front.listen(0, '127.0.0.1', done));
  const sessions = new Set();
  front.on('session', (session) => sessions.add(session));
  return {
    seen,
    port: front.address().port,
    stop: () => {
      sessions.forEach((session) => session.destroy());
      return new Promise((done) => front.close(done));
    },
  };
}
