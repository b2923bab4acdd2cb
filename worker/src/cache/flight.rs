//! A question that is on its way, and those who wait for its answer.
//!
//! A request may not wait for what belongs to another: the platform cancels it. So only the reader who asked is woken
//! by the answer; the others look for it, each by its own timer.

use super::Kept;
use crate::clock;
use futures_util::future::{Either, poll_fn, select};
use heliograph_shared::problem::Problem;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// How long a waiting reader sleeps between its first two looks.
const FIRST_PAUSE_MILLIS: u64 = 2;
/// And at most between two.
const LONGEST_PAUSE_MILLIS: u64 = 40;

/// What came of a question.
pub type Outcome = Result<Rc<Kept>, Problem>;

/// A question that is on its way.
pub struct Flight {
    /// When it was asked.
    pub begun: Millis,
    /// The board's counter of writes at that time.
    pub writes: u64,
    outcome: RefCell<Option<Outcome>>,
    asker: RefCell<Option<Waker>>,
}

impl Flight {
    /// A question that is asked now.
    pub fn new(begun: Millis, writes: u64) -> Self {
        Self { begun, writes, outcome: RefCell::new(None), asker: RefCell::new(None) }
    }

    /// The answer is there.
    pub fn land(&self, outcome: Outcome) {
        *self.outcome.borrow_mut() = Some(outcome);
        if let Some(asker) = self.asker.borrow_mut().take() {
            asker.wake();
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    /// Waits for the answer, at most so long.
    pub async fn wait(&self, leads: bool, patience: Option<i64>) -> Option<Outcome> {
        if leads {
            let landed = poll_fn(|cx| match self.outcome() {
                Some(outcome) => Poll::Ready(outcome),
                None => {
                    *self.asker.borrow_mut() = Some(cx.waker().clone());
                    Poll::Pending
                }
            });
            let Some(patience) = patience else { return Some(landed.await) };
            return match select(pin!(landed), pin!(clock::sleep(patience.unsigned_abs()))).await {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(_) => None,
            };
        }
        let begun = clock::now();
        let mut pause = FIRST_PAUSE_MILLIS;
        loop {
            if let Some(outcome) = self.outcome() {
                return Some(outcome);
            }
            if patience.is_some_and(|p| clock::now().since(begun) >= p) {
                return None;
            }
            clock::sleep(pause).await;
            pause = (pause * 3 / 2 + 1).min(LONGEST_PAUSE_MILLIS);
        }
    }
}
