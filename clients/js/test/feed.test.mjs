// Viewers of the simulation (testkit) with everything going wrong that may go wrong: this client must say what the reference client
// says, and hold what that holds. HELIOGRAPH_SIMULATE names the program for more seeds than testkit/cases/feed.ndjson has.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Link } from '../build/parts.js';

/** A link that must say what the lines say. */
class Viewer {
  constructor() {
    this.link = new Link({ needsToken: false });
    this.mine = [];
    this.counts = { resumed: 0, gap: 0, delta: 0 };
    this.input({ type: 'start' });
  }

  input(input) {
    const out = [];
    this.link.handle(0, 0, input, out);
    for (const o of out) {
      if (o.type === 'send' && !o.text.includes('"ack"')) this.mine.push(JSON.parse(o.text));
      assert.notEqual(o.type, 'refused', JSON.stringify(o));
    }
  }

  take({ opened, closed, said, told, holds }) {
    if (opened) {
      this.settled();
      // It may be in a pause, which the reference has not.
      this.input({ type: 'probe' });
      this.input({ type: 'opened' });
      this.isNew = this.open = true;
    } else if (closed !== undefined) {
      this.settled();
      this.open = false;
      this.input({ type: 'closed', code: closed });
    } else if (said) {
      const { action, id, resume, rights, ...wish } = JSON.parse(said);
      if (action === 'unsubscribe') this.input({ type: 'unsubscribe', id });
      else if (!this.link.items(id)) this.input({ type: 'subscribe', id, wish });
      // The reference speaks already while the socket opens, and says all of it again then.
      if (!this.open) return;
      while (this.isNew && this.mine[0]?.id !== id) this.dropped();
      assert.deepEqual(this.mine.shift(), JSON.parse(said));
    } else if (told) {
      while (this.isNew && this.mine.length) this.dropped();
      this.isNew = false;
      this.settled();
      const { type } = JSON.parse(told);
      if (type in this.counts) this.counts[type] += 1;
      this.input({ type: 'text', text: told });
    } else {
      this.settled();
      for (const [id, items] of Object.entries(holds)) {
        assert.deepEqual(Object.fromEntries(this.link.items(Number(id)).items), items, `subscription ${id}`);
      }
    }
  }

  /** The reference dropped this one while it was not connected, which the lines do not say. */
  dropped() {
    this.input({ type: 'unsubscribe', id: this.mine.shift()?.id });
    assert.equal(this.mine.pop()?.action, 'unsubscribe');
  }

  /** It has said nothing that the reference did not. */
  settled() {
    assert.deepEqual(this.mine, []);
  }
}

function replay(text) {
  const viewers = new Map();
  let held = 0;
  for (const [i, line] of text.trim().split('\n').entries()) {
    const step = JSON.parse(line);
    const name = `${step.seed}/${step.viewer}`;
    if (!viewers.has(name)) viewers.set(name, new Viewer());
    try {
      viewers.get(name).take(step);
    } catch (error) {
      error.message = `line ${i + 1}, viewer ${name}: ${error.message}`;
      throw error;
    }
    held += step.holds ? Object.values(step.holds).reduce((n, items) => n + Object.keys(items).length, 0) : 0;
  }
  const sum = (kind) => [...viewers.values()].reduce((n, viewer) => n + viewer.counts[kind], 0);
  return { held, resumed: sum('resumed'), gaps: sum('gap'), deltas: sum('delta') };
}

test('f1_r1_r2_r5_s8_a_viewer_of_the_simulation_says_and_holds_what_the_reference_does', () => {
  const { held, resumed, gaps, deltas } = replay(readFileSync(new URL('../../../testkit/cases/feed.ndjson', import.meta.url), 'utf8'));
  assert.ok(held > 20 && resumed > 2 && gaps > 2 && deltas > 50, JSON.stringify({ held, resumed, gaps, deltas }));
});

const program = process.env.HELIOGRAPH_SIMULATE;
test('f1_so_do_those_of_200_more_seeds', { skip: !program && 'HELIOGRAPH_SIMULATE is not set' }, () => {
  for (let seed = 5_000; seed < 5_200; seed += 20) {
    const options = { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] };
    replay(execFileSync(program, ['--json', '--from', String(seed), '--seeds', '20'], options).toString());
  }
});
