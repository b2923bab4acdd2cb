// A producer: it sends events with ids of its own until each is acknowledged, whatever happens on the way.

import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

/** No answer within this time is none. */
const PATIENCE_MS = 5_000;
const KEYS = 12;
const START = { lat: 30_260_000, lon: -97_740_000 };

/** Ways to send. Two of them rely on the events' ids alone. */
export const WAYS = ['keyed', 'ids', 'lines', 'socket'];

export class Producer {
  /** Every event that was sent, by id. */
  sent = new Map();
  /** Ids of those that were acknowledged. */
  acknowledged = new Set();
  /** Answers that should not be. */
  complaints = [];
  unanswered = 0;
  running = true;
  over = false;
  #count = 0;
  #time = 0;
  #keys;

  constructor(at, board, way, random) {
    Object.assign(this, { at, board, way, random, name: way });
    this.#keys = Array.from({ length: KEYS }, (_, i) => ({ key: `${way}-${i}`, temp: 70, ...START, heading: random.whole(0, 359) }));
  }

  /** Sends until `running` is false and everything is acknowledged, or `over` is true. */
  async run() {
    while (this.running) {
      // What comes late comes alone, so that the order within a request says nothing.
      const late = this.random.chance(1 / 10);
      const events = Array.from({ length: late ? 1 : this.random.whole(1, 8) }, () => this.#event(late));
      for (const event of events) this.sent.set(event.id, event);
      const key = `${this.name}-batch-${this.#count}`;
      await this.#persist(events, key);
      // Now and then a sender forgets that it has an answer.
      if (this.random.chance(0.03)) await this.#persist(events, key, true);
      await sleep(this.random.whole(20, 120));
    }
    this.socket?.terminate();
  }

  /** Something on the move, now and then hot. */
  #event(late) {
    const { random } = this;
    const item = random.pick(this.#keys);
    this.#count += 1;
    // Times of a producer are its own, so the order of a key's events is known; those that come late are odd.
    this.#time = Math.max(this.#time + 2, Math.floor(Date.now() / 2) * 2);
    item.temp = Math.max(60, Math.min(95, item.temp + random.whole(-12, 12) / 4));
    item.heading = (item.heading + random.whole(-20, 20) + 360) % 360;
    item.lat += random.whole(-300, 300);
    item.lon += random.whole(-300, 300);
    return {
      id: `${this.name}-${this.#count}`,
      key: item.key,
      time: late ? this.#time - 2_001 : this.#time,
      position: { lat: item.lat / 1e6, lon: item.lon / 1e6, heading: item.heading, speed: random.whole(0, 80) / 4 },
      fields: {
        n: this.#count,
        temp: item.temp,
        points: random.whole(-1, 5),
        ...(random.chance(0.2) ? { note: random.chance(0.3) ? null : `n${random.whole(0, 9)}` } : {}),
      },
    };
  }

  async #persist(events, key, again = false) {
    for (;;) {
      const answer = await this.#send(events, key).catch(() => null);
      if (answer?.status === 200) {
        const { accepted, duplicate, results } = answer.body;
        if (accepted + duplicate !== events.length) {
          this.complaints.push(`${this.name}: refused ${JSON.stringify(results ?? answer.body).slice(0, 300)}`);
        }
        if (again && this.way !== 'keyed' && accepted > 0) {
          this.complaints.push(`${this.name}: taken twice: ${events.map((e) => e.id)}`);
        }
        for (const event of events) this.acknowledged.add(event.id);
        return;
      }
      this.unanswered += 1;
      if (answer !== null && answer.status < 500 && ![408, 429].includes(answer.status)) {
        this.complaints.push(`${this.name}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
        return;
      }
      if (this.over) return;
      await sleep(this.random.whole(30, 250));
    }
  }

  #send(events, key) {
    if (this.way === 'socket') return this.#publish(events);
    const headers = { authorization: `Bearer ${this.at.adminKey}`, 'content-type': 'application/json' };
    let body = JSON.stringify(events);
    if (this.way === 'keyed') headers['idempotency-key'] = key;
    if (this.way === 'lines') {
      headers['content-type'] = 'application/x-ndjson';
      body = events.map((event) => JSON.stringify(event)).join('\n');
    }
    const path = `${this.at.url}/v1/boards/${this.board}/events`;
    return fetch(path, { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE_MS) }).then(read);
  }

  /** By the open feed, one after the other; what was not answered is sent again on the next connection. */
  async #publish(events) {
    const sum = { accepted: 0, duplicate: 0, results: [] };
    for (const event of events) {
      const socket = (this.socket ??= await this.#open());
      const body = await new Promise((done, failed) => {
        this.#waits = { done, failed };
        socket.send(JSON.stringify({ action: 'publish', id: this.#count, event }));
        setTimeout(() => failed(new Error('no answer')), PATIENCE_MS).unref();
      }).catch((error) => {
        socket.terminate();
        this.socket = undefined;
        throw error;
      });
      sum.accepted += body.accepted;
      sum.duplicate += body.duplicate;
      sum.results.push(...(body.results ?? []));
    }
    return { status: 200, body: sum };
  }

  #waits;

  #open() {
    const socket = new WebSocket(`${this.at.wsUrl}/v1/boards/${this.board}/feed`, ['heliograph.v1.json'], {
      headers: { authorization: `Bearer ${this.at.adminKey}` },
      handshakeTimeout: PATIENCE_MS,
    });
    return new Promise((done, failed) => {
      const end = (error) => {
        if (this.socket === socket) this.socket = undefined;
        this.#waits?.failed(error);
        failed(error);
      };
      socket.on('open', () => done(socket));
      socket.on('error', end);
      socket.on('close', () => end(new Error('closed')));
      socket.on('message', (data) => {
        const message = JSON.parse(data.toString());
        if (message.type === 'published') this.#waits?.done(message.answer);
        // Not taken: `slow_down`, or a server that can't. It is sent again.
        if (message.type === 'error') this.#waits?.failed(new Error(message.code));
      });
    });
  }
}

async function read(response) {
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}
