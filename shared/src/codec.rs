//! The binary codec: columnar, with dictionaries, fixed-point positions and variable-length integers.
//! `docs/protocol.md` gives the layout byte by byte; golden tests pin it.

pub mod batch;
pub mod cell;
pub mod columns;
mod holes;
pub mod wire;

pub use batch::{Batch, Column, SentBy};
pub use cell::Cell;
pub use wire::{DecodeError, Reader, Writer};
