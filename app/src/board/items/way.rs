//! What the parts of a card that tell of a way share: which time it is of.

use crate::board::state::Page;

const HOUR_MS: i64 = 3_600_000;

/// From so many hours ago until now, by the server's clock.
pub fn span(page: &Page, hours: i64) -> (i64, i64) {
    let to = page.store().server_time().0;
    (to - hours * HOUR_MS, to)
}
