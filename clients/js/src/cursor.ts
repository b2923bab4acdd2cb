// Cursors are opaque text: they are kept and sent back as they came. There is one exception, and it is here. In version 1 of the
// protocol a frame does not say whether it follows, so that rules R5 and S9 ask the client to compare. A cursor that does not look
// like those of version 1 is compared with nothing, and the server is trusted.

/** How a cursor stands to the client's own. */
export type Place = 'before' | 'same' | 'beyond' | 'other life' | 'unknown';

/** Where `cursor` stands, seen from `mine`. */
export function place(cursor: string, mine: string): Place {
  if (cursor === mine) return 'same';
  const [a, b] = [parts(cursor), parts(mine)];
  if (!a || !b) return 'unknown';
  if (a[0] !== b[0]) return 'other life';
  return a[1] < b[1] ? 'before' : 'beyond';
}

function parts(cursor: string): [string, number] | undefined {
  const found = /^(e\d+):(\d+)$/.exec(cursor);
  return found ? [found[1]!, Number(found[2])] : undefined;
}
