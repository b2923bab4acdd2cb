//! What is asked of a relay.

use super::{SentBody, answered, ask, binding, bytes, call_of, expect_bytes, send, stub};
use crate::fault::{Answer, Fault};
use crate::trace;
use heliograph_shared::calls::relay::{SESSION_HEADER, VERSION_HEADER};
use heliograph_shared::calls::{OTHER_VERSION_STATUS, RelayMethod, VERSION};
use heliograph_shared::delay::Delay;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::presence::{Report, Told};
use heliograph_shared::problem::Code;
use heliograph_shared::relay::connection::{ConnectionAnswer, ConnectionAsk, ConnectionId};
use heliograph_shared::relay::later::LaterAsk;
use heliograph_shared::relay::who::{ConnectionView, WhoAsk};
use heliograph_shared::relay::{PushAnswer, Session};
use heliograph_shared::revocation::{Changes, CredentialId};
use std::cell::RefCell;
use std::collections::HashMap;
use worker::{Env, Headers, Request, RequestInit, Response};

/// What a relay says to a push.
pub enum PushReply {
    /// It has taken it, or fetches the board's state.
    Answer(PushAnswer),
    /// It has no viewers: it need not be told more.
    Idle,
}

/// Tells a relay what happened. The bytes are handed over before anything is awaited.
pub fn push(env: &Env, relay: &str, body: &[u8]) -> Answer<impl Future<Output = Answer<PushReply>> + use<>> {
    let stub = stub(env, binding::RELAY, relay)?.into_rpc::<js_sys::Object>();
    let sent = SentBody { array: call_of(body), bytes: body.len() };
    let promise = ask(&stub, RelayMethod::Push.path(), &sent.array)?;
    Ok(async move {
        let response = answered(promise, RelayMethod::Push.path()).await?;
        sent.answered(&response);
        match response.status() {
            204 => Ok(PushReply::Idle),
            200 => Ok(PushReply::Answer(PushAnswer::decode(&bytes(&response).await?)?)),
            status => Err(Fault::Internal(format!("push: relay answered {status}"))),
        }
    })
}

/// Has a relay close its viewers: for good, where the board is gone.
pub async fn close(env: &Env, relay: &str, for_good: bool) -> Answer<()> {
    let method = if for_good { RelayMethod::CloseForGood } else { RelayMethod::Close };
    let response = send(stub(env, binding::RELAY, relay)?, method.path(), &[]).await?;
    expect_bytes(response, "close").await.map(drop)
}

/// Tells a relay what has ended.
pub async fn end(env: &Env, relay: &str, changes: &Changes) -> Answer<()> {
    let body = serde_json::to_vec(changes)?;
    let response = send(stub(env, binding::RELAY, relay)?, RelayMethod::End.path(), &body).await?;
    expect_bytes(response, "end").await.map(drop)
}

/// Asks something of a connection.
pub async fn connection(
    env: &Env,
    board: &BoardName,
    id: ConnectionId,
    ask: &ConnectionAsk,
) -> Answer<ConnectionAnswer> {
    let body = serde_json::to_vec(&(id, ask))?;
    let relay = stub(env, binding::RELAY, &format!("{board}/{}", id.relay))?;
    let response = send(relay, RelayMethod::Connection.path(), &body).await?;
    Ok(serde_json::from_slice(&expect_bytes(response, "connection").await?)?)
}

/// Some of a relay's connections.
pub async fn who(env: &Env, board: &BoardName, relay: u32, what: WhoAsk) -> Answer<Vec<ConnectionView>> {
    let relay = stub(env, binding::RELAY, &format!("{board}/{relay}"))?;
    let response = send(relay, RelayMethod::Who.path(), &serde_json::to_vec(&what)?).await?;
    Ok(serde_json::from_slice(&expect_bytes(response, "who").await?)?)
}

/// Ends all connections of a credential at a relay; how many.
pub async fn end_all_of(env: &Env, board: &BoardName, relay: u32, credential: &CredentialId) -> Answer<u32> {
    let relay = stub(env, binding::RELAY, &format!("{board}/{relay}"))?;
    let response = send(relay, RelayMethod::EndAllOf.path(), &serde_json::to_vec(credential)?).await?;
    Ok(serde_json::from_slice(&expect_bytes(response, "end all of").await?)?)
}

/// Tells a relay who is there elsewhere; who is there, or nothing where nobody is.
pub async fn presence(env: &Env, relay: &str, told: &Told) -> Answer<Option<Report>> {
    let body = serde_json::to_vec(told)?;
    let response = send(stub(env, binding::RELAY, relay)?, RelayMethod::Presence.path(), &body).await?;
    if response.status() == 204 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&expect_bytes(response, "presence").await?)?))
}

thread_local! {
    /// The first relay of a board that may have room, as far as this isolate knows.
    static ROOM: RefCell<HashMap<BoardName, u32>> = RefCell::new(HashMap::new());
}

/// Connects a viewer to the first relay of the board that has room.
pub async fn connect(env: &Env, board: &BoardName, session: &Session, protocol: Option<&str>) -> Answer<Response> {
    let delay = session.access.delay();
    let numbers = delay.map_or(0..limits::RELAYS_PER_BOARD, Delay::relays);
    if delay.is_some() {
        // Whether a board can be shown so is said by the board, and before a relay begins for it.
        let ask = LaterAsk { relay: numbers.start, cursor: None, leaves: false };
        super::board::later(env, board.as_str(), &ask).await?;
    }
    let known = ROOM.with(|r| r.borrow().get(board).copied());
    let mut number = known.filter(|number| numbers.contains(number)).unwrap_or(numbers.start);
    // Now and then from the first again, where viewers may have left.
    if number > numbers.start && crate::keys::random_u32()?.is_multiple_of(50) {
        number = numbers.start;
    }
    let session = serde_json::to_string(session)?;
    while numbers.contains(&number) {
        let headers = Headers::new();
        headers.set("upgrade", "websocket")?;
        headers.set(SESSION_HEADER, &escape_header(&session))?;
        headers.set(VERSION_HEADER, &VERSION.to_string())?;
        if let Some(p) = protocol {
            headers.set("sec-websocket-protocol", p)?;
        }
        let mut init = RequestInit::new();
        init.with_headers(headers);
        let request = Request::new_with_init(&format!("http://{}/{}", trace::host(), RelayMethod::Feed.path()), &init)?;
        let response = stub(env, binding::RELAY, &format!("{board}/{number}"))?.fetch_with_request(request).await?;
        if response.status_code() == OTHER_VERSION_STATUS {
            return Err(super::upgrading());
        }
        if response.status_code() != 503 {
            if delay.is_none() {
                ROOM.with(|r| r.borrow_mut().insert(board.clone(), number));
            }
            return Ok(response);
        }
        number += 1;
    }
    Err(Fault::problem(Code::NoRelay, "no relay of this board has room"))
}

/// JSON in a header: characters beyond ASCII as JSON escapes.
fn escape_header(json: &str) -> String {
    use std::fmt::Write as _;
    json.chars().fold(String::with_capacity(json.len()), |mut text, c| {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string can't fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
        text
    })
}
