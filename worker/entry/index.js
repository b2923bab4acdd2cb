// The main module: every request comes in here, and the classes of the Durable Objects. Each object keeps the program's
// object of its kind, and makes it anew when the program was started anew.

import { DurableObject } from "cloudflare:workers";
import * as program from "../build/index.js";
import { consume } from "./queue.js";
import { note, release, start, whole } from "./runtime.js";

export default {
  async fetch(request, env, ctx) {
    start();
    try {
      // The way that events take when nothing has to be asked first; the program decides.
      if (request.method === "POST" && request.url.endsWith("/events")) {
        const ingest = program.DirectIngest.begin(request, env);
        if (ingest !== undefined) {
          const asked = ingest.handOver(new Uint8Array(await request.arrayBuffer()));
          if (!(asked instanceof Promise)) return asked;
          // A board that fails is answered like one that says so: a problem for the sender, the cause for the log.
          const said = await asked.catch((error) => new Response(String(error), { status: 500 }));
          return await ingest.answer(said);
        }
      }
      return await program.fetch(request, env, ctx);
    } catch (error) {
      note(error);
      throw error;
    }
  },

  // Only where a queue is bound to the worker: docs/sources/cloudflare-queues.md.
  queue(batch, env, ctx) {
    return consume(batch, env, (request) => this.fetch(request, env, ctx));
  },
};

/** A symbol, since others may call what has a name. */
const run = Symbol("run");

/** The platform's class around a class of the program. */
function around(Inner) {
  return class extends DurableObject {
    #inner;
    #started;

    constructor(ctx, env) {
      super(ctx, env);
      this[run](() => undefined);
    }

    /** Does something with the program's object. */
    [run](what) {
      const started = start();
      try {
        if (this.#started !== started) {
          this.#inner = new Inner(this.ctx, this.env);
          this.#started = started;
        }
        return what(this.#inner);
      } catch (error) {
        note(error);
        throw error;
      }
    }

    fetch(request) {
      return this[run]((inner) => inner.fetch(request));
    }

    alarm() {
      return this[run]((inner) => inner.alarm());
    }

    webSocketMessage(socket, message) {
      return this[run]((inner) => inner.webSocketMessage(socket, message));
    }

    webSocketClose(socket, code, reason, wasClean) {
      return this[run]((inner) => inner.webSocketClose(socket, code, reason, wasClean));
    }

    webSocketError(socket, error) {
      return this[run]((inner) => inner.webSocketError(socket, error));
    }
  };
}

export class Relay extends around(program.Relay) {
  webSocketMessage(socket, message) {
    if (!this[run]((relay) => relay.hear(socket, message))) return super.webSocketMessage(socket, message);
  }
}

export class Registry extends around(program.Registry) {}

export class Poller extends around(program.Poller) {}

export class Board extends around(program.Board) {
  // The way that every event takes: plain calls, without a future for each.
  async fetch(request) {
    const { url } = request;
    const isLong = url.endsWith("/ingest?long");
    if (!isLong && !url.endsWith("/ingest")) return super.fetch(request);
    if (!this[run]((board) => board.enter())) return new Response(null, { status: 503 });
    try {
      const body = await (isLong ? whole(request) : request.arrayBuffer());
      const answer = this[run]((board) => board.ingest(new Uint8Array(body), url.startsWith("http://object/") ? undefined : url));
      if (isLong) release(body);
      return answer;
    } finally {
      this[run]((board) => board.leave());
    }
  }
}
