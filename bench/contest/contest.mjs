// What a contest's grid costs a browser, beside another build's table of the same rows: 1,000 teams, 13 problems, 20
// changes a second. Prints one line of JSON.
// node bench/contest/contest.mjs [--seconds N] [--before FOLDER]   (FOLDER: a built tree of the other version)

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { LAUNCH, ROOT } from '../../e2e/server.mjs';

const option = (name, usual) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? usual : process.argv[at + 1];
};
const SECONDS = Number(option('--seconds', 20));
const BEFORE = option('--before', null);
const [TEAMS, PROBLEMS, CHANGES] = [1_000, 13, 20];
const LETTERS = 'ABCDEFGHIJKLM'.slice(0, PROBLEMS).split('');

if (process.argv.includes('--serve')) {
  // In a process of its own, with the tree's own way to start one.
  const { startServer } = await import(pathToFileURL(join(process.env.HELIOGRAPH_ROOT, 'e2e/server.mjs')));
  const server = await startServer();
  process.stdout.write(`${JSON.stringify({ url: server.url, adminKey: server.adminKey })}\n`);
  process.stdin.on('close', () => server.stop().then(() => process.exit(0))).resume();
} else {
  await compare();
}

/** A server of a built tree. */
async function serve(root) {
  const child = spawn(process.execPath, [import.meta.filename, '--serve'], {
    env: { ...process.env, HELIOGRAPH_ROOT: root },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await new Promise((done, fail) => {
    child.stdout.once('data', (data) => done(String(data)));
    child.once('exit', () => fail(new Error('the server ended')));
  });
  return { ...JSON.parse(line), stop: () => child.stdin.end() };
}

async function call(server, path, body, method = 'POST') {
  const headers = { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/v1/boards/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

let made = 0;
/** A submission: some right, some wrong. */
function attempt(team, now) {
  made += 1;
  const right = made % 3 === 0;
  const fields = { name: `Team ${team}`, submission: `s${made}`, problem: LETTERS[(made * 7) % PROBLEMS], verdict: right ? 'AC' : 'WA', solved: right, penalty: !right, minute: made % 300 };
  return { id: `s${made}`, key: `t${team}`, time: now, fields };
}

async function board(server, hasTasks) {
  const config = JSON.parse(readFileSync(join(ROOT, 'boards/icpc.json'), 'utf8'));
  const { attempts } = config.scores;
  if (hasTasks) attempts.tasks = LETTERS.map((id) => ({ id, color: '#1a7f37' }));
  else for (const part of ['pending', 'counts_hidden', 'tasks']) delete attempts[part];
  await call(server, 'bench', config, 'PUT');
  for (let round = 0; round < 4; round += 1) {
    const now = Date.now();
    await call(server, 'bench/events', Array.from({ length: TEAMS }, (_, team) => attempt(team, now)));
  }
}

/** Main-thread seconds and frames of a page while changes come. */
async function measure(browser, server, path) {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  await page.goto(path === null ? 'about:blank' : server.url + path);
  if (path !== null) await page.waitForFunction(() => document.querySelectorAll('tr[data-key]').length > 10, null, { timeout: 60_000 });
  await sleep(3_000);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const read = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
  await page.evaluate(() => {
    window.frames_ = 0;
    const next = () => {
      window.frames_ += 1;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  const before = await read();
  const began = performance.now();
  for (let i = 0; performance.now() - began < SECONDS * 1000; i += 1) {
    // Each among the teams in view as well as out of it.
    if (path !== null) await call(server, 'bench/events', [attempt(i % 2 ? i % 20 : (i * 37) % TEAMS, Date.now())]);
    await sleep(Math.max(0, began + ((i + 1) * 1000) / CHANGES - performance.now()));
  }
  const after = await read();
  const frames = await page.evaluate(() => window.frames_);
  const changes = path === null ? null : await page.evaluate(() => window.heliograph.state().changes);
  await page.close();
  const per = (name) => Math.round(((after[name] - before[name]) / SECONDS) * 1e6) / 1e3;
  return { task_ms: per('TaskDuration'), script_ms: per('ScriptDuration'), layout_ms: per('LayoutDuration'), style_ms: per('RecalcStyleDuration'), frames: frames / SECONDS, changes };
}

async function compare() {
  const servers = { now: await serve(ROOT), ...(BEFORE && { before: await serve(BEFORE) }) };
  const browser = await chromium.launch(LAUNCH);
  const result = { teams: TEAMS, problems: PROBLEMS, changes_per_second: CHANGES, seconds: SECONDS };
  await board(servers.now, true);
  if (BEFORE) await board(servers.before, false);
  result.empty = await measure(browser, null, null);
  if (BEFORE) result.before = await measure(browser, servers.before, '/b/bench/scores');
  result.grid = await measure(browser, servers.now, '/b/bench/contest');
  result.table = await measure(browser, servers.now, '/b/bench/scores');
  if (BEFORE) result.ratio = result.grid.task_ms / result.before.task_ms;
  result.frames_ratio = result.grid.frames / result.empty.frames;
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await browser.close();
  Object.values(servers).forEach((server) => server.stop());
}
