// What is followed on a connection, its copies, and which subscribes the server has not answered: rules L5, S1, S2, S6.

import type { Output, Wish } from './io.js';
import { ItemsCopy } from './items.js';
import { PresenceCopy } from './presence.js';
import { ScoresCopy } from './scores.js';
import type { DeltaMessage, PresenceMessage, ScoresMessage, ServerMessage, SnapshotMessage } from './wire.js';

interface Followed {
  wish: Wish;
  items: ItemsCopy;
  scores: ScoresCopy;
  presence: PresenceCopy;
  /** The rights under which the copy was made. */
  rights?: number;
  /** The copy is of what was followed before, or damaged: it stays on the screen and can't be resumed. */
  outdated: boolean;
  /** What the server follows under this number on this connection, as far as it has answered. */
  standing?: Wish;
}

/** Whether a frame fitted its copy, and how far that is. */
export interface Taken {
  fits: boolean;
  cursor: string;
}

/** Puts a message among what is to be sent. */
export function send(message: object, out: Output[]): void {
  out.push({ type: 'send', text: JSON.stringify(message) });
}

/** The subscriptions, by number. */
export class Following {
  #all = new Map<number, Followed>();
  /** Subscribes of this connection that the server has not answered: a number may be used again before its answer came. */
  #owed = new Map<number, number>();

  /** The copies of a number. */
  get(id: number): { items: ItemsCopy; scores: ScoresCopy; presence: PresenceCopy } | undefined {
    return this.#all.get(id);
  }

  /** Whether the server owes an answer for this number. */
  owes(id: number): boolean {
    return this.#owed.has(id);
  }

  /** Whether the copy is of what is asked for, or nothing is. */
  isSettled(id: number): boolean {
    return !this.#owed.has(id) && !this.#all.get(id)?.outdated;
  }

  /** Whether everything that is followed has been answered. Who is there is not waited for: the board may have to ask all its relays. */
  get isAnswered(): boolean {
    return ![...this.#all].some(([id, { wish }]) => wish.what !== 'presence' && this.#owed.has(id));
  }

  /** A connection is open: everything is asked for, from where its copy is (L5). */
  opened(out: Output[]): void {
    this.#owed.clear();
    for (const [id, f] of this.#all) {
      f.standing = undefined;
      const resume = f.wish.what === 'items' && !f.outdated ? f.items.cursor : null;
      const more = resume === null ? {} : { rewind: undefined, resume, ...(f.rights === undefined ? {} : { rights: f.rights }) };
      send({ action: 'subscribe', id, ...f.wish, ...more }, out);
      this.#owed.set(id, 1);
    }
  }

  /** The connection is no more: nothing will be answered on it. */
  closed(): void {
    this.#owed.clear();
  }

  /** Follows something, or something else. True when the server must be asked. */
  subscribe(id: number, wish: Wish): boolean {
    const f = this.#all.get(id);
    if (f && JSON.stringify(f.wish) === JSON.stringify(wish)) return false;
    // What is on the screen stays there until the answer comes; a resume would be for another set.
    if (f) Object.assign(f, { wish, outdated: true });
    else this.#all.set(id, { wish, items: new ItemsCopy(), scores: new ScoresCopy(), presence: new PresenceCopy(), outdated: true });
    return true;
  }

  /** Stops following. True when it was followed. */
  unsubscribe(id: number): boolean {
    return this.#all.delete(id);
  }

  /** Subscribes without resuming. */
  ask(id: number, out: Output[]): void {
    const f = this.#all.get(id);
    if (!f) return;
    send({ action: 'subscribe', id, ...f.wish }, out);
    this.#owed.set(id, (this.#owed.get(id) ?? 0) + 1);
  }

  /** A copy can't be gone on with; all of them without a number. */
  outdate(id?: number): void {
    for (const [number, f] of this.#all) if (id === undefined || id === number) f.outdated = true;
  }

  /** Takes a frame. Undefined when nobody follows its number any more. */
  take(message: SnapshotMessage | DeltaMessage | ScoresMessage, out: Output[]): Taken | undefined {
    switch (message.type) {
      case 'snapshot':
        return this.#snapshot(message, out);
      case 'delta':
        return this.#delta(message, out);
      case 'scores':
        return this.#scores(message, out);
    }
  }

  /** Takes who is there; whether it fits. A change of what is not here is of what was followed before. */
  present(message: PresenceMessage, out: Output[]): boolean {
    const { id, snapshot = false } = message;
    const current = snapshot && this.#owed.has(id) ? this.#answered(id) : !this.#owed.has(id);
    const f = this.#all.get(id);
    const change = f?.presence.apply(message);
    if (!f || !change) return false;
    out.push({ type: 'presence', id, change });
    if (snapshot && current) this.#settle(id, f, out);
    return true;
  }

  /** The server goes on. True when it goes on with this copy; otherwise it is asked anew. */
  resumed({ id, cursor }: ServerMessage & { type: 'resumed' | 'gap' }, out: Output[]): boolean {
    const current = this.#answered(id);
    const f = this.#all.get(id);
    if (!f) return false;
    if (f.items.resumed(cursor)) {
      f.standing = f.wish;
      if (current) out.push({ type: 'answered', id });
      return true;
    }
    if (current) {
      f.outdated = true;
      this.ask(id, out);
    }
    return false;
  }

  /** What was is told once, whatever else is asked for under this number. */
  rewound({ id, from, cursor, events }: ServerMessage & { type: 'rewind' }, out: Output[]): void {
    const f = this.#all.get(id);
    if (!f) return;
    f.wish = { ...f.wish, rewind: undefined } as Wish;
    out.push({ type: 'rewind', id, rewound: { from, cursor, events } });
  }

  /** A subscribe was refused, which is an answer too. What is followed stays as it was at the server, and so it does here. */
  refused(id: number): void {
    const f = this.#all.get(id);
    if (!this.#answered(id) || !f?.standing) return;
    f.wish = f.standing;
    f.outdated = false;
  }

  #snapshot(message: SnapshotMessage, out: Output[]): Taken | undefined {
    const { id, cursor, unasked = false, part } = message;
    const last = part?.last ?? true;
    const current = last && !unasked ? this.#answered(id) : !this.#owed.has(id);
    const f = this.#all.get(id);
    if (!f) return undefined;
    f.rights = message.rights;
    const change = f.items.snapshot(message);
    if (change && last) out.push({ type: 'items', id, change });
    if (change && last && current) this.#settle(id, f, out);
    return { fits: change !== null, cursor };
  }

  #delta(message: DeltaMessage, out: Output[]): Taken | undefined {
    const f = this.#all.get(message.id);
    if (!f) return undefined;
    const change = f.items.delta(message);
    if (change && (change.changed.length || change.removed.length)) out.push({ type: 'items', id: message.id, change });
    return { fits: change !== null, cursor: f.items.cursor ?? message.cursor };
  }

  #scores(message: ScoresMessage, out: Output[]): Taken | undefined {
    const { id, cursor } = message;
    const isSnapshot = ScoresCopy.isSnapshot(message);
    const current = isSnapshot && this.#owed.has(id) ? this.#answered(id) : !this.#owed.has(id);
    const f = this.#all.get(id);
    if (!f) return undefined;
    const change = f.scores.apply(message);
    if (change) out.push({ type: 'scores', id, change });
    if (change && isSnapshot && current) this.#settle(id, f, out);
    return { fits: change !== null, cursor };
  }

  /** The copy is of what was asked for. */
  #settle(id: number, f: Followed, out: Output[]): void {
    f.outdated = false;
    f.standing = f.wish;
    out.push({ type: 'answered', id });
  }

  /** The server has answered a subscribe; true when it was the last one that this number waited for. */
  #answered(id: number): boolean {
    const owed = this.#owed.get(id) ?? 0;
    if (owed > 1) this.#owed.set(id, owed - 1);
    else this.#owed.delete(id);
    return owed <= 1;
  }
}
