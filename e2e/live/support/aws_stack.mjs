// moto in place of AWS, with the program `aws`, cfn-lint and boto3 that know of it, and a front with TLS before the worker.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PYTHON = process.env.HELIOGRAPH_AWS_TEMPLATE;
const BIN = PYTHON && dirname(PYTHON);
/** Why tests with moto are left out, if they are. */
export const noMoto = PYTHON ? false : 'cfn-lint and moto are not installed (`cargo xtask test` does it)';

/** Runs a program to its end: `{status, stdout, stderr}`. Not in sync: what it calls may be of this process. */
async function ran(program, words, env, input = '') {
  const child = spawn(program, words, { env, timeout: 120_000, stdio: 'pipe' });
  const text = async (stream) => (await stream.setEncoding('utf8').toArray()).join('');
  child.stdin.end(input);
  const ended = new Promise((done, failed) => child.once('close', done).once('error', failed));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await ended, stdout, stderr };
}

/** A program of the Python environment. */
export function python(program, words, { input, env = {} } = {}) {
  return ran(join(BIN, program), words, { PATH: `${BIN}:${process.env.PATH}`, HOME: '/nonexistent', ...env }, input);
}

/** A key and a certificate for this machine. */
export class Certificate {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-tls-'));
  file = join(this.folder, 'certificate');

  constructor() {
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...words, '-keyout', 'key', '-out', 'certificate'], { cwd: this.folder, stdio: 'pipe' });
  }

  get pair() {
    return { key: readFileSync(join(this.folder, 'key')), cert: readFileSync(this.file) };
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** TLS before the worker. It notes what came, and what `meddle` makes of it goes on. */
export class Front {
  /** Requests as they came: `{method, path, headers, body}`, with the status that the worker answered. */
  seen = [];
  /** Headers, by the path that a request is for, which are added on its way. */
  added = new Map();

  static async start(certificate, target) {
    const front = new Front();
    front.server = createServer(certificate.pair, async (incoming, outgoing) => {
      const pieces = [];
      for await (const piece of incoming) pieces.push(piece);
      const { method, url: path, headers } = incoming;
      const one = { method, path, headers, body: Buffer.concat(pieces).toString() };
      const more = front.added.get(path)?.(one) ?? {};
      const on = request(target() + path, { method, headers: { ...headers, ...more }, agent: false }, (answer) => {
        front.seen.push({ ...one, status: answer.statusCode });
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      });
      on.on('error', (error) => outgoing.destroy(error));
      on.end(one.body);
    });
    await new Promise((done) => front.server.listen(0, '127.0.0.1', done));
    front.url = `https://127.0.0.1:${front.server.address().port}`;
    return front;
  }

  /** What came for a path since this was asked last. */
  taken(path) {
    const found = this.seen.filter((one) => one.path === path);
    this.seen = this.seen.filter((one) => one.path !== path);
    return found;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

export class Moto {
  /** Starts moto's server. `trusted` is a certificate that its deliveries trust. */
  static async start(trusted) {
    const moto = new Moto();
    const env = { PATH: `${BIN}:${process.env.PATH}`, MOTO_EVENTS_INVOKE_HTTP: 'true', REQUESTS_CA_BUNDLE: trusted, PYTHONUNBUFFERED: '1' };
    moto.process = spawn(join(BIN, 'moto_server'), ['-p', '0'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    process.on('exit', () => moto.process.kill('SIGKILL'));
    let said = '';
    moto.url = await new Promise((done, failed) => {
      const hear = (text) => {
        said += text;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
        if (found) done(found[0]);
      };
      moto.process.stdout.on('data', hear);
      moto.process.stderr.on('data', hear);
      moto.process.once('exit', () => failed(new Error(`moto ended:\n${said}`)));
    });
    return moto;
  }

  /** What AWS's programs find in their environment. */
  get env() {
    return { AWS_ENDPOINT_URL: this.url, AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b',
      AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '' };
  }

  /** Runs the program `aws`; what it answered. */
  async aws(...words) {
    const { status, stdout, stderr } = await python('aws', words, { env: this.env });
    assert.equal(status, 0, `aws ${words.join(' ')}: ${stderr}`);
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  }

  /** Runs a command of a shell with `aws` on its path. */
  shell(command, env = {}) {
    return ran('bash', ['-ec', command], { ...process.env, ...this.env, PATH: `${BIN}:${process.env.PATH}`, HOME: '/nonexistent', ...env });
  }

  /** Deploys a template; see aws_template.py. */
  async deploy(template, parameters) {
    const script = fileURLToPath(new URL('aws_template.py', import.meta.url));
    const { status, stdout, stderr } = await python('python', [script], { input: JSON.stringify({ template, parameters }), env: this.env });
    assert.equal(status, 0, stderr.slice(-3_000));
    return JSON.parse(stdout);
  }

  /** Forgets all. */
  async reset() {
    const { status } = await fetch(`${this.url}/moto-api/reset`, { method: 'POST' });
    assert.equal(status, 200);
  }

  async stop() {
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill();
    await ended;
  }
}
