// A peer for `cargo xtask bench feed`: plain node with npm `ws`. A batch comes in by POST, its items are kept in
// memory as the latest state, and it goes out to every viewer as JSON. Nothing is durable.
// node bench/peers/ws.mjs PORT

import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const latest = new Map();
const everything = new Set();
const byKey = new Map();

const server = createServer((request, response) => {
  if (request.method === "POST") {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      // One chunk is the usual case: no copy then.
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      let batch;
      try {
        batch = JSON.parse(body.toString());
      } catch {
        response.writeHead(400).end();
        return;
      }
      publish(batch, body);
      answer(response, { accepted: batch.length });
    });
  } else if (request.url === "/items") {
    answer(response, [...latest.values()]);
  } else {
    answer(response, { ok: true });
  }
});

function answer(response, value) {
  const body = JSON.stringify(value);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function publish(batch, body) {
  for (const item of batch) {
    const known = latest.get(item.key);
    if (known && known.time > item.time) continue;
    latest.set(item.key, item);
    const viewers = byKey.get(item.key);
    if (viewers) {
      const one = Buffer.from(JSON.stringify([item]));
      for (const viewer of viewers) viewer.send(one, { binary: false });
    }
  }
  // The bytes as they came: nothing is encoded twice.
  for (const viewer of everything) viewer.send(body, { binary: false });
}

new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (viewer, request) => {
  const key = new URL(request.url, "http://localhost").searchParams.get("key");
  const group = key === null ? everything : (byKey.get(key) ?? byKey.set(key, new Set()).get(key));
  group.add(viewer);
  viewer.on("close", () => group.delete(viewer));
  viewer.on("error", () => viewer.terminate());
  const now = key === null ? [...latest.values()] : [latest.get(key)].filter(Boolean);
  viewer.send(JSON.stringify(now));
});

server.listen(Number(process.argv[2]), "127.0.0.1");
