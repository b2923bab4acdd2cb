// The messages of the server in the JSON mode, version 1 (docs/protocol.md, "JSON").

import type { AboutScores, IngestAnswer, Item, Member, Rewound, ScoreRow } from './types.js';

export interface SnapshotMessage {
  type: 'snapshot';
  id: number;
  cursor: string;
  rights?: number;
  items: Item[];
  part?: { first: boolean; last: boolean };
  unasked?: boolean;
}

/** An item in a delta: whole, or what changed of it; a field with null is removed. */
export type ToldItem = Pick<Item, 'key' | 'time' | 'seq' | 'position'> & { fields?: Record<string, Item['fields'][string] | null> };

export interface DeltaMessage {
  type: 'delta';
  id: number;
  from: string;
  cursor: string;
  items: ToldItem[];
  removed?: string[];
}

/** A row that moved: with `from` it keeps its name and groups, without it comes whole. */
export type Move = { key: string; from: number | null; to: number } & Partial<ScoreRow>;

/** A list of a scores frame: `rows` in a snapshot, else `removed` and `moves`. */
export interface ListMessage {
  first: number;
  rank: number | null;
  above: boolean;
  below: boolean;
  rows?: ScoreRow[];
  removed?: string[];
  moves?: Move[];
}

export interface ScoresMessage {
  type: 'scores';
  id: number;
  cursor: string;
  total: number;
  about?: AboutScores;
  top?: ListMessage;
  around?: ListMessage;
}

/** Who is there: all of it in a snapshot, else what changed. */
export interface PresenceMessage {
  type: 'presence';
  id: number;
  cursor: string;
  snapshot?: boolean;
  count: number;
  joined?: number;
  left?: number;
  members?: Member[];
  gone?: string[];
}

export type ServerMessage =
  | SnapshotMessage
  | DeltaMessage
  | ScoresMessage
  | PresenceMessage
  | { type: 'resumed' | 'gap'; id: number; cursor: string }
  | ({ type: 'rewind'; id: number } & Rewound)
  | { type: 'status'; time: number; cursor: string; viewers: number; lag_ms: number; connection?: string }
  | { type: 'message'; data: string }
  | { type: 'error'; code: string; message: string; id?: number; action?: string }
  | { type: 'bye'; code: number; reason: string; reconnect: boolean }
  | { type: 'published'; id: number; answer: IngestAnswer };

/** The subprotocol of the JSON mode. */
export const SUBPROTOCOL = 'heliograph.v1.json';

/** A message of the server; undefined for text that is none, such as one that was damaged. */
export function read(text: string): ServerMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof (message as ServerMessage | null)?.type === 'string' ? (message as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** How many bytes a text is on the wire. */
export function bytes(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Two units of a pair are four bytes together: two each.
    if (unit > 0x7f) n += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return n;
}
