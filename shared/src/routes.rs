//! The HTTP API's routes: one table that says what there is, and what each needs. The worker follows it, the API's
//! description and the test of rights are held to it.

mod find;

pub use find::{Found, Params, find};

use crate::views::Format;
use serde::Serialize;

/// A method that a route answers to. `HEAD` is wherever `GET` is, and `OPTIONS` everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or replaces what the path names.
    Put,
    /// Does something.
    Post,
    /// Changes a part of what the path names.
    Patch,
    /// Ends what the path names.
    Delete,
}

impl Method {
    /// As it stands in a request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a caller needs to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Nothing: everybody is answered alike.
    Nothing,
    /// What is asked for decides: nobody mints more than they have.
    WhatIsAsked,
    /// A list of what the caller may see; it may be empty.
    OwnPart,
    /// To read the board, any key of it, or to manage it.
    See,
    /// To read keys; what is shown are those.
    Read,
    /// To read the history of keys; what is shown is theirs.
    History,
    /// To read all keys, or to manage the board: what is shown is made from all of them.
    ReadAll,
    /// What the config says of the named view: one of the three before.
    NamedView,
    /// To publish under keys.
    Publish,
    /// The secret of the source.
    Source,
    /// To manage the board.
    Manage,
    /// To be the administrator.
    Administrator,
}

/// How an answer looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A JSON object, or nothing.
    Json,
    /// Items: also GeoJSON, CSV and lines of JSON.
    Items,
    /// Rows: also CSV and lines of JSON.
    Rows,
    /// A line in time: also GeoJSON, CSV, GPX and KML.
    Track,
    /// A WebSocket, in three modes.
    Feed,
}

impl Shape {
    /// The forms that `format=` may name.
    pub const fn formats(self) -> &'static [Format] {
        match self {
            Self::Json | Self::Feed => Format::JSON,
            Self::Items => Format::ITEMS,
            Self::Rows => Format::TABLES,
            Self::Track => Format::TRACKS,
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which route.
    pub route: Route,
    /// The method.
    pub method: Method,
    /// The path; a name in braces stands for one segment.
    pub path: &'static str,
    /// What a caller needs.
    pub needs: Needs,
    /// How an answer looks.
    pub shape: Shape,
    /// Bytes of a body that are read at most; more is 413. None: a body is not looked at.
    pub body_bytes: Option<usize>,
}

macro_rules! table {
    ($($(#[$about:meta])* $name:ident: $method:ident $path:literal $needs:ident $shape:ident $(up to $bytes:expr)?;)*) => {
        /// A route. The worker has a handler for each: one without does not compile.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Route {
            $($(#[$about])* $name,)*
        }

        /// All routes.
        pub const TABLE: &[Row] = &[
            $(Row {
                route: Route::$name,
                method: Method::$method,
                path: $path,
                needs: Needs::$needs,
                shape: Shape::$shape,
                body_bytes: bytes!($($bytes)?),
            },)*
        ];
    };
}

macro_rules! bytes {
    () => {
        None
    };
    ($bytes:expr) => {
        Some($bytes)
    };
}

use crate::limits::{
    ALARM_RULE_BYTES, BACKUP_FRAME_BYTES, CONFIG_REQUEST_BYTES, CONNECTION_MESSAGE_BYTES, DEAD_LETTER_MEND_BYTES,
    FENCE_BYTES, INGEST_WIRE_BYTES, LAYER_BYTES, PIPELINE_TRY_BYTES, REQUEST_BYTES, WEBHOOK_BYTES,
};

table! {
    /// That the worker runs.
    Health: Get "/healthz" Nothing Json;
    /// That what it needs answers, too.
    Ready: Get "/readyz" Nothing Json;
    /// What an operator measures.
    Metrics: Get "/metrics" Administrator Json;
    /// The public keys of tokens.
    Jwks: Get "/.well-known/jwks.json" Nothing Json;
    /// The frame that shows the same as a page.
    OEmbed: Get "/oembed" Nothing Json;
    /// Mints a token, or joins a session.
    Mint: Post "/v1/tokens" WhatIsAsked Json up to REQUEST_BYTES;
    /// API keys, without the keys.
    ListKeys: Get "/v1/keys" Administrator Json;
    /// Makes an API key.
    MakeKey: Post "/v1/keys" Administrator Json up to REQUEST_BYTES;
    /// Deletes an API key.
    DeleteKey: Delete "/v1/keys/{id}" Administrator Json;
    /// Gives an API key another secret.
    RotateKey: Post "/v1/keys/{id}/rotate" Administrator Json up to REQUEST_BYTES;
    /// Whom to sign in with.
    SignIn: Get "/v1/sign-in" Nothing Json;
    /// Ends a sign-in, or all of somebody's.
    SignOut: Post "/v1/sign-out" WhatIsAsked Json up to REQUEST_BYTES;
    /// What the administrator says about sign-in.
    GetIdentity: Get "/v1/settings/identity" Administrator Json;
    /// Changes it.
    PutIdentity: Put "/v1/settings/identity" Administrator Json up to REQUEST_BYTES;
    /// The boards that the caller may see.
    ListBoards: Get "/v1/boards" OwnPart Json;
    /// A board's config.
    GetBoard: Get "/v1/boards/{board}" See Json;
    /// Makes a board, or changes its config.
    PutBoard: Put "/v1/boards/{board}" Manage Json up to CONFIG_REQUEST_BYTES;
    /// Deletes a board.
    DeleteBoard: Delete "/v1/boards/{board}" Manage Json;
    /// The board's config and log, to keep them or to move them.
    ExportBoard: Get "/v1/boards/{board}/export" Manage Json;
    /// Makes a board from what another gave.
    ImportBoard: Post "/v1/boards/{board}/import" Administrator Json up to BACKUP_FRAME_BYTES;
    /// Takes events.
    SendEvents: Post "/v1/boards/{board}/events" Publish Json up to INGEST_WIRE_BYTES;
    /// Events of the log.
    Events: Get "/v1/boards/{board}/events" History Rows;
    /// Changes as they happen.
    Feed: Get "/v1/boards/{board}/feed" Read Feed;
    /// Items.
    Items: Get "/v1/boards/{board}/items" Read Items;
    /// One item.
    Item: Get "/v1/boards/{board}/items/{key}" Read Items;
    /// Ends an item.
    EndItem: Delete "/v1/boards/{board}/items/{key}" Manage Json;
    /// Series of one item.
    ItemSeries: Get "/v1/boards/{board}/items/{key}/series" History Rows;
    /// Where one item was.
    ItemTrack: Get "/v1/boards/{board}/items/{key}/track" History Track;
    /// When one item went and when it stood.
    ItemTrips: Get "/v1/boards/{board}/items/{key}/trips" History Json;
    /// Series of many items.
    Series: Get "/v1/boards/{board}/series" History Rows;
    /// Counts and extremes.
    Summary: Get "/v1/boards/{board}/summary" Read Json;
    /// A public board as a picture.
    PreviewPng: Get "/v1/boards/{board}/preview.png" Nothing Json;
    /// What that is made of.
    PreviewSvg: Get "/v1/boards/{board}/preview.svg" Nothing Json;
    /// Names of named views.
    ListViews: Get "/v1/boards/{board}/views" See Json;
    /// A named view.
    NamedView: Get "/v1/boards/{board}/views/{name}" NamedView Items;
    /// Standings.
    Scores: Get "/v1/boards/{board}/scores" ReadAll Rows;
    /// A correction.
    Correct: Post "/v1/boards/{board}/scores/actions" Manage Json up to REQUEST_BYTES;
    /// What managers did.
    Audit: Get "/v1/boards/{board}/scores/audit" Manage Json;
    /// Where a key's score comes from.
    Entries: Get "/v1/boards/{board}/scores/{key}/entries" Manage Json;
    /// Sessions.
    ListSessions: Get "/v1/boards/{board}/sessions" See Json;
    /// Makes a session.
    CreateSession: Post "/v1/boards/{board}/sessions" Manage Json up to REQUEST_BYTES;
    /// Leads a session.
    LeadSession: Post "/v1/boards/{board}/sessions/{id}" Manage Json up to REQUEST_BYTES;
    /// What the pipeline's steps have done.
    Pipeline: Get "/v1/boards/{board}/pipeline" Manage Json;
    /// What the pipeline would do.
    TryPipeline: Post "/v1/boards/{board}/pipeline/try" Manage Json up to PIPELINE_TRY_BYTES;
    /// How far delivery is.
    Archive: Get "/v1/boards/{board}/archive" Manage Json;
    /// How the board is.
    Status: Get "/v1/boards/{board}/status" Manage Json;
    /// Records that were refused.
    DeadLetters: Get "/v1/boards/{board}/dead-letters" Manage Json;
    /// Drops those that a filter finds.
    DropDeadLetters: Delete "/v1/boards/{board}/dead-letters" Manage Json;
    /// Takes them out as lines.
    ExportDeadLetters: Get "/v1/boards/{board}/dead-letters/export" Manage Json;
    /// Sends those that a filter finds on their way again.
    ReplayDeadLetters: Post "/v1/boards/{board}/dead-letters/replay" Manage Json up to REQUEST_BYTES;
    /// One of them.
    GetDeadLetter: Get "/v1/boards/{board}/dead-letters/{id}" Manage Json;
    /// Mends one.
    MendDeadLetter: Patch "/v1/boards/{board}/dead-letters/{id}" Manage Json up to DEAD_LETTER_MEND_BYTES;
    /// Drops one.
    DropDeadLetter: Delete "/v1/boards/{board}/dead-letters/{id}" Manage Json;
    /// Sends one on its way again.
    ReplayDeadLetter: Post "/v1/boards/{board}/dead-letters/{id}/replay" Manage Json up to REQUEST_BYTES;
    /// The board's sources, without their secrets.
    ListSources: Get "/v1/boards/{board}/sources" Manage Json;
    /// Makes a source.
    MakeSource: Post "/v1/boards/{board}/sources" Manage Json up to REQUEST_BYTES;
    /// One source.
    GetSource: Get "/v1/boards/{board}/sources/{name}" Manage Json;
    /// Changes a source.
    ChangeSource: Patch "/v1/boards/{board}/sources/{name}" Manage Json up to REQUEST_BYTES;
    /// Deletes a source.
    DeleteSource: Delete "/v1/boards/{board}/sources/{name}" Manage Json;
    /// Gives a source another secret.
    RotateSource: Post "/v1/boards/{board}/sources/{name}/rotate" Manage Json up to REQUEST_BYTES;
    /// A device's own address, with a secret in it.
    DeviceOfSource: Post "/v1/boards/{board}/sources/{name}/devices" Manage Json up to REQUEST_BYTES;
    /// Says what a source would make of a sample.
    TrySource: Post "/v1/boards/{board}/sources/{name}/dry-run" Manage Json up to PIPELINE_TRY_BYTES;
    /// The links that share the board, with their codes.
    ListShares: Get "/v1/boards/{board}/shares" Manage Json;
    /// Makes a link.
    MakeShare: Post "/v1/boards/{board}/shares" Manage Json up to REQUEST_BYTES;
    /// Revokes a link.
    DeleteShare: Delete "/v1/boards/{board}/shares/{id}" Manage Json;
    /// Who is connected.
    ListConnections: Get "/v1/boards/{board}/connections" Manage Json;
    /// Ends all connections of a credential.
    EndConnectionsOf: Delete "/v1/boards/{board}/connections" Manage Json;
    /// Ends one.
    EndBoardConnection: Delete "/v1/boards/{board}/connections/{id}" Manage Json;
    /// Fences.
    ListFences: Get "/v1/boards/{board}/fences" Manage Json;
    /// What happened at them.
    FenceEvents: Get "/v1/boards/{board}/fences/events" Manage Json;
    /// A fence, and who is inside.
    GetFence: Get "/v1/boards/{board}/fences/{id}" Manage Json;
    /// Makes a fence, or changes it.
    PutFence: Put "/v1/boards/{board}/fences/{id}" Manage Json up to FENCE_BYTES;
    /// Deletes a fence.
    DeleteFence: Delete "/v1/boards/{board}/fences/{id}" Manage Json;
    /// Alarms that stand.
    ListAlarms: Get "/v1/boards/{board}/alarms" Manage Json;
    /// What happened to alarms.
    AlarmEvents: Get "/v1/boards/{board}/alarms/events" Manage Json;
    /// Has nobody told of a rule or of an item for a while.
    MuteAlarms: Post "/v1/boards/{board}/alarms/mute" Manage Json up to REQUEST_BYTES;
    /// Says that somebody has seen an alarm.
    AcknowledgeAlarm: Post "/v1/boards/{board}/alarms/{id}/acknowledge" Manage Json up to REQUEST_BYTES;
    /// The rules of alarms.
    ListAlarmRules: Get "/v1/boards/{board}/alarms/rules" Manage Json;
    /// One rule.
    GetAlarmRule: Get "/v1/boards/{board}/alarms/rules/{id}" Manage Json;
    /// Makes a rule, or changes it.
    PutAlarmRule: Put "/v1/boards/{board}/alarms/rules/{id}" Manage Json up to ALARM_RULE_BYTES;
    /// Deletes a rule.
    DeleteAlarmRule: Delete "/v1/boards/{board}/alarms/rules/{id}" Manage Json;
    /// Who is told of alarms.
    ListWebhooks: Get "/v1/boards/{board}/webhooks" Manage Json;
    /// One webhook.
    GetWebhook: Get "/v1/boards/{board}/webhooks/{id}" Manage Json;
    /// Makes a webhook, or changes it.
    PutWebhook: Put "/v1/boards/{board}/webhooks/{id}" Manage Json up to WEBHOOK_BYTES;
    /// Deletes a webhook.
    DeleteWebhook: Delete "/v1/boards/{board}/webhooks/{id}" Manage Json;
    /// Gives a webhook another secret.
    RotateWebhook: Post "/v1/boards/{board}/webhooks/{id}/rotate" Manage Json up to REQUEST_BYTES;
    /// Sends a message that says nothing.
    TestWebhook: Post "/v1/boards/{board}/webhooks/{id}/test" Manage Json up to REQUEST_BYTES;
    /// Messages that were given up.
    FailedMessages: Get "/v1/boards/{board}/webhooks/{id}/failed" Manage Json;
    /// Sends them again.
    RedeliverMessages: Post "/v1/boards/{board}/webhooks/{id}/redeliver" Manage Json up to REQUEST_BYTES;
    /// Layers of the map, without their GeoJSON.
    ListLayers: Get "/v1/boards/{board}/layers" See Json;
    /// A layer's GeoJSON.
    GetLayer: Get "/v1/boards/{board}/layers/{id}" See Json;
    /// Makes a layer, or changes it.
    PutLayer: Put "/v1/boards/{board}/layers/{id}" Manage Json up to LAYER_BYTES;
    /// Deletes a layer.
    DeleteLayer: Delete "/v1/boards/{board}/layers/{id}" Manage Json;
    /// Who changed what.
    AuditLog: Get "/v1/boards/{board}/audit" Manage Json;
    /// Takes what a source's sender sends in an address alone.
    IngestQuery: Get "/v1/ingest/{source}" Source Json;
    /// Takes what a source's sender sends.
    Ingest: Post "/v1/ingest/{source}" Source Json up to INGEST_WIRE_BYTES;
    /// Takes what a device sends to an address of its own, in that alone.
    IngestDeviceQuery: Get "/v1/ingest/{source}/{device}" Source Json;
    /// Takes what a device sends to an address of its own.
    IngestDevice: Post "/v1/ingest/{source}/{device}" Source Json up to INGEST_WIRE_BYTES;
    /// Takes metrics where exporters of OTLP send them that were told a source's address alone.
    IngestMetrics: Post "/v1/ingest/{source}/v1/metrics" Source Json up to INGEST_WIRE_BYTES;
    /// Takes the calls of AWS SDKs.
    Aws: Post "/aws" Source Json up to INGEST_WIRE_BYTES;
    /// Takes those that are sent to a queue's own address.
    AwsQueue: Post "/aws/{account}/{queue}" Source Json up to INGEST_WIRE_BYTES;
    /// Tells a connection of the feed something.
    TellConnection: Post "/aws/@connections/{id}" Source Json up to CONNECTION_MESSAGE_BYTES;
    /// Says how a connection of the feed is.
    LookAtConnection: Get "/aws/@connections/{id}" Source Json;
    /// Ends a connection of the feed.
    EndConnection: Delete "/aws/@connections/{id}" Source Json;
}

impl Route {
    /// Its row.
    pub fn row(self) -> &'static Row {
        // The enum and the table are made from one list, in one order.
        &TABLE[self as usize]
    }
}

/// Whether a path belongs to the API: where it names nothing, the answer is a problem and not a page.
pub fn is_of_api(path: &str) -> bool {
    matches!(path.split('/').find(|s| !s.is_empty()), Some("v1" | ".well-known" | "aws"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_has_its_own_row() {
        for row in TABLE {
            assert_eq!(row.route.row(), row);
            assert!(row.path.starts_with('/') && !row.path.ends_with('/'));
            assert_eq!(
                row.body_bytes.is_some(),
                matches!(row.method, Method::Post | Method::Put | Method::Patch),
                "{}",
                row.path
            );
        }
    }

    #[test]
    fn whoever_reads_a_board_needs_a_right() {
        // A picture shows what is seen without a credential, whoever asks.
        let pictures = [Route::PreviewPng, Route::PreviewSvg];
        for row in TABLE.iter().filter(|r| r.path.contains("{board}") && !pictures.contains(&r.route)) {
            assert!(!matches!(row.needs, Needs::Nothing | Needs::OwnPart | Needs::WhatIsAsked), "{}", row.path);
        }
    }
}
