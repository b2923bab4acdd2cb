//! Waiting for an answer, but not for ever.

use crate::clock;
use crate::fault::{Answer, Fault};
use heliograph_shared::limits;

/// What a question yields, if it does so in so many milliseconds.
pub async fn within<T>(millis: u64, what: &str, asking: impl Future<Output = Answer<T>>) -> Answer<T> {
    let late = || Err(Fault::Internal(format!("{what}: no answer in {millis} ms")));
    clock::within(millis, asking).await.unwrap_or_else(late)
}

/// The same for what a request asks the registry.
pub async fn soon<T>(what: &str, asking: impl Future<Output = Answer<T>>) -> Answer<T> {
    within(limits::ENDED_ASK_MILLIS.unsigned_abs(), what, asking).await
}
