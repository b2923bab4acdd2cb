//! A row of the log, as the board's tables have it.

use crate::cursor::Seq;
use crate::time::Millis;

/// A row of the log.
#[derive(Clone, Copy, Debug)]
pub struct LoggedRow<'a> {
    /// Its first sequence number.
    pub first: Seq,
    /// Its last one.
    pub last: Seq,
    /// When it was accepted.
    pub at: Millis,
    /// A batch of events, or a control.
    pub bytes: &'a [u8],
}
