// Starts the real worker on workerd for a test: a free port, a data folder of its own, keys of its own.
//
//   const server = await startServer();            // {url, wsUrl, adminKey, port, pid, dataDir, log()}
//   await server.kill9(); await server.restart();  // the same port and data
//   await server.stop();                           // ends it; a data folder made here is removed
//
// It needs what `cargo xtask dist` builds and nothing that runs already. A server ends with the test's process.

import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = process.env.HELIOGRAPH_ROOT ?? resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** The command-line program. */
export const HELIOGRAPH = process.env.HELIOGRAPH_BIN ?? join(ROOT, 'target/release/heliograph');
/** The Chromium that browser tests drive; see LAUNCH. */
export const CHROMIUM = process.env.HELIOGRAPH_CHROMIUM ?? '/usr/bin/chromium';
/** Where tests leave screenshots and the like; not under version control. */
export const RESULTS = process.env.HELIOGRAPH_RESULTS ?? join(ROOT, 'e2e/results');
/** Papers and recordings that lie beside the checkout; may be absent on another machine. */
export const SHARED = resolve(process.env.HELIOGRAPH_SHARED ?? join(ROOT, '../shared'));

/** Options for Playwright's `chromium.launch`: software WebGL2, and no calls home. */
export const LAUNCH = {
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--enable-unsafe-swiftshader',
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
  ],
};

const START_LIMIT_MS = 30_000;
const SETPRIV = '/usr/bin/setpriv';
const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => process.exit(code));
}

function workerd() {
  const processor = process.arch === 'arm64' ? 'arm64' : '64';
  const path = join(ROOT, `node_modules/@cloudflare/workerd-${process.platform}-${processor}/bin/workerd`);
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`cargo xtask dist\` first`);
  return path;
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

/**
 * Starts a worker and waits until /healthz answers.
 *
 * @param {{dataDir?: string, port?: number, env?: Record<string, string>, health?: number,
 *   config?: (text: string) => string, patience?: number}} [options] `dataDir` is
 *   kept by `stop`; without it a temporary one is made and removed. `env` adds to the worker's environment; a name
 *   that is undefined there is not set. `health` is the status that /healthz must have: 503 without secrets. `config`
 *   changes the text of workerd.capnp for this server. One that does not answer within `patience` (ms) is killed.
 */
export async function startServer({ dataDir, port = 0, env = {}, health = 200, config, patience = START_LIMIT_MS } = {}) {
  const temporary = dataDir === undefined;
  const folder = temporary ? mkdtempSync(join(tmpdir(), 'heliograph-')) : resolve(dataDir);
  mkdirSync(join(folder, 'do'), { recursive: true });
  const adminKey = env.HELIOGRAPH_ADMIN_KEY ?? `test-${randomBytes(16).toString('hex')}`;
  // Tests count calls and boards: a server watches itself where a test asks for it.
  const usual = { HELIOGRAPH_SIGNING_KEY: signingKey(), HELIOGRAPH_HEALTH_BOARD: 'off' };
  const environment = { ...usual, ...env, HELIOGRAPH_ADMIN_KEY: adminKey };
  const capnp = config === undefined ? 'workerd.capnp' : changed(config, folder);
  const lines = [];
  let child;

  async function start() {
    const program = workerd();
    const serve = [
      'serve',
      capnp,
      `--socket-addr=http=127.0.0.1:${port}`,
      `--directory-path=do=${join(folder, 'do')}`,
      '--control-fd=3',
    ];
    if (!existsSync(join(ROOT, 'dist'))) {
      // The API needs no front end, but workerd needs the folder.
      mkdirSync(join(folder, 'site'), { recursive: true });
      serve.push(`--directory-path=site=${join(folder, 'site')}`);
    }
    // The kernel ends the worker even when the test is killed outright.
    const [command, args] = existsSync(SETPRIV)
      ? [SETPRIV, ['--pdeathsig', 'KILL', '--', program, ...serve]]
      : [program, serve];
    child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const mine = child;
    running.add(mine);
    const keep = (text) => {
      lines.push(...text.toString().split('\n').filter(Boolean));
      if (lines.length > 2000) lines.splice(0, 1000);
    };
    mine.stdout.on('data', keep);
    mine.stderr.on('data', keep);
    mine.ended = new Promise((done) => {
      mine.once('error', (error) => {
        keep(String(error));
        done();
      });
      mine.once('exit', done);
    }).then(() => running.delete(mine));
    // workerd tells on the control descriptor which port it got.
    let said = '';
    const bound = new Promise((done) => {
      mine.stdio[3].on('data', (text) => {
        said += text;
        const match = /"event":"listen","socket":"http","port":(\d+)/.exec(said);
        if (match) done(Number(match[1]));
      });
    });
    const failed = mine.ended.then(() => {
      throw new Error(`the worker ended while it started:\n${lines.slice(-20).join('\n')}`);
    });
    failed.catch(() => {});
    const late = sleep(patience, undefined, { ref: false }).then(() => {
      throw new Error(`the worker did not start in ${patience} ms:\n${lines.slice(-20).join('\n')}`);
    });
    late.catch(() => {});
    try {
      port = await Promise.race([bound, failed, late]);
      await Promise.race([healthy(port, health, mine), failed, late]);
    } catch (error) {
      await end('SIGKILL');
      throw error;
    }
  }

  async function end(signal) {
    child.kill(signal);
    const kill = setTimeout(() => child.kill('SIGKILL'), 2000);
    await child.ended;
    clearTimeout(kill);
  }

  try {
    await start();
  } catch (error) {
    if (temporary) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    adminKey,
    dataDir: folder,
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get wsUrl() {
      return `ws://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    get pid() {
      return child.pid;
    },
    /** What the worker printed, newest last. */
    log: () => lines.join('\n'),
    /** Ends it without a chance to clean up; the data stays. */
    kill9: () => end('SIGKILL'),
    /** Starts it again on the same port and data; ends it first if it runs. */
    restart: async () => {
      if (child.exitCode === null && child.signalCode === null) await end('SIGTERM');
      await start();
    },
    /** Ends it, and removes the data folder unless the caller gave it. */
    stop: async () => {
      await end('SIGTERM');
      if (temporary) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a changed copy of workerd.capnp to a folder. What it embeds is found from there. */
function changed(config, folder) {
  const text = readFileSync(join(ROOT, 'workerd.capnp'), 'utf8');
  const path = join(folder, 'workerd.capnp');
  writeFileSync(path, config(text).replaceAll('embed "', `embed "${relative(folder, ROOT)}/`));
  return path;
}

async function healthy(port, status, child) {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2000) });
      await answer.arrayBuffer();
      if (answer.status === status) return;
    } catch {
      // Not yet.
    }
    await sleep(20);
  }
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs the command-line program against a server and returns {status, stdout, stderr}. */
export function heliograph(server, args, options = {}) {
  return spawnSync(HELIOGRAPH, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
    env: { ...process.env, HELIOGRAPH_URL: server.url, HELIOGRAPH_KEY: server.adminKey, ...options.env },
  });
}
