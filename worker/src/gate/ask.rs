//! A relay's side: asking the gate.

use super::{EVENTS, EventsAsk, TOKEN, TokenAnswer, TokenAsk, Verdict};
use crate::fault::Answer;
use crate::objects::{binding, call};
use heliograph_shared::id::BoardName;
use worker::Env;

/// Whether a token is good for a board.
pub async fn token(env: &Env, board: BoardName, token: String) -> Answer<TokenAnswer> {
    let ask = serde_json::to_vec(&TokenAsk { board, token })?;
    let answer = call::service(env.service(binding::GATE)?, TOKEN, &ask).await?;
    Ok(serde_json::from_slice(&answer)?)
}

/// What becomes of events.
pub async fn events(env: &Env, ask: &EventsAsk) -> Answer<Verdict> {
    let answer = call::service(env.service(binding::GATE)?, EVENTS, &serde_json::to_vec(ask)?).await?;
    Verdict::decode(&answer)
}
