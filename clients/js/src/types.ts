// The types that people meet, from the API's description and the feed's protocol.

import type { components, operations } from './api.js';

type Schemas = components['schemas'];
type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

/** An alarm that stands. */
export type Alarm = Schemas['StandingAlarm'];
export type AlarmEvents = Schemas['AlarmEvents'];
export type AlarmsPage = Schemas['AlarmList'];
export type BoardSeries = Schemas['BoardSeries'];
export type Event = Schemas['Event'];
export type IngestAnswer = Schemas['IngestAnswer'];
export type ItemSeries = Schemas['ItemSeries'];
export type ItemTrack = Schemas['TrackView'];
export type ItemTrips = Schemas['TripsView'];
export type ItemsPage = Schemas['ItemsPage'];
export type Position = Schemas['Position'];
export type Problem = Schemas['Problem'];
export type ScoresPage = Schemas['ScoresPage'];
export type ScoreRow = Schemas['ScoreRow'];
export type AboutScores = Schemas['AboutScores'];
export type Summary = Schemas['Summary'];
export type Value = Schemas['Value'];
export type Views = Schemas['Views'];

/** The latest state of one key. It is never changed: another state is another object. */
export type Item = Schemas['Item'] & { readonly fields: Readonly<Record<string, Value>> };

export type ItemsQuery = Query<'listItems'>;
export type ItemQuery = Query<'getItem'>;
export type ScoresQuery = Query<'getScores'>;
export type SeriesQuery = Query<'getSeries'>;
export type ItemSeriesQuery = Query<'getItemSeries'>;
export type ItemTrackQuery = Query<'getItemTrack'>;
export type ItemTripsQuery = Query<'getItemTrips'>;
export type AlarmsQuery = Query<'listAlarms'>;
export type AlarmEventsQuery = Query<'listAlarmEvents'>;

/** Which items a subscription follows: all, up to 1,000 keys, or a box. */
export interface ItemsWish {
  /** These keys. One that does not exist yet is awaited. */
  keys?: readonly string[];
  /** `[west, south, east, north]` in degrees; west greater than east crosses the antimeridian. */
  bbox?: readonly [number, number, number, number];
  /** At most one frame in so many milliseconds, up to 60,000. */
  every_ms?: number;
  /** How far back the event `rewind` tells what was: so many events of those that are followed, or what came in so many seconds. */
  rewind?: { events: number } | { seconds: number };
}

/** An event of the log, with its place in it. Fields with null are removed. */
export interface RewoundEvent {
  readonly cursor: string;
  readonly seq: number;
  readonly key: string;
  readonly time: number;
  readonly id?: string;
  readonly position?: Position;
  readonly fields?: Readonly<Record<string, Value | null>>;
}

/** What was, before a subscription began. */
export interface Rewound {
  /** All that there is after this place, up to `cursor`. */
  from: string;
  /** Where the copy begins. */
  cursor: string;
  /** The events, in the order of the log, each with its place in it. */
  events: readonly RewoundEvent[];
}

/** Which rows of a ranking a subscription follows. */
export interface ScoresWish {
  /** So many rows; 20 when left out. */
  top?: number;
  /** After so many. */
  offset?: number;
  /** A key: also the rows on each side of it. */
  around?: string;
  /** How many on each side. */
  span?: number;
  /** `field:value`. */
  group?: string;
  /** A session's id, or `all`. */
  session?: string;
  /** Each row also has its cells, one for each task. */
  cells?: boolean;
  /** At most one frame in so many milliseconds, up to 60,000. */
  every_ms?: number;
}

/** How a subscription follows who is there. */
export interface PresenceWish {
  /** At most one message in so many milliseconds, 1,000 to 60,000. */
  every_ms?: number;
}

/** Somebody who is there, with a name. */
export interface Member {
  /** The same for all its connections; a player's is its key. */
  readonly id: string;
  readonly name: string;
  /** How many connections it has. */
  readonly connections: number;
}

/** What a message changed of who is there. */
export interface PresenceChange {
  /** Everything may be different: all of it came. */
  reset: boolean;
  /** Connections that came since the message before. */
  joined: number;
  /** Connections that went. */
  left: number;
}

/** What a frame changed of the items. */
export interface ItemsChange {
  /** Everything may be different: a snapshot came. */
  reset: boolean;
  /** Keys that are new or changed. */
  changed: string[];
  /** Keys that left: they ended, or moved out of what is followed. */
  removed: string[];
}

/** What a frame changed of a ranking. */
export interface ScoresChange {
  /** Everything may be different: a snapshot came. */
  reset: boolean;
  /** Keys whose row came, moved or has other values. */
  changed: string[];
  /** Keys whose row left the window. */
  removed: string[];
}
