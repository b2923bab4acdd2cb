// The HTTP API as a test calls it: one server, one credential, answers with their body read.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

/** Talks to a server with a credential; `null` is nobody. */
export class Client {
  constructor(server, credential = server.adminKey) {
    this.server = server;
    this.credential = credential;
  }

  /** The same server with another credential. */
  as(credential) {
    return new Client(this.server, credential);
  }

  get authorization() {
    return this.credential === null ? {} : { authorization: `Bearer ${this.credential}` };
  }

  /**
   * Sends a request and answers `{status, headers, body}`, of a problem also its `trace`; JSON is parsed. A body that is no text, bytes or stream is
   * sent as JSON.
   */
  async send(method, path, body, headers = {}) {
    const raw = body === undefined || typeof body === 'string' || ArrayBuffer.isView(body) || body instanceof ReadableStream;
    // A program that the test waited for may have taken so long that connections were closed meanwhile: that is heard of first.
    await nextTurn();
    const response = await fetch(this.server.url + path, {
      method,
      headers: { ...this.authorization, ...headers },
      body: raw ? body : JSON.stringify(body),
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      signal: AbortSignal.timeout(60_000),
    });
    return read(response.status, response.headers, Buffer.from(await response.arrayBuffer()));
  }

  get(path, headers) {
    return this.send('GET', path, undefined, headers);
  }

  put(path, body, headers) {
    return this.send('PUT', path, body, headers);
  }

  post(path, body, headers) {
    return this.send('POST', path, body, headers);
  }

  delete(path, headers) {
    return this.send('DELETE', path, undefined, headers);
  }

  /** Makes a public board. */
  async board(name, config = {}) {
    const answer = await this.put(`/v1/boards/${name}`, { title: name, visibility: 'public', ...config });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return name;
  }

  /** Sends events, whatever comes of it. */
  events(board, body, headers = {}) {
    return this.post(`/v1/boards/${board}/events`, body, { 'content-type': 'application/json', ...headers });
  }

  /** Sends events of which each must be accepted; the ingest answer. */
  async publish(board, events) {
    const { status, body } = await this.events(board, events);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.accepted, Array.isArray(events) ? events.length : 1, JSON.stringify(body));
    return body;
  }

  /** All items of a board by key, and the cursor. */
  async items(board) {
    const items = new Map();
    let after = '';
    for (;;) {
      const { status, body } = await this.get(`/v1/boards/${board}/items?limit=10000${after}`);
      assert.equal(status, 200, JSON.stringify(body));
      body.items.forEach((item) => items.set(item.key, item));
      if (body.next === null) return { items, cursor: body.cursor };
      after = `&after=${body.next}`;
    }
  }

  /** Mints a token. */
  async mint(grants, ttl_s = 600) {
    const { status, body } = await this.post('/v1/tokens', { grants, ttl_s });
    assert.equal(status, 200, JSON.stringify(body));
    return body.token;
  }

  /** Mints a token for one board. */
  token(board, operations, { keys = ['*'], ttl_s } = {}) {
    return this.mint([{ board, operations, keys }], ttl_s);
  }

  /** Sends pieces with node's own client: without a length (chunked) or with a length that is declared as given. */
  raw(method, path, headers, pieces) {
    return new Promise((done, failed) => {
      const call = request(this.server.url + path, { method, headers: { ...this.authorization, ...headers }, agent: false });
      call.setTimeout(60_000, () => call.destroy(new Error('no answer within 60 s')));
      let answered = false;
      call.on('response', (response) => {
        answered = true;
        const chunks = [];
        response.on('data', (c) => chunks.push(c));
        response.on('end', () => done(read(response.statusCode, new Headers(flat(response.headers)), Buffer.concat(chunks))));
        response.on('error', failed);
      });
      // A server may answer and hang up before it has everything.
      call.on('error', (e) => answered || failed(e));
      for (const piece of pieces) call.write(piece);
      call.end();
    });
  }
}

function flat(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function read(status, headers, bytes) {
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  const json = /[/+]json/.test(headers.get('content-type') ?? '') && text !== '';
  const body = json ? JSON.parse(text) : text;
  if (!json || !/^application\/problem\+json/.test(headers.get('content-type'))) return { status, headers, body };
  // Each request has a trace of its own: what answers are compared by is the rest.
  const { trace, ...problem } = body;
  return { status, headers, body: problem, trace };
}

/** Asserts that an answer is RFC 9457 problem JSON with this status and code; answers the problem. */
export function assertProblem({ status, headers, body }, expectedStatus, code, field) {
  const shown = JSON.stringify(body);
  assert.equal(status, expectedStatus, shown);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, shown);
  assert.equal(body.status, expectedStatus, shown);
  assert.equal(body.code, code, shown);
  assert.ok(body.type && body.title && body.detail, shown);
  if (field !== undefined) assert.ok(body.errors?.some((e) => e.field === field && e.code && e.message), shown);
  return body;
}

/** Asserts that one record of an ingest answer was refused so. */
export function assertRefused(answer, index, code, field) {
  const result = answer.results.find((r) => r.index === index);
  assert.ok(result, `record ${index} in ${JSON.stringify(answer)}`);
  assert.equal(result.status, 'refused', JSON.stringify(result));
  assert.equal(result.code, code, JSON.stringify(result));
  assert.equal(result.field, field, JSON.stringify(result));
  assert.ok(result.message.length > 10, JSON.stringify(result));
}

/** The number behind a cursor's colon. */
export const seq = (cursor) => Number(cursor.split(':')[1]);
/** The part before a cursor's colon. */
export const epoch = (cursor) => cursor.split(':')[0];
