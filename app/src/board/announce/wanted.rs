//! Whether a viewer wants to be told now and then what happened: kept in this browser, for all boards.

use crate::browser::storage;

const PLACE: &str = "heliograph.summary";

/// Whether it is wanted, as it is where nobody said otherwise.
pub fn is_wanted() -> bool {
    storage::get(storage::browser(), PLACE).unwrap_or(true)
}

/// Keeps what a viewer chose.
pub fn set(is_wanted: bool) {
    // Where nothing can be kept it is asked for again.
    let _ = storage::set(storage::browser(), PLACE, &is_wanted);
}
