// A viewer's copy of scoreboard rows in JSON mode, kept as docs/protocol.md says: take out what was removed and what
// moved, then put what moved in by ascending place.

import { eventually } from './wait.mjs';

/** The rows of one scores subscription of a `Feed`. */
export class Scoreboard {
  top = [];
  around = [];
  about = null;
  snapshots = 0;
  frames = 0;
  #seen = 0;

  constructor(feed, id) {
    this.feed = feed;
    this.id = id;
  }

  /** Subscribes and waits for the rows. */
  static async open(feed, id, wish = {}) {
    const board = new Scoreboard(feed, id);
    feed.send({ action: 'subscribe', id, what: 'scores', ...wish });
    await eventually(() => board.read().snapshots > 0, () => `a snapshot of scores ${id}: ${JSON.stringify(feed.messages.slice(-3))}`);
    return board;
  }

  /** Takes the messages that came since. */
  read() {
    for (const m of this.feed.messages.slice(this.#seen)) {
      this.#seen += 1;
      if (m.type !== 'scores' || m.id !== this.id) continue;
      this.frames += 1;
      this.total = m.total;
      this.cursor = m.cursor;
      if (m.about) this.about = m.about;
      if (m.top?.rows) {
        this.snapshots += 1;
        this.top = [];
        this.around = [];
      }
      if (m.top) this.top = apply(this.top, m.top);
      if (m.around) this.around = apply(this.around, m.around);
    }
    return this;
  }

  /** The rows once they fit. */
  async until(fits, what) {
    const told = () => `${what}: ${JSON.stringify(this.top.map((r) => [r.key, r.values]))} ${JSON.stringify(this.about?.session)}`;
    await eventually(() => fits(this.read()), told);
    return this;
  }

  keys() {
    return this.top.map((row) => row.key);
  }
}

function apply(rows, list) {
  if (list.rows) return list.rows;
  const known = new Map(rows.map((row) => [row.key, row]));
  const out = new Set([...list.removed, ...list.moves.map((move) => move.key)]);
  const left = rows.filter((row) => !out.has(row.key));
  for (const move of list.moves) left.splice(move.to - list.first, 0, { ...known.get(move.key), ...move });
  return left;
}
