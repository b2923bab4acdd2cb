// Copies of items and rankings, and what this client does beyond the cases that it shares.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeliographError, ItemsCopy, Link, PresenceCopy, ScoresCopy, bytes, place } from '../build/parts.js';
import { said } from './words.mjs';

const item = (key, more = {}) => ({ key, time: 1, seq: 1, fields: {}, ...more });
const snapshot = (cursor, items, more = {}) => ({ type: 'snapshot', id: 1, cursor, rights: 7, items, ...more });
const delta = (from, cursor, items, removed) => ({ type: 'delta', id: 1, from, cursor, items, removed });

test('s8_a_field_with_null_goes_and_what_is_absent_stays', () => {
  const copy = new ItemsCopy();
  copy.snapshot(snapshot('e1:1', [item('a', { position: { lat: 1, lon: 2 }, fields: { x: 1, y: 'z' } })]));
  const before = copy.items.get('a');
  assert.deepEqual(copy.delta(delta('e1:1', 'e1:2', [{ key: 'a', time: 2, seq: 2, fields: { x: null, w: true } }])), { reset: false, changed: ['a'], removed: [] });
  assert.deepEqual(copy.items.get('a'), { key: 'a', time: 2, seq: 2, position: { lat: 1, lon: 2 }, fields: { y: 'z', w: true } });
  assert.deepEqual(before.fields, { x: 1, y: 'z' }, 'an item that was handed out is never changed');
  copy.delta(delta('e1:2', 'e1:3', [{ key: 'a', time: 3, seq: 3, position: { lat: 5, lon: 6 } }]));
  assert.deepEqual(copy.items.get('a').fields, { y: 'z', w: true });
  copy.delta(delta('e1:3', 'e1:4', [{ key: 'a', time: 4, seq: 4, position: null, fields: { n: 1 } }]));
  assert.deepEqual(copy.items.get('a'), { key: 'a', time: 4, seq: 4, fields: { y: 'z', w: true, n: 1 } }, 'one that began anew without a position');
});

test('who_is_there_is_what_came_last_and_a_change_of_nothing_is_none', () => {
  const copy = new PresenceCopy();
  const member = (id, connections = 1) => ({ id, name: id.toUpperCase(), connections });
  const told = (more) => copy.apply({ type: 'presence', id: 1, ...more });
  assert.equal(told({ count: 3, joined: 1, left: 0 }), null);
  assert.equal(copy.count, null);
  assert.deepEqual(told({ snapshot: true, count: 3, members: [member('a'), member('b')] }), { reset: true, joined: 0, left: 0 });
  const before = copy.members;
  assert.deepEqual(told({ count: 4, joined: 2, left: 1, members: [member('a', 2), member('c')], gone: ['b'] }), { reset: false, joined: 2, left: 1 });
  assert.deepEqual([...copy.members.values()], [member('a', 2), member('c')]);
  assert.equal(before.size, 2, 'members that were handed out are never changed');
  told({ snapshot: true, count: 5 });
  assert.deepEqual([copy.count, copy.members], [5, null], 'names are not told any more');
});

test('presence_is_asked_again_on_each_connection_and_nothing_waits_for_it', () => {
  const link = open();
  link.input({ type: 'subscribe', id: 2, wish: { what: 'presence' } });
  link.told(snapshot('e1:5', [item('a')]));
  assert.equal(link.said().at(-1), 'live');
  link.told({ type: 'presence', id: 2, cursor: 'e1:5', state: '0a', count: 2, snapshot: true });
  assert.equal(link.link.presence(2).count, 2);
  link.input({ type: 'closed', code: 1006 });
  link.input({ type: 'probe' });
  link.out = [];
  link.input({ type: 'opened' });
  const sent = link.out.filter((o) => o.type === 'send').map((o) => JSON.parse(o.text));
  assert.deepEqual(sent.find((message) => message.id === 2), { action: 'subscribe', id: 2, what: 'presence' });
});

test('s9_a_delta_from_beyond_the_copy_or_of_another_life_takes_nothing', () => {
  const copy = new ItemsCopy();
  assert.equal(copy.delta(delta('e1:0', 'e1:1', [item('a')])), null);
  copy.snapshot(snapshot('e1:5', [item('a')]));
  assert.equal(copy.delta(delta('e1:6', 'e1:7', [item('b')], ['a'])), null);
  assert.equal(copy.delta(delta('e2:1', 'e2:7', [item('b')], ['a'])), null);
  assert.deepEqual([[...copy.items.keys()], copy.cursor], [['a'], 'e1:5']);
});

test('s5_what_was_there_stays_until_the_snapshot_is_complete', () => {
  const copy = new ItemsCopy();
  copy.snapshot(snapshot('e1:1', [item('a'), item('b')]));
  copy.snapshot(snapshot('e1:2', [item('b')], { part: { first: true, last: false } }));
  assert.deepEqual([...copy.items.keys()], ['a', 'b']);
  assert.deepEqual(copy.snapshot(snapshot('e1:2', [item('c')], { part: { first: false, last: true } })), { reset: true, changed: ['b', 'c'], removed: ['a'] });
  assert.equal(copy.snapshot(snapshot('e1:9', [], { part: { first: false, last: true } })), null);
});

test('cursors_of_another_form_are_kept_and_sent_back_and_never_compared', () => {
  assert.deepEqual(['e1:9', 'e1:10', 'e1:11', 'e2:1', 'AAEC'].map((c) => place(c, 'e1:10')), ['before', 'same', 'beyond', 'other life', 'unknown']);
  const link = open();
  link.told(snapshot('AAEC', [item('a')]));
  link.told(delta('AAEC', '/zz=', [item('b')]));
  link.told(delta('Q', 'R+', [item('c')]));
  link.input({ type: 'closed', code: 1006 });
  link.input({ type: 'probe' });
  link.said();
  link.input({ type: 'opened' });
  assert.deepEqual(link.said(), ['subscribe 1 from R+', 'catching up']);
  link.told({ type: 'resumed', id: 1, cursor: 'R+' });
  assert.deepEqual(link.said(), ['live']);
  assert.deepEqual([...link.link.items(1).items.keys()], ['a', 'b', 'c']);
});

// A list as the server would tell it, by a plain model: all rows in order, and a window of them.
function windowOf(all, first, count, ties) {
  const ranked = all.map((row, i) => ({ ...row, position: i + 1 }));
  for (const [i, row] of ranked.entries()) {
    const like = i > 0 && ranked[i - 1].values[0] === row.values[0];
    row.rank = i === 0 ? 1 : ties === 'dense' ? ranked[i - 1].rank + (like ? 0 : 1) : like && ties === 'shared' ? ranked[i - 1].rank : i + 1;
    row.tied = like || ranked[i + 1]?.values[0] === row.values[0];
  }
  const rows = ranked.slice(first, first + count);
  const edge = {
    first: first + 1,
    rank: rows[0]?.rank ?? null,
    above: first > 0 && rows.length > 0 && all[first - 1].values[0] === rows[0].values[0],
    below: rows.length > 0 && all[first + count]?.values[0] === rows.at(-1).values[0],
  };
  return { rows, edge };
}

for (const ties of ['first_to_reach', 'shared', 'dense']) {
  test(`g3_moves_lead_to_the_rows_that_a_whole_answer_has_with_${ties}`, () => {
    // Numbers from a seed, so that a failure comes again.
    let seed = 7;
    const dice = (n) => (seed = (seed * 48271) % 0x7fffffff) % n;
    const all = new Map(Array.from({ length: 12 }, (_, i) => [`k${i}`, { key: `k${i}`, name: `n${i}`, groups: [], values: [dice(5)], reached: i }]));
    const sorted = () => [...all.values()].sort((a, b) => b.values[0] - a.values[0] || a.reached - b.reached || (a.key < b.key ? -1 : 1));
    const copy = new ScoresCopy();
    let was = null;
    for (let step = 0; step < 400; step++) {
      const changed = new Set();
      for (let n = dice(3); n > 0; n--) {
        const key = `k${dice(16)}`;
        const old = all.get(key);
        changed.add(key);
        if (dice(8) === 0) all.delete(key);
        else all.set(key, { key, name: old?.name ?? `n${key}`, groups: [], values: [(old?.values[0] ?? 0) + dice(3)], reached: 100 + step });
      }
      const { rows, edge } = windowOf(sorted(), 2, 6, ties);
      let list;
      if (was === null) {
        list = { ...edge, rows };
      } else {
        const keys = new Set(rows.map((row) => row.key));
        const removed = was.map((row) => row.key).filter((key) => !keys.has(key));
        const moves = rows.flatMap((row) => {
          const from = was.find((old) => old.key === row.key);
          if (!from) return { ...row, from: null, to: row.position };
          if (!changed.has(row.key)) return [];
          return { key: row.key, from: from.position, to: row.position, rank: row.rank, values: row.values, reached: row.reached };
        });
        // The order of moves says nothing.
        list = { ...edge, removed, moves: moves.reverse() };
      }
      const about = was === null ? { about: { ties } } : {};
      assert.ok(copy.apply({ type: 'scores', id: 1, cursor: `e1:${step}`, total: all.size, top: list, ...about }), `step ${step}`);
      assert.deepEqual(copy.top, rows, `step ${step}`);
      was = rows;
    }
  });
}

test('g3_moves_of_rows_that_are_not_there_take_nothing', () => {
  const row = (key, position) => ({ key, name: key, groups: [], values: [1], reached: 1, position, rank: position, tied: false });
  const copy = new ScoresCopy();
  const frame = (top) => ({ type: 'scores', id: 1, cursor: 'e1:1', total: 2, top });
  const edge = { first: 1, rank: 1, above: false, below: false };
  assert.equal(copy.apply(frame({ ...edge, removed: [], moves: [] })), null, 'moves before the snapshot');
  copy.apply(frame({ ...edge, rows: [row('a', 1), row('b', 2)] }));
  for (const wrong of [
    { removed: ['x'], moves: [] },
    { removed: [], moves: [{ key: 'x', from: 1, to: 1, values: [2] }] },
    { removed: [], moves: [{ key: 'a', from: 1, to: 4, values: [2] }] },
    { removed: ['a'], moves: [{ key: 'a', from: 1, to: 1, values: [2] }] },
  ]) {
    assert.equal(copy.apply(frame({ ...edge, ...wrong })), null, JSON.stringify(wrong));
    assert.deepEqual(copy.top.map((r) => r.key), ['a', 'b']);
  }
});

test('a1_bytes_are_those_of_utf_8', () => {
  for (const text of ['', 'abc', 'ü', '漢字', '🚌🚌 a']) assert.equal(bytes(text), Buffer.byteLength(text), JSON.stringify(text));
});

function open({ needsToken = false, wish = { what: 'items' } } = {}) {
  const phone = {
    link: new Link({ needsToken }),
    now: 1_772_366_400_000,
    out: [],
    input(input) {
      this.link.handle(this.now, 0.5, input, this.out);
    },
    told(message) {
      this.input({ type: 'text', text: JSON.stringify(message) });
    },
    said() {
      return said(this.out.splice(0));
    },
    all(type) {
      return this.out.splice(0).filter((o) => o.type === type);
    },
  };
  phone.input({ type: 'subscribe', id: 1, wish });
  phone.input({ type: 'start' });
  if (needsToken) phone.input({ type: 'token', token: { jwt: 'j1', expires: phone.now + 600_000 } });
  phone.input({ type: 'opened' });
  phone.said();
  return phone;
}

const refused = (id, action, code) => ({ type: 'error', id, action, code, message: 'no' });

test('l5_after_a_refused_change_what_stands_at_the_server_is_followed_on', () => {
  const phone = open();
  phone.told(snapshot('e1:10', [item('a')]));
  phone.input({ type: 'subscribe', id: 1, wish: { what: 'items', bbox: [0, 95, 1, 96] } });
  phone.told(refused(1, 'subscribe', 'invalid_bbox'));
  assert.deepEqual(phone.said(), ['live', 'subscribe 1', 'catching up', 'refused invalid_bbox', 'live']);
  phone.told(delta('e1:10', 'e1:11', [item('b')]));
  phone.input({ type: 'closed', code: 1006 });
  phone.input({ type: 'probe' });
  phone.said();
  phone.input({ type: 'opened' });
  assert.deepEqual(JSON.parse(phone.all('send')[0].text), { action: 'subscribe', id: 1, what: 'items', resume: 'e1:11', rights: 7 });
});

test('l4_a_token_that_the_open_feed_refuses_is_asked_for_again_less_and_less_often', () => {
  const phone = open({ needsToken: true });
  for (const seconds of [5, 10, 20, 40, 60, 60]) {
    phone.told(refused(undefined, 'token', 'token_refused'));
    phone.said();
    phone.now += seconds * 1_000 - 1;
    phone.input({ type: 'text', text: 'pong' });
    phone.input({ type: 'timer' });
    assert.deepEqual(phone.said(), []);
    phone.now += 1;
    phone.input({ type: 'timer' });
    assert.deepEqual(phone.said(), ['fetch token']);
    phone.input({ type: 'token', token: { jwt: 'j', expires: phone.now + 600_000 } });
    assert.deepEqual(phone.said(), ['token j']);
  }
});

test('l6_a_fresh_token_that_is_refused_twice_is_the_end_and_one_refusal_is_not', () => {
  const refusal = new HeliographError('unauthorized', 'the token is not valid', { status: 401 });
  const phone = open({ needsToken: true });
  phone.input({ type: 'closed', code: 1006 });
  phone.input({ type: 'probe' });
  phone.said();
  phone.input({ type: 'closed', code: 1006, refusal });
  assert.deepEqual(phone.said(), ['waiting 1']);
  phone.input({ type: 'probe' });
  phone.input({ type: 'token', token: { jwt: 'j2', expires: phone.now + 600_000 } });
  assert.deepEqual(phone.said(), ['fetch token', 'connecting 0', 'open bearer.j2']);
  phone.input({ type: 'closed', code: 1006, refusal });
  const [{ status }] = phone.all('status');
  assert.deepEqual([status.state, status.error], ['stopped', refusal]);
});

test('l6_a_board_that_is_not_there_is_the_end_and_a_server_that_is_busy_is_not', () => {
  for (const [status, code, state] of [[404, 'board_not_found', 'stopped'], [403, 'forbidden', 'stopped'], [429, 'too_fast', 'waiting'], [503, 'unavailable', 'waiting']]) {
    const phone = open();
    phone.input({ type: 'closed', code: 1006 });
    phone.input({ type: 'probe' });
    phone.said();
    phone.input({ type: 'closed', code: 1006, refusal: new HeliographError(code, code, { status, retryAfter: 7 }) });
    const now = phone.all('status').at(-1).status;
    assert.equal(now.state, state, code);
    if (state === 'waiting') assert.equal(now.until - phone.now, 7_000, 'it waits as long as it is told');
  }
});

test('an_event_waits_for_the_connection_and_is_said_to_be_lost_when_that_breaks', () => {
  const phone = open();
  phone.input({ type: 'publish', id: 5, event: { key: 'a' } });
  phone.told({ type: 'published', id: 5, answer: { accepted: 1 } });
  assert.deepEqual(phone.all('published'), [{ type: 'published', id: 5, answer: { accepted: 1 } }]);
  phone.input({ type: 'publish', id: 6, event: { key: 'a' } });
  phone.input({ type: 'closed', code: 1006 });
  assert.deepEqual(phone.all('lost'), [{ type: 'lost', ids: [6] }]);
  phone.input({ type: 'publish', id: 7, event: { key: 'a' } });
  phone.input({ type: 'probe' });
  assert.deepEqual(phone.all('lost'), []);
  phone.input({ type: 'opened' });
  assert.deepEqual(phone.all('send').map((o) => JSON.parse(o.text)).filter((m) => m.action === 'publish').map((m) => m.id), [7]);
});

test('what_a_program_tells_the_connection_and_what_the_greeting_says_is_there', () => {
  const phone = open();
  phone.told({ type: 'status', time: phone.now, cursor: 'e1:1', viewers: 4, lag_ms: 0, connection: '0.0.17' });
  phone.told({ type: 'status', time: phone.now, cursor: 'e1:1', viewers: 5, lag_ms: 0 });
  phone.told({ type: 'message', data: 'hello' });
  phone.told({ type: 'a kind of a newer server', id: 1 });
  assert.deepEqual(phone.all('message'), [{ type: 'message', data: 'hello' }]);
  assert.deepEqual([phone.link.viewers, phone.link.connection], [5, '0.0.17']);
  assert.deepEqual(phone.said(), []);
});

test('a1_each_subscription_says_how_far_it_is_since_cursors_are_not_compared', () => {
  const phone = open();
  phone.input({ type: 'subscribe', id: 2, wish: { what: 'scores' } });
  phone.told(snapshot('e1:51', [item('a')]));
  phone.told({ type: 'scores', id: 2, cursor: 'e1:50', total: 0, about: { ties: 'shared' }, top: { first: 1, rank: null, above: false, below: false, rows: [] } });
  phone.said();
  phone.now += 8_000;
  phone.input({ type: 'timer' });
  assert.deepEqual(phone.said(), ['ack e1:51', 'ack e1:50']);
});

test('what_was_is_told_once_before_the_copy_and_who_comes_back_resumes_without_it', () => {
  const phone = open();
  phone.input({ type: 'subscribe', id: 2, wish: { what: 'items', rewind: { events: 2 } } });
  const sent = () => phone.all('send').map((o) => JSON.parse(o.text)).filter((m) => m.action === 'subscribe' && m.id === 2);
  assert.deepEqual(sent().map((m) => m.rewind), [{ events: 2 }]);
  const rewound = { from: 'e1:3', cursor: 'e1:5', events: [{ cursor: 'e1:4', seq: 4, key: 'a', time: 1 }, { cursor: 'e1:5', seq: 5, key: 'a', time: 2 }] };
  phone.told({ type: 'rewind', id: 2, ...rewound });
  phone.told({ ...snapshot('e1:5', [item('a')]), id: 2 });
  assert.deepEqual(phone.all('rewind'), [{ type: 'rewind', id: 2, rewound }]);
  assert.ok(phone.link.isSettled(2));
  // A frame that does not fit starts the copy over, not what was.
  phone.told({ ...delta('e1:9', 'e1:10', [item('b')]), id: 2 });
  assert.deepEqual(sent().map((m) => m.rewind), [undefined]);
  phone.told({ ...snapshot('e1:10', [item('b')]), id: 2 });
  phone.input({ type: 'closed', code: 1006 });
  phone.input({ type: 'probe' });
  phone.input({ type: 'opened' });
  assert.deepEqual(sent().map((m) => [m.resume, m.rewind]), [['e1:10', undefined]]);
});
