//! The feed's messages. `docs/protocol.md` has the rules by number; names and bytes here are a contract.

pub mod client;
pub mod close;
pub mod frame;
pub mod plain;
pub mod poll;
pub mod presence;
pub mod rows;
pub mod server;
pub mod sse;

pub use client::{ClientMessage, Filter, MessageError, SubId, Subscription};
pub use close::CloseCode;
pub use rows::Rows;
pub use server::ServerMessage;

/// The binary feed.
pub const SUBPROTOCOL_BIN: &str = "heliograph.v1.bin";
/// The JSON feed.
pub const SUBPROTOCOL_JSON: &str = "heliograph.v1.json";
/// Stands before a token in the list of subprotocols.
pub const BEARER_PREFIX: &str = "bearer.";
/// A text message that is answered by [`PONG`] without waking the relay.
pub const PING: &str = "ping";
/// The answer to [`PING`].
pub const PONG: &str = "pong";
/// The first byte of every binary message.
pub const VERSION: u8 = 1;
