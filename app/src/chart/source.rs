//! Where charts get their series: asked for together, kept with their ETags, asked again at a calm pace while somebody
//! looks.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::join_all;
use leptos::prelude::*;
use web_sys::VisibilityState;

use super::measure::Measure;
use super::series::Series;
use super::span::Step;
use crate::browser::clock;
use crate::browser::dom::{Listener, Timer};
use crate::client::boards;
use crate::client::http::{Failure, Kind};

/// New values are asked for at most so often.
const SOONEST_MS: i64 = 5_000;
/// And at least so often, because the last value of a long step grows as well.
const LATEST_MS: i64 = 15_000;

/// How the series stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// They were never here.
    #[default]
    Loading,
    /// Others are here; those that are wanted are on their way.
    Changing,
    /// They are here.
    Fresh,
    /// They are here, perhaps of another time than is wanted, but asking again failed.
    Stale {
        /// Why, for people.
        why: String,
    },
    /// They can't be had.
    Failed {
        /// Why, for people.
        why: String,
    },
}

/// Series, in the order in which they were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// What was asked, below the board's address.
    pub paths: Vec<String>,
    /// As many.
    pub series: Vec<Arc<Series>>,
    /// When they were last known to be true: the page's clock.
    pub at: i64,
}

#[derive(Clone, Debug)]
struct Kept {
    tag: Option<String>,
    series: Arc<Series>,
}

/// The series of one view. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Source {
    board: StoredValue<String>,
    key: StoredValue<Option<String>>,
    kept: StoredValue<HashMap<String, Kept>>,
    round: StoredValue<u32>,
    /// On the way.
    asking: StoredValue<Option<Vec<String>>>,
    /// The last question.
    wanted: StoredValue<Option<Vec<String>>>,
    /// What is here.
    pub answers: RwSignal<Arc<Answers>>,
    /// How it stands.
    pub phase: RwSignal<Phase>,
}

impl Source {
    /// A source of a board's series; a private board's need a key.
    pub fn new(board: &str, key: Option<String>) -> Self {
        Self {
            board: StoredValue::new(board.to_owned()),
            key: StoredValue::new(key),
            kept: StoredValue::new(HashMap::new()),
            round: StoredValue::new(0),
            asking: StoredValue::new(None),
            wanted: StoredValue::new(None),
            answers: RwSignal::new(Arc::default()),
            phase: RwSignal::new(Phase::Loading),
        }
    }

    /// Asks for series; for those that are here, whether they are still true.
    pub fn ask(self, paths: Vec<String>) {
        if self.asking.with_value(|asking| asking.as_ref() == Some(&paths)) {
            return;
        }
        let round = self.round.get_value().wrapping_add(1);
        self.round.set_value(round);
        let (is_same, is_first) =
            self.answers.with_untracked(|answers| (same_subjects(&answers.paths, &paths), answers.paths.is_empty()));
        // Another stretch of time of the same series comes without a word.
        let is_lost = self.phase.with_untracked(|phase| matches!(phase, Phase::Failed { .. }));
        if is_first || is_lost {
            self.phase.set(Phase::Loading);
        } else if !is_same {
            self.phase.set(Phase::Changing);
        }
        self.asking.set_value(Some(paths.clone()));
        self.wanted.set_value(Some(paths.clone()));
        leptos::task::spawn_local(async move {
            let results = join_all(paths.iter().map(|path| self.fetch(path))).await;
            // A newer question was asked, or the view is gone.
            if self.round.try_get_value() != Some(round) {
                return;
            }
            self.asking.set_value(None);
            self.take(paths, results);
        });
    }

    /// Asks for the last question once more, at once.
    pub fn again(self) {
        if let Some(paths) = self.wanted.get_value() {
            self.ask(paths);
        }
    }

    fn take(self, paths: Vec<String>, results: Vec<Result<Kept, Failure>>) {
        let have = self.answers.with_untracked(|answers| same_subjects(&answers.paths, &paths));
        match results.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(fresh) => {
                let series: Vec<_> = fresh.iter().map(|kept| Arc::clone(&kept.series)).collect();
                self.kept.set_value(paths.iter().cloned().zip(fresh).collect());
                self.answers.set(Arc::new(Answers { paths, series, at: clock::wall().0 }));
                self.phase.set(Phase::Fresh);
            }
            Err(error) => {
                let why = match error.kind() {
                    Kind::Unauthorised => text!(chart.source.not_allowed).to_owned(),
                    Kind::NotFound => text!(chart.source.none).to_owned(),
                    Kind::Unreachable | Kind::Passing | Kind::Refused => error.message,
                };
                self.phase.set(if have { Phase::Stale { why } } else { Phase::Failed { why } });
            }
        }
    }

    async fn fetch(self, path: &str) -> Result<Kept, Failure> {
        let (Some(board), Some(key)) = (self.board.try_get_value(), self.key.try_get_value()) else {
            return Err(Failure::unreachable());
        };
        let kept = self.kept.try_with_value(|kept| kept.get(path).cloned()).flatten();
        let tag = kept.as_ref().and_then(|kept| kept.tag.as_deref());
        match (boards::ask_since(&board, path, key.as_deref(), tag).await?, kept) {
            (Some(answer), _) => {
                let series = Series::read(&answer.text, Measure::asked_for(path).factor())
                    .map_err(|error| Failure::senseless(200, &error))?;
                Ok(Kept { tag: answer.tag, series: Arc::new(series) })
            }
            (None, Some(kept)) => Ok(kept),
            (None, None) => Err(Failure::unreachable()),
        }
    }
}

/// A number that grows while the page is looked at, so often that values of this step are followed.
pub fn beats(step: impl Fn() -> Option<Step> + Copy + 'static) -> RwSignal<u32> {
    let beat = RwSignal::new(0_u32);
    let timer = StoredValue::new_local(None::<Timer>);
    wait(beat, timer, step);
    let document = web_sys::window().and_then(|window| window.document());
    let back = document.map(|document| {
        Listener::new(&document, "visibilitychange", move |_| {
            if is_visible() && beat.try_update(|n| *n = n.wrapping_add(1)).is_some() {
                wait(beat, timer, step);
            }
        })
    });
    let back = StoredValue::new_local(back);
    on_cleanup(move || {
        timer.dispose();
        back.dispose();
    });
    beat
}

fn wait(
    beat: RwSignal<u32>,
    timer: StoredValue<Option<Timer>, LocalStorage>,
    step: impl Fn() -> Option<Step> + Copy + 'static,
) {
    let millis = pace(step());
    let next = Timer::after(millis as i32, move || {
        if is_visible() {
            let _ = beat.try_update(|n| *n = n.wrapping_add(1));
        }
        wait(beat, timer, step);
    });
    let _ = timer.try_set_value(next);
}

/// Whether two lists of questions are about the same series, whatever the time.
pub fn same_subjects(some: &[String], others: &[String]) -> bool {
    fn subjects(paths: &[String]) -> impl Iterator<Item = &str> {
        paths.iter().map(|path| path.split("from=").next().unwrap_or_default())
    }
    subjects(some).eq(subjects(others))
}

/// How long to wait before asking again.
pub fn pace(step: Option<Step>) -> i64 {
    step.map_or(SOONEST_MS, |step| (step.millis() / 2).clamp(SOONEST_MS, LATEST_MS))
}

fn is_visible() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_calm() {
        assert_eq!(pace(None), 5_000);
        assert_eq!(pace(Some(Step::TenSeconds)), 5_000);
        assert_eq!(pace(Some(Step::Day)), 15_000);
    }

    #[test]
    fn another_time_is_the_same_subject_and_another_item_is_not() {
        let paths = |text: &str| vec![text.to_owned()];
        let known = paths("items/a/series?field=x&from=1&to=2");
        assert!(same_subjects(&known, &paths("items/a/series?field=x&from=3&to=4")));
        assert!(!same_subjects(&known, &paths("items/b/series?field=x&from=1&to=2")));
        assert!(!same_subjects(&known, &[]));
    }
}
