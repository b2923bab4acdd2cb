// What is sent to a board where its costs are measured: many ordinary items, wide ones, much log, times out of order.

import assert from 'node:assert/strict';

export const T0 = Date.parse('2026-11-20T08:00:00Z');
const FILLER = 'abcdefghijklmnopqrstuvwxyz'.repeat(40);

/** An ordinary vehicle. */
export const ordinary = (i) => ({
  key: `vehicle-${i}`,
  time: T0 + (i % 60_000),
  position: { lat: 30 + (i % 1_000) / 1_000, lon: -97 - (i % 777) / 1_000, heading: i % 360, speed: (i % 300) / 10 },
  fields: { fuel: (i % 1_000) / 10, route: String(i % 80) },
});

/** Texts as long as they may be, in so many fields from `first` on. */
export const texts = (n, first = 0) =>
  Object.fromEntries(Array.from({ length: 64 }, (_, f) => [`f${first + f}`, `${n}-${f}-${FILLER}`.slice(0, 1_024)]));

/** Thirty numbers at a time. */
export const numbers = (i, time) => ({
  key: `m${i % 2}`,
  time,
  fields: Object.fromEntries(Array.from({ length: 30 }, (_, f) => [`n${f}`, (i * 7 + f) % 1_000])),
});

/** Sends events that must be accepted, so many a request; the last answer. */
export async function send(client, board, count, event, batch = 10_000) {
  let last;
  for (let from = 0; from < count; from += batch) {
    const events = Array.from({ length: Math.min(batch, count - from) }, (_, i) => event(from + i));
    const { status, body } = await client.events(board, JSON.stringify(events));
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.accepted, events.length, JSON.stringify(body));
    last = body;
  }
  return last;
}
