// The server's machine: its clock and its disk, which a run changes under it.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('clock.c', import.meta.url));
/** Stores check that signatures are of these minutes; beyond, everything would be refused. */
const MOST_SECONDS = 600;

export class Machine {
  /** By how many seconds its clock is ahead. */
  ahead = 0;

  /** Makes one in a folder. Without a C compiler, or elsewhere than on Linux, clock and disk can't be changed. */
  static make(folder) {
    const machine = new Machine();
    const library = join(folder, 'clock.so');
    const made = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, SOURCE], { encoding: 'utf8' });
    const limits = spawnSync('prlimit', ['--version']);
    if (process.platform !== 'linux' || made.status !== 0 || limits.status !== 0) {
      machine.lacks = 'needs Linux, cc and prlimit';
      machine.env = {};
      return machine;
    }
    const clock = join(folder, 'clock');
    writeFileSync(clock, Buffer.alloc(8));
    machine.file = openSync(clock, 'r+');
    machine.env = { CHAOS_CLOCK: clock, LD_PRELOAD: library };
    return machine;
  }

  /** Sets the clock on by so many seconds (back, when negative), never further off than stores tolerate. Answers by how many. */
  jump(seconds) {
    const to = Math.max(-MOST_SECONDS, Math.min(MOST_SECONDS, this.ahead + seconds));
    const by = to - this.ahead;
    this.ahead = to;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(to) * 1_000_000_000n);
    writeSync(this.file, bytes, 0, 8, 0);
    return by;
  }

  /** No file of a process may be written beyond so many bytes: what a disk that is full does. */
  fill(pid, bytes) {
    this.#limit(pid, bytes);
  }

  /** Files may grow again. */
  free(pid) {
    this.#limit(pid, 'unlimited');
  }

  #limit(pid, soft) {
    const done = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:`], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`prlimit: ${done.stderr}`);
  }

  close() {
    if (this.file !== undefined) closeSync(this.file);
  }
}
