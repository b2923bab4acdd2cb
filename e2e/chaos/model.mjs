// What a board must say, counted the plain way from its log.

import { rank } from '../live/support/standings.mjs';

/** The rule of alarms of a run. Between the two nothing happens. */
export const RULE = { name: 'Too hot', where: ['temp:gt:80'], clear_where: ['temp:lt:75'] };

/** The latest state of each key: `{key, time, seq, position, fields}`. A late event changes nothing. */
export function items(log) {
  const all = new Map();
  for (const { key, time, seq, position, fields } of log) {
    const old = all.get(key);
    if (old && time < old.time) continue;
    const merged = { ...old?.fields, ...fields };
    for (const [name, value] of Object.entries(merged)) if (value === null) delete merged[name];
    all.set(key, { key, time, seq, position, fields: merged });
  }
  return all;
}

/** The ranking by the sum of `points`, ties by who got there first. */
export function standings(log) {
  const inOrder = [...log].sort((a, b) => a.time - b.time || a.seq - b.seq);
  const entries = new Map();
  for (const [reached, { key, fields }] of inOrder.entries()) {
    const entry = entries.get(key) ?? { key, values: [0], reached: 0 };
    entry.values[0] += fields.points;
    if (fields.points !== 0) entry.reached = reached;
    entries.set(key, entry);
  }
  return rank([...entries.values()], ['desc'], 'first_to_reach');
}

/** A field's buckets of so many seconds, of one key or of all: bucket time to `{count, sum, min, max, first, last}`. */
export function series(log, field, seconds, key) {
  const cells = new Map();
  const inOrder = log.filter((event) => key === undefined || event.key === key).sort((a, b) => a.time - b.time || a.seq - b.seq);
  for (const { time, fields } of inOrder) {
    const value = fields[field];
    const at = time - (time % (seconds * 1000));
    const cell = cells.get(at) ?? { count: 0, sum: 0, min: value, max: value, first: value };
    cell.count += 1;
    cell.sum += value;
    cell.min = Math.min(cell.min, value);
    cell.max = Math.max(cell.max, value);
    cell.last = value;
    cells.set(at, cell);
  }
  return cells;
}

/** A key's track: `[time, lat, lon, speed, heading]` by time. Of two fixes of one time the one that came last stands. */
export function track(log, key) {
  const fixes = new Map();
  for (const event of log) {
    if (event.key !== key) continue;
    const { lat, lon, speed, heading } = event.position;
    fixes.set(event.time, [event.time, lat, lon, speed, heading]);
  }
  return [...fixes.values()].sort((a, b) => a[0] - b[0]);
}

/** What happens by `RULE`, in the order of the log: `raise key seen` and `clear key seen`. */
export function alarms(log) {
  const [latest, hot, told] = [new Map(), new Set(), []];
  for (const { key, time, fields } of log) {
    if (time < (latest.get(key) ?? 0)) continue;
    latest.set(key, time);
    const kind = hot.has(key) ? fields.temp < 75 && 'clear' : fields.temp > 80 && 'raise';
    if (!kind) continue;
    if (kind === 'raise') hot.add(key);
    else hot.delete(key);
    told.push(`${kind} ${key} temp=${fields.temp}`);
  }
  return told;
}
