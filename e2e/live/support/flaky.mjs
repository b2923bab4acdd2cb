// A line on which answers are lost: requests go through to the server and are answered, and of some the sender never hears.

import { Agent, createServer, request } from 'node:http';

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
function chances(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Starts a line to a port of this machine: a share of the answers is lost. `lost()` tells how many were. */
export async function startFlaky(port, { share = 0.05, seed = 1 } = {}) {
  const agent = new Agent({ keepAlive: true });
  const next = chances(seed);
  let lost = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        if (next() < share) {
          lost += 1;
          outgoing.socket?.destroy();
          return;
        }
        outgoing.writeHead(answer.statusCode, answer.headers);
        outgoing.end(Buffer.concat(parts));
      });
    });
    onward.on('error', () => outgoing.socket?.destroy());
    incoming.pipe(onward);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const stop = () => {
    agent.destroy();
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { port: server.address().port, lost: () => lost, stop };
}

/**
 * Sends `count` positions of one device, each again until it is answered with 200, the next as soon as the one before was. What
 * phones and trackers do that keep what was not answered. Tells how many requests that took.
 */
export async function sendEach({ port, path, count, positionOf }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let requests = 0;
  const once = (query) =>
    new Promise((done) => {
      const sent = request({ agent, host: '127.0.0.1', port, path: `${path}${query}`, method: 'GET' }, (answer) => {
        answer.resume();
        answer.on('end', () => done(answer.statusCode));
        answer.on('error', () => done(undefined));
      });
      sent.on('error', () => done(undefined));
      sent.end();
    });
  for (let n = 0; n < count; n += 1) {
    const query = positionOf(n);
    for (let tries = 1; ; tries += 1) {
      requests += 1;
      const status = await once(query);
      if (status === 200) break;
      if (status !== undefined && status !== 429 && status !== 503) throw new Error(`position ${n}: ${status}`);
      if (tries > 50) throw new Error(`position ${n} was never answered`);
    }
  }
  agent.destroy();
  return requests;
}
