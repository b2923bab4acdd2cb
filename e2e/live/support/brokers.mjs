// Brokers and bridges as processes of a test: each on a free port, with a folder of its own, ended with the test.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { HELIOGRAPH, freePort } from '../../server.mjs';
import { eventually } from './wait.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A program that Debian has. A test that needs it fails where it is missing: it says nothing about us then. */
export function program(name, debian = name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (!found) throw new Error(`there is no ${name}: apt-get install ${debian}`);
  return found;
}

function answers(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy() && done(true));
    socket.once('error', () => done(false));
  });
}

/** A process with what it printed. */
export class Running {
  output = '';
  errors = '';
  code = undefined;

  constructor(command, args, env = {}) {
    this.child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this.child);
    this.child.stdin.on('error', () => {});
    this.child.stdout.on('data', (text) => (this.output += text));
    this.child.stderr.on('data', (text) => (this.errors += text));
    this.ended = new Promise((done) => {
      this.child.once('error', (error) => done((this.errors += error)));
      this.child.once('close', (code) => done((this.code = code ?? -1)));
    }).then(() => running.delete(this.child));
  }

  /** Ends it; its exit code. */
  async end(signal = 'SIGTERM') {
    this.child.kill(signal);
    await this.ended;
    return this.code;
  }
}

/** `heliograph bridge …` against a server. */
export function bridge(server, args, env = {}) {
  return new Running(HELIOGRAPH, ['bridge', ...args], { HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey, ...env });
}

/** A broker that can be ended and started again on the same port with what it has on disk. */
export class Broker {
  /** `command` makes the command line from a port and a folder. */
  static async start(command) {
    const broker = new Broker();
    broker.command = command;
    broker.folder = mkdtempSync(join(tmpdir(), 'heliograph-broker-'));
    broker.port = await freePort();
    await broker.restart();
    return broker;
  }

  async restart() {
    const [name, ...args] = this.command(this.port, this.folder);
    this.process = new Running(name, args);
    const up = async () => {
      if (this.process.code !== undefined) throw new Error(`the broker ended: ${this.process.output}${this.process.errors}`);
      return answers(this.port);
    };
    await eventually(up, 'the broker');
  }

  async end(signal) {
    await this.process.end(signal);
  }

  async stop() {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A mosquitto; lines of configuration come on top. */
export function startMosquitto(more = () => []) {
  return Broker.start((port, folder) => {
    const config = join(folder, 'mosquitto.conf');
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${folder}/`,
      'max_queued_messages 0',
      // It says who subscribes to what.
      ...['error', 'warning', 'notice', 'information', 'subscribe'].map((type) => `log_type ${type}`),
      // Started as root it would give up its rights, and with them its folder.
      'user root',
      ...more(folder),
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    return [program('mosquitto'), '-c', config];
  });
}

/** Publishes lines at QoS 1, and waits until the broker has them. */
export async function publish(broker, topic, lines, args = []) {
  const client = new Running(program('mosquitto_pub', 'mosquitto-clients'), ['-h', '127.0.0.1', '-p', `${broker.port}`, '-q', '1', '-t', topic, '-l', ...args]);
  client.child.stdin.end(`${lines.join('\n')}\n`);
  await client.ended;
  if (client.code !== 0) throw new Error(`mosquitto_pub: ${client.errors}`);
}

/** A NATS server with JetStream on disk. */
export const startNats = (...more) =>
  Broker.start((port, folder) => [program('nats-server'), '-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', folder, ...more]);

/** A Redis that writes each command before it answers. */
export const startRedis = (...more) =>
  Broker.start((port, folder) => [program('redis-server'), '--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '', ...more]);

/** A program of PostgreSQL. Debian keeps them apart by version. */
export function postgresProgram(name) {
  const place = '/usr/lib/postgresql';
  const versions = existsSync(place) ? readdirSync(place).sort((a, b) => b - a) : [];
  const found = versions.map((version) => join(place, version, 'bin', name)).find((path) => existsSync(path));
  return found ?? program(name, 'postgresql');
}

/** PostgreSQL refuses to run as root: then it runs as nobody. */
const NOBODY = 65_534;
const asNobody = process.getuid() === 0 ? [program('setpriv', 'util-linux'), `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];

/** A PostgreSQL that writes the log that replication needs (and lines of configuration on top), with a user `postgres` whose password is `s3cret` and a database `fleet`. */
export async function startPostgres(more = () => []) {
  const broker = await Broker.start((port, folder) => {
    const data = join(folder, 'data');
    if (!existsSync(data)) {
      const password = join(folder, 'password');
      writeFileSync(password, 's3cret\n');
      if (asNobody.length) for (const path of [folder, password]) chownSync(path, NOBODY, NOBODY);
      const [command, ...args] = [...asNobody, postgresProgram('initdb'), '-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${password}`, '--encoding=UTF8', '--locale=C'];
      execFileSync(command, args, { cwd: '/', stdio: 'pipe' });
      appendFileSync(join(data, 'postgresql.conf'), `wal_level = logical\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n${more(folder).join('\n')}\n`);
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.pem'))) {
        // It reads no key that others may read.
        chmodSync(join(folder, file), 0o600);
        if (asNobody.length) chownSync(join(folder, file), NOBODY, NOBODY);
      }
    }
    return [...asNobody, postgresProgram('postgres'), '-D', data, '-p', `${port}`];
  });
  await eventually(() => sql(broker, 'SELECT 1', 'postgres').status === 0, () => `PostgreSQL; ${broker.process.errors}`);
  sql(broker, 'CREATE DATABASE fleet', 'postgres');
  return broker;
}

/** Runs SQL by psql; `status` is 0 where it went well. */
export function sql(broker, text, database = 'fleet') {
  const args = ['-h', '127.0.0.1', '-p', `${broker.port}`, '-U', 'postgres', '-d', database, '-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1'];
  const done = spawnSync(postgresProgram('psql'), args, { input: text, encoding: 'utf8', env: { ...process.env, PGPASSWORD: 's3cret' } });
  return { status: done.status, output: done.stdout.trim(), errors: done.stderr };
}

/** Makes `ca.pem`, and `key.pem` and `cert.pem` of localhost that it vouches for, in a folder. */
export function makeCertificates(folder) {
  program('openssl');
  // A certificate that is its own authority is not taken for a server's.
  const made = `printf subjectAltName=DNS:localhost > names
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2
    openssl req -newkey rsa:2048 -nodes -keyout key.pem -out req.pem -subj /CN=localhost
    openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names`;
  execFileSync('sh', ['-ec', made], { cwd: folder, stdio: 'ignore' });
}

/** All events of a board, oldest first. */
export async function allEvents(client, board) {
  const all = [];
  let after = '';
  for (;;) {
    const { status, body } = await client.get(`/v1/boards/${board}/events?limit=10000${after}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    all.push(...body.events);
    if (!body.next) return all;
    after = `&after=${body.next}`;
  }
}
