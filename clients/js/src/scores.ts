// The copy of a subscription to a ranking: "Applying moves" of section G.

import type { AboutScores, ScoreRow, ScoresChange } from './types.js';
import type { ListMessage, ScoresMessage } from './wire.js';

/** A copy of the rows that are followed. */
export class ScoresCopy {
  /** The rows from the top, in order. */
  top: readonly ScoreRow[] = [];
  /** The rows around the key that was asked for; empty when none was, or it has no rank. */
  around: readonly ScoreRow[] = [];
  /** How many keys have a rank. */
  total = 0;
  /** Columns, sessions, groups, and whether it is frozen; null before the first snapshot. */
  about: AboutScores | null = null;
  /** The board as of here; null before the first snapshot. */
  cursor: string | null = null;

  /** Whether a frame is a snapshot: then its lists are whole. */
  static isSnapshot({ top, around }: ScoresMessage): boolean {
    return top?.rows !== undefined || around?.rows !== undefined;
  }

  /** Takes a frame. Null when it does not fit: then nothing of it was taken. */
  apply(message: ScoresMessage): ScoresChange | null {
    const reset = ScoresCopy.isSnapshot(message);
    if (!reset && this.cursor === null) return null;
    const about = message.about ?? this.about;
    const changed = new Set<string>();
    const removed = new Set<string>();
    const ties = about?.ties;
    const top = message.top ? list(this.top, message.top, ties, changed, removed) : reset ? [] : this.top;
    const around = message.around ? list(this.around, message.around, ties, changed, removed) : reset ? [] : this.around;
    if (!top || !around) return null;
    if (reset) for (const row of [...this.top, ...this.around]) removed.add(row.key);
    for (const row of [...top, ...around]) removed.delete(row.key);
    this.top = top;
    this.around = around;
    this.about = about;
    this.total = message.total;
    this.cursor = message.cursor;
    return { reset, changed: [...changed], removed: [...removed] };
  }
}

type Ties = AboutScores['ties'] | undefined;

/** The list as the message leaves it; undefined when it does not fit. */
function list(
  old: readonly ScoreRow[],
  message: ListMessage,
  ties: Ties,
  changed: Set<string>,
  removed: Set<string>,
): readonly ScoreRow[] | undefined {
  if (message.rows) {
    for (const row of message.rows) changed.add(row.key);
    return message.rows;
  }
  const moves = message.moves ?? [];
  const was = new Map(old.map((row) => [row.key, row]));
  const gone = new Set(message.removed ?? []);
  // What leaves must be there, and so must be what moves.
  if ([...gone].some((key) => !was.has(key))) return undefined;
  if (moves.some((move) => move.from !== null && (gone.has(move.key) || !was.has(move.key)))) return undefined;
  const moved = new Set(moves.map((move) => move.key));
  const rows = old.filter((row) => !gone.has(row.key) && !moved.has(row.key));
  for (const { from, to, ...row } of [...moves].sort((a, b) => a.to - b.to)) {
    const at = to - message.first;
    if (at < 0 || at > rows.length) return undefined;
    rows.splice(at, 0, (from === null ? row : { ...was.get(row.key), ...row }) as ScoreRow);
    changed.add(row.key);
  }
  gone.forEach((key) => removed.add(key));
  return numbered(rows, message, ties);
}

/** Positions, ranks and ties of rows in order, of which the message says where they begin. */
function numbered(rows: ScoreRow[], { first, rank, above, below }: ListMessage, ties: Ties): ScoreRow[] {
  let now = rank ?? 0;
  return rows.map((row, i) => {
    const position = first + i;
    const likeBefore = i > 0 ? same(rows[i - 1]!, row) : above;
    const likeAfter = i + 1 < rows.length ? same(rows[i + 1]!, row) : below;
    if (i > 0) {
      const shares = likeBefore && (ties === 'shared' || ties === 'dense');
      if (!shares) now = ties === 'dense' ? now + 1 : position;
    }
    const tied = likeBefore || likeAfter;
    const stays = row.position === position && row.rank === now && row.tied === tied;
    return stays ? row : { ...row, position, rank: now, tied };
  });
}

function same(a: ScoreRow, b: ScoreRow): boolean {
  return a.values.length === b.values.length && a.values.every((value, i) => value === b.values[i]);
}
