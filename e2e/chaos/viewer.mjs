// Viewers that come back: each follows something in its way, is cut off, and goes on from where it was.

import { setTimeout as sleep } from 'node:timers/promises';

import { BINARY_FEED, Feed } from '../live/support/feed.mjs';
import { Scoreboard } from '../live/support/scoreboard.mjs';
import { BinaryCopy, acknowledge, decode, subscribe } from './binary.mjs';

/** Without a word for so long, a viewer asks whether anybody is there; without an answer for as long again it comes anew. */
const SILENCE_MS = 2_500;
const CONNECT_MS = 4_000;
const ANSWER_MS = 6_000;
/** Rows of the ranking that are followed. */
const TOP = 20;

/** What all viewers do: connect, follow, notice the end, come back. */
class Viewer {
  running = true;
  /** Whether it is connected and follows. */
  here = false;
  /** How often it came back, and how often it could not go on from where it was. */
  returns = 0;
  gaps = 0;
  complaints = [];

  constructor(at, board, name) {
    Object.assign(this, { at, board, name });
  }

  async run() {
    for (; this.running; this.returns += 1) {
      try {
        const protocols = this.protocols;
        this.feed = await Feed.open(this.at, this.board, { ...(protocols && { protocols }), credential: this.at.adminKey, handshakeTimeout: CONNECT_MS });
        await this.follow();
        this.here = true;
        await this.#stay();
      } catch (error) {
        this.last = String(error.message ?? error).slice(0, 300);
      }
      this.here = false;
      this.leave();
      this.feed?.drop();
      await sleep(100 + Math.random() * 300);
    }
  }

  /** Until the connection is over. */
  async #stay() {
    let [heard, asked] = [Date.now(), 0];
    let seen = 0;
    while (this.running && this.feed.closed === null) {
      await sleep(50);
      const count = this.feed.messages.length + this.feed.texts.length;
      if (count !== seen) [seen, heard, asked] = [count, Date.now(), 0];
      this.look();
      if (Date.now() - heard < SILENCE_MS) continue;
      if (asked === 0) {
        asked = Date.now();
        this.feed.send('ping');
      } else if (Date.now() - asked > SILENCE_MS) return;
    }
  }

  /** Looks at what came. */
  look() {}
  /** The connection is over. */
  leave() {}

  stop() {
    this.running = false;
    this.feed?.drop();
  }
}

/** Follows items in JSON: everything, or what `wish` says. */
export class JsonViewer extends Viewer {
  constructor(at, board, name, wish, fits) {
    super(at, board, name);
    Object.assign(this, { wish, fits });
  }

  async follow() {
    const { feed } = this;
    const resume = {};
    if (this.copy) {
      feed.replicas.set(1, this.copy);
      Object.assign(resume, { resume: this.copy.cursor });
    }
    const answered = feed.subscribe(1, { ...this.wish, ...resume });
    await Promise.race([answered, late()]);
    if (feed.messages.some((m) => m.type === 'gap')) this.gaps += 1;
  }

  look() {
    const { feed } = this;
    const copy = feed.replica(1);
    if (feed.hole) {
      this.complaints.push(`${this.name}: a hole ${JSON.stringify(feed.hole)}`);
      feed.hole = undefined;
    }
    // Boards of a run are small: snapshots come whole.
    if (copy) this.copy = copy;
    if (feed.messages.length > 200) feed.messages.length = 0;
  }

  leave() {
    // What came with the last piece counts too.
    if (this.feed?.replica(1)) this.look();
  }

  /** What it has, and what it should have of a board. */
  compare({ items }) {
    return [this.copy?.items ?? new Map(), new Map([...items].filter(([, item]) => this.fits(item)))];
  }
}

/** Follows everything in binary. */
export class BinaryViewer extends Viewer {
  protocols = [BINARY_FEED];
  copy = new BinaryCopy();

  async follow() {
    this.seen = 0;
    const { feed } = this;
    feed.send(subscribe(this.copy));
    const start = Date.now();
    for (this.answered = false; !this.answered; ) {
      if (Date.now() - start > ANSWER_MS || feed.closed !== null) throw new Error('no answer');
      await sleep(20);
      this.look();
    }
    feed.send(acknowledge(this.copy));
  }

  look() {
    for (; this.seen < this.feed.messages.length; this.seen += 1) {
      const { bytes } = this.feed.messages[this.seen];
      // A message is looked at once.
      this.feed.messages[this.seen] = {};
      try {
        const message = decode(bytes);
        if (message.type === 'gap') this.gaps += 1;
        this.copy.take(message);
        if (message.type === 'resumed' || (message.type === 'snapshot' && message.part.last)) this.answered = true;
      } catch (error) {
        this.complaints.push(`${this.name}: ${error.message}`);
        this.copy = new BinaryCopy();
        throw error;
      }
    }
  }

  leave() {
    if (this.feed) this.look();
  }

  /** The binary mode does not tell an item's `seq`. */
  compare({ items }) {
    const plain = [...items].map(([key, { seq: _, ...item }]) => [key, item]);
    return [this.copy.items, new Map(plain)];
  }
}

/** Follows the first rows of the ranking. */
export class ScoresViewer extends Viewer {
  async follow() {
    const opened = Scoreboard.open(this.feed, 1, { top: TOP });
    this.rows = await Promise.race([opened, late()]);
  }

  look() {
    this.rows.read();
  }

  compare({ rows }) {
    const of = (list) => new Map(list.map(({ key, values }, i) => [`row ${i + 1}`, [key, ...values]]));
    return [of(this.rows?.top ?? []), of(rows.slice(0, TOP))];
  }
}

async function late() {
  await sleep(ANSWER_MS, undefined, { ref: false });
  throw new Error('no answer');
}
