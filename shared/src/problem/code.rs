//! Every stable code of a refusal: of requests, of records and their fields, and of messages on the feed.
//!
//! A code never changes its meaning and never goes; `/docs/errors` is made from this list.

use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($variant:ident = $name:literal, $status:literal, $meaning:literal;)*) => {
        /// A stable code: what a program can tell one refusal from another by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All of them, in the order of their names.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is written: in `code` of a problem, of a field's error, of a record's result.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The status of a request that is refused for this, where the place says no other.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                }
            }

            /// What it means to a caller.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

codes! {
    AnswerTooLarge = "answer_too_large", 413, "The answer would have more bytes than one may have; ask for less at a time.";
    AuthorizationInvalid = "authorization_invalid", 401, "The Authorization header is not `Bearer` with something behind it.";
    BackupDamaged = "backup_damaged", 422, "A part of a backup is cut off or was changed, or is not the one that comes next; nothing of it was taken.";
    BackupFormat = "backup_format", 422, "A backup was written by a newer version, in a format that this one does not read.";
    BoardExists = "board_exists", 412, "There is a board of this name, and a new one was asked for; nothing was done.";
    BoardFull = "board_full", 422, "The board holds as much as it can of items; the event would add to it.";
    BoardName = "board_name", 422, "The text can't be the name of a board.";
    BoardNotFound = "board_not_found", 404, "There is no such board, or its name can't be one.";
    BodyBroken = "body_broken", 400, "The body ended, or failed, before all of it was there.";
    BodyTooLarge = "body_too_large", 413, "The body has more bytes than are taken; nothing of it was.";
    CodeUnknown = "code_unknown", 404, "Nobody can join by this code: there is none, or its session is over or gone.";
    ConfigChanged = "config_changed", 412, "Somebody else changed the config, or the board is gone; nothing was done. Read it again.";
    ControlCharacter = "control_character", 422, "The text has a control character.";
    CredentialMissing = "credential_missing", 401, "Nothing was sent that says who calls, and this is not for everybody.";
    CursorGone = "cursor_gone", 410, "The cursor is of another life of the board, or ahead of it: begin anew without it.";
    DelayNotKept = "delay_not_kept", 403, "The credential shows everything some time later, and this can't be told as it was then.";
    DisqualifiedAlready = "disqualified_already", 409, "The key is disqualified.";
    Duplicate = "duplicate", 422, "A name stands twice where it may stand once.";
    DuplicateField = "duplicate_field", 422, "An event has the same field twice.";
    Empty = "empty", 422, "A value that is required is empty.";
    EventNotFound = "event_not_found", 404, "There is no event of this number in the log.";
    EventsGone = "events_gone", 410, "Events so far back are no longer kept.";
    FenceInUse = "fence_in_use", 409, "A rule of alarms is about the fence.";
    Forbidden = "forbidden", 403, "The credential does not allow this.";
    FormatNotBuilt = "format_not_built", 501, "The answer is not made in the format that was asked for.";
    HiddenField = "hidden_field", 403, "A query, a filter or a subscription reads a field that the credential does not show.";
    IdRequired = "id_required", 422, "The board counts events by their id, and this one has none.";
    IdTokenInvalid = "id_token_invalid", 401, "The ID token is not taken: it is no signed token of a configured issuer for its client at this time.";
    IdempotencyKeyInvalid = "idempotency_key_invalid", 400, "The Idempotency-Key is empty or too long.";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "The Idempotency-Key came with another body before.";
    ImportUnfinished = "import_unfinished", 409, "A backup is being imported under this name, and that is not over: go on with it, or delete the board.";
    Internal = "internal", 500, "Something went wrong here, and is logged. Trying again may help.";
    Invalid = "invalid", 422, "A value is not what the field takes.";
    InvalidBbox = "invalid_bbox", 400, "The box of a subscription is not one.";
    InvalidConfig = "invalid_config", 422, "The config is wrong; `errors` lists every field.";
    InvalidCursor = "invalid_cursor", 400, "A text is not a cursor.";
    InvalidFilter = "invalid_filter", 400, "The parts of a subscription's filter don't go together.";
    InvalidGzip = "invalid_gzip", 400, "The body says that it is gzip and is not.";
    InvalidJson = "invalid_json", 400, "The body is no JSON, or not of this shape; `errors` names the place.";
    InvalidKey = "invalid_key", 400, "The key in the query is empty, too long or has control characters.";
    InvalidMessage = "invalid_message", 400, "A message on the feed can't be read.";
    InvalidParameter = "invalid_parameter", 400, "A parameter's value is not taken; `errors` names it and says what is.";
    InvalidPath = "invalid_path", 400, "The path is not UTF-8.";
    InvalidSchedule = "invalid_schedule", 422, "Opening, freezing and closing are not in this order.";
    InvalidSessionId = "invalid_session_id", 422, "The session's id has other characters than a–z, 0–9 and -, is too long, or is `all`.";
    InvalidUtf8 = "invalid_utf8", 400, "The body is not UTF-8.";
    InvalidWhat = "invalid_what", 400, "A subscription is for `items`, `scores` or `presence`.";
    IssuerUnreachable = "issuer_unreachable", 503, "What the issuer publishes can't be had at the moment, and without it no ID token of its can be checked; try again.";
    ItemNotFound = "item_not_found", 404, "The board has no such item, or the caller may not see it.";
    JqFailed = "jq_failed", 422, "The jq program failed.";
    JqInvalid = "jq_invalid", 422, "The jq program can't be compiled.";
    KeyInvalid = "key_invalid", 401, "The API key is not known here.";
    KeyNotAllowed = "key_not_allowed", 422, "The credential may not publish under this key.";
    KeyNotFound = "key_not_found", 404, "The key has no score on this board.";
    LeaderField = "leader_field", 422, "A player may not set a field that only managers set.";
    LetterChanged = "letter_changed", 409, "Dead letters were changed by somebody else while they were replayed; those are as they were.";
    LogPruned = "log_pruned", 409, "The board no longer has the beginning of its log, from which it would be made anew.";
    ManageHasNoKeys = "manage_has_no_keys", 422, "The right to manage is for a board, not for some of its keys.";
    MessageTooLarge = "message_too_large", 413, "A message on the feed has more bytes than are taken.";
    MethodNotAllowed = "method_not_allowed", 405, "The path does not take this method; the header Allow has those that it takes.";
    Missing = "missing", 422, "A value that is required is not there.";
    MissingParameter = "missing_parameter", 400, "A named view needs a parameter that was not given.";
    NoJoinCode = "no_join_code", 409, "The session has no join code, or not any more.";
    NoRelay = "no_relay", 503, "The board has as many viewers as it can take.";
    NoRollups = "no_rollups", 404, "The board keeps no series.";
    NoScoreboard = "no_scoreboard", 404, "The board's config has no scores.";
    NoTracks = "no_tracks", 404, "The board keeps no tracks.";
    NotANumber = "not_a_number", 422, "A step of the pipeline needs a number here.";
    NotAcceptable = "not_acceptable", 406, "The header Accept allows nothing that there is.";
    NotAllowed = "not_allowed", 422, "The value is not allowed here.";
    NotAnObject = "not_an_object", 422, "A record is no JSON object.";
    NotBuilt = "not_built", 422, "A part of a grant that can't be given yet.";
    NotDisqualified = "not_disqualified", 409, "The key is not disqualified.";
    NotFinite = "not_finite", 422, "A step of the pipeline made a number that is none.";
    NotFound = "not_found", 404, "There is nothing of this name here.";
    NotKnown = "not_known", 422, "A step of the pipeline looked a value up and found nothing.";
    NothingGranted = "nothing_granted", 403, "Who signed in is known, and no rule of the settings gives it anything.";
    NullIsland = "null_island", 422, "The position is at 0, 0, and the board refuses such.";
    NumberTooLarge = "number_too_large", 422, "The number is larger than is kept exactly.";
    OutOfBounds = "out_of_bounds", 422, "The value is outside of what the score rules take.";
    OutOfRange = "out_of_range", 422, "A number is too small or too large; the sentence has the limits.";
    Overloaded = "overloaded", 503, "The board has more requests than it can take; nothing of this one was written.";
    PastGone = "past_gone", 410, "How the board was so long ago is no longer kept.";
    PipelineBroken = "pipeline_broken", 503, "A step of the board's pipeline can't be run; nothing was taken.";
    PositionOutOfBounds = "position_out_of_bounds", 422, "The position is outside of the board's bounds.";
    PositionOutOfRange = "position_out_of_range", 422, "Latitude or longitude is none.";
    PresenceOff = "presence_off", 403, "The board's config does not let it tell who is there.";
    RegistryUnreachable = "registry_unreachable", 503, "The registry does not answer, and without it this can't be told or done for all; try again.";
    RewindTooFar = "rewind_too_far", 400, "A subscription's rewind would tell, or look through, more than one may.";
    SecretsInvalid = "secrets_invalid", 503, "The deployment's signing key is not the PEM of a P-256 private key.";
    SecretsMissing = "secrets_missing", 503, "The deployment serves nothing until its secrets are set.";
    SecretsWeak = "secrets_weak", 503, "The deployment's administrator key is too short.";
    SenderNotListed = "sender_not_listed", 403, "The delivery is of a topic or an account that the source does not take.";
    SenderUnreachable = "sender_unreachable", 503, "The sender's certificate can't be fetched, or its confirmation can't be visited, at the moment; nothing was taken.";
    SessionClosed = "session_closed", 409, "The session of this join code is over.";
    SessionExists = "session_exists", 409, "There is a session of this id.";
    SessionNotFound = "session_not_found", 404, "There is no session of this id.";
    SessionPhase = "session_phase", 409, "The session's phase does not allow this.";
    SettingsChanged = "settings_changed", 412, "Somebody else changed the settings; nothing was done. Read them again.";
    ShareUnknown = "share_unknown", 404, "The link opens nothing: there is none of this code, or it is over, used up or revoked.";
    SignInOver = "sign_in_over", 401, "The sign-in is over, or the settings have changed since: sign in again.";
    SignatureInvalid = "signature_invalid", 403, "The delivery is not signed by its sender, was changed, or is too old to be told from a copy.";
    SiteMissing = "site_missing", 503, "The deployment has no front end.";
    SlowDown = "slow_down", 429, "An event or a rewind on the feed was not taken, since there are more than can be: send it again later.";
    SourceChanged = "source_changed", 409, "Somebody else changed the source at the same time; nothing was done.";
    SourceExists = "source_exists", 409, "There is a source of this name in the deployment.";
    SourceNotFound = "source_not_found", 404, "The board has no source of this name.";
    SpeedOutOfRange = "speed_out_of_range", 422, "The position is faster than the board takes.";
    StepBroken = "step_broken", 503, "The step of the pipeline can't be run; nothing was taken.";
    StorageFull = "storage_full", 507, "The board has no room to store the request; nothing of it was written.";
    Superseded = "superseded", 409, "The subscription was replaced or ended before its rewind was there.";
    TargetUnknown = "target_unknown", 422, "The operator has declared no such target for archives.";
    TimeInFuture = "time_in_future", 422, "The time is of the future.";
    TimeOutOfRange = "time_out_of_range", 422, "The time is not between 2000 and 2200.";
    TimeTooOld = "time_too_old", 422, "The time is longer ago than the board takes.";
    TimeUnreadable = "time_unreadable", 422, "The time can't be read.";
    TokenInUrl = "token_in_url", 400, "A token does not belong in a URL, where logs keep it.";
    TokenInvalid = "token_invalid", 401, "The token is not one of ours, is damaged, or has expired.";
    TokenRefused = "token_refused", 403, "A new token on the feed was not taken; the message says why.";
    TokenTooLarge = "token_too_large", 422, "The token would be too large to travel in a header.";
    TooFast = "too_fast", 422, "The key sends events faster than the score rules allow.";
    TooLong = "too_long", 422, "A text is longer than it may be.";
    TooMany = "too_many", 422, "A list has more entries than it may have.";
    TooManyBoards = "too_many_boards", 403, "There are as many boards with this beginning as the credential may make.";
    TooManyErases = "too_many_erases", 429, "The histories of as many items as may be are being erased; `Retry-After` says when to come back.";
    TooManyEvents = "too_many_events", 413, "The request has more events than one may have; nothing of it was taken.";
    TooManyFields = "too_many_fields", 422, "An event, an item or a board has more fields than it may have.";
    TooManyItems = "too_many_items", 422, "The board has as many items as it may have.";
    TooManyKeys = "too_many_keys", 400, "A subscription has more keys than it may have.";
    TooManyRequests = "too_many_requests", 429, "The address or the credential has asked too often; `Retry-After` says when to come back.";
    TooManySessions = "too_many_sessions", 409, "The board has as many sessions as it may have.";
    TooManySubscriptions = "too_many_subscriptions", 429, "The viewer has as many subscriptions as it may have.";
    TracksRebuilding = "tracks_rebuilding", 503, "The board is still reading its log to make its tracks; try again.";
    TransformUnavailable = "transform_unavailable", 503, "What runs jq programs and draws pictures does not answer.";
    UndoneAlready = "undone_already", 409, "The event was undone before.";
    UnknownAction = "unknown_action", 400, "A message on the feed has an action that is not known.";
    UnknownField = "unknown_field", 400, "No item has the field that a parameter names.";
    UnknownParameter = "unknown_parameter", 400, "The query has a parameter that is not known.";
    UnknownSubprotocol = "unknown_subprotocol", 400, "None of the WebSocket subprotocols that are offered is known.";
    UnknownUnit = "unknown_unit", 422, "A step of the pipeline names a unit that is not known.";
    UnknownZone = "unknown_zone", 422, "There is no such time zone.";
    UnsupportedEncoding = "unsupported_encoding", 415, "The Content-Encoding is neither gzip nor identity.";
    UnsupportedMediaType = "unsupported_media_type", 415, "The Content-Type is not taken.";
    UpgradeRequired = "upgrade_required", 426, "The feed is a WebSocket.";
    Upgrading = "upgrading", 503, "The deployment is being replaced by another version; nothing was done. Try again.";
    UpstreamFailed = "upstream_failed", 502, "The service behind a view did not answer as it should, and nothing was kept of it.";
    ViewNotFound = "view_not_found", 404, "The board's config has no view of this name.";
    WrongType = "wrong_type", 422, "The value has another type than the field takes.";
}

impl Code {
    /// The code of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// The name of its status.
    pub const fn title(self) -> &'static str {
        title(self.status())
    }
}

/// The name of a status.
pub const fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        507 => "Insufficient Storage",
        501 => "Not Implemented",
        _ => "Internal Server Error",
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.name() == *other
    }
}

impl PartialEq<Code> for String {
    fn eq(&self, other: &Code) -> bool {
        self == other.name()
    }
}

impl PartialEq<Code> for &str {
    fn eq(&self, other: &Code) -> bool {
        *self == other.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_by_their_names() {
        let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        for name in names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
        }
    }

    #[test]
    fn every_code_is_found_by_its_name_and_explained() {
        for code in Code::ALL.iter().copied() {
            assert_eq!(Code::named(code.name()), Some(code));
            assert!(code.meaning().ends_with('.'), "{code}");
        }
        assert_eq!(Code::named("no_such_code"), None);
    }

    #[test]
    fn every_status_has_a_name() {
        for code in Code::ALL.iter().filter(|code| code.status() != 500) {
            assert_ne!(code.title(), title(500), "{code}");
        }
    }
}
