//! Webhooks as they are answered: never with their addresses, which may be secrets.

use super::{Delivery, Webhook, WebhookId, WebhookWish};
use crate::alarms::AlarmEvent;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A webhook as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownWebhook {
    /// Its id.
    pub id: WebhookId,
    /// The host that messages go to.
    pub host: String,
    /// As it was put, without its address.
    #[serde(flatten)]
    pub wish: WebhookWish,
    /// When it was made or changed.
    pub changed_at: Millis,
    /// Messages that wait to be sent, those included that this webhook is not told of.
    pub waiting: u64,
    /// How often the next one was sent in vain.
    pub tries: u32,
    /// When it is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Millis>,
    /// When a message was taken last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Millis>,
    /// When one was not taken last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Millis>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Messages that were taken.
    pub taken: u64,
    /// Messages that were given up: they can be sent again.
    pub given_up: u64,
    /// Events that were no longer kept when it was their turn.
    pub missed: u64,
    /// The receiver has answered 410: nothing is sent until the webhook is changed.
    pub gone: bool,
}

impl ShownWebhook {
    /// A webhook and how far it is told, when the last event is this.
    pub fn of(id: &WebhookId, webhook: &Webhook, delivery: &Delivery, last: u64) -> Self {
        let host = webhook.address().map(|address| address.origin().ascii_serialization()).unwrap_or_default();
        let failure = delivery.failure.clone();
        Self {
            id: id.clone(),
            host,
            wish: WebhookWish { url: None, ..webhook.wish.clone() },
            changed_at: webhook.changed_at,
            waiting: last.saturating_sub(delivery.done),
            tries: delivery.tries,
            next_try_at: delivery.next,
            taken_at: delivery.taken_at,
            failed_at: failure.as_ref().map(|(at, _)| *at),
            failure: failure.map(|(_, why)| why),
            taken: delivery.taken,
            given_up: delivery.given_up,
            missed: delivery.missed,
            gone: delivery.gone,
        }
    }
}

/// A webhook that was made, or whose secret was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MadeWebhook {
    /// It.
    #[serde(flatten)]
    pub webhook: ShownWebhook,
    /// What its messages are signed with; shown this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A board's webhooks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebhookList {
    /// They, by their ids.
    pub webhooks: Vec<ShownWebhook>,
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedMessage {
    /// What it told.
    pub event: AlarmEvent,
    /// When it was given up.
    pub at: Millis,
    /// Why.
    pub why: String,
    /// Whether it is about to be sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// Messages that were given up, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedMessages {
    /// They: the newest of what is kept.
    pub failed: Vec<FailedMessage>,
}

/// How many messages are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Redelivered {
    /// So many.
    pub again: u64,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tested {
    /// Whether the message was taken.
    pub taken: bool,
    /// The status that the receiver answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it was not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
