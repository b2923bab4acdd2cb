// In front of the worker's main module: the registry, or a board by its name, fails or hangs when a test says so, and calls
// of objects are counted. `POST /.away` is how a test says it, see ../away.mjs. Everything of it runs in one isolate.

import * as program from './index.js';

/** By class, or by class and name, such as `Board/fleet`: `fails` or `hangs`. */
let states = {};
/** Calls since a test asked last, by class, and by class and name. */
let calls = {};

/** So long a call hangs: longer than anybody waits. */
const HANGS_MS = 20_000;

/** A class whose objects can be away. */
function away(Class, of) {
  return class extends Class {
    async fetch(request) {
      const name = `${of}/${this.ctx.id.name}`;
      for (const counted of [of, name]) calls[counted] = (calls[counted] ?? 0) + 1;
      const state = states[name] ?? states[of];
      if (state === 'hangs') await new Promise((done) => setTimeout(done, HANGS_MS));
      if (state !== undefined) throw new Error(`the ${of} is away`);
      return super.fetch(request);
    }
  };
}

export const Board = away(program.Board, 'Board');
export const Relay = away(program.Relay, 'Relay');
export const Registry = away(program.Registry, 'Registry');
export const Poller = away(program.Poller, 'Poller');

export default {
  ...program.default,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/.away') return program.default.fetch(request, env, ctx);
    if (request.method === 'POST') states = await request.json();
    const counted = calls;
    calls = {};
    return Response.json(counted);
  },
};
