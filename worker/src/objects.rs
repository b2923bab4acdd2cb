//! The Durable Objects: adapters between the platform's events and the state machines in `shared`.

#[cfg(feature = "objects")]
pub mod board;
pub mod call;
#[cfg(feature = "objects")]
pub mod registry;
#[cfg(feature = "objects")]
pub mod relay;

/// Bindings, as `wrangler.toml` and `workerd.capnp` name them.
pub mod binding {
    /// The single writer of a board.
    pub const BOARD: &str = "BOARD";
    /// Viewers' sockets.
    pub const RELAY: &str = "RELAY";
    /// Boards' configs and API keys.
    pub const REGISTRY: &str = "REGISTRY";
    /// What relays ask whether viewers may do something: the public script once more, without an address.
    pub const GATE: &str = "GATE";
    /// The script that runs jq programs.
    pub const TRANSFORM: &str = "TRANSFORM";
}
