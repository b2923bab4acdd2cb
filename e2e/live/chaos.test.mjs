// Runs alone: it freezes and starves a server, and others would wait for the machine.
//
// A short run of `cargo xtask chaos` (docs/chaos.md), and that its comparison finds what it is there to find.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { differences } from '../chaos/agree.mjs';
import { BinaryCopy, decode, subscribe } from '../chaos/binary.mjs';
import { run } from '../chaos/run.mjs';
import { LANES, schedule } from '../chaos/schedule.mjs';

const SEED = 876;
const RUN_MS = 18_000;

test('a seed is a schedule: the same faults at the same times, of every kind, one after the other in a lane', () => {
  assert.deepEqual(schedule(SEED, 600_000), schedule(SEED, 600_000));
  assert.notDeepEqual(schedule(SEED, 600_000), schedule(SEED + 1, 600_000));
  const faults = schedule(SEED, 600_000);
  for (const [lane, { kinds }] of Object.entries(LANES)) {
    const mine = faults.filter((fault) => fault.lane === lane);
    assert.deepEqual(new Set(mine.map(({ kind }) => kind)), new Set(Object.keys(kinds)));
    mine.forEach((fault, i) => assert.ok(i === 0 || fault.at >= mine[i - 1].at + mine[i - 1].for));
    assert.ok(mine.every((fault) => fault.at + fault.for < 600_000));
  }
});

test('the run’s own reader of binary frames makes of the pinned bytes what the JSON frames say', () => {
  const text = readFileSync(new URL('../../shared/tests/golden.txt', import.meta.url), 'utf8');
  const pinned = Object.fromEntries(text.split('\n').filter(Boolean).map((line) => line.split(/ = (.*)/).slice(0, 2)));
  const binary = (name) => decode(Buffer.from(pinned[`server.bin.${name}`], 'hex'));
  const json = (name) => JSON.parse(pinned[`server.json.${name}`]);
  const copy = new BinaryCopy();
  copy.take(binary('snapshot.0'));
  const told = new Map(json('snapshot.0').items.map(({ seq, ...item }) => [item.key, item]));
  assert.ok(told.size >= 3);
  assert.deepEqual(copy.items, told);
  copy.take(binary('delta_all_then_bbox.0'));
  for (const { seq, fields, ...rest } of json('delta_all_then_bbox.0').items) {
    const old = told.get(rest.key);
    told.set(rest.key, { ...old, ...rest, fields: { ...old.fields, ...fields } });
  }
  assert.deepEqual(copy.items, told);
  assert.deepEqual([copy.cursor, copy.rights], ['e1:6', json('snapshot.0').rights]);
  assert.deepEqual(binary('delta_all_then_bbox_left.1').removed.length, 1);
  assert.equal(binary('gap_then_snapshot.0').cursor, json('gap_then_snapshot.0').cursor);
  const resume = new BinaryCopy();
  Object.assign(resume, { cursor: 'e1:1042', rights: 77 });
  assert.equal(subscribe(resume).toString('hex'), pinned['client.bin.subscribe_resume_rights']);
});

test('killed, frozen, cut off, with a full disk, a clock that jumps, a slow store and relays that end: everything agrees', async (t) => {
  const lines = [];
  const after = async (everybody) => {
    // The comparison is worth nothing that does not see what is wrong.
    for (const [what, { spoil, expected }] of Object.entries(WRONGS)) {
      const mend = spoil(everybody);
      const found = await differences(everybody);
      mend();
      assert.match(found.join('\n'), expected, what);
    }
  };
  const result = await run({ seed: SEED, ms: RUN_MS, say: (line) => lines.push(line), after });
  t.diagnostic(Object.entries(result.counts).map(([name, count]) => `${count} ${name}`).join(', '));
  const told = `seed ${SEED}\n${lines.join('\n')}\n${result.log.split('\n').slice(-40).join('\n')}`;
  assert.deepEqual(result.differences, [], told);
  assert.ok(result.counts.events > 300, told);
  assert.ok(result.counts['requests without an answer'] > 0, 'requests were cut off');
  assert.ok(result.counts['messages of webhooks'] > 0, 'alarms were told');
});

/** Things that a run must not end with, and what is said of them. */
const WRONGS = {
  'an event that was acknowledged is lost': {
    spoil({ producers: [p] }) {
      p.acknowledged.add('keyed-0');
      return () => p.acknowledged.delete('keyed-0');
    },
    expected: /^log: keyed-0 was acknowledged and is missing$/m,
  },
  'an event is not what was sent': {
    spoil({ producers: [p] }) {
      const [[id, event]] = p.sent;
      p.sent.set(id, { ...event, time: event.time + 1 });
      return () => p.sent.set(id, event);
    },
    expected: /^log: event keyed-1 is /m,
  },
  'a viewer has an old item': {
    spoil({ viewers: [v] }) {
      const [[key, item]] = v.copy.items;
      v.copy.items.set(key, { ...item, seq: 0 });
      return () => v.copy.items.set(key, item);
    },
    expected: /^viewers: viewer of all has of /m,
  },
  'a message is told to nobody': {
    spoil({ receiver }) {
      const { taken } = receiver;
      receiver.taken = taken.filter(({ event }) => event.id !== taken[0].event.id);
      return () => (receiver.taken = taken);
    },
    expected: /^webhooks: nobody was told of /m,
  },
  'messages are told in another order': {
    spoil({ receiver }) {
      const { taken } = receiver;
      receiver.taken = [...taken].reverse();
      return () => (receiver.taken = taken);
    },
    expected: /^webhooks: \d+ was told after /m,
  },
  'an object of the archive is gone': {
    spoil({ store }) {
      const [[name, bytes]] = store.objects;
      store.objects.delete(name);
      return () => store.objects.set(name, bytes);
    },
    expected: /^archive: /m,
  },
};
