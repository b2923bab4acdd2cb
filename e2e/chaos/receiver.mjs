// Who is told of alarms: it keeps what it is sent, and has moods.

import { createServer } from 'node:http';

export class Receiver {
  /** What it took, in the order in which it came: `{id, event}`; the same may come again. */
  taken = [];
  /** `ok`, `refuse` (503), `hold` (no answer until it is over) or `forget` (taken, then the connection is reset). */
  mood = 'ok';
  #held = new Set();

  static async start() {
    const receiver = new Receiver();
    receiver.server = createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => receiver.#take(request, response, Buffer.concat(parts).toString()));
    });
    await new Promise((done) => receiver.server.listen(0, '127.0.0.1', done));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/alarms`;
    return receiver;
  }

  #take(request, response, text) {
    if (this.mood === 'refuse') return response.writeHead(503).end();
    if (this.mood === 'hold') return void this.#held.add(request.socket);
    this.taken.push({ id: request.headers['webhook-id'], event: JSON.parse(text).data });
    if (this.mood === 'forget') return void request.socket.resetAndDestroy();
    response.writeHead(200).end();
  }

  /** Takes everything again; whoever was held learns that it was not heard. */
  heal() {
    this.mood = 'ok';
    for (const socket of this.#held) socket.resetAndDestroy();
    this.#held.clear();
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
