//! One file per route group.

pub mod archive;
pub mod aws;
pub mod boards;
pub mod direct;
pub mod embed;
pub mod events;
pub mod feed;
pub mod head;
pub mod history;
pub mod ingest;
pub mod items;
pub mod join;
pub mod letters;
pub mod long_poll;
pub mod named;
pub mod oembed;
pub mod pipeline;
pub mod samples;
pub mod scores;
pub mod site;
pub mod sources;
pub mod status;
pub mod streaming;
pub mod system;
pub mod tokens;
pub mod views;
