//! When the registry is woken: it has one alarm, for what is to be pushed, reported and told again.

use super::Inner;
use crate::clock;
use crate::fault::Answer;

/// An alarm that comes so much early is the one that was asked for.
pub(super) const EARLY_MILLIS: i64 = 1_000;

impl Inner {
    /// How long it is until something is due, if something is.
    pub(super) fn until_next(&self) -> Option<i64> {
        self.until_push().into_iter().chain(self.until_report()).min()
    }

    /// Has the platform wake the registry when something is due, unless it wakes it sooner: then the next alarm is set.
    pub(super) async fn wake(&self) -> Answer<()> {
        let storage = self.state.storage();
        let set = storage.get_alarm().await?;
        if let Some(millis) = self.until_next()
            && set.is_none_or(|at| at > clock::now().plus(millis).0)
        {
            storage.set_alarm(millis).await?;
        }
        Ok(())
    }

    /// The same in the alarm itself, when there is none.
    pub(super) async fn wake_again(&self) -> Answer<()> {
        if let Some(millis) = self.until_next() {
            self.state.storage().set_alarm(millis).await?;
        }
        Ok(())
    }
}
