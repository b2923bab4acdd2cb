//! `POST /v1/boards/{board}/events`: the general way in. It asks whatever it does not know, and the rest is the step that
//! every request takes ([`crate::publishing::step`]).

use crate::auth;
use crate::body::{self, Body};
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::publishing::arrival::Arrival;
use crate::publishing::step;
use flate2::read::MultiGzDecoder;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::too_large;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::routes::Route;
use std::io::Read;
use worker::{Env, Request};

/// Takes a request with events.
pub async fn ingest(req: Request, env: &Env, board: BoardName) -> Answer<web_sys::Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, &board).await?;
    let arrival = Arrival::new(&caller, board, config, req.headers())?;
    let Body { bytes, place: _place } = unpacked(&req).await?;
    let Arrival { board, config, publisher, format, .. } = &arrival;
    let request = arrival.request(&bytes);
    step::take(env, board, config, publisher, bytes, *format, request).await
}

/// The body, unpacked, never more than the limit in memory.
async fn unpacked(req: &Request) -> Answer<Body> {
    let encoding = req.headers().get("content-encoding")?.unwrap_or_default().to_ascii_lowercase();
    let body = body::read(req, Route::SendEvents).await?;
    match encoding.as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => {
            let Body { bytes, place } = body;
            let packed = bytes.len();
            let mut out = Vec::new();
            // One byte more than allowed is enough to know, however much the archive would unpack to.
            let most = limits::INGEST_BODY_BYTES as u64 + 1;
            MultiGzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut out).map_err(|e| {
                Fault::problem(Code::InvalidGzip, format!("the body is not valid gzip: {e}; nothing was taken"))
            })?;
            if out.len() > limits::INGEST_BODY_BYTES {
                return Err(too_large().into());
            }
            place.holds(packed + out.len())?;
            Ok(Body { bytes: out, place })
        }
        other => {
            let detail = format!("Content-Encoding {other} is not taken here; send gzip or none");
            Err(Fault::problem(Code::UnsupportedEncoding, detail))
        }
    }
}
