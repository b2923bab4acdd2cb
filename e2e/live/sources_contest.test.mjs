// A running contest: real servers of HTTP on this machine have feeds that stay open and grow, break off and are begun anew; the
// board follows, and ends as a replay of the whole feed does.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SHARED, heliograph, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { reachingHere } from './support/object_store.mjs';
import { eventually } from './support/wait.mjs';

const FINALS = join(SHARED, 'data/scoreboard/icpc_wf47_2024-04-18_live.ndjson');

/** A contest's system: a feed that grows, and answers that do not end. */
class System {
  lines = [];
  open = new Set();
  asked = [];

  /** `since`: the parameter with which it goes on, if any; `place`: what of a line that names. */
  constructor(since, place) {
    Object.assign(this, { since, place });
  }

  async start() {
    this.server = createServer((req, res) => this.answer(req, res));
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}/api/contests/c/event-feed`;
    return this;
  }

  answer(req, res) {
    const query = new URL(req.url, 'http://x').searchParams;
    const asked = query.get('since_token') ?? query.get('since_id');
    this.asked.push(asked);
    let from = 0;
    if (this.since !== undefined && query.has(this.since)) {
      from = this.lines.findIndex((line) => String(JSON.parse(line)[this.place]) === asked) + 1;
      if (from === 0) return res.writeHead(400).end('no such token');
    }
    res.writeHead(200, { 'content-type': 'application/x-ndjson' });
    res.flushHeaders();
    const said = this.lines.slice(from).map((line) => `${line}\n`).join('');
    if (this.breaksAfter !== undefined) {
      res.write(said.slice(0, this.breaksAfter), () => res.destroy());
      return undefined;
    }
    res.write(said || '\n');
    this.open.add(res);
    res.on('close', () => this.open.delete(res));
    return undefined;
  }

  /** Says more, to whoever listens, in two halves. */
  say(...lines) {
    this.lines.push(...lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))));
    const said = this.lines.slice(-lines.length).map((line) => `${line}\n`).join('');
    for (const res of this.open) {
      res.write(said.slice(0, said.length / 2));
      setImmediate(() => res.write(said.slice(said.length / 2)));
    }
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

let server;
let admin;
let folder;
const systems = [];

const system = async (...how) => {
  const one = await new System(...how).start();
  systems.push(one);
  return one;
};

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-contest-'));
  server = await startServer({ config: reachingHere, env: { HELIOGRAPH_PRIVATE_TARGETS: 'allow' } });
  admin = new Client(server);
});
after(async () => {
  await server?.stop();
  await Promise.all(systems.map((one) => one.stop()));
  rmSync(folder, { recursive: true });
});

const icpc = (name) => admin.board(name, JSON.parse(readFileSync(join(ROOT, 'boards/icpc.json'), 'utf8')));
const path = (board) => `/v1/boards/${board}/sources/${board}`;
const again = (board) => admin.send('PATCH', path(board), {});
const polled = async (board) => (await admin.get(path(board))).body.polled;

async function follows(board, url) {
  await icpc(board);
  const { status, body } = await admin.post(`/v1/boards/${board}/sources`, { name: board, envelope: 'clics', poll: { url, interval_s: 5 } });
  assert.equal(status, 201, JSON.stringify(body));
}

/** Ranks, names and values of a board. */
const standings = async (board) => {
  const { rows } = (await admin.get(`/v1/boards/${board}/scores?top=500`)).body;
  return rows.map((row) => [row.rank, row.key, ...row.values]);
};

/** The same after a replay of a whole feed. */
async function replayed(board, lines) {
  await icpc(board);
  const file = join(folder, `${board}.ndjson`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const { status, stderr } = heliograph(server, ['replay', file, '--board', board, '--format', 'clics', '--speed', 'max', '--keep-time']);
  assert.equal(status, 0, stderr);
  return standings(board);
}

const START = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000).toISOString();
const object = (type, id, data) => ({ type, id, data: data && { id, ...data } });
const setting = () => [
  object('contest', 'c', { name: 'Finals', start_time: START, duration: '5:00:00.000' }),
  object('judgement-types', 'AC', { penalty: false, solved: true }),
  object('judgement-types', 'WA', { penalty: true, solved: false }),
  object('problems', 'a', { label: 'A', ordinal: 0 }),
  object('problems', 'b', { label: 'B', ordinal: 1 }),
  ...['one', 'two', 'three'].map((name) => object('teams', name, { name })),
];
const submission = (id, team, problem, minute) => object('submissions', id, { team_id: team, problem_id: problem, contest_time: `0:${minute}:00.000` });
const judgement = (id, of, verdict, minute) =>
  object('judgements', id, { submission_id: of, judgement_type_id: verdict, start_contest_time: `0:${minute}:01.000`, end_contest_time: `0:${minute}:05.000` });

/** A contest in pieces, as it happens. */
const PIECES = [
  [submission('s1', 'one', 'a', 10), judgement('j1', 's1', null, 10)],
  [judgement('j1', 's1', 'WA', 10), submission('s2', 'two', 'a', 12), judgement('j2', 's2', 'AC', 12)],
  // The same verdict again, one that is corrected, and one that is taken back.
  [judgement('j2', 's2', 'AC', 12), submission('s3', 'one', 'a', 20), judgement('j3', 's3', 'AC', 20), judgement('j1', 's1', 'AC', 10)],
  [object('judgements', 'j3', null), submission('s4', 'three', 'b', 30), object('teams', 'three', { name: 'Three!' })],
  [judgement('j4', 's4', 'AC', 30), judgement('j1', 's1', 'WA', 10)],
];

/** How a line of each generation is written. */
const WRITTEN = {
  tokens: { how: ['since_token', 'token'], line: (line, nth) => ({ ...line, token: `t${nth}` }) },
  ids: {
    how: ['since_id', 'id'],
    line: ({ type, id, data }, nth) => ({ type: type === 'contest' ? 'contests' : type, id: `e${nth}`, op: data ? 'create' : 'delete', data: data ?? { id } }),
  },
  // It has no places, and says everything anew.
  neither: { how: [], line: (line) => line },
};

for (const [name, { how, line }] of Object.entries(WRITTEN)) {
  test(`a board follows a feed that stays open (${name}), also where it breaks off and where the worker is killed`, async () => {
    const own = await system(...how);
    let nth = 0;
    const written = (lines) => lines.map((one) => JSON.stringify(line(one, (nth += 1))));
    own.say(...written(setting()));
    await follows(name, own.url);
    await eventually(async () => (await admin.items(name)).items.size === 3, 'the teams are there');
    for (const [i, piece] of PIECES.entries()) {
      own.say(...written(piece));
      if (i === 1) {
        // It breaks off in the middle of a line, wherever it begins.
        own.breaksAfter = 150;
        for (const res of own.open) res.destroy();
        const before = own.asked.length;
        await again(name);
        await eventually(() => own.asked.length > before, 'it asks');
        own.breaksAfter = undefined;
      }
      if (i === 3) {
        await server.kill9();
        await server.restart();
      }
      const before = own.asked.length;
      await again(name);
      await eventually(() => own.asked.length > before, 'it asks', 90_000);
    }
    const expected = await replayed(`${name}-whole`, own.lines);
    await eventually(async () => JSON.stringify(await standings(name)) === JSON.stringify(expected), () => `${name} is as ${JSON.stringify(expected)}`, 90_000);
    assert.equal((await admin.items(name)).items.get('three').fields.name, 'Three!');
    assert.ok(how.length === 0 || own.asked.some((asked) => asked !== null), 'it goes on where it was');
    const { events } = (await admin.get(`/v1/boards/${name}/events?limit=1000`)).body;
    assert.equal(new Set(events.map((event) => event.id)).size, events.length, 'nothing is told twice');
    assert.equal((await admin.get(`/v1/boards/${name}/dead-letters`)).body.dead_letters.length, 0);
  });
}

test('a server that no longer knows its own token says everything anew, and a contest that was set up anew puts it right', async () => {
  const own = await system('since_token', 'token');
  const tokens = (prefix, lines) => lines.map((line, nth) => ({ ...line, token: `${prefix}${nth}` }));
  own.say(...tokens('a', [...setting(), submission('s1', 'one', 'a', 10), judgement('j1', 's1', 'AC', 10)]));
  await follows('anew', own.url);
  await eventually(async () => (await standings('anew'))[0]?.[2] === 1, 'a problem is solved');
  own.lines = [];
  own.say(...tokens('b', [...setting(), submission('s1', 'one', 'a', 10), judgement('j1', 's1', 'WA', 10)]));
  await eventually(async () => (await standings('anew'))[0]?.[2] === 0, 'it is as the contest says now', 120_000);
  assert.ok(own.asked.includes('a9'));
});

test('what is no feed says so, and a line that cannot be used leaves one letter', async () => {
  const own = await system();
  own.say('<!doctype html>');
  await follows('page', own.url);
  const failed = await eventually(async () => {
    const told = await polled('page');
    return told?.failures > 0 && told;
  }, 'it fails');
  assert.match(failed.error, /something else than the event feed/);
  own.lines = [];
  own.say(...setting(), object('judgements', 'j9', {}), submission('s1', 'one', 'a', 10));
  await again('page');
  await eventually(async () => (await admin.items('page')).items.size === 3, 'the teams are there');
  const asked = own.asked.length;
  await eventually(() => own.asked.length > asked + 1, 'it asks on', 60_000);
  const letters = (await admin.get('/v1/boards/page/dead-letters')).body.dead_letters;
  assert.deepEqual(letters.map((letter) => letter.record.type), ['judgements'], JSON.stringify(letters));
});

test('the command of docs/sources/contest.md makes a source that follows', async () => {
  await icpc('icpc');
  const [, command] = /```sh\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/sources/contest.md'), 'utf8'));
  const printed = execFileSync('bash', ['-ec', command], { env: { ...process.env, SERVER: server.url, KEY: server.adminKey }, encoding: 'utf8' });
  const { envelope, poll } = JSON.parse(printed);
  assert.deepEqual([envelope, poll.url, poll.interval_s], ['clics', 'https://cds.example/api/contests/finals/event-feed', 5]);
  assert.equal((await admin.delete('/v1/boards/icpc/sources/finals')).status, 204);
});

test('the finals, in pieces as they were said, end as their replay', existsSync(FINALS) ? {} : { skip: `${FINALS} is not there` }, async () => {
  const own = await system('since_token', 'token');
  const all = readFileSync(FINALS, 'utf8').split('\n').filter(Boolean);
  const cuts = [0, 400, 3_000, 3_001, 9_000, all.length];
  own.say(...all.slice(cuts[0], cuts[1]));
  await follows('finals', own.url);
  for (const [i, to] of cuts.entries()) {
    if (i < 2) continue;
    const before = own.asked.length;
    own.say(...all.slice(cuts[i - 1], to));
    await again('finals');
    await eventually(() => own.asked.length > before, 'it asks', 60_000);
  }
  const expected = await replayed('finals-whole', all);
  await eventually(async () => JSON.stringify(await standings('finals')) === JSON.stringify(expected), 'it is as the replay', 120_000);
});
