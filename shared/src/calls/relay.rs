//! What is asked of a relay.

use super::methods;

methods! {
    /// The methods of a relay.
    RelayMethod {
        /// What happened on the board, behind a [`PushHead`](crate::pusher::PushHead): a
        /// [`PushAnswer`](crate::relay::PushAnswer), or 204 when it has no viewers.
        Push = "push",
        /// A viewer's upgrade, with its session in [`SESSION_HEADER`]: the WebSocket, or 503 when there is no room.
        Feed = "feed",
        /// Closes the viewers; they come back to another relay. Answers nothing.
        Close = "close",
        /// Closes the viewers of a board that is gone. Answers nothing.
        CloseForGood = "close-for-good",
        /// What has ended: [`Changes`](crate::revocation::Changes). Answers nothing.
        End = "end",
        /// What is asked of a connection, as JSON: its [`ConnectionId`](crate::relay::connection::ConnectionId) and a
        /// [`ConnectionAsk`](crate::relay::connection::ConnectionAsk). A
        /// [`ConnectionAnswer`](crate::relay::connection::ConnectionAnswer).
        Connection = "connection",
        /// Who is connected, for a [`WhoAsk`](crate::relay::who::WhoAsk): a list of
        /// [`ConnectionView`](crate::relay::who::ConnectionView)s.
        Who = "who",
        /// Ends all connections of a [`CredentialId`](crate::revocation::CredentialId): how many, as JSON.
        EndAllOf = "end-all-of",
        /// Who is there elsewhere, a [`Told`](crate::presence::Told): a [`Report`](crate::presence::Report), or 204 when it
        /// has no viewers.
        Presence = "presence",
    }
}

/// The header in which a viewer's session travels, as JSON.
pub const SESSION_HEADER: &str = "x-session";

/// The header in which the contract's version travels with an upgrade, which has no body.
pub const VERSION_HEADER: &str = "x-calls";

/// The header of an answered upgrade that names the connection.
pub const CONNECTION_HEADER: &str = "heliograph-connection";
