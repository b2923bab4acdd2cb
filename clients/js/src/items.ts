// The copy of a subscription to items: rules S5, S8, S9, R5.

import { place } from './cursor.js';
import type { Item, ItemsChange } from './types.js';
import type { DeltaMessage, SnapshotMessage, ToldItem } from './wire.js';

/** A copy of the items that are followed. */
export class ItemsCopy {
  /** The items by key. What was there stays until a snapshot is complete. */
  items: Map<string, Item> = new Map();
  /** Up to where the copy has everything; null before the first snapshot is complete. */
  cursor: string | null = null;
  /** The parts of a snapshot that is not complete. */
  #coming: { cursor: string; items: Map<string, Item> } | null = null;

  /** Takes a snapshot or a part of one. Null when it does not fit. */
  snapshot({ cursor, items, part }: SnapshotMessage): ItemsChange | null {
    if (part?.first ?? true) this.#coming = { cursor, items: new Map() };
    else if (this.#coming?.cursor !== cursor) return null;
    const coming = this.#coming!;
    for (const item of items) coming.items.set(item.key, whole(item));
    if (!(part?.last ?? true)) return { reset: false, changed: [], removed: [] };
    const removed = [...this.items.keys()].filter((key) => !coming.items.has(key));
    this.items = coming.items;
    this.cursor = cursor;
    this.#coming = null;
    return { reset: true, changed: [...this.items.keys()], removed };
  }

  /** Takes a delta. Null when frames before it were lost (S9): then nothing of it was taken. */
  delta(message: DeltaMessage): ItemsChange | null {
    const change: ItemsChange = { reset: false, changed: [], removed: [] };
    if (this.cursor === null) return null;
    const from = place(message.from, this.cursor);
    if (from === 'beyond' || from === 'other life') return null;
    // It says again what the client has (R5).
    if (place(message.cursor, this.cursor) === 'before') return change;
    // An item that is not known is told whole (S9), which can't be seen of it: one without fields and position has neither here.
    for (const told of message.items) {
      this.items.set(told.key, merged(this.items.get(told.key), told));
      change.changed.push(told.key);
    }
    for (const key of message.removed ?? []) {
      if (this.items.delete(key)) change.removed.push(key);
    }
    this.cursor = message.cursor;
    return change;
  }

  /** Whether a subscription that goes on at `cursor` is one of this copy. */
  resumed(cursor: string): boolean {
    return this.cursor !== null && ['same', 'before', 'unknown'].includes(place(cursor, this.cursor));
  }
}

function whole(item: Item): Item {
  return item.fields ? item : { ...(item as ToldItem & Item), fields: {} };
}

/** An item as a delta leaves it (S8): what is absent did not change; a position and a field that are null are removed. */
function merged(old: Item | undefined, told: ToldItem): Item {
  const { fields, ...rest } = told;
  const [before, said] = rest.position === null ? [old && placeless(old), placeless(rest)] : [old, rest];
  if (!fields && before) return { ...before, ...said };
  const values: Record<string, Item['fields'][string]> = { ...before?.fields };
  for (const name in fields) {
    const value = fields[name];
    if (value == null) delete values[name];
    else values[name] = value;
  }
  return { ...before, ...said, fields: values };
}

function placeless<T extends { position?: unknown }>(item: T): Omit<T, 'position'> {
  const { position: _, ...rest } = item;
  return rest;
}
