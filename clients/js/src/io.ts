// What goes into a link and what comes out.

import type { HeliographError } from './error.js';
import type { Event, IngestAnswer, ItemsChange, ItemsWish, PresenceChange, PresenceWish, Rewound, ScoresChange, ScoresWish } from './types.js';

/** What is followed under a number. */
export type Wish = ({ what: 'items' } & ItemsWish) | ({ what: 'scores' } & ScoresWish) | ({ what: 'presence' } & PresenceWish);

/** A token, and when it ends by the server's clock, in ms. */
export interface Token {
  jwt: string;
  expires: number;
}

/** What happened. */
export type Input =
  | { type: 'start' | 'opened' | 'timer' | 'probe' | 'offline' | 'stop' }
  | { type: 'subscribe'; id: number; wish: Wish }
  | { type: 'unsubscribe'; id: number }
  | { type: 'publish'; id: number; event: Event }
  | { type: 'text'; text: string }
  /** The socket closed or failed; `refusal` is why, where a socket that never opened could be asked about. */
  | { type: 'closed'; code: number; refusal?: HeliographError }
  | { type: 'token'; token: Token }
  /** There is no token: `denied` when asking again is pointless. */
  | { type: 'no token'; denied?: HeliographError };

/** What the shell shall do, or tell. */
export type Output =
  | { type: 'open'; protocols: string[] }
  /** Its later events must not come back as inputs. */
  | { type: 'close' }
  | { type: 'send'; text: string }
  | { type: 'fetch token' }
  /** Come back with a timer at this time; replaces the earlier one. */
  | { type: 'wake'; at: number }
  | { type: 'items'; id: number; change: ItemsChange }
  | { type: 'scores'; id: number; change: ScoresChange }
  | { type: 'presence'; id: number; change: PresenceChange }
  /** What was, before the copy that comes next. */
  | { type: 'rewind'; id: number; rewound: Rewound }
  /** Every subscribe under this number has been answered: the copy is of what was asked for. */
  | { type: 'answered'; id: number }
  /** Changes were lost; a snapshot follows. */
  | { type: 'gap'; id: number }
  | { type: 'refused'; id?: number; action?: string; code: string; message: string }
  | { type: 'published'; id: number; answer: IngestAnswer }
  /** What was sent may have arrived or not. */
  | { type: 'lost'; ids: number[] }
  | { type: 'message'; data: string }
  | { type: 'status'; status: Status };

/** How the connection is. */
export type Status =
  /** A token is fetched or a socket opened; so many attempts failed before. */
  | { state: 'connecting'; attempt: number }
  /** Open, but not every subscription has been answered. */
  | { state: 'catching_up' }
  /** Everything is as the server has it. */
  | { state: 'live' }
  /** A pause after a failure, until then (ms, this device's clock). */
  | { state: 'waiting'; until: number; attempt: number }
  /** The device has no network, or the page is put away. */
  | { state: 'offline' }
  /** It is over, and connecting again is pointless. */
  | { state: 'stopped'; error: HeliographError };
