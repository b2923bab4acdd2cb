//! How every binary message begins, and what many have in common.

use super::VERSION;
use crate::codec::Writer;
use crate::cursor::Cursor;

/// The type byte of each message; a number is never used again for something else.
pub mod kind {
    #![allow(missing_docs, reason = "the names say it all")]
    pub const SNAPSHOT: u8 = 1;
    pub const DELTA: u8 = 2;
    pub const RESUMED: u8 = 3;
    pub const GAP: u8 = 4;
    pub const STATUS: u8 = 5;
    pub const ERROR: u8 = 6;
    pub const BYE: u8 = 7;
    pub const PUBLISHED: u8 = 8;
    pub const SCORES: u8 = 9;
    pub const PRESENCE: u8 = 10;
}

/// Begins a binary message.
pub fn begin(kind: u8) -> Writer {
    let mut w = Writer::with_capacity(256);
    w.u8(VERSION);
    w.u8(kind);
    w
}

/// Writes a cursor.
pub fn write_cursor(w: &mut Writer, c: Cursor) {
    w.varint(u64::from(c.epoch.0));
    w.varint(c.seq);
}
