// The script around transform.wasm and picture.wasm: hands requests to them, and ends those that go beyond their bounds.
//
// A program of jq may never end, or take all memory. The module counts its own steps (see meter.wat), so an endless one
// ends after the same number of them everywhere: the platform's limit of processor time would come much later, and a
// workerd on a machine of one's own has none and runs everything in one thread.

import drawing from './build/picture.wasm';
import module from './build/transform.wasm';

/** The first byte of a request (`shared/src/calls.rs`), and the status that says that it is another. */
const VERSION = 1;
const OTHER_VERSION_STATUS = 505;
/** Steps of one request. About half a second. */
const FUEL = 100_000_000;
/** An instance that has grown beyond this is not kept. */
const KEPT_BYTES = 32 * 1024 * 1024;

let instance;
let painter;

/** Ends a request with one sentence; 1 says that it is about the program (wire.rs). */
const refuse = (why) => new Response(Uint8Array.of(1, ...new TextEncoder().encode(why)));

/** What a module makes of a request. */
function answered({ reserve, run, answer, memory }, body) {
  const at = reserve(body.length);
  new Uint8Array(memory.buffer, at, body.length).set(body);
  const length = run();
  return new Uint8Array(memory.buffer, answer(), length).slice();
}

/** A PNG of a picture, which is ours: its bounds are those of its size (picture/src/lib.rs). */
function drawn(body) {
  painter ??= new WebAssembly.Instance(drawing, {});
  try {
    return new Response(answered(painter.exports, body));
  } catch (error) {
    painter = undefined;
    console.error(`picture: ${error}`);
    return refuse('it could not be drawn');
  }
}

export default {
  async fetch(request) {
    const sent = new Uint8Array(await request.arrayBuffer());
    if (sent[0] !== VERSION) {
      return new Response(`jq is asked in version ${sent[0]}, this script has ${VERSION}`, { status: OTHER_VERSION_STATUS });
    }
    const body = sent.subarray(1);
    // Nothing is awaited from here on.
    if (new URL(request.url).pathname === '/picture') return drawn(body);
    instance ??= new WebAssembly.Instance(module, {});
    const { fuel, memory } = instance.exports;
    fuel.value = FUEL;
    try {
      const bytes = answered(instance.exports, body);
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
