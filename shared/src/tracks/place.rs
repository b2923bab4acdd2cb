//! Where a track's fixes are stored: 32 tracks make a part, and a page has the fixes of a part within one day in UTC.

use crate::time::Millis;

/// Tracks of a part.
pub const TRACKS_PER_PART: u32 = 32;
const DAY_MILLIS: i64 = 86_400_000;
const PAGE_BITS: u32 = 20;
const DAY_BITS: u32 = 17;
/// The largest number of a page of a part.
pub const PAGE_MAX: u32 = (1 << PAGE_BITS) - 1;
/// The largest day: far behind [`crate::limits::TIME_MAX_MILLIS`].
const DAY_MAX: u32 = (1 << DAY_BITS) - 1;
/// The largest part: a number of a page stays below [`crate::limits::SEQ_MAX`].
pub const PART_MAX: u32 = (1 << 16) - 1;
/// The bits of a page's number that tell its day.
pub const DAY_MASK: u64 = (DAY_MAX as u64) << PAGE_BITS;

/// A track's number: the order in which keys first had a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(pub u32);

impl TrackId {
    /// Its part.
    pub const fn part(self) -> u32 {
        self.0 / TRACKS_PER_PART
    }

    /// Its place there.
    pub const fn slot(self) -> u8 {
        (self.0 % TRACKS_PER_PART) as u8
    }
}

/// A day in UTC: how many there were since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

impl Day {
    /// That of a time.
    pub fn of(time: Millis) -> Self {
        Self(time.0.div_euclid(DAY_MILLIS).clamp(0, i64::from(DAY_MAX)) as u32)
    }

    /// Its beginning.
    pub fn start(self) -> Millis {
        Millis(i64::from(self.0) * DAY_MILLIS)
    }

    /// So many days before.
    #[must_use]
    pub const fn before(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// What the numbers of pages have under [`DAY_MASK`].
    pub const fn masked(self) -> u64 {
        (self.0 as u64) << PAGE_BITS
    }
}

/// A page. Of one day, what came later lies in pages with higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageId {
    /// Of these tracks.
    pub part: u32,
    /// Of this day.
    pub day: Day,
    /// Which of the part's pages.
    pub page: u32,
}

impl PageId {
    /// Its number in the table.
    pub const fn number(self) -> u64 {
        (self.part as u64) << (DAY_BITS + PAGE_BITS) | self.day.masked() | self.page as u64
    }

    /// The first and the last number that pages of a part and of these days may have.
    pub const fn range(part: u32, from: Day, to: Day) -> (u64, u64) {
        (Self { part, day: from, page: 0 }.number(), Self { part, day: to, page: PAGE_MAX }.number())
    }

    /// The first and the last number that pages of a part may have.
    pub const fn range_of(part: u32) -> (u64, u64) {
        Self::range(part, Day(0), Day(DAY_MAX))
    }

    /// The part of the page with this number.
    pub const fn part_of(number: u64) -> u32 {
        (number >> (DAY_BITS + PAGE_BITS)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn every_page_has_a_number_that_the_store_knows() {
        let last = PageId { part: PART_MAX, day: Day(DAY_MAX), page: PAGE_MAX }.number();
        assert_eq!(last, limits::SEQ_MAX);
        assert!(Day::of(Millis(limits::TIME_MAX_MILLIS)) < Day(DAY_MAX));
        assert!(limits::TRACKS_PER_BOARD as u32 / TRACKS_PER_PART <= PART_MAX);
        let id = PageId { part: 7, day: Day(20_513), page: 3 };
        assert_eq!(PageId::part_of(id.number()), 7);
        assert_eq!(id.number() & DAY_MASK, id.day.masked());
    }
}
