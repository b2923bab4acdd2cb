//! The demo at `/quiz`: a leader asks, students answer on their phones, results are there at once.
//!
//! It stands on the public API and the feed alone. The questions are an item that all can read, answers are events
//! under the student's key, and grades are events that the leader's page publishes: the right answers stay with the
//! leader, on a private board, and the board's rules refuse points from anybody else.
//!
//! | what | where |
//! |---|---|
//! | which board a sitting takes, what is in the way | `opening` |
//! | what a leader keeps on the server | `shelf`, shown by `cupboard` |
//! | who answered what, what is graded when | `sitting` |
//! | time for a question, points for speed | `pace` |
//! | what the big screen shows when | `stage`, drawn by `room`, fed by `screen` |

mod choose;
mod cupboard;
mod desk;
mod editor;
pub mod import;
mod lead;
mod opening;
mod options;
pub mod pace;
mod play;
pub mod podium;
pub mod question;
mod room;
mod run;
mod screen;
mod seat;
mod shelf;
pub mod sitting;
pub mod stage;
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
    if let [board, place] = path
        && place == "room"
    {
        return room(board.clone());
    }
    let place = path.first().cloned().unwrap_or_default();
    crate::start(move || {
        dom::set_title(match place.as_str() {
            "lead" => text!(demos.quiz.title_lead),
            "play" => text!(demos.quiz.title_play),
            _ => text!(demos.quiz.title_choose),
        });
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

/// Shows the big screen of a board's sitting.
fn room(board: String) {
    crate::start(move || {
        dom::set_title(text!(demos.quiz.room.page_title));
        provide_context(Theme::new());
        view! {
            <SkipLink />
            <main id="main" class="room" tabindex="-1"><room::Room screen=screen::Screen::open(&board) /></main>
        }
    });
}
