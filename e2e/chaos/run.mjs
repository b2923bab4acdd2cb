// One run: everybody at work while the schedule is carried out, then quiet, then the comparison.

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { differences } from './agree.mjs';
import { FAULTS } from './faults.mjs';
import { startPlace } from './place.mjs';
import { Producer, WAYS } from './producer.mjs';
import { Random } from './random.mjs';
import { LANES, schedule, told } from './schedule.mjs';
import { BinaryViewer, JsonViewer, ScoresViewer } from './viewer.mjs';

/** When all faults are over, everything must be quiet within this time. A webhook that failed twice waits for 30 s. */
const SETTLE_MS = 120_000;
/** After the last kill producers go on for a moment. */
const AGAIN_MS = 1_000;

/**
 * Runs for so long and answers `{differences, counts, log}`. `say` is told each fault when it is over. `kinds` leaves only these of
 * the schedule (`lane.kind`), to look for a cause. `after` may look at everybody before they go.
 */
export async function run({ seed, ms, say = () => {}, kinds, after }) {
  const place = await startPlace();
  try {
    const producers = WAYS.map((way) => new Producer(place.through, place.board, way, new Random(seed, way)));
    const viewers = audience(place);
    const watching = viewers.map((viewer) => viewer.run());
    const faults = schedule(seed, ms).filter(({ lane, kind }) => !kinds || kinds.includes(`${lane}.${kind}`));
    const everybody = { ...place, producers, viewers };
    const start = Date.now();
    const lanes = Object.keys(LANES).map((lane) => carryOut(place, faults, lane, { seed, start, say }));
    const found = await work(everybody, Promise.all([...lanes, sleep(ms)]));
    // What is on the disk says the same as what was in memory, and everything goes on from there.
    say('and once more after a last kill');
    await place.server.kill9();
    await place.server.restart();
    const again = await work(everybody, sleep(AGAIN_MS));
    found.push(...again.filter((text) => !found.includes(text)).map((text) => `after a last kill, ${text}`));
    await after?.(everybody);
    for (const viewer of viewers) viewer.stop();
    await Promise.all(watching);
    return { differences: found, counts: counts(everybody, faults), log: place.server.log() };
  } finally {
    await place.stop();
  }
}

/** Viewers of every kind, enough for several relays. */
function audience({ through, board }) {
  const json = (name, wish, fits) => new JsonViewer(through, board, name, wish, fits);
  const box = [-97.745, 30.255, -97.735, 30.265];
  const within = ({ position: { lat, lon } }) => lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3];
  const keys = ['keyed-0', 'keyed-1', 'socket-3'];
  return [
    json('viewer of all', {}, () => true),
    json('viewer of some keys', { keys }, ({ key }) => keys.includes(key)),
    json('viewer of a box', { bbox: box }, within),
    json('viewer of what is hot', { where: ['temp:gt:80'] }, ({ fields }) => fields.temp > 80),
    json('patient viewer', { every_ms: 700 }, () => true),
    new BinaryViewer(through, board, 'binary viewer'),
    new BinaryViewer(through, board, 'other binary viewer'),
    new ScoresViewer(through, board, 'viewer of the ranking'),
  ];
}

async function carryOut(place, faults, lane, { seed, start, say }) {
  const random = new Random(seed, `${lane} done`);
  for (const fault of faults.filter((f) => f.lane === lane)) {
    // One that took longer than planned, as a restart may, delays those behind it.
    await sleep(Math.max(0, start + fault.at - Date.now()));
    const said = await FAULTS[lane][fault.kind](place, fault, random);
    say(`${told(fault)}${said ? `: ${said}` : ''}`);
  }
}

/** Producers send until something is over. Then it becomes quiet, and what differs is answered. */
async function work(everybody, until) {
  const { producers } = everybody;
  for (const producer of producers) producer.running = true;
  const working = Promise.all(producers.map((producer) => producer.run()));
  await until;
  for (const producer of producers) producer.running = false;
  const late = await quiet(everybody, working);
  // Whoever has no answer now gives up.
  for (const producer of producers) producer.over = true;
  await working;
  for (const producer of producers) producer.over = false;
  return late.concat(await differences(everybody));
}

/** Waits until nothing is under way any more; what does not come to rest is a difference. */
async function quiet({ admin, board, viewers }, working) {
  const end = Date.now() + SETTLE_MS;
  const ask = async (path) => (await admin.get(`/v1/boards/${board}/${path}`)).body;
  const waits = {
    'the producers are answered': () => Promise.race([working.then(() => true), sleep(50).then(() => false)]),
    'the archive has everything': async () => {
      const { backlog, state } = await ask('archive');
      return backlog.records === 0 && state === 'idle';
    },
    'the webhook is told of everything': async () => (await ask('webhooks/ops')).waiting === 0,
    'the viewers have come to the end': async () => {
      const state = { items: (await admin.items(board)).items, rows: (await ask('scores?top=20')).rows };
      return viewers.every((viewer) => viewer.here && isDeepStrictEqual(...viewer.compare(state)));
    },
  };
  const late = [];
  for (const [what, isSo] of Object.entries(waits)) {
    while (!(await isSo().catch(() => false))) {
      if (Date.now() > end) {
        late.push(`rest: not within ${SETTLE_MS / 1000} s: ${what}`);
        break;
      }
      await sleep(100);
    }
  }
  return late;
}

function counts({ producers, viewers, store, receiver }, faults) {
  const sum = (list, of) => list.reduce((all, one) => all + of(one), 0);
  return {
    faults: faults.length,
    events: sum(producers, (p) => p.acknowledged.size),
    'requests without an answer': sum(producers, (p) => p.unanswered),
    'returns of viewers': sum(viewers, (v) => v.returns),
    'of them with a gap': sum(viewers, (v) => v.gaps),
    'objects in the archive': store.objects.size,
    'messages of webhooks': receiver.taken.length,
  };
}
