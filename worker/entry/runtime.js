// What stands between the platform and the program: a program that crashed is started anew before the next call.
//
// Cloudflare's worker-build puts a proxy around every object and another around every call for this. Here it is one
// comparison a call; see docs/benchmarks.md for what it saves.

import { __wbg_reset_state as reset, __worker_init_state as initState } from "../build/index.js";

/** The program's own record of its crashes and starts: the crate `worker` notes a panic there. */
const state = initState();

Error.stackTraceLimit = 100;

// Every step of the program's futures is queued with this. The platform's own makes an API object for each call; an
// error is reported as it would be there, so that the listener below sees a crash.
globalThis.queueMicrotask = (step) => {
  Promise.resolve().then(() => {
    try {
      step();
    } catch (error) {
      reportError(error);
    }
  });
};

addEventListener("error", (event) => note(event.error));

/** Starts the program anew if it crashed. Returns how often it has been started anew. */
export function start() {
  if (state.criticalError) {
    console.log("Reinitializing the program");
    reset();
    state.criticalError = false;
    state.instanceId++;
  }
  return state.instanceId;
}

/** Notes that the program crashed, if that is what the error says. */
export function note(error) {
  if (error instanceof WebAssembly.RuntimeError) {
    console.error("Critical", error);
    state.criticalError = true;
  }
}

/**
 * Gives a buffer's memory back, which nobody reads any more. The collector does so too, but only once there are some 64 MB
 * of them: bodies of 8 MB would be half of what an isolate may use.
 */
export function release(buffer) {
  buffer.transfer(0);
}

/** A long body in one buffer of its length. `arrayBuffer()` would hold it in pieces, and then once more. */
export async function whole(request) {
  const length = Number(request.headers.get("content-length"));
  const { value } = await request.body.getReader({ mode: "byob" }).readAtLeast(length, new Uint8Array(length));
  if (value?.byteLength !== length) throw new Error("the body is not as long as it says");
  return value.buffer;
}
