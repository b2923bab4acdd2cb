// The script around transform.wasm: hands requests to it, and ends those that go beyond their bounds.
//
// A program of jq may never end, or take all memory. The module counts its own steps (see meter.wat), so an endless one
// ends after the same number of them everywhere: the platform's limit of processor time would come much later, and a
// workerd on a machine of one's own has none and runs everything in one thread.

import module from './build/transform.wasm';

/** The first byte of a request (`shared/src/calls.rs`), and the status that says that it is another. */
const VERSION = 1;
const OTHER_VERSION_STATUS = 505;
/** Steps of one request. About half a second. */
const FUEL = 100_000_000;
/** An instance that has grown beyond this is not kept. */
const KEPT_BYTES = 32 * 1024 * 1024;

let instance;

/** Ends a request with one sentence; 1 says that it is about the program (wire.rs). */
const refuse = (why) => new Response(Uint8Array.of(1, ...new TextEncoder().encode(why)));

export default {
  async fetch(request) {
    const sent = new Uint8Array(await request.arrayBuffer());
    if (sent[0] !== VERSION) {
      return new Response(`jq is asked in version ${sent[0]}, this script has ${VERSION}`, { status: OTHER_VERSION_STATUS });
    }
    const body = sent.subarray(1);
    // Nothing is awaited from here on.
    instance ??= new WebAssembly.Instance(module, {});
    const { reserve, run, answer, fuel, memory } = instance.exports;
    fuel.value = FUEL;
    try {
      const at = reserve(body.length);
      new Uint8Array(memory.buffer, at, body.length).set(body);
      const length = run();
      const bytes = new Uint8Array(memory.buffer, answer(), length).slice();
      if (memory.buffer.byteLength > KEPT_BYTES) instance = undefined;
      return new Response(bytes);
    } catch (error) {
      // What a trap leaves behind is not to be used again.
      instance = undefined;
      if (fuel.value < 0) return refuse(`it takes more than ${FUEL / 1e6} million steps, or never ends`);
      console.error(`transform: ${error}`);
      return refuse('it takes more memory than there is, or calls itself too deeply');
    }
  },
};
