//! What is asked of a board.

use super::methods;
use crate::alarms::{AlarmRule, RuleId};
use crate::api::letters::Replayed;
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Cursor;
use crate::fences::{Fence, FenceId};
use crate::layers::LayerId;
use crate::layers::geojson::Contents;
use crate::letters::{LetterQuery, Tried};
use crate::presence::Report;
use crate::rights::Sight;
use crate::scores::keeper::Correction;
use crate::scores::session::{Schedule, SessionAction};
use crate::time::Millis;
use crate::webhooks::{WebhookId, WebhookWish};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

methods! {
    /// The methods of a board. The query of a view is the one of the request to the API.
    BoardMethod {
        /// Takes events: an [`IngestBody`](super::ingest::IngestBody). Answers an
        /// [`IngestAnswer`](crate::ingest::IngestAnswer) as JSON, 404 without such a board, 409 for a reused
        /// `Idempotency-Key`, 503 when it has too much to do, 507 with a problem when it is full.
        Ingest = "ingest",
        /// A view of the items, for a [`Sight`].
        Items = "items",
        /// A view of one item, for a [`ViewAsk`].
        Item = "item",
        /// A view of series, for a [`ViewAsk`].
        Series = "series",
        /// A view of a track, for a [`ViewAsk`].
        Track = "track",
        /// A view of trips and stops, for a [`ViewAsk`].
        Trips = "trips",
        /// A view of events, for a [`ViewAsk`].
        Events = "events",
        /// What a subscription begins with, a [`RewindAsk`](crate::rewind::RewindAsk) as JSON: a
        /// [`Rewound`](crate::rewind::Rewound) as JSON.
        Rewind = "rewind",
        /// A view of counts, for a [`ViewAsk`].
        Summary = "summary",
        /// A view of standings; the query's `live` is for managers.
        Scores = "scores",
        /// Items by key, a JSON array of them: an object as JSON.
        Lookup = "lookup",
        /// The numbers of the board's relays, a JSON array.
        Relays = "relays",
        /// What the pipeline has done: [`Totals`](crate::pipeline::Totals) as JSON.
        Pipeline = "pipeline",
        /// A view of fences.
        Fences = "fences",
        /// A fence's id: it, as JSON.
        Fence = "fence",
        /// A [`FenceAsk`]: the fence, as JSON; 201 where it is new.
        PutFence = "put-fence",
        /// A fence's id: nothing.
        DropFence = "drop-fence",
        /// A page of what happened at fences.
        FenceEvents = "fence-events",
        /// A page of the alarms that stand.
        Alarms = "alarms",
        /// A page of what happened to alarms.
        AlarmEvents = "alarm-events",
        /// The number of the event that raised an alarm: it, as JSON.
        AcknowledgeAlarm = "acknowledge-alarm",
        /// A [`MuteWish`](crate::alarms::MuteWish): what is muted now, as JSON.
        MuteAlarms = "mute-alarms",
        /// The rules of alarms, as JSON.
        AlarmRules = "alarm-rules",
        /// A rule's id: it, as JSON.
        AlarmRule = "alarm-rule",
        /// An [`AlarmRuleAsk`]: the rule, as JSON; 201 where it is new.
        PutAlarmRule = "put-alarm-rule",
        /// A rule's id: nothing.
        DropAlarmRule = "drop-alarm-rule",
        /// Webhooks, as JSON.
        Webhooks = "webhooks",
        /// A webhook's id: it, as JSON.
        Webhook = "webhook",
        /// A [`WebhookAsk`]: the webhook, as JSON; 201, and with its secret, where it is new.
        PutWebhook = "put-webhook",
        /// A webhook's id: nothing.
        DropWebhook = "drop-webhook",
        /// A webhook's id: it, with a new secret, as JSON.
        RotateWebhook = "rotate-webhook",
        /// A webhook's id: what came of a message, as JSON.
        TestWebhook = "test-webhook",
        /// A webhook's id: messages that were given up, as JSON.
        FailedMessages = "failed-messages",
        /// A webhook's id: how many messages are sent again, as JSON.
        RedeliverMessages = "redeliver-messages",
        /// Nothing: [`Layers`](crate::api::layers::Layers) as JSON, with their version.
        Layers = "layers",
        /// A layer's id: its GeoJSON, with its version.
        Layer = "layer",
        /// A [`LayerAsk`]: a [`LayerRow`](crate::api::layers::LayerRow) as JSON; 201 where the layer is new.
        PutLayer = "put-layer",
        /// A layer's id: nothing.
        DropLayer = "drop-layer",
        /// A request that the pipeline could not take: a [`Report`](crate::pipeline::Report). Answers nothing.
        PipelineBroken = "pipeline-broken",
        /// Registers the relay of this name: the pieces of a [`State`](crate::relay::state::State).
        Sync = "sync",
        /// The same as of a while ago, for a relay of delayed viewers: a [`LaterAsk`](crate::relay::later::LaterAsk).
        LaterState = "later-state",
        /// What has become old enough for a relay of delayed viewers, a [`LaterAsk`](crate::relay::later::LaterAsk): a
        /// [`Later`](crate::relay::later::Later), or a problem.
        Later = "later",
        /// Where a relay is, a [`CompareAsk`]: a [`CompareAnswer`].
        Compare = "compare",
        /// Standings whole, and from now on their changes, of a [`Channel`](crate::scores::channel::Channel).
        Follow = "follow",
        /// Who is there at a relay, a [`PresenceAsk`]: a [`Told`](crate::presence::Told).
        Presence = "presence",
        /// Nothing: a [`Config`], or 404.
        Config = "config",
        /// A config as JSON, and in the query as JSON the [`Place`] where it goes: [`Done`], or 412.
        PutConfig = "put-config",
        /// Nothing: [`Done`]. The board and all that it has are gone.
        Delete = "delete",
        /// Nothing: how delivery is, as JSON.
        Archive = "archive",
        /// Nothing: a [`Status`](crate::api::status::Status) as JSON.
        Status = "status",
        /// A [`ControlRequest`]: what has become of it, as JSON.
        Control = "control",
        /// Nothing: the sessions as JSON; with the query `manager` with their join codes.
        Sessions = "sessions",
        /// Nothing: what managers did, as JSON.
        Audit = "audit",
        /// A key: its events as JSON.
        Entries = "entries",
        /// Nothing: a page of dead letters as JSON.
        DeadLetters = "dead-letters",
        /// A dead letter's id: it, as JSON.
        Letter = "letter",
        /// A [`MendAsk`]: the letter, as JSON.
        MendLetter = "mend-letter",
        /// A dead letter's id: nothing.
        DropLetter = "drop-letter",
        /// A [`LetterQuery`]: [`LettersDropped`](crate::api::letters::LettersDropped) as JSON.
        DropLetters = "drop-letters",
        /// A [`CandidatesAsk`]: [`Candidates`](crate::letters::Candidates) as JSON.
        Candidates = "candidates",
        /// A [`ReplayAsk`] behind its length, and an [`IngestBody`](super::ingest::IngestBody): a [`ReplayAnswer`].
        ReplayLetters = "replay-letters",
    /// What the board has noted of what was done to it.
    AuditLog = "audit-log",
        /// An [`ExportAsk`](crate::backup::ExportAsk): a [`Head`](crate::backup::Head) as JSON, or rows of the log as a backup has them.
        Export = "export",
        /// An [`ImportAsk`](crate::backup::ImportAsk): an [`ImportProgress`](crate::api::backup::ImportProgress) as JSON, or a problem.
        Import = "import",
        /// Nothing: an import that is not over is given up. 404 where there is none.
        DropImport = "drop-import",
    }
}

/// Who asks for a view, and of what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ViewAsk {
    /// What they may see.
    pub sight: Sight,
    /// The item, where it is about one.
    pub key: Option<String>,
    /// After how many seconds an item is stale.
    pub stale_after_s: u32,
    /// Whether they are told for which times they may ask how the board was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub past: bool,
}

/// What a manager asks of a board.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlRequest {
    /// Make a session.
    Create {
        /// Its id.
        id: String,
        /// For people.
        title: String,
        /// What it does by itself.
        schedule: Schedule,
        /// With this code players join.
        code: Option<String>,
        /// Who asks.
        by: String,
    },
    /// Do something to a session.
    Act {
        /// Which.
        id: String,
        /// What.
        action: SessionAction,
        /// The new schedule, for `schedule`.
        schedule: Schedule,
        /// As of when; now when absent.
        at: Option<Millis>,
        /// Who asks.
        by: String,
    },
    /// End an item.
    EndItem {
        /// Which.
        key: String,
        /// Who asks.
        by: String,
    },
    /// End an item and erase its history.
    EraseItem {
        /// Which.
        key: String,
        /// Who asks.
        by: String,
    },
    /// Correct something.
    Correct {
        /// What.
        wish: Correction,
        /// Who asks.
        by: String,
    },
}

/// What a config is put in the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Whatever there is.
    Any,
    /// Some config of a board that is there.
    There,
    /// Nothing: the board is new.
    New,
    /// The config of this version.
    Version(u64),
}

impl Place {
    /// What the headers `If-Match` and `If-None-Match` of a request say; entity tags are versions between quotes, as the
    /// answers have them. None where that can be no version of any config.
    pub fn asked(if_match: Option<&str>, if_none_match: Option<&str>) -> Option<Self> {
        match (if_match.map(str::trim), if_none_match.map(str::trim)) {
            (None, None) => Some(Self::Any),
            (None, Some("*")) => Some(Self::New),
            (Some("*"), None) => Some(Self::There),
            (Some(tag), None) => {
                let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
                version.and_then(|version| version.parse().ok()).map(Self::Version)
            }
            _ => None,
        }
    }

    /// Whether a config of this version may be replaced; none where there is no board.
    pub fn takes(self, version: Option<u64>) -> bool {
        match self {
            Self::Any => true,
            Self::There => version.is_some(),
            Self::New => version.is_none(),
            Self::Version(wanted) => version == Some(wanted),
        }
    }
}

/// A fence that is to be made or changed.
#[derive(Serialize, Deserialize)]
pub struct FenceAsk {
    /// Which.
    pub id: FenceId,
    /// As it was put.
    pub fence: Fence,
}

/// A rule of alarms that is to be made or changed.
#[derive(Serialize, Deserialize)]
pub struct AlarmRuleAsk {
    /// Which.
    pub id: RuleId,
    /// As it was put.
    pub rule: AlarmRule,
}

/// A webhook that is to be made or changed.
#[derive(Serialize, Deserialize)]
pub struct WebhookAsk {
    /// Which.
    pub id: WebhookId,
    /// As it was put.
    pub wish: WebhookWish,
}

/// A layer that is to be made or changed. Its GeoJSON goes as it came, and was checked.
#[derive(Debug, PartialEq)]
pub struct LayerAsk<'a> {
    /// Which.
    pub id: LayerId,
    /// What is in it.
    pub contents: Contents,
    /// As it was put.
    pub geojson: &'a [u8],
}

impl<'a> LayerAsk<'a> {
    /// Id and contents as JSON, behind their length; then the GeoJSON.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let head = serde_json::to_vec(&(&self.id, &self.contents))?;
        let mut w = Writer::with_capacity(head.len() + self.geojson.len() + 4);
        w.blob(&head);
        let mut body = w.finish();
        body.extend_from_slice(self.geojson);
        Ok(body)
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(body: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(body);
        let (id, contents) = serde_json::from_slice(r.blob()?).map_err(|_| DecodeError::Invalid("layer"))?;
        let geojson = r.take(r.remaining())?;
        Ok(Self { id, contents, geojson })
    }
}

/// A letter that is to be mended.
#[derive(Serialize, Deserialize)]
pub struct MendAsk {
    /// Which.
    pub id: String,
    /// The record that takes the place of the one that came.
    pub record: Box<RawValue>,
    /// Who asks.
    pub by: String,
}

/// Which letters are to be replayed.
#[derive(Serialize, Deserialize)]
pub enum CandidatesAsk {
    /// This one.
    One(String),
    /// Those of a filter.
    Some(LetterQuery),
}

/// What letters that are replayed were made into; the events themselves come behind it.
#[derive(Serialize, Deserialize)]
pub struct ReplayAsk {
    /// Whether nothing is to be done.
    pub dry_run: bool,
    /// The letters.
    pub letters: Vec<Tried>,
    /// Of which of them each event is.
    pub places: Vec<u32>,
}

/// What became of letters.
#[derive(Serialize, Deserialize)]
pub enum ReplayAnswer {
    /// Nothing: one of them is another than it was, or gone.
    Changed,
    /// This of each, in their order.
    Done(Vec<Replayed>),
}

/// A relay that hears nothing says where it is.
#[derive(Serialize, Deserialize)]
pub struct CompareAsk {
    /// Its name.
    pub relay: String,
    /// How far it is; none when it has nothing in memory.
    pub cursor: Option<Cursor>,
    /// Its viewers.
    pub viewers: u32,
}

/// What a board answers to [`CompareAsk`].
#[derive(Serialize, Deserialize)]
pub struct CompareAnswer {
    /// Where the board is.
    pub cursor: Cursor,
    /// Whether it tells the relay of changes.
    pub known: bool,
    /// Viewers of the other relays.
    pub elsewhere: u32,
}

/// A relay tells who is there.
#[derive(Serialize, Deserialize)]
pub struct PresenceAsk {
    /// Its name.
    pub relay: String,
    /// Its connections.
    pub report: Report,
}

/// A board's config with its version.
#[derive(Serialize, Deserialize)]
pub struct Config {
    /// It grows with every change.
    pub version: u64,
    /// As JSON.
    pub text: String,
}

/// What a board says to a change of its config, or to its end.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// The config's version.
    pub version: u64,
    /// Whether there was no such board.
    pub is_new: bool,
    /// Whether the registry knows: if not, it will be told.
    pub is_told: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_is_put_where_the_headers_say() {
        for (if_match, if_none_match, place) in [
            (None, None, Some(Place::Any)),
            (Some("*"), None, Some(Place::There)),
            (None, Some(" * "), Some(Place::New)),
            (Some("\"12\""), None, Some(Place::Version(12))),
            (Some("12"), None, None),
            (Some("W/\"12\""), None, None),
            (None, Some("\"12\""), None),
            (Some("*"), Some("*"), None),
        ] {
            assert_eq!(Place::asked(if_match, if_none_match), place, "{if_match:?} {if_none_match:?}");
        }
        assert!(
            Place::Version(2).takes(Some(2)) && !Place::Version(2).takes(Some(3)) && !Place::Version(2).takes(None)
        );
        assert!(
            Place::New.takes(None)
                && !Place::New.takes(Some(1))
                && Place::There.takes(Some(1))
                && !Place::There.takes(None)
        );
    }
}
