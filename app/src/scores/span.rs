//! Which rows are in the page, which rows are followed, and how large rows are for a projector.

use std::ops::Range;

use heliograph_shared::limits;

/// Rows in the page; more than any screen shows at once.
pub const POOL: usize = 80;

/// Rows kept in the page above and below those in view.
const AROUND: usize = 8;

/// What a page follows that shows the first ranks.
pub const FIRST: Followed = Followed { offset: 0, top: 100, cells: false };

/// The part of a ranking that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// How many rows are left out.
    pub offset: u32,
    /// How many rows from there.
    pub top: u32,
    /// With a cell for each task.
    pub cells: bool,
}

/// Indices of the rows to have in the page. Starts on even rows, so that stripes stay where they are.
pub fn visible(scroll: f64, height: f64, row: f64, total: usize) -> Range<usize> {
    if row <= 0.0 || total == 0 {
        return 0..0;
    }
    let first = (scroll.max(0.0) / row) as usize;
    let shown = (height.max(0.0) / row).ceil() as usize + 1;
    let start = first.saturating_sub(AROUND).min(total) / 2 * 2;
    start..(first + shown + AROUND).min(total).min(start + POOL)
}

/// What to follow for these rows; nothing when what is followed is good for them.
pub fn follow(rows: &Range<usize>, now: Followed) -> Option<Followed> {
    const STEP: u32 = 100;
    let (start, end) = (rows.start as u32, rows.end as u32);
    if end <= FIRST.top {
        // Far from the top more rows come than anybody sees: back there, fewer are enough.
        return (now != FIRST).then_some(FIRST);
    }
    if start >= now.offset && end <= now.offset + now.top {
        return None;
    }
    let offset = (start / STEP * STEP).saturating_sub(STEP);
    let top = ((end - offset).div_ceil(STEP) + 1) * STEP;
    Some(Followed { offset, top: top.min(limits::SCORE_TOP_MAX), ..now })
}

/// How many rows a projector shows, and how tall each is: as many as can be read from the last row of seats.
pub fn projected(height: f64, total: usize) -> (usize, f64) {
    const SMALLEST: f64 = 44.0;
    const TALLEST: f64 = 96.0;
    const MOST: usize = 20;
    let fitting = ((height / SMALLEST) as usize).clamp(1, MOST);
    let rows = total.clamp(1, fitting);
    (rows, (height / rows as f64).clamp(SMALLEST, TALLEST).floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_in_the_page_cover_the_view() {
        assert_eq!(visible(0.0, 600.0, 50.0, 10_000), 0..21);
        let middle = visible(50.0 * 501.0, 600.0, 50.0, 10_000);
        assert!(middle.start == 492 && middle.end >= 514, "{middle:?}");
        assert_eq!(visible(1e9, 600.0, 50.0, 10), 10..10);
        assert_eq!(visible(0.0, 1e6, 50.0, 10_000).len(), POOL);
        assert_eq!(visible(0.0, 600.0, 0.0, 3), 0..0);
    }

    #[test]
    fn what_is_followed_moves_with_the_view_but_not_at_every_step() {
        assert_eq!(follow(&(0..30), FIRST), None);
        let deeper = follow(&(80..120), FIRST).unwrap();
        assert_eq!(deeper, Followed { offset: 0, top: 300, cells: false });
        assert_eq!(follow(&(150..190), deeper), None);
        let far = follow(&(5_020..5_060), deeper).unwrap();
        assert_eq!(far, Followed { offset: 4_900, top: 300, cells: false });
        assert_eq!(follow(&(4_990..5_030), far), None);
        assert_eq!(follow(&(0..30), far), Some(FIRST));
    }

    #[test]
    fn a_projector_shows_what_can_be_read() {
        assert_eq!(projected(900.0, 130), (20, 45.0));
        assert_eq!(projected(900.0, 5), (5, 96.0));
        assert_eq!(projected(300.0, 130), (6, 50.0));
        assert_eq!(projected(10.0, 0), (1, 44.0));
    }
}
