//! A viewer's socket as a stream of server-sent events: adapter around [`heliograph_shared::protocol::sse`].

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::trace;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use heliograph_shared::limits;
use heliograph_shared::protocol::sse::{EVENT_STREAM, Events, Framed, PING};
use js_sys::{Function, Object, Reflect, Uint8Array};
use std::pin::pin;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Context, Headers, Response, ResponseBuilder, WebSocket, WebsocketEvent};

fn headers() -> Answer<Headers> {
    let headers = Headers::new();
    headers.set("content-type", EVENT_STREAM)?;
    // What lies between keeps nothing back.
    headers.set("cache-control", "no-store, no-transform")?;
    headers.set("x-accel-buffering", "no")?;
    headers.set("x-content-type-options", "nosniff")?;
    reply::for_all_pages(&headers)?;
    Ok(headers)
}

/// The answer without its events.
pub fn head() -> Answer<Response> {
    Ok(ResponseBuilder::new().with_headers(headers()?).empty())
}

/// Where events are written.
struct Pipe {
    writer: web_sys::WritableStreamDefaultWriter,
}

impl Pipe {
    /// Both ends: what is written here is read there. One that is not read holds back who writes.
    fn new() -> Result<(Self, web_sys::ReadableStream), JsValue> {
        let class: Function = Reflect::get(&js_sys::global(), &"IdentityTransformStream".into())?.dyn_into()?;
        let both: Object = Reflect::construct(&class, &js_sys::Array::new())?.dyn_into()?;
        let readable = Reflect::get(&both, &"readable".into())?.dyn_into()?;
        let writable: web_sys::WritableStream = Reflect::get(&both, &"writable".into())?.dyn_into()?;
        Ok((Self { writer: writable.get_writer()? }, readable))
    }

    /// Whether it was taken in time.
    async fn write(&self, text: &str) -> bool {
        let written = JsFuture::from(self.writer.write_with_chunk(&Uint8Array::from(text.as_bytes())));
        clock::within(limits::SSE_WRITE_MILLIS, written).await.is_some_and(|written| written.is_ok())
    }

    async fn end(&self) {
        // Who reads no more is told nothing.
        let _ = clock::within(limits::SSE_WRITE_MILLIS, JsFuture::from(self.writer.close())).await;
    }
}

/// Streams what a relay tells a viewer that asks for this.
pub fn stream(ctx: &Context, connected: Response, ask: String, events: Events) -> Answer<Response> {
    let socket = connected.websocket().ok_or_else(|| Fault::Internal("the relay gave no socket".into()))?;
    let failed = |e: JsValue| Fault::Internal(format!("a stream of events: {e:?}"));
    let (pipe, readable) = Pipe::new().map_err(failed)?;
    ctx.wait_until(trace::on(async move {
        if let Err(fault) = pump(&socket, &pipe, &ask, events).await {
            log_info!("a stream of events ends: {fault}");
        }
        let _ = socket.close(Some(1000), Some("the stream is over"));
        pipe.end().await;
    }));
    let response = web_sys::Response::new_with_opt_readable_stream(Some(&readable)).map_err(failed)?;
    Ok(Response::from(response).with_headers(headers()?))
}

async fn pump(socket: &WebSocket, pipe: &Pipe, ask: &str, mut events: Events) -> worker::Result<()> {
    let mut told = socket.events()?;
    socket.accept()?;
    socket.send_with_str(ask)?;
    if !pipe.write(&Events::opening()).await {
        return Ok(());
    }
    let ends = clock::now().plus(limits::SSE_MILLIS);
    while clock::now() < ends {
        let message = match select(told.next(), pin!(clock::sleep(limits::SSE_PING_MILLIS))).await {
            Either::Left((Some(event), _)) => match event? {
                WebsocketEvent::Message(message) => message.text(),
                WebsocketEvent::Close(_) => return Ok(()),
            },
            Either::Left((None, _)) => return Ok(()),
            Either::Right(_) => {
                if !pipe.write(PING).await {
                    return Ok(());
                }
                continue;
            }
        };
        let Some(Framed { text, ack, .. }) = message.and_then(|message| events.event(&message)) else { continue };
        if !pipe.write(&text).await {
            return Ok(());
        }
        if let Some(cursor) = ack {
            socket.send_with_str(serde_json::json!({"action": "ack", "cursor": cursor}).to_string())?;
        }
    }
    Ok(())
}
