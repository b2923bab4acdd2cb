//! Webhooks, as managers see them.

use gloo_net::http::Method;
use heliograph_shared::webhooks::WebhookList;
pub use heliograph_shared::webhooks::{FailedMessage, FailedMessages, MadeWebhook, Redelivered, ShownWebhook, Tested};
use serde_json::{Value, json};

use super::http::{self, Failure};
use super::manage::{Refusal, board_path, get, tell, told};
use crate::browser::percent::encode;

fn path(board: &str, id: &str) -> String {
    format!("{}/webhooks/{}", board_path(board), encode(id))
}

/// A board's webhooks.
pub async fn all(board: &str, key: &str) -> Result<Vec<ShownWebhook>, Failure> {
    let WebhookList { webhooks } = get(&format!("{}/webhooks", board_path(board)), key).await?;
    Ok(webhooks)
}

/// Makes a webhook, or changes it; a new one comes with its secret.
pub async fn put(board: &str, key: &str, id: &str, wish: &Value) -> Result<MadeWebhook, Refusal> {
    told(tell(Method::PUT, &path(board, id), key, wish).await?)
}

/// Deletes a webhook.
pub async fn delete(board: &str, key: &str, id: &str) -> Result<(), Failure> {
    http::send_for_text(Method::DELETE, &path(board, id), Some(key), None).await.map(drop)
}

/// Gives a webhook another secret.
pub async fn rotate(board: &str, key: &str, id: &str) -> Result<MadeWebhook, Failure> {
    http::send(Method::POST, &format!("{}/rotate", path(board, id)), Some(key), Some(&json!({}))).await
}

/// Sends a message that says nothing, and says what came of it.
pub async fn test(board: &str, key: &str, id: &str) -> Result<Tested, Failure> {
    http::send(Method::POST, &format!("{}/test", path(board, id)), Some(key), Some(&json!({}))).await
}

/// Messages that were given up, the newest first.
pub async fn failed(board: &str, key: &str, id: &str) -> Result<Vec<FailedMessage>, Failure> {
    let FailedMessages { failed } = get(&format!("{}/failed", path(board, id)), key).await?;
    Ok(failed)
}

/// Sends them again; how many.
pub async fn redeliver(board: &str, key: &str, id: &str) -> Result<u64, Failure> {
    let path = format!("{}/redeliver", path(board, id));
    let Redelivered { again } = http::send(Method::POST, &path, Some(key), Some(&json!({}))).await?;
    Ok(again)
}
