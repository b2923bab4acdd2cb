// What a program holds of a subscription: its copy, and the promises of its answers.

import { Emitter } from './emitter.js';
import type { HeliographError } from './error.js';
import type { Wish } from './io.js';
import type { ItemsCopy } from './items.js';
import type { PresenceCopy } from './presence.js';
import type { ScoresCopy } from './scores.js';
import type { AboutScores, Item, ItemsChange, ItemsWish, Member, PresenceChange, PresenceWish, Rewound, ScoreRow, ScoresChange, ScoresWish } from './types.js';

interface Events<Change> {
  /** The copy changed. */
  change: Change;
  /** What was before the first `change`, where the subscription asked for it (`rewind`). */
  rewind: Rewound;
  /** Changes were lost to this subscription: a snapshot follows, and what happened in between is not told. */
  gap: void;
  /** The server refused what was asked for. */
  error: HeliographError;
}

/** What a subscription asks of its feed. @internal */
export interface Shell<Copy> {
  copy(): Copy | undefined;
  ask(wish: Wish): void;
  drop(): void;
}

abstract class Subscription<Copy extends { cursor: string | null }, Change> extends Emitter<Events<Change>> {
  /** @internal */
  readonly shell: Shell<Copy>;
  /** The copy stays readable after the end. */
  #last: Copy | undefined;
  #waiting: { done: () => void; failed: (error: HeliographError) => void }[] = [];
  #ended: HeliographError | null = null;
  #ready: Promise<void>;

  /** @internal */
  constructor(shell: Shell<Copy>) {
    super();
    this.shell = shell;
    this.#ready = this.next();
  }

  /** Resolves when the copy is of what was asked for; rejects when the server refuses it, or the feed ended before. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** The board as of here; null before the first snapshot. */
  get cursor(): string | null {
    return this.copy?.cursor ?? null;
  }

  /** Stops following. What was there stays readable. */
  close(): void {
    this.#last = this.copy;
    this.shell.drop();
  }

  /** @internal */
  get copy(): Copy | undefined {
    return this.shell.copy() ?? this.#last;
  }

  /** A promise of the next answer. @internal */
  protected next(): Promise<void> {
    const promise = new Promise<void>((done, failed) => {
      if (this.#ended) failed(this.#ended);
      else this.#waiting.push({ done, failed });
    });
    // A program that does not wait for it hears of a refusal by the event.
    promise.catch(() => {});
    this.#ready = promise;
    return promise;
  }

  /** @internal */
  answered(error?: HeliographError, ended = false): void {
    if (error && ended) this.#ended = error;
    for (const { done, failed } of this.#waiting.splice(0)) error ? failed(error) : done();
    if (error && !ended) this.emit('error', error);
  }

  /** @internal */
  abstract changed(change: Change): void;
}

/** Items that are followed. */
export class Items extends Subscription<ItemsCopy, ItemsChange> {
  #list: readonly Item[] | null = null;

  /** How many there are. */
  get size(): number {
    return this.copy?.items.size ?? 0;
  }

  /** The item of a key. */
  get(key: string): Item | undefined {
    return this.copy?.items.get(key);
  }

  /** All of them. It is the same array until something changes. */
  list(): readonly Item[] {
    return (this.#list ??= [...(this.copy?.items.values() ?? [])]);
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.list()[Symbol.iterator]();
  }

  /** Follows something else under the same subscription. Resolves when the copy is of that. */
  update(wish: ItemsWish): Promise<void> {
    const answer = this.next();
    this.shell.ask({ what: 'items', ...wish });
    return answer;
  }

  /** @internal */
  override changed(change: ItemsChange): void {
    this.#list = null;
    this.emit('change', change);
  }
}

/** What there is of a ranking at one moment. */
export interface Ranking {
  /** The rows from the top, in order. */
  readonly rows: readonly ScoreRow[];
  /** The rows around the key that was asked for; empty when none was, or it has no rank. */
  readonly around: readonly ScoreRow[];
  /** How many keys have a rank. */
  readonly total: number;
  /** Columns, sessions, groups, and whether it is frozen; null before the first snapshot. */
  readonly about: AboutScores | null;
}

/** Rows of a ranking that are followed. */
export class Scores extends Subscription<ScoresCopy, ScoresChange> {
  #ranking: Ranking | null = null;

  /** The rows, and what is said about them. It is the same object until something changes. */
  ranking(): Ranking {
    const { top = [], around = [], total = 0, about = null } = this.copy ?? {};
    return (this.#ranking ??= { rows: top, around, total, about });
  }

  /** Follows other rows under the same subscription. Resolves when the copy is of those. */
  update(wish: ScoresWish): Promise<void> {
    const answer = this.next();
    this.shell.ask({ what: 'scores', ...wish });
    return answer;
  }

  /** @internal */
  override changed(change: ScoresChange): void {
    this.#ranking = null;
    this.emit('change', change);
  }
}

/** Who is there, followed. */
export class Presence extends Subscription<PresenceCopy, PresenceChange> {
  /** How many connections are there; null before the server said it. */
  get count(): number | null {
    return this.copy?.count ?? null;
  }

  /** Those with a name, up to 200; null where names are not told. It is the same map until something changes. */
  get members(): ReadonlyMap<string, Member> | null {
    return this.copy?.members ?? null;
  }

  /** Follows it at another pace. */
  update(wish: PresenceWish): Promise<void> {
    const answer = this.next();
    this.shell.ask({ what: 'presence', ...wish });
    return answer;
  }

  /** @internal */
  override changed(change: PresenceChange): void {
    this.emit('change', change);
  }
}
