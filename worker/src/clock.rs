//! The only reader of the clock.

use futures_util::future::{Either, select};
use heliograph_shared::time::Millis;
use std::pin::pin;

/// Now. The platform's clock stands still while code runs and moves on with I/O.
pub fn now() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

/// What comes of something within so many milliseconds.
pub async fn within<T>(millis: u64, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(sleep(millis))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// Waits; at least a millisecond.
pub async fn sleep(millis: u64) {
    worker::Delay::from(std::time::Duration::from_millis(millis.max(1))).await;
}
