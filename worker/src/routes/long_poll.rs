//! A viewer's socket as one answer: adapter around [`heliograph_shared::protocol::poll`].

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::protocol::poll::{Gathered, Poll, Progress};
use std::pin::pin;
use worker::{EventStream, Response, WebsocketEvent};

/// Waits for news as long as the question allows, and answers with them. `is_for_all`: whoever asks is answered alike.
pub async fn wait(connected: Response, poll: Poll, is_for_all: bool) -> Answer<Response> {
    let socket = connected.websocket().ok_or_else(|| Fault::Internal("the relay gave no socket".into()))?;
    let mut gathered = Gathered::new(poll.after);
    let progress = {
        let mut told = socket.events()?;
        socket.accept()?;
        socket.send_with_str(poll.ask)?;
        // The time of a question without news begins where the reader's place is found.
        let reached = gather(&mut told, &mut gathered, Progress::Searching, limits::POLL_PLACE_MILLIS).await?;
        if reached == Progress::Current {
            gather(&mut told, &mut gathered, Progress::Current, poll.wait_millis).await?
        } else {
            reached
        }
    };
    // The answer does not depend on how it ends.
    let _ = socket.close(Some(1000), Some("answered"));
    match progress {
        Progress::Searching => {
            let detail = "the feed did not come to this place in time; ask again, or read the feed as a stream";
            return Err(Problem::new(Code::Overloaded, detail).retry_after(1).into());
        }
        Progress::TooLarge => {
            let detail = "the snapshot is more than one answer holds; follow less (keys, bbox, where), or read the feed as a stream";
            return Err(Fault::problem(Code::AnswerTooLarge, detail));
        }
        Progress::Current | Progress::Complete => (),
    }
    let response = reply::json(200, gathered.answer().into_bytes())?;
    if is_for_all && gathered.is_news() {
        response.headers().set("cache-control", "public, max-age=1")?;
    }
    response.headers().set("vary", "accept, authorization")?;
    Ok(response)
}

/// Takes messages until one leads on from `progress`, or the time is over.
async fn gather(
    told: &mut EventStream<'_>,
    gathered: &mut Gathered,
    mut progress: Progress,
    millis: u64,
) -> Answer<Progress> {
    let from = progress;
    let mut patience = pin!(clock::sleep(millis));
    while progress == from {
        let Either::Left((Some(event), _)) = select(told.next(), patience.as_mut()).await else { break };
        match event? {
            WebsocketEvent::Message(message) => {
                if let Some(message) = message.text() {
                    progress = gathered.take(&message);
                }
            }
            WebsocketEvent::Close(_) => break,
        }
    }
    Ok(progress)
}
