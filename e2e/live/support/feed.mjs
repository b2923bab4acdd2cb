// A viewer in JSON mode that keeps its own copy of every subscription, as docs/protocol.md says.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import WebSocket from 'ws';

import { seq } from './client.mjs';
import { eventually } from './wait.mjs';

/** The JSON subprotocol. */
export const JSON_FEED = 'heliograph.v1.json';
/** The binary subprotocol. */
export const BINARY_FEED = 'heliograph.v1.bin';

/** A connection to a board's feed. */
export class Feed {
  /** Messages in the order in which they came. */
  messages = [];
  /** Text that came and is no JSON, such as `pong`. */
  texts = [];
  /** Copies by subscription: `{cursor, items}`. */
  replicas = new Map();
  /** The close code, once it is closed. */
  closed = null;

  /** Connects; fails with the refusal when there is one. */
  static async open(server, board, options = {}) {
    const feed = new Feed();
    const { protocols = [JSON_FEED], token, credential, query = '', ...socket } = options;
    const offered = token === undefined ? protocols : [...protocols, `bearer.${token}`];
    const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
    feed.socket = new WebSocket(`${server.wsUrl}/v1/boards/${board}/feed${query}`, offered, {
      headers,
      perMessageDeflate: false,
      ...socket,
    });
    feed.socket.on('message', (data, binary) => feed.#take(data, binary));
    feed.socket.on('close', (code) => (feed.closed = code));
    await new Promise((done, failed) => {
      feed.socket.once('open', done);
      feed.socket.once('error', failed);
    });
    feed.socket.on('error', () => {});
    return feed;
  }

  get protocol() {
    return this.socket.protocol;
  }

  #take(data, binary) {
    if (binary) {
      this.messages.push({ type: 'binary', bytes: data });
      return;
    }
    const text = data.toString();
    if (!text.startsWith('{')) {
      this.texts.push(text);
      return;
    }
    const message = JSON.parse(text);
    this.messages.push(message);
    if (message.type === 'snapshot') this.#snapshot(message);
    if (message.type === 'delta') this.#delta(message);
  }

  #snapshot({ id, cursor, items, part }) {
    if (part === undefined || part.first) this.replicas.set(id, { cursor, items: new Map() });
    const replica = this.replicas.get(id);
    replica.cursor = cursor;
    items.forEach((item) => replica.items.set(item.key, item));
  }

  #delta({ id, from, cursor, items, removed = [] }) {
    const replica = this.replicas.get(id);
    // A delta for who has everything up to `from`: a hole would be lost data.
    if (seq(from) > seq(replica.cursor)) this.hole = { from, cursor: replica.cursor };
    replica.cursor = cursor;
    for (const { fields, ...rest } of items) {
      const old = replica.items.get(rest.key) ?? { fields: {} };
      const merged = { ...old.fields, ...fields };
      for (const [name, value] of Object.entries(merged)) if (value === null) delete merged[name];
      const item = { ...old, ...rest, fields: merged };
      if (item.position === null) delete item.position;
      replica.items.set(rest.key, item);
    }
    removed.forEach((key) => replica.items.delete(key));
  }

  /** Sends an action as JSON; text and bytes as they are. */
  send(message) {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The first message from `start` on that fits, once it is there. */
  async message(fits, what, { start = 0, limitMs } = {}) {
    const told = () => `${what}; there are ${JSON.stringify(this.messages.slice(start)).slice(0, 800)}; closed ${this.closed}`;
    return eventually(() => this.messages.slice(start).find(fits), told, limitMs);
  }

  /** Subscribes and waits for the answer: a snapshot or `resumed`. */
  async subscribe(id, wish = {}) {
    const start = this.messages.length;
    this.send({ action: 'subscribe', id, what: 'items', ...wish });
    const fits = (m) => m.id === id && ((m.type === 'snapshot' && (m.part?.last ?? true)) || m.type === 'resumed' || m.type === 'error');
    const answer = await this.message(fits, `answer to subscribe ${id}`, { start });
    assert.notEqual(answer.type, 'error', JSON.stringify(answer));
    return answer;
  }

  /** A subscription's copy. */
  replica(id) {
    return this.replicas.get(id);
  }

  /** One item of a subscription's copy, once `fits` holds for it. */
  async item(id, key, fits) {
    const what = () => `item ${key}: ${JSON.stringify(this.replica(id)?.items.get(key))}, closed ${this.closed}`;
    return eventually(() => {
      const item = this.replica(id)?.items.get(key);
      return item && fits(item) && item;
    }, what);
  }

  /** Waits until the copy is as far as `cursor`. */
  async reach(id, cursor, limitMs) {
    const told = () => `subscription ${id} is at ${this.replica(id)?.cursor}, not ${cursor}; closed ${this.closed}`;
    await eventually(() => this.replica(id) && seq(this.replica(id).cursor) >= seq(cursor), told, limitMs);
  }

  /** The server's close code, once it has closed. */
  async end(limitMs) {
    await eventually(() => this.closed !== null, 'the server closes the connection', limitMs);
    return this.closed;
  }

  /** Closes and waits for the end. */
  async close() {
    this.socket.close();
    await this.end();
  }

  /** Breaks the connection, as a network does. */
  drop() {
    this.socket.terminate();
  }
}

/** Tries to connect and answers how that was refused: the status and the problem. */
export function refusal(server, board, { protocols = [JSON_FEED], token, headers = {}, query = '' } = {}) {
  return new Promise((done, failed) => {
    const offered = token === undefined ? protocols : [...protocols, `bearer.${token}`];
    const socket = new WebSocket(`${server.wsUrl}/v1/boards/${board}/feed${query}`, offered, { headers });
    socket.on('open', () => {
      socket.terminate();
      failed(new Error('the connection was not refused'));
    });
    socket.on('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (c) => (text += c));
      response.on('end', () => {
        socket.terminate();
        done({
          status: response.statusCode,
          headers: new Headers(Object.entries(response.headers).map(([n, v]) => [n, String(v)])),
          body: text.startsWith('{') ? JSON.parse(text) : text,
        });
      });
    });
    socket.on('error', failed);
  });
}

/** Asserts that a viewer's copy is what REST says; shows a few items that differ. */
export function assertSame(replica, items) {
  const keys = new Set([...replica.items.keys(), ...items.keys()]);
  const differ = [...keys].filter((key) => !isDeepStrictEqual(replica.items.get(key), items.get(key))).slice(0, 3);
  const some = (map) => Object.fromEntries(differ.map((key) => [key, map.get(key)]));
  assert.deepEqual(some(replica.items), some(items));
}
