//! Requests that are sent again while nobody answers them: each page of a backup may be asked for, and sent, twice.

use bytes::Bytes;
use heliograph_shared::api::backup::ImportProgress;
use reqwest::Method;

use crate::error::CliError;
use crate::http::{Answer, Api, Body};
use crate::send::retry::Backoff;

/// How often one request is sent before it is given up: about a minute of a server that is away.
const TRIES: u32 = 12;

/// Sends one request until it is answered with a success.
async fn ask(
    api: &Api,
    method: &Method,
    segments: &[&str],
    query: &[(&str, &str)],
    body: Option<&Body>,
) -> Result<Answer, CliError> {
    let (mut backoff, mut left) = (Backoff::default(), TRIES);
    loop {
        let sent = api.send_once(method.clone(), segments, query, &[], body.cloned()).await;
        let error = match sent {
            Ok(answer) if answer.is_success() => return Ok(answer),
            Ok(answer) => api.refusal(&answer),
            Err(reason) => api.unreachable(&reason),
        };
        left -= 1;
        if left == 0 || !error.is_temporary() {
            return Err(error);
        }
        tokio::time::sleep(backoff.next(fastrand::f64())).await;
    }
}

/// Gets something.
pub async fn get(api: &Api, segments: &[&str], query: &[(&str, &str)]) -> Result<Answer, CliError> {
    ask(api, &Method::GET, segments, query, None).await
}

/// Sends a frame of a backup to the board that is made of it.
pub async fn import(api: &Api, board: &str, frame: Vec<u8>) -> Result<ImportProgress, CliError> {
    let body = Body { content_type: "application/octet-stream", content: Bytes::from(frame) };
    let answer = ask(api, &Method::POST, &["v1", "boards", board, "import"], &[], Some(&body)).await?;
    crate::http::read(answer.json()?)
}
