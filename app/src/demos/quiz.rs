//! The demo at `/quiz`: a leader asks, students answer on their phones, results are there at once.
//!
//! It stands on the public API and the feed alone. The questions are an item that all can read, answers are events
//! under the student's key, and grades are events that the leader's page publishes: the right answers stay with the
//! leader, and the board's rules refuse points from anybody else.

mod choose;
mod desk;
mod editor;
pub mod import;
mod lead;
mod play;
pub mod question;
mod run;
mod seat;
pub mod sitting;
pub mod wire;

use leptos::prelude::*;

use crate::browser::dom;
use crate::parts::frame::{SiteHead, SkipLink};
use crate::parts::theme::Theme;

/// The board that the quiz is played on.
pub const BOARD: &str = "quiz";
/// Its config, for a leader who finds no such board.
pub const CONFIG: &str = include_str!("../../../boards/quiz.json");

/// Shows the page of a path below `/quiz`.
pub fn page(path: &[String]) {
    let place = path.first().cloned().unwrap_or_default();
    dom::set_title(match place.as_str() {
        "lead" => text!(demos.quiz.title_lead),
        "play" => text!(demos.quiz.title_play),
        _ => text!(demos.quiz.title_choose),
    });
    crate::start(move || {
        provide_context(Theme::new());
        view! {
            <SkipLink />
            <SiteHead />
            <main id="main" class="page play" tabindex="-1">
                {match place.as_str() {
                    "lead" => view! { <lead::Lead /> }.into_any(),
                    "play" => view! { <play::Play /> }.into_any(),
                    _ => view! { <choose::Choose /> }.into_any(),
                }}
            </main>
        }
    });
}
