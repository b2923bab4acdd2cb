export { HeliographError } from './error.js';
export { Feed, type FeedOptions, type Socket, connect } from './feed.js';
export type { Status } from './io.js';
export { type PublishOptions, Rest, type RestOptions, rest } from './rest.js';
export { Items, Presence, type Ranking, Scores } from './subscription.js';
export type { TokenAnswer, TokenCallback, TokenRequest } from './token.js';
export type * from './types.js';
