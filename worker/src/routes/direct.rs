//! The way of a request with events when this isolate knows what it needs: who sends it, and the board's config.
//!
//! It asks nothing, so it is for requests of which this isolate knows all; the rest is the step that every request takes
//! ([`crate::publishing::step`]). `entry/index.js` takes a request through it in three plain calls: a future for each would
//! cost more than checking a hundred events.

use crate::auth;
use crate::calls::board::SentBody;
use crate::configs::{self, board_name};
use crate::ended;
use crate::fault::Answer;
use crate::publishing::arrival::Arrival;
use crate::publishing::step::{self, HandedOver};
use crate::publishing::{Remainder, check};
use crate::trace::Span;
use heliograph_shared::limits;
use js_sys::Promise;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;
use worker::{Env, Headers};

/// A request on this way.
#[wasm_bindgen]
pub struct DirectIngest {
    env: Env,
    arrival: Arrival,
    remainder: Option<Remainder>,
    /// What the board was sent.
    sent: Option<SentBody>,
    span: Rc<Span>,
}

#[wasm_bindgen]
impl DirectIngest {
    /// Begins with a POST to a path that ends in `/events`. None: it has to go the general way, which also says what is
    /// wrong where something is.
    pub fn begin(req: &web_sys::Request, env: Env) -> Option<DirectIngest> {
        let arrival = arrival(req, &env).ok().flatten()?;
        let span = Span::of_direct(&Headers(req.headers()));
        Some(Self { env, arrival, remainder: None, sent: None, span })
    }

    /// Checks the body's events and hands the valid ones to the board: a promise of its response, or the response to
    /// the request where the body is refused.
    #[wasm_bindgen(js_name = handOver)]
    pub fn hand_over(&mut self, body: &[u8]) -> Result<JsValue, JsValue> {
        let span = self.span.clone();
        span.run(|| match self.try_hand_over(body) {
            Ok(promise) => Ok(promise.into()),
            Err(fault) => Ok(span.named(fault.into_response()?.into()).into()),
        })
    }

    /// The response to the request, given the board's; or a promise of it.
    pub fn answer(self, response: web_sys::Response) -> JsValue {
        let Self { arrival, remainder, sent, span, .. } = self;
        sent.iter().for_each(|sent| sent.answered(&response));
        // Without a future, which the step's own look at it would take.
        if step::passed(&arrival.board, &response, remainder.as_ref()) {
            return span.named(response).into();
        }
        let settled = span.hold(async move {
            match step::settle(&arrival.board, response, remainder).await {
                Ok(response) => Ok::<web_sys::Response, worker::Error>(response),
                Err(fault) => Ok(fault.into_response()?.into()),
            }
        });
        future_to_promise(async move { Ok(span.named(settled.await?).into()) }).into()
    }
}

fn arrival(req: &web_sys::Request, env: &Env) -> Answer<Option<Arrival>> {
    let url = req.url();
    // After the scheme and the host.
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let Some(board) = path.strip_prefix("v1/boards/").and_then(|p| p.strip_suffix("/events")) else {
        return Ok(None);
    };
    let board = board_name(board)?;
    if !ended::is_fresh() {
        return Ok(None);
    }
    let headers = Headers(req.headers());
    let declared = headers.get("content-length")?.and_then(|v| v.parse::<usize>().ok());
    // Longer ones are counted while they come, see `body.rs`.
    if declared.is_none_or(|n| n > limits::REQUEST_BYTES) || headers.has("content-encoding")? {
        return Ok(None);
    }
    let Some(config) = configs::at_hand(&board).filter(|c| c.pipeline.is_empty()) else { return Ok(None) };
    let Some(caller) = auth::known_caller(env, &headers)? else { return Ok(None) };
    Arrival::new(&caller, board, Some(config), &headers).map(Some)
}

impl DirectIngest {
    fn try_hand_over(&mut self, body: &[u8]) -> Answer<Promise> {
        let Arrival { board, config, publisher, format, .. } = &self.arrival;
        let ready = check(config, publisher, body, *format)?;
        let request = self.arrival.request(body);
        let handed_over = step::hand_over(&self.env, board, config, publisher, request, ready)?;
        let HandedOver { response, sent, remainder } = handed_over;
        self.remainder = remainder;
        self.sent = Some(sent);
        Ok(response)
    }
}
