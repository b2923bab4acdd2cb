//! The shapes of answers that the worker writes without a type of their own. The live test of the description holds
//! real answers to them, with nothing more and nothing less in them.

use heliograph_shared::archive::target::Place;
use heliograph_shared::config::Visibility;
use heliograph_shared::scores::direction::Direction;
use heliograph_shared::cursor::Cursor;
use heliograph_shared::id::BoardName;
use heliograph_shared::index::TopRow;
use heliograph_shared::ingest::RecordResult;
use heliograph_shared::pipeline::Failure;
use heliograph_shared::rights::Grant;
use heliograph_shared::schema::ItemObject;
use heliograph_shared::scores::rule::{Ties, TimeWindow};
use heliograph_shared::scores::session::Phase;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use heliograph_shared::views::named::Parameter;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// How the worker is.
#[derive(Serialize, JsonSchema)]
pub struct Health {
    /// `ok`: it serves.
    status: String,
    /// Its version.
    version: String,
    /// Its clock.
    time: Millis,
}

/// Public keys (RFC 7517).
#[derive(Serialize, JsonSchema)]
pub struct JwkSet {
    /// The keys that tokens may be signed with.
    keys: Vec<Jwk>,
}

/// A public key of the curve P-256.
#[derive(Serialize, JsonSchema)]
pub struct Jwk {
    /// `EC`.
    kty: String,
    /// `P-256`.
    crv: String,
    /// A coordinate.
    x: String,
    /// A coordinate.
    y: String,
    /// The key's name, which tokens carry.
    kid: String,
    /// `ES256`.
    alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    usage: String,
}

/// A token.
#[derive(Serialize, JsonSchema)]
pub struct Minted {
    /// The token, a JWT.
    token: String,
    /// When it ends.
    expires_at: Millis,
    /// For a player: the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    board: Option<BoardName>,
    /// For a player: the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// For a player: the key under which it publishes.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// For a player: the name; null when a token was renewed without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// A new API key.
#[derive(Serialize, JsonSchema)]
pub struct NewKey {
    /// Its id, by which it can be deleted.
    id: String,
    /// The key itself, shown this once.
    key: String,
    /// What it is for.
    label: String,
    /// What it allows.
    grants: Vec<Grant>,
    /// Whose event ids and `Idempotency-Key`s its requests have.
    owner: String,
}

/// An API key, without the key itself.
#[derive(Serialize, JsonSchema)]
pub struct Key {
    /// Its id.
    id: String,
    /// What it is for.
    label: String,
    /// What it allows.
    grants: Vec<Grant>,
    /// Whose event ids and `Idempotency-Key`s its requests have.
    owner: String,
    /// When it was made.
    created: Millis,
    /// Whether its grants can't be said any more, so that it allows nothing.
    needs_renewal: bool,
}

/// All API keys.
#[derive(Serialize, JsonSchema)]
pub struct Keys {
    /// Without the keys themselves.
    keys: Vec<Key>,
}

/// A board in the list.
#[derive(Serialize, JsonSchema)]
pub struct BoardRow {
    /// Its name.
    board: BoardName,
    /// For people.
    title: String,
    /// For people.
    description: String,
    /// Who may read it.
    visibility: Visibility,
    /// After how many seconds without an event an item looks stale.
    stale_after_s: u32,
    /// Whether it has a scoreboard.
    scores: bool,
    /// How many items there are; told to those who may see all of them.
    items: Option<u32>,
    /// Event time of the latest event; told to those who may see all items.
    newest: Option<Millis>,
    /// Where the log is; told to those who may see all items.
    cursor: Option<Cursor>,
    /// Open feeds; told to those who may see all items.
    viewers: Option<u32>,
    /// West, south, east and north of all positions; told to those who may see all items.
    bbox: Option<[f64; 4]>,
    /// The first three, of a public board that is not frozen: of its scoreboard, or by the field of its top list.
    top: Vec<TopRow>,
}

/// The boards that the caller may read.
#[derive(Serialize, JsonSchema)]
pub struct Boards {
    /// By name.
    boards: Vec<BoardRow>,
    /// The worker's clock.
    time: Millis,
}

/// A page of items.
#[derive(Serialize, JsonSchema)]
pub struct ItemsPage {
    /// As of when.
    cursor: Cursor,
    /// In the order in which keys first appeared.
    items: Vec<ItemObject>,
    /// With `since`, on the first page: the keys of items that ended after that cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Vec<String>>,
    /// For `after`, when there is another page.
    next: Option<String>,
}

/// A session.
#[derive(Serialize, JsonSchema)]
pub struct Session {
    /// Its id.
    id: String,
    /// For people.
    title: String,
    /// Where it stands.
    phase: Phase,
    /// When it opens by itself.
    opens_at: Option<Millis>,
    /// When it freezes by itself.
    freezes_at: Option<Millis>,
    /// When it closes by itself.
    closes_at: Option<Millis>,
    /// When it was opened.
    opened_at: Option<Millis>,
    /// When it was frozen.
    frozen_at: Option<Millis>,
    /// When it was closed.
    closed_at: Option<Millis>,
    /// How many keys are ranked.
    #[serde(skip_serializing_if = "Option::is_none")]
    players: Option<u32>,
    /// How many events count.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<u64>,
    /// The join code; only managers are told, null without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// All sessions of a board.
#[derive(Serialize, JsonSchema)]
pub struct Sessions {
    /// As of when.
    cursor: Cursor,
    /// In the order in which they were made.
    sessions: Vec<Session>,
}

/// A row of a ranking.
#[derive(Serialize, JsonSchema)]
pub struct ScoreRow {
    /// The rank; tied rows may share it.
    rank: u32,
    /// The place in the list, from 1.
    position: u32,
    /// The key.
    key: String,
    /// For people; the key when there is none.
    name: String,
    /// One for each column; null where nothing was counted.
    values: Vec<Option<f64>>,
    /// Whether the row before or behind is equal in all columns.
    tied: bool,
    /// When these values were reached.
    reached: Option<Millis>,
    /// One for each grouping.
    groups: Vec<Option<String>>,
}

/// A column of a ranking.
#[derive(Serialize, JsonSchema)]
pub struct ScoreColumn {
    /// Its name.
    name: String,
    /// For people.
    label: String,
    /// Behind the value.
    unit: Option<String>,
    /// Which end is the top.
    direction: Direction,
}

/// What there is to say beside the rows.
#[derive(Serialize, JsonSchema)]
pub struct AboutScores {
    /// The columns; the first decides first.
    columns: Vec<ScoreColumn>,
    /// Who is ahead when all columns are equal.
    ties: Ties,
    /// Which stretch of time is counted.
    window: Option<TimeWindow>,
    /// Values of each grouping.
    groups: BTreeMap<String, Vec<String>>,
    /// The session that is shown.
    session: Option<Session>,
    /// All sessions.
    sessions: Vec<Session>,
    /// Whether the public sees the board as of a freeze.
    frozen: bool,
    /// How far a ranking by new rules is, from 0 to 1.
    rebuilding: Option<f64>,
    /// `public`, or `live` for managers.
    audience: String,
    /// The session's id, or `all`.
    scope: String,
}

/// A page of a ranking.
#[derive(Serialize, JsonSchema)]
pub struct ScoresPage {
    /// As of when.
    cursor: Cursor,
    /// Names of the columns.
    columns: Vec<String>,
    /// The rows from `offset` on.
    rows: Vec<ScoreRow>,
    /// How many rows there are in all.
    total: u32,
    /// The `offset` of the next page, when there is one.
    next: Option<u32>,
    /// What there is to say beside the rows.
    about: AboutScores,
    /// The rows around the key that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    around: Option<Vec<ScoreRow>>,
    /// The share of the others that the key is ahead of; null without a rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    percentile: Option<f64>,
}

/// A correction that was made.
#[derive(Serialize, JsonSchema)]
pub struct Corrected {
    /// The board's cursor behind it.
    cursor: Cursor,
    /// Its own number in the log.
    seq: u64,
}

/// Something that a manager did.
#[derive(Serialize, JsonSchema)]
pub struct AuditEntry {
    /// `rules`, `create_session`, a session's action, `undo`, `adjust`, `disqualify` or `restore`.
    action: String,
    /// Its number in the log.
    seq: u64,
    /// When it was done, or as of when it counts.
    time: Millis,
    /// Who did it.
    by: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// For `create_session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// For `create_session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<Millis>,
    /// For `create_session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    freezes_at: Option<Millis>,
    /// For `create_session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    closes_at: Option<Millis>,
    /// For `undo`: the event's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<u64>,
    /// For `rules`: how many columns; null when the scoreboard was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<u32>,
    /// For `adjust`: which column.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// For `adjust`: by how much.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_points: Option<f64>,
}

/// What was done on a board.
#[derive(Serialize, JsonSchema)]
pub struct Audit {
    /// As of when.
    cursor: Cursor,
    /// The oldest first.
    actions: Vec<AuditEntry>,
}

/// An event of one key.
#[derive(Serialize, JsonSchema)]
pub struct Entry {
    /// Its number in the log, for `undo`.
    seq: u64,
    /// When it happened.
    time: Millis,
    /// Its id.
    id: Option<String>,
    /// Its fields.
    fields: BTreeMap<String, Option<Value>>,
    /// Whether it counts no more.
    undone: bool,
    /// The session it falls into.
    session: Option<String>,
}

/// The events of one key.
#[derive(Serialize, JsonSchema)]
pub struct Entries {
    /// As of when.
    cursor: Cursor,
    /// The newest first, at most 1,000.
    entries: Vec<Entry>,
}

/// A record that was refused.
#[derive(Serialize, JsonSchema)]
pub struct DeadLetter {
    /// Its id.
    id: String,
    /// When it came.
    time: Millis,
    /// Why it was refused.
    code: Option<String>,
    /// Which field was wrong.
    field: Option<String>,
    /// What was wrong, and how to mend it.
    message: Option<String>,
    /// The record: as it came, or `{"text"}` with its beginning where it is too long or no JSON.
    record: serde_json::Value,
    /// Who sent it.
    by: String,
    /// The pipeline's step that refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// Whether the record was too long to be kept whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// A page of dead letters.
#[derive(Serialize, JsonSchema)]
pub struct DeadLetters {
    /// The newest first.
    dead_letters: Vec<DeadLetter>,
    /// For `after`, when there is another page.
    next: Option<String>,
}

/// A GeoJSON feature collection (RFC 7946) with the cursor and the next page.
#[derive(Serialize, JsonSchema)]
pub struct FeatureCollection {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    kind: String,
    /// As of when.
    cursor: Cursor,
    /// The items.
    features: Vec<Feature>,
    /// With `since`, on the first page: the keys of items that ended after that cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Vec<String>>,
    /// For `after`, when there is another page.
    next: Option<String>,
}

/// An item as a GeoJSON feature.
#[derive(Serialize, JsonSchema)]
pub struct Feature {
    /// `Feature`.
    #[serde(rename = "type")]
    kind: String,
    /// The key.
    id: String,
    /// Where it is; null without a position.
    geometry: Option<Geometry>,
    /// Key, time, seq, parts of the position and fields, under their columns' names.
    properties: BTreeMap<String, Value>,
}

/// A point.
#[derive(Serialize, JsonSchema)]
pub struct Geometry {
    /// `Point`.
    #[serde(rename = "type")]
    kind: String,
    /// Longitude and latitude.
    coordinates: [f64; 2],
}

/// What each step of a board's pipeline has done.
#[derive(Serialize, JsonSchema)]
pub struct Pipeline {
    /// Since when it is counted; null before the first event.
    since: Option<Millis>,
    /// The steps, in their order.
    steps: Vec<StepTotals>,
}

/// What a step has done.
#[derive(Serialize, JsonSchema)]
pub struct StepTotals {
    /// Its name.
    name: String,
    /// `map`, `filter`, `enrich`, `derive` or `aggregate`.
    kind: Option<String>,
    /// Its jq program, if it has one.
    jq: Option<String>,
    /// Requests with events for it.
    requests: u64,
    /// Events that came in.
    #[serde(rename = "in")]
    entered: u64,
    /// Events that went on.
    out: u64,
    /// Events that were filtered.
    filtered: u64,
    /// Events that went into another event.
    merged: u64,
    /// Events that were refused.
    failed: u64,
    /// Microseconds that it took.
    micros: u64,
    /// Microseconds a request.
    mean_micros: Option<u64>,
    /// Why an event was refused last.
    last_failure: Option<Failure>,
    /// When that was.
    last_failed_at: Option<Millis>,
}

/// What a pipeline would make of some events.
#[derive(Serialize, JsonSchema)]
pub struct Tried {
    /// What each step did.
    steps: Vec<TriedStep>,
    /// What would come to the board.
    events: Vec<TriedEvent>,
    /// What would be refused.
    refused: Vec<RecordResult>,
}

/// What a step did with the events of a try.
#[derive(Serialize, JsonSchema)]
pub struct TriedStep {
    /// Its name.
    name: String,
    /// `map`, `filter`, `enrich`, `derive` or `aggregate`.
    kind: Option<String>,
    /// Events that came in.
    #[serde(rename = "in")]
    entered: u64,
    /// Events that went on.
    out: u64,
    /// Events that were filtered.
    filtered: u64,
    /// Events that went into another event.
    merged: u64,
    /// Events that were refused.
    failed: u64,
    /// Microseconds that it took.
    micros: u64,
    /// What became of each record.
    records: Vec<TriedRecord>,
}

/// What a step made of a record: an event, or filtered, or merged, or refused with a code.
#[derive(Serialize, JsonSchema)]
pub struct TriedRecord {
    /// The record's place in the try.
    index: u32,
    /// What it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<serde_json::Map<String, serde_json::Value>>,
    /// Whether it was filtered.
    #[serde(skip_serializing_if = "Option::is_none")]
    filtered: Option<bool>,
    /// Whether it went into another record's event.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged: Option<bool>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// What would come to the board.
#[derive(Serialize, JsonSchema)]
pub struct TriedEvent {
    /// The place of the record that it was made of.
    index: u32,
    /// The event.
    event: serde_json::Map<String, serde_json::Value>,
}

/// How far delivery to object storage is.
#[derive(Serialize, JsonSchema)]
pub struct Archive {
    /// `off`, `idle`, `waiting`, `delivering`, `failing` or `target_unknown`.
    state: String,
    /// Where objects lie, if the operator has declared the target that the config names.
    target: Option<Place>,
    /// Where the log is.
    cursor: Cursor,
    /// Up to where a manifest names everything.
    delivered: Option<Cursor>,
    /// What is not delivered.
    backlog: Backlog,
    /// How long the oldest event has waited, in milliseconds.
    lag_ms: i64,
    /// The object that was delivered last.
    last: Option<ArchiveObject>,
    /// What is being delivered.
    in_flight: Option<ArchiveRange>,
    /// What failed last.
    error: Option<ArchiveError>,
    /// When it is tried next.
    next_try: Option<Millis>,
    /// The columns of fields, in the order in which they appeared.
    columns: Vec<ArchiveColumn>,
}

/// An object that was delivered.
#[derive(Serialize, JsonSchema)]
pub struct ArchiveObject {
    /// Its last sequence number.
    seq: u64,
    /// Its name.
    object: String,
    /// Its manifest's name.
    manifest: String,
    /// Events in it.
    records: u64,
    /// Its bytes.
    bytes: u64,
    /// When its manifest was there.
    at: Millis,
    /// From the acceptance of its first event to then, in milliseconds.
    lag_ms: i64,
}

/// A range that is being delivered.
#[derive(Serialize, JsonSchema)]
pub struct ArchiveRange {
    /// Its first sequence number.
    first: u64,
    /// Its last one.
    last: u64,
    /// The object's name.
    object: String,
}

/// What is not delivered.
#[derive(Serialize, JsonSchema)]
pub struct Backlog {
    /// How many events.
    records: u64,
    /// Their bytes in the log.
    bytes: u64,
    /// When the oldest was accepted.
    oldest: Option<Millis>,
}

/// Why delivery failed.
#[derive(Serialize, JsonSchema)]
pub struct ArchiveError {
    /// When.
    at: Millis,
    /// What the store said.
    message: String,
    /// How many times in a row.
    times: u32,
    /// Whether it has gone on since.
    mended: bool,
}

/// A field's column in the archive.
#[derive(Serialize, JsonSchema)]
pub struct ArchiveColumn {
    /// The field.
    field: String,
    /// Its column.
    column: String,
    /// `number`, `boolean`, `text`: what was seen of them.
    kinds: Vec<String>,
}

/// A board's named views.
#[derive(Serialize, JsonSchema)]
pub struct Views {
    /// By name.
    views: Vec<View>,
}

/// A named view.
#[derive(Serialize, JsonSchema)]
pub struct View {
    /// Its name.
    name: String,
    /// For people.
    title: String,
    /// Which view it saves: `items`, `series`, `summary`, `scores` or `events`; `upstream` where another service answers.
    path: String,
    /// What a caller may give.
    parameters: BTreeMap<String, Parameter>,
}
