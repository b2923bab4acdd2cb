// A TCP proxy between clients and the server: it delays, holds back and cuts what passes.

import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export class Proxy {
  /** Milliseconds that each piece takes, in both directions. */
  delay = 0;
  /** Nothing passes in this direction meanwhile. */
  held = { up: false, down: false };
  #pairs = new Set();

  /** Listens, and passes everything on to a port of this machine. */
  static async start(port) {
    const proxy = new Proxy();
    proxy.server = createServer((client) => proxy.#take(client, port));
    await new Promise((done) => proxy.server.listen(0, '127.0.0.1', done));
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  #take(client, port) {
    const server = connect(port, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    this.#pass(client, server, 'up');
    this.#pass(server, client, 'down');
  }

  /** One piece at a time, so that none overtakes another; the sender waits meanwhile. */
  #pass(from, to, direction) {
    from.on('data', async (piece) => {
      from.pause();
      if (this.delay > 0) await sleep(this.delay);
      while (this.held[direction] && !to.destroyed) await sleep(10);
      if (to.destroyed) return;
      if (!to.write(piece)) await new Promise((done) => to.once('drain', done).once('close', done));
      from.resume();
    });
  }

  /** Cuts connections, of which `chosen` says which, wherever they are. */
  cut(chosen = () => true) {
    for (const { client, server } of [...this.#pairs].filter(chosen)) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  /** Passes everything again. */
  heal() {
    this.delay = 0;
    this.held = { up: false, down: false };
  }

  async stop() {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }
}
