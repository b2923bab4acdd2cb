// The feed as a program uses it: the link's shell. It owns the socket, the timer, the page's events and the token callback.

import { Emitter } from './emitter.js';
import { HeliographError, mayPass } from './error.js';
import type { Input, Output, Status, Wish } from './io.js';
import { Link } from './link.js';
import { check } from './rest.js';
import { Items, Presence, Scores, type Shell } from './subscription.js';
import { type TokenCallback, ask } from './token.js';
import type { Event, IngestAnswer, ItemsWish, PresenceWish, ScoresWish } from './types.js';

/** What the socket of a platform can do; npm's `ws` fits, too. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}

/** How to connect. */
export interface FeedOptions {
  /** The server's address, `https://…`. */
  url: string;
  /** The board's name. */
  board: string;
  /** Gives a token; not needed for a board that everybody may read. */
  token?: TokenCallback;
  /** The constructor of sockets where the platform has none of its own, such as `ws` on Node 20. */
  WebSocket?: new (url: string, protocols: string[]) => Socket;
  /** Takes the place of the platform's `fetch`. */
  fetch?: typeof fetch;
}

interface FeedEvents {
  /** How the connection is now. */
  status: Status;
  /** What was refused and is of no subscription, such as a token. */
  error: HeliographError;
  /** What a program told this connection. */
  message: string;
}

/** Opens the feed of a board. It keeps itself connected until `close`, or until the server ends it for good. */
export function connect(options: FeedOptions): Feed {
  return new Feed(options);
}

/** A connection to a board's feed. */
export class Feed extends Emitter<FeedEvents> {
  readonly #options: FeedOptions;
  readonly #link: Link;
  readonly #address: string;
  readonly #make: new (url: string, protocols: string[]) => Socket;
  readonly #listening = new AbortController();
  #socket: Socket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #jwt: string | undefined;
  /** The number of the dial that is under way: answers to earlier ones are not wanted any more. */
  #dial = 0;
  #wasRefused = false;
  #next = 0;
  #items = new Map<number, Items>();
  #scores = new Map<number, Scores>();
  #presences = new Map<number, Presence>();
  #publishing = new Map<number, { done: (answer: IngestAnswer) => void; failed: (error: HeliographError) => void }>();
  #status: Status = { state: 'offline' };

  /** @internal */
  constructor(options: FeedOptions) {
    super();
    const make = options.WebSocket ?? (globalThis.WebSocket as FeedOptions['WebSocket'] | undefined);
    if (!make) throw new HeliographError('no_websocket', 'this platform has no WebSocket: pass one as the option WebSocket, such as that of the npm package ws');
    this.#options = options;
    this.#make = make;
    this.#address = check(options).replace(/^http/, 'ws') + '/feed';
    this.#link = new Link({ needsToken: options.token !== undefined });
    this.#listen();
    this.#handle({ type: 'start' });
    if (globalThis.navigator?.onLine === false) this.#handle({ type: 'offline' });
  }

  /** How the connection is. */
  get status(): Status {
    return this.#status;
  }

  /** How many watch this board, a few seconds old at most; null before the server said it. */
  get viewers(): number | null {
    return this.#link.viewers;
  }

  /** The connection's id, by which a program can talk to it. */
  get connection(): string | null {
    return this.#link.connection;
  }

  /** The server's time now, in ms. */
  serverTime(): number {
    return this.#link.serverTime(Date.now());
  }

  /** Follows items: all, some keys, or a box. Wait for `ready` to have them. */
  items(wish: ItemsWish = {}): Items {
    const id = this.#next++;
    const items = new Items(this.#shell(id, (link) => link.items(id), this.#items));
    this.#begin(id, items, this.#items, { what: 'items', ...wish });
    return items;
  }

  /** Follows rows of the board's ranking. Wait for `ready` to have them. */
  scores(wish: ScoresWish = {}): Scores {
    const id = this.#next++;
    const scores = new Scores(this.#shell(id, (link) => link.scores(id), this.#scores));
    this.#begin(id, scores, this.#scores, { what: 'scores', ...wish });
    return scores;
  }

  /** Follows who is there, where the board's config tells it. Wait for `ready` to know. */
  presence(wish: PresenceWish = {}): Presence {
    const id = this.#next++;
    const presence = new Presence(this.#shell(id, (link) => link.presence(id), this.#presences));
    this.#begin(id, presence, this.#presences, { what: 'presence', ...wish });
    return presence;
  }

  /**
   * Sends an event by the feed, at once or when it is connected. Resolves with what became of it. It rejects with `slow_down`
   * when it was not taken, and with `connection_lost` when it may have been: give events an id, and send it again.
   */
  publish(event: Event): Promise<IngestAnswer> {
    return new Promise((done, failed) => {
      if (this.#status.state === 'stopped') return failed(this.#status.error);
      const id = this.#next++;
      this.#publishing.set(id, { done, failed });
      return this.#handle({ type: 'publish', id, event });
    });
  }

  /** Looks at once whether the connection is alive, or connects without waiting for the end of a pause. */
  probe(): void {
    this.#handle({ type: 'probe' });
  }

  /** Ends it. What was there stays readable. */
  close(): void {
    this.#handle({ type: 'stop' });
  }

  #begin<Subscription extends Items | Scores | Presence>(id: number, subscription: Subscription, all: Map<number, Subscription>, wish: Wish): void {
    if (this.#status.state === 'stopped') return subscription.answered(this.#status.error, true);
    all.set(id, subscription);
    return this.#handle({ type: 'subscribe', id, wish });
  }

  #shell<Copy>(id: number, copy: (link: Link) => Copy | undefined, all: Map<number, unknown>): Shell<Copy> {
    return {
      copy: () => copy(this.#link),
      ask: (wish) => {
        this.#handle({ type: 'subscribe', id, wish });
        // The same again is what it has already, and nothing will come.
        if (this.#link.isSettled(id)) this.#subscription(id)?.answered();
      },
      drop: () => {
        const subscription = this.#subscription(id);
        all.delete(id);
        this.#handle({ type: 'unsubscribe', id });
        subscription?.answered(new HeliographError('closed', 'the subscription was closed by this program'), true);
      },
    };
  }

  #subscription(id: number | undefined): Items | Scores | Presence | undefined {
    return id === undefined ? undefined : (this.#items.get(id) ?? this.#scores.get(id) ?? this.#presences.get(id));
  }

  #handle(input: Input): void {
    const out: Output[] = [];
    this.#link.handle(Date.now(), Math.random(), input, out);
    for (const command of out) this.#do(command);
  }

  #do(command: Output): void {
    switch (command.type) {
      case 'open':
        this.#open(command.protocols);
        break;
      case 'close':
        this.#hangUp();
        break;
      case 'send':
        this.#socket?.send(command.text);
        break;
      case 'fetch token':
        void this.#fetchToken();
        break;
      case 'wake':
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#handle({ type: 'timer' }), Math.max(command.at - Date.now(), 0));
        break;
      case 'items':
        this.#items.get(command.id)?.changed(command.change);
        break;
      case 'scores':
        this.#scores.get(command.id)?.changed(command.change);
        break;
      case 'presence':
        this.#presences.get(command.id)?.changed(command.change);
        break;
      case 'rewind':
        this.#subscription(command.id)?.emit('rewind', command.rewound);
        break;
      case 'answered':
        this.#subscription(command.id)?.answered();
        break;
      case 'gap':
        this.#subscription(command.id)?.emit('gap', undefined);
        break;
      case 'refused':
        this.#refused(command);
        break;
      case 'published':
        this.#publishing.get(command.id)?.done(command.answer);
        this.#publishing.delete(command.id);
        break;
      case 'lost':
        for (const id of command.ids) this.#fail(id, new HeliographError('connection_lost', 'the connection broke before the server answered: the event may have been taken or not'));
        break;
      case 'message':
        this.emit('message', command.data);
        break;
      case 'status':
        this.#status = command.status;
        if (command.status.state === 'stopped') this.#stopped(command.status.error);
        this.emit('status', command.status);
        break;
    }
  }

  #refused({ id, action, code, message }: Output & { type: 'refused' }): void {
    const error = new HeliographError(code, message);
    if (action === 'token') this.#wasRefused = true;
    if (action === 'publish' && id !== undefined && this.#fail(id, error)) return;
    const subscription = action === 'subscribe' ? this.#subscription(id) : undefined;
    if (subscription) subscription.answered(error);
    else this.emit('error', error);
  }

  #fail(id: number, error: HeliographError): boolean {
    this.#publishing.get(id)?.failed(error);
    return this.#publishing.delete(id);
  }

  #stopped(error: HeliographError): void {
    clearTimeout(this.#timer);
    this.#hangUp();
    this.#listening.abort();
    for (const id of [...this.#publishing.keys()]) this.#fail(id, error);
    for (const subscription of [...this.#items.values(), ...this.#scores.values(), ...this.#presences.values()]) subscription.answered(error, true);
  }

  #open(protocols: string[]): void {
    this.#hangUp();
    const dial = ++this.#dial;
    const [, bearer] = protocols;
    this.#jwt = bearer?.slice('bearer.'.length);
    let opened = false;
    const closed = async (code: number): Promise<void> => {
      this.#socket = null;
      // Browsers do not say why an upgrade was refused: the API is asked for that.
      const refusal = opened ? undefined : await this.#why();
      if (dial !== this.#dial) return;
      if (refusal?.status === 401) this.#wasRefused = true;
      this.#handle({ type: 'closed', code, refusal });
    };
    let socket: Socket;
    try {
      socket = new this.#make(this.#address, protocols);
    } catch {
      void closed(1006);
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      opened = true;
      this.#handle({ type: 'opened' });
    };
    socket.onmessage = ({ data }: { data: unknown }) => this.#handle({ type: 'text', text: String(data) });
    socket.onclose = ({ code }: { code: number }) => {
      quiet(socket);
      void closed(code);
    };
    // A close follows every error.
    socket.onerror = () => {};
  }

  /** Closes the socket; what it says from now on is not heard. */
  #hangUp(): void {
    this.#dial += 1;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    quiet(socket);
    socket.close();
  }

  /** Why the server does not let this token in; undefined when it would, or can't be asked. */
  async #why(): Promise<HeliographError | undefined> {
    const { fetch = globalThis.fetch, ...options } = this.#options;
    const headers: HeadersInit = this.#jwt === undefined ? {} : { authorization: `Bearer ${this.#jwt}` };
    try {
      const answer = await fetch(`${check(options)}/items?limit=1`, { headers, signal: AbortSignal.timeout(5_000) });
      if (answer.ok) return undefined;
      const problem = (await answer.json()) as { code?: string; detail?: string; retry_after_s?: number };
      return new HeliographError(problem.code ?? 'refused', problem.detail ?? `the server answered ${answer.status}`, {
        status: answer.status,
        retryAfter: problem.retry_after_s ?? undefined,
      });
    } catch {
      return undefined;
    }
  }

  async #fetchToken(): Promise<void> {
    const reason = this.#wasRefused ? 'refused' : 'needed';
    this.#wasRefused = false;
    try {
      this.#handle({ type: 'token', token: await ask(this.#options.token!, reason) });
    } catch (error) {
      const denied = mayPass(error) ? undefined : (error as HeliographError);
      this.#handle({ type: 'no token', denied });
    }
  }

  #listen(): void {
    if (typeof globalThis.addEventListener !== 'function') return;
    const options = { signal: this.#listening.signal };
    const on = (target: EventTarget, name: string, then: () => void): void => target.addEventListener(name, then, options);
    on(globalThis, 'online', () => this.probe());
    on(globalThis, 'offline', () => this.#handle({ type: 'offline' }));
    if (typeof document === 'undefined') return;
    on(document, 'visibilitychange', () => document.visibilityState === 'visible' && this.probe());
    // A page with an open connection is not kept for the way back.
    on(globalThis, 'pagehide', () => this.#handle({ type: 'offline' }));
    on(globalThis, 'pageshow', () => this.probe());
  }
}

function quiet(socket: Socket): void {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.onerror = () => {};
}
