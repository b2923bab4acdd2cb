//! The gate's side: answering relays.

use super::{EVENTS, EventsAsk, TOKEN, TokenAnswer, TokenAsk, Verdict};
use crate::auth;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::keys::secret;
use crate::lookups::Items;
use crate::objects::call::{IngestBody, Sender};
use crate::publishing::{self, Prepared, Publisher};
use crate::reply;
use heliograph_shared::codec::Batch;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::grant::KeyFilter;
use heliograph_shared::ingest::BodyFormat;
use worker::{Env, Request, Response, console_error};

/// The variable that makes the gate of a deployment of the public script.
const ROLE: &str = "HELIOGRAPH_ROLE";

/// Whether this deployment is the gate, and not the public worker.
pub fn is_here(env: &Env) -> bool {
    secret(env, ROLE).is_some_and(|role| role == "gate")
}

/// Answers a relay.
pub async fn route(mut req: Request, env: &Env) -> Answer<Response> {
    let body = req.bytes().await?;
    let answer = match req.path().trim_start_matches('/') {
        TOKEN => serde_json::to_vec(&token(env, &serde_json::from_slice(&body)?))?,
        EVENTS => events(env, serde_json::from_slice(&body)?).await?.encode()?,
        path => return Err(Fault::Internal(format!("gate: no {path}"))),
    };
    Ok(reply::typed(200, "application/octet-stream", answer)?)
}

fn token(env: &Env, ask: &TokenAsk) -> TokenAnswer {
    match auth::token(env, &ask.token) {
        Ok(claims) => {
            let access = claims.access(&ask.board);
            if access.read == KeyFilter::Nothing {
                return Err("the token does not allow reading this board".into());
            }
            Ok((access, claims.expires_at()))
        }
        Err(Fault::Problem(p)) => Err(p.detail),
        Err(Fault::Internal(cause)) => {
            console_error!("token: {cause}");
            Err("the token could not be checked".into())
        }
    }
}

async fn events(env: &Env, ask: EventsAsk) -> Answer<Verdict> {
    match prepared(env, ask).await {
        Err(Fault::Problem(problem)) => Ok(Verdict::Refused(serde_json::to_vec(&problem)?)),
        other => other,
    }
}

async fn prepared(env: &Env, ask: EventsAsk) -> Answer<Verdict> {
    let EventsAsk { board, config, publish, player, by, body, found } = ask;
    let config = config.ok_or_else(|| configs::unknown(&board))?;
    let config: BoardConfig = serde_json::from_slice(config.get().as_bytes())
        .map_err(|e| Fault::Internal(format!("stored config of {board}: {e}")))?;
    let publisher = Publisher { publish, player, by };
    let items = Items::Brought(&found);
    match publishing::prepare(env, &config, &publisher, body.as_bytes(), BodyFormat::Json, items).await? {
        Prepared::Wants { board, keys } => Ok(Verdict::Wants { board, keys }),
        Prepared::Broken { report, problem } => {
            Ok(Verdict::Broken { report: report.encode(), problem: serde_json::to_vec(&problem)? })
        }
        Prepared::Ready(ready) => {
            let batch = Batch::from_events(&ready.events).encode();
            let sender = Sender { player, by: &publisher.by, letters: ready.letters, report: ready.report };
            let body = IngestBody::of(&config, &batch, None, &sender).encode();
            Ok(Verdict::Ready { body, remainder: ready.remainder })
        }
    }
}
