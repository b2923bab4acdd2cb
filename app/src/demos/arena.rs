//! The demo at `/arena`: a small game whose points are on the board while they are won.
//!
//! The game is a pure state machine; the page around it draws, listens to keys and fingers, and streams score events
//! over the public API.

mod draw;
pub mod game;
mod page;
pub mod random;
pub mod reporter;
mod stage;
mod stream;

use leptos::prelude::*;

use crate::browser::dom;
use crate::parts::frame::{SiteHead, SkipLink};
use crate::parts::theme::Theme;

/// The board that the points go to.
pub const BOARD: &str = "arena";

/// Shows the page of a path below `/arena`.
pub fn page(_path: &[String]) {
    crate::start(|| {
        dom::set_title(text!(demos.arena.title));
        provide_context(Theme::new());
        view! {
            <SkipLink />
            <SiteHead />
            <main id="main" class="page play" tabindex="-1"><page::Arena /></main>
        }
    });
}
