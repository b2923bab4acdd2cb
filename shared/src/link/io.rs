//! What goes into a link and what comes out.

use crate::protocol::{SubId, Subscription};
use crate::replica::Change;
use crate::scores::ScoreChange;
use crate::time::Millis;

/// How a link is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkConfig {
    /// Whether the board asks for a token.
    pub needs_token: bool,
}

/// A token as the token endpoint gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub jwt: String,
    /// When it ends, by the server's clock.
    pub expires_at: Millis,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFailure {
    /// The endpoint says no: trying again is pointless.
    Denied(String),
    /// The endpoint could not be reached.
    Unreachable,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Begin.
    Start,
    /// Follow something.
    Subscribe(SubId, Subscription),
    /// Stop following.
    Unsubscribe(SubId),
    /// The socket is open.
    SocketOpened,
    /// A binary message.
    Binary(Vec<u8>),
    /// A text message.
    Text(String),
    /// The socket closed or failed.
    SocketClosed {
        /// The close code; 1006 when there was none.
        code: u16,
    },
    /// The token endpoint answered.
    Token(Result<Token, TokenFailure>),
    /// The time of the last [`Output::WakeAt`] has come.
    Timer,
    /// The page became visible, the network came back, or the user wants to try now.
    Probe,
    /// The network is gone.
    Offline,
    /// End.
    Stop,
}

/// What the shell shall do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a socket with these subprotocols.
    OpenSocket {
        /// In this order.
        protocols: Vec<String>,
    },
    /// Close the socket; its later events must not come back as inputs.
    CloseSocket,
    /// Send a binary message.
    Send(Vec<u8>),
    /// Send a text message.
    SendText(&'static str),
    /// Fetch a token and come back with [`Input::Token`].
    FetchToken,
    /// Come back with [`Input::Timer`] at this time; replaces the earlier one.
    WakeAt(Millis),
    /// A subscription's copy changed.
    Changed {
        /// Which.
        sub: SubId,
        /// How.
        changes: Vec<Change>,
    },
    /// A scores subscription's copy changed.
    Scores {
        /// Which.
        sub: SubId,
        /// How.
        changes: Vec<ScoreChange>,
    },
    /// The server refused something.
    Refused {
        /// The subscription, if it was about one.
        id: Option<u32>,
        /// The stable code.
        code: String,
        /// For people.
        message: String,
    },
    /// The connection's state changed.
    Status(LinkStatus),
}

/// The connection's state, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStatus {
    /// A socket is being opened.
    Connecting {
        /// How often this failed in a row.
        attempt: u32,
    },
    /// Open, but not every subscription has been answered.
    CatchingUp,
    /// Everything is as the server has it.
    Live,
    /// Pausing after a failure.
    Waiting {
        /// Until then.
        until: Millis,
        /// How often it failed in a row.
        attempt: u32,
    },
    /// The device has no network.
    Offline,
    /// Over; connecting again is pointless.
    Stopped {
        /// The close code, or 0.
        code: u16,
        /// Why.
        message: String,
    },
}
