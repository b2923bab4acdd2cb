//! The bridge: messages of a broker, or changes of a database, go to a board or a source, at least once, in their order.
//!
//! [`flow`] is the heart and knows no broker: it gathers messages into batches, waits for the server's answer to each, and
//! only then commits their positions. [`reader`] says what a broker must be able to do; one file each does it. [`shape`]
//! makes what is sent of a message, and [`deliver`] sends it until it is answered.

pub mod deliver;
pub mod flow;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(feature = "brokers")]
pub mod mqtt;
#[cfg(feature = "brokers")]
pub mod nats;
pub mod outage;
#[cfg(feature = "brokers")]
pub mod postgres;
pub mod reader;
#[cfg(feature = "brokers")]
pub mod redis;
pub mod secret;
pub mod shape;
pub mod stdin;
#[cfg(feature = "brokers")]
pub mod tls;
#[cfg(feature = "brokers")]
pub mod topic;
