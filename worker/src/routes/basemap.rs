//! Archives of map tiles among the site's files: pages read parts of them, by ranges of bytes (docs/basemap.md).
//!
//! A disk answers ranges by itself. The platform's assets don't: there the part is cut out of the whole as it comes by.

use futures_util::StreamExt;
use futures_util::future::ready;
use heliograph_shared::basemap::ENDING;
use heliograph_shared::basemap::range::ByteRange;
use worker::{Env, Headers, Request, Response, ResponseBuilder};

use crate::fault::{Answer, Fault};
use crate::routes::site;

/// An archive that was replaced is another by its tag, which readers compare; they need not ask for each part again.
const KEPT: &str = "public, max-age=300";

/// Whether a path is that of an archive.
pub fn is_archive(path: &str) -> bool {
    path.ends_with(ENDING)
}

/// Serves an archive, or the part of it that is asked for.
pub async fn serve(req: &Request, env: &Env, path: &str) -> Answer<Response> {
    let range = req.headers().get("range")?.as_deref().and_then(ByteRange::parse);
    let mut found = site::fetch_part(env, path, range).await?;
    let told = found.headers().get("content-range")?;
    let length = found.headers().get("content-length")?.and_then(|text| text.parse::<u64>().ok());
    let total = match &told {
        Some(told) => told.rsplit_once('/').and_then(|(_, total)| total.parse().ok()),
        None => length,
    };
    let headers = headers(&found, total)?;
    match (found.status_code(), range, total) {
        (200, Some(range), total) => {
            // Where nobody says how long the file is, its end is where it ends.
            let part = match total {
                Some(total) => range.within(total),
                None => Some(range),
            };
            let Some(part) = part else {
                headers.set("content-range", &ByteRange::told_none(total.unwrap_or_default()))?;
                return Ok(Response::empty()?.with_status(416).with_headers(headers));
            };
            headers.set("content-range", &part.told(total))?;
            let pieces = found.stream()?.scan(part.cut(), |cut, piece| {
                ready((!cut.is_done()).then(|| piece.map(|piece| cut.of(&piece).to_vec())))
            });
            Ok(ResponseBuilder::new().with_status(206).with_headers(headers).from_stream(pieces)?)
        }
        (status @ (200 | 206 | 416), _, _) => {
            if let Some(told) = told {
                headers.set("content-range", &told)?;
            }
            let (_, body) = found.into_parts();
            Ok(ResponseBuilder::new().with_status(status).with_headers(headers).body(body))
        }
        _ => Err(Fault::not_found(format!("there is no archive {path} here"))),
    }
}

fn headers(found: &Response, total: Option<u64>) -> worker::Result<Headers> {
    let headers = Headers::new();
    headers.set("content-type", "application/vnd.pmtiles")?;
    headers.set("accept-ranges", "bytes")?;
    headers.set("cache-control", KEPT)?;
    let changed = found.headers().get("last-modified")?;
    let tag = match found.headers().get("etag")? {
        Some(tag) => Some(tag),
        // A disk says when a file was changed, and gives no tag.
        None => changed.as_deref().zip(total).map(|(changed, total)| {
            let word: String = changed.chars().filter(char::is_ascii_alphanumeric).collect();
            format!("\"{word}-{total}\"")
        }),
    };
    for (name, value) in [("etag", tag), ("last-modified", changed)] {
        if let Some(value) = value {
            headers.set(name, &value)?;
        }
    }
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("referrer-policy", "no-referrer")?;
    // A frame may have no origin of its own, and reads the tag and the length as well.
    headers.set("access-control-allow-origin", "*")?;
    headers.set("access-control-expose-headers", "content-length, content-range, etag")?;
    headers.set("cross-origin-resource-policy", "cross-origin")?;
    Ok(headers)
}
