// Numbers by chance that are the same for the same seed.

/** A generator (mulberry32) for a seed and a name: each name has numbers of its own. */
export class Random {
  #state;

  constructor(seed, name = '') {
    this.#state = seed | 0;
    for (const letter of name) this.#state = (Math.imul(this.#state ^ letter.codePointAt(0), 0x01000193) + 0x9e3779b9) | 0;
  }

  /** From 0 to below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number, both ends included. */
  whole(from, to) {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.whole(0, list.length - 1)];
  }

  /** A copy in another order. */
  shuffled(list) {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i -= 1) {
      const j = this.whole(0, i);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  }
}
