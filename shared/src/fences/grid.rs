//! Which fences a place may be in: fences by the squares of a grid that they touch.
//!
//! A fence stands in squares about as large as itself, at most nine of them, in one of a few grids each twice as wide as
//! the one before. A place asks one square of each grid that is in use.

use super::shape::Bounds;
use crate::position::Position;
use crate::zones::shape::AROUND;
use std::collections::HashMap;

/// The finest squares are 2^10 millionths of a degree wide: some 110 m.
const FINEST: u8 = 10;
/// One square of this grid has the whole Earth.
const WIDEST: u8 = 30;

/// A grid, and a square of it.
type Square = (u8, i32, i32);

/// Fences by their squares.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    squares: HashMap<Square, Vec<u32>>,
    /// How many fences stand in each grid.
    used: [u32; 32],
}

/// Longitudes as they are asked for: pieces between ±180°, which has two names.
fn pieces(bounds: &Bounds) -> Vec<(i64, i64)> {
    let half = AROUND / 2;
    let (low, high) = (bounds.low.0, bounds.high.0);
    let shifted = [-AROUND, 0, AROUND].map(|shift| ((low + shift).max(-half), (high + shift).min(half)));
    shifted.into_iter().filter(|(low, high)| low <= high).collect()
}

fn square(grid: u8, lon: i64, lat: i64) -> Square {
    (grid, (lon >> grid) as i32, (lat >> grid) as i32)
}

/// The squares of a fence.
fn squares(bounds: &[Bounds]) -> Vec<Square> {
    let mut all = Vec::new();
    for b in bounds {
        for (low, high) in pieces(b) {
            let width = (high - low).max(b.high.1 - b.low.1).max(1);
            let grid = (FINEST..WIDEST).find(|grid| width >> grid <= 1).unwrap_or(WIDEST);
            let (from, to) = (square(grid, low, b.low.1), square(grid, high, b.high.1));
            all.extend((from.1..=to.1).flat_map(|x| (from.2..=to.2).map(move |y| (grid, x, y))));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

impl Grid {
    /// A fence is there.
    pub fn insert(&mut self, fence: u32, bounds: &[Bounds]) {
        for square in squares(bounds) {
            if let Some(used) = self.used.get_mut(usize::from(square.0)) {
                *used += 1;
            }
            self.squares.entry(square).or_default().push(fence);
        }
    }

    /// A fence that had these bounds is gone.
    pub fn remove(&mut self, fence: u32, bounds: &[Bounds]) {
        for square in squares(bounds) {
            if let Some(used) = self.used.get_mut(usize::from(square.0)) {
                *used = used.saturating_sub(1);
            }
            if let Some(fences) = self.squares.get_mut(&square) {
                fences.retain(|f| *f != fence);
                if fences.is_empty() {
                    self.squares.remove(&square);
                }
            }
        }
    }

    /// Puts the fences that a place may be in, each once and in order, in `found`.
    pub fn find(&self, place: &Position, found: &mut Vec<u32>) {
        found.clear();
        let (lon, lat) = (i64::from(place.lon_e6), i64::from(place.lat_e6));
        for (grid, _) in self.used.iter().enumerate().filter(|(_, used)| **used > 0) {
            if let Some(fences) = self.squares.get(&square(grid as u8, lon, lat)) {
                found.extend_from_slice(fences);
            }
        }
        found.sort_unstable();
        found.dedup();
    }
}
