#!/usr/bin/env bash
# centrifuge@5.8.0 (npm, pinned below, with ws@8.23.0): the pause before connecting again starts over with every connection that the server
# has answered, however short that was. `maxReconnectDelay` (20 s) is never reached beside a server that takes the connection, answers
# `connect` and breaks: every client comes back after 0.5 to 1 s, for ever. Only a server that can't be reached, or refuses, is given pauses
# that grow.
#
# Seen with Node 20.20.2: in 12 s, connections at a server that breaks 20 ms after its answer, and at one that hangs up before it
#   answers, then breaks     17, the longest pause 1,028 ms
#   hangs up before           5, the longest pause 2,799 ms
# (both by chance a little more or less)
#
# The server speaks as much of the JSON protocol as a connection needs. Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund centrifuge@5.8.0 ws@8.23.0

cat >probe.mjs <<'JS'
import { Centrifuge } from 'centrifuge';
import { WebSocket, WebSocketServer } from 'ws';

const SPAN = 12_000;

/** When connections came, while the server does `then` with each `connect`. */
async function connections(then) {
  const server = new WebSocketServer({ port: 0 });
  const times = [];
  server.on('connection', (socket) => {
    times.push(performance.now());
    socket.on('message', (text) => {
      const { id, connect } = JSON.parse(text);
      if (connect) then(socket, (answer) => socket.send(JSON.stringify({ id, connect: answer })));
    });
  });
  const client = new Centrifuge(`ws://127.0.0.1:${server.address().port}`, { websocket: WebSocket });
  client.on('error', () => {});
  client.connect();
  await new Promise((done) => setTimeout(done, SPAN));
  client.disconnect();
  server.close();
  const pauses = times.slice(1).map((time, i) => time - times[i]);
  return { n: times.length, longest: Math.round(Math.max(...pauses)) };
}

const broken = await connections((socket, answer) => {
  answer({ client: 'a', version: '1', ping: 25, pong: true });
  setTimeout(() => socket.terminate(), 20);
});
const refused = await connections((socket) => socket.terminate());
console.log(`answers, then breaks: ${broken.n} connections, the longest pause ${broken.longest} ms`);
console.log(`hangs up before: ${refused.n} connections, the longest pause ${refused.longest} ms`);
// Pauses that double from 0.5 s to 20 s would be over 4 s by the fifth.
if (broken.n < 11 || broken.longest > 1_500 || refused.n > 9 || refused.longest < 1_500) {
  console.log('another behaviour');
  process.exit(1);
}
process.exit(0);
JS
node probe.mjs
echo "as described: a connection that was answered starts the pause over"
