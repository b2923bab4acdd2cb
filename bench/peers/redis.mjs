// A peer for `cargo xtask bench scores`: node's http server with npm `redis` and Debian's redis-server, which it
// starts for itself. Answers come in by POST and go into a sorted set in one pipeline; viewers ask for the top.
// node bench/peers/redis.mjs PORT, in a folder of its own

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";

const SOCKET = "redis.sock";

// Redis keeps an append-only file and writes it to disk each second, as its documentation advises.
const settings = ["--port", "0", "--unixsocket", SOCKET, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
const store = spawn("redis-server", [...settings, "--loglevel", "warning"], { stdio: ["ignore", "inherit", "inherit"] });
store.on("exit", (code) => fail(`redis-server ended (${code})`));
store.on("error", (error) => fail(`redis-server: ${error.message}`));
process.on("exit", () => store.kill());
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => process.exit(0));

function fail(why) {
  console.error(why);
  process.exit(1);
}

while (!existsSync(SOCKET)) await sleep(20);
const redis = createClient({ socket: { path: SOCKET } });
redis.on("error", (error) => fail(error.message));
await redis.connect();

const server = createServer(async (request, response) => {
  try {
    const url = new URL(request.url, "http://localhost");
    if (request.method === "POST") await publish(request, response);
    else if (url.pathname === "/top") await top(request, response, Number(url.searchParams.get("count") ?? 20));
    else answer(response, 200, { ok: true });
  } catch (error) {
    answer(response, 500, { error: String(error) });
  }
});

async function publish(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  const events = Array.isArray(body) ? body : [body];
  const pipeline = redis.multi();
  for (const { key, fields } of events) {
    if (fields.graded !== true) continue;
    pipeline.zIncrBy("points", fields.points, key);
    pipeline.hIncrBy("answers", key, 1);
    pipeline.hSet(`answers:${key}`, fields.question, fields.points);
  }
  await pipeline.execAsPipeline();
  answer(response, 200, { accepted: events.length });
}

async function top(request, response, count) {
  const leaders = await redis.zRangeWithScores("points", 0, count - 1, { REV: true });
  const answers = leaders.length === 0 ? [] : await redis.hmGet("answers", leaders.map((leader) => leader.value));
  const rows = leaders.map(({ value, score }, i) => ({ rank: i + 1, key: value, values: [score, Number(answers[i])] }));
  const body = JSON.stringify({ rows });
  const etag = `"${createHash("sha1").update(body).digest("base64url")}"`;
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  send(response, 200, body, { etag });
}

function answer(response, status, value) {
  send(response, status, JSON.stringify(value), {});
}

function send(response, status, body, headers) {
  const all = { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers };
  response.writeHead(status, all).end(body);
}

server.listen(Number(process.argv[2]), "127.0.0.1");
