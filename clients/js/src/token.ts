// Where tokens come from: the program's callback, asked when one is needed and not more often.

import { HeliographError } from './error.js';
import type { Token } from './io.js';

/** Why a token is asked for: there is none yet or it ends soon, or the server refused the last one. */
export interface TokenRequest {
  reason: 'needed' | 'refused';
}

/** A JWT, or the answer of `POST /v1/tokens` as it is. */
export type TokenAnswer = string | { token: string; expires_at?: number };

/**
 * Gives a token for the board. To end the feed, throw a `HeliographError` with a status such as 401 or 403, or answer null:
 * anything else that is thrown counts as a failure that may pass, and is tried again.
 */
export type TokenCallback = (request: TokenRequest) => TokenAnswer | null | Promise<TokenAnswer | null>;

/** Asks the callback. Throws what it throws, and `no_token` when it has none. */
export async function ask(callback: TokenCallback, reason: TokenRequest['reason']): Promise<Token> {
  const answer = await callback({ reason });
  const jwt = typeof answer === 'string' ? answer : answer?.token;
  if (!jwt) throw new HeliographError('no_token', 'the token callback has no token for this board', { status: 401 });
  const expires = typeof answer === 'object' && answer?.expires_at !== undefined ? answer.expires_at : ending(jwt);
  return { jwt, expires };
}

/** When a JWT ends, in ms; never, for what is none or does not say. */
function ending(jwt: string): number {
  try {
    const claims = JSON.parse(atob((jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as { exp?: number };
    return claims.exp ? claims.exp * 1_000 : Infinity;
  } catch {
    return Infinity;
  }
}
