// All ranks of a scoreboard, page by page, and a ranking counted the plain way to compare them with.

import assert from 'node:assert/strict';

/** Every row of a scoreboard, read in pages of `top`; answers `{rows, total, about}`. */
export async function standings(client, board, { query = '', top = 500 } = {}) {
  const rows = [];
  let cursor;
  for (let offset = 0; offset !== null; ) {
    const { status, body } = await client.get(`/v1/boards/${board}/scores?top=${top}&offset=${offset}${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    cursor ??= body.cursor;
    assert.equal(body.cursor, cursor, 'nothing is sent while the pages are read');
    rows.push(...body.rows);
    offset = body.next;
    if (offset === null) return { rows, total: body.total, about: body.about };
  }
}

/**
 * Ranks `[{key, values, reached}]` by sorting: `directions` are `asc` or `desc` per column, `ties` is the
 * rule for equals; those that it keeps equal stand in the order of their keys. Answers `[{key, rank, position, values}]`. Numbers must be exact, so count in whole millionths.
 */
export function rank(entries, directions, ties) {
  const columns = (a, b) => {
    for (const [i, direction] of directions.entries()) {
      if (a.values[i] !== b.values[i]) return (a.values[i] < b.values[i]) === (direction === 'asc') ? -1 : 1;
    }
    return 0;
  };
  const first = (a, b) => (ties === 'first_to_reach' ? a.reached - b.reached : 0) || (a.key < b.key ? -1 : 1);
  const sorted = [...entries].sort((a, b) => columns(a, b) || first(a, b));
  let rank = 0;
  return sorted.map((entry, i) => {
    const equal = i > 0 && columns(sorted[i - 1], entry) === 0;
    if (ties === 'first_to_reach' || (ties === 'shared' && !equal)) rank = i + 1;
    if (ties === 'dense' && !equal) rank += 1;
    return { key: entry.key, rank, position: i + 1, values: entry.values };
  });
}

/** Asserts that a board's rows are what was counted: every key, rank and value, in order where `ordered`. */
export function assertRanks({ rows, total }, expected, { scale = 1, ordered = true } = {}) {
  assert.equal(total, expected.length);
  assert.equal(rows.length, expected.length);
  const by = (list) => (ordered ? list : [...list].sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1)));
  const mine = by(expected).map((r) => [r.rank, r.key, ...r.values]);
  const theirs = by(rows).map((r) => [r.rank, r.key, ...r.values.map((v) => Math.round(v * scale))]);
  // A few lines tell more than thousands.
  const wrong = mine.findIndex((row, i) => row.join() !== theirs[i].join());
  assert.deepEqual(theirs.slice(wrong, wrong + 3), mine.slice(wrong, wrong + 3), `row ${wrong}`);
  assert.equal(wrong, -1);
  assert.deepEqual(rows.map((r) => r.position), expected.map((_, i) => i + 1));
}
