//! The Durable Objects: adapters between the platform's events and the state machines in `shared`.

pub mod board;
pub mod poller;
pub mod registry;
pub mod relay;
