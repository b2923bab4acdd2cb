//! A viewer's socket as one answer: adapter around [`heliograph_shared::protocol::poll`].

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use heliograph_shared::protocol::poll::{Gathered, Poll};
use std::pin::pin;
use worker::{Response, WebsocketEvent};

/// Waits for news as long as the question allows, and answers with them. `is_for_all`: whoever asks is answered alike.
pub async fn wait(connected: Response, poll: Poll, is_for_all: bool) -> Answer<Response> {
    let socket = connected.websocket().ok_or_else(|| Fault::Internal("the relay gave no socket".into()))?;
    let mut gathered = Gathered::new(poll.after);
    {
        let mut told = socket.events()?;
        socket.accept()?;
        socket.send_with_str(poll.ask)?;
        let mut patience = pin!(clock::sleep(poll.wait_millis));
        while let Either::Left((Some(event), _)) = select(told.next(), patience.as_mut()).await {
            let message = match event? {
                WebsocketEvent::Message(message) => message.text(),
                WebsocketEvent::Close(_) => break,
            };
            if message.is_some_and(|message| gathered.take(&message)) {
                break;
            }
        }
    }
    // The answer does not depend on how it ends.
    let _ = socket.close(Some(1000), Some("answered"));
    let response = reply::json(200, gathered.answer().into_bytes())?;
    if is_for_all && gathered.is_news() {
        response.headers().set("cache-control", "public, max-age=1")?;
    }
    response.headers().set("vary", "accept, authorization")?;
    Ok(response)
}
