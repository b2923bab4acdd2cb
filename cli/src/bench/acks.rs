//! When a viewer says how far it is, by the rule of the app's link: after so many bytes, or after so long.

use heliograph_shared::cursor::Cursor;
use heliograph_shared::limits::{ACK_BYTES, ACK_MILLIS, ACK_SPREAD_MILLIS};
use heliograph_shared::protocol::ClientMessage;

/// What a viewer has not acknowledged yet.
#[derive(Default)]
pub struct Acks {
    bytes: u64,
    since: Option<i64>,
    /// Acknowledgements of a crowd are spread, as the app spreads them at random.
    early: i64,
}

impl Acks {
    /// Nothing yet, for the viewer of this number.
    pub const fn of(at: usize) -> Self {
        Self { bytes: 0, since: None, early: at as i64 * 37 % ACK_SPREAD_MILLIS }
    }

    /// What the app would say after a message that leads to `cursor`.
    pub fn after(&mut self, bytes: usize, cursor: Cursor, now_millis: i64) -> Option<Vec<u8>> {
        self.bytes += bytes as u64;
        let since = *self.since.get_or_insert(now_millis - self.early);
        if self.bytes < ACK_BYTES && now_millis - since < ACK_MILLIS {
            return None;
        }
        self.bytes = 0;
        self.since = None;
        Some(ClientMessage::Ack { cursor }.to_binary())
    }
}
