//! Many entries, stored in pieces of a bounded size.

use super::{Change, Piece, Range};
use crate::codec::Writer;
use crate::cursor::Seq;
use crate::limits;
use std::mem;

/// A piece is closed above so many bytes.
const PIECE_BYTES: usize = limits::LOG_ROW_BYTES / 2;

/// The changes that store entries anew in the pieces of these numbers, as of `seq`. What was there is dropped first. `begin`
/// makes the beginning of a piece; one that has nothing more is not stored.
pub fn in_pieces<T>(
    (table, ids): Range,
    seq: Seq,
    begin: impl Fn() -> Writer,
    entries: impl Iterator<Item = T>,
    write: impl Fn(&mut Writer, T),
) -> Vec<Change> {
    let mut id = *ids.start();
    let mut changes = vec![Change::Drop((table, ids))];
    let mut close = |w: Writer| {
        changes.push(Change::Put(Piece { table, id, seq, data: w.finish() }));
        id += 1;
    };
    let mut w = begin();
    let empty = w.len();
    for entry in entries {
        write(&mut w, entry);
        if w.len() > PIECE_BYTES {
            close(mem::replace(&mut w, begin()));
        }
    }
    if w.len() > empty {
        close(w);
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use super::*;

    fn begin() -> Writer {
        let mut w = Writer::with_capacity(8);
        w.u8(1);
        w
    }

    /// Number and length of each piece, in pieces of the usual length.
    fn stored(entries: &[usize]) -> Vec<(u64, usize)> {
        let texts = entries.iter().map(|bytes| "x".repeat(*bytes));
        let mut changes = in_pieces((Table::Fences, 10..=19), 7, begin, texts, |w, text| w.text(&text)).into_iter();
        assert!(matches!(changes.next(), Some(Change::Drop((Table::Fences, ids))) if ids == (10..=19)));
        let piece = |change| {
            let Change::Put(piece) = change else { panic!("only pieces follow") };
            assert_eq!((piece.table, piece.seq, piece.data.first()), (Table::Fences, 7, Some(&1)));
            (piece.id, piece.data.len() / PIECE_BYTES)
        };
        changes.map(piece).collect()
    }

    #[test]
    fn nothing_is_stored_of_nothing() {
        assert!(stored(&[]).is_empty());
    }

    #[test]
    fn a_piece_is_closed_when_it_is_long_and_the_next_has_the_next_number() {
        assert_eq!(stored(&[10, 10]), [(10, 0)]);
        assert_eq!(stored(&[PIECE_BYTES, 10]), [(10, 1), (11, 0)]);
        assert_eq!(stored(&[10, PIECE_BYTES]), [(10, 1)]);
    }
}
