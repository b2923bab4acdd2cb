// The recorded contest and the school's assessments, replayed by the command line into the boards that come with us.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, SHARED, heliograph, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { Scoreboard } from './support/scoreboard.mjs';
import { assertRanks, rank, standings } from './support/standings.mjs';

const CONTEST = join(SHARED, 'data/scoreboard/icpc_wf47_2024-04-18_live.ndjson');
const SCHOOL = join(SHARED, 'data/assessment/oulad_submissions_2014J.csv');
const without = (file) => (existsSync(file) ? {} : { skip: `${file} is not there` });

let server;
let admin;
const nobody = () => new Client(server, null);

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** Makes a board as it comes with us, under another name. */
async function board(name, file) {
  const config = JSON.parse(readFileSync(join(ROOT, 'boards', file), 'utf8'));
  return admin.board(name, config);
}

function replay(file, ...args) {
  const { status, stdout, stderr } = heliograph(server, ['replay', file, ...args, '--speed', 'max', '--keep-time', '--json']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** Rank, solved and penalty by team name. */
const table = ({ rows }) => new Map(rows.map((r) => [r.name, r.values.slice(0, 2).join('/')]));

// From the feed's own judgements, see SOURCES.md beside it.
const AT_THE_FREEZE = {
  'National Research University Higher School of Economics': '9/995',
  'Peking University': '9/1068',
  'Moscow Institute of Physics and Technology': '9/1143',
  'Seoul National University': '8/1102',
  'Nanjing University': '7/692',
};

function assertFreeze(scores) {
  assert.equal(scores.total, 130);
  const found = table(scores);
  const five = Object.keys(AT_THE_FREEZE).map((name) => [name, found.get(name)]);
  assert.deepEqual(Object.fromEntries(five), AT_THE_FREEZE);
}

test('the finals: 130 teams with their standings at the freeze, each where it comes from', without(CONTEST), async () => {
  await board('icpc', 'icpc.json');
  const summary = replay(CONTEST, '--board', 'icpc');
  // Every team, every verdict with its corrections, and 545 submissions of the last hour that the feed leaves unjudged.
  assert.deepEqual([summary.rows, summary.accepted, summary.refused], [1_736, 1_736, 0]);
  const scores = await standings(nobody(), 'icpc');
  assertFreeze(scores);
  assert.deepEqual(scores.rows.slice(0, 3).map((r) => r.rank), [1, 2, 3]);
  // By solved, then penalty: sorted, whatever the order in which judgements came and were corrected.
  const pairs = scores.rows.map((r) => r.values);
  const sorted = [...pairs].sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  assert.deepEqual(pairs, sorted);
  const { items } = await admin.items('icpc');
  assert.equal(items.size, 130);
  const placed = [...items.values()].filter((item) => Number.isFinite(item.position?.lat) && Number.isFinite(item.position?.lon));
  assert.equal(placed.length, 130);
  // Each region and country is a board of its own, and regions add up to everybody.
  const regions = await Promise.all(
    scores.about.groups.group.map((region) => standings(nobody(), 'icpc', { query: `&group=group:${encodeURIComponent(region)}` })),
  );
  assert.equal(regions.length, 8);
  assert.equal(regions.reduce((sum, region) => sum + region.total, 0), 130);
  // Sent again, nothing changes: ids are the contest's own.
  const again = replay(CONTEST, '--board', 'icpc');
  assert.deepEqual([again.accepted, again.duplicate], [0, 1_736]);
  assert.deepEqual((await standings(nobody(), 'icpc')).rows, scores.rows);
});

test('awards of a feed come into the config, and who gets them is told when the contest is over', async (t) => {
  const line = (type, data) => JSON.stringify({ type, id: data.id, data });
  const feed = [
    line('contest', { id: 'cup', name: 'Cup', start_time: '2024-04-18T10:00:00Z', duration: '1:00:00', scoreboard_freeze_duration: '0:10:00' }),
    ...['1', '2'].map((id) => line('teams', { id, name: `Team ${id}` })),
    line('problems', { id: 'a', label: 'A', ordinal: 0 }),
    line('submissions', { id: '5', team_id: '2', problem_id: 'a', contest_time: '0:20:00' }),
    line('judgements', { id: '9', submission_id: '5', judgement_type_id: 'AC', end_contest_time: '0:21:00' }),
    line('awards', { id: 'winner', citation: 'Champions of the cup', team_ids: ['2'] }),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-awards-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'cup.ndjson');
  writeFileSync(file, `${feed.join('\n')}\n`);
  replay(file, '--board', 'cup', '--create', '--session', 'final');
  assert.deepEqual((await admin.get('/v1/boards/cup')).body.awards, [{ id: 'winner', citation: 'Champions of the cup', keys: ['2'] }]);
  const told = async (client, path = '/scores?session=final') => JSON.stringify((await client.get(`/v1/boards/cup${path}`)).body).includes('Champions of the cup');
  assert.equal(await told(nobody(), ''), false, 'the config of readers names nobody');
  assert.equal(await told(admin), true);
  const [session] = (await admin.get('/v1/boards/cup/sessions')).body.sessions;
  assert.ok(session.phase === 'closed' && session.frozen_at, JSON.stringify(session));
  assert.equal(await told(nobody()), false, 'it is frozen');
  assert.equal((await admin.post('/v1/boards/cup/sessions/final', { action: 'reveal' })).status, 200);
  // A view is served again for a second or so.
  const end = Date.now() + 10_000;
  while (!(await told(nobody()))) assert.ok(Date.now() < end, 'nobody is told');
});

test('logos of a feed come into the config of a board that is made, and who sees some keys only is told of theirs', async (t) => {
  const line = (type, data) => JSON.stringify({ type, id: data.id, data });
  const image = (href, width) => ({ href, mime: 'image/png', width, height: width });
  const feed = [
    line('contest', { id: 'cup', name: 'Cup', start_time: '2024-04-18T10:00:00Z', duration: '1:00:00' }),
    ...['1', '2'].flatMap((id) => [
      line('organizations', { id, name: `University ${id}`, logo: [image(`o/${id}/logo`, 600), image(`o/${id}/logo.100x100`, 100)] }),
      line('teams', { id: `t${id}`, name: `Team ${id}`, organization_id: id }),
    ]),
    line('problems', { id: 'a', label: 'A', ordinal: 0 }),
    line('submissions', { id: '5', team_id: 't2', problem_id: 'a', contest_time: '0:20:00' }),
    line('judgements', { id: '9', submission_id: '5', judgement_type_id: 'AC', end_contest_time: '0:21:00' }),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-logos-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'cup.ndjson');
  writeFileSync(file, `${feed.join('\n')}\n`);
  replay(file, '--board', 'logos', '--create', '--logos', 'https://cds.example/api');
  const config = (await admin.get('/v1/boards/logos')).body;
  const files = { t1: 'o/1/logo.100x100', t2: 'o/2/logo.100x100' };
  assert.deepEqual(config.logos, { site: 'https://cds.example/api/', files });
  await admin.board('logos-private', { ...config, visibility: 'private' });
  const grants = [{ board: 'logos-private', operations: ['read'], keys: ['t2'] }];
  const { key } = (await admin.post('/v1/keys', { label: 'one team', grants })).body;
  assert.deepEqual((await admin.as(key).get('/v1/boards/logos-private')).body.logos.files, { t2: files.t2 });
  const policy = async (path) => (await fetch(`${server.url}${path}`)).headers.get('content-security-policy') ?? '';
  // Where the site was built: the contest's page alone may load images from there.
  if (await policy('/b/logos/contest')) {
    assert.match(await policy('/b/logos/contest'), /img-src [^;]* https:\/\/cds\.example;/);
    for (const path of ['/b/logos/scores', '/b/logos/map', '/manage']) assert.doesNotMatch(await policy(path), /cds\.example/, path);
  }
  for (const site of ['http://cds.example/', "https://cds.example/; script-src *", '//cds.example/']) {
    const refused = await admin.put('/v1/boards/logos', { ...config, logos: { site, files } });
    assert.equal(refused.status, 422, site);
    assert.equal(refused.body.errors[0].field, 'logos.site');
  }
});

/** The contest as its feed has it: the latest word on each object. */
function contest() {
  const tables = {};
  for (const line of readFileSync(CONTEST, 'utf8').trim().split('\n')) {
    const { type, id, data } = JSON.parse(line);
    const table = (tables[type] ??= new Map());
    if (data === null) table.delete(id);
    else table.set(id, data);
  }
  const list = (type) => [...tables[type].values()];
  const problems = list('problems').sort((a, b) => a.ordinal - b.ordinal);
  const label = new Map(problems.map((p) => [p.id, p.label]));
  const verdicts = new Map(list('judgements').filter((j) => j.judgement_type_id).map((j) => [j.submission_id, j.judgement_type_id]));
  const millis = (text) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
  const submissions = list('submissions')
    .map((s) => ({ id: s.id, team: s.team_id, problem: label.get(s.problem_id), at: millis(s.contest_time), verdict: verdicts.get(s.id) }))
    .sort((a, b) => a.at - b.at);
  const tasks = problems.map((p) => ({ id: p.label, title: p.name, color: p.rgb.toLowerCase() }));
  return { tasks, submissions };
}

/** A team's cells, counted from submissions in order of time. */
function cells(tasks, submissions, team) {
  return tasks.map(({ id }) => {
    let cell = null;
    for (const { verdict } of submissions.filter((s) => s.team === team && s.problem === id)) {
      if (cell?.minute != null || verdict === 'CE') continue;
      if (!verdict) {
        // What the feed leaves unjudged: it has no verdicts of the last hour.
        cell = { tries: 0, minute: null, ...cell, pending: (cell?.pending ?? 0) + 1 };
        continue;
      }
      cell = { tries: (cell?.tries ?? 0) + 1, minute: null, pending: cell?.pending ?? 0 };
      if (verdict === 'AC') cell.pending = 0;
      if (verdict === 'AC') cell.minute = Math.floor(submissions.find((s) => s.team === team && s.problem === id && s.verdict === 'AC').at / 60_000);
    }
    return cell;
  });
}

test('a cell for each team at each problem, and who was first, are what a recount of the feed says', without(CONTEST), async () => {
  const { tasks, submissions } = contest();
  const config = JSON.parse(readFileSync(join(ROOT, 'boards/icpc.json'), 'utf8'));
  config.scores.attempts.tasks = tasks;
  await admin.board('cells', config);
  replay(CONTEST, '--board', 'cells', '--session', 'wf47');
  const { status, body } = await nobody().get('/v1/boards/cells/scores?top=1000&cells=true');
  assert.equal(status, 200);
  assert.equal(body.rows.length, 130);
  for (const row of body.rows) assert.deepEqual(row.cells, cells(tasks, submissions, row.key), row.name);
  assert.ok(body.rows.flatMap((row) => row.cells).filter((cell) => cell?.minute != null).length > 300, 'many are solved');
  const right = submissions.filter((s) => s.verdict === 'AC');
  assert.deepEqual(body.about.tasks, tasks.map((task) => ({ ...task, label: task.id, first: right.find((s) => s.problem === task.id)?.team ?? null })));
  assert.equal((await nobody().get('/v1/boards/cells/scores')).body.rows[0].cells, undefined, 'cells come to those who ask');

  // After the freeze: a number of tries, whatever came of them; then a step shows one row, and back hides it.
  const { frozen_at } = (await admin.get('/v1/boards/cells/sessions')).body.sessions[0];
  const last = body.rows.at(-1);
  const before = last.cells;
  const at = tasks.findIndex((_, i) => before[i] === null);
  const late = ['WA', 'CE', 'AC'].map((verdict, i) => ({
    id: `late-${i}`, key: last.key, time: frozen_at + (i + 1) * 60_000,
    fields: { submission: `late-${i}`, problem: tasks[at].id, verdict, solved: verdict === 'AC', penalty: verdict === 'WA', minute: 241 + i },
  }));
  await admin.publish('cells', late);
  const shown = async (client) => (await client.get('/v1/boards/cells/scores?top=1000&cells=true')).body;
  const cell = async (client) => (await shown(client)).rows.find((row) => row.key === last.key).cells[at];
  assert.deepEqual(await cell(nobody()), { tries: 0, minute: null, pending: 3 });
  assert.deepEqual(await cell(admin), { tries: 2, minute: 243, pending: 0 });
  const act = (action) => admin.post('/v1/boards/cells/sessions/wf47', { action });
  assert.equal((await act('reveal_back')).status, 409);
  // Step by step until it is this team's turn; the feed tells who it is.
  const feed = await Scoreboard.open(await Feed.open(server, 'cells'), 1, { top: 1000, cells: true });
  for (let i = 0; i < 130 && (await shown(nobody())).about.resolving !== last.key; i++) assert.equal((await act('reveal_step')).status, 200);
  assert.deepEqual(await cell(nobody()), { tries: 2, minute: 243, pending: 0 });
  await feed.until((t) => t.about.resolving === last.key && t.top.find((r) => r.key === last.key)?.cells[at]?.minute === 243, 'the hall sees it');
  assert.equal((await act('reveal_back')).status, 200);
  await feed.until((t) => t.about.resolving !== last.key && t.top.find((r) => r.key === last.key)?.cells[at]?.pending === 3, 'it is hidden again');
  assert.deepEqual(await cell(nobody()), { tries: 0, minute: null, pending: 3 });
  feed.feed.drop();
});

test('a frozen final: a judgement after the freeze is for managers only, until it is revealed', without(CONTEST), async () => {
  await board('finals', 'icpc.json');
  replay(CONTEST, '--board', 'finals', '--session', 'wf47');
  const session = async () => (await admin.get('/v1/boards/finals/sessions')).body.sessions[0];
  const { id, phase, frozen_at, opened_at, closed_at } = await session();
  assert.deepEqual([id, phase], ['wf47', 'closed']);
  assert.deepEqual([frozen_at - opened_at, closed_at - opened_at], [4 * 3_600_000, 5 * 3_600_000]);
  assertFreeze(await standings(nobody(), 'finals'));
  assertFreeze(await standings(admin, 'finals'));

  const audience = await Scoreboard.open(await Feed.open(server, 'finals'), 1, { top: 5 });
  const jury = await Scoreboard.open(await Feed.open(server, 'finals', { credential: server.adminKey }), 1, { top: 5 });
  assert.equal(audience.about.frozen, true);
  // Seoul solves two more in the last hour, which the feed of the day kept to itself.
  const seoul = (await standings(admin, 'finals')).rows.find((r) => r.name === 'Seoul National University');
  const open = ['x1', 'x2'].map((problem, i) => ({
    id: `late-${problem}`,
    key: seoul.key,
    time: frozen_at + (i + 1) * 600_000,
    fields: { submission: `late-${problem}`, problem, verdict: 'AC', solved: true, penalty: false, minute: 250 + i },
  }));
  await admin.publish('finals', open);
  await jury.until((t) => t.top[0].key === seoul.key && t.top[0].values.slice(0, 2).join() === `10,${1_102 + 250 + 251}`, 'the jury sees it');
  assert.equal(table(await standings(admin, 'finals')).get(seoul.name), '10/1603');
  assertFreeze(await standings(nobody(), 'finals'));
  assert.equal(audience.read().frames, 1, 'the audience was told nothing');

  // From the last rank up: the row of one team after the other, 130 of them; then all is shown.
  const steps = async (n) => {
    for (let i = 0; i < n; i++) {
      const { status, body } = await admin.post('/v1/boards/finals/sessions/wf47', { action: 'reveal_step' });
      assert.equal(status, 200, JSON.stringify(body));
      if (body.phase === 'revealed') return i + 1;
    }
    return n;
  };
  await steps(20);
  assertFreeze(await standings(nobody(), 'finals'));
  const taken = await steps(200);
  assert.ok(taken > 100, `${taken} steps`);
  assert.deepEqual((await standings(nobody(), 'finals')).rows, (await standings(admin, 'finals')).rows);
  await audience.until((t) => t.top[0].key === seoul.key && t.about.frozen === false, 'the audience sees the winner');
  audience.feed.drop();
  jury.feed.drop();
});

test('a school: every rank of 8,507 students, and of each module, is what a recount says', without(SCHOOL), async () => {
  await board('school', 'school.json');
  const columns = ['--key', 'id_student', '--id', 'id_student,id_assessment', '--time', 'date_submitted'];
  const days = ['--time-unit', 'days', '--epoch', '2014-10-01'];
  const summary = replay(SCHOOL, '--board', 'school', ...columns, ...days);
  assert.deepEqual([summary.rows, summary.accepted, summary.refused], [51_394, 51_394, 0]);
  const [header, ...lines] = readFileSync(SCHOOL, 'utf8').trim().split('\n');
  const names = header.trim().split(',');
  const submissions = lines.map((line) => Object.fromEntries(line.trim().split(',').map((cell, i) => [names[i], cell])));
  assert.equal(submissions.length, 51_394);
  const all = await standings(nobody(), 'school', { top: 1_000 });
  assertRanks(all, points(submissions));
  assert.equal(all.total, 8_507);
  const modules = [...new Set(submissions.map((s) => s.code_module))].sort();
  assert.deepEqual(all.about.groups.code_module, modules);
  assert.equal(modules.length, 7);
  for (const module of modules) {
    const own = await standings(nobody(), 'school', { top: 1_000, query: `&group=code_module:${module}` });
    assertRanks(own, points(submissions.filter((s) => s.code_module === module)));
  }
});

/** Points and submissions of each student; an empty score is a submission without points. */
function points(submissions) {
  const students = new Map();
  for (const { id_student: key, score } of submissions) {
    const [sum, count] = students.get(key) ?? [0, 0];
    students.set(key, [sum + Number(score), count + 1]);
  }
  return rank([...students].map(([key, values]) => ({ key, values })), ['desc', 'desc'], 'shared');
}
