// At the end, when everything is quiet: whether all that is made from the events agrees with them, and with each other.
// Each check answers differences as sentences; none when all is well.

import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';

import { seq } from '../live/support/client.mjs';
import { standings as readStandings } from '../live/support/standings.mjs';
import * as model from './model.mjs';

/** No more of one kind are told. */
const SHOWN = 5;

/** Everything that is wrong. */
export async function differences(run) {
  const log = await readLog(run);
  const checks = {
    producers: () => run.producers.flatMap((p) => p.complaints),
    log: () => ofLog(run, log),
    items: () => ofItems(run, log),
    standings: () => ofStandings(run, log),
    series: () => ofSeries(run, log),
    tracks: () => ofTracks(run, log),
    alarms: () => ofAlarms(run, log),
    webhooks: () => ofWebhooks(run),
    archive: () => ofArchive(run, log),
    viewers: () => ofViewers(run, log),
  };
  const found = [];
  for (const [name, check] of Object.entries(checks)) {
    const wrong = await Promise.resolve().then(check).catch((error) => [String(error.message ?? error)]);
    found.push(...wrong.slice(0, SHOWN).map((text) => `${name}: ${text}`));
    if (wrong.length > SHOWN) found.push(`${name}: and ${wrong.length - SHOWN} more`);
  }
  return found;
}

/** An answer's body; a board that still reads what it has is asked again. */
async function ask({ admin }, path) {
  for (let tries = 0; ; tries += 1) {
    const { status, body } = await admin.get(path);
    if (status === 200) return body;
    if (status < 500 || tries > 100) throw new Error(`${path}: ${status} ${JSON.stringify(body).slice(0, 200)}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

async function readLog(run) {
  const log = [];
  for (let after = ''; ; ) {
    const { events, next } = await ask(run, `/v1/boards/${run.board}/events?limit=10000${after}`);
    log.push(...events);
    if (next === null) return log;
    after = `&after=${next}`;
  }
}

const short = (value) => (JSON.stringify(value) ?? 'nothing').slice(0, 200);
const compare = (what, is, should) => (isDeepStrictEqual(is, should) ? [] : [`${what} is ${short(is)}, not ${short(should)}`]);

/** Two maps, key by key. */
function compareMaps(what, is, should) {
  return [...new Set([...is.keys(), ...should.keys()])].flatMap((key) => compare(`${what} ${key}`, is.get(key), should.get(key)));
}

/** What was acknowledged is there, nothing is there twice, and nothing that nobody sent. */
async function ofLog(run, log) {
  const wrong = [];
  const seen = new Set();
  const sent = new Map(run.producers.flatMap((p) => [...p.sent]));
  for (const [i, event] of log.entries()) {
    // What is before the first is what was said of the board.
    if (event.seq !== log[0].seq + i) wrong.push(`event ${i + 1} has the number ${event.seq}`);
    if (seen.has(event.id)) wrong.push(`${event.id} is there twice`);
    seen.add(event.id);
    const { id, key, time, position, fields } = event;
    wrong.push(...compare(`event ${id}`, { id, key, time, position, fields }, sent.get(id)));
  }
  for (const producer of run.producers) {
    for (const id of producer.acknowledged) if (!seen.has(id)) wrong.push(`${id} was acknowledged and is missing`);
    // A producer sends the next batch once it has an answer, so its events are in its order.
    const order = log.filter(({ id }) => id.startsWith(`${producer.name}-`)).map(({ id }) => Number(id.split('-').at(-1)));
    if (order.some((n, i) => i > 0 && n < order[i - 1])) wrong.push(`events of ${producer.name} are out of their order`);
  }
  const { cursor } = await run.admin.items(run.board);
  return [...wrong, ...compare('the cursor', seq(cursor), log.at(-1)?.seq), ...compare('its life', cursor.split(':')[0], run.life)];
}

async function ofItems(run, log) {
  const { items } = await run.admin.items(run.board);
  return compareMaps('item', items, model.items(log));
}

async function ofStandings(run, log) {
  const { rows, total } = await readStandings(run.admin, run.board);
  const is = rows.map(({ key, rank, position, values }) => ({ key, rank, position, values }));
  const should = model.standings(log);
  return [...compare('total', total, should.length), ...should.flatMap((row, i) => compare(`row ${i + 1}`, is[i], row))];
}

async function ofSeries(run, log) {
  const times = log.map((event) => event.time);
  const range = `from=${times.reduce((a, b) => Math.min(a, b))}&to=${times.reduce((a, b) => Math.max(a, b)) + 1}`;
  const wrong = [];
  const check = (what, points, cells) => {
    const is = new Map(points.map(({ time, count, sum, min, max, first, last }) => [time, { count, sum, min, max, first, last }]));
    wrong.push(...compareMaps(what, is, cells));
  };
  for (const [step, seconds] of [['10s', 10], ['1m', 60]]) {
    for (const field of ['n', 'temp']) {
      const { groups } = await ask(run, `/v1/boards/${run.board}/series?field=${field}&step=${step}&${range}`);
      check(`${field} of all by ${step}`, groups[0].points, model.series(log, field, seconds));
    }
  }
  for (const key of model.items(log).keys()) {
    const { points } = await ask(run, `/v1/boards/${run.board}/items/${key}/series?field=temp&step=10s&${range}`);
    check(`temp of ${key}`, points, model.series(log, 'temp', 10, key));
  }
  return wrong;
}

async function ofTracks(run, log) {
  const wrong = [];
  for (const key of model.items(log).keys()) {
    const should = model.track(log, key);
    const range = `from=${should[0][0]}&to=${should.at(-1)[0] + 1}`;
    const { points } = await ask(run, `/v1/boards/${run.board}/items/${key}/track?max_points=100000&${range}`);
    if (points.length !== should.length) wrong.push(`${key} has ${points.length} fixes, not ${should.length}`);
    else wrong.push(...should.flatMap((fix, i) => compare(`fix ${i} of ${key}`, points[i], fix)));
  }
  return wrong;
}

/** Every event of alarms, the oldest first. */
async function alarmEvents(run) {
  const events = [];
  for (let after = ''; ; ) {
    const page = await ask(run, `/v1/boards/${run.board}/alarms/events?limit=100${after}`);
    events.push(...page.events);
    if (page.next === null) return events.reverse();
    after = `&after=${page.next}`;
  }
}

async function ofAlarms(run, log) {
  const is = (await alarmEvents(run)).map(({ kind, key, seen }) => `${kind} ${key} ${seen}`);
  const should = model.alarms(log);
  // Which of two items comes first may depend on how a request was looked at; what happens to one does not.
  const of = (lines) => Map.groupBy?.(lines, (line) => line.split(' ')[1]) ?? grouped(lines);
  const { alarms } = await ask(run, `/v1/boards/${run.board}/alarms`);
  const standing = new Set(alarms.map(({ key }) => key));
  const hot = new Set([...of(should)].filter(([, lines]) => lines.at(-1).startsWith('raise')).map(([key]) => key));
  return [...compareMaps('what happened to', of(is), of(should)), ...compare('what stands', [...standing].sort(), [...hot].sort())];
}

function grouped(lines) {
  const groups = new Map();
  for (const line of lines) groups.set(line.split(' ')[1], [...(groups.get(line.split(' ')[1]) ?? []), line]);
  return groups;
}

/** Each is told at least once, first tellings in order, and one that comes again is the same. */
async function ofWebhooks(run) {
  const should = (await alarmEvents(run)).map(({ id }) => id);
  const first = new Map();
  const wrong = [];
  for (const { id, event } of run.receiver.taken) {
    if (first.has(id)) wrong.push(...compare(`message ${id} again`, event, first.get(id)));
    else first.set(id, event);
  }
  const told = [...first.values()].map(({ id }) => id);
  const missing = should.filter((id) => !told.includes(id));
  if (missing.length > 0) wrong.push(`nobody was told of ${missing.slice(0, 10)}`);
  const late = told.findIndex((id, i) => i > 0 && id <= told[i - 1]);
  if (late > 0) wrong.push(`${told[late]} was told after ${told[late - 1]}`);
  return wrong.concat(told.filter((id) => !should.includes(id)).map((id) => `told of ${id}, which did not happen`));
}

function ofArchive({ store }, log) {
  store.assertWhole(log.at(-1)?.seq);
  const lines = store.manifests().flatMap(({ object }) => {
    return gunzipSync(store.objects.get(object)).toString().trim().split('\n').map((line) => JSON.parse(line));
  });
  return log.flatMap(({ seq: at, id, key, time, position, fields }, i) => {
    const { epoch: _, accepted_at: __, ...line } = lines[i] ?? {};
    return compare(`line ${i + 1}`, line, { seq: at, id, key, time, ...position, ...fields });
  });
}

function ofViewers({ viewers }, log) {
  const board = { items: model.items(log), rows: model.standings(log) };
  return viewers.flatMap((viewer) => {
    const wrong = compareMaps(`${viewer.name} has of`, ...viewer.compare(board));
    return [...viewer.complaints, ...wrong, ...(viewer.here ? [] : [`${viewer.name} is away: ${viewer.last}`])];
  });
}
