//! The protocol and the domain of Heliograph.
//!
//! In scope: ids, events and their validation, board configs, the state machines of the writer
//! ([`board`]), of what it tells its relays ([`pusher`]), of the fan-out ([`relay`]) and of the client's connection
//! ([`link`]), the binary and the JSON codecs ([`codec`], [`protocol`]), delivery to object storage ([`archive`]), and what
//! a token allows ([`rights`]).
//!
//! Out of scope: sockets, storage, clocks, randomness, JavaScript. They come in as values and go out as
//! effects, so that everything here runs and is tested natively in seconds.

pub mod alarms;
pub mod api;
pub mod archive;
pub mod audit;
pub mod backup;
pub mod basemap;
pub mod bits;
pub mod board;
pub mod budget;
pub mod calls;
pub mod capacity;
pub mod cell;
pub mod cleaned;
pub mod codec;
#[cfg(feature = "columnar")]
pub mod columnar;
pub mod config;
pub mod contest;
pub mod cursor;
pub mod delay;
pub mod density;
pub mod embed;
pub mod erase;
pub mod event;
pub mod fences;
pub mod health;
pub mod home;
pub mod html;
pub mod id;
pub mod identity;
pub mod index;
pub mod ingest;
pub mod items;
pub mod journal;
pub mod kind;
pub mod layers;
pub mod letters;
pub mod limits;
pub mod link;
pub mod log_line;
pub mod logos;
pub mod marks;
pub mod memo;
pub mod meters;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod oembed;
pub mod outbound;
pub mod past;
pub mod pipeline;
pub mod position;
pub mod presence;
pub mod preview;
pub mod problem;
pub mod projection;
pub mod protocol;
pub mod pusher;
pub mod received;
pub mod relay;
pub mod replica;
pub mod revocation;
pub mod rewind;
pub mod rights;
pub mod rollups;
pub mod routes;
pub mod rules;
pub mod running_question;
#[cfg(feature = "schema")]
pub mod schema;
pub mod scores;
pub mod sent;
pub mod share;
pub mod share_id;
pub mod sights;
pub mod sign_in;
pub mod source;
pub mod storage;
mod texts;
pub mod throttle;
pub mod time;
pub mod trace;
pub mod tracks;
pub mod under_way;
pub mod value;
pub mod views;
pub mod watch;
pub mod webhooks;
pub mod zones;
