// Waiting for something to become true, on a machine of any speed.

import { setTimeout as sleep } from 'node:timers/promises';

/** Calls `check` until it answers something true, and answers that. Fails with what `what` says when it takes too long. */
export async function eventually(check, what, limitMs = 30_000) {
  const start = Date.now();
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() - start > limitMs) {
      throw new Error(`not within ${limitMs} ms: ${typeof what === 'function' ? what() : what}`);
    }
    await sleep(20);
  }
}
