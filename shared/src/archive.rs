//! Delivery of a board's log to object storage, for a warehouse: NDJSON in gzip or Parquet, one object for a range of sequence
//! numbers, and a manifest for each that is written last.
//!
//! A range is fixed durably before its first try, and its names are made of the board, the log's epoch and the range. So
//! whatever is tried again writes the same bytes under the same names, and every sequence number is in exactly one
//! manifest. Pure: the shell reads the log, keeps the plan, and sends the requests.

pub mod columns;
pub mod config;
#[cfg(feature = "columnar")]
pub mod delivery;
#[cfg(feature = "columnar")]
pub mod export;
pub mod fixed;
pub mod name;
#[cfg(feature = "columnar")]
pub mod object;
pub mod place;
pub mod record;
#[cfg(feature = "columnar")]
mod rows;
pub mod sign;
pub mod target;

#[cfg(test)]
#[cfg(feature = "columnar")]
mod tests;
