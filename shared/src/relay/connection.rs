//! A single connection, as programs know it that push to it from behind: by an id, over the relay that holds it.
//!
//! The calls are those of API Gateway's management API: tell a connection something, ask about it, end it.

use super::{Frame, Mode, Output, Relay, Sockets, ViewerId};
use crate::delay::Delay;
use crate::limits;
use crate::protocol::CloseCode;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;
use std::str::FromStr;

/// Names a connection: `relay.viewer.since`. It says nothing to its holder, and lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionId {
    /// The number of the board's relay.
    pub relay: u32,
    /// The connection's number there, which another one may have later.
    pub viewer: ViewerId,
    /// When it began.
    pub since: Millis,
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.relay, self.viewer.0, self.since.0)
    }
}

/// The text names no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no connection has such an id")]
pub struct NoConnectionId;

impl From<ConnectionId> for String {
    fn from(id: ConnectionId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ConnectionId {
    type Error = NoConnectionId;

    fn try_from(text: String) -> Result<Self, NoConnectionId> {
        text.parse()
    }
}

impl FromStr for ConnectionId {
    type Err = NoConnectionId;

    fn from_str(text: &str) -> Result<Self, NoConnectionId> {
        let mut parts = text.split('.');
        let (Some(relay), Some(viewer), Some(since), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoConnectionId);
        };
        let relay = relay.parse().map_err(|_| NoConnectionId)?;
        let viewer = ViewerId(viewer.parse().map_err(|_| NoConnectionId)?);
        let since = Millis(since.parse().map_err(|_| NoConnectionId)?);
        let id = Self { relay, viewer, since };
        // One name for each: no leading zeros or signs.
        if Delay::is_relay(relay) && since.0 > 0 && id.to_string() == text { Ok(id) } else { Err(NoConnectionId) }
    }
}

/// What is asked of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionAsk {
    /// Tell it this text.
    Tell(String),
    /// How it is.
    Look,
    /// End it.
    End,
}

/// What became of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionAnswer {
    /// It was done.
    Done,
    /// It began then.
    Since(Millis),
    /// There is no such connection, or not any more.
    Gone,
    /// It speaks the binary protocol, which has no words of others.
    NoWords,
    /// It does not take what waits for it already.
    Busy,
}

impl Relay {
    /// Does what is asked of a connection.
    pub fn connection(
        &mut self,
        id: ConnectionId,
        ask: &ConnectionAsk,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) -> ConnectionAnswer {
        let ConnectionId { viewer, since, .. } = id;
        let session = self.session(viewer).filter(|session| session.connection == Some(id));
        let Some(session) = session else { return ConnectionAnswer::Gone };
        let text = match ask {
            ConnectionAsk::Look => return ConnectionAnswer::Since(since),
            ConnectionAsk::End => {
                self.close(viewer, CloseCode::Ended, out);
                return ConnectionAnswer::Done;
            }
            ConnectionAsk::Tell(text) => text,
        };
        let frame = match session.mode {
            Mode::Binary => return ConnectionAnswer::NoWords,
            Mode::Json => Frame::text(&json!({"type": "message", "data": text})),
            Mode::Plain { .. } => Frame::Text(text.as_str().into()),
        };
        if net.waiting(viewer) > limits::VIEWER_BUFFER_BYTES {
            return ConnectionAnswer::Busy;
        }
        out.push(Output::Send { viewers: vec![viewer], frame });
        ConnectionAnswer::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;
    use crate::items::Items;
    use crate::relay::Session;
    use crate::rights::Access;

    const SINCE: Millis = Millis(1_772_366_400_000);

    struct Waiting(u32);

    impl Sockets for Waiting {
        fn waiting(&self, _: ViewerId) -> u32 {
            self.0
        }
    }

    fn relay(modes: &[Mode]) -> Relay {
        let mut relay = Relay::new(Items::default(), Cursor::default());
        for (n, mode) in modes.iter().enumerate() {
            let connection = Some(id(n as u32, SINCE));
            let session = Session { connection, ..Session::new(mode.clone(), Access::public(), None) };
            relay.connect(SINCE, ViewerId(n as u32), session, &mut Vec::new());
        }
        relay
    }

    fn id(viewer: u32, since: Millis) -> ConnectionId {
        ConnectionId { relay: 0, viewer: ViewerId(viewer), since }
    }

    fn plain() -> Mode {
        Mode::Plain { keys: vec!["k".to_owned()], wheres: Vec::new() }
    }

    #[test]
    fn an_id_comes_back_from_its_text_and_nothing_else_is_one() {
        let id = ConnectionId { relay: 3, viewer: ViewerId(77), since: SINCE };
        assert_eq!(id.to_string(), "3.77.1772366400000");
        assert_eq!(id.to_string().parse(), Ok(id));
        let others = [
            "",
            "3.77",
            "3.77.1772366400000.1",
            "03.77.1772366400000",
            "+3.77.5",
            "3.77.-5",
            "3.77.0",
            "86401000.1.5",
            "a.b.c",
            "3.77. 5",
        ];
        for text in others {
            assert_eq!(text.parse::<ConnectionId>(), Err(NoConnectionId), "{text}");
        }
    }

    #[test]
    fn each_mode_is_told_as_it_can_hear_and_binary_is_not() {
        let mut relay = relay(&[plain(), Mode::Json, Mode::Binary]);
        let ask = ConnectionAsk::Tell("{\"a\":\"b\"}".to_owned());
        let mut told = |n, waiting| {
            let mut out = Vec::new();
            let answer = relay.connection(id(n, SINCE), &ask, &Waiting(waiting), &mut out);
            let mut texts = String::new();
            for output in out {
                let Output::Send { frame: Frame::Text(text), viewers } = output else { panic!("{output:?}") };
                assert_eq!(viewers, [ViewerId(n)]);
                texts.push_str(&text);
            }
            (answer, texts)
        };
        assert_eq!(told(0, 0), (ConnectionAnswer::Done, "{\"a\":\"b\"}".to_owned()));
        assert_eq!(told(1, 0), (ConnectionAnswer::Done, r#"{"data":"{\"a\":\"b\"}","type":"message"}"#.to_owned()));
        assert_eq!(told(2, 0), (ConnectionAnswer::NoWords, String::new()));
        assert_eq!(told(0, limits::VIEWER_BUFFER_BYTES + 1), (ConnectionAnswer::Busy, String::new()));
    }

    #[test]
    fn an_id_of_before_reaches_nobody_who_has_its_number_now() {
        let mut relay = relay(&[plain()]);
        let mut ask = |since, ask: &ConnectionAsk| {
            let mut out = Vec::new();
            (relay.connection(id(0, since), ask, &Waiting(0), &mut out), out)
        };
        assert_eq!(ask(Millis(5), &ConnectionAsk::End), (ConnectionAnswer::Gone, vec![]));
        assert_eq!(ask(SINCE, &ConnectionAsk::Look), (ConnectionAnswer::Since(SINCE), vec![]));
        let (answer, out) = ask(SINCE, &ConnectionAsk::End);
        assert_eq!(answer, ConnectionAnswer::Done);
        assert!(matches!(out[..], [.., Output::Close { code: CloseCode::Ended, .. }]), "{out:?}");
        assert_eq!(ask(SINCE, &ConnectionAsk::Look), (ConnectionAnswer::Gone, vec![]));
    }
}
