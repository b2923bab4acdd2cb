//! `POST /v1/boards/{board}/events`: the general way in. It asks whatever it does not know, and the rest is the step that
//! every request takes ([`crate::publishing::step`]).

use crate::auth;
use crate::body;
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
    let body = unpacked(&req).await?;
    let Arrival { board, config, publisher, format, .. } = &arrival;
    step::take(env, board, config, publisher, &body, *format, arrival.request(&body)).await
}

/// The body, unpacked, never more than the limit in memory.
async fn unpacked(req: &Request) -> Answer<Vec<u8>> {
    let encoding = req.headers().get("content-encoding")?.unwrap_or_default().to_ascii_lowercase();
    let bytes = body::read(req, Route::SendEvents).await?;
    match encoding.as_str() {
        "" | "identity" => Ok(bytes),
        "gzip" | "x-gzip" => {
            let mut out = Vec::new();
            // One byte more than allowed is enough to know, however much the archive would unpack to.
            let most = limits::INGEST_BODY_BYTES as u64 + 1;
            MultiGzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut out).map_err(|e| {
                Fault::problem(Code::InvalidGzip, format!("the body is not valid gzip: {e}; nothing was taken"))
            })?;
            if out.len() > limits::INGEST_BODY_BYTES {
                return Err(too_large().into());
            }
            Ok(out)
        }
        other => {
            let detail = format!("Content-Encoding {other} is not taken here; send gzip or none");
            Err(Fault::problem(Code::UnsupportedEncoding, detail))
        }
    }
}
