//! When the registry is woken: it has one alarm, for what is to be pushed, reported and told again.

use super::Inner;
use crate::clock;
use crate::fault::Answer;
use std::rc::Rc;

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

    /// The alarm. The next one is set before anything is done, so that whatever fails, it goes on.
    pub(super) async fn woken(self: &Rc<Self>) {
        let (receiver, is_report_due) = (self.due_push(), self.due_report());
        if let Err(fault) = self.wake().await {
            log_error!("the next alarm is not set: {fault:?}");
        }
        if let Some(receiver) = receiver {
            self.begin_push(receiver);
        }
        if is_report_due {
            self.begin_report();
        }
    }
}
