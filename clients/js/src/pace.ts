// How long the connection waits for what, in milliseconds: rules L2, L3, L4, L7. The same numbers as in the Rust link.

/** First pause before connecting again; it doubles. */
const BACKOFF = 500;
/** Longest pause. */
const BACKOFF_MAX = 30_000;
/** A connection that does not open by then is given up, and so is a token. */
export const OPEN = 10_000;
/** Silence after which the connection is probed. */
export const QUIET = 25_000;
/** A probe that is not answered by then means that the connection is dead. */
export const PROBE = 5_000;
/** A token is refreshed when this much of its life is left. */
export const REFRESH = 60_000;
/** Least time between two refreshes, for a token that lives shorter than that or a clock that is wrong. */
export const REFRESH_PAUSE = 30_000;
/** Pause after a refresh that failed. */
export const REFRESH_RETRY = 5_000;
/** A token that ends within this time is fetched anew before dialling. */
export const TOKEN_MARGIN = 5_000;
/** Copies that may break in a row before the connection is made anew, with a pause. */
export const BREAKS = 3;

/** The pause after so many failures in a row; `jitter` is random, 0 to 1. */
export function pause(failures: number, jitter: number): number {
  return Math.floor(Math.min(BACKOFF * 2 ** Math.min(failures, 10), BACKOFF_MAX) * (0.5 + 0.5 * Math.min(Math.max(jitter, 0), 1)));
}

/** The distance to the server's clock (L8): the message that travelled least makes the server look latest. */
export class Clock {
  #offsets: number[] = [];

  /** The server said its time. */
  heard(now: number, server: number): void {
    this.#offsets = [...this.#offsets.slice(-7), server - now];
  }

  /** What to add to this device's clock. */
  get offset(): number {
    return this.#offsets.length ? Math.max(...this.#offsets) : 0;
  }
}
