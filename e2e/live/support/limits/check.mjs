// The service's limits for one SQL statement, as its documentation has them. workerd on a machine of one's own is laxer.
// Runs in workerd and in node.

/** The largest text, blob or row: 2 MB. */
export const VALUE_BYTES = 2_000_000;
/** The longest statement. */
export const STATEMENT_BYTES = 100_000;
/** The most bound parameters of a statement. */
export const PARAMETERS = 100;

const WRITES = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP)\b/i;
const ROWS = /^\s*(?:INSERT|REPLACE|UPDATE)\b/i;
const encoder = new TextEncoder();

/** Whether a statement changes something. */
export const isWrite = (statement) => WRITES.test(statement);

/** What the service says to a statement that is over a limit; null when it is within all. */
export function refusal(statement, values) {
  if (bytes(statement) > STATEMENT_BYTES) return 'statement too long: SQLITE_TOOBIG';
  if (values.length > PARAMETERS) return 'too many SQL variables: SQLITE_ERROR';
  const sizes = values.map(bytes);
  const rows = ROWS.test(statement) ? rowsOf(statement) : [];
  const parts = rows.length > 1 ? rows.map(([from, to]) => sizes.slice(from, to)) : ROWS.test(statement) ? [sizes] : [];
  const sums = parts.map((row) => row.reduce((sum, size) => sum + size, 0));
  return [...sizes, ...sums].some((size) => size > VALUE_BYTES) ? 'string or blob too big: SQLITE_TOOBIG' : null;
}

function bytes(value) {
  if (typeof value === 'string') {
    // A unit of UTF-16 is at most three bytes of UTF-8.
    return value.length * 3 <= STATEMENT_BYTES ? value.length : encoder.encode(value).length;
  }
  return value?.byteLength ?? 8;
}

/** Which parameters belong to which row of `VALUES (?, ?), (?, ?)`. */
function rowsOf(statement) {
  const start = /\bVALUES\b/i.exec(statement);
  if (!start) return [];
  const rows = [];
  let [depth, next, first] = [0, (statement.slice(0, start.index).match(/\?/g) ?? []).length, 0];
  for (const letter of statement.slice(start.index)) {
    if (letter === '(' && depth++ === 0) first = next;
    if (letter === ')' && --depth === 0) rows.push([first, next]);
    if (letter === '?') next += 1;
  }
  return rows;
}
