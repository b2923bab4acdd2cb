// The Python client (clients/python) as its users have it: what they type, against the real worker, also when that is killed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { ROOT, startServer } from '../server.mjs';
import { Client } from './support/client.mjs';

const PYTHON = process.env.HELIOGRAPH_PYTHON_CLIENT;
const skip = PYTHON ? false : 'websockets, httpx, pandas and pyarrow are not installed for Python';
const PACKAGE = join(ROOT, 'clients/python');
const SCRIPT = new URL('support/python_client.py', import.meta.url).pathname;

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

/** Runs a program to its end; what it said. */
function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  return { child, ended: new Promise((done) => child.on('exit', (code) => done({ code, said: said.trim() }))) };
}

/** Plays a scenario of the script; `stages` has what happens when it says a word, and answers what it is told then. */
async function play(scenario, board, stages = {}, { url, adminKey } = server) {
  const env = { ...process.env, PYTHONPATH: join(PACKAGE, 'src'), PYTHONDONTWRITEBYTECODE: '1', URL: url, BOARD: board, KEY: adminKey };
  const { child, ended } = run(PYTHON, [SCRIPT, scenario], { env });
  const limit = setTimeout(() => child.kill('SIGKILL'), 90_000);
  const words = createInterface({ input: child.stdout });
  words.on('line', async (word) => {
    if (word !== 'done') child.stdin.write(`${(await stages[word]?.()) ?? ''}\n`);
  });
  const { code, said } = await ended;
  clearTimeout(limit);
  assert.equal(code, 0, said);
  assert.match(said, /done$/);
}

const at = (lat, lon) => ({ lat, lon });

test('the rules hold without a server', { skip }, async () => {
  const options = { cwd: PACKAGE, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } };
  const { code, said } = await run(PYTHON, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], options).ended;
  assert.equal(code, 0, said);
});

test('a program is told the snapshot and then what changes, and what ends', { skip }, async () => {
  const board = await admin.board('py-changes');
  await admin.publish(board, [{ key: 'a', position: at(1, 2), fields: { x: 1, s: '0012' } }, { key: 'b' }]);
  await play('changes', board, {
    publish: async () => {
      await admin.publish(board, [{ key: 'a', fields: { x: 2 } }, { key: 'c' }]);
      await admin.publish(board, { key: 'end' });
    },
    end: () => admin.delete(`/v1/boards/${board}/items/b`),
  });
});

test('an item that ends and begins anew within a tick has nothing of what it had, and leaves the box', { skip }, async () => {
  const board = await admin.board('py-anew', { tick_ms: 1000 });
  await admin.publish(board, [{ key: 'a', position: at(1, 2), fields: { x: 1 } }, { key: 'b', position: at(1, 2) }]);
  await play('anew', board, {
    again: async () => {
      await admin.publish(board, { key: 'b', position: at(2, 2) });
      await admin.delete(`/v1/boards/${board}/items/a`);
      await admin.publish(board, { key: 'a', fields: { y: 2 } });
    },
  });
});

test('what is followed is changed while the feed is open, and a refused change leaves it', { skip }, async () => {
  const board = await admin.board('py-change');
  await admin.publish(board, [{ key: 'a', position: at(1, 2) }, { key: 'near', position: at(3, 3) }, { key: 'far', position: at(50, 50) }]);
  await play('change_live', board);
});

test('after kill -9 the feed resumes: nothing is lost, told twice or sent twice', { skip }, async () => {
  const board = await admin.board('py-resume');
  await admin.publish(board, { key: 'a' });
  await play('resume', board, {
    kill: async () => {
      await server.kill9();
      return 'killed';
    },
    start: async () => {
      await server.restart();
      await admin.publish(board, { key: 'last' });
    },
  });
  const { items } = await admin.items(board);
  assert.deepEqual([...items.keys()].sort(), ['a', 'before', 'last', 'while_away']);
});

test('a board that went back to an earlier state is told as a gap, and then as it is', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-gap-'));
  const other = await startServer({ dataDir: join(folder, 'data') });
  try {
    const manager = new Client(other);
    const board = await manager.board('py-gap', { scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] } });
    await manager.publish(board, { key: 'a', fields: { points: 1 } });
    await other.kill9();
    cpSync(other.dataDir, join(folder, 'copy'), { recursive: true });
    await other.restart();
    await manager.publish(board, [{ key: 'lost', fields: { points: 1 } }, { key: 'lost too' }]);
    const forget = async () => {
      await other.kill9();
      rmSync(other.dataDir, { recursive: true });
      cpSync(join(folder, 'copy'), other.dataDir, { recursive: true });
      await other.restart();
    };
    const publish = () => manager.publish(board, { key: 'later', fields: { points: 2 } });
    await play('gap', board, { forget, publish }, other);
  } finally {
    await other.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a token is renewed inside the open feed', { skip }, async () => {
  const board = await admin.board('py-renewal', { visibility: 'private' });
  await play('renewal', board, { publish: () => admin.publish(board, { key: 'after' }) });
});

test('what is refused is an error with the code of the server, and a deleted board ends the feed', { skip }, async () => {
  const board = await admin.board('py-refused', { visibility: 'private' });
  await play('refused', board, { delete: () => admin.delete(`/v1/boards/${board}`) });
});

test('a message that the server cannot read ends the feed with its word', { skip }, async () => {
  const board = await admin.board('py-misspoken');
  await play('misspoken', board);
});

test('rows of a ranking are what REST says, by moves', { skip }, async () => {
  const scores = { columns: [{ name: 'points', op: 'sum', field: 'points' }], ties: 'shared' };
  const board = await admin.board('py-scores', { scores, tick_ms: 20 });
  await admin.publish(board, Array.from({ length: 60 }, (_, i) => ({ key: `p${i}`, fields: { points: 1000 - i * 5 } })));
  await play('scores', board);
});

test('views become data frames with the types of the board, and an answer that has not changed is not sent again', { skip }, async () => {
  const views = { some: { path: 'items', query: { keys: '{key}' }, parameters: { key: {} } } };
  const board = await admin.board('py-frames', { views, cache: { s_maxage_s: 0 } });
  const time = '2026-03-01T12:00:00Z';
  await admin.publish(board, [
    { key: 'a', time, position: at(1, 2), fields: { x: 1, code: '0012' } },
    { key: 'b', time, fields: { x: 2.5, on: true, text: '=1' } },
    { key: 'c,d/é', time },
  ]);
  await play('dataframes', board, { late: () => admin.publish(board, { key: 'z', fields: { x: 'many', late: 7.5 } }) });
});

test('it works where no loop runs, and where one runs as in a notebook', { skip }, async () => {
  const board = await admin.board('py-sync');
  await admin.publish(board, { key: 'a' });
  await play('sync', board);
  await play('in_a_loop', board);
});

test('what docs/python.md says is typed in a notebook, as it stands there', { skip }, async () => {
  const page = readFileSync(join(ROOT, 'docs/python.md'), 'utf8');
  const cells = [...page.matchAll(/```python\n([^]*?)```/g)].map(([, cell]) => cell.replace('http://127.0.0.1:8787', server.url));
  assert.ok(cells.length >= 8, `${cells.length} cells`);
  await admin.board('fleet');
  await admin.board('quiz', { scores: { columns: [{ name: 'points', op: 'sum', field: 'points' }] } });
  await admin.publish('quiz', { key: 'p-1', fields: { name: 'Ann', points: 7 } });
  const vehicle = (key, fuel) => ({ key, position: at(30.2, -97.7), fields: { fuel, status: 'moving', route: 801 } });
  await admin.publish('fleet', [vehicle('sim-01', 71), vehicle('sim-02', 5)]);
  let fuel = 70;
  const moving = setInterval(() => admin.publish('fleet', [vehicle('sim-01', (fuel -= 0.1))]), 300);
  const check = `
assert list(vehicles["key"]) == ["sim-01", "sim-02"] and list(full["key"]) == ["sim-01"], vehicles
assert set(hours["group"]) == {"sim-01", "sim-02"} and set(events["key"]) == {"sim-01"}, events
assert answer["accepted"] == 1 and list(frame["key"]) == ["sim-01", "sim-02", "van-7"], frame
assert [item["key"] for item in await heliograph.Client(server, "fleet").items(keys=["sim-02"])] == ["sim-02"]
assert bus["key"] == "sim-01" and series["points"] and list(ranking["name"]) == ["Ann"]
assert [point[1:3] for point in track["points"][:1]] == [[30.2, -97.7]] and track["fixes"] >= 1, track
assert trips["key"] == "sim-01" and alarms["alarms"] == [] and alarms["count"] == 0, (trips, alarms)
assert list(way.columns) == ["time", "lat", "lon", "speed", "heading"] and way["lat"][0] == 30.2, way
assert str(vehicles["time"].dtype) == "datetime64[ms, UTC]"
print("checked")`;
  const env = { ...process.env, PYTHONPATH: join(PACKAGE, 'src'), PYTHONDONTWRITEBYTECODE: '1' };
  const { child, ended } = run(PYTHON, [new URL('support/notebook.py', import.meta.url).pathname], { env });
  child.stdin.end(JSON.stringify([`api_key = ${JSON.stringify(server.adminKey)}`, ...cells, check]));
  const { code, said } = await ended;
  clearInterval(moving);
  assert.equal(code, 0, said);
  assert.match(said, /changed sim-01 Item\(key='sim-01'/);
  assert.match(said, /1 Ann \(7,\)/);
  assert.match(said, /checked$/);
});

test('the wheel installs and imports in a fresh environment', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-wheel-'));
  try {
    const build = await run(PYTHON, ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--no-build-isolation', '--wheel-dir', folder, PACKAGE]).ended;
    assert.equal(build.code, 0, build.said);
    const [wheel] = readdirSync(folder);
    assert.match(wheel, /^heliograph-.*-py3-none-any\.whl$/);
    const fresh = join(folder, 'env');
    assert.equal((await run(PYTHON, ['-m', 'venv', fresh]).ended).code, 0);
    const install = await run(join(fresh, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', join(folder, wheel)]).ended;
    assert.equal(install.code, 0, install.said);
    const said = await run(join(fresh, 'bin/python'), ['-c', 'import heliograph; print(heliograph.__all__)'], { cwd: folder }).ended;
    assert.match(said.said, /'connect'/);
    // Without pandas everything works but frames, and what is missing is said.
    await admin.board('py-wheel');
    const place = JSON.stringify([server.url, 'py-wheel']);
    const read = `import heliograph\nclient = heliograph.Client(*${place})\nprint(heliograph.run(client.items()))\nheliograph.dataframe(*${place})`;
    const without = await run(join(fresh, 'bin/python'), ['-c', read], { cwd: folder }).ended;
    assert.match(without.said, /^\[\]/);
    assert.match(without.said, /pip install heliograph\[dataframe\] \(not_installed\)/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
