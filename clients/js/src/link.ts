// The connection to a feed as a pure state machine: events in, commands out. It owns no clock, socket or random number.
// It is the twin of the Rust link (shared/src/link.rs); testkit/cases/link.json holds both to the same rules L, R, A1.

import { Acks } from './acks.js';
import { HeliographError, mayPass } from './error.js';
import { Following, send } from './following.js';
import type { Input, Output, Status, Token } from './io.js';
import type { ItemsCopy } from './items.js';
import * as pace from './pace.js';
import type { PresenceCopy } from './presence.js';
import type { ScoresCopy } from './scores.js';
import type { Event } from './types.js';
import { type ServerMessage, SUBPROTOCOL, read } from './wire.js';

type State =
  | { at: 'idle' | 'open' | 'offline' | 'stopped' }
  | { at: 'token' | 'opening'; attempt: number; since: number }
  | { at: 'waiting'; attempt: number; until: number };

/** Why close codes from 4500 end it, for programs and for people. */
const ENDS: Record<number, [string, string]> = {
  4500: ['protocol', 'the server could not understand this client; a newer version of it may help'],
  4501: ['forbidden', 'the token does not allow this board, or not any more'],
  4502: ['board_deleted', 'the board was deleted'],
  4503: ['ended', 'a manager, or a program that feeds this board, ended the connection'],
};

/** The connection. */
export class Link {
  readonly #needsToken: boolean;
  #state: State = { at: 'idle' };
  #token: Token | null = null;
  #fetching = false;
  /** Tokens in a row that the server refused although they had just been fetched. */
  #refusals = 0;
  #following = new Following();
  /** Events that were sent and not answered. */
  #publishing = new Set<number>();
  /** Events that wait for a connection. */
  #unsent = new Map<number, Event>();
  #breaks = 0;
  #refreshAfter = -Infinity;
  #lastHeard = 0;
  #probeSent: number | null = null;
  #failures = 0;
  #acks = new Acks();
  #clock = new pace.Clock();
  #said = '';
  #wake: number | null = null;
  /** Viewers of the board, where the server said so. */
  viewers: number | null = null;
  /** The connection's id at the server. */
  connection: string | null = null;

  constructor({ needsToken }: { needsToken: boolean }) {
    this.#needsToken = needsToken;
  }

  /** The copy of an items subscription. */
  items(id: number): ItemsCopy | undefined {
    return this.#following.get(id)?.items;
  }

  /** The copy of a scores subscription. */
  scores(id: number): ScoresCopy | undefined {
    return this.#following.get(id)?.scores;
  }

  /** The copy of a presence subscription. */
  presence(id: number): PresenceCopy | undefined {
    return this.#following.get(id)?.presence;
  }

  /** Whether the copy of this number is of what is asked for. */
  isSettled(id: number): boolean {
    return this.#following.isSettled(id);
  }

  /** The server's clock, as far as its status messages tell. */
  serverTime(now: number): number {
    return now + this.#clock.offset;
  }

  /** Takes an input; `jitter` is random, 0 to 1. After it has stopped nothing happens any more (L6). */
  handle(now: number, jitter: number, input: Input, out: Output[]): void {
    if (this.#state.at === 'stopped') return;
    switch (input.type) {
      case 'start':
        if (this.#state.at === 'idle') this.#dial(now, 0, out);
        break;
      case 'subscribe':
        if (this.#following.subscribe(input.id, input.wish) && this.#state.at === 'open') this.#following.ask(input.id, out);
        break;
      case 'unsubscribe':
        if (this.#following.unsubscribe(input.id) && this.#state.at === 'open') send({ action: 'unsubscribe', id: input.id }, out);
        break;
      case 'publish':
        this.#unsent.set(input.id, input.event);
        if (this.#state.at === 'open') this.#publish(out);
        break;
      case 'opened':
        if (this.#state.at === 'opening') this.#opened(now, out);
        break;
      case 'text':
        if (this.#state.at === 'open') this.#text(now, jitter, input.text, out);
        break;
      case 'closed':
        this.#closed(now, jitter, input.code, input.refusal, out);
        break;
      case 'token':
        this.#gotToken(now, input.token, out);
        break;
      case 'no token':
        this.#noToken(now, jitter, input.denied, out);
        break;
      case 'timer':
        this.#wake = null;
        this.#timer(now, jitter, out);
        break;
      case 'probe':
        this.#probe(now, out);
        break;
      case 'offline':
        if (this.#state.at !== 'offline' && this.#state.at !== 'idle') {
          this.#hangUp(out);
          this.#fetching = false;
          this.#state = { at: 'offline' };
        }
        break;
      case 'stop':
        this.#hangUp(out);
        this.#stop(new HeliographError('closed', 'the feed was closed by this program'), out);
        break;
    }
    this.#tell(out);
    this.#schedule(now, out);
  }

  // Dialling, tokens, pauses (L2, L4).

  #dial(now: number, attempt: number, out: Output[]): void {
    this.#probeSent = null;
    if (this.#needsToken && (!this.#token || this.#token.expires <= this.serverTime(now) + pace.TOKEN_MARGIN)) {
      this.#state = { at: 'token', attempt, since: now };
      this.#fetch(out);
    } else {
      this.#openSocket(now, attempt, out);
    }
  }

  #openSocket(now: number, attempt: number, out: Output[]): void {
    this.#state = { at: 'opening', attempt, since: now };
    out.push({ type: 'open', protocols: this.#token ? [SUBPROTOCOL, `bearer.${this.#token.jwt}`] : [SUBPROTOCOL] });
  }

  #fetch(out: Output[]): void {
    if (this.#fetching) return;
    this.#fetching = true;
    out.push({ type: 'fetch token' });
  }

  #gotToken(now: number, token: Token, out: Output[]): void {
    this.#fetching = false;
    const life = token.expires - this.serverTime(now);
    this.#refreshAfter = now + Math.min(Math.max(Math.floor(life / 2), 1_000), pace.REFRESH_PAUSE);
    this.#token = token;
    // It is fresh, whatever this device's clock says.
    if (this.#state.at === 'token') this.#openSocket(now, this.#state.attempt, out);
    else if (this.#state.at === 'open') send({ action: 'token', token: token.jwt }, out);
  }

  #noToken(now: number, jitter: number, denied: HeliographError | undefined, out: Output[]): void {
    this.#fetching = false;
    if (this.#state.at === 'token') {
      if (denied) this.#stop(denied, out);
      else this.#backOff(now, jitter, this.#state.attempt);
    } else {
      // The connection lives until its token ends; the next one needs a token and hears why not.
      this.#refreshAfter = denied ? Infinity : now + pace.REFRESH_RETRY;
    }
  }

  /** When the token shall be refreshed: while enough of its life is left, by the server's clock. */
  #refreshAt(): number | null {
    if (!this.#token || this.#fetching || !this.#needsToken) return null;
    return Math.max(this.#token.expires - pace.REFRESH - this.#clock.offset, this.#refreshAfter);
  }

  #backOff(now: number, jitter: number, attempt: number, least = 0): void {
    this.#failures = attempt + 1;
    this.#state = { at: 'waiting', until: now + Math.max(pace.pause(attempt, jitter), least), attempt: this.#failures };
  }

  #closed(now: number, jitter: number, code: number, refusal: HeliographError | undefined, out: Output[]): void {
    this.#probeSent = null;
    const state = this.#state;
    if (state.at !== 'opening' && state.at !== 'open') return;
    const attempt = state.at === 'opening' ? state.attempt : this.#failures;
    this.#gone(out);
    if (code >= 4500 && code < 5000) {
      const [name, message] = ENDS[code] ?? ['protocol', `the server ended the feed for good with code ${code}`];
      this.#stop(new HeliographError(name, message, { closeCode: code }), out);
      return;
    }
    // 4010 and 4011 are of the token. A browser does not say why an upgrade was refused: it may be the token, too.
    if (state.at === 'opening' || code === 4010 || code === 4011) this.#token = null;
    // A fresh token may do, once.
    const again = refusal?.status === 401 && this.#needsToken && ++this.#refusals < 2;
    if (refusal && !again && !mayPass(refusal)) {
      this.#stop(refusal, out);
      return;
    }
    this.#backOff(now, jitter, attempt, (refusal?.retryAfter ?? 0) * 1_000);
  }

  // An open connection (L1, L5).

  #opened(now: number, out: Output[]): void {
    this.#state = { at: 'open' };
    this.#lastHeard = now;
    this.#probeSent = null;
    this.#refusals = 0;
    this.#acks.clear();
    this.#following.opened(out);
    this.#publish(out);
  }

  #publish(out: Output[]): void {
    for (const [id, event] of this.#unsent) {
      this.#publishing.add(id);
      send({ action: 'publish', id, event }, out);
    }
    this.#unsent.clear();
  }

  #text(now: number, jitter: number, text: string, out: Output[]): void {
    this.#lastHeard = now;
    this.#probeSent = null;
    if (text === 'pong') return;
    const message = read(text);
    if (message) {
      this.#message(now, jitter, message, text, out);
      return;
    }
    // Nothing after a damaged message can be trusted: begin anew (L7).
    this.#following.outdate();
    out.push({ type: 'close' });
    this.#closed(now, jitter, 1002, undefined, out);
  }

  #message(now: number, jitter: number, message: ServerMessage, text: string, out: Output[]): void {
    switch (message.type) {
      case 'snapshot':
      case 'delta':
      case 'scores': {
        const taken = this.#following.take(message, out);
        if (taken?.fits) this.#taken(now, jitter, message.id, taken.cursor, text, out);
        // A frame of what was followed before needs no care: the snapshot that is on its way starts over.
        else if (taken && !this.#following.owes(message.id)) this.#broken(now, jitter, message.id, out);
        break;
      }
      case 'presence':
        if (this.#following.present(message, out)) this.#taken(now, jitter, message.id, message.cursor, text, out);
        break;
      case 'resumed':
        if (this.#following.resumed(message, out)) this.#failures = 0;
        break;
      case 'rewind':
        this.#following.rewound(message, out);
        break;
      case 'gap':
        out.push({ type: 'gap', id: message.id });
        break;
      case 'status':
        this.#clock.heard(now, message.time);
        this.viewers = message.viewers;
        this.connection = message.connection ?? this.connection;
        break;
      case 'error':
        this.#refused(now, message, out);
        break;
      case 'published':
        if (this.#publishing.delete(message.id)) out.push({ type: 'published', id: message.id, answer: message.answer });
        break;
      case 'message':
        out.push({ type: 'message', data: message.data });
        break;
      default:
      // The close that follows a bye carries the same code. A kind that a newer server has is none of ours.
    }
  }

  #refused(now: number, { id, action, code, message }: ServerMessage & { type: 'error' }, out: Output[]): void {
    out.push({ type: 'refused', id, action, code, message });
    if (action === 'publish' && id !== undefined) this.#publishing.delete(id);
    if (action === 'token' || code === 'token_refused') {
      // The feed goes on under the old token until that ends. Another one is asked for, less and less often.
      this.#refusals += 1;
      if (this.#token) this.#token = { ...this.#token, expires: -Infinity };
      this.#refreshAfter = now + Math.min(pace.REFRESH_RETRY * 2 ** Math.min(this.#refusals - 1, 4), pace.REFRESH);
    }
    if (action === 'subscribe' && id !== undefined) this.#following.refused(id);
  }

  #taken(now: number, jitter: number, id: number, cursor: string, text: string, out: Output[]): void {
    this.#failures = 0;
    this.#breaks = 0;
    this.#acks.taken(now, jitter, id, cursor, text, out);
  }

  /** A copy does not fit the frames: it starts over. When that does not help, the connection does (L7). */
  #broken(now: number, jitter: number, id: number, out: Output[]): void {
    this.#breaks += 1;
    this.#following.outdate(id);
    out.push({ type: 'gap', id });
    if (this.#breaks > pace.BREAKS) {
      out.push({ type: 'close' });
      this.#closed(now, jitter, 1002, undefined, out);
    } else {
      this.#following.ask(id, out);
    }
  }

  // Probes, timers, the end (L3, L6).

  #probe(now: number, out: Output[]): void {
    const { at } = this.#state;
    if (at === 'open' && this.#probeSent === null) {
      this.#probeSent = now;
      out.push({ type: 'send', text: 'ping' });
    }
    if (at === 'waiting' || at === 'offline') this.#dial(now, 0, out);
  }

  #timer(now: number, jitter: number, out: Output[]): void {
    const state = this.#state;
    switch (state.at) {
      case 'waiting':
        if (state.until <= now) this.#dial(now, state.attempt, out);
        break;
      case 'opening':
      case 'token':
        if (now - state.since < pace.OPEN) break;
        if (state.at === 'opening') out.push({ type: 'close' });
        else this.#fetching = false;
        this.#backOff(now, jitter, state.attempt);
        break;
      case 'open': {
        if (this.#probeSent !== null && now - this.#probeSent >= pace.PROBE) {
          this.#hangUp(out);
          this.#dial(now, 0, out);
          break;
        }
        if (now - this.#lastHeard >= pace.QUIET) this.#probe(now, out);
        if (this.#acks.at <= now) this.#acks.send(out);
        const refresh = this.#refreshAt();
        if (refresh !== null && refresh <= now) this.#fetch(out);
        break;
      }
      default:
    }
  }

  #hangUp(out: Output[]): void {
    out.push({ type: 'close' });
    this.#gone(out);
  }

  /** The connection is no more, and nothing will be answered on it. */
  #gone(out: Output[]): void {
    this.#following.closed();
    if (this.#publishing.size) out.push({ type: 'lost', ids: [...this.#publishing] });
    this.#publishing.clear();
  }

  #stop(error: HeliographError, out: Output[]): void {
    this.#state = { at: 'stopped' };
    out.push({ type: 'status', status: { state: 'stopped', error } });
  }

  #status(): Status | null {
    const state = this.#state;
    switch (state.at) {
      case 'token':
      case 'opening':
        return { state: 'connecting', attempt: state.attempt };
      case 'open':
        return { state: this.#following.isAnswered ? 'live' : 'catching_up' };
      case 'waiting':
        return { state: 'waiting', until: state.until, attempt: state.attempt };
      case 'offline':
        return { state: 'offline' };
      default:
        return null;
    }
  }

  /** Says the state when it differs from what was said. */
  #tell(out: Output[]): void {
    const status = this.#status();
    const text = JSON.stringify(status);
    if (!status || text === this.#said) return;
    this.#said = text;
    out.push({ type: 'status', status });
  }

  #schedule(now: number, out: Output[]): void {
    const state = this.#state;
    let next = Infinity;
    if (state.at === 'waiting') next = state.until;
    if (state.at === 'opening' || state.at === 'token') next = state.since + pace.OPEN;
    if (state.at === 'open') {
      const refresh = this.#refreshAt();
      next = Math.min(
        this.#probeSent === null ? this.#lastHeard + pace.QUIET : this.#probeSent + pace.PROBE,
        this.#acks.at,
        refresh === null ? Infinity : Math.max(refresh, now + 1_000),
      );
    }
    // A timer that comes early only looks and sets the next: moving it for every message would cost more.
    if (next === Infinity || (this.#wake !== null && this.#wake <= next)) return;
    this.#wake = next;
    out.push({ type: 'wake', at: next });
  }
}
