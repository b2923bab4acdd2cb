//! Publishing what viewers send through the feed.

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::gate::{self, EventsAsk, Found, Remainder, Verdict};
use crate::objects::call;
use heliograph_shared::grant::Access;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{IngestAnswer, merge_answer};
use heliograph_shared::limits;
use heliograph_shared::time::Millis;
use serde_json::value::RawValue;
use std::cell::RefCell;
use worker::Env;

/// How long a change of the board's config may go unnoticed.
const FRESH_MILLIS: i64 = 5_000;

/// Publishes for the viewers of one board.
#[derive(Default)]
pub struct Publisher {
    /// The board's config as it is stored, if there is one, and when it was read.
    config: RefCell<Option<(Millis, Option<Box<RawValue>>)>>,
}

impl Publisher {
    /// Publishes an event; the answer as JSON.
    pub async fn publish(&self, env: &Env, board: BoardName, access: Access, event: &str) -> Answer<Vec<u8>> {
        let mut ask = EventsAsk {
            config: self.config(env, &board).await?,
            board,
            player: !access.manage,
            publish: access.publish,
            by: "a viewer, through the feed".to_owned(),
            body: event.to_owned(),
            found: Vec::new(),
        };
        // Each step asks for the items of one board at most.
        for _ in 0..=limits::PIPELINE_STEPS {
            match gate::ask::events(env, &ask).await? {
                Verdict::Ready { body, remainder } => return hand_over(env, &ask.board, &body, remainder).await,
                Verdict::Refused(problem) => return Ok(problem),
                Verdict::Broken { report, problem } => {
                    call::board_pipeline_broken(env, &ask.board, &report).await?;
                    return Ok(problem);
                }
                Verdict::Wants { board, keys } => {
                    let items = serde_json::from_slice(&call::board_lookup(env, &board, &keys).await?)?;
                    ask.found.push(Found { board, keys, items });
                }
            }
        }
        Err(Fault::Internal("the gate wants more items than a pipeline has steps".into()))
    }

    async fn config(&self, env: &Env, board: &BoardName) -> Answer<Option<Box<RawValue>>> {
        let now = clock::now();
        if let Some((at, config)) = &*self.config.borrow()
            && now.since(*at) < FRESH_MILLIS
        {
            return Ok(config.clone());
        }
        let text = call::registry_board(env, board).await?;
        let config: Option<Box<RawValue>> = text.map(|text| serde_json::from_slice(&text)).transpose()?;
        *self.config.borrow_mut() = Some((now, config.clone()));
        Ok(config)
    }
}

async fn hand_over(env: &Env, board: &BoardName, body: &[u8], remainder: Option<Remainder>) -> Answer<Vec<u8>> {
    let answer = call::board_publish(env, board, body).await?.ok_or_else(call::overloaded)?;
    let Some(Remainder { places, refused, cleaned }) = remainder else { return Ok(answer) };
    let answer: IngestAnswer = serde_json::from_slice(&answer)?;
    Ok(serde_json::to_vec(&merge_answer(answer, &places, refused, cleaned))?)
}
