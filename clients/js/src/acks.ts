// When and what is acknowledged: rule A1.

import { send } from './following.js';
import type { Output } from './io.js';
import { bytes } from './wire.js';

/** A frame is acknowledged after this time at the latest, in ms. */
const ACK = 8_000;
/** The time to it is up to this much shorter, at random. */
const SPREAD = 3_000;
/** Frames of so many bytes are acknowledged at once. */
const BYTES = 256 * 1024;

/** The frames that were taken and not acknowledged. */
export class Acks {
  #bytes = 0;
  /** How far each subscription is that got one. */
  #cursors = new Map<number, string>();
  /** When they are acknowledged at the latest; infinite when there are none. */
  at = Infinity;

  /** A frame was taken; `jitter` is random, 0 to 1. */
  taken(now: number, jitter: number, id: number, cursor: string, text: string, out: Output[]): void {
    this.#bytes += bytes(text);
    this.#cursors.set(id, cursor);
    // A frame reaches a crowd at the same moment; their acknowledgements come spread out.
    if (this.at === Infinity) this.at = now + ACK - Math.floor(SPREAD * Math.min(Math.max(jitter, 0), 1));
    if (this.#bytes >= BYTES) this.send(out);
  }

  /** Says how far each subscription is: cursors are not compared, so each says its own. */
  send(out: Output[]): void {
    for (const cursor of new Set(this.#cursors.values())) send({ action: 'ack', cursor }, out);
    this.clear();
  }

  /** Another connection has nothing to acknowledge. */
  clear(): void {
    this.#bytes = 0;
    this.#cursors.clear();
    this.at = Infinity;
  }
}
