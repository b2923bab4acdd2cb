// In front of the worker's main module, of today's or of the old build's: a relay takes five viewers, and every relay
// after the first answers the board four seconds late.

import * as program from './MAIN';

const VIEWERS = 5;
const LATE_MS = 4_000;
let relays = 0;

export default program.default;
export const Board = program.Board;
export const Registry = program.Registry;

export class Relay extends program.Relay {
  #number = relays++;
  #viewers = 0;

  async fetch(request) {
    if (!new URL(request.url).pathname.startsWith('/feed')) {
      if (this.#number > 0) await new Promise((done) => setTimeout(done, LATE_MS));
      return super.fetch(request);
    }
    if (this.#viewers >= VIEWERS) return new Response(null, { status: 503 });
    this.#viewers += 1;
    return super.fetch(request);
  }
}
