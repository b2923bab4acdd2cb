//! Webhooks over REST, for managers.

use super::alarms::{act, look};
use super::fences::refused;
use super::scores::{manager, pass};
use crate::body;
use crate::calls;
use crate::calls::board::asks;
use crate::fault::Answer;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::WebhookAsk;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::Problem;
use heliograph_shared::routes::Route;
use heliograph_shared::webhooks::{WebhookId, WebhookWish};
use worker::{Env, Request, Response};

/// `GET …/webhooks`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    look(req, env, board, BoardMethod::Webhooks, "").await
}

/// `GET …/webhooks/{id}`.
pub async fn get(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    look(req, env, board, BoardMethod::Webhook, id).await
}

/// `PUT …/webhooks/{id}`.
pub async fn put(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    let id = WebhookId::parse(id).map_err(|e| Problem::about(422, e))?;
    let body = body::read(req, Route::PutWebhook).await?;
    let wish = WebhookWish::parse(&body.bytes).map_err(refused)?;
    let ask = serde_json::to_vec(&WebhookAsk { id, wish })?;
    pass(calls::board::pass(env, &board, BoardMethod::PutWebhook, &asks(&by)?, &ask).await?)
}

/// `DELETE …/webhooks/{id}`.
pub async fn delete(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    act(req, env, board, BoardMethod::DropWebhook, id.as_bytes()).await
}

/// `POST …/webhooks/{id}/rotate`.
pub async fn rotate(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    act(req, env, board, BoardMethod::RotateWebhook, id.as_bytes()).await
}

/// `POST …/webhooks/{id}/test`.
pub async fn test(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    act(req, env, board, BoardMethod::TestWebhook, id.as_bytes()).await
}

/// `GET …/webhooks/{id}/failed`.
pub async fn failed(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    look(req, env, board, BoardMethod::FailedMessages, id).await
}

/// `POST …/webhooks/{id}/redeliver`.
pub async fn redeliver(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    act(req, env, board, BoardMethod::RedeliverMessages, id.as_bytes()).await
}
