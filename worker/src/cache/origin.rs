//! Views of other services: fetched with a secret that is in no config, within a time and a size.

use crate::calls::board::Viewed;
use crate::fault::{Answer, Fault};
use crate::keys::{hex, secret};
use crate::outbound;
use heliograph_shared::problem::Code;
use heliograph_shared::views::upstream::Upstream;
use js_sys::Uint8Array;
use sha2::{Digest, Sha256};
use worker::Env;

/// Digits of the entity tag.
const TAG_DIGITS: usize = 32;

fn failed(why: &str) -> Fault {
    Fault::problem(Code::UpstreamFailed, format!("the service behind this view failed: {why}"))
}

/// Asks the service.
pub async fn ask(env: &Env, upstream: &Upstream) -> Answer<Viewed> {
    outbound::check(env, upstream.origin()).map_err(|e| failed(&format!("its address {e}")))?;
    let mut headers = vec![("accept", "application/json, text/csv;q=0.9, text/plain;q=0.8".to_owned())];
    if let Some(name) = &upstream.credential {
        let value = secret(env, name).ok_or_else(|| {
            log_error!("the secret {name} of an upstream view is not set");
            failed("its credential is not set")
        })?;
        match &upstream.header {
            Some(header) => headers.push((header.as_str(), value)),
            None => headers.push(("authorization", format!("Bearer {value}"))),
        }
    }
    let limits = (upstream.timeout_ms, upstream.max_bytes);
    let got = outbound::get(&upstream.url, &headers, limits).await.map_err(|why| failed(&why))?;
    let (status, kind) = (got.status, got.header("content-type").unwrap_or_default());
    let body = got.body;
    if (300..400).contains(&status) {
        return Err(failed("it leads elsewhere, and redirects are not followed"));
    }
    if status != 200 {
        return Err(failed(&format!("it answered {status}")));
    }
    // Pages and pictures could run scripts in this site's name.
    let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
    let is_lines = ["application/x-ndjson", "text/csv", "text/plain"].contains(&media.as_str());
    if !is_json && !is_lines {
        return Err(failed("its type is none of JSON, NDJSON, CSV and plain text"));
    }
    let mut tag = hex(&Sha256::digest(&body));
    tag.truncate(TAG_DIGITS);
    let work = body.len() as u64 / 64;
    Ok(Viewed { status: 200, kind, version: Some(tag), next: None, work, body: Uint8Array::from(body.as_slice()) })
}
