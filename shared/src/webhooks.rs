//! Webhooks: addresses that are told of what happens to a board's alarms.
//!
//! Messages are signed as Standard Webhooks says (<https://www.standardwebhooks.com>, version 1), one after another for each
//! webhook, in the order in which things happened, each until it is taken or given up. What is given up is kept, and can be
//! sent again.

mod answer;
mod body;
mod config;
mod delivery;
mod places;
mod secret;
#[cfg(test)]
mod tests;

pub use answer::{FailedMessage, FailedMessages, MadeWebhook, Redelivered, ShownWebhook, Tested, WebhookList};
pub use body::{Message, content, message_id, test_message};
pub use config::{Format, Webhook, WebhookId, WebhookWish};
pub use delivery::{Action, Delivery, Outcome};
pub use secret::{Keys, headers};
