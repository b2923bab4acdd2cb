//! A board's state as a relay that starts is given it: in pieces, since the whole is as large as the board. The board makes
//! one at a time, and the relay takes each before it reads the next.

use super::{PushHead, PushMessage};
use crate::codec::DecodeError;
use crate::cursor::Cursor;
use crate::items::{Items, SnapshotError, SnapshotReader};
use crate::limits;
use crate::sights::Sights;

const HEAD: u8 = 0;
const ITEMS: u8 = 1;
const SIGHTS: u8 = 2;
const END: u8 = 3;

/// A piece's bytes before it: how long it is, and what.
const LABEL: usize = 5;

/// A board's state.
pub struct State {
    /// Its items.
    pub items: Items,
    /// What others than managers see of them.
    pub sights: Sights,
    /// As of here.
    pub cursor: Cursor,
    /// Viewers of the board's other relays.
    pub elsewhere: u32,
}

/// The pieces of a board's state as of `cursor`, each made when it is asked for.
pub fn pieces<'s>(
    head: PushHead,
    cursor: Cursor,
    items: &'s Items,
    sights: &'s Sights,
) -> impl Iterator<Item = Vec<u8>> + 's {
    let message = PushMessage { previous: cursor, to: cursor.seq, ..PushMessage::default() };
    std::iter::once(piece(HEAD, &head.with(&message)))
        .chain(items.snapshot().map(|part| piece(ITEMS, &part)))
        .chain(sights.to_parts().into_iter().map(|part| piece(SIGHTS, &part)))
        .chain(std::iter::once_with(|| piece(END, &[])))
}

fn piece(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut piece = Vec::with_capacity(LABEL + bytes.len());
    piece.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    piece.push(kind);
    piece.extend_from_slice(bytes);
    piece
}

/// Takes a board's state as it comes, cut anywhere.
#[derive(Default)]
pub struct StateReader {
    /// The beginning of a piece.
    begun: Vec<u8>,
    head: Option<(PushHead, Cursor)>,
    items: SnapshotReader,
    sights: Vec<Vec<u8>>,
    ended: bool,
}

impl StateReader {
    /// Takes what comes next.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.begun.extend_from_slice(bytes);
        let begun = std::mem::take(&mut self.begun);
        let mut rest = begun.as_slice();
        while let Some((label, after)) = rest.split_first_chunk::<LABEL>() {
            let [a, b, c, d, kind] = *label;
            let len = u32::from_le_bytes([a, b, c, d]) as usize;
            if len > 2 * limits::LOG_ROW_BYTES {
                return Err(DecodeError::Invalid("length of a piece").into());
            }
            let Some((piece, after)) = after.split_at_checked(len) else { break };
            self.piece(kind, piece)?;
            rest = after;
        }
        self.begun = rest.to_vec();
        Ok(())
    }

    fn piece(&mut self, kind: u8, piece: &[u8]) -> Result<(), SnapshotError> {
        match kind {
            HEAD => {
                let (head, message) = PushHead::split(piece)?;
                self.head = Some((head, message.previous));
            }
            ITEMS => self.items.part(piece)?,
            SIGHTS => self.sights.push(piece.to_vec()),
            END => self.ended = true,
            _ => return Err(DecodeError::Invalid("piece of a board's state").into()),
        }
        Ok(())
    }

    /// The state, when all of it has come.
    pub fn finish(self) -> Result<State, SnapshotError> {
        let (head, cursor) = self.head.filter(|_| self.ended && self.begun.is_empty()).ok_or(SnapshotError::Order)?;
        let sights = Sights::from_parts(self.sights.iter().map(Vec::as_slice))?;
        Ok(State { items: self.items.finish()?, sights, cursor, elsewhere: head.elsewhere })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Batch;
    use crate::cursor::Epoch;
    use crate::event::Event;
    use crate::time::Millis;

    #[test]
    fn a_state_comes_back_however_it_is_cut_and_not_without_its_end() {
        let event =
            |i: i64| Event { id: None, key: format!("k{i}"), time: Millis(i), position: None, fields: Vec::new() };
        let events: Vec<Event> = (0..5_000).map(event).collect();
        let mut items = Items::default();
        items.apply(&Batch::from_events(&events), 1, |_, _| {});
        let cursor = Cursor { epoch: Epoch(7), seq: 5_000 };
        let head = PushHead { elsewhere: 3, standings_lost: false };
        let all: Vec<u8> = pieces(head, cursor, &items, &Sights::default()).flatten().collect();
        for size in [1_000, 7, all.len()] {
            let mut reader = StateReader::default();
            all.chunks(size).for_each(|chunk| reader.take(chunk).unwrap());
            let state = reader.finish().unwrap();
            assert_eq!((state.cursor, state.elsewhere, state.items.len()), (cursor, 3, 5_000));
            assert_eq!(state.items.to_snapshot(), items.to_snapshot());
        }
        for missing in [1, LABEL, LABEL + 1, all.len() - 1] {
            let mut reader = StateReader::default();
            reader.take(&all[..all.len() - missing]).unwrap();
            assert!(reader.finish().is_err());
        }
        assert!(StateReader::default().take(&[255; 6]).is_err());
    }
}
