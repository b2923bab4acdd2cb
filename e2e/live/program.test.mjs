// The worker's program in pieces that the platform can compile while it works: a function that has become busy is optimised
// whole, which takes time and memory by its size. One of 130 KB took 36 MB and most of a second.
// Runs alone: it measures what the platform compiles.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ROOT } from '../server.mjs';

/** Bytes of a function's code. */
const FUNCTION_BYTES = 64 * 1024;

/** The sizes of a WebAssembly program's functions, in their order. */
function sizes(wasm) {
  let at = 8;
  const number = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = wasm[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  while (at < wasm.length) {
    const section = wasm[at++];
    const end = number() + at;
    if (section === 10) {
      return Array.from({ length: number() }, () => {
        const size = number();
        at += size;
        return size;
      });
    }
    at = end;
  }
  throw new Error('no code');
}

test('f5_no_function_of_the_program_is_so_large_that_optimising_it_takes_the_memory_of_a_board', (t) => {
  const all = sizes(readFileSync(join(ROOT, 'worker/build/index_bg.wasm'))).sort((a, b) => b - a);
  t.diagnostic(`${all.length} functions, the largest ${all.slice(0, 5)} bytes`);
  assert.ok(all.length > 1_000);
  assert.ok(all[0] <= FUNCTION_BYTES, `the largest function has ${all[0]} bytes`);
});
