//! The only reader of the clock.

use heliograph_shared::time::Millis;

/// Now. The platform's clock stands still while code runs and moves on with I/O.
pub fn now() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

/// Waits; at least a millisecond.
pub async fn sleep(millis: u64) {
    worker::Delay::from(std::time::Duration::from_millis(millis.max(1))).await;
}
