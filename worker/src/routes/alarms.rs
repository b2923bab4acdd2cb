//! Alarms over REST. They say what is in fields and positions, which zones, hidden fields, grants of some keys and a freeze
//! may hide: so all of this is for managers.

use super::fences::refused;
use super::scores::{manager, pass};
use crate::body;
use crate::calls;
use crate::calls::board::asks;
use crate::fault::Answer;
use heliograph_shared::alarms::{AlarmRule, MuteWish, RuleId};
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::AlarmRuleAsk;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::Problem;
use heliograph_shared::routes::Route;
use worker::{Env, Request, Response};

/// What a manager asks of the board, by a method with the request's query.
pub(super) async fn look(
    req: &Request,
    env: &Env,
    board: BoardName,
    method: BoardMethod,
    about: &str,
) -> Answer<Response> {
    manager(req, env, &board).await?;
    let url = req.url()?;
    pass(calls::board::pass(env, &board, method, url.query().unwrap_or_default(), about.as_bytes()).await?)
}

/// What a manager has the board do.
pub(super) async fn act(
    req: &Request,
    env: &Env,
    board: BoardName,
    method: BoardMethod,
    about: &[u8],
) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    pass(calls::board::pass(env, &board, method, &asks(&by)?, about).await?)
}

/// `GET …/alarms`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    look(req, env, board, BoardMethod::Alarms, "").await
}

/// `GET …/alarms/events`.
pub async fn events(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    look(req, env, board, BoardMethod::AlarmEvents, "").await
}

/// `POST …/alarms/{id}/acknowledge`.
pub async fn acknowledge(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    act(req, env, board, BoardMethod::AcknowledgeAlarm, id.as_bytes()).await
}

/// `POST …/alarms/mute`.
pub async fn mute(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    let body = body::read(req, Route::MuteAlarms).await?;
    let wish = MuteWish::parse(&body.bytes).map_err(refused)?;
    let ask = serde_json::to_vec(&wish)?;
    pass(calls::board::pass(env, &board, BoardMethod::MuteAlarms, &asks(&by)?, &ask).await?)
}

/// `GET …/alarms/rules`.
pub async fn rules(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    look(req, env, board, BoardMethod::AlarmRules, "").await
}

/// `GET …/alarms/rules/{id}`.
pub async fn rule(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    look(req, env, board, BoardMethod::AlarmRule, id).await
}

/// `PUT …/alarms/rules/{id}`.
pub async fn put_rule(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    let id = RuleId::parse(id).map_err(|e| Problem::about(422, e))?;
    let body = body::read(req, Route::PutAlarmRule).await?;
    let rule = AlarmRule::parse(&body.bytes).map_err(refused)?;
    let ask = serde_json::to_vec(&AlarmRuleAsk { id, rule })?;
    pass(calls::board::pass(env, &board, BoardMethod::PutAlarmRule, &asks(&by)?, &ask).await?)
}

/// `DELETE …/alarms/rules/{id}`.
pub async fn delete_rule(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    act(req, env, board, BoardMethod::DropAlarmRule, id.as_bytes()).await
}
