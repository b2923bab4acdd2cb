// A peer for `cargo xtask bench feed`: a plain JavaScript Durable Object with npm `partyserver` and its defaults. The
// latest item of each record is upserted in SQLite; each batch goes out to every viewer as JSON.

import { Server, routePartykitRequest } from "partyserver";

const UPSERT = `INSERT INTO items (key, time, json) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET time = excluded.time, json = excluded.json WHERE excluded.time >= items.time`;

export class Board extends Server {
  everything = new Set();
  byKey = new Map();

  onStart() {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, time INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID",
    );
  }

  // The library's own look-up by tag asks every connection each time; sets by key are what a careful user adds.
  onConnect(connection, { request }) {
    const key = new URL(request.url).searchParams.get("key");
    connection.setState({ key });
    this.group(key).add(connection);
    connection.send(this.items(key));
  }

  onClose(connection) {
    this.group(connection.state.key).delete(connection);
  }

  group(key) {
    if (key === null) return this.everything;
    return this.byKey.get(key) ?? this.byKey.set(key, new Set()).get(key);
  }

  async onRequest(request) {
    if (request.method !== "POST") {
      return new Response(this.items(null), { headers: { "content-type": "application/json" } });
    }
    const body = await request.text();
    const batch = JSON.parse(body);
    const { sql } = this.ctx.storage;
    for (const item of batch) {
      const json = JSON.stringify(item);
      sql.exec(UPSERT, item.key, item.time, json);
      const viewers = this.byKey.get(item.key);
      if (viewers) {
        for (const viewer of viewers) viewer.send(`[${json}]`);
      }
    }
    for (const viewer of this.everything) viewer.send(body);
    return Response.json({ accepted: batch.length });
  }

  items(key) {
    const { sql } = this.ctx.storage;
    const rows = key === null ? sql.exec("SELECT json FROM items") : sql.exec("SELECT json FROM items WHERE key = ?", key);
    return `[${[...rows].map((row) => row.json).join(",")}]`;
  }
}

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/healthz") return new Response("ok");
    return (await routePartykitRequest(request, env)) ?? new Response("not found", { status: 404 });
  },
};
