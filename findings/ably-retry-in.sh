#!/usr/bin/env bash
# ably@2.28.0 (npm, pinned below, with ws@8.23.0): when a connection that stood breaks, the state change `disconnected` says in `retryIn` that the
# next attempt comes in 12 to 15 s, and it comes at once: after some ms the first time, then every 1.0 s, without jitter and without an
# end, as long as the server takes the connection and breaks it. A page that counts `retryIn` down is wrong, and a crowd comes back in step.
# Where the server hangs up before it says CONNECTED, `retryIn` is what happens.
#
# Seen with Node 20.20.2, ms between connections beside the `retryIn` before them:
#   breaks after CONNECTED     29 (13,793), 1,004 (12,952), 999 (13,550), 1,003 (12,909), …
#   hangs up before            12,650 (12,639)
#
# The server speaks as much of the protocol as a connection needs; nothing leaves the machine. Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund ably@2.28.0 ws@8.23.0

cat >probe.mjs <<'JS'
import Ably from 'ably';
import { WebSocketServer } from 'ws';

const CONNECTED = { action: 4, connectionId: 'a', connectionDetails: { connectionKey: 'b', connectionStateTtl: 120_000, maxIdleInterval: 15_000 } };

/** What the client says of its next attempt, and when that comes, in ms, so many times. */
async function attempts(then, count) {
  const server = new WebSocketServer({ port: 0 });
  const came = [];
  const said = [];
  const enough = new Promise((done) => server.on('connection', (socket) => {
    came.push(performance.now());
    then(socket);
    if (came.length > count) done();
  }));
  const { port } = server.address();
  const address = { endpoint: '127.0.0.1', port, tls: false, fallbackHosts: [], disableConnectivityCheck: true };
  const client = new Ably.Realtime({ token: 'x.y', useBinaryProtocol: false, logLevel: 0, ...address });
  client.connection.on('disconnected', ({ retryIn }) => said.push(Math.round(retryIn)));
  await enough;
  client.close();
  server.close();
  return came.slice(1).map((time, i) => ({ retryIn: said[i], came: Math.round(time - came[i]) }));
}

const broken = await attempts((socket) => {
  socket.send(JSON.stringify(CONNECTED));
  setTimeout(() => socket.terminate(), 20);
}, 6);
const refused = await attempts((socket) => socket.terminate(), 1);
for (const [what, list] of Object.entries({ 'breaks after CONNECTED': broken, 'hangs up before': refused })) {
  console.log(`${what}: ${list.map(({ came, retryIn }) => `${came} (${retryIn})`).join(', ')}`);
}
const asDescribed = broken.every(({ retryIn, came }) => retryIn > 10_000 && came < 1_200) && refused.every(({ retryIn, came }) => Math.abs(came - retryIn) < 1_000);
if (!asDescribed) console.log('another behaviour');
process.exit(asDescribed ? 0 : 1);
JS
node probe.mjs
echo "as described: the next attempt does not come when the state change says"
