//! Tracks as they are stored.

use super::{events, hex};
use heliograph_shared::codec::Batch;
use heliograph_shared::projection::{Change, Need, Projection};
use heliograph_shared::tracks::Tracks;

/// The pieces of a board's tracks after one row of the log: pages, a chunk of their state, the head.
pub fn lines() -> Vec<(String, String)> {
    let mut tracks = Tracks::default();
    let events = events();
    tracks.follow(&Batch::from_events(&events), 1);
    let pieces = tracks.checkpoint(Need::Room).map(|change| match change {
        Change::Merge(table, id, merge) => (format!("{table:?}.{id}").to_lowercase(), hex(&merge(None).unwrap())),
        Change::Put(piece) => (format!("{:?}.{}", piece.table, piece.id).to_lowercase(), hex(&piece.data)),
        Change::Drop(_) | Change::Copy(..) => unreachable!("tracks only grow here"),
    });
    pieces.collect()
}
