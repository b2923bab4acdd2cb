// As much of NATS' protocol as a test needs: requests, one after the other, each with its answer.

import { connect } from 'node:net';

/** A connection to a NATS server. */
export class NatsClient {
  #held = '';
  #waiting = new Map();
  #next = 0;

  static async open(broker) {
    const client = new NatsClient();
    client.socket = connect(broker.port, '127.0.0.1');
    client.socket.on('error', () => {});
    client.socket.on('data', (bytes) => client.#take(bytes.toString('latin1')));
    await new Promise((done) => client.socket.once('data', done));
    client.socket.write('CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nSUB _INBOX.t.* 1\r\n');
    return client;
  }

  #take(text) {
    this.#held += text;
    for (;;) {
      const end = this.#held.indexOf('\r\n');
      if (end < 0) return;
      const [verb, subject, , ...sizes] = this.#held.slice(0, end).split(' ');
      if (verb === 'PING') this.socket.write('PONG\r\n');
      if (verb !== 'MSG' && verb !== 'HMSG') {
        this.#held = this.#held.slice(end + 2);
        continue;
      }
      const size = Number(sizes.at(-1));
      if (this.#held.length < end + 2 + size + 2) return;
      const body = this.#held.slice(end + 2, end + 2 + size);
      this.#held = this.#held.slice(end + 2 + size + 2);
      this.#waiting.get(subject)?.(verb === 'MSG' ? JSON.parse(body) : { error: body });
      this.#waiting.delete(subject);
    }
  }

  /** Sends a request; the answer, which must be no error. */
  async request(subject, body = '') {
    this.#next += 1;
    const inbox = `_INBOX.t.${this.#next}`;
    const answered = new Promise((done) => this.#waiting.set(inbox, done));
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.socket.write(`PUB ${subject} ${inbox} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
    const answer = await answered;
    if (answer.error) throw new Error(`${subject}: ${JSON.stringify(answer.error)}`);
    return answer;
  }

  close() {
    this.socket.destroy();
  }
}
