import type { Problem } from './types.js';

/** What was refused or went wrong. `code` is stable: the server's (docs/errors), or one of this package's own. */
export class HeliographError extends Error {
  override readonly name = 'HeliographError';
  /** The stable code, such as `forbidden`, `invalid_bbox`, `connection_lost`. */
  readonly code: string;
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** The close code of the feed, where that ended it. */
  readonly closeCode?: number;
  /** The fields that are wrong, where it is about fields. */
  readonly errors: readonly { field: string; code: string; message: string }[];
  /** Seconds to wait before trying again, where the server said so. */
  readonly retryAfter?: number;

  constructor(
    code: string,
    message: string,
    more: {
      status?: number;
      closeCode?: number;
      errors?: Problem['errors'];
      retryAfter?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.status = more.status;
    this.closeCode = more.closeCode;
    this.errors = more.errors ?? [];
    this.retryAfter = more.retryAfter;
  }
}

/** Whether asking again later may help: all but a plain no, which is a status from 400 to 499 other than 408 and 429. */
export function mayPass(error: unknown): boolean {
  const status = error instanceof HeliographError ? error.status : undefined;
  return status === undefined || status < 400 || status >= 500 || status === 408 || status === 429;
}
