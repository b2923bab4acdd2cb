//! The grades that go out: as soon as they may, until the board has them.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Desk;
use crate::browser::clock::sleep;
use crate::client::http::Failure;
use crate::client::sessions;

/// Grades in one request.
const GRADES: usize = 500;
/// Between two tries to send grades, in milliseconds.
const RETRY_MS: i32 = 2_000;

impl Desk {
    /// Sends what is not graded, as long as there is something.
    pub(super) fn grade(self) {
        if self.is_grading.get_value() {
            return;
        }
        self.is_grading.set_value(true);
        spawn_local(async move {
            loop {
                match self.send_grades().await {
                    Ok(()) => break,
                    Err(failure) if failure.is_passing() => sleep(RETRY_MS).await,
                    Err(failure) => {
                        let _ = self.error.try_set(Some(text!(demos.quiz.desk.not_sent, why = failure.message)));
                        break;
                    }
                }
            }
            let _ = self.is_grading.try_set_value(false);
        });
    }

    /// Sends grades until none is left.
    pub(super) async fn send_grades(self) -> Result<(), Failure> {
        loop {
            let Some(grades) = self.book.try_with_value(|book| book.ungraded(GRADES)) else { return Ok(()) };
            if grades.is_empty() {
                return Ok(());
            }
            let events = grades.iter().map(|(.., event)| event.clone()).collect();
            let published =
                sessions::publish(&self.board(), &self.key.get_value(), &serde_json::Value::Array(events)).await?;
            // A grade that is refused now is refused for ever: it is told, and not tried again.
            if let Some(refusal) = published.refusals().next() {
                let _ = self.error.try_set(Some(text!(demos.quiz.desk.refused, why = sessions::reason(refusal))));
            }
            let _ = self.book.try_update_value(|book| book.mark_graded(&grades));
            self.save();
        }
    }
}
