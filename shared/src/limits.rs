//! Every limit of the product, each with the reason for its size. `docs/limits.md` lists them for users.
//!
//! One table, although it is long: a limit is found by its name in one place, and a test holds the page to it.

use crate::throttle::Pace;

/// Longest board name in characters: it stands in URLs and in object names.
pub const BOARD_NAME_CHARS: usize = 40;
/// Longest item key in bytes; long enough for a UUID with a prefix or an ARN's last part.
pub const KEY_BYTES: usize = 128;
/// Longest event id in bytes.
pub const EVENT_ID_BYTES: usize = 128;
/// Longest field name in bytes.
pub const FIELD_NAME_BYTES: usize = 64;
/// Fields of one event.
pub const FIELDS_PER_EVENT: usize = 64;
/// Longest text value in bytes. A live board shows labels, not documents.
pub const TEXT_VALUE_BYTES: usize = 1_024;
/// Distinct field names of one board: each has a column in frames and in the table view.
pub const FIELDS_PER_BOARD: usize = 256;
/// Lines that a chart draws for the values of one field that matter.
pub const THRESHOLDS_PER_FIELD: usize = 4;
/// Sites that may embed one board: they all stand in a header, of which proxies commonly take 8 KB.
pub const EMBED_SITES: usize = 32;
/// Bytes of an address of a site as it is pasted.
pub const EMBED_SITE_BYTES: usize = 2_000;
/// Bytes of a host's name, as DNS has it.
pub const HOST_BYTES: usize = 253;
/// Distinct keys of one board. At about 200 bytes of memory an item this stays below 40 MB of the
/// 128 MB an object may use.
pub const ITEMS_PER_BOARD: usize = 200_000;
/// Bytes of all items' keys and values, each item counted with 64 and each field with 16 beside them: what a board and a
/// relay each keep in the 128 MB of an object. 200,000 items of five fields are about 30 MB.
pub const ITEMS_BYTES_PER_BOARD: usize = 40 * 1024 * 1024;
/// Items that end together: one row of the log.
pub const ITEMS_ENDED_AT_ONCE: usize = 1_000;
/// Longest time in seconds after which items may end by themselves: a year.
pub const EXPIRE_SECONDS_MAX: u32 = 31_536_000;
/// The largest number of an event, and of a row: JavaScript and the store know all whole numbers up to it.
pub const SEQ_MAX: u64 = 9_007_199_254_740_991;
/// Events in one ingest request.
pub const EVENTS_PER_REQUEST: usize = 10_000;
/// Bytes of an ingest body after decompression; a Firehose buffer of the recommended 1–5 MiB fits.
pub const INGEST_BODY_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of an ingest body as sent, compressed or not.
pub const INGEST_WIRE_BYTES: usize = 8 * 1024 * 1024;
/// Longest `Idempotency-Key` in bytes.
pub const IDEMPOTENCY_KEY_BYTES: usize = 128;
/// Bytes of a board config.
pub const CONFIG_BYTES: usize = 64 * 1024;
/// Bytes of any other request's body: tokens, keys, sessions, corrections.
pub const REQUEST_BYTES: usize = 64 * 1024;
/// Bytes of bodies above [`REQUEST_BYTES`] that one isolate has under way: they are in memory beside a board in the same
/// isolate, some of it twice. Three of the largest.
pub const BODIES_BYTES: usize = 24 * 1024 * 1024;
/// A body has to come within this time, and counts among those under way for no longer: nobody tells of a client that hung up.
pub const BODY_MILLIS: i64 = 60_000;
/// Bytes of a body that is too large which are still read and dropped: a client that is hung up on while it sends never
/// reads why. The platform takes bodies of 100 MB at most.
pub const DRAIN_BYTES: usize = 100 * 1024 * 1024;
/// Bytes of a config's request: one that is only a little too long is told what is wrong with it, field by field.
pub const CONFIG_REQUEST_BYTES: usize = 256 * 1024;
/// Largest log row. The platform stores at most 2 MB a row; a request that encodes larger is split.
pub const LOG_ROW_BYTES: usize = 1_500_000;
/// Bytes that the platform stores for an object: 10 GB.
pub const STORAGE_BYTES: u64 = 10_000_000_000;
/// This part of storage is left for deletions, checkpoints and what managers do when events are refused already.
pub const STORAGE_RESERVE_PART: u64 = 25;
/// After so many bytes of requests a board looks anew how much it has stored.
pub const STORAGE_LOOK_BYTES: u64 = 1_048_576;
/// Rows of the log after the items' checkpoint before a new one is written: what a restart replays for them at most.
pub const CHECKPOINT_ROWS: usize = 1_000;
/// The same in bytes.
pub const CHECKPOINT_BYTES: usize = 8 * 1024 * 1024;
/// Rows of the log that are deleted at a time: a long deletion would hold up ingest.
pub const PRUNE_ROWS: u64 = 1_000;
/// Bytes of the rows that are deleted at a time.
pub const PRUNE_BYTES: u64 = 16 * 1024 * 1024;
/// The first pause before a board tries again what it must do by itself.
pub const BACKOFF_MILLIS: i64 = 1_000;
/// The longest one.
pub const BACKOFF_MILLIS_MAX: i64 = 300_000;
/// Ingest requests that one board works on at once. More is overload: 503 before anything is written.
pub const INGEST_IN_FLIGHT: usize = 256;
/// Event ids that a board remembers to recognise duplicates.
pub const RECENT_IDS: usize = 100_000;
/// Log rows that are read back to rebuild that memory after a restart.
pub const RECENT_ROWS: usize = 20_000;
/// Idempotency keys that a board remembers, each with its answer.
pub const RECENT_REQUESTS: usize = 10_000;
/// Bytes of their answers. An answer that lists nothing has 100; one that lists 10,000 refused records has 2 MB, and a
/// producer of such requests is remembered for fewer of them.
pub const RECENT_REQUESTS_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of a piece of such an answer: a value that the platform stores has 2 MB at most.
pub const ANSWER_PIECE_BYTES: usize = 1_000_000;
/// Oldest event time that is believed: 2000-01-01. Earlier numbers are mostly seconds sent as milliseconds.
pub const TIME_MIN_MILLIS: i64 = 946_684_800_000;
/// Latest event time that can be stored: 2200-01-01.
pub const TIME_MAX_MILLIS: i64 = 7_258_118_400_000;

/// Bytes of one message from a viewer.
pub const CLIENT_MESSAGE_BYTES: usize = 160 * 1024;
/// Subscriptions of one connection.
pub const SUBSCRIPTIONS_PER_VIEWER: usize = 16;
/// Keys in one subscription.
pub const KEYS_PER_SUBSCRIPTION: usize = 1_000;
/// Keys of one plain viewer.
pub const KEYS_PER_PLAIN_VIEWER: usize = 50;
/// Slowest pace that a subscription may ask for, in milliseconds.
pub const EVERY_MILLIS_MAX: u32 = 60_000;
/// Viewers of one relay. A relay that is full sends the next viewer to its sibling.
pub const VIEWERS_PER_RELAY: usize = 5_000;
/// Relays of one board.
pub const RELAYS_PER_BOARD: u32 = 1_000;
/// Bytes that a program tells a connection at once. API Gateway's.
pub const CONNECTION_MESSAGE_BYTES: usize = 128 * 1024;
/// Bytes that wait for one viewer before its frames are held back.
pub const VIEWER_BUFFER_BYTES: u32 = 256 * 1024;
/// Bytes sent to a viewer that acknowledges, and not yet acknowledged, before its frames are held back.
pub const VIEWER_WINDOW_BYTES: u64 = 1024 * 1024;
/// A viewer acknowledges after this many bytes of frames, or after [`ACK_MILLIS`].
pub const ACK_BYTES: u64 = 256 * 1024;
/// A viewer that got frames acknowledges at least this often.
pub const ACK_MILLIS: i64 = 8_000;
/// Acknowledgements come up to so much sooner than [`ACK_MILLIS`], at random: a crowd does not answer at once.
pub const ACK_SPREAD_MILLIS: i64 = 3_000;
/// Items in one snapshot message; a larger snapshot comes in parts.
pub const SNAPSHOT_PART_ITEMS: usize = 10_000;
/// Further parts of snapshots that a relay makes at a time; viewers that are equally far share one.
pub const SNAPSHOT_PARTS_AT_ONCE: usize = 4;
/// After so long it makes the next ones: what it holds of them is small.
pub const SNAPSHOT_PAUSE_MILLIS: i64 = 20;
/// How many events back a viewer may resume. Further back it is told of a gap and gets a snapshot: what it
/// missed in between (a trail, a count) is lost to it. At 5,000 events/s this is 20 seconds.
pub const RESUME_EVENTS: u64 = 100_000;
/// Events that a subscription's rewind tells at most.
pub const REWIND_EVENTS: u32 = 5_000;
/// How far back it goes in seconds.
pub const REWIND_SECONDS: u32 = 3_600;
/// Bytes of its events as they are told: one message, as large as a part of a snapshot.
pub const REWIND_BYTES: usize = 1_024 * 1_024;
/// Rows of the log that it looks through, and bytes of those: some ten milliseconds of the board.
pub const REWIND_LOG_ROWS: u64 = 5_000;
/// See [`REWIND_LOG_ROWS`].
pub const REWIND_LOG_BYTES: usize = 8 * 1_024 * 1_024;
/// How long a board may take for one.
pub const REWIND_MILLIS: u64 = 5_000;
/// Rewinds that a relay asks its board for at a time; viewers that ask alike share one.
pub const REWINDS_UNDER_WAY: usize = 16;
/// Rewinds of one viewer: a page asks once a subscription.
pub const REWINDS_PER_VIEWER: Pace = Pace { burst: 16, per_minute: 12 };
/// How often a rewind is asked for again that the relay's copy of the items was ahead of, or whose viewer has other rights.
pub const REWIND_TRIES: u32 = 4;
/// Time after which frames that a slow viewer did not take are tried again.
pub const RETRY_MILLIS: i64 = 200;
/// A viewer that takes nothing for this long is disconnected.
pub const SLOW_MILLIS: i64 = 120_000;
/// Messages that can't be understood before a viewer is disconnected.
pub const BAD_MESSAGES: u32 = 20;
/// Messages of a viewer that wait while its new token is checked; one more, and it is disconnected.
pub const UNHEARD_MESSAGES: usize = 100;
/// Bytes of messages of a viewer that wait while its new token is checked.
pub const UNHEARD_BYTES: usize = 512 * 1024;
/// The same for all viewers of a relay: an isolate has 128 MB.
pub const UNHEARD_BYTES_IN_ALL: usize = 8 * 1024 * 1024;
/// A viewer that sends a message longer than this is disconnected: no client of ours comes near.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of log rows that wait for a board's relays; a relay that is further behind has to fetch the board's state.
pub const PUSH_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of rows in one push: a relay that has to be told more gets several, so that few are in memory at once.
pub const PUSH_MESSAGE_BYTES: usize = 2 * 1024 * 1024;
/// A relay that has not answered a push in this time gets it again, perhaps in vain.
pub const PUSH_DEADLINE_MILLIS: u64 = 5_000;
/// Pause before a push that failed is tried again; it doubles.
pub const PUSH_RETRY_MILLIS: i64 = 100;
/// Longest such pause, also of a relay that can't reach its board.
pub const PUSH_RETRY_MILLIS_MAX: i64 = 30_000;
/// Pushes in a row that fail before nothing is kept for a relay; then it is tried only when there is news.
pub const PUSH_TRIES: u32 = 10;
/// Pushes to one relay that are under way without an answer.
pub const PUSHES_UNANSWERED: u32 = 3;
/// After a change the board looks so much later whether every relay has confirmed it, and stores how far each is. Each
/// look writes a row for the alarm and one for each relay, so it is no sooner.
pub const PUSH_CHECK_MILLIS: i64 = 10_000;
/// A relay that has heard nothing for this long compares its cursor with the board's.
pub const IDLE_COMPARE_MILLIS: i64 = 2_000;
/// A relay that is behind looks again after this time: what it misses is under way.
pub const IDLE_BEHIND_MILLIS: i64 = 1_000;
/// Comparisons that find a relay behind before it fetches the board's state.
pub const IDLE_BEHIND: u32 = 3;
/// A relay tells the board of a change of its number of viewers at most so often.
pub const VIEWERS_TELL_MILLIS: i64 = 2_000;
/// A number of viewers of other relays that is older than this is asked for before somebody new is told.
pub const VIEWERS_FRESH_MILLIS: i64 = 3_000;
/// Time between two frames to one viewer while a board is busy; the first change after a quiet spell leaves at once.
pub const TICK_MILLIS: u32 = 100;
/// After many frames a relay's next push waits longer: so many microseconds for each that was sent to a viewer, up to
/// [`CROWD_PACE_MILLIS_MAX`]. A frame to a socket costs the platform the same whether it holds one change or a thousand.
pub const CROWD_PACE_MICROS_PER_FRAME: u32 = 360;
/// The longest tick that a crowd makes: a change still arrives within 250 ms.
pub const CROWD_PACE_MILLIS_MAX: u32 = 200;
/// Time between two status messages to a viewer while the board is busy.
pub const STATUS_MILLIS: i64 = 15_000;
/// Between two messages of who is there, to a viewer, from a relay to its board and from the board to a relay: whoever comes and
/// goes in it is told of together.
pub const PRESENCE_MILLIS: i64 = 1_000;
/// So much longer is that pause at the board for each relay, once they are many.
pub const PRESENCE_RELAY_MILLIS: i64 = 20;
/// A connection that ends is counted so much longer: one that comes back in it has neither left nor come.
pub const PRESENCE_GRACE_MILLIS: i64 = 5_000;
/// A viewer that acknowledged before, and has left what it was sent since unacknowledged for so long, is not counted.
pub const PRESENCE_LAPSE_MILLIS: i64 = 60_000;
/// How often it is looked who does so.
pub const PRESENCE_SWEEP_MILLIS: i64 = 15_000;
/// A relay where somebody follows tells its board what it has at least so often, since the board may have forgotten it, and its
/// viewers how many are there: those who are gone do not acknowledge that.
pub const PRESENCE_RENEW_MILLIS: i64 = 60_000;
/// After so long it tells it again, where the board has not said yet what the other relays have: some may not answer.
pub const PRESENCE_ASK_MILLIS: i64 = 15_000;
/// A relay that has said nothing for so long, while somebody follows, is asked whether it is still there.
pub const PRESENCE_SILENT_MILLIS: i64 = 90_000;
/// Calls in a row that a relay does not answer before its connections are taken for gone.
pub const PRESENCE_TRIES: u32 = 5;
/// How long a relay may take for such a call, and the board for a relay's.
pub const PRESENCE_CALL_MILLIS: u64 = 5_000;
/// Members that are told by name, the first by their ids. The others are in the count.
pub const PRESENCE_MEMBERS: usize = 200;
/// Bytes of a member's name, and of its id: with the number of members that bounds a message and what a board holds.
pub const PRESENCE_NAME_BYTES: usize = 64;

/// Longest life of a token in seconds.
pub const TOKEN_TTL_SECONDS_MAX: u32 = 3_600;
/// Life of a token when none was asked for, in seconds.
pub const TOKEN_TTL_SECONDS: u32 = 600;
/// Grants in one token.
pub const GRANTS_PER_TOKEN: usize = 20;
/// Boards that begin alike which somebody with `manage` for their beginning can make.
pub const BOARDS_PER_PREFIX: usize = 100;
/// Key patterns of a credential, in all its grants together. They are matched with every item of a view.
pub const KEY_PATTERNS: usize = 32;
/// Decimals of a degree to which a grant may coarsen positions: one metre. With six they are as they are kept.
pub const PRECISION_DECIMALS: u8 = 5;
/// Fields that one grant hides. They are looked up for every field of an item that somebody sees so.
pub const HIDDEN_FIELDS: usize = 32;
/// Updates a minute that a grant may allow at most: a tick's worth. A narrower one is slower.
pub const RATE_PER_MINUTE: u32 = 600;
/// Seconds by which a grant may show everything later: a day. The log must still have what was then.
pub const DELAY_SECONDS: u32 = 86_400;
/// Delays of the feeds of a board at the same time: each has relays of its own, which ask for what they tell.
pub const DELAYS_PER_BOARD: usize = 4;
/// A relay of delayed viewers asks its board not more often than so, in milliseconds.
pub const LATER_PAUSE_MILLIS: u32 = 200;
/// And not more rarely, so that it learns in time of what changes without a row of the log.
pub const LATER_WAIT_MILLIS: u32 = 2_000;
/// A relay of delayed viewers that has not asked for so long is gone.
pub const LATER_GONE_MILLIS: i64 = 60_000;
/// So often the platform wakes a relay of delayed viewers, should it have been put to sleep.
pub const LATER_GUARD_MILLIS: i64 = 30_000;
/// Keys of which a relay remembers for one grant when a plain feed was told of them, before it drops those that may be told
/// again.
pub const PACED_KEYS: usize = 1_024;
/// A stop's fixes are no further than so many metres from its first, where nothing else is asked.
pub const STOP_METRES: u32 = 100;
/// A stop lasts so many seconds, where nothing else is asked.
pub const STOP_SECONDS: u32 = 300;
/// Rules of how a board's items look: each is tried for every item that changed, in the browser.
pub const MARK_RULES: usize = 16;
/// Layers of a board's map, in its config and as they are kept: a browser has a source for each, and a person a switch.
pub const LAYERS_PER_BOARD: usize = 16;
/// Bytes of a layer's id.
pub const LAYER_ID_BYTES: usize = 64;
/// Bytes of a layer's GeoJSON: a row of the store, and what a phone still loads and draws.
pub const LAYER_BYTES: usize = 1_048_576;
/// Bytes of all layers of a board.
pub const LAYERS_BYTES_PER_BOARD: usize = 4_194_304;
/// Privacy zones of one board: every position that somebody is shown is looked for in each.
pub const ZONES_PER_BOARD: usize = 100;
/// Corners of a zone.
pub const ZONE_CORNERS: usize = 100;
/// Metres of a zone's radius.
pub const ZONE_RADIUS_METRES: f64 = 100_000.0;
/// Rules of a board's alarms. Each is looked at with each event.
pub const ALARM_RULES: usize = 50;
/// Bytes of a rule's id.
pub const ALARM_RULE_ID_BYTES: usize = 64;
/// Bytes of a rule as it is put.
pub const ALARM_RULE_BYTES: usize = 32 * 1024;
/// Seconds of silence, or for which something must hold: 30 days.
pub const ALARM_SECONDS: u32 = 2_592_000;
/// The worst rank that a rule may ask for: so many keys of the ranking are looked at.
pub const ALARM_RANKS: u32 = 100;
/// Alarms that stand, or are about to be raised, at a time. More are counted, and not raised.
pub const ALARMS_STANDING: usize = 20_000;
/// What happened to alarms that a board keeps; the oldest makes room. Some 6 MB of memory.
pub const ALARM_EVENTS: usize = 20_000;
/// Rules and items of a board that are muted.
pub const ALARM_MUTES: usize = 1_000;
/// Bytes of what an event of an alarm says of the item.
pub const ALARM_SEEN_BYTES: usize = 256;
/// Webhooks of a board.
pub const WEBHOOKS: usize = 10;
/// Bytes of a webhook as it is put.
pub const WEBHOOK_BYTES: usize = 32 * 1024;
/// Bytes of a webhook's template.
pub const WEBHOOK_TEMPLATE_BYTES: usize = 8 * 1024;
/// Milliseconds that a receiver may take to answer.
pub const WEBHOOK_MILLIS: u32 = 15_000;
/// Seconds after which a message is given up that nobody takes: three days.
pub const WEBHOOK_GIVE_UP_SECONDS: i64 = 259_200;
/// Messages of a webhook that were given up and are kept; the oldest makes room.
pub const WEBHOOK_FAILED: usize = 1_000;
/// Seconds for which messages are signed with the secret before as well: a day.
pub const WEBHOOK_OVERLAP_SECONDS: i64 = 86_400;
/// Fences of a board.
pub const FENCES_PER_BOARD: usize = 1_000;
/// Bytes of a fence's id.
pub const FENCE_ID_BYTES: usize = 64;
/// Bytes of a fence as it is put: 2,000 places, written with room between them.
pub const FENCE_BYTES: usize = 256 * 1024;
/// Places of a fence's shape: corners, or places of a line.
pub const FENCE_CORNERS: usize = 2_000;
/// Places of all fences of a board: some 10 MB as they are kept in memory.
pub const FENCE_CORNERS_PER_BOARD: usize = 100_000;
/// Metres of a circle's radius.
pub const FENCE_RADIUS_METRES: f64 = 1_000_000.0;
/// Metres of a corridor's width.
pub const FENCE_WIDTH_METRES: f64 = 100_000.0;
/// Metres beyond a border within which an item has not left.
pub const FENCE_BAND_METRES: f64 = 100_000.0;
/// Seconds after which an item may dwell: a year.
pub const FENCE_DWELL_SECONDS: u32 = 31_536_000;
/// Fixes in a row that may be asked for before an item enters or leaves.
pub const FENCE_CONFIRMATIONS: u8 = 100;
/// Fences that one item is in, or about to enter, at a time: more it does not enter. It bounds what a fix costs.
pub const FENCES_PER_ITEM: usize = 64;
/// What happened at fences that a board keeps; the oldest makes room. Some 5 MB of memory.
pub const FENCE_EVENTS: usize = 20_000;
/// Items that an answer about one fence names.
pub const FENCE_INSIDE_SHOWN: usize = 1_000;
/// Bytes of a token: it travels in a header and in `Sec-WebSocket-Protocol`.
pub const TOKEN_BYTES: usize = 8 * 1024;

/// Bytes of an ID token that is exchanged: those of providers have 1 to 3 KB, with 200 groups 10.
pub const ID_TOKEN_BYTES: usize = 16 * 1024;
/// Bytes of a subject of an ID token (OpenID Connect Core: 255 characters of ASCII).
pub const SUBJECT_BYTES: usize = 255;
/// Issuers whose ID tokens are taken.
pub const ISSUERS: usize = 10;
/// Characters of an issuer's name here.
pub const ISSUER_NAME_CHARS: usize = 32;
/// Characters of an issuer's title.
pub const ISSUER_TITLE_CHARS: usize = 60;
/// Bytes of a client's id, a scope, a claim's name, or a value in a rule.
pub const CLIENT_ID_BYTES: usize = 255;
/// Rules of an issuer.
pub const RULES_PER_ISSUER: usize = 100;
/// Values of a rule.
pub const VALUES_PER_RULE: usize = 50;
/// Seconds after which somebody must sign in again, where the settings say nothing: a working day.
pub const SESSION_SECONDS: u32 = 8 * 3_600;
/// The shortest that the settings may say.
pub const SESSION_SECONDS_MIN: u32 = 300;
/// The longest: a week.
pub const SESSION_SECONDS_MAX: u32 = 7 * 24 * 3_600;
/// Seconds by which an issuer's clock may differ, where the settings say nothing.
pub const CLOCK_TOLERANCE_SECONDS: u32 = 60;
/// The most that the settings may say.
pub const CLOCK_TOLERANCE_SECONDS_MAX: u32 = 300;
/// For so long the settings of sign-in serve who may know them anyway.
pub const SETTINGS_FRESH_MILLIS: i64 = 2_000;
/// Keys of an issuer: providers publish 2 to 10.
pub const ISSUER_KEYS: usize = 100;
/// Bytes of what an issuer publishes: its keys, or what it says of itself.
pub const ISSUER_ANSWER_BYTES: u32 = 256 * 1024;
/// Milliseconds that an issuer may take to answer.
pub const ISSUER_ANSWER_MILLIS: u32 = 5_000;
/// Bytes of what issuers publish that an isolate remembers.
pub const ISSUERS_BYTES: usize = 2 * 1024 * 1024;
/// For so long what an issuer publishes is good without asking again.
pub const ISSUER_FRESH_MILLIS: i64 = 3_600_000;
/// So long an isolate waits before it asks an issuer again: for a key that it does not know, or after a failure. A token
/// with a key's name that nobody has costs nothing in between.
pub const ISSUER_RETRY_MILLIS: i64 = 30_000;

/// Tokens that one address mints, joins among them. Behind one address there may be a school: 500 pupils who all join
/// within a minute, and load their page anew, are well below it. It bounds what is spent on signatures (about a
/// millisecond each) for callers who have shown nothing. All limits of pace are those of one isolate.
pub const MINTS_PER_ADDRESS: Pace = Pace { burst: 2_000, per_minute: 1_200 };
/// Tokens that one API key mints: a server mints one for each of its visitors, from one address.
pub const MINTS_PER_CREDENTIAL: Pace = Pace { burst: 5_000, per_minute: 6_000 };
/// Join codes that one address tries and that lead nowhere; those that do are not counted. A class of 500 of whom each
/// fifth mistypes takes 100. Of 30^6 codes a day's 18,000 guesses find one of a hundred open ones with 1 in 400.
pub const GUESSES_PER_ADDRESS: Pace = Pace { burst: 300, per_minute: 12 };
/// Sign-ins that one address ends: each is remembered for an hour, among [`ENDED_MOST`] of everybody.
pub const SIGN_OUTS_PER_ADDRESS: Pace = Pace { burst: 100, per_minute: 12 };
/// Feeds that one address opens: two relays full of viewers behind one address come back after a restart.
pub const CONNECTS_PER_ADDRESS: Pace = Pace { burst: 10_000, per_minute: 6_000 };
/// Feeds that are opened with one credential: a page may give all its visitors the same token.
pub const CONNECTS_PER_CREDENTIAL: Pace = Pace { burst: 10_000, per_minute: 6_000 };
/// Boards and API keys that one address asks for, that are not there, and of which that is not yet known: each is a
/// question to the registry, which has better things to do. None can be guessed: keys have 192 random bits, and a
/// private board answers like none.
pub const UNKNOWN_PER_ADDRESS: Pace = Pace { burst: 1_000, per_minute: 120 };
/// Work that one caller's views may cost at once before it waits: items and events that were looked at, with each condition,
/// and 64 bytes of an answer, count one each: 7 million take about a second. Views that are served from a cache cost nothing.
pub const VIEW_WORK_AT_ONCE: u64 = 20_000_000;
/// And for ever, a second.
pub const VIEW_WORK_PER_SECOND: u64 = 1_000_000;
/// Addresses and credentials whose pace an isolate remembers, for each of these limits: 64 bytes each.
pub const PACES_REMEMBERED: usize = 10_000;
/// Events that one viewer may have under way through the feed; one more is answered with `slow_down` at once. Ten a second
/// at 100 ms from the board are one or two.
pub const PUBLISHES_UNDER_WAY: u32 = 32;
/// Events that one viewer sends through the feed. Each takes about a millisecond of the relay that all its viewers share:
/// a flood from one must not make the others wait. A game sends ten or twenty a second.
pub const PUBLISHES_PER_VIEWER: Pace = Pace { burst: 100, per_minute: 3_000 };
/// Bytes of checked tokens that an isolate remembers: about 8,000 ordinary ones, or 140 of the largest.
pub const TOKENS_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of API keys' rights that an isolate remembers.
pub const KEYS_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of names that are known to be nobody's, for each kind (boards, keys, codes): about 4,000. They are remembered
/// apart from what is there, so that asking for many that are not pushes out nothing.
pub const UNKNOWN_BYTES: usize = 512 * 1024;

/// Rows of one page of a view.
pub const PAGE_ROWS_MAX: usize = 10_000;
/// Rows of one page of a view when no limit was asked for.
pub const PAGE_ROWS: usize = 1_000;
/// Views that an isolate keeps to serve them again.
pub const CACHE_ENTRIES: usize = 1_000;
/// Their bytes. An isolate has 128 MB, of which the board's items may take 40.
pub const CACHE_BYTES: usize = 24 * 1024 * 1024;
/// Bytes of one of them; a page of 10,000 items fits.
pub const CACHE_ENTRY_BYTES: usize = 6 * 1024 * 1024;
/// Longest time in seconds that a board's config may ask a view to be kept.
pub const CACHE_SECONDS_MAX: u32 = 86_400;
/// Questions a second to a board because it was written to since a view was kept; more readers get it by its age.
pub const CACHE_WRITE_ASKS: u32 = 100;
/// Time after which a board or an origin that failed is asked again while there is something old to serve.
pub const CACHE_RETRY_MILLIS: i64 = 1_000;
/// Time that a reader waits for an answer while there is something old to serve.
pub const CACHE_PATIENCE_MILLIS: i64 = 3_000;
/// Time after which a reader who waits for another's question asks itself: that other may be gone.
pub const CACHE_LEASE_MILLIS: i64 = 10_000;
/// Named views of a board.
pub const VIEWS_PER_BOARD: usize = 100;
/// Longest name of a view, or of its parameter, in characters.
pub const VIEW_NAME_CHARS: usize = 40;
/// Parameters of a named view.
pub const VIEW_PARAMETERS: usize = 20;
/// Bytes of a parameter's value.
pub const VIEW_PARAMETER_BYTES: usize = 1_024;
/// Longest time in milliseconds that an upstream view may wait; less than [`CACHE_LEASE_MILLIS`].
pub const UPSTREAM_MILLIS_MAX: u32 = 9_000;
/// Bytes of an upstream's answer.
pub const UPSTREAM_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Conditions (`where`) of one view.
pub const WHERE_CONDITIONS: usize = 16;
/// Values in one `in` condition.
pub const WHERE_VALUES: usize = 100;
/// Columns of a scoreboard.
pub const SCORE_COLUMNS: usize = 8;
/// Tasks of a scoreboard that have a cell in each row.
pub const SCORE_TASKS: usize = 64;
/// Awards of a board.
pub const AWARDS: usize = 128;
/// Keys that one award goes to.
pub const AWARD_KEYS: usize = 512;
/// Logos that a board's config names.
pub const LOGOS: usize = 1_000;
/// Conditions in one list of a scoreboard's rules.
pub const SCORE_CONDITIONS: usize = 16;
/// Fields that group a scoreboard.
pub const SCORE_GROUPINGS: usize = 4;
/// Rankings that a board keeps: sessions times groups. Values beyond it get no board of their own.
pub const SCORE_RANKINGS: usize = 2_000;
/// Different values of a `set` column that are counted for one key.
pub const SCORE_SET_VALUES: usize = 10_000;
/// Bytes in a piece of a ranking's checkpoint: below the largest row.
pub const RANKING_PIECE_BYTES: usize = 1_000_000;
/// Bytes of a ranking's checkpoint that are written at a time, so that no request waits for long.
pub const RANKING_SLICE_BYTES: usize = 4_000_000;
/// Rows of a scores subscription when no number was asked for.
pub const SCORE_TOP: u32 = 20;
/// Rows of a scores subscription.
pub const SCORE_TOP_MAX: u32 = 10_000;
/// Rows that a scores subscription may leave out before its first: more than a board has keys.
pub const SCORE_OFFSET_MAX: u32 = 1_000_000;
/// Rows on each side of a key when no number was asked for.
pub const SCORE_SPAN: u32 = 2;
/// Rows on each side of a key.
pub const SCORE_SPAN_MAX: u32 = 50;
/// Bytes of a group's name with its field.
pub const SCORE_GROUP_BYTES: usize = 256;
/// Sessions of a board.
pub const SESSIONS_PER_BOARD: usize = 500;
/// Bytes of a session's id.
pub const SESSION_ID_BYTES: usize = 40;
/// Bytes of the reason that goes with a manager's correction.
pub const REASON_BYTES: usize = 500;
/// Bytes of a player's name.
pub const PLAYER_NAME_BYTES: usize = 60;
/// How far a player's clock may be ahead of the server's, in milliseconds: phones are off by that much.
pub const PLAYER_CLOCK_MILLIS: i64 = 1_000;
/// Rows of dead letters that a board keeps, one or more for each request that had some; the oldest make room.
pub const DEAD_LETTERS: usize = 10_000;
/// Their bytes; the oldest make room. A thousandth of what an object may store, and a day of a source that is wrong.
pub const DEAD_LETTERS_BYTES: u64 = 64 * 1024 * 1024;
/// Dead letters in one such row; a request with more takes several.
pub const DEAD_LETTERS_PER_ROW: usize = 100;
/// Bytes of such a row, unless one letter alone has more: so much is read at a time.
pub const DEAD_LETTER_ROW_BYTES: usize = 256 * 1024;
/// Bytes of a refused record that are kept whole. Written as JSON they are six times as many at most, and a value that
/// the platform stores has 2 MB at most.
pub const DEAD_LETTER_BYTES: usize = 256 * 1024;
/// Bytes that are kept of the beginning of a longer one: it is recognised by them.
pub const DEAD_LETTER_CUT_BYTES: usize = 8 * 1024;
/// Bytes that are kept of a record of a request that has left enough behind already.
pub const DEAD_LETTER_SPARE_BYTES: usize = 128;
/// Bytes of letters that one request leaves behind before its further records are cut.
pub const DEAD_LETTERS_PER_REQUEST_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of the field's name and of the message in a letter.
pub const DEAD_LETTER_REASON_BYTES: usize = 1_024;
/// Bytes of letters in one page of them; what is left comes with the next.
pub const DEAD_LETTERS_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of letters that are looked through for one page, or dropped at a time: others get their turn in between.
pub const DEAD_LETTERS_SCAN_BYTES: usize = 8 * 1024 * 1024;
/// Letters that are replayed at a time, and their bytes.
pub const DEAD_LETTERS_REPLAYED_AT_ONCE: usize = 200;
/// See above.
pub const DEAD_LETTERS_REPLAYED_BYTES: usize = 2 * 1024 * 1024;
/// How long one request goes on with replaying or dropping letters before it answers where to go on.
pub const DEAD_LETTERS_MILLIS: i64 = 20_000;
/// Letters by whose hash a repeated delivery is known again: those of some minutes of a source that is wrong.
pub const DEAD_LETTERS_REMEMBERED: usize = 10_000;
/// How long a letter is kept, in days.
pub const DEAD_LETTER_DAYS: i64 = 30;
/// Bytes of a text that letters are searched for.
pub const LETTER_SEARCH_BYTES: usize = 256;
/// Bytes of a request that mends a letter: its record may be as long as a letter's ([`DEAD_LETTER_BYTES`]).
pub const DEAD_LETTER_MEND_BYTES: usize = 257 * 1024;

/// Largest delivery buffer in MiB before compression, as Firehose has it.
pub const ARCHIVE_BUFFER_MIB_MAX: u32 = 128;
/// Longest time that an event waits for its delivery in seconds, as Firehose has it.
pub const ARCHIVE_INTERVAL_SECONDS_MAX: u32 = 900;
/// Compressed bytes at which an object is closed although its buffer is not full: it is sent in one piece from the
/// memory that the board's items need too. 128 MiB of telemetry are about as much.
pub const ARCHIVE_OBJECT_BYTES: usize = 16 * 1024 * 1024;
/// Values of an object of Parquet, in memory: all of them are known before the first is written.
pub const ARCHIVE_TABLE_BYTES: u64 = 12 * 1024 * 1024;
/// Bytes of a target's prefix; with board, date and range a name stays below the 1,024 bytes of S3.
pub const ARCHIVE_PREFIX_BYTES: usize = 512;
/// One request to object storage may take so long.
pub const ARCHIVE_REQUEST_MILLIS: u32 = 30_000;
/// Longest pause between two tries to deliver: a target that is back is noticed within it.
pub const ARCHIVE_RETRY_MILLIS_MAX: i64 = 60_000;

/// Erases that go on at a time on a board, and of those that are done, how many are remembered.
pub const ERASES: usize = 1_000;
/// Bytes that a slice of an erase looks through: some 100 ms.
pub const ERASE_BYTES: usize = 4 * 1024 * 1024;
/// Rows of series, or of kept answers, that a slice of an erase looks through.
pub const ERASE_ROWS: usize = 2_000;
/// A kept answer of fewer bytes lists nothing that could name an item.
pub const ERASE_ANSWER_BYTES: usize = 128;

/// Series of a board: numbers of items and of the board itself. Each takes about 100 bytes of the object's memory.
pub const SERIES_PER_BOARD: usize = 300_000;
/// The same with those of items that ended, which are kept as long as their rows: a name takes some 30 bytes.
pub const SERIES_IN_ALL: usize = 600_000;
/// Cells of rollups in memory before the fullest part is written: 80 bytes each.
pub const ROLLUP_CELLS_IN_MEMORY: usize = 50_000;
/// Rows of the log after which a part's cells are written: what a restart replays for them at most.
pub const ROLLUP_LOG_ROWS: u64 = 5_000;
/// The same in events: rows may have thousands.
pub const ROLLUP_LOG_EVENTS: u64 = 500_000;
/// Points of a series.
pub const SERIES_POINTS: i64 = 10_000;
/// Points that a series has at most when no step was asked for: as many as a screen shows.
pub const SERIES_POINTS_BY_DEFAULT: i64 = 500;
/// Points of all groups of an answer.
pub const SERIES_POINTS_IN_ALL: i64 = 100_000;
/// Items whose series are put together in one answer.
pub const SERIES_ITEMS: usize = 2_000;
/// Groups of an answer.
pub const SERIES_GROUPS: usize = 200;
/// Rows of the log that one page of events looks through.
pub const EVENTS_LOG_ROWS: u64 = 5_000;
/// Bytes of such rows.
pub const EVENTS_LOG_BYTES: usize = 32 * 1024 * 1024;
/// Keys of a board that have a track, also those whose items ended. A key takes some 60 bytes of the object's memory.
pub const TRACKS_PER_BOARD: usize = 500_000;
/// Days that fixes of tracks are kept, where the config says nothing: as long as the log.
pub const TRACK_DAYS: u32 = 30;
/// The most that it may say.
pub const TRACK_DAYS_MAX: u32 = 3_650;
/// Fixes of all tracks of a board that are kept: about 1 GB, a tenth of what an object stores. The oldest days go first.
pub const TRACK_FIXES_PER_BOARD: u64 = 200_000_000;
/// Fixes in memory before the fullest parts are written: 40 bytes each, and as much again while their lists grow.
pub const TRACK_FIXES_IN_MEMORY: usize = 64_000;
/// Rows of the log after which a part's fixes are written: what a restart replays for them at most.
pub const TRACK_LOG_ROWS: u64 = 20_000;
/// The same in events: rows may have thousands.
pub const TRACK_LOG_EVENTS: u64 = 500_000;
/// Fixes of a page of tracks: some 200 KB, and with the wildest numbers still below [`LOG_ROW_BYTES`].
pub const TRACK_PAGE_FIXES: u32 = 40_000;
/// Fixes that one answer about a track is made of: two days at one a second, 8 MB of memory.
pub const TRACK_FIXES_READ: usize = 250_000;
/// Points of a track that are answered, where nothing else is said.
pub const TRACK_POINTS: usize = 5_000;
/// The most that may be asked for: a day at one fix a second.
pub const TRACK_POINTS_MAX: usize = 100_000;
/// Events of a stretch of the log of which it is known from when to when they are, before there are too many stretches.
pub const PAST_BLOCK_EVENTS: u64 = 10_000;
/// Such stretches: some 12 bytes each, written with each checkpoint. With more, two become one.
pub const PAST_BLOCKS: usize = 1_024;
/// Events after which the items are kept as they are, for questions about the past.
pub const PAST_FRAME_EVENTS: u64 = 50_000;
/// How often they are kept: with more, those in between go.
pub const PAST_FRAMES: usize = 64;
/// Events of the log that one question about the past reads: a second or two of work.
pub const PAST_READ_EVENTS: u64 = 1_000_000;
/// Bytes of such events.
pub const PAST_READ_BYTES: u64 = 128 * 1024 * 1024;
/// What the items of the last question about the past may weigh to be kept for the next one.
pub const PAST_KEPT_BYTES: usize = 16 * 1024 * 1024;
/// Fields of a board that have quantiles.
pub const QUANTILE_FIELDS: usize = 16;
/// Quantiles of one answer.
pub const QUANTILES: usize = 9;
/// Steps of a pipeline.
pub const PIPELINE_STEPS: usize = 16;
/// Fields that one list of a step names.
pub const PIPELINE_NAMES: usize = 64;
/// Rows of a pipeline's tables together; a config's own size bounds them sooner when they are wide.
pub const PIPELINE_TABLE_ROWS: usize = 2_000;
/// Steps of a pipeline that look into another board: each is a call in a request.
pub const PIPELINE_BOARDS: usize = 4;
/// Events of one try of a pipeline.
pub const PIPELINE_TRY_EVENTS: usize = 100;
/// Bytes of one try of a pipeline.
pub const PIPELINE_TRY_BYTES: usize = 1024 * 1024;
/// Milliseconds for which an isolate remembers what it looked up in another board.
pub const LOOKUP_FRESH_MILLIS: i64 = 2_000;
/// Bytes of a jq program.
pub const JQ_PROGRAM_BYTES: usize = 4_096;
/// Events that are handed to a jq program at once; other requests get their turn in between.
pub const JQ_EVENTS_AT_ONCE: usize = 500;
/// Bytes of JSON that a jq program may yield for one hand-over of events, or for a view.
pub const JQ_OUTPUT_BYTES: usize = 8 * 1024 * 1024;
/// Values that a jq program that shapes a view may yield.
pub const JQ_VIEW_VALUES: usize = 10_000;

/// An isolate asks the registry after so long what has ended: with the pushes to open feeds, a deleted key or a board
/// that became private is known everywhere within two seconds.
pub const ENDED_FRESH_MILLIS: i64 = 1_000;
/// While one request asks, others go on with what is not older than this.
pub const ENDED_HELD_MILLIS: i64 = 1_500;
/// So long the registry may take for an answer.
pub const ENDED_ASK_MILLIS: i64 = 1_000;
/// After a registry that gave no answer is asked again.
pub const ENDED_RETRY_MILLIS: i64 = 1_000;
/// How long credentials and configs count that the registry can't be asked about.
pub const ENDED_STALE_MILLIS: i64 = 600_000;
/// How long what has ended is kept: the longest life of a token, and some.
pub const ENDED_KEPT_MILLIS: i64 = 4_200_000;
/// What has ended, at most; beyond it the oldest are dropped, and with them all tokens that are older.
pub const ENDED_MOST: u64 = 20_000;
/// An isolate looks an API key up anew after so long; its end it hears of within two seconds.
pub const API_KEY_FRESH_MILLIS: i64 = 60_000;
/// An isolate asks for a board's config anew after so long; a change it hears of within two seconds.
pub const CONFIG_FRESH_MILLIS: i64 = 60_000;
/// While one request asks for a board's config anew, or after that failed, the others go on with the last known so long.
pub const CONFIG_RETRY_MILLIS: i64 = 2_000;
/// So long a board may take to say its config.
pub const CONFIG_ASK_MILLIS: u64 = 2_000;
/// So long the registry may take to be told of a board.
pub const INDEX_ASK_MILLIS: u64 = 3_000;
/// Between two summaries that a board sends to the list of boards.
pub const SUMMARY_MILLIS: i64 = 10_000;
/// Bytes of a summary; one that is longer goes without its top.
pub const SUMMARY_BYTES: usize = 1_024;
/// Connections on a page of the list.
pub const CONNECTIONS: usize = 100;
/// The same at most.
pub const CONNECTIONS_PAGE: usize = 1_000;
/// Time between two times that an isolate says what it has counted.
pub const EDGE_REPORT_MILLIS: i64 = 10_000;
/// Time between two pushes of what is measured, where the operator has it pushed.
pub const OTLP_EVERY_MILLIS: i64 = 60_000;
/// Time until the first push, once the registry was first called.
pub const OTLP_FIRST_MILLIS: i64 = 10_000;
/// Boards in one request of a push: of 300 series each that is some 2 MB.
pub const OTLP_BOARDS: usize = 25;
/// Time that the receiver of a push has to answer each request.
pub const OTLP_ANSWER_MILLIS: u32 = 5_000;
/// Headers that go with a push.
pub const OTLP_HEADERS: usize = 16;
/// Bytes of what a board measures of itself; what is longer is not kept.
pub const METERS_BYTES: usize = 16_384;
/// Boards of which `/metrics` tells the numbers, each with at most 300 series; of more, those that took something last.
pub const METRICS_BOARDS: usize = 1_000;
/// Time between two reports of the health board, unless the operator says another.
pub const HEALTH_EVERY_MILLIS: i64 = 60_000;
/// Fewest seconds between two of them that an operator may choose: boards say their numbers no more often.
pub const HEALTH_SECONDS_MIN: u32 = 10;
/// Most seconds between two of them: an alarm that comes later than that is none.
pub const HEALTH_SECONDS_MAX: u32 = 3_600;
/// Boards of which one report tells one by one, the worst first: with its sources it is a request of 160 KB at most.
pub const HEALTH_BOARDS: usize = 100;
/// Sources of which one report tells. Of more, those that were not told of for longest: of 3,000 each has its turn before
/// the alarm for silent ones.
pub const HEALTH_SOURCES: usize = 200;
/// Items of boards and sources that are gone which are ended with one report, each by a call of its own.
pub const HEALTH_ENDS: usize = 20;
/// Such items that are remembered until then. Those that are not end with [`HEALTH_DAYS`].
pub const HEALTH_GONE: usize = 1_000;
/// Days after which a board or source of which nothing was told has no item any more.
pub const HEALTH_DAYS: u32 = 7;
/// Shortest scrape token, in bytes.
pub const SCRAPE_TOKEN_BYTES_MIN: usize = 16;
/// Longest name of a source in bytes: it stands in an address, and is what a delivery stream or a queue may be called.
pub const SOURCE_NAME_BYTES: usize = 64;
/// Sources of one board.
pub const SOURCES_PER_BOARD: usize = 100;
/// The last records of a source that its status shows.
pub const SOURCE_RECORDS_SHOWN: usize = 20;
/// Bytes of each of them: enough to see what it is; all sources of a board take at most 2 MB so.
pub const SOURCE_RECORD_BYTES: usize = 1_000;
/// Records of a request, the last ones, whose way through the steps is shown.
pub const SOURCE_TRAILS: usize = 5;
/// Steps of one record that are shown, and events.
pub const SOURCE_TRAIL_STEPS: usize = 24;
/// Bytes of what one step made that are shown.
pub const SOURCE_STEP_BYTES: usize = 400;
/// How long a source's secret is still good after another took its place, when nothing else is said: a day.
pub const SOURCE_OVERLAP_SECONDS: u32 = 86_400;
/// The longest such time: a month.
pub const SOURCE_OVERLAP_SECONDS_MAX: u32 = 2_678_400;
/// The most requests a minute that a source may be limited to.
pub const SOURCE_REQUESTS_PER_MINUTE_MAX: u32 = 600_000;
/// Bytes of the sources that an isolate remembers.
pub const SOURCES_BYTES: usize = 1024 * 1024;
/// Topics, and accounts, whose deliveries a source takes.
pub const SENDERS_PER_SOURCE: usize = 100;
/// Longest ARN of a topic in bytes: its name has at most 256, and what is before it some 60.
pub const SENDER_BYTES: usize = 400;
/// Longest path with its query of an address that a delivery names: a confirmation's token alone has some 300.
pub const SENDER_ADDRESS_BYTES: usize = 2_048;
/// How old a message of SNS may be: it is tried again for an hour at most. Within this time a message that comes again is a
/// duplicate by its id.
pub const SNS_MESSAGE_MILLIS: i64 = 2 * 3_600_000;
/// How far a message's time may be ahead of ours.
pub const SNS_AHEAD_MILLIS: i64 = 15 * 60_000;
/// Bytes of a certificate, or of the answer to a confirmation: SNS's certificates have about 2,000.
pub const SENDER_ANSWER_BYTES: u32 = 16 * 1024;
/// How long a certificate, or the answer to a confirmation, is waited for. SNS waits 15 s for us.
pub const SENDER_ANSWER_MILLIS: u32 = 5_000;
/// Bytes of an object that a notification names, packed and unpacked.
pub const OBJECT_BYTES: usize = 8 * 1024 * 1024;
/// How long an object is waited for: EventBridge waits 5 s for us.
pub const OBJECT_MILLIS: u32 = 4_000;
/// Objects of one notification; S3 names one, as far as anybody has seen.
pub const OBJECTS_PER_REQUEST: usize = 10;
/// Bytes that a row's number takes of an id.
pub const OBJECT_ROW_BYTES: usize = 6;
/// Devices of one source whose secrets were replaced: they stand with the source, some 100 bytes each.
pub const DEVICES_ROTATED: usize = 1_000;
/// How long a stream of server-sent events goes on: a worker is not told that its reader has gone.
pub const SSE_MILLIS: i64 = 300_000;
/// After so long without an event a comment is written.
pub const SSE_PING_MILLIS: u64 = 15_000;
/// How long a reader may take for what was written.
pub const SSE_WRITE_MILLIS: u64 = 30_000;
/// Seconds that a long poll waits for news at most, and where its address does not say.
pub const POLL_WAIT_S: u32 = 25;
/// How long the feed may take to find a long poll's place, whatever the poll waits for news.
pub const POLL_PLACE_MILLIS: u64 = 10_000;
/// Bytes of messages that one answer to a long poll holds.
pub const POLL_ANSWER_BYTES: usize = 16 * 1_024 * 1_024;
/// Items of a board that its picture is drawn from.
pub const PREVIEW_ITEMS: u32 = 1_000;
/// Bytes of pictures that are kept in one place.
pub const PREVIEW_BYTES: usize = 4 * 1_024 * 1_024;
/// How long a picture is kept.
pub const PREVIEW_FRESH_MILLIS: i64 = 60_000;
/// Longest address that a source asks.
pub const POLL_URL_BYTES: usize = 2_000;
/// Seconds from one time to the next, where nothing else is said.
pub const POLL_INTERVAL_SECONDS: u32 = 60;
/// The shortest such time: transit and aircraft feeds change every few seconds at best.
pub const POLL_INTERVAL_SECONDS_MIN: u32 = 5;
/// The longest: a day. A server that says when to come back is not waited for longer.
pub const POLL_INTERVAL_SECONDS_MAX: u32 = 86_400;
/// The longest wait after failures in a row, unless the interval is longer.
pub const POLL_BACKOFF_SECONDS: u32 = 3_600;
/// Headers that a source sets.
pub const POLL_HEADERS: usize = 8;
/// Longest name of one.
pub const POLL_HEADER_NAME_BYTES: usize = 64;
/// Longest value of one, and of a validator that is sent back.
pub const POLL_HEADER_BYTES: usize = 1_000;
/// How many times one question is sent on.
pub const POLL_REDIRECTS: usize = 5;
/// How long an answer may take in all.
pub const POLL_MILLIS: u32 = 20_000;
/// Refused records that are remembered, so that each leaves one letter.
pub const POLL_REFUSED_KNOWN: usize = 1_000;
/// Letters of what is told of a failure.
pub const POLL_ERROR_BYTES: usize = 500;
/// How long a poller is waited for that only looks into its table.
pub const POLLER_ASK_MILLIS: u64 = 2_000;
/// A question that is cut off is asked again after so long.
pub const POLL_GUARD_MILLIS: i64 = 60_000;
/// Bytes of a contest's feed that are read at a time: what comes after them is read the next time.
pub const CONTEST_READ_BYTES: usize = 32 * 1_024 * 1_024;
/// Bytes of one line of it.
pub const CONTEST_LINE_BYTES: usize = 8 * 1_024 * 1_024;
/// So long it says nothing before it is left until the next time.
pub const CONTEST_QUIET_MILLIS: u32 = 3_000;
/// Teams, submissions, judgements and the like of one contest.
pub const CONTEST_OBJECTS: usize = 50_000;
/// Bytes that what is known of a contest may have.
pub const CONTEST_STATE_BYTES: u64 = 32 * 1_024 * 1_024;
/// Bytes of it that are kept in one row, packed.
pub const CONTEST_PART_BYTES: usize = 1_024 * 1_024;
/// Bytes of what a server calls a place in its feed.
pub const CONTEST_PLACE_BYTES: usize = 500;
/// Lines that can't be used, of one reading, that leave letters.
pub const CONTEST_WRONG_LINES: usize = 100;
/// Events of a contest that go to their board at once.
pub const CONTEST_EVENTS_AT_ONCE: usize = 1_000;
/// So often in a row a feed may end before what is known of it before it is taken for one that was begun anew.
pub const CONTEST_SHORT_TIMES: u32 = 2;
/// Data points of one request of OTLP: an SDK exports some hundreds, a collector 8,192 at once.
pub const OTLP_POINTS: usize = 100_000;
/// Bytes of the certificates that an isolate remembers.
pub const CERTIFICATES_BYTES: usize = 64 * 1024;
/// How long it remembers one.
pub const CERTIFICATE_FRESH_MILLIS: i64 = 86_400_000;
/// Inputs that a source's program is run on at once, and values that it yields for each.
pub const SOURCE_JQ_VALUES: usize = 1_000;
/// Links of one board: a manager reads through them.
pub const SHARES_PER_BOARD: usize = 200;
/// How long a link lasts when nothing else is said: a week.
pub const SHARE_MILLIS: i64 = 7 * 86_400_000;
/// The longest that a link lasts: a year. What was sent around ends.
pub const SHARE_MILLIS_MAX: i64 = 366 * 86_400_000;
/// The most that a link's count may be.
pub const SHARE_COUNT_MAX: u32 = 1_000_000;
/// Longest label of a link in bytes.
pub const SHARE_LABEL_BYTES: usize = 120;
/// That an API key was used is written down so often at most: what is told is right to some minutes.
pub const KEY_USED_MILLIS: i64 = 5 * 60_000;
/// Longest text of an entry of the audit in bytes: what was before, what is after.
pub const AUDIT_TEXT_BYTES: usize = 500;
/// Bytes of the entries that one keeper has of one board, the newest: a thousand and more.
pub const AUDIT_BYTES: usize = 1024 * 1024;
/// Bytes of the log in one page of an export, before the row that reaches them: in memory twice on their way.
pub const BACKUP_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Rows of one: each is looked at when it is read and when it is written.
pub const BACKUP_PAGE_ROWS: u64 = 5_000;
/// Bytes of a part of a backup: a page with its last row, a layer, a config.
pub const BACKUP_FRAME_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of a row of the log in a backup: some more than [`LOG_ROW_BYTES`], since who sent a batch is written into it.
pub const BACKUP_ROW_BYTES: usize = 1_600_000;
/// Bytes of the name of whose ids a row's events have: those of sign-ins are the longest.
pub const BACKUP_OWNER_BYTES: usize = 2_048;
/// How long entries are kept.
pub const AUDIT_DAYS: i64 = 400;
/// Entries of a page of the audit, when nothing else is said.
pub const AUDIT_ROWS: usize = 100;
/// The most that a page may have: all that is kept.
pub const AUDIT_ROWS_MAX: usize = 10_000;
