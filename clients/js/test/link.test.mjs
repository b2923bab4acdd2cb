// The rules that this client shares with the Rust link: every case of testkit/cases/link.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HeliographError, Link } from '../build/parts.js';
import { said } from './words.mjs';

const cases = JSON.parse(readFileSync(new URL('../../../testkit/cases/link.json', import.meta.url), 'utf8'));
const WISHES = { all: { what: 'items' }, box: { what: 'items', bbox: [0, 0, 5, 5] } };

function item(key) {
  return { key, time: 1772366399000, seq: 1, position: { lat: 1, lon: 2 }, fields: {} };
}

class Phone {
  constructor({ needs_token: needsToken, jitter }) {
    Object.assign(this, { link: new Link({ needsToken }), jitter, now: 1772366400000, wake: null, out: [], gaps: 0 });
  }

  input(input) {
    const out = [];
    this.link.handle(this.now, this.jitter, input, out);
    for (const o of out) {
      if (o.type === 'wake') this.wake = o.at;
      if (o.type === 'gap') this.gaps += 1;
    }
    this.out.push(...out);
  }

  told(message) {
    this.input({ type: 'text', text: JSON.stringify(message) });
  }

  run(ms) {
    const end = this.now + ms;
    while (this.wake !== null && this.wake <= end) {
      this.now = Math.max(this.now, this.wake);
      this.wake = null;
      this.input({ type: 'timer' });
    }
    this.now = end;
  }

  step([name, ...args]) {
    switch (name) {
      case 'subscribe':
        return this.input({ type: 'subscribe', id: args[0], wish: WISHES[args[1]] ?? { what: 'items', keys: args[1] } });
      case 'unsubscribe':
        return this.input({ type: 'unsubscribe', id: args[0] });
      case 'closed':
        return this.input({ type: 'closed', code: args[0] });
      case 'pong':
        return this.input({ type: 'text', text: 'pong' });
      case 'damaged':
        return this.input({ type: 'text', text: '{"type":"delta","id":1,' });
      case 'snapshot': {
        const [id, cursor, keys, part] = args;
        const parts = { first: [true, false], middle: [false, false], last: [false, true] }[part];
        const more = parts ? { part: { first: parts[0], last: parts[1] } } : part === 'unasked' ? { unasked: true } : {};
        return this.told({ type: 'snapshot', id, cursor, rights: 77, items: keys.map(item), ...more });
      }
      case 'delta':
        return this.told({ type: 'delta', id: args[0], from: args[1], cursor: args[2], items: args[3].map(item) });
      case 'many': {
        const items = Array.from({ length: args[3] }, (_, i) => item(`a key of some length ${i}`));
        return this.told({ type: 'delta', id: args[0], from: args[1], cursor: args[2], items });
      }
      case 'resumed':
      case 'gap':
        return this.told({ type: name, id: args[0], cursor: args[1] });
      case 'refused':
        return this.told({ type: 'error', id: args[0], action: 'subscribe', code: 'forbidden', message: 'no' });
      case 'status':
        return this.told({ type: 'status', time: this.now + args[0], cursor: 'e0:0', viewers: 3, lag_ms: 0 });
      case 'token':
        return this.input({ type: 'token', token: { jwt: args[0], expires: this.now + args[1] } });
      case 'denied':
        return this.input({ type: 'no token', denied: new HeliographError('gone', 'gone') });
      case 'unreachable':
        return this.input({ type: 'no token' });
      case 'wait':
        return (this.now += args[0]);
      case 'run':
        return this.run(args[0]);
      case 'forget':
        return said(this.out.splice(0));
      case 'said': {
        this.last = this.out.splice(0);
        return assert.deepEqual(said(this.last), args);
      }
      case 'has':
        return assert.deepEqual([...this.link.items(args[0]).items.keys()].sort(), args[1]);
      case 'gaps':
        return assert.equal(this.gaps, args[0]);
      case 'rights': {
        const subscribe = this.last.findLast((o) => o.type === 'send' && o.text.includes('"subscribe"'));
        return assert.equal(JSON.parse(subscribe.text).rights, args[0]);
      }
      case 'clock':
        return assert.equal(this.link.serverTime(this.now) - this.now, args[0]);
      default:
        assert.ok(['start', 'opened', 'probe', 'offline', 'stop'].includes(name), `a step that is not known: ${name}`);
        return this.input({ type: name });
    }
  }
}

for (const one of cases) {
  test(one.name, () => {
    const phone = new Phone(one);
    for (const [i, step] of one.steps.entries()) {
      try {
        phone.step(step);
      } catch (error) {
        error.message = `step ${i}, ${JSON.stringify(step)}: ${error.message}`;
        throw error;
      }
    }
  });
}
