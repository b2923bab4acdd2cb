//! Publishing what viewers send through the feed.

use crate::calls;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::publishing::{Publisher, step};
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::BodyFormat;
use heliograph_shared::problem::Code;
use heliograph_shared::relay::Session;
use heliograph_shared::rights::Ask;
use worker::Env;

/// Publishes an event for a viewer; the answer as JSON.
pub async fn publish(env: &Env, board: &BoardName, session: Session, event: &str) -> Answer<Vec<u8>> {
    let Session { access, joined, owner, .. } = session;
    let Ok(sight) = access.may(Ask::Publish) else {
        return Err(Fault::problem(Code::Forbidden, "the token does not allow publishing to this board"));
    };
    let config = configs::get(env, board).await?;
    let publisher = Publisher {
        publish: sight.keys,
        player: !sight.manager,
        by: "a viewer, through the feed".to_owned(),
        source: None,
        joined,
        owner,
    };
    let answer = step::take(env, board, &config, &publisher, event.as_bytes().to_vec(), BodyFormat::Json, None).await?;
    calls::bytes(&answer).await
}
