// The REST views of a board, and batches of events, by HTTP.

import { HeliographError } from './error.js';
import type { Token } from './io.js';
import { type TokenCallback, ask } from './token.js';
import type {
  Alarm,
  AlarmEvents,
  AlarmEventsQuery,
  AlarmsPage,
  AlarmsQuery,
  BoardSeries,
  Event,
  IngestAnswer,
  Item,
  ItemQuery,
  ItemSeries,
  ItemSeriesQuery,
  ItemTrack,
  ItemTrackQuery,
  ItemTrips,
  ItemTripsQuery,
  ItemsPage,
  ItemsQuery,
  Problem,
  ScoresPage,
  ScoresQuery,
  SeriesQuery,
  Summary,
  Views,
} from './types.js';

/** Where the board is, and who asks. */
export interface RestOptions {
  /** The server's address, `https://…`. */
  url: string;
  /** The board's name. */
  board: string;
  /** Gives a token or an API key; not needed for a board that everybody may read. */
  token?: TokenCallback;
  /** Takes the place of the platform's `fetch`. */
  fetch?: typeof fetch;
}

/** How to send a batch. */
export interface PublishOptions {
  /** Makes a repetition harmless; a random one when left out. */
  idempotencyKey?: string;
  /** How often a batch that was not taken for now is sent again; 5 when left out. */
  retries?: number;
  /** Ends the waiting, too. */
  signal?: AbortSignal;
}

/** Parameters of a query: lists are joined by commas, but for `where`, which is repeated. */
type Query = Record<string, unknown>;

/** Answers that are kept for their ETags. */
const KEPT = 100;
/** Pause where the server says none, in seconds; it doubles. */
const PAUSE = 0.5;

/** The board's address; throws when an option is wrong. */
export function check({ url, board }: { url: string; board: string }): string {
  const base = /^https?:\/\//.test(url ?? '') ? url.replace(/\/+$/, '') : undefined;
  if (!base) throw new HeliographError('invalid_option', `url is ${JSON.stringify(url)}: it must begin with https:// or http://`);
  if (!board) throw new HeliographError('invalid_option', 'board is missing: it is the name in /v1/boards/{board}');
  return `${base}/v1/boards/${encodeURIComponent(board)}`;
}

/** The REST views of a board. */
export function rest(options: RestOptions): Rest {
  return new Rest(options);
}

/** A board by HTTP. Answers are kept with their ETags: what did not change is not sent again. Do not change what you get. */
export class Rest {
  readonly #options: RestOptions;
  readonly #base: string;
  readonly #kept = new Map<string, { etag: string; body: unknown }>();
  #token: Promise<Token> | null = null;

  /** @internal */
  constructor(options: RestOptions) {
    this.#options = options;
    this.#base = check(options);
  }

  /** A page of items: `next` is the `after` of the next one. */
  items(query: ItemsQuery = {}, signal?: AbortSignal): Promise<ItemsPage> {
    return this.#get('/items', query, signal);
  }

  /** One item. */
  item(key: string, query: ItemQuery = {}, signal?: AbortSignal): Promise<Item> {
    return this.#get(`/items/${encodeURIComponent(key)}`, query, signal);
  }

  /** A field of one item over time. */
  itemSeries(key: string, query: ItemSeriesQuery = {}, signal?: AbortSignal): Promise<ItemSeries> {
    return this.#get(`/items/${encodeURIComponent(key)}/series`, query, signal);
  }

  /** Where one item was: each point is time, latitude, longitude, speed and heading, with null for what is not known. */
  itemTrack(key: string, query: ItemTrackQuery = {}, signal?: AbortSignal): Promise<ItemTrack> {
    return this.#get(`/items/${encodeURIComponent(key)}/track`, query, signal);
  }

  /** The trips that one item made, and where it stood in between. */
  itemTrips(key: string, query: ItemTripsQuery = {}, signal?: AbortSignal): Promise<ItemTrips> {
    return this.#get(`/items/${encodeURIComponent(key)}/trips`, query, signal);
  }

  /** A page of the alarms that stand, the newest first: `next` is the `after` of the next one. For who may manage the board, as all of alarms. */
  alarms(query: AlarmsQuery = {}, signal?: AbortSignal): Promise<AlarmsPage> {
    return this.#get('/alarms', query, signal);
  }

  /** A page of what happened to alarms, the newest first. */
  alarmEvents(query: AlarmEventsQuery = {}, signal?: AbortSignal): Promise<AlarmEvents> {
    return this.#get('/alarms/events', query, signal);
  }

  /** Says that an alarm was seen. It stands on; once more changes nothing. */
  async acknowledge(id: number, signal?: AbortSignal): Promise<Alarm> {
    const answer = await this.#call(`${this.#base}/alarms/${id}/acknowledge`, { method: 'POST', headers: {}, signal });
    return (await answer.json()) as Alarm;
  }

  /** A page of the ranking. */
  scores(query: ScoresQuery = {}, signal?: AbortSignal): Promise<ScoresPage> {
    return this.#get('/scores', query, signal);
  }

  /** A field over time, by groups. */
  series(query: SeriesQuery, signal?: AbortSignal): Promise<BoardSeries> {
    return this.#get('/series', query, signal);
  }

  /** Counts, the box, numbers over all items. */
  summary(signal?: AbortSignal): Promise<Summary> {
    return this.#get('/summary', {}, signal);
  }

  /** The board's named views. */
  views(signal?: AbortSignal): Promise<Views> {
    return this.#get('/views', {}, signal);
  }

  /** The answer of a named view, with its parameters. What it looks like depends on the view; one that is not JSON comes as text. */
  view<Answer = unknown>(name: string, parameters: Query = {}, signal?: AbortSignal): Promise<Answer> {
    return this.#get(`/views/${encodeURIComponent(name)}`, parameters, signal);
  }

  /**
   * Sends events as one batch. A batch that the server can't take for now (429, 503) is sent again after the time that it
   * says, and so is one that got no answer: the idempotency key makes that harmless. Events that are wrong are no error: the
   * answer's `results` has them.
   */
  async publish(events: Event | readonly Event[], options: PublishOptions = {}): Promise<IngestAnswer> {
    const { idempotencyKey = crypto.randomUUID(), retries = 5, signal } = options;
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    const request = { method: 'POST', headers, body: JSON.stringify(events), signal };
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.#call(`${this.#base}/events`, request);
        return (await answer.json()) as IngestAnswer;
      } catch (error) {
        const { code, status, retryAfter } = error as HeliographError;
        const again = code === 'unreachable' || status === 429 || status === 503;
        if (!again || attempt >= retries || signal?.aborted) throw error;
        await pause(Math.max(retryAfter ?? 0, PAUSE * 2 ** attempt * (0.5 + Math.random() / 2)) * 1_000, signal);
      }
    }
  }

  async #get<Answer>(path: string, query: Query, signal?: AbortSignal): Promise<Answer> {
    const url = this.#base + path + text(query);
    const kept = this.#kept.get(url);
    const answer = await this.#call(url, { headers: kept ? { 'if-none-match': kept.etag } : {}, signal });
    this.#kept.delete(url);
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    const body = answer.status === 304 && kept ? kept.body : isJson ? ((await answer.json()) as unknown) : await answer.text();
    const etag = answer.headers.get('etag') ?? (answer.status === 304 ? kept?.etag : undefined);
    if (etag) this.#kept.set(url, { etag, body });
    // The one that was not asked for longest makes room.
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return body as Answer;
  }

  /** An answer that is good or 304; anything else is thrown. A token that is refused is fetched anew, once. */
  async #call(url: string, { headers, ...request }: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const call = this.#options.fetch ?? globalThis.fetch;
    for (let refused: string | undefined; ; ) {
      const token = await this.#bearer(refused);
      const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
      let answer: Response;
      try {
        answer = await call(url, { ...request, headers: { accept: 'application/json', ...headers, ...authorization } });
      } catch (cause) {
        if (request.signal?.aborted) throw request.signal.reason;
        throw new HeliographError('unreachable', `${new URL(url).origin} could not be reached`, { cause });
      }
      if (answer.ok || answer.status === 304) return answer;
      if (answer.status !== 401 || token === undefined || refused !== undefined) throw await problem(answer);
      refused = token;
    }
  }

  /** The token to use; another one than that which was refused. When it ends is for the server to say, not for this clock. */
  async #bearer(refused?: string): Promise<string | undefined> {
    const { token } = this.#options;
    if (!token) return undefined;
    const last = this.#token;
    // Of several requests that were refused together, the first asks for all.
    if (refused !== undefined && (await last)?.jwt === refused && this.#token === last) this.#token = null;
    const asked = (this.#token ??= ask(token, refused === undefined ? 'needed' : 'refused'));
    try {
      return (await asked).jwt;
    } catch (error) {
      if (this.#token === asked) this.#token = null;
      throw error;
    }
  }
}

function text(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value == null) continue;
    if (name === 'where' && Array.isArray(value)) value.forEach((one) => parameters.append(name, String(one)));
    else parameters.append(name, String(value));
  }
  const written = parameters.toString();
  return written && `?${written}`;
}

/** The server's refusal (RFC 9457) as an error. */
async function problem(answer: Response): Promise<HeliographError> {
  const { status, statusText } = answer;
  const said = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  // Pages of other sites can't read Retry-After; the body says it, too.
  const header = Number(answer.headers.get('retry-after') ?? NaN);
  return new HeliographError(said.code ?? `http_${status}`, said.detail ?? `the server answered ${status} ${statusText}`, {
    status,
    errors: said.errors,
    retryAfter: said.retry_after_s ?? (Number.isNaN(header) ? undefined : header),
  });
}

function pause(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const stop = (): void => {
      clearTimeout(timer);
      failed(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      done();
    }, millis);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
