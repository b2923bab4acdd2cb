//! What the parts of a card that tell of a way share: which time it is of, and how long it is in words.

use crate::board::state::Page;
use crate::parts::format;

const HOUR_MS: i64 = 3_600_000;

/// A length for people.
pub fn length(metres: f64) -> String {
    if metres < 1_000.0 {
        text!(board.path.metres, n = format::number(metres, 0))
    } else {
        text!(board.path.kilometres, n = format::number(metres / 1_000.0, usize::from(metres < 100_000.0)))
    }
}

/// From so many hours ago until now, by the server's clock.
pub fn span(page: &Page, hours: i64) -> (i64, i64) {
    let to = page.store().server_time().0;
    (to - hours * HOUR_MS, to)
}
