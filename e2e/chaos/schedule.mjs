// What goes wrong when: a function of the seed and the length alone.
//
// Each lane does one thing after the other; the lanes go on side by side, so that a slow store meets a kill and a cut
// connection meets a full disk. In a lane every kind comes once before one comes again.

import { Random } from './random.mjs';

/** By lane: its pauses, and of each kind how long it lasts, in milliseconds, and what else is drawn: `[from, to]`. */
export const LANES = {
  // One process: what is done to it can't overlap.
  server: {
    pause: [1_500, 6_000],
    kinds: {
      kill: { for: [0, 1_500] },
      freeze: { for: [300, 8_000] },
      disk: { for: [1_000, 4_000], kib: [16, 256] },
      ahead: { for: [0, 0], seconds: [1, 120] },
      back: { for: [0, 0], seconds: [1, 5] },
      // The server's time stands still until it has caught up.
      behind: { for: [0, 500], seconds: [2, 10] },
    },
  },
  net: {
    pause: [500, 3_000],
    kinds: {
      cut: { for: [0, 0], percent: [20, 100] },
      delay: { for: [1_000, 6_000], ms: [20, 400] },
      mute: { for: [500, 9_000] },
      deaf: { for: [500, 4_000] },
    },
  },
  objects: {
    pause: [1_000, 5_000],
    kinds: {
      relays: { for: [0, 0] },
      board: { for: [0, 0] },
      registry: { for: [0, 0] },
      pushes_fail: { for: [500, 4_000] },
      pushes_late: { for: [500, 4_000], ms: [200, 2_500] },
    },
  },
  store: {
    pause: [500, 4_000],
    kinds: { slow: { for: [1_000, 6_000] }, fail: { for: [500, 4_000] }, forget: { for: [500, 3_000] }, reset: { for: [500, 3_000] } },
  },
  receiver: {
    pause: [1_000, 8_000],
    kinds: { refuse: { for: [200, 2_000] }, hold: { for: [500, 6_000] }, forget: { for: [200, 2_000] } },
  },
};

/** Faults in the order of their beginnings, all over before `ms`: `{at, lane, kind, for, …}`, times in milliseconds. */
export function schedule(seed, ms) {
  const faults = [];
  for (const [lane, { pause, kinds }] of Object.entries(LANES)) {
    const random = new Random(seed, lane);
    let at = 0;
    for (let bag = []; ; ) {
      if (bag.length === 0) bag = random.shuffled(Object.keys(kinds));
      at += random.whole(...pause);
      const kind = bag.pop();
      const drawn = Object.entries(kinds[kind]).map(([name, range]) => [name, random.whole(...range)]);
      const fault = { at, lane, kind, ...Object.fromEntries(drawn) };
      at += fault.for;
      if (at >= ms) break;
      faults.push(fault);
    }
  }
  return faults.sort((a, b) => a.at - b.at);
}

/** A fault as a line: `  12.3 s  server   freeze 800 ms`. */
export function told({ at, lane, kind, for: ms, ...more }) {
  const rest = Object.entries(more).map(([name, value]) => `${name} ${value}`).join(', ');
  const lasts = ms > 0 ? ` ${ms} ms` : '';
  return `${(at / 1000).toFixed(1).padStart(6)} s  ${lane.padEnd(8)} ${kind}${lasts}${rest ? ` (${rest})` : ''}`;
}
