// The main module of the public script, and of the gate: every request comes in here.

import Worker, { DirectIngest, Restart } from "../build/edge/index.js";
import { bare, note, start } from "./runtime.js";

const route = Worker.prototype.fetch;
const direct = bare(DirectIngest);

export default {
  async fetch(request, env, ctx) {
    start(Restart);
    try {
      // The way that events take when nothing has to be asked first; the program decides.
      if (request.method === "POST" && request.url.endsWith("/events")) {
        const ingest = direct.begin(request, env);
        if (ingest !== undefined) {
          const asked = ingest.handOver(new Uint8Array(await request.arrayBuffer()));
          if (!(asked instanceof Promise)) return asked;
          // A board that fails is answered like one that says so: a problem for the sender, the cause for the log.
          const said = await asked.catch((error) => new Response(String(error), { status: 500 }));
          return await ingest.answer(said);
        }
      }
      return await route.call({ env, ctx }, request);
    } catch (error) {
      note(error);
      throw error;
    }
  },
};
