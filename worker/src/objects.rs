//! The Durable Objects: adapters between the platform's events and the state machines in `shared`.

pub mod board;
pub mod call;
pub mod index;
pub mod registry;
pub mod relay;

/// Bindings, as `wrangler.toml` and `workerd.capnp` name them.
pub mod binding {
    /// The single writer of a board.
    pub const BOARD: &str = "BOARD";
    /// Viewers' sockets.
    pub const RELAY: &str = "RELAY";
    /// The list of boards, API keys, and what has ended.
    pub const REGISTRY: &str = "REGISTRY";
    /// The script that runs jq programs.
    pub const TRANSFORM: &str = "TRANSFORM";
}
