//! An item's record in the GPU's buffer: where it was, where it goes and when.

use super::mercator::Fixed;
use super::motion;
use crate::board::map::gpu::upload::RECORD_BYTES;

/// The item does not match the search: drawn small and faint.
pub const DIMMED: u16 = 1;
/// The copy on top that marks the selected item.
pub const SELECTED: u16 = 2;
/// The copy on top that marks the item under the pointer.
pub const HOVERED: u16 = 4;

/// Where an item's look begins in the flags: three bits of colour, two of shape.
const LOOK_FROM: u16 = 3;
/// The bits of its look.
pub const LOOK: u16 = 0b1_1111 << LOOK_FROM;

/// A look as the flags have it: the numbers of its colour and of its shape.
pub const fn look_code(color: u8, shape: u8) -> u16 {
    ((color as u16 & 0b111) | (shape as u16 & 0b11) << 3) << LOOK_FROM
}

/// Stands for "no heading" in a record.
pub const NO_HEADING: u16 = u16::MAX;

/// One item as the GPU gets it.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Where it was at `start`.
    pub from: Fixed,
    /// Where it goes.
    pub to: Fixed,
    /// When it set out, on the scene's clock.
    pub start: i32,
    /// How long it takes, in milliseconds.
    pub glide: u16,
    /// How it stands out.
    pub flags: u16,
    /// Its heading before, in hundredths of a degree.
    pub heading_from: u16,
    /// Its heading after.
    pub heading_to: u16,
    /// The time of its last event, on the scene's clock.
    pub seen: i32,
}

impl Record {
    /// The eight little-endian words that the shader reads.
    pub fn to_bytes(self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        let words = [
            self.from.x,
            self.from.y,
            self.to.x,
            self.to.y,
            self.start,
            i32::from(self.glide) | i32::from(self.flags) << 16,
            (u32::from(self.heading_from) | u32::from(self.heading_to) << 16) as i32,
            self.seen,
        ];
        for (chunk, word) in bytes.chunks_exact_mut(4).zip(words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Where the mark is.
    pub fn place_at(&self, now: i32) -> Fixed {
        self.from.towards(self.to, motion::share(now, self.start, i32::from(self.glide)))
    }

    /// When the mark arrives.
    pub fn end(&self) -> i32 {
        self.start.wrapping_add(i32::from(self.glide))
    }

    /// Which way the mark faces.
    pub fn heading_at(&self, now: i32) -> u16 {
        if motion::share(now, self.start, motion::TURN_MS.min(i32::from(self.glide))) < 0.5 {
            self.heading_from
        } else {
            self.heading_to
        }
    }
}

/// A heading in degrees as a record has it.
pub fn heading_code(degrees: f64) -> u16 {
    if degrees.is_finite() { (degrees.rem_euclid(360.0) * 100.0) as u16 % 36_000 } else { NO_HEADING }
}
