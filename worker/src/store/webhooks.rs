//! Webhooks, how far each is told, and the messages that were given up.

use super::board::BoardStore;
use super::{Statement, integer};
use crate::fault::Answer;
use heliograph_shared::limits;
use heliograph_shared::webhooks::{Delivery, FailedMessage, Webhook, WebhookId};
use serde::Deserialize;

/// A webhook as it is stored.
pub struct StoredWebhook {
    /// Its id.
    pub id: WebhookId,
    /// It.
    pub webhook: Webhook,
    /// How far it is told.
    pub delivery: Delivery,
    /// How many of its messages are to be sent again.
    pub again: u64,
}

impl BoardStore {
    /// All of them.
    pub fn webhooks(&self) -> Answer<Vec<StoredWebhook>> {
        #[derive(Deserialize)]
        struct Row {
            id: WebhookId,
            webhook: String,
            delivery: String,
            again: f64,
        }
        let text = "SELECT id, webhook, delivery, \
                    (SELECT count(*) FROM webhook_failed WHERE webhook = webhook.id AND again = 1) AS again \
                    FROM webhook ORDER BY id";
        let rows: Vec<Row> = self.sql().exec(text, None)?.to_array()?;
        let stored = rows.into_iter().map(|row| {
            let (webhook, delivery) = (serde_json::from_str(&row.webhook)?, serde_json::from_str(&row.delivery)?);
            Ok(StoredWebhook { id: row.id, webhook, delivery, again: row.again as u64 })
        });
        stored.collect()
    }

    /// A webhook is this now.
    pub fn put_webhook(&self, id: &WebhookId, webhook: &Webhook, delivery: &Delivery) -> Answer<()> {
        let (webhook, delivery) = (serde_json::to_string(webhook)?, serde_json::to_string(delivery)?);
        let values = vec![id.as_str().into(), webhook.into(), delivery.into()];
        self.sql().exec("INSERT OR REPLACE INTO webhook (id, webhook, delivery) VALUES (?, ?, ?)", values)?;
        Ok(())
    }

    /// A webhook is told so far.
    pub fn put_delivery(&self, id: &WebhookId, delivery: &Delivery) -> Answer<()> {
        let values = vec![serde_json::to_string(delivery)?.into(), id.as_str().into()];
        self.sql().exec("UPDATE webhook SET delivery = ? WHERE id = ?", values)?;
        Ok(())
    }

    /// A webhook is gone, with the messages that it did not take.
    pub fn drop_webhook(&self, id: &WebhookId) -> Answer<()> {
        self.sql().exec("DELETE FROM webhook WHERE id = ?", vec![id.as_str().into()])?;
        self.sql().exec("DELETE FROM webhook_failed WHERE webhook = ?", vec![id.as_str().into()])?;
        Ok(())
    }

    /// A message was given up, or will be sent again. The oldest make room.
    pub fn keep_failed(&self, id: &WebhookId, message: &FailedMessage) -> Answer<()> {
        let values = vec![
            id.as_str().into(),
            integer(message.event.id)?,
            integer(u64::from(message.again))?,
            message.event.key.as_str().into(),
            serde_json::to_string(message)?.into(),
        ];
        let text = "INSERT OR REPLACE INTO webhook_failed (webhook, event, again, key, message) VALUES (?, ?, ?, ?, ?)";
        self.sql().exec(text, values)?;
        let text = "DELETE FROM webhook_failed WHERE webhook = ?1 AND event <= (SELECT event FROM webhook_failed \
                    WHERE webhook = ?1 ORDER BY event DESC LIMIT 1 OFFSET ?2)";
        self.sql().exec(text, vec![id.as_str().into(), integer(limits::WEBHOOK_FAILED as u64)?])?;
        Ok(())
    }

    /// A message was taken after all.
    pub fn drop_failed(&self, id: &WebhookId, event: u64) -> Answer<()> {
        let values = vec![id.as_str().into(), integer(event)?];
        self.sql().exec("DELETE FROM webhook_failed WHERE webhook = ? AND event = ?", values)?;
        Ok(())
    }

    /// The statement that forgets messages about an item.
    pub(super) fn failed_messages_erased(key: &str) -> Statement {
        ("DELETE FROM webhook_failed WHERE key = ?", vec![key.into()])
    }

    /// Messages that were given up, the newest first.
    pub fn failed(&self, id: &WebhookId) -> Answer<Vec<FailedMessage>> {
        let text = "SELECT message, again FROM webhook_failed WHERE webhook = ? ORDER BY event DESC";
        self.failed_by(text, id)
    }

    /// The first that is to be sent again.
    pub fn next_again(&self, id: &WebhookId) -> Answer<Option<FailedMessage>> {
        let text = "SELECT message, again FROM webhook_failed WHERE webhook = ? AND again = 1 ORDER BY event LIMIT 1";
        Ok(self.failed_by(text, id)?.pop())
    }

    fn failed_by(&self, text: &str, id: &WebhookId) -> Answer<Vec<FailedMessage>> {
        #[derive(Deserialize)]
        struct Row {
            message: String,
            again: f64,
        }
        let rows: Vec<Row> = self.sql().exec(text, vec![id.as_str().into()])?.to_array()?;
        let read = |row: Row| {
            let message: FailedMessage = serde_json::from_str(&row.message)?;
            Ok(FailedMessage { again: row.again > 0.0, ..message })
        };
        rows.into_iter().map(read).collect()
    }

    /// All that were given up are sent again: how many wait for that now.
    pub fn again(&self, id: &WebhookId) -> Answer<u64> {
        #[derive(Deserialize)]
        struct Count {
            n: f64,
        }
        self.sql().exec("UPDATE webhook_failed SET again = 1 WHERE webhook = ?", vec![id.as_str().into()])?;
        let text = "SELECT count(*) AS n FROM webhook_failed WHERE webhook = ?";
        let rows: Vec<Count> = self.sql().exec(text, vec![id.as_str().into()])?.to_array()?;
        Ok(rows.first().map_or(0, |row| row.n as u64))
    }
}
